"""A page that somebody has had open for a while: is what they are about to do still what they mean?"""

from uuid import UUID

from sqlmodel import Session, col, select

from models.errors import Refused
from models.history import History
from models.i18n import Words
from models.localtime import local_date, write_date
from models.person import Person
from models.task import Task
from models.words import EVENT_WORDS
from workflows.rules.lifecycle import Action
from workflows.rules.surprises import SURPRISES


class Stale(Refused):
    """What the person had before their eyes has changed in a way that bears on the action."""


def refuse_stale(session: Session, task: Task, action: Action, seen: UUID) -> None:
    """Stale where something happened to a task after the history row `seen` that should make its person think again.

    Rows of one task follow one another under its lock, and their ids are ordered in time: what is newer is greater.
    """
    if not SURPRISES[action]:
        return
    newer = session.exec(
        select(History.event, History.recorded_at, Person.full_name)
        .outerjoin(Person, col(Person.id) == col(History.actor_id))
        .where(History.task_id == task.id, col(History.id) > seen, col(History.event).in_(SURPRISES[action]))
        .order_by(col(History.id))
    ).all()
    if not newer:
        return
    what = [
        Words("{event} ({who}, {day})", event=EVENT_WORDS[event], who=who or "–", day=write_date(local_date(moment)))
        for event, moment, who in newer
    ]
    raise Stale(
        "this has changed while the page was open: {what}; look at it again, and repeat if you still want to",
        what=what,
    )
