"""Which pages are asked for, and as whom."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlmodel import Session, col, select

from bench.web.asking import Asked
from models.run import LINK_KEY, Installation
from models.task import OPEN_STATUSES, Task
from models.unit import Unit
from notifications.keys import sign_link

_EACH = 12
"""Different ones of each page, so that no single task or person decides the figures."""


@dataclass(frozen=True)
class Page:
    """A kind of page under its name, and examples of it."""

    name: str
    asked: Sequence[Asked]


def choose(session: Session) -> list[Page]:
    """The measured pages of this installation."""
    return [Page(name, asked(session)) for name, asked in _PAGES.items()]


def _link_pages(session: Session) -> list[Asked]:
    key = session.get_one(Installation, LINK_KEY).value
    query = (
        select(Task.id, Unit.head_id)
        .join(Unit, col(Unit.id) == Task.lead_unit_id)
        .where(col(Task.status).in_(OPEN_STATUSES))
        .order_by(col(Task.id).desc())
        .limit(_EACH * 50)
    )
    rows = session.exec(query).all()[::50]
    return [Asked(f"/v/{sign_link(key, task, head)}") for task, head in rows if head]


def _front(session: Session) -> list[Asked]:
    return [Asked("/")]


_PAGES: dict[str, Callable[[Session], list[Asked]]] = {"front page": _front, "page behind a link": _link_pages}
