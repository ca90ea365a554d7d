"""A page that somebody has had open for a while: is what they are about to do still what they mean?"""

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
from workflows.rules.tasks.lifecycle import SPECS, Action

CHANGED = _("this has changed while the page was open: {what}; look at it again, and repeat if you still want to")


class Conflict(Refused):
    """What the person had before their eyes has changed in a way that bears on the action."""


def mark_shown(shown: object) -> str:
    """A short mark for a page to say what it has seen: it changes with anything of that."""
    return sha256(repr(shown).encode()).hexdigest()[:32]


def mark_of(*rows: BaseModel) -> str:
    """As `mark_shown`, of rows as they are."""
    return mark_shown([one.model_dump() for one in rows])


def refuse_changed(seen: str, *rows: BaseModel, what: str) -> None:
    """Conflict where rows are no more what a page has seen of them; `what` they are, in words."""
    if seen != mark_of(*rows):
        raise Conflict(CHANGED, what=what)


def refuse_stale(session: Session, task: Task, action: Action, seen: UUID) -> None:
    """Conflict where something happened to a task after the history row `seen` that should make its person think again.

    What could bear on an action is recorded under the task's lock, each row after the last: see `record`. Ids would not
    do, as they follow the clock of whichever machine wrote them. After a row that is none of this task's comes all.
    """
    if not SPECS[action].conflicts:
        return
    known = session.exec(select(History.recorded_at).where(History.id == seen, History.task_id == task.id)).first()
    in_order = RECORDED
    newer = session.exec(
        select(History.event, History.recorded_at, Person.full_name)
        .outerjoin(Person, col(Person.id) == col(History.actor_id))
        .where(
            History.task_id == task.id,
            tuple_(*in_order) > tuple_(known, seen) if known else true(),
            col(History.event).in_(SPECS[action].conflicts),
        )
        .order_by(*in_order)
    ).all()
    if not newer:
        return
    what = [
        Words("{event} ({who}, {day})", event=EVENT_WORDS[event], who=who or "–", day=write_date(local_date(moment)))
        for event, moment, who in newer
    ]
    raise Conflict(CHANGED, what=what)
