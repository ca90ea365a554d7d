"""Select the decisions that wait for a person: on results, extensions, obstacles, changes of lead and questions.

Each kind is read by a partial index of its open rows, so that old decisions cost nothing. The conditions repeat in SQL
who may decide by `relations`. A question on a directive as a whole has no task and no duty: the directive's coordinator
answers it, and its unit is the unit that asks.
"""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, and_, func, literal, not_, or_, select, union, union_all
from sqlmodel import Session, col

from models.database.columns import filtering
from models.directives.directive import Directive, Duty
from models.organization.unit import Unit
from models.tasks.conversation import OPEN_ON_DIRECTIVE, OPEN_QUESTION, ConversationMessage
from models.tasks.task import IS_OPEN, OPEN_EXTENSION, OPEN_LEAD_CHANGE, Extension, LeadChange, Obstacle, Result, Task
from models.text.localtime import end_of_day, local_date
from workflows.access.receiver import RECEIVER, received_by
from workflows.access.rights import Principal, runs_directive
from workflows.rules.calendar.workdays import WorkCalendar
from workflows.rules.escalation.ladder import SET_DATE_AFTER
from workflows.rules.rights_table import Right


class Ask(StrEnum):
    """The kind of a request, in the order of the page."""

    RESULT = "result"  # to approve or to return
    EXTENSION = "extension"
    OBSTACLE = "obstacle"
    LEAD_CHANGE = "lead_change"
    QUESTION = "question"  # to the coordinator, on a task or a directive, without an answer yet
    COUNTER = "counter"  # the unit is to agree to another date
    NO_DATE = "no_date"  # a task waits for its deadline


ORDER = tuple(Ask)
"""In SQL a kind is written as its position here."""


def count_inbox(session: Session, principal: Principal, *, now: datetime, calendar: WorkCalendar) -> dict[Ask, int]:
    """Count all requests that wait for the person. Empty without the right to see the inbox."""
    if not principal.may(Right.SEE_INBOX):
        return {}
    asks = waiting_asks(principal, now, calendar)
    return _by_kind(session, select(asks.c.kind, func.count()).group_by(asks.c.kind))


def count_by_directive(
    session: Session, principal: Principal, *, now: datetime, calendar: WorkCalendar
) -> dict[str, int]:
    """Count the requests by the code of their directive."""
    query: Any = join_asks(waiting_asks(principal, now, calendar)).with_only_columns(col(Directive.code), func.count())
    return {code: count for code, count in session.execute(query.group_by(col(Directive.code)))}


def count_kinds(session: Session, asks: Any, filters: list[ColumnElement[bool]]) -> dict[Ask, int]:
    """Count `waiting_asks` by kind."""
    return _by_kind(session, join_asks(asks).add_columns(func.count()).where(*filters).group_by(asks.c.kind))


def _by_kind(session: Session, query: Any) -> dict[Ask, int]:
    counts = {ORDER[kind]: count for kind, count in session.execute(query)}
    return {kind: counts[kind] for kind in Ask if kind in counts}


def join_asks(asks: Any) -> Any:
    """Join `waiting_asks` with their directives and, where they have them, tasks, units and duties."""
    return (
        select(asks.c.kind)
        .join(Directive, col(Directive.id) == asks.c.directive_id)
        .outerjoin(Task, col(Task.id) == asks.c.task_id)
        .outerjoin(Unit, col(Unit.id) == asks.c.unit_id)
        .outerjoin(Duty, col(Duty.id) == col(Task.duty_id))
    )


