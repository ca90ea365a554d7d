"""The page "My work": a person's own tasks, ordered by what each of them needs now.

The database decides what a task needs, so that it can count and page a list of thousands. Each query is built once,
when the module is imported; `_WorkQueries` gives the parameters.
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
from workflows.worklists.work_lines import WorkLine, read_work_line, select_work_lines

DONE_LISTED = 5
NEEDS = tuple(Need)
"""The most urgent first. The database writes a need as its position here."""


def _among(column: Any, name: str) -> ColumnElement[bool]:
    return col(column).in_(bindparam(name, expanding=True))


def _conditions_of_needs() -> dict[Need, ColumnElement[bool]]:
    """Return the condition of each need but UNDER_WAY, as in the list of tasks. A task may fulfil several."""
    is_countered = (
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
        Need.ANSWER: is_countered,
        Need.ACCEPT: col(Task.status) == TaskStatus.ASSIGNED,
        Need.RETURNED: col(Task.status) == TaskStatus.RETURNED,
        Need.UNDATED: col(Task.due_at).is_(None),
        Need.DUE_SOON: and_(not_(late), col(Task.due_at) <= bindparam("horizon")),
    }


_HAS_NEED = _conditions_of_needs()
_NEED = case(
    *((condition, NEEDS.index(need)) for need, condition in _HAS_NEED.items()), else_=NEEDS.index(Need.UNDER_WAY)
)
"""The most urgent need of a task."""
_HAS_NEED[Need.UNDER_WAY] = _NEED.in_([NEEDS.index(Need.UNDER_WAY)])
_IS_OWN = col(Task.status).in_(OPEN_STATUSES) & or_(
    _among(Task.lead_unit_id, "serves"), _among(Task.officer_id, "people")
)
_BY_DATE = (col(Task.due_at).is_(None), col(Task.due_at), col(Task.id))


_COUNTS = select(
    func.count().label("all"), *(func.count().filter(_HAS_NEED[need]).label(need.value) for need in NEEDS)
).where(_IS_OWN)
"""The number of own tasks, and of those with each need. A task with several needs counts for each."""


def _paged(query: Any) -> Any:
    return query.limit(bindparam("limit", type_=Integer)).offset(bindparam("offset", type_=Integer))


def _select_own(*conditions: ColumnElement[bool]) -> Select[Any]:
    query = select(col(Task.id), _NEED.label("need")).where(_IS_OWN, *conditions).order_by(_NEED, *_BY_DATE)
    page = _paged(query).subquery()
    return select_work_lines(page, page.c.need).order_by(page.c.need, *_BY_DATE)


_OWN = _select_own()
_OWN_BY_NEED = {need: _select_own(condition) for need, condition in _HAS_NEED.items()}


_OWED = (
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


def _select_to_contribute() -> Select[Any]:
    """Select a page of other units' tasks to which an own unit still has to contribute."""
    page = _paged(select(col(Task.id)).where(col(Task.id).in_(_OWED)).order_by(*_BY_DATE)).subquery()
    return select_work_lines(page).order_by(*_BY_DATE)


_TO_CONTRIBUTE = _select_to_contribute()
_TO_CONTRIBUTE_COUNT = select(func.count()).select_from(_OWED.subquery())


def _select_done() -> Select[Any]:
    """Select the own tasks that were approved last. Each half of the union has an index of its own."""
    is_done = (col(Task.closed_at) >= bindparam("since"), col(Task.status) == TaskStatus.APPROVED)
    newest_first = col(Task.closed_at).desc()

    def newest_ids(is_own: ColumnElement[bool]) -> Any:
        query = select(col(Task.id)).where(is_own, *is_done).order_by(newest_first).limit(DONE_LISTED)
        return select(query.subquery().c.id)

    of_units = newest_ids(_among(Task.lead_unit_id, "serves"))
    of_officers = newest_ids(_among(Task.officer_id, "people"))
    return (
        select_work_lines(of_units.union(of_officers).subquery())
        .order_by(newest_first, col(Task.id))
        .limit(DONE_LISTED)
    )


_DONE = _select_done()

_ABSENCE = (
    select(col(Absence.ends_on), col(Person.full_name))
    .join(Person, col(Person.id) == col(Absence.stand_in_id))
    .where(
        col(Absence.person_id) == bindparam("me"),
        col(Absence.starts_on) <= bindparam("day"),
        col(Absence.ends_on) >= bindparam("day"),
    )
)


FEW = 20
"""Contributions that are listed below one's own tasks. The others stand on a list of their own."""
DONE_SINCE = timedelta(days=30)


