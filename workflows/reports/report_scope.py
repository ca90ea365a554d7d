"""What a report is asked of: a cut-off that has come, a directive that may be opened, and whose part of it is shown."""

from dataclasses import dataclass
from datetime import date

from sqlmodel import Session, col, select

from models.errors import BadInput
from models.organization.unit import Unit
from models.text.localtime import write_date
from workflows.access.rights import Principal, is_run_by, open_directive
from workflows.reports.choices import is_more_than
from workflows.rules.rights_table import Right

MAY_DRAW = 50_000
"""Tasks whose history the pictures of all directives follow week by week while their reader waits."""


@dataclass(frozen=True)
class ReportScope:
    """What is counted: one directive or all (None), at a cut-off; `only` names the units whose part the reader sees."""

    directive: str | None
    cutoff: date
    only: list[str]


def read_scope(
    session: Session, principal: Principal, *, directive: str | None, cutoff: date | None, today: date
) -> ReportScope:
    """BadInput for a day that is to come; NotFound for a directive that one may not open."""
    check_cutoff(cutoff, today)
    if directive is not None:
        open_directive(session, principal, directive, Right.SEE_REPORT)
    return ReportScope(directive, cutoff or today, whose_part(session, principal, directive))


def check_drawable(session: Session, principal: Principal) -> None:
    """BadInput where the pictures of all that somebody sees are too much for one reader to wait for."""
    if is_more_than(session, principal, MAY_DRAW):
        raise BadInput("directive: more than {count} tasks in all; choose one directive", count=MAY_DRAW)


def check_cutoff(cutoff: date | None, today: date) -> None:
    """BadInput for a cut-off that is still to come."""
    if cutoff is not None and cutoff > today:
        raise BadInput("cut-off {day}: it is still to come; expected today or earlier", day=write_date(cutoff))


def whose_part(session: Session, principal: Principal, directive: str | None) -> list[str]:
    """The units through which somebody sees a part only; [] where they see all of it."""
    if principal.may(Right.SEE_EVERYTHING):
        return []
    if directive and is_run_by(session, principal, open_directive(session, principal, directive, Right.SEE_REPORT)):
        return []
    query = select(Unit.name).where(col(Unit.id).in_(principal.speaks_for)).order_by(col(Unit.sort_key))
    return list(session.exec(query)) or [principal.person.full_name]
