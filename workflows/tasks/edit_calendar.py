"""Edits of the working calendar: see what an edit would do, make it.

An edit recomputes current dates and next checks of open tasks, never an original date.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, exists, func, or_, update
from sqlmodel import Session, col, select

from models.database.session import hold_table
from models.directives.ladders import RecipientRole
from models.errors import BadInput, Refused
from models.organization.calendar import CalendarDay, CalendarRevision, DayKind
from models.organization.person import Person, PersonRole, Role
from models.tasks.task import OPEN_STATUSES, Task
from models.tasks.task_check import TaskCheck
from models.text.localtime import due_date, end_of_day
from workflows.access.audit_log import note
from workflows.organization.working_calendar import EditedDay, load_calendar
from workflows.rules.calendar.workdays import WorkCalendar
from workflows.rules.tasks.lifecycle import Relation
from workflows.tasks.moved_dates import MovedDate, moved_dates
from workflows.tasks.moves import TaskMove, apply


@dataclass(frozen=True)
class CalendarPreview:
    """What an edit does: days that really change, dates that move (parents first), tasks to look at again."""

    days: Mapping[date, EditedDay]
    moved: Sequence[MovedDate]
    rechecked: int


@dataclass(frozen=True)
class CalendarEdit:
    """An edit done. `revision_id` is None where the calendar said all of it already and nothing was written."""

    revision_id: UUID | None
    preview: CalendarPreview


def preview_edit(session: Session, days: Mapping[date, DayKind | EditedDay], now: datetime) -> CalendarPreview:
    """Write nothing. BadInput for a day outside the calendar's years."""
    before = load_calendar(session)
    return _preview(session, before, _changed(before, days), now)


def edit_calendar(
    session: Session,
    actor_id: UUID,
    days: Mapping[date, DayKind | EditedDay],
    reason: str,
    now: datetime,
    *,
    address: str = "",
) -> CalendarEdit:
    """Record a revision, move the dates it moves and have every task it touches looked at again.

    The audit gets a line. `reason` names the decision the days come from. Raises BadInput, or Refused for who is no
    administrator.
    """
    _permit(session, actor_id)
    if not (reason := reason.strip()) or len(reason) > 500:
        raise BadInput("reason: name the decision that changes the calendar, in at most 500 characters")
    # one edit at a time: a second one counts from what the first has made of the calendar
    hold_table(session, "calendar_revision", mode="EXCLUSIVE")
    before = load_calendar(session)
    preview = _preview(session, before, _changed(before, days), now)
    if not preview.days:
        return CalendarEdit(None, preview)
    revision = CalendarRevision(recorded_at=now, actor_id=actor_id, reason=reason)
    session.add(revision)
    session.flush()
    for day, edited in preview.days.items():
        session.add(CalendarDay(day=day, revision_id=revision.id, kind=edited.kind, name=edited.name))
    after = _edited(before, preview.days)
    for moved in preview.moved:
        _move_date(session, moved, revision, after, now)
    session.execute(update(Task).where(*_touched(preview.days, now)).values(next_check_at=now))
    facts = {"reason": reason, "days": len(preview.days), "moved": len(preview.moved)}
    first = min(preview.days).isoformat()
    note(session, "calendar_edited", now=now, actor_id=actor_id, about=first, facts=facts, address=address)
    return CalendarEdit(revision.id, preview)


def _permit(session: Session, actor_id: UUID) -> None:
    actor = session.get(Person, actor_id)
    holds = select(PersonRole).where(PersonRole.person_id == actor_id, PersonRole.role == Role.ADMINISTRATOR)
    if actor is None or not actor.is_active or session.exec(holds).first() is None:
        name = actor.full_name if actor else str(actor_id)
        raise Refused("{person} is not an administrator: only an administrator edits the calendar", person=name)


def _changed(before: WorkCalendar, days: Mapping[date, DayKind | EditedDay]) -> dict[date, EditedDay]:
    """The same edit twice says nothing new."""
    if not days:
        raise BadInput("days: name at least one day and whether it is off or working")
    changed = {}
    for day, given in sorted(days.items()):
        edited = given if isinstance(given, EditedDay) else EditedDay(given)
        if len(edited.name) > 200:
            raise BadInput("name {name}: at most 200 characters", name=edited.name)
        before.is_working(day)  # refuses a day outside the calendar's years
        if before.edits.get(day) is not edited.kind or before.names.get(day, "") != edited.name:
            changed[day] = edited
    return changed


def _edited(before: WorkCalendar, days: Mapping[date, EditedDay]) -> WorkCalendar:
    kinds = before.edits | {day: edited.kind for day, edited in days.items()}
    names = before.names | {day: edited.name for day, edited in days.items()}
    return WorkCalendar(kinds, {day: name for day, name in names.items() if name})


def _preview(session: Session, before: WorkCalendar, days: Mapping[date, EditedDay], now: datetime) -> CalendarPreview:
    if not days:
        return CalendarPreview({}, [], 0)
    moved = moved_dates(session, before, _edited(before, days), now)
    rechecked = session.scalar(select(func.count()).select_from(Task).where(*_touched(days, now)))
    return CalendarPreview(days, moved, rechecked or 0)


def _touched(days: Mapping[date, EditedDay], now: datetime) -> list[ColumnElement[bool]]:
    """Open tasks whose next check may change: an edited day lies between their assignment and what they wait for.

    Waking them at once is enough: the ladder is level-triggered, the next tick says what is true and looks again.
    """
    first, last = end_of_day(min(days) - timedelta(days=1)), end_of_day(max(days))
    return [
        col(Task.status).in_(OPEN_STATUSES),
        col(Task.assigned_at) < last,
        exists().where(
            col(TaskCheck.task_id) == col(Task.id),
            col(TaskCheck.at) > now,
            or_(col(TaskCheck.at) >= first, col(Task.due_at) > first),
        ),
    ]


def _move_date(
    session: Session, moved: MovedDate, revision: CalendarRevision, after: WorkCalendar, now: datetime
) -> None:
    """A new due revision by the system; a child already cut with its parent is left as it is."""
    task = session.get_one(Task, moved.task_id)
    if task.due_at == moved.new_due:
        return
    apply(
        TaskMove(
            session=session,
            task=task,
            actor=None,
            relation=Relation.SYSTEM,
            now=now,
            calendar=after,
            event="due_moved",
            facts={
                "due_on": due_date(moved.new_due).isoformat(),
                "from": due_date(moved.old_due).isoformat(),
                "calendar_revision": revision.id.hex,
            },
            note=revision.reason,
            due_facts=moved.facts,
            new_due_on=due_date(moved.new_due),
            new_due_by=moved.fixed_by,
            notify_roles=[RecipientRole.HEAD, RecipientRole.OFFICER],
        )
    )
