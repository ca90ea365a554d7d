"""The moves of a task as the product records them: history, results, requests, and the letters about them.

Days are ordinals. Callers keep to `workflows.rules.tasks.lifecycle.SPECS`;
a test holds the two side by side.
"""

import hashlib
from dataclasses import dataclass, field
from datetime import date, datetime
from random import Random

from bench.government.duties import Draft, Share
from bench.government.people import Office, Person
from bench.government.rows import OPENS, Days, Ids, Rows, day_text, end_text, letter_id, moment_text
from bench.government.words import REASONS
from models.text.localtime import end_of_day
from models.text.vietnamese import search_words

DIGEST, EVENT, UPWARD, INCIDENT, ASSIGNED = "digest", "event", "upward", "incident", "assigned"
KINDS = (ASSIGNED, DIGEST, EVENT, UPWARD, INCIDENT)
_NUMBER_OF = {kind: number for number, kind in enumerate(KINDS, 1)}
_DIRECTIVES = 1 << 14  # more than there are: numbers of topics below are directives, above incidents
_EXTENDED = 14  # days that an extension asks for
_NOTES = tuple((words, hashlib.sha256(words.encode()).hexdigest()[:32]) for words in REASONS)
_HASHED = tuple((words, salt, hashlib.sha256(f"{salt}{words}".encode()).hexdigest()) for words, salt in _NOTES)


@dataclass(slots=True)
class Life:
    """One task while its story is told; `waits` are its waits that are over, as days."""

    draft: Draft
    share: Share
    office: Office
    number: int  # of its directive, among topics
    id: str
    due: int | None  # the last permitted day
    day: int
    seconds: int = OPENS
    anchor: str = ""
    due_anchor: str | None = None
    due_set: int = 0
    due_set_at: str | None = None
    due_revision: int = 0
    status: str = ASSIGNED
    accepted: int = 0
    accepted_at: str | None = None
    officer: Person | None = None
    officer_since: int = 0
    wait: tuple[str, int, int, str] | None = None  # kind, day, seconds, anchor
    waits: list[tuple[int, int]] = field(default_factory=list)
    submitted_on: str | None = None
    closed: int = 0
    closed_at: str | None = None
    revision: int = 0
    submission: tuple[str | None, ...] | None = None
    due_at: datetime | None = None

    @property
    def due_set_instant(self) -> datetime | None:
        """When its date was set, UTC."""
        return datetime.fromisoformat(f"{self.due_set_at}+00:00") if self.due_set_at else None


