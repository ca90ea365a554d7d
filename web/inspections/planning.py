"""The pages that plan an inspection: its form, and a page that checks everything with the day of each unit."""

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
from web.launch.launch_form import form_id
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
MAX_PEOPLE = 500
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
        """Return the units to inspect. BadInput for an unknown kind, or a name that no unit has."""
        try:
            kinds = [UnitKind(kind) for kind in self.kind]
        except ValueError as error:
            raise BadInput("units: choose at least one to inspect") from error
        return choose_units(session, kinds=kinds, tags=self.tag, names=_lines(self.names))

    def order(self, session: Session, directive: Directive, units: Sequence[Unit]) -> InspectionOrder:
        """Return the order, with each unit's own day or else the first one. BadInput names the field at fault."""
        starts, ends = _day(_("first day"), self.starts), _day(_("last day"), self.ends)
        if not self.lead:
            raise BadInput("{field}: it may not be empty", field=_("head of the team"))
        duties = duties_of(session, directive, self.duty) if self.duty else []
        questions = [OrderedQuestion(duty.title, duty.path) for duty in duties]
        questions += [OrderedQuestion(text) for text in _lines(self.own)]
        return InspectionOrder(
            title=self.title,
            starts_on=starts,
            ends_on=ends,
            lead_id=resolve_person(session, self.lead).id,
            member_ids=[resolve_person(session, name).id for name in _lines(self.members)],
            visits={unit.id: self._visit(unit, starts) for unit in units},
            questions=questions,
            decision_number=self.number,
            decision_on=_day(_("date of the decision"), self.decided) if self.decided else None,
            override=bool(self.override),
            reason=self.reason,
        )

    def _visit(self, unit: Unit, otherwise: date) -> date:
        day = self.visits.get(unit.code)
        return read_day(unit.name, day) if day else otherwise


def _day(label: str, text: str) -> date:
    if not text:
        raise BadInput("{field}: it may not be empty", field=label)
    return read_day(label, text)


def _lines(text: str) -> list[str]:
    return list(dict.fromkeys(line.strip() for line in text.splitlines() if line.strip()))


@router.get("/plan")
def plan_page(context: MayInspect, form: Annotated[PlanForm, Depends(PlanForm.from_query)]) -> HTMLResponse:
    if not form.directive:
        with context.reading() as session:
            choices = directives_to_launch(session, context.principal)
        return context.page("inspections/directives.html", choices=choices)
    return _form(context, form)


def _form(context: RequestContext, form: PlanForm, error: DondocError | None = None) -> HTMLResponse:
    with context.reading() as session:
        directive = _open(session, context, form.directive)
        duties = duties_of(session, directive, None)
        tags = all_tags(session)
        people = people_of_units(session, context.principal.speaks_for, MAX_PEOPLE)
        names = names_of_leads(session, 3)
    return context.page(
        "inspections/plan.html",
        error=error,
        asked=form,
        names=names,
        directive=directive,
        duties=duties,
        tags=tags,
        kinds=KINDS,
        people=[(person.code, person.full_name) for person in people],
        **WORDING,
    )


@router.get("/check")
def check_page(context: MayInspect, form: Annotated[PlanForm, Depends(PlanForm.from_query)]) -> HTMLResponse:
    return _check(context, form)


def _check(context: RequestContext, form: PlanForm, error: DondocError | None = None) -> HTMLResponse:
    """Show what the plan would make, found by planning it in a transaction that is undone. Faults show the form."""
    try:
        with context.dry_run() as session:
            directive = _open(session, context, form.directive)
            units = form.units(session)
            order = form.order(session, directive, units)
            facts = _rehearse(session, context, directive, order) if error is None else {"gaps": [], "told": {}}
            if isinstance(error, Uncovered):
                facts["gaps"] = error.coverage.gaps
            team = [session.get_one(Person, person_id) for person_id in (order.lead_id, *order.member_ids)]
    except DondocError as fault:
        return _form(context, form, error or fault)
    return context.page(
        "inspections/check.html",
        error=error,
        asked=form,
        units=units,
        directive=directive,
        order=order,
        team=team,
        ticked=set(form.unit) if error else None,
        role_words=RecipientRole.labels(),
        **facts,
        **WORDING,
    )


def _rehearse(
    session: Session, context: RequestContext, directive: Directive, order: InspectionOrder
) -> dict[str, Any]:
    """Plan the inspection, and return the gaps in reaching the units and the people who get letters, by unit."""
    whole_order = replace(
        order, override=True, reason=order.reason or "–"
    )  # the page shows gaps and asks whether to go on
    inspection = plan_inspection(
        context.acting(session), context.principal, directive, whole_order, inspection_id=new_id()
    )
    document = session.get_one(Directive, inspection.document_id)
    duties = duties_of(session, document, None)
    versions = published(session, [duty.id for duty in duties])
    coverage = prove_coverage(session, document, list(versions.values()), duties=duties)
    return {"gaps": coverage.gaps, "told": _read_told_people(session, inspection.id)}


def _read_told_people(session: Session, launch_id: UUID) -> dict[str, list[tuple[str, str]]]:
    people_by_unit: dict[str, list[tuple[str, str]]] = {}
    for code, name, role in told_of_launch(session, launch_id):
        people_by_unit.setdefault(code, []).append((name, role))
    return people_by_unit


@router.post("")
def plan_it(context: MayInspect, form: Annotated[PlanForm, Depends(PlanForm.sent)]) -> Response:
    """Plan the inspection and inform every unit. A form that is sent twice plans it once."""
    with context.submit(lambda error: _check(context, form, error)) as session:
        directive = _open(session, context, form.directive)
        units = [unit for unit in form.units(session) if unit.code in form.unit]
        if not units:
            raise BadInput("units: choose at least one to inspect")
        inspection = plan_inspection(
            context.acting(session),
            context.principal,
            directive,
            form.order(session, directive, units),
            inspection_id=form_id(form.nonce),
        )
    return context.go(
        f"/inspections/{inspection.id}",
        _n("Planned; a letter goes to {count} unit.", "Planned; a letter goes to {count} units."),
        is_repeated=True,
        count=len(units),
    )


def _open(session: Session, context: RequestContext, code: str) -> Directive:
    return open_directive(session, context.principal, code, Right.INSPECT)
