"""Links in letters. A link names a task and a person; it does not prove who opens it."""

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
    """What a link shows to the reader who opens it."""

    TASK = "task"  # the task, to a signed-in reader who may see it
    MOVED_ON = "moved_on"  # that the task is not the reader's any more, to the person that the link names
    NOBODY = "nobody"  # nothing, as another person is signed in
    WAYS_IN = "ways_in"  # how to sign in
    LAPSED = "lapsed"  # that it is too old or revoked, and how to sign in


@dataclass(frozen=True)
class OpenedLink:
    opens: Opens
    task: Task
    person: Person


def open_link(
    session: Session, link_key: str, token: str, principal: Principal | None, *, now: datetime, settings: Settings
) -> OpenedLink:
    """Return what a link shows. NotFound for an unknown link, a task that is gone, or a person who has retired.

    A signed-in reader sees the task by their own rights, even where the link has lapsed.
    """
    code = read_code(token)
    link = read_link(link_key, token) if code is None else _read_stored(session, code)
    task, person = session.get(Task, link.task_id), session.get(Person, link.person_id)
    if task is None or person is None or not person.is_active:
        raise NotFound("this link is not valid: open it again from the letter")
    if principal is not None:
        return OpenedLink(_opens_for(session, principal, task, person, now), task, person)
    account = session.get(Account, person.id)
    valid_from = account.links_from if account else None
    is_too_old = now - link.made_at > timedelta(days=settings.links_last_days)
    is_revoked = valid_from is not None and link.made_at < valid_from
    return OpenedLink(Opens.LAPSED if is_too_old or is_revoked else Opens.WAYS_IN, task, person)


def _read_stored(session: Session, code: int) -> Link:
    """Return the link of a short code. NotFound for an unknown code, and for one that was removed by its age."""
    row = need(session.get(LetterLink, code), NotFound("this link is not valid: open it again from the letter"))
    letter = session.get_one(Letter, row.letter_id)
    return Link(row.task_id, letter.recipient_id, letter.slot)


def _opens_for(session: Session, principal: Principal, task: Task, person: Person, now: datetime) -> Opens:
    try:
        look_at(session, principal, task.id, local_date(now))
    except NotFound:
        return Opens.MOVED_ON if principal.person.id == person.id else Opens.NOBODY
    return Opens.TASK
