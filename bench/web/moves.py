"""The moves of a task, told as the product would have recorded them: history, results, requests and letters.

Days are ordinals; the rows are text in the order of `bench.web.tables.COLUMNS`.
A move that does not fit is passed over.
"""

import json
from dataclasses import dataclass
from random import Random
from typing import Any
from uuid import UUID

from bench.bulk import Row
from bench.web.register import Issued, Office
from bench.web.tables import COLUMNS
from bench.web.values import OPENS, day_text, end_text, make_id, moment_text
from models.text.vietnamese import search_words

_WORKING = ("accepted", "returned")


@dataclass(frozen=True)
class Share:
    """One duty for one occurrence, given to every unit of the audience."""

    duty: UUID
    version: UUID
    occurrence: str
    assigned: int
    due: int | None
    partners: tuple[Office, ...] = ()


@dataclass
class Life:
    """One task while its story is told; `wait` is its kind, since when, and by which history row."""

    issued: Issued
    share: Share
    unit: Office
    id: str
    anchor: str
    due: int | None
    due_anchor: str | None
    due_set_at: str | None
    due_revision: int = 0
    status: str = "assigned"
    wait: tuple[str, str, str] | None = None
    accepted_at: str | None = None
    submitted_on: str | None = None
    closed_at: str | None = None
    moves: int = 0
    submission: tuple[int, str] | None = None
    asked: tuple[int, str] | None = None
    raised: tuple[int, str] | None = None


