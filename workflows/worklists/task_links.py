"""Links in letters: what one leads to for whoever opens it. A link names a task and a person; it proves nobody."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlmodel import Session

from models.errors import NotFound, need
from models.letters.letter import Letter, LetterLink
from models.organization.account import Account
from models.organization.person import Person
from models.settings import Settings
from models.tasks.task import Task
from models.text.localtime import local_date
from notifications.composing.keys import Link, read_code, read_link
from workflows.access.rights import Principal
from workflows.access.task_access import look_at


class Opens(StrEnum):
    """What a link shows."""

    TASK = "task"  # to somebody signed in who has to do with the task
    MOVED_ON = "moved_on"  # to its own person, whom the task has left
    NOBODY = "nobody"  # nothing: somebody else is signed in
    WAYS_IN = "ways_in"  # how to prove who one is
    LAPSED = "lapsed"  # too old, or revoked by its person: only to sign in


@dataclass(frozen=True)
class OpenedLink:
    opens: Opens
    task: Task
    person: Person


def open_link(
    session: Session, link_key: str, token: str, principal: Principal | None, *, now: datetime, settings: Settings
) -> OpenedLink:
    """NotFound for no link of ours, a task that is gone, and a person who has retired.

    Whoever is signed in goes by their own rights, even where the link has lapsed.
    """
    code = read_code(token)
    link = read_link(link_key, token) if code is None else _stored(session, code)
    task, person = session.get(Task, link.task_id), session.get(Person, link.person_id)
    if task is None or person is None or not person.is_active:
        raise NotFound("this link is not valid: open it again from the letter")
    if principal is not None:
        return OpenedLink(_for(session, principal, task, person, now), task, person)
    account = session.get(Account, person.id)
    void_before = account.links_from if account else None
    lapsed = now - link.made_at > timedelta(days=settings.links_last_days)
    revoked = void_before is not None and link.made_at < void_before
    return OpenedLink(Opens.LAPSED if lapsed or revoked else Opens.WAYS_IN, task, person)


def _stored(session: Session, code: int) -> Link:
    """NotFound for no code of ours, and for one whose time is long over."""
    row = need(session.get(LetterLink, code), NotFound("this link is not valid: open it again from the letter"))
    letter = session.get_one(Letter, row.letter_id)
    return Link(row.task_id, letter.recipient_id, letter.slot)


def _for(session: Session, principal: Principal, task: Task, person: Person, now: datetime) -> Opens:
    try:
        look_at(session, principal, task.id, local_date(now))
    except NotFound:
        return Opens.MOVED_ON if principal.person.id == person.id else Opens.NOBODY
    return Opens.TASK
