"""Named lists of tasks: a person's own, and those that others share."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlmodel import Session, col, delete

from models.database.rows import update_one
from models.errors import BadInput, NotFound, Refused
from models.organization.person import Person
from models.organization.saved_view import SavedView

MOST = 40
"""Named lists of one person."""
MOST_SHARED = 40
"""Lists of others that are shown, the newest first."""
LONGEST_NAME, LONGEST_QUERY = 80, 1000  # characters


@dataclass(frozen=True)
class NamedView:
    """A named list for a reader; `owner` is None for their own."""

    id: UUID
    name: str
    query: str
    is_shared: bool
    owner: str | None


def list_views(session: Session, person: Person) -> Sequence[NamedView]:
    """A person's own stand first, by name, then those that others share. One query."""
    mine = col(SavedView.owner_id) == person.id
    query: Any = (
        select(SavedView, col(Person.full_name))
        .join(Person, col(Person.id) == col(SavedView.owner_id))
        .where(or_(mine, col(SavedView.is_shared)))
        .order_by(mine.desc(), col(SavedView.saved_at).desc())
        .limit(MOST + MOST_SHARED)
    )
    found = [
        NamedView(view.id, view.name, view.query, view.is_shared, None if view.owner_id == person.id else name)
        for view, name in session.execute(query)
    ]
    return sorted(found, key=lambda view: (view.owner is not None, view.name.casefold()))


def save_view(session: Session, person: Person, name: str, query: str, *, is_shared: bool, now: datetime) -> None:
    """Name a list; a name that the person has given before now means this list. BadInput, or Refused for too many."""
    name = " ".join(name.split())
    if not name:
        raise BadInput("name: give the list a name")
    if len(name) > LONGEST_NAME:
        raise BadInput("name: {length} characters; at most {most}", length=len(name), most=LONGEST_NAME)
    if len(query) > LONGEST_QUERY:
        raise BadInput(
            "the list has too many filters to be kept: {length} characters of {most}",
            length=len(query),
            most=LONGEST_QUERY,
        )
    mine = col(SavedView.owner_id) == person.id
    known = session.scalars(select(SavedView).where(mine, col(SavedView.name) == name)).first()
    if known is not None:
        known.query, known.is_shared, known.saved_at = query, is_shared, now
        return
    if (session.scalar(select(func.count()).select_from(SavedView).where(mine)) or 0) >= MOST:
        raise Refused("you have {most} named lists, the maximum: delete one first", most=MOST)
    session.add(SavedView(owner_id=person.id, name=name, query=query, is_shared=is_shared, saved_at=now))
    session.flush()


def delete_view(session: Session, person: Person, view_id: UUID) -> None:
    """NotFound where it is not their own."""
    if not update_one(
        session, delete(SavedView).where(col(SavedView.id) == view_id, col(SavedView.owner_id) == person.id)
    ):
        raise NotFound("there is no such list")