class Moves:
    """Tells moves; `rows` is what they wrote."""

    def __init__(self, random: Random, today: int) -> None:
        self._today = today
        self.rows: dict[str, list[Row]] = {table: [] for table in COLUMNS}
        self._random = random
        self._letters: dict[tuple[str, str, int], str] = {}

    def assign(self, issued: Issued, share: Share, unit: Office) -> Life:
        """The task is there, and its unit's head has a letter about it."""
        task, at = make_id(self._random, share.assigned), moment_text(share.assigned)
        life = Life(issued, share, unit, task, "", share.due, None, None)
        due_on = day_text(share.due) if share.due else None
        facts = {"due_on": due_on, "root": True, "drill": False, "unit": unit.id.hex}
        life.anchor, _at = self._move(life, share.assigned, "assigned", "coordinator", "assigned", facts)
        if share.due:
            life.due_anchor, life.due_set_at = life.anchor, at
        for partner in share.partners:
            given, chance = share.assigned + self._random.randint(3, 90), self._random.random()
            has_given = chance < 0.7 and given <= self._today
            when, by = (moment_text(given), partner.officer.hex) if has_given else (None, None)
            self.rows["contribution"].append((task, partner.id.hex, when, by, ""))
        self._tell(life, "assigned", 0, "assigned", share.assigned)
        return life

    def accept(self, life: Life, day: int) -> None:
        """The head takes it on."""
        if life.status == "assigned":
            _id, life.accepted_at = self._move(life, day, "accepted", "head", "accepted")

    def remind(self, life: Life, day: int) -> None:
        """Three days left: the digest of that morning names it."""
        if life.status in ("assigned", *_WORKING):
            self._tell(life, "due_soon", -3, "digest", day)

    def submit(self, life: Life, day: int) -> None:
        """The officer sends the result."""
        if life.status not in _WORKING:
            return
        number = f"{self._random.randint(1, 999)}/BC-{life.unit.code}"
        facts = {"number": number, "date": day_text(day)}
        row, at = self._move(life, day, "submitted", "officer", "submitted", facts)
        life.submitted_on, life.submission, life.wait = day_text(day), (day, number), ("decision", at, row)

    def give_back(self, life: Life, day: int) -> None:
        """The coordinator wants it completed."""
        if life.status == "submitted":
            self._decide(life, day, "returned")

    def approve(self, life: Life, day: int) -> None:
        """Done, as of the day on which it was submitted."""
        if life.status == "submitted":
            self._decide(life, day, "approved", {"counts_on": life.submitted_on})

    def withdraw(self, life: Life, day: int) -> None:
        """The assigner takes it back."""
        if life.status != "submitted":
            _id, life.closed_at = self._move(life, day, "withdrawn", "coordinator", "withdrawn")
            self._settle(life)

    def ask(self, life: Life, day: int) -> None:
        """The head asks for two more weeks."""
        if life.status in _WORKING and life.wait is None and life.due:
            row, at = self._move(life, day, "extension_asked", "head", None, {"due_on": day_text(life.due + 14)})
            life.asked, life.wait = (day, at), ("extension", at, row)

    def grant(self, life: Life, day: int) -> None:
        """Two more weeks: a new date, the original one stays."""
        if life.asked is None or life.due is None:
            return
        self._move(life, day, "extension_accepted", "coordinator", None)
        moved = {"due_on": day_text(life.due + 14), "from": day_text(life.due)}
        life.due_anchor, life.due_set_at = self._move(life, day, "due_moved", "coordinator", None, moved)
        life.due, life.due_revision = life.due + 14, life.due_revision + 1
        self._answer_asked(life, "accepted", self._now(life, day), life.due)

    def refuse(self, life: Life, day: int) -> None:
        """No more time."""
        if life.asked is not None:
            _id, at = self._move(life, day, "extension_refused", "coordinator", None)
            self._answer_asked(life, "refused", at, None)

    def meet(self, life: Life, day: int) -> None:
        """The head reports a difficulty to the assigning department."""
        if life.status in _WORKING and life.wait is None:
            row, at = self._move(life, day, "obstacle_raised", "head", None)
            life.raised, life.wait = (day, at), ("obstacle", at, row)

    def solve(self, life: Life, day: int) -> None:
        """The department answers."""
        if life.raised is not None:
            _id, at = self._move(life, day, "obstacle_answered", "authority", None)
            self._answer_raised(life, at)

    def end(self, life: Life) -> None:
        """The task as it stands today, and what of it is still undecided."""
        self._settle(life)
        issued, share = life.issued, life.share
        original = end_text(share.due) if share.due else None
        wait = life.wait or (None, None, None)
        self.rows["task"].append(
            (
                life.id,
                issued.id.hex,
                share.duty.hex,
                issued.launch.hex,
                share.version.hex,
                "0",
                life.unit.id.hex,
                life.unit.id.hex,
                share.occurrence,
                "0" * 32,
                issued.department.id.hex,
                issued.coordinator.hex,
                life.unit.officer.hex if life.accepted_at else None,
                life.status,
                moment_text(share.assigned),
                life.anchor,
                life.accepted_at,
                original,
                end_text(life.due) if life.due else None,
                life.due_set_at,
                life.due_anchor,
                str(life.due_revision),
                "assigner" if life.due else None,
                "",
                *wait,
                life.submitted_on,
                life.closed_at,
                None if life.closed_at else moment_text(self._today + 1),
                str(life.moves),
            )
        )

    def _decide(self, life: Life, day: int, decision: str, facts: dict[str, Any] | None = None) -> None:
        _id, at = self._move(life, day, decision, "coordinator", decision, facts)
        life.closed_at, life.wait = at if decision == "approved" else None, None
        self._add_result(life, decision, at)

    def _settle(self, life: Life) -> None:
        """What was sent or asked and never answered stands undecided."""
        if life.submission is not None:
            self._add_result(life, None, None)
        open_still = life.closed_at is None
        if life.asked is not None:
            at = None if open_still else life.closed_at
            self._answer_asked(life, "open" if open_still else "refused", at, None)
        if life.raised is not None:
            self._answer_raised(life, None if open_still else life.closed_at)

    def _add_result(self, life: Life, decision: str | None, decided_at: str | None) -> None:
        assert life.submission is not None
        (day, number), life.submission = life.submission, None
        self.rows["result"].append(
            (
                make_id(self._random, day),
                life.id,
                number,
                search_words(number),
                day_text(day),
                "Báo cáo kết quả thực hiện",
                "Thủ trưởng đơn vị",
                "0",
                self._now(life, day),
                life.unit.officer.hex,
                decision,
                decided_at,
                life.issued.coordinator.hex if decision else None,
            )
        )

    def _answer_asked(self, life: Life, state: str, at: str | None, due: int | None) -> None:
        assert life.asked is not None and life.due is not None
        (day, asked_at), life.asked = life.asked, None
        self.rows["extension"].append(
            (
                make_id(self._random, day),
                life.id,
                asked_at,
                life.unit.head.hex,
                day_text(life.due + 14),
                "Khối lượng công việc lớn",
                "0",
                state,
                at,
                life.issued.coordinator.hex if at else None,
                day_text(due) if due else None,
                "",
            )
        )
        if state != "open":
            life.wait = None

    def _answer_raised(self, life: Life, at: str | None) -> None:
        assert life.raised is not None
        (day, raised_at), life.raised = life.raised, None
        self.rows["obstacle"].append(
            (
                make_id(self._random, day),
                life.id,
                raised_at,
                life.unit.head.hex,
                "Chưa có hướng dẫn",
                life.issued.department.id.hex,
                end_text(day + 7),
                at,
                life.issued.department.head.hex if at else None,
                "",
            )
        )
        if at:
            life.wait = None

    def _move(
        self, life: Life, day: int, event: str, relation: str, to: str | None, facts: dict[str, Any] | None = None
    ) -> tuple[str, str]:
        """One history row; its id and moment. `to` None: the status stays."""
        actors = {"head": life.unit.head, "officer": life.unit.officer, "authority": life.issued.department.head}
        seconds = self._seconds(life)
        row, at = make_id(self._random, day, seconds), moment_text(day, seconds)
        before = None if event == "assigned" else life.status
        life.status = to or life.status
        self.rows["history"].append(
            (
                row,
                at,
                day_text(day),
                life.issued.id.hex,
                life.id,
                event,
                actors.get(relation, life.issued.coordinator).hex,
                relation,
                before,
                life.status,
                json.dumps(facts or {}),
            )
        )
        life.moves += 1
        return row, at

    def _seconds(self, life: Life) -> int:
        """Of a day: each move of a task some time after the one before, the assignment with everybody's at 08:00."""
        return OPENS + life.moves * 1200 + (self._random.randrange(1200) if life.moves else 0)

    def _now(self, life: Life, day: int) -> str:
        return moment_text(day, self._seconds(life))

    def _tell(self, life: Life, rung: str, offset: int, kind: str, day: int) -> None:
        """A notice to the head, in their letter of that morning."""
        at, head = moment_text(day), life.unit.head.hex
        letter = self._letters.get((head, kind, day))
        if letter is None:
            letter = self._letters[head, kind, day] = make_id(self._random, day)
            self.rows["letter"].append(
                (letter, head, at, kind, "", "0", "sent", at, "1", "1", moment_text(day, OPENS + 60), "0", "")
            )
        self.rows["notice"].append(
            (
                make_id(self._random, day),
                life.id,
                life.due_anchor or life.anchor,
                rung,
                str(offset),
                "head",
                head,
                at,
                at,
                kind,
                "",
                "sent",
                letter,
                "",
            )
        )
