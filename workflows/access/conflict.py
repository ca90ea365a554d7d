"""Refuse an action from a page that was open while others changed what bears on the action."""

from hashlib import sha256
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy import true, tuple_
from sqlmodel import Session, col, select

from models.errors import Refused
from models.i18n import Words, _
from models.organization.person import Person
from models.tasks.history import RECORDED, History
from models.tasks.task import Task
from models.text.localtime import local_date, write_date
from models.words import EVENT_WORDS
from workflows.rules.tasks.actions import Action
from workflows.rules.tasks.lifecycle import SPECS

CHANGED = _("this has changed while the page was open: {what}; look at it again, and repeat if you still want to")


class Conflict(Refused):
    """What the person saw has changed in a way that bears on the action."""


def mark_shown(shown: object) -> str:
    """Return a short digest with which a form says what its page showed."""
    return sha256(repr(shown).encode()).hexdigest()[:32]


def mark_of(*rows: BaseModel) -> str:
    return mark_shown([row.model_dump() for row in rows])


def refuse_changed(seen: str, *rows: BaseModel, what: str) -> None:
    """Raise Conflict if rows differ from what a page showed. `what` names them in words."""
    if seen != mark_of(*rows):
        raise Conflict(CHANGED, what=what)


def refuse_stale(session: Session, task: Task, action: Action, seen: UUID) -> None:
    """Raise Conflict if a task has a line of the history after line `seen` that bears on the action.

    Such lines are recorded under the task's lock, each after the last (see `record`). Ids are not in that order, as
    they follow the clock of the machine that wrote them. If `seen` is not a line of this task, all lines count.
    """
    if not SPECS[action].conflicts:
        return
    seen_at = session.exec(select(History.recorded_at).where(History.id == seen, History.task_id == task.id)).first()
    newer = session.exec(
        select(History.event, History.recorded_at, Person.full_name)
        .outerjoin(Person, col(Person.id) == col(History.actor_id))
        .where(
            History.task_id == task.id,
            tuple_(*RECORDED) > tuple_(seen_at, seen) if seen_at else true(),
            col(History.event).in_(SPECS[action].conflicts),
        )
        .order_by(*RECORDED)
    ).all()
    if not newer:
        return
    changes = [
        Words("{event} ({who}, {day})", event=EVENT_WORDS[event], who=name or "–", day=write_date(local_date(moment)))
        for event, moment, name in newer
    ]
    raise Conflict(CHANGED, what=changes)
