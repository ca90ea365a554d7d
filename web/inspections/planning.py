"""Plan an inspection: the directive, whom, what, when, by whom; then everything once more with each unit's day."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Annotated, Any, Self
from uuid import UUID

from fastapi import APIRouter, Depends
from fastapi.responses import HTMLResponse, Response
from sqlmodel import Session
from starlette.datastructures import ImmutableMultiDict

from models.database.ids import new_id
from models.directives.directive import Directive
from models.directives.ladders import RecipientRole
from models.errors import BadInput, DondocError
from models.i18n import _, _n
from models.letters.letter_reads import told_of_launch
from models.organization.person import Person
from models.organization.register_lists import all_tags
from models.organization.register_reads import names_of_leads, people_of_units, resolve_person
from models.organization.unit import Unit, UnitKind
from models.text.localtime import read_day
from web.inspections.wording import WORDING
from web.launch.asked import form_id
from web.request.form_input import FormInput
from web.request.having_right import MayInspect
from web.request.request_context import RequestContext
from workflows.access.rights import open_directive
from workflows.inspections.order import InspectionOrder, OrderedQuestion, choose_units
from workflows.inspections.plan import plan_inspection
from workflows.launch.coverage import prove_coverage
from workflows.launch.launch_choices import directives_to_launch
from workflows.launch.launch_plan import duties_of, published
from workflows.launch.launch_tasks import Uncovered
from workflows.rules.rights_table import Right

router = APIRouter(prefix="/inspections")
MOST_NAMES = 500
KINDS = (UnitKind.DEPARTMENT, UnitKind.SUBORDINATE, UnitKind.ENTERPRISE, UnitKind.ENTERPRISE_UNIT, UnitKind.OTHER)


class PlanForm(FormInput):
    """The form as it was filled in. `visits`: the day of each unit by its code, from the check page."""

    directive: str = ""
    title: str = ""
    starts: str = ""
    ends: str = ""
    lead: str = ""
    members: str = ""
    number: str = ""
    decided: str = ""
    names: str = ""
    own: str = ""
    override: str = ""
    reason: str = ""
    kind: tuple[str, ...] = ()
    tag: tuple[str, ...] = ()
    duty: tuple[str, ...] = ()
    visits: Mapping[str, str] = {}
    unit: tuple[str, ...] = ()
    nonce: str = ""

    @classmethod
    def of(cls, given: ImmutableMultiDict[str, Any]) -> Self:
        visits = {name.removeprefix("visit-"): str(given[name]) for name in given if name.startswith("visit-")}
        return super().of(given).model_copy(update={"visits": visits})

    def pairs(self, *without: str) -> list[tuple[str, str]]:
        return super().pairs("override", "reason", "visits", "unit", "nonce", *without)

    def units(self, session: Session) -> list[Unit]:
        """BadInput for a kind that is none, or a name that no unit has."""
        try:
            kinds = [UnitKind(one) for one in self.kind]
        except ValueError as error:
            raise BadInput("units: choose at least one to inspect") from error
        return choose_units(session, kinds=kinds, tags=self.tag, names=_lines(self.names))

    def order(self, session: Session, directive: Directive, units: Sequence[Unit]) -> InspectionOrder:
        """Each unit is visited on its own day, else on the first. BadInput names the field at fault."""
        starts, ends = _day(_("first day"), self.starts), _day(_("last day"), self.ends)
        if not self.lead:
            raise BadInput("{field}: it may not be empty", field=_("head of the team"))
        chosen = duties_of(session, directive, self.duty) if self.duty else []
        questions = [OrderedQuestion(one.title, one.path) for one in chosen]
        questions += [OrderedQuestion(one) for one in _lines(self.own)]
        return InspectionOrder(
            title=self.title,
            starts_on=starts,
            ends_on=ends,
            lead_id=resolve_person(session, self.lead).id,
            member_ids=[resolve_person(session, one).id for one in _lines(self.members)],
            visits={unit.id: self._visit(unit, starts) for unit in units},
            questions=questions,
            decision_number=self.number,
            decision_on=_day(_("date of the decision"), self.decided) if self.decided else None,
            override=bool(self.override),
            reason=self.reason,
        )

    def _visit(self, unit: Unit, otherwise: date) -> date:
        given = self.visits.get(unit.code)
        return read_day(unit.name, given) if given else otherwise


def _day(label: str, given: str) -> date:
    if not given:
        raise BadInput("{field}: it may not be empty", field=label)
    return read_day(label, given)


def _lines(given: str) -> list[str]:
    return list(dict.fromkeys(line.strip() for line in given.splitlines() if line.strip()))


@router.get("/plan")
def plan_page(context: MayInspect, asked: Annotated[PlanForm, Depends(PlanForm.asked)]) -> HTMLResponse:
    if not asked.directive:
        with context.reading() as session:
            choices = directives_to_launch(session, context.principal)
        return context.page("inspections/directives.html", choices=choices)
    return _form(context, asked)


def _form(context: RequestContext, asked: PlanForm, error: DondocError | None = None) -> HTMLResponse:
    with context.reading() as session:
        directive = _open(session, context, asked.directive)
        duties = duties_of(session, directive, None)
        tags = all_tags(session)
        people = people_of_units(session, context.principal.speaks_for, MOST_NAMES)
        names = names_of_leads(session, 3)
    return context.page(
        "inspections/plan.html",
        error=error,
        asked=asked,
        names=names,
        directive=directive,
        duties=duties,
        tags=tags,
        kinds=KINDS,
        people=[(one.code, one.full_name) for one in people],
        **WORDING,
    )


@router.get("/check")
def check_page(context: MayInspect, asked: Annotated[PlanForm, Depends(PlanForm.asked)]) -> HTMLResponse:
    return _check(context, asked)


def _check(context: RequestContext, asked: PlanForm, error: DondocError | None = None) -> HTMLResponse:
    """Show what it would make, found by making it and undoing that. Faults go back to the form."""
    try:
        with context.dry_run() as session:
            directive = _open(session, context, asked.directive)
            units = asked.units(session)
            order = asked.order(session, directive, units)
            facts = _rehearsed(session, context, directive, order) if error is None else {"gaps": [], "told": {}}
            if isinstance(error, Uncovered):
                facts["gaps"] = error.coverage.gaps
            team = [session.get_one(Person, one) for one in (order.lead_id, *order.member_ids)]
    except DondocError as fault:
        return _form(context, asked, error or fault)
    return context.page(
        "inspections/check.html",
        error=error,
        asked=asked,
        units=units,
        directive=directive,
        order=order,
        team=team,
        ticked=set(asked.unit) if error else None,
        role_words=RecipientRole.labels(),
        **facts,
        **WORDING,
    )


def _rehearsed(
    session: Session, context: RequestContext, directive: Directive, order: InspectionOrder
) -> dict[str, Any]:
    """The gaps in reaching the units, and who would be written to in each."""
    everything = replace(order, override=True, reason=order.reason or "–")  # gaps are shown, and asked about
    one = plan_inspection(context.acting(session), context.principal, directive, everything, inspection_id=new_id())
    document = session.get_one(Directive, one.document_id)
    duties = duties_of(session, document, None)
    versions = published(session, [duty.id for duty in duties])
    coverage = prove_coverage(session, document, list(versions.values()), duties=duties)
    return {"gaps": coverage.gaps, "told": _told(session, one.id)}


def _told(session: Session, launch_id: UUID) -> dict[str, list[tuple[str, str]]]:
    told: dict[str, list[tuple[str, str]]] = {}
    for code, name, role in told_of_launch(session, launch_id):
        told.setdefault(code, []).append((name, role))
    return told


@router.post("")
def plan_it(context: MayInspect, asked: Annotated[PlanForm, Depends(PlanForm.sent)]) -> Response:
    """Plan it: every unit is told. A form sent twice plans it once."""
    with context.submit(lambda error: _check(context, asked, error)) as session:
        directive = _open(session, context, asked.directive)
        units = [unit for unit in asked.units(session) if unit.code in asked.unit]
        if not units:
            raise BadInput("units: choose at least one to inspect")
        one = plan_inspection(
            context.acting(session),
            context.principal,
            directive,
            asked.order(session, directive, units),
            inspection_id=form_id(asked.nonce),
        )
    return context.go(
        f"/inspections/{one.id}",
        _n("Planned; a letter goes to {count} unit.", "Planned; a letter goes to {count} units."),
        is_repeated=True,
        count=len(units),
    )


def _open(session: Session, context: RequestContext, code: str) -> Directive:
    return open_directive(session, context.principal, code, Right.INSPECT)
