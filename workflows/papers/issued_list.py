"""Written reports as lists and pages show them: with the names of directive, unit, office and people."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from models.directives.directive import Directive, directive_name
from models.organization.person import Person
from models.organization.unit import Unit
from models.papers.issued_report import IssuedFile, IssuedReport
from models.tasks.task import Task
from workflows.access.rights import Principal
from workflows.papers.issue import readable
from workflows.reports.choices import Choice

LISTED = 200


@dataclass(frozen=True)
class ListedReport:
    """`directive` is None for a report of all directives."""

    row: IssuedReport
    directive: str | None
    office: str
    drafted_by: str
    issued_by: str | None


@dataclass(frozen=True)
class About(ListedReport):
    """And what a page of its own says beside: its files with their marks, what it corrects, what corrects it."""

    files: dict[str, str]
    corrects: IssuedReport | None
    corrected_by: tuple[UUID, ...]


def _listing() -> Any:
    issuer: Any = aliased(Person)
    query: Any = select(IssuedReport, Directive, col(Unit.name), col(Person.full_name), issuer.full_name)
    return (
        query.join(Unit, col(Unit.id) == col(IssuedReport.office_unit_id))
        .join(Person, col(Person.id) == col(IssuedReport.drafted_by))
        .outerjoin(Directive, col(Directive.id) == col(IssuedReport.directive_id))
        .outerjoin(issuer, col(issuer.id) == col(IssuedReport.issued_by))
    )


def list_reports(session: Session, principal: Principal) -> list[ListedReport]:
    """The newest first, as far as somebody may open them. One query."""
    query = _listing().where(readable(principal)).order_by(col(IssuedReport.id).desc()).limit(LISTED)
    return [_listed(*found) for found in session.execute(query)]


def read_about(session: Session, row: IssuedReport) -> About:
    with session.no_autoflush:
        found = _listed(*session.execute(_listing().where(col(IssuedReport.id) == row.id)).one())
        files = select(col(IssuedFile.form), col(IssuedFile.sha256)).where(col(IssuedFile.report_id) == row.id)
        newer = select(col(IssuedReport.id)).where(
            col(IssuedReport.corrects_id) == row.id, col(IssuedReport.issued_at).is_not(None)
        )
        return About(
            **found.__dict__,
            files={form: mark for form, mark in session.execute(files)},
            corrects=session.get(IssuedReport, row.corrects_id) if row.corrects_id else None,
            corrected_by=tuple(session.scalars(newer)),
        )


def _listed(
    row: IssuedReport, directive: Directive | None, office: str, drafted_by: str, issued_by: str | None
) -> ListedReport:
    name = directive_name(directive.kind, directive.number, directive.subject) if directive else None
    return ListedReport(row, name, office, drafted_by, issued_by)


def units_to_report(session: Session, principal: Principal) -> list[tuple[str, str]]:
    """Return the units in whose name somebody may write a unit's report: code and name."""
    mine = principal.serves | principal.speaks_for
    query = select(col(Unit.code), col(Unit.name)).where(col(Unit.id).in_(mine)).order_by(col(Unit.sort_key))
    return [(code, name) for code, name in session.execute(query)]


def directives_led(session: Session, principal: Principal) -> list[Choice]:
    """The newest comes first."""
    mine = principal.serves | principal.speaks_for
    led = select(col(Task.directive_id)).where(col(Task.lead_unit_id).in_(mine))
    query = select(Directive).where(col(Directive.id).in_(led)).order_by(col(Directive.id).desc())
    return [
        Choice(one.id, one.code, directive_name(one.kind, one.number, one.subject)) for one in session.scalars(query)
    ]
