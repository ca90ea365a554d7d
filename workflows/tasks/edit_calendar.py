"""Edit the working calendar, or preview an edit.

An edit recomputes the current deadlines and next checks of open tasks. Original deadlines never change.
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
from workflows.rules.tasks.actions import Relation
from workflows.tasks.moved_dates import MovedDate, moved_dates
from workflows.tasks.moves import TaskMove, apply


@dataclass(frozen=True)
class CalendarPreview:
    """The effect of an edit: changed days, moved deadlines (parents first), and the number of tasks to check again."""

    days: Mapping[date, EditedDay]
    moved: Sequence[MovedDate]
    rechecked: int


@dataclass(frozen=True)
class CalendarEdit:
    """A finished edit. `revision_id` is None if the calendar was like that already and nothing was written."""

    revision_id: UUID | None
    preview: CalendarPreview


def preview_edit(session: Session, days: Mapping[date, DayKind | EditedDay], now: datetime) -> CalendarPreview:
    """Return the effect of an edit without writing it. Raise BadInput for a day outside the calendar's years."""
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
    """Record a revision, move deadlines, and have the affected tasks checked again.

    `reason` names the decision that changes the days. Raise BadInput for a wrong field, Refused for anybody but an
    administrator.
    """
    _permit(session, actor_id)
    reason = reason.strip()
    if not reason or len(reason) > 500:
        raise BadInput("reason: name the decision that changes the calendar, in at most 500 characters")
    # one edit at a time: a second one starts from the result of the first
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
    after = _apply_edits(before, preview.days)
    for moved in preview.moved:
        _move_date(session, moved, revision, after, now)
    session.execute(update(Task).where(*_is_affected(preview.days, now)).values(next_check_at=now))
    facts = {"reason": reason, "days": len(preview.days), "moved": len(preview.moved)}
    first = min(preview.days).isoformat()
    note(session, "calendar_edited", now=now, actor_id=actor_id, about=first, facts=facts, address=address)
    return CalendarEdit(revision.id, preview)


def _permit(session: Session, actor_id: UUID) -> None:
    actor = session.get(Person, actor_id)
    role = select(PersonRole).where(PersonRole.person_id == actor_id, PersonRole.role == Role.ADMINISTRATOR)
    if actor is None or not actor.is_active or session.exec(role).first() is None:
        name = actor.full_name if actor else str(actor_id)
        raise Refused("{person} is not an administrator: only an administrator edits the calendar", person=name)


def _changed(before: WorkCalendar, days: Mapping[date, DayKind | EditedDay]) -> dict[date, EditedDay]:
    """Return the days that an edit really changes. Raise BadInput for an edit without days or a long name."""
    if not days:
        raise BadInput("days: name at least one day and whether it is off or working")
    changed = {}
    for day, kind in sorted(days.items()):
        edited = kind if isinstance(kind, EditedDay) else EditedDay(kind)
        if len(edited.name) > 200:
            raise BadInput("name {name}: at most 200 characters", name=edited.name)
        before.is_working(day)  # raises BadInput for a day outside the calendar's years
        if before.edits.get(day) is not edited.kind or before.names.get(day, "") != edited.name:
            changed[day] = edited
    return changed


def _apply_edits(before: WorkCalendar, days: Mapping[date, EditedDay]) -> WorkCalendar:
    kinds = before.edits | {day: edited.kind for day, edited in days.items()}
    names = before.names | {day: edited.name for day, edited in days.items()}
    return WorkCalendar(kinds, {day: name for day, name in names.items() if name})


def _preview(session: Session, before: WorkCalendar, days: Mapping[date, EditedDay], now: datetime) -> CalendarPreview:
    if not days:
        return CalendarPreview({}, [], 0)
    moved = moved_dates(session, before, _apply_edits(before, days), now)
    rechecked = session.scalar(select(func.count()).select_from(Task).where(*_is_affected(days, now)))
    return CalendarPreview(days, moved, rechecked or 0)


def _is_affected(days: Mapping[date, EditedDay], now: datetime) -> list[ColumnElement[bool]]:
    """Return the conditions for open tasks with an edited day between their assignment and their next check."""
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
    """Move one deadline by the system. A child that was cut with its parent already has the new one."""
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
