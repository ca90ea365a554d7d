"""A person's own work: what needs them now, first. Read in a fixed number of queries, however much there is.

What a task needs is decided by the database, so that a list of thousands is counted and paged there.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, case, func, or_, select
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from models.localtime import end_of_day, local_date
from models.person import Absence, Person
from models.task import OPEN_STATUSES, Contribution, Extension, Obstacle, Task, TaskStatus, WaitKind
from models.unit import Unit
from workflows.rights import Place
from workflows.rules.need import SOON, Need
from workflows.rules.workdays import WorkCalendar
from workflows.task_lines import Line, read_line, task_lines

PER_PAGE = 50
FEW = 20
"""So many of what others ask of the person; the rest stands on the pages for it."""
DONE_LISTED, DONE_SINCE = 5, timedelta(days=30)


@dataclass(frozen=True)
class Work:
    """Everything the list says. `counts` are of all tasks of one's own; `lines` are a page of them, or of one need."""

    counts: Mapping[Need, int]
    lines: Sequence[Line]
    shown: Need | None
    page: int
    last_page: int
    to_decide: Sequence[Line]
    to_contribute: Sequence[Line]
    done: Sequence[Line]
    away_until: date | None
    stand_in: str | None
    has_several_units: bool

    @property
    def total(self) -> int:
        return sum(self.counts.values())