class Moves:
    """Tells moves into rows. Letters leave until `today`, whose own are still to be written; before `since`, only
    what the ladder must know of is kept."""

    def __init__(self, random: Random, ids: Ids, days: Days, rows: Rows, today: int, since: int) -> None:
        self._chance, self._ids, self._days, self._today = random.random, ids, days, today
        self.null, self.since = rows.null, since
        self._history, self._notice, self._note = rows.of("history"), rows.of("notice"), rows.of("history_note")
        self._result, self._extension = rows.of("result"), rows.of("extension")
        self._obstacle = rows.of("obstacle")

    def record(
        self,
        life: Life,
        day: int,
        event: str,
        actor: str | None,
        relation: str,
        to: str | None = None,
        facts: str = "{}",
        note: int | None = None,
        occurred: int = 0,
        *,
        moves: bool = True,
    ) -> tuple[str, str]:
        """One row of history, some minutes after the last of that day; its id and moment."""
        if day > life.day:
            life.day, life.seconds = day, OPENS + int(self._chance() * 9000)
        life.seconds += 120 + int(self._chance() * 1200) if life.anchor else 0
        row, at, before = self._ids.make(day, life.seconds), moment_text(day, life.seconds), life.status
        status = to or before
        hashed = self.null
        if note is not None:
            words, salt, hashed = _HASHED[note % len(_HASHED)]
            self._note.append((row, salt, words))
        self._history.append(
            (
                row,
                at,
                day_text(occurred or day),
                life.draft.id,
                life.id,
                event,
                actor or self.null,
                relation,
                before if life.anchor else self.null,
                status,
                facts,
                hashed,
            )
        )
        life.status = status
        life.revision += moves
        return row, at

    def tell(
        self, life: Life, anchor: str, rung: str, offset: int, role: str, person: Person, fired: int, kind: str
    ) -> None:
        """A rung of 08:00 of a day, in the person's letter of the working morning."""
        slot, topic, number = self._days.on_or_after(fired), "", 0
        if life.share.incident:
            kind, slot, topic, number = (
                INCIDENT,
                fired,
                f"incident:{life.share.incident}",
                life.number + _DIRECTIVES * life.share.number,
            )
        elif kind == UPWARD:
            topic, number = f"directive:{life.draft.id}", life.number
        elif kind == ASSIGNED and slot != fired:
            kind = DIGEST
        self._write(life, anchor, rung, offset, role, person, moment_text(fired), (slot, OPENS), kind, topic, number)

    def tell_event(self, life: Life, event: str, anchor: str, role: str, person: Person) -> None:
        """What happened just now, in a letter of its own."""
        if life.day < self.since:
            return
        kind, topic, number = EVENT, "", 0
        if life.share.incident:
            kind, topic, number = (
                INCIDENT,
                f"incident:{life.share.incident}",
                life.number + _DIRECTIVES * life.share.number,
            )
        at = moment_text(life.day, life.seconds)
        self._write(life, anchor, f"event:{event}", 0, role, person, at, (life.day, life.seconds), kind, topic, number)

    def _write(
        self,
        life: Life,
        anchor: str,
        rung: str,
        offset: int,
        role: str,
        person: Person,
        fired_at: str,
        slot: tuple[int, int],
        kind: str,
        topic: str,
        number: int,
    ) -> None:
        is_sent = slot[0] < self._today
        letter = letter_id(person.number, _NUMBER_OF[kind], number, *slot) if is_sent else self.null
        self._notice.append(
            (
                self._ids.make(*slot),
                life.id,
                anchor,
                rung,
                str(offset),
                role,
                person.id,
                fired_at,
                moment_text(*slot),
                kind,
                topic,
                "sent" if is_sent else "pending",
                letter,
                "",
            )
        )

    def tell_unit(self, life: Life, event: str, anchor: str) -> None:
        """The unit's head and officer hear what was decided."""
        self.tell_event(life, event, anchor, "head", life.office.head_on(life.day))
        if life.officer is not None:
            self.tell_event(life, event, anchor, "officer", life.officer)

    def accept(self, life: Life, day: int) -> None:
        """The head takes it on."""
        _id, life.accepted_at = self.record(life, day, "accepted", life.office.head_on(day).id, "head", "accepted")
        life.accepted = day

    def assign_on(self, life: Life, day: int, officer: Person) -> None:
        """The head names an officer, which accepts as well."""
        facts = f'{{"officer": "{officer.id}"}}'
        row, at = self.record(life, day, "assigned_on", life.office.head_on(day).id, "head", "accepted", facts)
        life.officer, life.officer_since = officer, day
        life.accepted_at, life.accepted = life.accepted_at or at, life.accepted or day
        self.tell_event(life, "assigned_on", row, "named", officer)

    def progress(self, life: Life, day: int) -> None:
        """A word on where it stands."""
        actor, relation = self._doer(life, day)
        _id, at = self.record(life, day, "progress", actor, relation, "accepted", note=day)
        life.accepted_at, life.accepted = life.accepted_at or at, life.accepted or day

    def ask(self, life: Life, day: int) -> None:
        """More time is asked for; the decision closes it."""
        assert life.due is not None
        actor, relation = self._doer(life, day)
        asked = f'{{"due_on": "{day_text(self._extended(life))}"}}'
        row, _at = self.record(life, day, "extension_asked", actor, relation, None, asked, note=day)
        life.wait = ("extension", day, life.seconds, row)
        self.tell_event(life, "extension_asked", row, "decider", life.draft.coordinator)

    def decide_asked(self, life: Life, day: int | None, *, granted: bool = False) -> None:
        """The coordinator decides, or (without a day) the request stands open."""
        assert life.wait is not None and life.due is not None
        _kind, asked, seconds, _row = life.wait
        wanted, by = self._extended(life), life.draft.coordinator.id
        state, at = "open", None
        if day is not None:
            state = "accepted" if granted else "refused"
            facts = f'{{"due_on": "{day_text(wanted)}"}}' if granted else "{}"
            row, at = self.record(life, day, f"extension_{state}", by, "coordinator", None, facts, note=day)
            if granted:
                moved = f'{{"due_on": "{day_text(wanted)}", "from": "{day_text(life.due)}"}}'
                life.due_anchor, life.due_set_at = self.record(
                    life, day, "due_moved", by, "coordinator", None, moved, note=day, moves=False
                )
                life.due, life.due_set, life.due_revision = wanted, day, life.due_revision + 1
                life.due_at = end_of_day(date.fromordinal(wanted))
            self._end_wait(life, day)
            self.tell_unit(life, f"extension_{state}", row)
        self._extension.append(
            (
                self._ids.make(asked, seconds),
                life.id,
                moment_text(asked, seconds),
                life.office.head_on(asked).id,
                day_text(wanted),
                _HASHED[asked % len(_HASHED)][0],
                "0",
                state,
                at,
                by if at else None,
                day_text(wanted) if granted else None,
                "",
            )
        )

    def meet(self, life: Life, day: int) -> None:
        """A difficulty is put to the department that follows the directive."""
        head, respond = life.office.head_on(day).id, self._days.add(day, 5)
        facts = f'{{"authority": "{life.draft.department.id}", "respond_on": "{day_text(respond)}"}}'
        row, _at = self.record(life, day, "obstacle_raised", head, "head", None, facts, note=day)
        life.wait = ("obstacle", day, life.seconds, row)
        self.tell_event(life, "obstacle_raised", row, "coordinator", life.draft.coordinator)

    def solve(self, life: Life, day: int | None) -> None:
        """The department answers, or (without a day) the difficulty stands."""
        assert life.wait is not None
        _kind, raised, seconds, _row = life.wait
        by, at = life.draft.department.head_on(day or raised).id, None
        if day is not None:
            row, at = self.record(life, day, "obstacle_answered", by, "authority", note=day)
            self._end_wait(life, day)
            self.tell_unit(life, "obstacle_answered", row)
        self._obstacle.append(
            (
                self._ids.make(raised, seconds),
                life.id,
                moment_text(raised, seconds),
                life.office.head_on(raised).id,
                _HASHED[raised % len(_HASHED)][0],
                life.draft.department.id,
                end_text(self._days.add(raised, 5)),
                at,
                by if at else None,
                "Đã có văn bản hướng dẫn" if at else "",
            )
        )

    def submit(self, life: Life, day: int) -> None:
        """The unit sends the result, or the clerk records the paper that arrived."""
        by_clerk = self._chance() < 0.1
        number = f"{1 + int(self._chance() * 999)}/BC-{life.office.code}"
        actor, relation = (life.draft.clerk.id, "clerk") if by_clerk else self._doer(life, day)
        on = day_text(day)
        event = "received" if by_clerk else "submitted"
        facts = f'{{"number": "{number}", "{"received_on" if by_clerk else "date"}": "{on}"}}'
        row, at = self.record(life, day, event, actor, relation, "submitted", facts)
        life.accepted_at, life.accepted = life.accepted_at or at, life.accepted or day
        life.submitted_on, life.wait = on, ("decision", day, life.seconds, row)
        life.submission = (
            self._ids.make(day, life.seconds),
            life.id,
            number,
            search_words(number),
            on,
            "Báo cáo kết quả thực hiện",
            "Thủ trưởng đơn vị",
            "0",
            at,
            actor,
            on if by_clerk else None,
        )
        self.tell_event(life, event, row, "decider", life.draft.coordinator)

    def decide(self, life: Life, day: int, decision: str) -> None:
        """The coordinator approves or returns what was sent."""
        by = life.draft.coordinator.id
        approved = decision == "approved"
        facts = f'{{"counts_on": "{life.submitted_on}"}}' if approved else "{}"
        row, at = self.record(life, day, decision, by, "receiver", decision, facts, None if approved else day)
        self.settle(life, decision, at)
        self._end_wait(life, day)
        if approved:
            life.closed, life.closed_at = day, at
        else:
            life.submitted_on = None
        self.tell_unit(life, decision, row)

    def withdraw(self, life: Life, day: int) -> None:
        """The assigner takes it back."""
        row, at = self.record(life, day, "withdrawn", life.draft.coordinator.id, "coordinator", "withdrawn", note=day)
        life.closed, life.closed_at = day, at
        self.tell_unit(life, "withdrawn", row)

    def reopen(self, life: Life, day: int) -> None:
        """What was done lives again."""
        row, _at = self.record(life, day, "reopened", life.draft.coordinator.id, "coordinator", "accepted", note=day)
        life.closed, life.closed_at, life.submitted_on = 0, None, None
        self.tell_unit(life, "reopened", row)

    def settle(self, life: Life, decision: str | None = None, at: str | None = None) -> None:
        """The result with its decision, or without one yet."""
        if life.submission is not None:
            self._result.append((*life.submission, decision, at, life.draft.coordinator.id if at else None))
            life.submission = None

    def _end_wait(self, life: Life, day: int) -> None:
        assert life.wait is not None
        life.waits.append((life.wait[1], day))
        life.wait = None

    def _extended(self, life: Life) -> int:
        assert life.due is not None
        return self._days.on_or_after(life.due + _EXTENDED)

    def _doer(self, life: Life, day: int) -> tuple[str, str]:
        if life.officer is not None:
            return life.officer.id, "officer"
        return life.office.head_on(day).id, "head"
