"""Check what a report is to count, and list what its reader may choose: directives, units, and ladders."""

from dataclasses import dataclass
from datetime import date
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, not_
from sqlalchemy import select as columns
from sqlmodel import Session, col, func, select

from models.directives.directive import Directive, Duty, directive_name
from models.directives.launch import Launch
from models.directives.template import TemplateState, TemplateVersion
from models.errors import BadInput
from models.organization.unit import Unit
from models.tasks.task import Task
from models.text.localtime import write_date
from workflows.access.rights import (
    Principal,
    is_run_by,
    open_directive,
    overseen_tasks,
    visible_directives,
    visible_tasks,
)
from workflows.rules.rights_table import Right

MAY_DRAW = 50_000
"""The most tasks whose history the charts of all directives follow while their reader waits."""


@dataclass(frozen=True)
class ReportScope:
    """The directive (None: all) and the cut-off to count. `only` names the units if the reader sees only their part."""

    directive: str | None
    cutoff: date
    only: list[str]


def read_scope(
    session: Session, principal: Principal, *, directive: str | None, cutoff: date | None, today: date
) -> ReportScope:
    """Raise BadInput for a day in the future, NotFound for a directive that the principal may not open."""
    check_cutoff(cutoff, today)
    if directive is not None:
        open_directive(session, principal, directive, Right.SEE_REPORT)
    return ReportScope(directive, cutoff or today, whose_part(session, principal, directive))


def check_drawable(session: Session, principal: Principal) -> None:
    """Raise BadInput where somebody sees too many tasks to wait for charts of all of them."""
    if has_more_tasks_than(session, MAY_DRAW, visible_tasks(principal)):
        raise BadInput("directive: more than {count} tasks in all; choose one directive", count=MAY_DRAW)


def check_cutoff(cutoff: date | None, today: date) -> None:
    if cutoff is not None and cutoff > today:
        raise BadInput("cut-off {day}: it is still to come; expected today or earlier", day=write_date(cutoff))


def whose_part(session: Session, principal: Principal, directive: str | None) -> list[str]:
    """Return the names of the units whose part somebody sees, or [] where they see everything."""
    if principal.may(Right.SEE_EVERYTHING):
        return []
    if directive and is_run_by(session, principal, open_directive(session, principal, directive, Right.SEE_REPORT)):
        return []
    query = select(Unit.name).where(col(Unit.id).in_(principal.speaks_for)).order_by(col(Unit.sort_key))
    return list(session.exec(query)) or [principal.person.full_name]


def has_more_tasks_than(session: Session, most: int, *conditions: ColumnElement[bool]) -> bool:
    """Return whether more than this number of tasks meet the conditions. The database stops counting there."""
    some = select(Task.id).where(*conditions).limit(most + 1).subquery()
    return (session.scalar(select(func.count()).select_from(some)) or 0) > most


class Choice(NamedTuple):
    """One entry of a list to choose from. `code` stands in the address, `name` on screen."""

    id: UUID
    code: str
    name: str


def directives_to_draw(session: Session, principal: Principal) -> list[Choice]:
    """Return the directives that somebody may open, the newest first."""
    names = (col(Directive.kind), col(Directive.number), col(Directive.subject))
    query = (
        columns(col(Directive.id), col(Directive.code), *names)
        .where(visible_directives(principal))
        .order_by(col(Directive.issued_on).desc().nulls_last(), col(Directive.id).desc())
    )
    return [
        Choice(directive_id, code, directive_name(kind, number, subject))
        for directive_id, code, kind, number, subject in session.execute(query)
    ]


def units_to_draw(session: Session, principal: Principal, directive_id: UUID | None) -> list[Choice]:
    """Return the units that lead a visible task of one directive or all, in Vietnamese alphabetical order."""
    leads = columns(col(Task.lead_unit_id)).where(visible_tasks(principal))
    if directive_id is not None:
        leads = leads.where(col(Task.directive_id) == directive_id)
    query = columns(col(Unit.id), col(Unit.code), col(Unit.name)).where(col(Unit.id).in_(leads))
    return [Choice(*row) for row in session.execute(query.order_by(col(Unit.sort_key), col(Unit.code)))]


def are_all_overseen(session: Session, principal: Principal) -> bool:
    """Return whether somebody oversees every task that they see. Only then a report's lists match the charts."""
    others = columns(col(Task.id)).where(visible_tasks(principal), not_(overseen_tasks(principal)))
    return session.scalars(others.limit(1)).first() is None


def ladders_to_draw(session: Session, directive_id: UUID) -> list[Choice]:
    """Return a directive's duties with a published template, in document order, by the ids of the versions."""
    query = (
        columns(col(TemplateVersion.id), col(Duty.path), col(Duty.title))
        .join(Duty, col(Duty.id) == col(TemplateVersion.duty_id))
        .where(col(Duty.directive_id) == directive_id, col(TemplateVersion.state) == TemplateState.PUBLISHED)
        .order_by(col(Duty.position), col(Duty.path))
    )
    return [Choice(*row) for row in session.execute(query)]


def newest_launch(session: Session, directive_id: UUID) -> Launch | None:
    query = columns(Launch).where(col(Launch.directive_id) == directive_id)
    return session.scalars(query.order_by(col(Launch.launched_at).desc(), col(Launch.id).desc()).limit(1)).first()
