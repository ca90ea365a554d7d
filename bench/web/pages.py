"""Which pages are asked for, and as whom."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from urllib.parse import quote
from uuid import UUID

from sqlmodel import Session, col, select

from bench.web.asking import Asked
from bench.web.register import NOW, WIDE_CODE
from models.database.run import link_key
from models.directives.directive import Directive
from models.directives.launch import Launch
from models.organization.account import Proof
from models.organization.person import Person, PersonRole, Role
from models.organization.unit import Unit
from models.tasks.task import OPEN_STATUSES, Task
from tests.old_links import sign_link
from workflows.access.accounts.sessions import open_session

_EACH = 12
"""Different ones of each page, so that no single task or person decides the figures."""
_WORDS = ("tin nhắn rác", "tap huan can bo", "Bưu điện An Giang", "VT-05", "viễn thông hà nội số liệu thuê bao")


@dataclass(frozen=True)
class Page:
    """A kind of page under its name, and examples of it."""

    name: str
    asked: Sequence[Asked]


def choose(session: Session, names: Sequence[str]) -> list[Page]:
    """Pages of this installation; opens the sessions in which they are asked for."""
    return [Page(name, PAGES[name](session)) for name in names]


def _open_tasks(session: Session) -> list[tuple[UUID, UUID]]:
    """Tasks of the wide directive with their units' heads."""
    query = (
        select(Task.id, Unit.head_id)
        .join(Unit, col(Unit.id) == Task.lead_unit_id)
        .join(Directive, col(Directive.id) == Task.directive_id)
        .where(Directive.code == WIDE_CODE, col(Task.status).in_(OPEN_STATUSES))
        .order_by(col(Task.id))
        .limit(_EACH * 20)
    )
    return [(task, head) for task, head in session.exec(query).all()[::20] if head]


def _link_pages(session: Session) -> list[Asked]:
    key = link_key(session)
    return [Asked(f"/v/{sign_link(key, task, head, NOW)}") for task, head in _open_tasks(session)]


def _first_pages(session: Session) -> list[Asked]:
    """Today, of people who see all of it, much of it and little of it."""
    return [Asked("/", cookie) for cookie in _readers(session)]


def _task_lists(session: Session) -> list[Asked]:
    shown = ("/tasks", "/tasks?show=late", "/tasks?sort=unit", "/tasks?show=done")
    return [Asked(path, cookie) for path in shown for cookie in _readers(session)]


def _calendars(session: Session) -> list[Asked]:
    return [Asked("/calendar", cookie) for cookie in _readers(session)]


def _inboxes(session: Session) -> list[Asked]:
    return [Asked("/inbox", _cookie(session, _coordinator(session)))]


def _timelines(session: Session) -> list[Asked]:
    return [Asked(f"/directives/{WIDE_CODE}/timeline", _cookie(session, _coordinator(session)))]


def _work_pages(session: Session) -> list[Asked]:
    return [Asked("/work", _cookie(session, head)) for _task, head in _open_tasks(session)]


def _task_pages(session: Session) -> list[Asked]:
    return [Asked(f"/tasks/{task}", _cookie(session, head)) for task, head in _open_tasks(session)]


def _boards(session: Session) -> list[Asked]:
    return [Asked(f"/directives/{WIDE_CODE}", _cookie(session, _coordinator(session)))]


def _searches(session: Session) -> list[Asked]:
    """By people who see all of it, much of it and little of it."""
    result = session.exec(select(Task.id).where(col(Task.status).in_(OPEN_STATUSES)).limit(1)).one()
    words = (*_WORDS, result.hex[-8:], WIDE_CODE)
    return [Asked(f"/search?q={quote(word)}", cookie) for word in words for cookie in _readers(session)]


def _readers(session: Session) -> list[str]:
    """Return cookies of a coordinator, an observer, a clerk and a head."""
    head = _open_tasks(session)[0][1]
    people = [_coordinator(session), _in_role(session, Role.OBSERVER), _in_role(session, Role.CLERK), head]
    return [_cookie(session, reader) for reader in people]


def _administration(session: Session) -> list[Asked]:
    return [Asked("/admin", _cookie(session, _in_role(session, Role.ADMINISTRATOR)))]


def _coordinator(session: Session) -> UUID:
    query = select(Launch.coordinator_id).join(Directive, col(Directive.id) == Launch.directive_id)
    return session.exec(query.where(Directive.code == WIDE_CODE)).one()


def _in_role(session: Session, role: Role) -> UUID:
    return session.exec(select(PersonRole.person_id).where(PersonRole.role == role).limit(1)).one()


def _cookie(session: Session, person_id: UUID) -> str:
    person = session.get_one(Person, person_id)
    return f"dondoc={open_session(session, person, Proof.PASSWORD, now=NOW)}"


PAGES: dict[str, Callable[[Session], list[Asked]]] = {
    "today": _first_pages,
    "tasks": _task_lists,
    "calendar": _calendars,
    "timeline": _timelines,
    "inbox": _inboxes,
    "work": _work_pages,
    "task": _task_pages,
    "board": _boards,
    "search": _searches,
    "link": _link_pages,
    "administration": _administration,
}
"""What is measured, by name; the board is that of a directive with a thousand units, the link one from a letter."""
