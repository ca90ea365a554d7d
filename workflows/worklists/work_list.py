"""A person's own work: what needs them now, first. Read in a fixed number of queries, however much there is.

What a task needs is decided by the database, so that a list of thousands is counted and paged there.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Integer, Row, Select, and_, bindparam, case, func, not_, or_, select
from sqlmodel import Session, col

from models.database.paging import Paging
from models.organization.person import Absence, Person
from models.organization.unit import Unit
from models.tasks.late import late_at, soon_until
from models.tasks.task import OPEN_STATUSES, Contribution, Extension, Task, TaskStatus
from models.tasks.task_reads import BESIDE_THE_LEAD
from models.text.localtime import end_of_day, local_date
from workflows.access.rights import Principal
from workflows.rules.calendar.workdays import WorkCalendar
from workflows.rules.tasks.need import Need
from workflows.worklists.task_lines import WorkLine, read_line, task_lines

DONE_LISTED = 5
NEEDS = tuple(Need)
"""By rank, as the database counts them."""


def _among(column: Any, name: str) -> ColumnElement[bool]:
    return col(column).in_(bindparam(name, expanding=True))


def _conditions() -> dict[Need, ColumnElement[bool]]:
    """Each need's condition, as the list of tasks has it: a task may have several."""
    countered = (
        select(col(Extension.id))
        .where(col(Extension.task_id) == col(Task.id), col(Extension.state) == "countered")
        .correlate(Task)
        .exists()
    )
    late = late_at(bindparam("now"))
    return {
        Need.WAITING: col(Task.wait_kind).is_not(None),
        Need.INCIDENT: col(Task.incident_id).is_not(None),
        Need.LATE: late,
        Need.ANSWER: countered,
        Need.ACCEPT: col(Task.status) == TaskStatus.ASSIGNED,
        Need.RETURNED: col(Task.status) == TaskStatus.RETURNED,
        Need.UNDATED: col(Task.due_at).is_(None),
        Need.DUE_SOON: and_(not_(late), col(Task.due_at) <= bindparam("horizon")),
    }


_IN_NEED = _conditions()
_NEED = case(
    *((condition, NEEDS.index(need)) for need, condition in _IN_NEED.items()), else_=NEEDS.index(Need.UNDER_WAY)
)
"""The one that a task stands under: the first that is true."""
_IN_NEED[Need.UNDER_WAY] = _NEED.in_([NEEDS.index(Need.UNDER_WAY)])
_MINE = col(Task.status).in_(OPEN_STATUSES) & or_(
    _among(Task.lead_unit_id, "serves"), _among(Task.officer_id, "people")
)
_BY_DATE = (col(Task.due_at).is_(None), col(Task.due_at), col(Task.id))


COUNTS = select(
    func.count().label("all"), *(func.count().filter(_IN_NEED[need]).label(need.value) for need in NEEDS)
).where(_MINE)
"""How many tasks are one's own, and how many of them need what: a task with several needs counts for each."""


def _paged(query: Any) -> Any:
    return query.limit(bindparam("limit", type_=Integer)).offset(bindparam("offset", type_=Integer))


def _own(*where: ColumnElement[bool]) -> Select[Any]:
    query = select(col(Task.id), _NEED.label("need")).where(_MINE, *where).order_by(_NEED, *_BY_DATE)
    chosen = _paged(query).subquery()
    return task_lines(chosen, chosen.c.need).order_by(chosen.c.need, *_BY_DATE)


OWN = _own()
"""A page of one's own tasks (`limit`, `offset`), those that need something soonest first."""
OWN_OF_NEED = {need: _own(condition) for need, condition in _IN_NEED.items()}
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


FEW = 20
"""So many contributions stand beside one's own tasks; the rest on their own list."""
DONE_SINCE = timedelta(days=30)


@dataclass(frozen=True)
class Work:
    """Everything the list says. `total` and `counts` are of all tasks of one's own, one with several needs counted for
    each; `lines` are a page of them, or of one need.

    Every count is of the whole list that it leads to, never of the lines shown here.
    """

    total: int
    counts: Mapping[Need, int]
    lines: Sequence[WorkLine]
    shown: Need | None
    paging: Paging
    to_contribute: Sequence[WorkLine]
    contributions: int  # of which `to_contribute` are a page
    done: Sequence[WorkLine]
    away_until: date | None
    stand_in: str | None
    has_several_units: bool

    @property
    def by_need(self) -> dict[Need, list[WorkLine]]:
        """Under what they need first, or all under the need that is shown."""
        found: dict[Need, list[WorkLine]] = {}
        for line in self.lines:
            if line.need is not None:
                found.setdefault(self.shown or line.need, []).append(line)
        return found