def read_work(
    session: Session, place: Place, *, now: datetime, calendar: WorkCalendar, shown: Need | None = None, page: int = 1
) -> Work:
    """The list of somebody, or those of its tasks that need one thing. `page` counts from 1 and is kept in bounds."""
    desk = _Desk(session, place, now, calendar)
    counts = desk.counts()
    total = counts.get(shown, 0) if shown else sum(counts.values())
    last = max(1, -(-total // PER_PAGE))
    page = min(max(page, 1), last)
    first = page == 1 and shown is None
    absence = desk.absence()
    return Work(
        counts=counts,
        lines=desk.own(shown, page),
        shown=shown,
        page=page,
        last_page=last,
        to_decide=desk.to_decide() if first else (),
        to_contribute=desk.to_contribute() if first else (),
        done=desk.done() if first else (),
        away_until=absence[0] if absence else None,
        stand_in=absence[1] if absence else None,
        has_several_units=len(place.serves) > 1,
    )


class _Desk:
    def __init__(self, session: Session, place: Place, now: datetime, calendar: WorkCalendar) -> None:
        self._session, self._place, self._now, self._calendar = session, place, now, calendar
        horizon = end_of_day(calendar.add(local_date(now), SOON))
        self._need = _need(now, horizon)
        self._for_whom = self._absent_heads() if len(place.people) > 1 else {}

    def counts(self) -> dict[Need, int]:
        """How many of one's own tasks need what, in the order of need."""
        needs = select(self._need.label("need")).where(self._mine()).subquery()
        rows = self._session.execute(select(needs.c.need, func.count()).group_by(needs.c.need))
        found = {_NEEDS[rank]: count for rank, count in rows}
        return {need: found[need] for need in Need if need in found}

    def own(self, shown: Need | None, page: int) -> list[Line]:
        """A page of one's own tasks."""
        query = select(col(Task.id), self._need.label("need")).where(self._mine())
        if shown is not None:
            query = query.where(self._need == _NEEDS.index(shown))
        ordered = query.order_by(self._need, col(Task.due_at).is_(None), col(Task.due_at), col(Task.id))
        chosen = ordered.limit(PER_PAGE).offset((page - 1) * PER_PAGE).subquery()
        rows = self._session.execute(
            task_lines(chosen.c.need)
            .join(chosen, chosen.c.id == col(Task.id))
            .order_by(chosen.c.need, col(Task.due_at).is_(None), col(Task.due_at), col(Task.id))
        )
        return [self._line(row, _NEEDS[row.need]) for row in rows]

    def to_decide(self) -> list[Line]:
        """What units below wait for, and difficulties that were put to one's unit: the longest waiting first."""
        place, parent = self._place, aliased(Task)
        handed_down = (
            select(col(Task.id))
            .join(parent, col(parent.id) == col(Task.parent_id))
            .where(
                col(parent.lead_unit_id).in_(place.serves),
                col(parent.status).in_(OPEN_STATUSES),
                col(Task.assigner_unit_id).in_(place.speaks_for),
                col(Task.wait_kind).in_((WaitKind.DECISION, WaitKind.EXTENSION, WaitKind.LEAD_CHANGE)),
            )
        )
        put_to_us = select(col(Obstacle.task_id)).where(
            col(Obstacle.authority_unit_id).in_(place.serves | place.speaks_for), col(Obstacle.answered_at).is_(None)
        )
        chosen = handed_down.union(put_to_us).subquery()
        query = task_lines().where(col(Task.id).in_(select(chosen.c.id)), col(Task.status).in_(OPEN_STATUSES))
        rows = self._session.execute(query.order_by(col(Task.wait_since), col(Task.id)).limit(FEW))
        return [self._line(row) for row in rows]

    def to_contribute(self) -> list[Line]:
        """Tasks of other units to which one's own has yet to contribute."""
        units = self._place.serves | self._place.speaks_for
        query = (
            task_lines()
            .join(Contribution, col(Contribution.task_id) == col(Task.id))
            .where(
                col(Contribution.unit_id).in_(units),
                col(Contribution.contributed_at).is_(None),
                col(Task.status).in_(OPEN_STATUSES),
            )
        )
        ordered = query.order_by(col(Task.due_at).is_(None), col(Task.due_at), col(Task.id)).limit(FEW)
        return [self._line(row) for row in self._session.execute(ordered)]

    def done(self) -> list[Line]:
        """What was closed last."""
        since = (col(Task.closed_at) >= self._now - DONE_SINCE, col(Task.status) == TaskStatus.APPROVED)
        newest = col(Task.closed_at).desc()
        mine = (col(Task.lead_unit_id).in_(self._place.serves), col(Task.officer_id).in_(self._place.people))
        some = [
            select(select(col(Task.id)).where(one, *since).order_by(newest).limit(DONE_LISTED).subquery().c.id)
            for one in mine
        ]
        chosen = some[0].union(some[1]).subquery()
        query = (
            task_lines().where(col(Task.id).in_(select(chosen.c.id))).order_by(newest, col(Task.id)).limit(DONE_LISTED)
        )
        return [self._line(row) for row in self._session.execute(query)]

    def absence(self) -> tuple[date, str] | None:
        """Until which local day one is away oneself, and who stands in."""
        day = local_date(self._now)
        row = self._session.execute(
            select(col(Absence.ends_on), col(Person.full_name))
            .join(Person, col(Person.id) == col(Absence.stand_in_id))
            .where(
                col(Absence.person_id) == self._place.person.id,
                col(Absence.starts_on) <= day,
                col(Absence.ends_on) >= day,
            )
        ).first()
        return (row[0], row[1]) if row else None

    def _mine(self) -> ColumnElement[bool]:
        place = self._place
        led_or_held = or_(col(Task.lead_unit_id).in_(place.serves), col(Task.officer_id).in_(place.people))
        return col(Task.status).in_(OPEN_STATUSES) & led_or_held

    def _absent_heads(self) -> dict[UUID, str]:
        """Of those one stands in for: their names, by their own id and by the units one serves only in their place."""
        place, me = self._place, self._place.person.id
        others = place.people - {me}
        names = dict(
            self._session.execute(select(col(Person.id), col(Person.full_name)).where(col(Person.id).in_(others))).all()
        )
        found: dict[UUID, str] = dict(names)
        for unit in self._session.scalars(select(Unit).where(col(Unit.id).in_(place.serves))):
            offices = (unit.head_id, unit.deputy_id, unit.focal_point_id)
            absent = next((one for one in offices if one in others), None)
            if me not in offices and absent is not None:
                found[unit.id] = found[absent]
        return found

    def _line(self, row: Row[Any], need: Need | None = None) -> Line:
        is_officer = row.officer_id is not None and row.officer_id in self._place.people
        for_whom = self._for_whom.get(row.officer_id if is_officer else row.lead_unit_id)
        return read_line(row, now=self._now, calendar=self._calendar, need=need, for_whom=for_whom)


_NEEDS = tuple(Need)


def _need(now: datetime, horizon: datetime) -> ColumnElement[int]:
    """The rank of what a task needs: its place in `Need`."""
    rank = _NEEDS.index
    countered = (
        select(col(Extension.id))
        .where(col(Extension.task_id) == col(Task.id), col(Extension.state) == "countered")
        .correlate(Task)
        .exists()
    )
    return case(
        (col(Task.wait_kind).is_not(None), rank(Need.WAITING)),
        (col(Task.incident_id).is_not(None), rank(Need.INCIDENT)),
        (col(Task.due_at) <= now, rank(Need.LATE)),
        (countered, rank(Need.ANSWER)),
        (col(Task.status) == TaskStatus.ASSIGNED, rank(Need.ACCEPT)),
        (col(Task.status) == TaskStatus.RETURNED, rank(Need.RETURNED)),
        (col(Task.due_at).is_(None), rank(Need.UNDATED)),
        (col(Task.due_at) <= horizon, rank(Need.DUE_SOON)),
        else_=rank(Need.UNDER_WAY),
    )
