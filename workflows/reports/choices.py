"""What there is to draw for somebody: the directives they may open, and the units whose tasks they see there."""

from typing import NamedTuple
from uuid import UUID

from sqlalchemy import func, not_, select
from sqlmodel import Session, col

from models.directives.directive import Directive, Duty, directive_name
from models.directives.launch import Launch
from models.directives.template import TemplateState, TemplateVersion
from models.organization.unit import Unit
from models.tasks.task import Task
from workflows.access.rights import Principal, overseen_tasks, visible_directives, visible_tasks


class Choice(NamedTuple):
    """One thing that can be chosen: `code` stands in the address, `name` on screen."""

    id: UUID
    code: str
    name: str


def directives_to_draw(session: Session, principal: Principal) -> list[Choice]:
    """The newest first."""
    names = (col(Directive.kind), col(Directive.number), col(Directive.subject))
    query = (
        select(col(Directive.id), col(Directive.code), *names)
        .where(visible_directives(principal))
        .order_by(col(Directive.issued_on).desc().nulls_last(), col(Directive.id).desc())
    )
    return [
        Choice(found, code, directive_name(kind, number, subject))
        for found, code, kind, number, subject in session.execute(query)
    ]


def units_to_draw(session: Session, principal: Principal, directive_id: UUID | None) -> list[Choice]:
    """Units that lead a visible task, of one directive or of all, in Vietnamese alphabetical order."""
    leads = select(col(Task.lead_unit_id)).where(visible_tasks(principal))
    if directive_id is not None:
        leads = leads.where(col(Task.directive_id) == directive_id)
    query = select(col(Unit.id), col(Unit.code), col(Unit.name)).where(col(Unit.id).in_(leads))
    return [Choice(*row) for row in session.execute(query.order_by(col(Unit.sort_key), col(Unit.code)))]


def are_all_overseen(session: Session, principal: Principal) -> bool:
    """The report counts every task that somebody sees, so that its lists hold what charts count."""
    others = select(col(Task.id)).where(visible_tasks(principal), not_(overseen_tasks(principal)))
    return session.scalars(others.limit(1)).first() is None


def is_more_than(session: Session, principal: Principal, tasks: int) -> bool:
    """Somebody sees more tasks than that; it does not count on beyond."""
    some = select(col(Task.id)).where(visible_tasks(principal)).limit(tasks + 1).subquery()
    return (session.scalar(select(func.count()).select_from(some)) or 0) > tasks


def ladders_to_draw(session: Session, directive_id: UUID) -> list[Choice]:
    """A directive's duties that have a published template, in their order; ids are the versions'."""
    query = (
        select(col(TemplateVersion.id), col(Duty.path), col(Duty.title))
        .join(Duty, col(Duty.id) == col(TemplateVersion.duty_id))
        .where(col(Duty.directive_id) == directive_id, col(TemplateVersion.state) == TemplateState.PUBLISHED)
        .order_by(col(Duty.position), col(Duty.path))
    )
    return [Choice(*row) for row in session.execute(query)]


def newest_launch(session: Session, directive_id: UUID) -> Launch | None:
    query = select(Launch).where(col(Launch.directive_id) == directive_id)
    return session.scalars(query.order_by(col(Launch.launched_at).desc(), col(Launch.id).desc()).limit(1)).first()
