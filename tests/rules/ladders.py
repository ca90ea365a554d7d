"""Tasks on ladders told without a database, and what is said of them when somebody looks."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, time, timedelta

from models.database.ids import new_id
from models.directives.ladders import LADDERS, LadderSpec, RecipientRole, RungName, RungSpec
from models.tasks.task import TaskStatus
from models.text.localtime import at_local, end_of_day, local
from workflows.rules.calendar.workdays import WorkCalendar
from workflows.rules.escalation.ladder import AlreadySent, FiredRung, LadderFacts, decide

CALENDAR = WorkCalendar()
ASSIGNED, DUE_ANCHOR, WAIT = new_id(), new_id(), new_id()
HOURS = timedelta(hours=1)


def at(day: int, month: int = 6, hour: int = 8) -> datetime:
    return at_local(date(2004, month, day), time(hour))


def facts(due: date | None = date(2004, 6, 30), **changes: object) -> LadderFacts:
    """A task assigned on Tuesday 1 June 2004, accepted, due on Wednesday 30 June."""
    made = LadderFacts(
        status=TaskStatus.ACCEPTED,
        assigned_at=at(1),
        assigned_anchor=ASSIGNED,
        due_at=end_of_day(due) if due else None,
        due_set_at=at(1) if due else None,
        due_anchor=DUE_ANCHOR if due else None,
        wait_kind=None,
        wait_since=None,
        wait_anchor=None,
        ladder=LADDERS["default"],
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def told_by(fired: Iterable[FiredRung]) -> AlreadySent:
    return frozenset((one.anchor, one.rung, one.offset, one.role) for one in fired)


def walk(
    task: LadderFacts, moments: Iterable[datetime], already_sent: AlreadySent = frozenset()
) -> list[tuple[datetime, FiredRung]]:
    """What is told at each moment, all that fired being remembered."""
    said = []
    for now in moments:
        decision = decide(task, now=now, already_sent=already_sent, calendar=CALENDAR)
        already_sent |= told_by(decision.fired)
        said += [(now, one) for one in decision.fired if not one.superseded]
    return said


def mornings(first: datetime, days: int) -> list[datetime]:
    return [first + timedelta(days=offset) for offset in range(days)]


def said(task: LadderFacts, role: str, days: int = 75) -> dict[tuple[str, int], str]:
    """The day on which each rung is told to a role when somebody looks every morning."""
    return {
        (one.rung, one.offset): f"{local(now):%d/%m %H:%M}"
        for now, one in walk(task, mornings(at(1), days))
        if one.role == role
    }


def at_once(task: LadderFacts, now: datetime, already_sent: AlreadySent = frozenset()) -> set[tuple[str, str, int]]:
    """(role, rung, offset) told at a moment."""
    fired = decide(task, now=now, already_sent=already_sent, calendar=CALENDAR).fired
    return {(one.role, one.rung, one.offset) for one in fired if not one.superseded}


def ladder(*rungs: tuple[RungName, int], to: RecipientRole = RecipientRole.COORDINATOR) -> LadderSpec:
    """A ladder of one's own, from the least severe rung up, all for one role."""
    return LadderSpec(rungs=tuple(RungSpec(rung=rung, at=offset, to=(to,)) for rung, offset in rungs))
