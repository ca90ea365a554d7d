"""What becomes of each task: taken on at once or slowly, answered early or late, returned, extended, taken back."""

import json
from collections.abc import Callable
from datetime import datetime
from math import log
from random import Random

from bench.government.duties import Asking, Draft, Share
from bench.government.moves import Life, Moves
from bench.government.rows import Days, Ids, Rows, day_text, end_text, moment_text
from bench.government.rungs import Rungs
from models.organization.unit import UnitKind
from models.tasks.due_facts import store_due_facts
from models.text.localtime import due_date
from workflows.rules.calendar.due import DueDecision

_ZERO = "0" * 32


class Lives:
    """Tells one share after another, the same for the same seed. All is before 08:00 of `today` (an ordinal)."""

    def __init__(
        self, random: Random, ids: Ids, days: Days, rows: Rows, asking: Asking, today: int, since: int
    ) -> None:
        self._random, self._chance, self._ids, self._days = random, random.random, ids, days
        self._rows, self._asking, self._today = rows, asking, today
        self._moves = Moves(random, ids, days, rows, today, since)
        self._rungs = Rungs(self._moves, days, today)
        self._tasks, self._partners = rows.of("task"), rows.of("contribution")

    def tell(self, number: int, draft: Draft) -> None:
        """A directive's own rows, and its tasks."""
        by = draft.coordinator.id
        history, null = self._rows.of("history"), self._rows.null

        def say(day: int, event: str, facts: str) -> None:
            history.append(
                (
                    self._ids.make(day),
                    moment_text(day),
                    day_text(day),
                    draft.id,
                    null,
                    event,
                    by,
                    "coordinator",
                    null,
                    null,
                    facts,
                    null,
                )
            )

        launched = sum(len(share.audience) for share in draft.shares if share.day == draft.assigned)
        say(draft.assigned, "launched", f'{{"launch": "{draft.launch}", "created": {launched}, "armed": []}}')
        for nth, share in enumerate(draft.shares, 1):
            share.number = nth
            kind, _colon, name = share.occurrence.partition(":")
            if kind == "request":
                facts = f'{{"duty": "{share.duty.path}", "request": "{name}", "created": {len(share.audience)}}}'
                say(share.day, "requested", facts)
            elif kind == "incident":
                drill = "true" if share.is_drill else "false"
                facts = f'{{"incident": "{name}", "drill": {drill}, "created": {len(share.audience)}}}'
                say(share.day, "incident_declared", facts)
            self._share(number, draft, share)

    def _share(self, number: int, draft: Draft, share: Share) -> None:
        dues = dict[str, DueDecision]()
        by, relation = (None, "system") if share.period else (draft.coordinator.id, "coordinator")
        drill = "true" if share.is_drill else "false"
        for office in share.audience:
            due = dues.get(office.kind)
            if due is None:
                due = dues[office.kind] = self._asking.due(draft, share, UnitKind(office.kind))
            day = due_date(due.due_at).toordinal() if due.due_at else None
            life = Life(draft, share, office, number, self._ids.make(share.day), day, share.day, due_at=due.due_at)
            due_on = f'"{day_text(day)}"' if day else "null"
            why = f'"due_facts": {json.dumps(store_due_facts(due.facts))}, ' if due.facts else ""
            facts = f'{{"due_on": {due_on}, {why}"root": true, "drill": {drill}, "unit": "{office.id}"}}'
            life.anchor, at = self._moves.record(life, share.day, "assigned", by, relation, None, facts, moves=False)
            if day is not None:
                life.due_anchor, life.due_set_at, life.due_set = life.anchor, at, share.day
            self._rungs.assigned(life)
            self._contribute(life)
            self._live(life)
            self._end(life, due)

    def _contribute(self, life: Life) -> None:
        for partner in life.share.partners:
            if partner is not life.office:
                self._partners.append((life.id, partner.id, None, None, ""))

    def _live(self, life: Life) -> None:
        """Step by step until today, or its end."""
        moves, days, chance, today = self._moves, self._days, self._chance, self._today
        short = life.share.incident is not None
        if chance() < 0.02:  # nobody took it up
            return
        wait = 0 if short else min(int(-log(1 - chance()) * 1.6), 25)
        if not self._at(life, days.add(days.on_or_after(life.share.day), wait), moves.accept):
            return
        if life.office.officers and chance() < 0.45:
            at = days.add(life.day, 0 if short else int(chance() * 3))
            if at >= today:
                return
            moves.assign_on(life, at, life.office.officers[int(chance() * len(life.office.officers))])
        luck, due = chance(), life.due or days.add(life.day, 25)
        if luck < 0.02:
            self._at(life, days.add(life.day, 1 + int(chance() * 15)), moves.withdraw)
            return
        if not short and not self._on_the_way(life, due):
            return
        due = life.due or due
        late = luck > 0.84
        if luck > 0.985:  # nobody answers any more
            return
        span = max(1, due - life.day)
        sent = due + 1 + int(chance() * 40) if late else life.day + int(span * (0.4 + 0.6 * chance()))
        sent = days.on_or_after(max(sent, life.day))
        if not late and sent > due:
            sent = max(life.day, days.add(due + 1, -1))
        self._finish(life, sent)

    def _on_the_way(self, life: Life, due: int) -> bool:
        """Progress, a difficulty, a request for more time; False where the story has reached today."""
        moves, days, chance = self._moves, self._days, self._chance
        if chance() < 0.3 and not self._at(life, self._between(life, due), moves.progress):
            return False
        if chance() < 0.03:
            if not self._at(life, self._between(life, due), moves.meet):
                return False
            answered = days.add(life.day, 2 + int(chance() * 6))
            moves.solve(life, answered if answered < self._today else None)
            return life.wait is None
        if life.due is not None and life.day < life.due and chance() < 0.09:
            if not self._at(life, days.on_or_after(max(life.day, life.due - int(chance() * 12))), moves.ask):
                return False
            decided = days.add(life.day, 1 + int(chance() * 3))
            moves.decide_asked(life, decided if decided < self._today else None, granted=chance() < 0.75)
            return life.wait is None
        return True

    def _finish(self, life: Life, sent: int) -> None:
        """Sent, perhaps returned and sent again, approved, perhaps reopened and approved anew."""
        moves, days, chance = self._moves, self._days, self._chance
        if not self._at(life, sent, moves.submit):
            return
        while True:
            decided = days.add(life.day, 1 + int(-log(1 - chance()) * 2))
            if decided >= self._today:
                return
            if chance() < 0.12:
                moves.decide(life, decided, "returned")
            else:
                moves.decide(life, decided, "approved")
                if chance() > 0.005 or not self._at(life, days.add(life.day, 5), moves.reopen):
                    return
            if not self._at(life, days.add(life.day, 1 + int(chance() * 6)), moves.submit):
                return

    def _at(self, life: Life, day: int, move: Callable[[Life, int], None]) -> bool:
        if day >= self._today:
            return False
        move(life, day)
        return True

    def _between(self, life: Life, due: int) -> int:
        return self._days.on_or_after(life.day + int(self._chance() * max(1, due - life.day)))

    def _end(self, life: Life, due: DueDecision) -> None:
        """The task as it stands."""
        self._moves.settle(life)
        check = self._rungs.of(life)
        draft, share, wait = life.draft, life.share, life.wait
        original = instant_text(due.due_at) if due.due_at else None
        self._tasks.append(
            (
                life.id,
                draft.id,
                share.duty.id,
                draft.launch,
                share.duty.version,
                share.incident,
                "1" if share.is_drill else "0",
                life.office.id,
                life.office.id,
                share.occurrence,
                _ZERO,
                draft.department.id,
                draft.coordinator.id,
                life.officer.id if life.officer else None,
                life.status,
                moment_text(share.day),
                life.anchor,
                life.accepted_at,
                original,
                end_text(life.due) if life.due_revision and life.due else original,
                life.due_set_at,
                life.due_anchor,
                str(life.due_revision),
                due.fixed_by.value if due.fixed_by else None,
                "",
                json.dumps(store_due_facts(due.facts)),
                wait[0] if wait else None,
                moment_text(wait[1], wait[2]) if wait else None,
                wait[3] if wait else None,
                life.submitted_on,
                life.closed_at,
                instant_text(check) if check else None,
                str(life.revision),
            )
        )


_TEXTS = dict[datetime, str]()


def instant_text(moment: datetime) -> str:
    """An instant (UTC) as both databases read it."""
    found = _TEXTS.get(moment)
    if found is None:
        found = _TEXTS[moment] = f"{moment:%Y-%m-%d %H:%M:%S}.000000"
    return found