@dataclass(frozen=True)
class Work:
    """What "My work" shows. `total`, `counts` and `contributions` count whole lists, not the lines of this page."""

    total: int
    counts: Mapping[Need, int]  # a task with several needs counts for each
    lines: Sequence[WorkLine]  # a page of all own tasks, or of those with the need `shown`
    shown: Need | None
    paging: Paging
    to_contribute: Sequence[WorkLine]
    contributions: int
    done: Sequence[WorkLine]
    away_until: date | None
    stand_in: str | None
    has_several_units: bool

    @property
    def by_need(self) -> dict[Need, list[WorkLine]]:
        """The lines by their most urgent need, or all of them under the need that is shown."""
        lines: dict[Need, list[WorkLine]] = {}
        for line in self.lines:
            if line.need is not None:
                lines.setdefault(self.shown or line.need, []).append(line)
        return lines


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
    """Return the person's own tasks, those with one need, or the contributions they owe.

    `page` is kept in bounds. The number of queries does not depend on the number of tasks.
    """
    queries = _WorkQueries(session, principal, now, calendar)
    total, counts = queries.counts()
    contributions = queries.count_contributions()
    listed = counts.get(shown, 0) if shown else total
    paging = Paging.of(page, contributions if contributions_only else listed)
    is_first_page = paging.page == 1 and shown is None and not contributions_only
    to_contribute: Sequence[WorkLine] = ()
    if contributions_only:
        to_contribute = queries.to_contribute(paging)
    elif is_first_page:
        to_contribute = queries.to_contribute(Paging(1, contributions, FEW))
    absence = queries.absence()
    return Work(
        total=total,
        counts=counts,
        lines=() if contributions_only else queries.own(shown, paging),
        shown=shown,
        paging=paging,
        to_contribute=to_contribute,
        contributions=contributions,
        done=queries.done() if is_first_page else (),
        away_until=absence.ends_on if absence else None,
        stand_in=absence.full_name if absence else None,
        has_several_units=len(principal.serves) > 1,
    )


class _WorkQueries:
    def __init__(self, session: Session, principal: Principal, now: datetime, calendar: WorkCalendar) -> None:
        self._session, self._principal, self._now, self._calendar = session, principal, now, calendar
        day = local_date(now)
        self._parameters = {
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
        self._absent_names = self._read_absent_names() if len(principal.people) > 1 else {}

    def counts(self) -> tuple[int, dict[Need, int]]:
        """Return the number of own tasks, and of those with each need that occurs, the most urgent first."""
        total, *counts = self._execute(_COUNTS).one()
        return total, {need: count for need, count in zip(NEEDS, counts, strict=True) if count}

    def own(self, shown: Need | None, paging: Paging) -> list[WorkLine]:
        query = _OWN if shown is None else _OWN_BY_NEED[shown]
        rows = self._execute(query, limit=paging.per_page, offset=paging.offset)
        return [self._line(row, NEEDS[row.need]) for row in rows]

    def count_contributions(self) -> int:
        return int(self._execute(_TO_CONTRIBUTE_COUNT).scalar_one())

    def to_contribute(self, paging: Paging) -> list[WorkLine]:
        rows = self._execute(_TO_CONTRIBUTE, limit=paging.per_page, offset=paging.offset)
        return [self._line(row) for row in rows]

    def done(self) -> list[WorkLine]:
        return [self._line(row) for row in self._execute(_DONE)]

    def absence(self) -> Row[date, str] | None:
        """Return the last local day (`ends_on`) of the reader's own absence, and their stand-in's `full_name`."""
        return self._session.connection().execute(_ABSENCE, self._parameters).first()

    def _execute(self, query: Any, **paging: object) -> Any:
        return self._session.connection().execute(query, self._parameters | paging)

    def _read_absent_names(self) -> dict[UUID, str]:
        """Return the names of those one stands in for, by their ids and by the units that one serves only for them."""
        principal, me = self._principal, self._principal.person.id
        others = principal.people - {me}
        people = self._session.execute(select(col(Person.id), col(Person.full_name)).where(col(Person.id).in_(others)))
        names: dict[UUID, str] = dict(people.all())
        for unit in self._session.scalars(select(Unit).where(col(Unit.id).in_(principal.serves))):
            holders = (unit.head_id, unit.deputy_id, unit.focal_point_id)
            absent_id = next((person_id for person_id in holders if person_id in others), None)
            if me not in holders and absent_id is not None:
                names[unit.id] = names[absent_id]
        return names

    def _line(self, row: Row[Any], need: Need | None = None) -> WorkLine:
        is_officer = row.officer_id is not None and row.officer_id in self._principal.people
        for_whom = self._absent_names.get(row.officer_id if is_officer else row.lead_unit_id)
        return read_work_line(row, now=self._now, calendar=self._calendar, need=need, for_whom=for_whom)
