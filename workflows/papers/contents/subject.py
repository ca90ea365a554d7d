"""The subject of a written report: its directive, its unit, the office that writes it, and its tasks."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, select

from models.directives.directive import Directive
from models.errors import BadInput, NotFound, Refused
from models.organization.unit import Unit
from models.papers.issued_report import IssuedReport, ReportKind
from models.tasks.task import Task
from workflows.access.rights import Principal, open_directive, overseen_tasks
from workflows.papers import form
from workflows.papers.contents.collected import say_collection
from workflows.papers.contents.drafting import PaperScope, draft_narrative, read_material
from workflows.papers.contents.report_paper import report_paper
from workflows.papers.contents.unit_paper import unit_report_paper
from workflows.papers.paper import Paper
from workflows.papers.paper_wording import Writer
from workflows.reports.report_figures import report, report_json
from workflows.reports.report_scope import check_drawable
from workflows.rules.rights_table import Right


@dataclass(frozen=True)
class NewPaper:
    """What a person asks for. `directive` and `unit` are codes; None where the kind takes none."""

    kind: ReportKind
    cutoff: date
    directive: str | None = None
    unit: str | None = None
    language: str = "vi"


@dataclass(frozen=True)
class PaperParties:
    """The directive and the unit that a report covers (None: all), and the office that writes it."""

    directive: Directive | None
    unit: Unit | None
    office: Unit


def find_parties(session: Session, principal: Principal, wanted: NewPaper) -> PaperParties:
    """Find the parties of a report. NotFound, BadInput or Forbidden where the person may not write it."""
    if wanted.kind is ReportKind.UNIT:
        unit = session.exec(select(Unit).where(Unit.code == (wanted.unit or ""))).first()
        if unit is None or unit.id not in principal.serves | principal.speaks_for:
            raise NotFound("there is no unit {name}{near}", name=wanted.unit or "–", near="")
        return PaperParties(find_led_directive(session, wanted.directive, unit), unit, unit)
    principal.require(Right.SEE_REPORT)
    if wanted.unit:
        raise BadInput("unit: it counts only for the report of a unit; choose that kind, or none here")
    if wanted.kind is ReportKind.CONSOLIDATED:
        if wanted.directive:
            raise BadInput("directive: a consolidated report is of all of them; choose another kind, or none here")
        check_drawable(session, principal)
        return PaperParties(None, None, own_office(session, principal))
    if not wanted.directive:
        raise BadInput("directive: choose one, for a report of a directive")
    directive = open_directive(session, principal, wanted.directive, Right.SEE_REPORT)
    if directive.coordinating_unit_id in principal.speaks_for:
        office = session.get_one(Unit, directive.coordinating_unit_id)
    else:
        office = own_office(session, principal)
    return PaperParties(directive, None, office)


def find_led_directive(session: Session, code: str | None, unit: Unit) -> Directive | None:
    """Return the directive of this code, None without a code. NotFound if the unit leads no task of it."""
    if not code:
        return None
    led = select(Directive).join(Task, col(Task.directive_id) == col(Directive.id))
    directive = session.exec(led.where(Directive.code == code, Task.lead_unit_id == unit.id).limit(1)).first()
    if directive is None:
        raise NotFound("directive {code}: there is no directive of this code", code=code)
    return directive


def own_office(session: Session, principal: Principal) -> Unit:
    """Return the unit in whose name a person writes: their own if they speak for it. Refused if they speak for none."""
    units = principal.speaks_for
    if principal.person.unit_id in units:
        return session.get_one(Unit, principal.person.unit_id)
    office = session.exec(select(Unit).where(col(Unit.id).in_(units)).order_by(col(Unit.sort_key)).limit(1)).first()
    if office is None:
        raise Refused("you speak for no unit, and a report is written in a unit's name")
    return office


@dataclass(frozen=True)
class Subject:
    """The subject of one report. Its figures can be read again at any time, for the same cut-off."""

    row: IssuedReport
    office: Unit
    directive: Directive | None
    unit: Unit | None
    among: ColumnElement[bool]

    def figures(self, session: Session) -> dict[str, Any]:
        figures = report(session, cutoff=self.row.cutoff, directive=self._scope.code, among=self.among)
        return report_json(figures, self.row.language)

    def propose_narrative(self, session: Session) -> dict[str, str]:
        parts = draft_narrative(read_material(session, self._scope), Writer(self.row.language))
        if not self.unit:
            parts["general"] = say_collection(session, self.row.id, self.row.language)
        return parts

    def paper(self, session: Session, parts: Mapping[str, str], *, mark: bool) -> Paper:
        """Write the paper. `mark`: it says that it is a draft."""
        if self.unit:
            return unit_report_paper(session, self._scope, self.unit, parts, mark=mark)
        return report_paper(session, self._scope, form.read_office(session, self.office), parts, mark=mark)

    @property
    def _scope(self) -> PaperScope:
        return PaperScope(self.row.cutoff, self.directive, self.among, self.row.language, self.unit)


def read_subject(session: Session, principal: Principal, row: IssuedReport) -> Subject:
    """Read the subject with those tasks alone that the person may see."""
    among = col(Task.lead_unit_id) == row.unit_id if row.unit_id else overseen_tasks(principal)
    return Subject(
        row,
        session.get_one(Unit, row.office_unit_id),
        session.get_one(Directive, row.directive_id) if row.directive_id else None,
        session.get_one(Unit, row.unit_id) if row.unit_id else None,
        among,
    )
