"""Write a move: one change of one task, with its line of history and its notices.

`apply` is the only function that writes a task's status.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import or_, update
from sqlmodel import Session, col, select

from models.database.rows import update_one
from models.directives.directive import Directive
from models.directives.template import TemplateSpec, TemplateVersion
from models.errors import Refused
from models.organization.person import Person
from models.settings import Settings
from models.tasks.due_facts import DueFact, WholeDated, WholeMovedUp, store_due_facts
from models.tasks.history import NEWEST_FIRST, History
from models.tasks.task import OPEN_STATUSES, DueFixedBy, Extension, LeadChange, Obstacle, Task, TaskStatus, WaitKind
from models.text.localtime import due_date, end_of_day
from workflows.history.notify import TaskEvent, notify
from workflows.history.record import NewHistoryLine, record
from workflows.organization.register.passing_on import pass_on_to_follower
from workflows.rules.calendar.workdays import WorkCalendar
from workflows.rules.tasks.actions import Relation


@dataclass
class TaskMove:
    """One change of a task. A handler reads it, and fills in changes, facts, a note and the people to notify."""

    session: Session
    task: Task
    actor: Person | None
    relation: Relation
    now: datetime
    calendar: WorkCalendar
    event: str
    settings: Settings | None = None
    """The settings say where files are stored. None for a move without files."""
    target: TaskStatus | None = None
    changes: dict[str, Any] = field(default_factory=dict)
    facts: dict[str, Any] = field(default_factory=dict)
    note: str = ""
    occurred_on: date | None = None
    notify_roles: list[str] = field(default_factory=list)
    notify_people: list[UUID] = field(default_factory=list)
    follow_ups: list[str] = field(default_factory=list)
    """Events of the parent task that this move causes."""
    new_due_on: date | None = None
    new_due_by: DueFixedBy = DueFixedBy.ASSIGNER
    due_facts: tuple[DueFact, ...] = ()
    """The reasons for which the system moves the deadline. A person writes them in the note."""
    letters_at: datetime | None = None
    """A moment that the letters of several moves share, so that each person gets one letter. None means `now`."""
    wait_resumes: History | None = None
    """The line of history with which a resumed wait began. None: a new wait begins with this move."""
    starts_again: bool = False
    """True to start the "not accepted" clock anew with this move."""

    @property
    def spec(self) -> TemplateSpec:
        return self.session.get_one(TemplateVersion, self.task.template_version_id).read_spec()

    @property
    def directive(self) -> Directive:
        return self.session.get_one(Directive, self.task.directive_id)

    @property
    def actor_id(self) -> UUID:
        """Return the actor's id. Raise RuntimeError for a move of the system, which has no actor."""
        if self.actor is None:
            raise RuntimeError("a move of the system has no actor")
        return self.actor.id


def apply(move: TaskMove) -> UUID:
    """Write the move and return the id of its history line. Raise Refused if somebody changed the task meanwhile."""
    task, session = move.task, move.session
    before, revision, follower_id = task.status, task.revision, task.coordinator_id
    target = move.target or before
    line = NewHistoryLine(
        move.event,
        task.directive_id,
        move.actor.id if move.actor else None,
        move.relation.value,
        move.facts | ({"due_facts": store_due_facts(move.due_facts)} if move.due_facts else {}),
        move.note,
        task=task,
        from_status=before.value,
        to_status=target.value,
        occurred_on=move.occurred_on,
    )
    history_id = record(session, line, move.now)
    changes = dict(move.changes) | {"status": target, "revision": revision + 1}
    changes |= _due_revision(move, history_id)
    if move.starts_again:
        changes |= {"assigned_at": move.now, "assigned_anchor_id": history_id}
    changes |= _wait_changes(move, target, history_id)
    changes["next_check_at"] = move.now if target in OPEN_STATUSES else None
    changed = update_one(
        session,
        update(Task)
        .where(col(Task.id) == task.id, col(Task.revision) == revision, col(Task.status) == before)
        .values(**changes),
    )
    if not changed:
        raise Refused("task {task}: somebody else moved it just now; look again", task=str(task.id))
    session.refresh(task)
    if task.coordinator_id != follower_id:
        pass_on_to_follower(session, task, follower_id, move.now)
    _notify_people(move, history_id)
    for event in move.follow_ups:
        parent_move = system_move(move, session.get_one(Task, task.parent_id), event)
        parent_move.notify_roles = ["head", "officer"]
        apply(parent_move)
    return history_id


def _notify_people(move: TaskMove, history_id: UUID) -> None:
    roles = list(dict.fromkeys(move.notify_roles))
    if not roles and not move.notify_people:
        return
    # the actor gets no letter, except about a moved deadline: its calendar entry comes with the letter
    without = move.actor.id if move.actor and move.new_due_on is None else None
    event = TaskEvent(move.task, move.event, history_id, roles, move.notify_people, without)
    notify(move.session, event, now=move.now, calendar=move.calendar, letters_at=move.letters_at)


