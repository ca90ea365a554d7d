"""Which decisions wait for whom: results, more time, difficulties, changes of lead, questions, missing dates.

Each kind is found by the partial index of what is open of it, so that the cost is that of what waits, never of what was
decided over the years. Who decides is `relations`' rule, written as conditions. A question on a directive as a whole
has no task and no duty: whoever coordinates the directive answers it, and the unit is that which asks.
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
    """What is asked for, in the order of the page."""

    RESULT = "result"  # approve, or return
    EXTENSION = "extension"
    OBSTACLE = "obstacle"
    LEAD_CHANGE = "lead_change"
    QUESTION = "question"  # to the coordinator, on a task or a directive; it has no answer yet
    COUNTER = "counter"  # the unit is asked whether it agrees to another date
    NO_DATE = "no_date"


ORDER = tuple(Ask)
"""A kind is a number in SQL: its place here."""


def count_inbox(session: Session, principal: Principal, *, now: datetime, calendar: WorkCalendar) -> dict[Ask, int]:
    """No filter applies. Empty without the right to see the inbox."""
    if not principal.may(Right.SEE_INBOX):
        return {}
    asks = waiting_asks(principal, now, calendar)
    return _by_kind(session, select(asks.c.kind, func.count()).group_by(asks.c.kind))


def count_by_directive(
    session: Session, principal: Principal, *, now: datetime, calendar: WorkCalendar
) -> dict[str, int]:
    """Keys are the directives' codes."""
    query: Any = joined(waiting_asks(principal, now, calendar)).with_only_columns(col(Directive.code), func.count())
    return {code: count for code, count in session.execute(query.group_by(col(Directive.code)))}


def count_kinds(session: Session, asks: Any, filters: list[ColumnElement[bool]]) -> dict[Ask, int]:
    """`asks` come from `waiting_asks`."""
    return _by_kind(session, joined(asks).add_columns(func.count()).where(*filters).group_by(asks.c.kind))


def _by_kind(session: Session, query: Any) -> dict[Ask, int]:
    found = {ORDER[kind]: count for kind, count in session.execute(query)}
    return {kind: found[kind] for kind in Ask if kind in found}


def joined(asks: Any) -> Any:
    """Return a query of `waiting_asks` with their directives and, where they have them, tasks, units and duties."""
    return (
        select(asks.c.kind)
        .join(Directive, col(Directive.id) == asks.c.directive_id)
        .outerjoin(Task, col(Task.id) == asks.c.task_id)
        .outerjoin(Unit, col(Unit.id) == asks.c.unit_id)
        .outerjoin(Duty, col(Duty.id) == col(Task.duty_id))
    )


def waiting_asks(principal: Principal, now: datetime, calendar: WorkCalendar) -> Any:
    """Return everything that waits for somebody: kind, directive, task, unit, since when, and the row that asks."""
    ways, own = _decides(principal), principal.speaks_for
    decides = filtering(or_(*ways))
    submitted = select(col(Task.id)).join(Directive, col(Directive.id) == col(Task.directive_id))
    submitted = submitted.where(col(Task.status) == "submitted")
    receives = (*(and_(way, RECEIVER.is_(None)) for way in ways), received_by(own))
    put = union(*(submitted.where(way) for way in receives))  # each way by its own index: of results there are many
    authority = own | principal.serves
    by_issuer = and_(col(Extension.by_issuer), col(Directive.issuer_office_id).in_(own))
    mine = or_(col(Task.lead_unit_id).in_(principal.serves), col(Task.officer_id).in_(principal.people))
    with_office = select(col(Task.id)).join(Directive, col(Directive.id) == col(Task.directive_id))

    def of(kind: Ask, table: Any, since: Any) -> Any:
        open_tasks = with_office.with_only_columns(
            literal(ORDER.index(kind)).label("kind"),
            col(Task.directive_id).label("directive_id"),
            col(Task.id).label("task_id"),
            col(Task.lead_unit_id).label("unit_id"),
            since.label("since"),
            col(table.id).label("ref"),
        ).where(IS_OPEN)
        return open_tasks if table is Task else open_tasks.join(table, col(table.task_id) == col(Task.id))

    return union_all(
        of(Ask.RESULT, Result, col(Task.wait_since)).where(
            col(Result.decision).is_(None), col(Task.status) == "submitted", col(Task.id).in_(put)
        ),
        of(Ask.EXTENSION, Extension, col(Extension.asked_at)).where(
            OPEN_EXTENSION,
            col(Extension.state) == "open",
            or_(by_issuer, and_(not_(col(Extension.by_issuer)), decides)),
        ),
        of(Ask.OBSTACLE, Obstacle, col(Obstacle.raised_at)).where(
            col(Obstacle.answered_at).is_(None), col(Obstacle.authority_unit_id).in_(authority)
        ),
        of(Ask.LEAD_CHANGE, LeadChange, col(LeadChange.asked_at)).where(
            OPEN_LEAD_CHANGE, col(Task.status) != "submitted", decides
        ),
        of(Ask.QUESTION, ConversationMessage, col(ConversationMessage.written_at)).where(OPEN_QUESTION, decides),
        *([_on_directives(principal)] if principal.may(Right.LAUNCH) else []),
        of(Ask.COUNTER, Extension, col(Extension.decided_at)).where(
            OPEN_EXTENSION, col(Extension.state) == "countered", mine
        ),
        of(Ask.NO_DATE, Task, col(Task.assigned_at)).where(
            col(Task.due_at).is_(None),
            col(Task.parent_id).is_(None),
            col(Task.status) != "submitted",
            col(Task.assigned_at) < end_of_day(calendar.add(local_date(now), -SET_DATE_AFTER)),
            decides,
        ),
    ).subquery("asks")


def _on_directives(principal: Principal) -> Any:
    """Return the open questions on directives that somebody coordinates, in the columns of `waiting_asks`."""
    asked = ConversationMessage
    columns: Any = select(
        literal(ORDER.index(Ask.QUESTION)),
        *(col(asked.directive_id), col(asked.task_id), col(asked.unit_id), col(asked.written_at), col(asked.id)),
    )
    return columns.join(Directive, col(Directive.id) == col(asked.directive_id)).where(
        OPEN_ON_DIRECTIVE, runs_directive(principal)
    )


def _decides(principal: Principal) -> tuple[ColumnElement[bool], ...]:
    """Return the tasks on which somebody decides, by what makes it theirs: for the assigner, as coordinator; on a task
    that a unit assigned to itself, for the issuer's office. Results may be another unit's to decide on.
    """
    own_lead = and_(col(Task.parent_id).is_(None), col(Task.assigner_unit_id) == col(Task.lead_unit_id))
    return (
        and_(not_(own_lead), col(Task.assigner_unit_id).in_(principal.speaks_for)),
        and_(not_(own_lead), col(Task.coordinator_id).in_(principal.people)),
        and_(own_lead, col(Directive.issuer_office_id).in_(principal.speaks_for)),
    )