def waiting_asks(principal: Principal, now: datetime, calendar: WorkCalendar) -> Any:
    """Return the requests that wait for a person, as a subquery.

    Its columns are kind, directive, task, unit, the moment since which it waits, and the row that asks.
    """
    deciding, own_units = _deciding_conditions(principal), principal.speaks_for
    decides = filtering(or_(*deciding))
    joined_tasks = select(col(Task.id)).join(Directive, col(Directive.id) == col(Task.directive_id))
    submitted = joined_tasks.where(col(Task.status) == "submitted")
    receiving = (*(and_(condition, RECEIVER.is_(None)) for condition in deciding), received_by(own_units))
    # a union, because each condition has an index of its own, and results are many
    submitted_to_person = union(*(submitted.where(condition) for condition in receiving))
    is_for_issuer = and_(col(Extension.by_issuer), col(Directive.issuer_office_id).in_(own_units))
    is_own = or_(col(Task.lead_unit_id).in_(principal.serves), col(Task.officer_id).in_(principal.people))

    def asks_of(kind: Ask, table: Any, since: Any) -> Any:
        open_tasks = joined_tasks.with_only_columns(
            literal(ORDER.index(kind)).label("kind"),
            col(Task.directive_id).label("directive_id"),
            col(Task.id).label("task_id"),
            col(Task.lead_unit_id).label("unit_id"),
            since.label("since"),
            col(table.id).label("ref"),
        ).where(IS_OPEN)
        return open_tasks if table is Task else open_tasks.join(table, col(table.task_id) == col(Task.id))

    return union_all(
        asks_of(Ask.RESULT, Result, col(Task.wait_since)).where(
            col(Result.decision).is_(None), col(Task.status) == "submitted", col(Task.id).in_(submitted_to_person)
        ),
        asks_of(Ask.EXTENSION, Extension, col(Extension.asked_at)).where(
            OPEN_EXTENSION,
            col(Extension.state) == "open",
            or_(is_for_issuer, and_(not_(col(Extension.by_issuer)), decides)),
        ),
        asks_of(Ask.OBSTACLE, Obstacle, col(Obstacle.raised_at)).where(
            col(Obstacle.answered_at).is_(None), col(Obstacle.authority_unit_id).in_(own_units | principal.serves)
        ),
        asks_of(Ask.LEAD_CHANGE, LeadChange, col(LeadChange.asked_at)).where(
            OPEN_LEAD_CHANGE, col(Task.status) != "submitted", decides
        ),
        asks_of(Ask.QUESTION, ConversationMessage, col(ConversationMessage.written_at)).where(OPEN_QUESTION, decides),
        *([_questions_on_directives(principal)] if principal.may(Right.LAUNCH) else []),
        asks_of(Ask.COUNTER, Extension, col(Extension.decided_at)).where(
            OPEN_EXTENSION, col(Extension.state) == "countered", is_own
        ),
        asks_of(Ask.NO_DATE, Task, col(Task.assigned_at)).where(
            col(Task.due_at).is_(None),
            col(Task.parent_id).is_(None),
            col(Task.status) != "submitted",
            col(Task.assigned_at) < end_of_day(calendar.add(local_date(now), -SET_DATE_AFTER)),
            decides,
        ),
    ).subquery("asks")


def _questions_on_directives(principal: Principal) -> Any:
    """Return the open questions on directives that the person coordinates, in the columns of `waiting_asks`."""
    question = ConversationMessage
    columns: Any = select(
        literal(ORDER.index(Ask.QUESTION)),
        *(col(question.directive_id), col(question.task_id), col(question.unit_id)),
        *(col(question.written_at), col(question.id)),
    )
    return columns.join(Directive, col(Directive.id) == col(question.directive_id)).where(
        OPEN_ON_DIRECTIVE, runs_directive(principal)
    )


def _deciding_conditions(principal: Principal) -> tuple[ColumnElement[bool], ...]:
    """Return the conditions of which one makes the person decide on a task.

    They decide for the unit that assigned it, as its coordinator, or for the issuer's office if a unit assigned the
    task to itself. The results of a task may go to another unit.
    """
    is_self_assigned = and_(col(Task.parent_id).is_(None), col(Task.assigner_unit_id) == col(Task.lead_unit_id))
    return (
        and_(not_(is_self_assigned), col(Task.assigner_unit_id).in_(principal.speaks_for)),
        and_(not_(is_self_assigned), col(Task.coordinator_id).in_(principal.people)),
        and_(is_self_assigned, col(Directive.issuer_office_id).in_(principal.speaks_for)),
    )
