"""Which unit decides on a task's result in the assigner's place: the one that its template says the result goes to.

The template's code and the register's rows are asked anew each time, so a later head, lead or version is followed.
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
    """The pairs (unit, itself or a unit above it) of every unit that some template's results go to."""
    start: Any = select(col(Unit.id).label("unit_id"), col(Unit.id).label("above_id"))
    above = start.where(col(Unit.code).in_(select(_NAMED))).cte("above_receiver", recursive=True)
    further = select(above.c.unit_id, col(Unit.parent_id)).join(Unit, col(Unit.id) == above.c.above_id)
    return above.union(further.where(col(Unit.parent_id).is_not(None)))


_ABOVE = _above()
_RECEIVER = aliased(Unit)


def _receiver() -> ScalarSelect[UUID]:
    """Written down once: to build it takes longer than to ask it."""
    of_the_lead = select(_ABOVE.c.above_id).where(
        _ABOVE.c.unit_id == col(_RECEIVER.id), _ABOVE.c.above_id == col(Task.lead_unit_id)
    )
    return (
        select(col(_RECEIVER.id))
        .join(TemplateVersion, col(_RECEIVER.code) == _NAMED)
        .where(
            col(TemplateVersion.id) == col(Task.template_version_id),
            col(Task.parent_id).is_(None),  # a part goes to who handed it down
            col(_RECEIVER.id) != col(Task.assigner_unit_id),
            col(_RECEIVER.is_active).is_(True),
            col(_RECEIVER.is_outside).is_(False),
            col(_RECEIVER.head_id).is_not(None),
            ~of_the_lead.correlate(Task, _RECEIVER).exists(),
        )
        .correlate(Task)
        .scalar_subquery()
    )


RECEIVER = _receiver()
"""By task: an active unit of ours with a head, neither the lead nor below it; NULL where the assigner decides."""


def _name_of_deciding() -> Any:
    """The receiver's name, else the assigner's; of what a unit assigned to itself, the issuer's office's."""
    own = and_(col(Task.parent_id).is_(None), col(Task.assigner_unit_id) == col(Task.lead_unit_id))
    office = select(col(Directive.issuer_office_id)).where(col(Directive.id) == col(Task.directive_id)).correlate(Task)
    deciding = func.coalesce(RECEIVER, case((own, office.scalar_subquery()), else_=col(Task.assigner_unit_id)))
    named = select(col(Unit.name)).select_from(Task).join(Unit, col(Unit.id) == deciding)
    return named.where(col(Task.id) == bindparam("task"))


_NAME_OF_DECIDING = _name_of_deciding()


def name_of_deciding(session: Session, task_id: UUID) -> str:
    """The name of the unit that decides on a task's result."""
    return str(session.execute(_NAME_OF_DECIDING, {"task": task_id}).scalar_one())


def receivers_of(session: Session, task_ids: Iterable[UUID]) -> dict[UUID, UUID]:
    """By task, the unit that decides on its result in the assigner's place, where there is one."""
    found: dict[UUID, UUID] = {}
    for chunk in chunks(task_ids):
        asked = select(col(Task.id), RECEIVER).where(col(Task.id).in_(chunk), RECEIVER.is_not(None))
        found.update((task_id, unit_id) for task_id, unit_id in session.execute(asked))
    return found


def directives_received_by(units: frozenset[UUID]) -> ColumnElement[bool]:
    """They have a template whose results go to these units."""
    duties = select(col(Duty.directive_id)).join(TemplateVersion, col(TemplateVersion.duty_id) == col(Duty.id))
    return among(col(Directive.id), duties.where(_named_among(units)))


def _named_among(units: frozenset[UUID]) -> ColumnElement[bool]:
    return _NAMED.in_(select(col(Unit.code)).where(col(Unit.id).in_(units)))


def received_by(units: frozenset[UUID]) -> ColumnElement[bool]:
    """On their results these units decide in the assigner's place; found by index."""
    versions = select(col(TemplateVersion.id)).where(_named_among(units))
    return and_(among(col(Task.template_version_id), versions), RECEIVER.in_(units))
