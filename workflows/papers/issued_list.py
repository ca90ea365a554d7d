"""Read written reports for lists and pages, with the names of directive, unit, office and people."""

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
from workflows.papers.issue import readable_reports
from workflows.reports.report_scope import Choice

MAX_LISTED = 200


@dataclass(frozen=True)
class ListedReport:
    """One report of the list. `directive` None: a report of all directives."""

    row: IssuedReport
    directive: str | None
    office: str
    drafted_by: str
    issued_by: str | None


@dataclass(frozen=True)
class ReportDetails(ListedReport):
    """One report of a page, with its files, the report that it corrects, and those that correct it."""

    files: dict[str, str]  # SHA-256 by form
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
    """Read the reports that a person may open, the newest first. One query."""
    query = _listing().where(readable_reports(principal)).order_by(col(IssuedReport.id).desc()).limit(MAX_LISTED)
    return [_listed(*row) for row in session.execute(query)]


def read_details(session: Session, row: IssuedReport) -> ReportDetails:
    with session.no_autoflush:
        listed = _listed(*session.execute(_listing().where(col(IssuedReport.id) == row.id)).one())
        files = select(col(IssuedFile.form), col(IssuedFile.sha256)).where(col(IssuedFile.report_id) == row.id)
        corrections = select(col(IssuedReport.id)).where(
            col(IssuedReport.corrects_id) == row.id, col(IssuedReport.issued_at).is_not(None)
        )
        return ReportDetails(
            **listed.__dict__,
            files={form: sha256 for form, sha256 in session.execute(files)},
            corrects=session.get(IssuedReport, row.corrects_id) if row.corrects_id else None,
            corrected_by=tuple(session.scalars(corrections)),
        )


def _listed(
    row: IssuedReport, directive: Directive | None, office: str, drafted_by: str, issued_by: str | None
) -> ListedReport:
    name = directive_name(directive.kind, directive.number, directive.subject) if directive else None
    return ListedReport(row, name, office, drafted_by, issued_by)


def units_to_report(session: Session, principal: Principal) -> list[tuple[str, str]]:
    """Return code and name of the units in whose name the person may write a unit's report."""
    units = principal.serves | principal.speaks_for
    query = select(col(Unit.code), col(Unit.name)).where(col(Unit.id).in_(units)).order_by(col(Unit.sort_key))
    return [(code, name) for code, name in session.execute(query)]


def directives_led(session: Session, principal: Principal) -> list[Choice]:
    """Return the directives of which the person's units lead tasks, the newest first."""
    units = principal.serves | principal.speaks_for
    led = select(col(Task.directive_id)).where(col(Task.lead_unit_id).in_(units))
    query = select(Directive).where(col(Directive.id).in_(led)).order_by(col(Directive.id).desc())
    return [
        Choice(directive.id, directive.code, directive_name(directive.kind, directive.number, directive.subject))
        for directive in session.scalars(query)
    ]