def read_work(
    session: Session,
    principal: Principal,
    *,
    now: datetime,
    calendar: WorkCalendar,
    shown: Need | None = None,
    page: int = 1,
    contributions_only: bool = False,
) -> Work:
    """Return somebody's list, its tasks of one need, or contributions awaited. `page` is kept in bounds."""
    queries = _WorkQueries(session, principal, now, calendar)
    total, counts = queries.counts()
    contributions = queries.contributions()
    listed = contributions if contributions_only else counts.get(shown, 0) if shown else total
    paging = Paging.of(page, listed)
    first = paging.page == 1 and shown is None and not contributions_only
    absence = queries.absence()
    return Work(
        total=total,
        counts=counts,
        lines=() if contributions_only else queries.own(shown, paging),
        shown=shown,
        paging=paging,
        to_contribute=queries.to_contribute(paging)
        if contributions_only
        else queries.to_contribute(Paging(1, contributions, FEW))
        if first
        else (),
        contributions=contributions,
        done=queries.done() if first else (),
        away_until=absence[0] if absence else None,
        stand_in=absence[1] if absence else None,
        has_several_units=len(principal.serves) > 1,
    )


class _WorkQueries:
    def __init__(self, session: Session, principal: Principal, now: datetime, calendar: WorkCalendar) -> None:
        self._session, self._principal, self._now, self._calendar = session, principal, now, calendar
        day = local_date(now)
        self._given = {
            "now": now,
            "horizon": end_of_day(soon_until(day)),
            "since": now - DONE_SINCE,
            "day": day,
            "me": principal.person.id,
            "serves": list(principal.serves),
            "speaks_for": list(principal.speaks_for),
            "authorities": list(principal.serves | principal.speaks_for),
            "people": list(principal.people),
        }
        self._for_whom = self._absent_heads() if len(principal.people) > 1 else {}

    def counts(self) -> tuple[int, dict[Need, int]]:
        """All of one's own, and how many of them need what, in the order of need."""
        total, *found = self._ask(COUNTS).one()
        return total, {need: count for need, count in zip(NEEDS, found, strict=True) if count}

    def own(self, shown: Need | None, paging: Paging) -> list[WorkLine]:
        query = OWN if shown is None else OWN_OF_NEED[shown]
        rows = self._ask(query, limit=paging.per_page, offset=paging.offset)
        return [self._line(row, NEEDS[row.need]) for row in rows]

    def contributions(self) -> int:
        return int(self._ask(TO_CONTRIBUTE_COUNT).scalar_one())

    def to_contribute(self, paging: Paging) -> list[WorkLine]:
        rows = self._ask(TO_CONTRIBUTE, limit=paging.per_page, offset=paging.offset)
        return [self._line(row) for row in rows]

    def done(self) -> list[WorkLine]:
        return [self._line(row) for row in self._ask(DONE)]

    def absence(self) -> tuple[date, str] | None:
        """Until which local day one is away oneself, and who stands in."""
        row = self._ask(ABSENCE).first()
        return (row[0], row[1]) if row else None

    def _ask(self, query: Any, **more: object) -> Any:
        return self._session.connection().execute(query, self._given | more)

    def _absent_heads(self) -> dict[UUID, str]:
        """By their ids, and by the units one serves only for them."""
        principal, me = self._principal, self._principal.person.id
        others = principal.people - {me}
        names = dict(
            self._session.execute(select(col(Person.id), col(Person.full_name)).where(col(Person.id).in_(others))).all()
        )
        found: dict[UUID, str] = dict(names)
        for unit in self._session.scalars(select(Unit).where(col(Unit.id).in_(principal.serves))):
            offices = (unit.head_id, unit.deputy_id, unit.focal_point_id)
            absent = next((one for one in offices if one in others), None)
            if me not in offices and absent is not None:
                found[unit.id] = found[absent]
        return found

    def _line(self, row: Row[Any], need: Need | None = None) -> WorkLine:
        is_officer = row.officer_id is not None and row.officer_id in self._principal.people
        for_whom = self._for_whom.get(row.officer_id if is_officer else row.lead_unit_id)
        return read_line(row, now=self._now, calendar=self._calendar, need=need, for_whom=for_whom)
