"""Read what the address of a report asks for, and count its figures, for the page, its lists and its files."""

from typing import Annotated
from urllib.parse import urlencode

from fastapi import Query
from pydantic import Field
from sqlmodel import Session

from models.errors import NotFound
from models.i18n import _
from models.organization.unit import UnitKind
from models.text.localtime import read_day
from web.request.given_values import AddressQuery
from web.request.request_context import RequestContext
from workflows.access.rights import overseen_tasks
from workflows.reports.report_figures import Breakdown, Report, ReportLine, report
from workflows.reports.report_scope import ReportScope, read_scope
from workflows.reports.report_tasks import ReportPart

ALL = "all"
_YES_NO = {"yes": True, "no": False, "": None}


class ReportQuery(AddressQuery):
    """The query of the address as text; "" for a missing field."""

    directive: str = ""
    cutoff: str = ""
    by: str = ""  # one breakdown alone
    figure: str = ""
    unit: str = ""
    duty: str = ""
    kind: str = ""
    partner: str = ""
    contributed: str = ""  # "yes", "no"
    period: str = ""
    dates: str = ""  # "original", else the current deadlines
    due_from: str = ""  # the first and the last deadline of the tasks
    due_to: str = ""
    page: int = Field(1, ge=1, le=10_000)

    @property
    def part(self) -> ReportPart:
        """Return the line of a breakdown. Raise NotFound for an impossible line, BadInput for a wrong day."""
        if self.contributed not in _YES_NO or self.kind not in ("", *UnitKind):
            raise NotFound("there is no such page")
        return ReportPart(
            duty=self.duty or None,
            unit=self.unit or None,
            kind=UnitKind(self.kind) if self.kind else None,
            partner=self.partner or None,
            contributed=_YES_NO[self.contributed],
            period=self.period or None,
            due_from=read_day(_("Due from"), self.due_from) if self.due_from else None,
            due_to=read_day(_("Due by"), self.due_to) if self.due_to else None,
        )


AskedReport = Annotated[ReportQuery, Query()]


def read_query_scope(session: Session, context: RequestContext, query: ReportQuery) -> ReportScope:
    """Raise BadInput for a wrong or future day, NotFound for a directive that the reader may not open."""
    return read_scope(
        session,
        context.principal,
        directive=None if query.directive in ("", ALL) else query.directive,
        cutoff=read_day(_("Cut-off"), query.cutoff) if query.cutoff else None,
        today=context.today,
    )


def count_report(session: Session, context: RequestContext, scope: ReportScope) -> Report:
    """Count the tasks that the reader oversees."""
    among = overseen_tasks(context.principal)
    return report(session, cutoff=scope.cutoff, directive=scope.directive, among=among, now=context.now)


def address_of(scope: ReportScope, breakdown: str | None = None, line: ReportLine | None = None, **more: str) -> str:
    fields = {"directive": scope.directive or ALL, "cutoff": scope.cutoff.isoformat()}
    if line is not None and breakdown is not None:
        fields |= {"directive": line.directive or scope.directive or ALL, str(breakdown): line.code}
    return urlencode({name: value for name, value in (fields | more).items() if value})


CAPTIONS = {
    Breakdown.DIRECTIVE: _("Directives by their codes"),
    Breakdown.DUTY: _("Duties in the order of the document"),
    Breakdown.KIND: _("Kinds of the lead units"),
    Breakdown.UNIT: _("Lead units in alphabetical order: this is no ranking"),
    Breakdown.PARTNER: _("Coordinating units in alphabetical order; a task with several counts for each of them"),
    Breakdown.PERIOD: _("Periods as they begin"),
}
HEADINGS = {
    Breakdown.DIRECTIVE: _("By directive"),
    Breakdown.DUTY: _("By duty"),
    Breakdown.KIND: _("By kind of unit"),
    Breakdown.UNIT: _("By unit"),
    Breakdown.PARTNER: _("By coordinating unit"),
    Breakdown.PERIOD: _("By period"),
}
