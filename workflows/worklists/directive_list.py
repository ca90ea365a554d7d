"""The directives somebody may see, a page at a time, each with how its tasks stand."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, case, exists, func, select
from sqlmodel import Session, col

from models.database.paging import Paging
from models.directives.directive import Directive, Urgency, directive_name
from models.tasks.task import IS_OPEN, OPEN_STATUSES, Task, TaskStatus
from workflows.access.rights import Principal, overseen_tasks, runs_directive, visible_directives
from workflows.rules.tasks.classification import Completion
from workflows.worklists.search import read_query
from workflows.worklists.task_list import Shown, state_condition

PER_PAGE = 20
_TASK_IS_OPEN = col(Task.status).in_(OPEN_STATUSES)
_IN_THE_REPORT = (
    col(Task.parent_id).is_(None),
    col(Task.is_drill).is_(False),
    col(Task.status) != TaskStatus.WITHDRAWN,
)
"""The tasks that the official report counts."""


@dataclass(frozen=True)
class Listing:
    """What is looked for: words in number and subject (marks do not matter), those one runs, those with open tasks."""

    words: str = ""
    mine: bool = False
    open: bool = False


@dataclass(frozen=True)
class DirectiveCounts:
    """How many root tasks in earnest stand where; `done` and `overdue` as in the report."""

    total: int = 0
    done: int = 0
    open: int = 0
    overdue: int = 0
    not_accepted: int = 0
    waiting: int = 0  # for somebody's decision
    undated: int = 0

    @property
    def completion(self) -> Completion:
        return Completion(self.done, self.overdue, self.total)


@dataclass(frozen=True)
class ListedDirective:
    id: UUID
    code: str
    kind: str
    number: str | None
    issued_on: date | None
    issuer: str
    subject: str
    urgency: Urgency
    tally: DirectiveCounts

    @property
    def name(self) -> str:
        return directive_name(self.kind, self.number, self.subject)


@dataclass(frozen=True)
class DirectivePage:
    """One page, and whether there is any directive at all, whatever was looked for."""

    listed: Sequence[ListedDirective]
    paging: Paging
    any: bool


def list_directives(
    session: Session, principal: Principal, wanted: Listing, *, now: datetime, page: int = 1
) -> DirectivePage:
    """The newest stand first. Four queries, whatever there is."""
    visible, conditions = visible_directives(principal), _conditions(principal, wanted)
    found = session.scalar(select(func.count()).select_from(Directive).where(*conditions)) or 0
    is_any = bool(found) or session.scalar(select(col(Directive.id)).where(visible).limit(1)) is not None
    paging = Paging.of(page, found, PER_PAGE)
    query = _named(conditions).order_by(col(Directive.issued_on).desc().nulls_last(), col(Directive.code))
    listed = _listed(session, principal, query.limit(paging.per_page).offset(paging.offset), now)
    return DirectivePage(listed, paging, is_any)


def follow_directives(
    session: Session, principal: Principal, wanted: Listing, *, now: datetime, after: UUID | None, limit: int
) -> list[ListedDirective]:
    """At most `limit` of them in the order of their coming in, after one where its id is given. Two queries."""
    conditions = _conditions(principal, wanted)
    if after is not None:
        conditions.append(col(Directive.id) > after)
    return _listed(session, principal, _named(conditions).order_by(col(Directive.id)).limit(limit), now)


def suggest_directives(session: Session, principal: Principal, words: str, most: int) -> list[tuple[str, str]]:
    """Return numbers and subjects, the newest first; the code where there is no number."""
    named = func.coalesce(col(Directive.number), col(Directive.code))
    query = select(named, col(Directive.subject)).where(*_conditions(principal, Listing(words)))
    newest = query.order_by(col(Directive.issued_on).desc().nulls_last(), col(Directive.code)).limit(most)
    return [(name, subject) for name, subject in session.execute(newest)]


def _conditions(principal: Principal, wanted: Listing) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [visible_directives(principal)]
    conditions += [col(Directive.search_text).like(chunk.pattern) for chunk in read_query(wanted.words)]
    if wanted.mine:
        conditions.append(runs_directive(principal))
    if wanted.open:
        conditions.append(
            exists().where(col(Task.directive_id) == col(Directive.id), _TASK_IS_OPEN, _counts(principal))
        )
    return conditions


def _named(conditions: Sequence[ColumnElement[bool]]) -> Any:
    return select(
        *(col(Directive.id), col(Directive.code), col(Directive.kind), col(Directive.number)),
        *(col(Directive.issued_on), col(Directive.issuer), col(Directive.subject), col(Directive.urgency)),
    ).where(*conditions)


def _listed(session: Session, principal: Principal, query: Any, now: datetime) -> list[ListedDirective]:
    rows = session.execute(query).all()
    tallies = _tallies(session, principal, [row.id for row in rows], now)
    return [ListedDirective(**row._asdict(), tally=tallies.get(row.id, DirectiveCounts())) for row in rows]


def _counts(principal: Principal) -> ColumnElement[bool]:
    return and_(overseen_tasks(principal), *_IN_THE_REPORT)


def count_open(session: Session, now: datetime) -> DirectiveCounts:
    """Count the whole office; `done` is left at 0, for it costs all that ever was."""
    query: Any = select(func.count(), *_sums(now)).where(IS_OPEN, *_IN_THE_REPORT)
    return DirectiveCounts(*(int(one or 0) for one in session.execute(query).one()))


def _tallies(session: Session, principal: Principal, ids: Sequence[UUID], now: datetime) -> dict[UUID, DirectiveCounts]:
    query: Any = select(col(Task.directive_id), func.count().label("total"), *_sums(now))
    query = query.where(col(Task.directive_id).in_(ids), _counts(principal)).group_by(col(Task.directive_id))
    return {row[0]: DirectiveCounts(*map(int, row[1:])) for row in session.execute(query)}


def _sums(now: datetime) -> list[ColumnElement[int]]:
    of_each = {
        "done": Shown.DONE,
        "open": Shown.OPEN,
        "overdue": Shown.LATE,
        "not_accepted": Shown.NEW,
        "waiting": Shown.WAITING,
        "undated": Shown.UNDATED,
    }
    return [func.sum(case((state_condition(one, now), 1), else_=0)).label(name) for name, one in of_each.items()]