def _due_revision(move: TaskMove, history_id: UUID) -> dict[str, Any]:
    """Return the columns of a new deadline, with the history line that sets it as their anchor."""
    task, day = move.task, move.new_due_on
    if day is None or (task.due_at is not None and due_date(task.due_at) == day):
        return {}
    anchor = history_id
    is_first = task.due_at is None
    if move.event not in ("due_set", "due_moved"):
        status = (move.target or task.status).value
        line = NewHistoryLine(
            "due_set" if is_first else "due_moved",
            task.directive_id,
            move.actor.id if move.actor else None,
            move.relation.value,
            {"due_on": day.isoformat(), "from": None if is_first else due_date(task.due_at).isoformat()},  # type: ignore[arg-type]
            move.note,
            task=task,
            from_status=status,
            to_status=status,
        )
        anchor = record(move.session, line, move.now)
    due_at = _within_parent(move, end_of_day(day))
    changes: dict[str, Any] = {
        "due_at": due_at,
        "due_set_at": move.now,
        "due_anchor_id": anchor,
        "due_revision": task.due_revision + 1,
        "due_fixed_by": move.new_due_by,
        "due_reason": "" if move.due_facts else move.note[:500],
        "due_facts": store_due_facts(move.due_facts),
    }
    if is_first:
        changes["original_due_at"] = due_at
    _cut_children(move, day)
    return changes


def _within_parent(move: TaskMove, due_at: datetime) -> datetime:
    """Return a child's deadline, cut to that of its parent, which may be an hour of the same day."""
    if move.task.parent_id is None or move.relation is Relation.SYSTEM:  # the system follows the parent's move
        return due_at
    parent = move.session.get_one(Task, move.task.parent_id)
    return due_at if parent.due_at is None else min(due_at, parent.due_at)


def _cut_children(move: TaskMove, day: date) -> None:
    """Give the parent's new deadline to each open child that has a later one or none."""
    is_later = or_(col(Task.due_at) > end_of_day(day), col(Task.due_at).is_(None))
    children = select(Task).where(Task.parent_id == move.task.id, col(Task.status).in_(OPEN_STATUSES), is_later)
    for child in move.session.exec(children).all():
        former = due_date(child.due_at) if child.due_at else None
        cut = system_move(move, child, "due_moved" if former else "due_set")
        cut.new_due_on, cut.new_due_by = day, DueFixedBy.PARENT
        cut.facts = {"due_on": day.isoformat(), "from": former.isoformat() if former else None}
        cut.notify_roles = ["head", "officer"]
        cut.due_facts = (WholeMovedUp() if former else WholeDated(),)
        apply(cut)


def system_move(move: TaskMove, task: Task, event: str) -> TaskMove:
    """Return a move by the system that another move causes, at the same moment."""
    return TaskMove(
        session=move.session,
        task=task,
        actor=None,
        relation=Relation.SYSTEM,
        now=move.now,
        letters_at=move.letters_at,
        calendar=move.calendar,
        event=event,
    )


def _wait_changes(move: TaskMove, target: TaskStatus, history_id: UUID) -> dict[str, Any]:
    """Return the columns of the task's wait. Its clock starts with the history line that began it."""
    kind = _wait_kind(move.session, move.task.id, target)
    if kind is move.task.wait_kind and move.event not in ("received", "corrected"):
        return {}
    if kind is None:
        return {"wait_kind": None, "wait_since": None, "wait_anchor_id": None}
    resumed = move.wait_resumes
    if resumed is not None:
        return {"wait_kind": kind, "wait_since": resumed.recorded_at, "wait_anchor_id": resumed.id}
    return {"wait_kind": kind, "wait_since": move.now, "wait_anchor_id": history_id}


def _wait_kind(session: Session, task_id: UUID, target: TaskStatus) -> WaitKind | None:
    if target not in OPEN_STATUSES:
        return None
    if target is TaskStatus.SUBMITTED:
        return WaitKind.DECISION
    session.flush()
    if session.exec(
        select(Obstacle.id).where(Obstacle.task_id == task_id, col(Obstacle.answered_at).is_(None))
    ).first():
        return WaitKind.OBSTACLE
    if session.exec(select(Extension.id).where(Extension.task_id == task_id, Extension.state == "open")).first():
        return WaitKind.EXTENSION
    if session.exec(select(LeadChange.id).where(LeadChange.task_id == task_id, LeadChange.state == "open")).first():
        return WaitKind.LEAD_CHANGE
    return None


def last_event(session: Session, task_id: UUID, events: Iterable[str]) -> History | None:
    return session.exec(
        select(History).where(History.task_id == task_id, col(History.event).in_(list(events))).order_by(*NEWEST_FIRST)
    ).first()
