"""Who was told what by the clock: every rung that came while a task was open, and what is left to the first tick."""

from datetime import date, datetime, timedelta
from functools import cache
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from bench.government.moves import DIGEST, UPWARD, Life, Moves
from bench.government.people import Person
from bench.government.rows import OPENS, Days
from models.directives.ladders import RungName
from models.directives.template import TemplateSpec
from models.organization.unit import UnitKind
from models.tasks.task import TaskStatus, WaitKind
from models.text.localtime import at_local
from workflows.escalation.task_facts import Decisions, anchor_of
from workflows.rules.escalation.ladder import DECIDER, DECIDER_SUPERIOR, SET_DATE

_UNIT = ("head", "officer")
_ABOVE = ("supervisor", "parent_organisation")
_LATE = frozenset({"overdue", "pressed_1", "pressed_2", "to_issuer"})
Step = tuple[int, str, int, tuple[str, ...], bool]
"""Day, rung, offset, roles, and whether it counts from the due day."""


class Rungs:
    """Tells them. `today`: the first day whose 08:00 has not come."""

    def __init__(self, moves: Moves, days: Days, today: int) -> None:
        self._moves, self._days, self._today = moves, days, today
        self._now = at_local(date.fromordinal(today)) - timedelta(hours=1)
        self._decisions = Decisions(self._now, days.calendar)
        self._known: dict[tuple[str, int, int | None, int], list[Step]] = {}

    def assigned(self, life: Life) -> None:
        """The letters of the assignment."""
        if life.share.day < self._moves.since:
            return
        office, day, told = life.office, life.day, set[str]()
        partners = [("coordinating", one.head_on(day)) for one in life.share.partners if one is not office]
        wanted = [("head", office.head_on(day)), ("deputy", office.deputy), *partners]
        if office.officers:
            wanted.insert(2, ("focal_point", office.officers[0]))
        for role, person in wanted:
            if person is not None and person.id not in told:
                told.add(person.id)
                self._moves.tell(life, life.anchor, "assigned", 0, role, person, day, "assigned")

    def of(self, life: Life) -> datetime | None:
        """Every rung of its days; when it is to be looked at next (None: closed)."""
        told = set[tuple[UUID, str, int, str]]()
        heard = set[tuple[str, str, int, str]]()
        if life.share.incident is None and not 0 < life.closed < self._moves.since:
            for step in self._steps(life):
                if step[0] >= self._today:
                    break
                self._fire(life, step, told, heard)
        return None if life.closed else self._settle(life, told, heard)

    def _steps(self, life: Life) -> list[Step]:
        """Of the current due date; what an earlier one said is left out, but that it was asked for."""
        key = (life.share.duty.version, life.share.day, life.due, life.due_set)
        known = self._known.get(key)
        if known is None:
            known = self._known[key] = sorted(self._list(life.share.duty.spec, *key[1:]))
        return known

    def _list(self, spec: TemplateSpec, assigned: int, due: int | None, due_set: int) -> list[Step]:
        steps = list[Step]()
        for rung in spec.rungs.rungs:
            on_assigned = rung.rung is RungName.NOT_ACCEPTED
            started = assigned if on_assigned else due
            if rung.rung is RungName.ASSIGNED or started is None:
                continue
            day = self._days.add(started, rung.at)
            if day > (assigned if on_assigned else max(assigned, due_set)):
                steps.append((day, rung.rung.value, rung.at, tuple(role.value for role in rung.to), not on_assigned))
        if due is None:
            steps.append((self._days.add(assigned, 2), SET_DATE, 2, ("coordinator",), False))
        return steps

    def _fire(self, life: Life, step: Step, told: set[Any], heard: set[Any]) -> None:
        day, rung, offset, roles, of_due = step
        if life.closed and day > life.closed:
            return
        if rung == "not_accepted" and life.accepted and day > life.accepted:
            return
        anchor = (life.due_anchor if of_due else life.anchor) or ""  # a rung of the due date has one
        waits = any(since < day <= until for since, until in life.waits) or (life.wait and life.wait[1] < day)
        for role in roles:
            if waits and role in _UNIT:
                continue
            person = self._person(life, role, day)
            if person is None:
                continue
            if not life.closed:
                told.add((UUID(anchor), rung, offset, role))
            if (anchor, rung, offset, person.id) not in heard:
                heard.add((anchor, rung, offset, person.id))
                kind = UPWARD if role in _ABOVE else DIGEST
                self._moves.tell(life, anchor, rung, offset, role, person, day, kind)

    def _settle(self, life: Life, told: set[Any], heard: set[Any]) -> datetime | None:
        """What a tick just before the first morning would still find, as if it had: the first finds its day's own."""
        task: Any = _Clocked(life)
        spec, last = life.share.duty.spec, self._days.add(self._today, -1)
        decision = self._decisions.decide(task, spec, told)
        for one in decision.fired:
            person = self._person(life, one.role, last)
            anchor = anchor_of(one.rung, task)
            if person is None or anchor is None or (anchor.hex, one.rung, one.offset, person.id) in heard:
                continue
            heard.add((anchor.hex, one.rung, one.offset, person.id))
            kind = UPWARD if one.role in _ABOVE else DIGEST
            self._moves.tell(life, anchor.hex, one.rung, one.offset, one.role, person, last, kind)
        return decision.next_check_at

    def _person(self, life: Life, role: str, day: int) -> Person | None:
        office = life.office
        if role == "head":
            return office.head_on(day)
        if role == "officer":
            return life.officer if life.officer_since < day else None
        if role in ("coordinator", DECIDER):
            return life.draft.coordinator
        if role == "supervisor":
            return office.supervisor.head_on(day) if office.supervisor else None
        if role == "parent_organisation":
            above = office.parent
            return above.head_on(day) if above and above.kind == UnitKind.ENTERPRISE.value else None
        if role == DECIDER_SUPERIOR:
            return life.draft.department.head_on(day)
        return None


class _Clocked(SimpleNamespace):
    """A task as the ladder's clocks look at it."""

    def __init__(self, life: Life) -> None:
        wait = life.wait
        super().__init__(
            template_version_id=life.share.duty.version,
            parent_id=None,
            status=TaskStatus(life.status),
            assigned_at=instant(life.share.day, OPENS),
            assigned_anchor_id=UUID(life.anchor),
            due_at=life.due_at,
            due_set_at=life.due_set_instant,
            due_anchor_id=UUID(life.due_anchor) if life.due_anchor else None,
            wait_kind=WaitKind(wait[0]) if wait else None,
            wait_since=instant(wait[1], wait[2]) if wait else None,
            wait_anchor_id=UUID(wait[3]) if wait else None,
        )


@cache
def instant(day: int, seconds: int) -> datetime:
    """A moment of a day, UTC."""
    return at_local(date.fromordinal(day)) + timedelta(seconds=seconds - OPENS)
