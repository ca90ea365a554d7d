"""The list of directives that a person may see, each with counts of its tasks."""

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
from workflows.worklists.task_filter import ShownTasks, state_condition

PER_PAGE = 20
_NEWEST_FIRST = (col(Directive.issued_on).desc().nulls_last(), col(Directive.code))
_IN_THE_REPORT = (
    col(Task.parent_id).is_(None),
    col(Task.is_drill).is_(False),
    col(Task.status) != TaskStatus.WITHDRAWN,
)
"""The tasks that the official report counts."""


@dataclass(frozen=True)
class DirectiveFilter:
    words: str = ""  # in number and subject; accents need not match
    mine: bool = False  # only directives that the reader runs
    open: bool = False  # only directives with open tasks


@dataclass(frozen=True)
class DirectiveCounts:
    """The root tasks of a directive by state, as the report counts them: without drills."""

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
    directives: Sequence[ListedDirective]
    paging: Paging
    any: bool  # whether the person sees any directive, whatever the filter


def list_directives(
    session: Session, principal: Principal, wanted: DirectiveFilter, *, now: datetime, page: int = 1
) -> DirectivePage:
    """Return a page, the newest directive first. It takes four queries."""
    visible, conditions = visible_directives(principal), _conditions(principal, wanted)
    total = session.scalar(select(func.count()).select_from(Directive).where(*conditions)) or 0
    is_any = bool(total) or session.scalar(select(col(Directive.id)).where(visible).limit(1)) is not None
    paging = Paging.of(page, total, PER_PAGE)
    query = _select_directives(conditions).order_by(*_NEWEST_FIRST).limit(paging.per_page).offset(paging.offset)
    return DirectivePage(_read_directives(session, principal, query, now), paging, is_any)


def follow_directives(
    session: Session, principal: Principal, wanted: DirectiveFilter, *, now: datetime, after: UUID | None, limit: int
) -> list[ListedDirective]:
    """Return at most `limit` directives that came in after the given one, in that order. It takes two queries."""
    conditions = _conditions(principal, wanted)
    if after is not None:
        conditions.append(col(Directive.id) > after)
    query = _select_directives(conditions).order_by(col(Directive.id)).limit(limit)
    return _read_directives(session, principal, query, now)


def suggest_directives(session: Session, principal: Principal, words: str, most: int) -> list[tuple[str, str]]:
    """Return numbers and subjects, the newest first; the code where there is no number."""
    name = func.coalesce(col(Directive.number), col(Directive.code))
    query = select(name, col(Directive.subject)).where(*_conditions(principal, DirectiveFilter(words)))
    return [(name, subject) for name, subject in session.execute(query.order_by(*_NEWEST_FIRST).limit(most))]


def _conditions(principal: Principal, wanted: DirectiveFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [visible_directives(principal)]
    conditions += [col(Directive.search_text).like(chunk.pattern) for chunk in read_query(wanted.words)]
    if wanted.mine:
        conditions.append(runs_directive(principal))
    if wanted.open:
        conditions.append(
            exists().where(
                col(Task.directive_id) == col(Directive.id), col(Task.status).in_(OPEN_STATUSES), _counts(principal)
            )
        )
    return conditions


def _select_directives(conditions: Sequence[ColumnElement[bool]]) -> Any:
    return select(
        *(col(Directive.id), col(Directive.code), col(Directive.kind), col(Directive.number)),
        *(col(Directive.issued_on), col(Directive.issuer), col(Directive.subject), col(Directive.urgency)),
    ).where(*conditions)


def _read_directives(session: Session, principal: Principal, query: Any, now: datetime) -> list[ListedDirective]:
    rows = session.execute(query).all()
    tasks: Any = select(col(Task.directive_id), func.count().label("total"), *_sums(now))
    tasks = tasks.where(col(Task.directive_id).in_([row.id for row in rows]), _counts(principal))
    counts = {
        directive_id: DirectiveCounts(*map(int, numbers))
        for directive_id, *numbers in session.execute(tasks.group_by(col(Task.directive_id)))
    }
    return [ListedDirective(**row._asdict(), tally=counts.get(row.id, DirectiveCounts())) for row in rows]


def _counts(principal: Principal) -> ColumnElement[bool]:
    return and_(overseen_tasks(principal), *_IN_THE_REPORT)


def count_open(session: Session, now: datetime) -> DirectiveCounts:
    """Count the open tasks of the whole office. `done` stays 0: counting it would read every task of all years."""
    query: Any = select(func.count(), *_sums(now)).where(IS_OPEN, *_IN_THE_REPORT)
    return DirectiveCounts(*(int(number or 0) for number in session.execute(query).one()))


def _sums(now: datetime) -> list[ColumnElement[int]]:
    """Return the fields of DirectiveCounts after `total`, in their order."""
    lists = {
        "done": ShownTasks.DONE,
        "open": ShownTasks.OPEN,
        "overdue": ShownTasks.LATE,
        "not_accepted": ShownTasks.NEW,
        "waiting": ShownTasks.WAITING,
        "undated": ShownTasks.UNDATED,
    }
    return [func.sum(case((state_condition(shown, now), 1), else_=0)).label(name) for name, shown in lists.items()]
