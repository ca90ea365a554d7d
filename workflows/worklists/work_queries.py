"""The queries behind one's own work, written down once: to build them for every page takes longer than to ask them.

Parameters: `now`, `horizon`, `since` (UTC), `day`; `me`; `serves`, `speaks_for`, `authorities`, `people` (ids).
"""

from typing import Any

from sqlalchemy import ColumnElement, Integer, Select, bindparam, case, func, or_, select
from sqlmodel import col

from models.organization.person import Absence, Person
from models.tasks.task import OPEN_STATUSES, Contribution, Extension, Task, TaskStatus
from models.tasks.task_reads import BESIDE_THE_LEAD
from workflows.rules.tasks.need import Need
from workflows.worklists.task_lines import task_lines

DONE_LISTED = 5
NEEDS = tuple(Need)
"""By rank, as the database counts them."""


def _among(column: Any, name: str) -> ColumnElement[bool]:
    return col(column).in_(bindparam(name, expanding=True))


def _rank_of_need() -> ColumnElement[int]:
    rank = NEEDS.index
    countered = (
        select(col(Extension.id))
        .where(col(Extension.task_id) == col(Task.id), col(Extension.state) == "countered")
        .correlate(Task)
        .exists()
    )
    return case(
        (col(Task.wait_kind).is_not(None), rank(Need.WAITING)),
        (col(Task.incident_id).is_not(None), rank(Need.INCIDENT)),
        (col(Task.due_at) <= bindparam("now"), rank(Need.LATE)),
        (countered, rank(Need.ANSWER)),
        (col(Task.status) == TaskStatus.ASSIGNED, rank(Need.ACCEPT)),
        (col(Task.status) == TaskStatus.RETURNED, rank(Need.RETURNED)),
        (col(Task.due_at).is_(None), rank(Need.UNDATED)),
        (col(Task.due_at) <= bindparam("horizon"), rank(Need.DUE_SOON)),
        else_=rank(Need.UNDER_WAY),
    )


_NEED = _rank_of_need()
_MINE = col(Task.status).in_(OPEN_STATUSES) & or_(
    _among(Task.lead_unit_id, "serves"), _among(Task.officer_id, "people")
)
_BY_DATE = (col(Task.due_at).is_(None), col(Task.due_at), col(Task.id))


def _counts() -> Select[Any]:
    needs = select(_NEED.label("need")).where(_MINE).subquery()
    return select(needs.c.need, func.count()).group_by(needs.c.need)


COUNTS = _counts()
"""How many of one's own tasks need what."""


def _paged(query: Any) -> Any:
    return query.limit(bindparam("limit", type_=Integer)).offset(bindparam("offset", type_=Integer))


def _own(*where: ColumnElement[bool]) -> Select[Any]:
    query = select(col(Task.id), _NEED.label("need")).where(_MINE, *where).order_by(_NEED, *_BY_DATE)
    chosen = _paged(query).subquery()
    return task_lines(chosen, chosen.c.need).order_by(chosen.c.need, *_BY_DATE)


OWN = _own()
"""A page of one's own tasks (`limit`, `offset`), those that need something soonest first."""
OWN_OF_NEED = _own(bindparam("rank", type_=Integer) == _NEED)
"""Of these the ones that need one thing."""


_AWAITED = (
    select(col(Task.id))
    .join(Contribution, col(Contribution.task_id) == col(Task.id))
    .where(
        _among(Contribution.unit_id, "authorities"),
        col(Contribution.contributed_at).is_(None),
        BESIDE_THE_LEAD,
        col(Task.status).in_(OPEN_STATUSES),
    )
    .distinct()
)


def _to_contribute() -> Select[Any]:
    chosen = _paged(select(col(Task.id)).where(col(Task.id).in_(_AWAITED)).order_by(*_BY_DATE)).subquery()
    return task_lines(chosen).order_by(*_BY_DATE)


TO_CONTRIBUTE = _to_contribute()
"""A page of other units' tasks to which one's own has yet to contribute (`limit`, `offset`)."""
TO_CONTRIBUTE_COUNT = select(func.count()).select_from(_AWAITED.subquery())
"""How many there are."""


def _done() -> Select[Any]:
    since = (col(Task.closed_at) >= bindparam("since"), col(Task.status) == TaskStatus.APPROVED)
    newest = col(Task.closed_at).desc()
    some = [
        select(select(col(Task.id)).where(one, *since).order_by(newest).limit(DONE_LISTED).subquery().c.id)
        for one in (_among(Task.lead_unit_id, "serves"), _among(Task.officer_id, "people"))
    ]
    chosen = some[0].union(some[1]).subquery()
    return task_lines(chosen).order_by(newest, col(Task.id)).limit(DONE_LISTED)


DONE = _done()
"""What was closed last, since a moment."""

ABSENCE = (
    select(col(Absence.ends_on), col(Person.full_name))
    .join(Person, col(Person.id) == col(Absence.stand_in_id))
    .where(
        col(Absence.person_id) == bindparam("me"),
        col(Absence.starts_on) <= bindparam("day"),
        col(Absence.ends_on) >= bindparam("day"),
    )
)
"""Until which local day one is away oneself, and who stands in."""
