"""What a written report is of: whose it is, in whose name it is written, and how it is read again."""

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
from workflows.papers.contents.collected import collected_words
from workflows.papers.contents.drafting import PaperScope, draft_narrative
from workflows.papers.contents.report_paper import report_paper
from workflows.papers.contents.unit_paper import unit_report_paper
from workflows.papers.paper import Paper
from workflows.reports.report_figures import report, report_json
from workflows.reports.report_scope import check_drawable
from workflows.rules.rights_table import Right


@dataclass(frozen=True)
class NewPaper:
    """`directive` and `unit` by code, where the kind takes them."""

    kind: ReportKind
    cutoff: date
    directive: str | None = None
    unit: str | None = None
    language: str = "vi"


def whose(session: Session, principal: Principal, wanted: NewPaper) -> tuple[Directive | None, Unit | None, Unit]:
    """Return its directive, its unit, and the office that writes it."""
    if wanted.kind is ReportKind.UNIT:
        unit = session.exec(select(Unit).where(Unit.code == (wanted.unit or ""))).first()
        if unit is None or unit.id not in principal.serves | principal.speaks_for:
            raise NotFound("there is no unit {name}{near}", name=wanted.unit or "–", near="")
        return led_by(session, wanted.directive, unit), unit, unit
    principal.require(Right.SEE_REPORT)
    if wanted.unit:
        raise BadInput("unit: it counts only for the report of a unit; choose that kind, or none here")
    if wanted.kind is ReportKind.CONSOLIDATED:
        if wanted.directive:
            raise BadInput("directive: a consolidated report is of all of them; choose another kind, or none here")
        check_drawable(session, principal)
        return None, None, own_office(session, principal)
    if not wanted.directive:
        raise BadInput("directive: choose one, for a report of a directive")
    directive = open_directive(session, principal, wanted.directive, Right.SEE_REPORT)
    follows = directive.coordinating_unit_id
    office = session.get_one(Unit, follows) if follows in principal.speaks_for else own_office(session, principal)
    return directive, None, office


def led_by(session: Session, code: str | None, unit: Unit) -> Directive | None:
    """Return a directive of which a unit leads a task; None where no code is given. NotFound for any other."""
    if not code:
        return None
    led = select(Directive).join(Task, col(Task.directive_id) == col(Directive.id))
    found = session.exec(led.where(Directive.code == code, Task.lead_unit_id == unit.id).limit(1)).first()
    if found is None:
        raise NotFound("directive {code}: there is no directive of this code", code=code)
    return found


def own_office(session: Session, principal: Principal) -> Unit:
    """Return the unit in whose name somebody writes: their own if they speak for it. Refused for none."""
    mine = principal.speaks_for
    if principal.person.unit_id in mine:
        return session.get_one(Unit, principal.person.unit_id)
    found = session.exec(select(Unit).where(col(Unit.id).in_(mine)).order_by(col(Unit.sort_key)).limit(1)).first()
    if found is None:
        raise Refused("you speak for no unit, and a report is written in a unit's name")
    return found


@dataclass(frozen=True)
class Subject:
    """What a report is of, and how it is read again, at any time, for the same cut-off."""

    row: IssuedReport
    office: Unit
    directive: Directive | None
    unit: Unit | None
    among: ColumnElement[bool]

    def figures(self, session: Session) -> dict[str, Any]:
        told = report(session, cutoff=self.row.cutoff, directive=self._scope.code, among=self.among)
        return report_json(told, self.row.language)

    def propose(self, session: Session) -> dict[str, str]:
        parts = draft_narrative(session, self._scope)
        if self.unit:
            return parts
        collected = collected_words(session, self.row.id, self.row.language)  # of one compiled by schedule
        return parts | {"general": collected or parts["general"]}

    def paper(self, session: Session, parts: Mapping[str, str], *, mark: bool) -> Paper:
        """`mark` says on the paper that it is a draft."""
        if self.unit:
            return unit_report_paper(session, self._scope, self.unit, parts, mark=mark)
        return report_paper(session, self._scope, form.read_office(session, self.office), parts, mark=mark)

    @property
    def _scope(self) -> PaperScope:
        return PaperScope(self.row.cutoff, self.directive, self.among, self.row.language, self.unit)


def subject_of(session: Session, principal: Principal, row: IssuedReport) -> Subject:
    """Return the subject as far as the person may see it."""
    among = col(Task.lead_unit_id) == row.unit_id if row.unit_id else overseen_tasks(principal)
    return Subject(
        row,
        session.get_one(Unit, row.office_unit_id),
        session.get_one(Directive, row.directive_id) if row.directive_id else None,
        session.get_one(Unit, row.unit_id) if row.unit_id else None,
        among,
    )
