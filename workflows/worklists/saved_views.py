"""Lists of tasks that people have named and saved, for themselves or for everybody."""

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

MOST = 40  # lists that one person may save
MOST_SHARED = 40  # lists of others that a person is shown, the newest first
LONGEST_NAME, LONGEST_QUERY = 80, 1000  # characters


@dataclass(frozen=True)
class NamedView:
    id: UUID
    name: str
    query: str
    is_shared: bool
    owner: str | None  # the name of another person who shares it; None for one's own


def list_views(session: Session, person: Person) -> Sequence[NamedView]:
    """Return the person's own lists by name, then the lists that others share. It takes one query."""
    is_own = col(SavedView.owner_id) == person.id
    query: Any = (
        select(SavedView, col(Person.full_name))
        .join(Person, col(Person.id) == col(SavedView.owner_id))
        .where(or_(is_own, col(SavedView.is_shared)))
        .order_by(is_own.desc(), col(SavedView.saved_at).desc())
        .limit(MOST + MOST_SHARED)
    )
    views = [
        NamedView(view.id, view.name, view.query, view.is_shared, None if view.owner_id == person.id else owner)
        for view, owner in session.execute(query)
    ]
    return sorted(views, key=lambda view: (view.owner is not None, view.name.casefold()))


def save_view(session: Session, person: Person, name: str, query: str, *, is_shared: bool, now: datetime) -> None:
    """Save a list, in place of one that the person has saved by that name. BadInput; Refused where they have `MOST`."""
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
    is_own = col(SavedView.owner_id) == person.id
    view = session.scalars(select(SavedView).where(is_own, col(SavedView.name) == name)).first()
    if view is not None:
        view.query, view.is_shared, view.saved_at = query, is_shared, now
        return
    if (session.scalar(select(func.count()).select_from(SavedView).where(is_own)) or 0) >= MOST:
        raise Refused("you have {most} named lists, the maximum: delete one first", most=MOST)
    session.add(SavedView(owner_id=person.id, name=name, query=query, is_shared=is_shared, saved_at=now))
    session.flush()


def delete_view(session: Session, person: Person, view_id: UUID) -> None:
    """Delete a list. NotFound where it is not the person's own."""
    if not update_one(
        session, delete(SavedView).where(col(SavedView.id) == view_id, col(SavedView.owner_id) == person.id)
    ):
        raise NotFound("there is no such list")
