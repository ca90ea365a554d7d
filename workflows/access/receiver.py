"""The receiver of a task's result: a unit that the template names, and that decides in the assigner's place.

Each query reads the template and the register, so it follows a later head, lead or version.
"""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, ScalarSelect, and_, bindparam, case, func, select
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from models.database.columns import among
from models.database.rows import chunks
from models.directives.directive import Directive, Duty
from models.directives.template import TemplateVersion
from models.organization.unit import Unit
from models.tasks.task import Task

_NAMED = col(TemplateVersion.reports_to)


def _above() -> Any:
    """Select pairs of a unit that receives results of some template, and itself or a unit above it."""
    start: Any = select(col(Unit.id).label("unit_id"), col(Unit.id).label("above_id"))
    above = start.where(col(Unit.code).in_(select(_NAMED))).cte("above_receiver", recursive=True)
    further = select(above.c.unit_id, col(Unit.parent_id)).join(Unit, col(Unit.id) == above.c.above_id)
    return above.union(further.where(col(Unit.parent_id).is_not(None)))


_ABOVE = _above()
_RECEIVER = aliased(Unit)


def _receiver() -> ScalarSelect[UUID]:
    """Build the query once, because building it takes longer than running it."""
    lead_or_below = select(_ABOVE.c.above_id).where(
        _ABOVE.c.unit_id == col(_RECEIVER.id), _ABOVE.c.above_id == col(Task.lead_unit_id)
    )
    return (
        select(col(_RECEIVER.id))
        .join(TemplateVersion, col(_RECEIVER.code) == _NAMED)
        .where(
            col(TemplateVersion.id) == col(Task.template_version_id),
            col(Task.parent_id).is_(None),  # the result of a child task goes to the unit that delegated it
            col(_RECEIVER.id) != col(Task.assigner_unit_id),
            col(_RECEIVER.is_active).is_(True),
            col(_RECEIVER.is_outside).is_(False),
            col(_RECEIVER.head_id).is_not(None),
            ~lead_or_below.correlate(Task, _RECEIVER).exists(),
        )
        .correlate(Task)
        .scalar_subquery()
    )


RECEIVER = _receiver()
"""The id of a task's receiver: an active inside unit with a head, neither the lead nor below it. NULL without one."""


def _deciding_unit_name() -> Any:
    """Build the query for the receiver's name, else the assigner's; for a unit's own task, the issuer's office."""
    is_own_task = and_(col(Task.parent_id).is_(None), col(Task.assigner_unit_id) == col(Task.lead_unit_id))
    office = select(col(Directive.issuer_office_id)).where(col(Directive.id) == col(Task.directive_id)).correlate(Task)
    assigner = case((is_own_task, office.scalar_subquery()), else_=col(Task.assigner_unit_id))
    query = select(col(Unit.name)).select_from(Task).join(Unit, col(Unit.id) == func.coalesce(RECEIVER, assigner))
    return query.where(col(Task.id) == bindparam("task"))


_DECIDING_UNIT_NAME = _deciding_unit_name()


def deciding_unit_name(session: Session, task_id: UUID) -> str:
    return str(session.execute(_DECIDING_UNIT_NAME, {"task": task_id}).scalar_one())


def receivers_of(session: Session, task_ids: Iterable[UUID]) -> dict[UUID, UUID]:
    """Return the receiver by task, for tasks that have one."""
    receivers: dict[UUID, UUID] = {}
    for chunk in chunks(task_ids):
        query = select(col(Task.id), RECEIVER).where(col(Task.id).in_(chunk), RECEIVER.is_not(None))
        receivers.update((task_id, unit_id) for task_id, unit_id in session.execute(query))
    return receivers


def directives_received_by(units: frozenset[UUID]) -> ColumnElement[bool]:
    """Select directives with a template whose results go to these units."""
    duties = select(col(Duty.directive_id)).join(TemplateVersion, col(TemplateVersion.duty_id) == col(Duty.id))
    return among(col(Directive.id), duties.where(_named_among(units)))


def _named_among(units: frozenset[UUID]) -> ColumnElement[bool]:
    return _NAMED.in_(select(col(Unit.code)).where(col(Unit.id).in_(units)))


def received_by(units: frozenset[UUID]) -> ColumnElement[bool]:
    """Select tasks whose receiver is one of these units. Indexes find them."""
    versions = select(col(TemplateVersion.id)).where(_named_among(units))
    return and_(among(col(Task.template_version_id), versions), RECEIVER.in_(units))
