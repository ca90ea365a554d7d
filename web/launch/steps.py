"""The pages of the launch wizard: directive, duties, addressees, dates, preview, check.

Nothing is stored before the end. The address holds the state of each step.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response
from sqlmodel import Session

from models.directives.directive import Directive, Duty
from models.errors import BadInput, DondocError
from models.i18n import Words, _n
from models.operations.background_job import LAUNCH, PREVIEW, BackgroundJob
from web.launch.launch_form import AskedLaunch, LaunchForm, SentLaunch, default_coordinator, form_id
from web.launch.wording import WORDING
from web.monitoring.background_job_pages import directive_code, job_title, state_texts
from web.request.having_right import MayLaunch
from web.request.request_context import RequestContext, Signed
from workflows.access.rights import open_directive
from workflows.jobs.launch_preview import HORIZONS
from workflows.launch.coverage import Gap, load_register, prove_coverage
from workflows.launch.failed_launches import failed_of
from workflows.launch.launch_choices import DutyChoice, directives_to_launch, duties_to_launch
from workflows.launch.launch_order import ask_launch, mark_of, plan_order
from workflows.launch.launch_plan import coordinators_for, count_new, published
from workflows.launch.type_task import is_typed
from workflows.queue.background_jobs import list_background_jobs
from workflows.rules.audience import UnitFacts
from workflows.rules.rights_table import Right
from workflows.templates.audience_words import rule_words
from workflows.templates.template_list import name_directives

router = APIRouter(prefix="/launch")


@router.get("")
def directives_page(context: MayLaunch, directive: str = "") -> Response:
    if directive:
        return context.go(f"/launch/{directive}")
    with context.reading() as session:
        choices = directives_to_launch(session, context.principal)
        jobs = list_background_jobs(session, context.principal, kinds=(LAUNCH, PREVIEW), limit=10)
        failed = failed_of(session, context.person.id)
        names = name_directives(session, [directive_code(job) for job in (*jobs, *failed)])

    def add_titles(jobs: list[BackgroundJob]) -> list[tuple[BackgroundJob, str]]:
        return [(job, context.words(job_title(job, names, context.language))) for job in jobs]

    return context.page(
        "launch/directives.html", choices=choices, jobs=add_titles(jobs), failed=add_titles(failed), **state_texts()
    )


@router.get("/{code}")
def duties_page(code: str, context: Signed, form: AskedLaunch) -> HTMLResponse:
    with context.reading() as session:
        directive = _open(session, context, code)
        duties = duties_to_launch(session, directive.id)
    chosen = set(form.duty) or {choice.duty.path for choice in duties if choice.spec and not choice.is_launched}
    return _page(context, "duties", form, directive, duties=duties, chosen=chosen)


@dataclass(frozen=True)
class Addressees:
    """The addressees of one duty: the directive's own words (`says`), the rules, the units and the gaps."""

    duty: Duty
    says: str
    rules: list[Words]
    leading: list[UnitFacts]
    partners_say: str
    partners: list[UnitFacts]
    gaps: list[Gap]


def read_addressees(
    session: Session, directive: Directive, duties: Sequence[Duty]
) -> tuple[list[Addressees], list[Gap]]:
    """Return the addressees by duty, and all gaps. The number of queries does not depend on the duties."""
    versions = published(session, [duty.id for duty in duties])
    register = load_register(session)
    coverage = prove_coverage(session, directive, list(versions.values()), duties=duties, register=register)
    units = {unit.id: unit for unit in register.units}
    addressees = []
    for duty in duties:
        spec = versions[duty.id].read_spec() if duty.id in versions else None
        addressees.append(
            Addressees(
                duty=duty,
                says=spec.audience.says if spec else "",
                rules=rule_words(spec.audience.any, register) if spec else [],
                leading=[units[unit_id] for unit_id in coverage.audience.get(duty.path, [])],
                partners_say=spec.coordinating.says if spec and spec.coordinating else "",
                partners=[units[unit_id] for unit_id in coverage.coordinating.get(duty.path, [])],
                gaps=[gap for gap in coverage.gaps if duty.path in gap.duty.split(", ")],
            )
        )
    return addressees, coverage.gaps


@router.get("/{code}/audience")
def audience_page(context: Signed, form: AskedLaunch) -> HTMLResponse:
    return _audience(context, form)


def _audience(context: RequestContext, form: LaunchForm, error: DondocError | None = None) -> HTMLResponse:
    with context.reading() as session:
        directive = _open(session, context, form.code)
        duties = _chosen(session, directive, form)
        if not duties:
            return _page(
                context,
                "duties",
                form,
                directive,
                duties=duties_to_launch(session, directive.id),
                chosen=set(),
                error=BadInput("duty: choose at least one to launch"),
            )
        addressees, gaps = read_addressees(session, directive, [choice.duty for choice in duties])
    return _page(context, "audience", form, directive, addressees=addressees, gaps=gaps, error=error)


@router.get("/{code}/dates")
def dates_page(code: str, context: Signed, form: AskedLaunch) -> HTMLResponse:
    with context.reading() as session:
        directive = _open(session, context, code)
        duties = _chosen(session, directive, form)
        gaps = read_addressees(session, directive, [choice.duty for choice in duties])[1]
        people = [(person.code, person.full_name) for person in coordinators_for(session, directive)]
    gap_error = _not_overridden(form, gaps)
    if gap_error or not duties:
        return _audience(context, form, gap_error)
    if not form.coordinator:
        chosen = default_coordinator(context, [code for code, _name in people])
        form = form.model_copy(update={"coordinator": chosen})
    return _page(context, "dates", form, directive, duties=duties, people=people)


@router.get("/{code}/preview")
def preview_page(context: Signed, form: AskedLaunch) -> HTMLResponse:
    return planned_page(context, "preview", form)


@router.get("/{code}/check")
def check_page(context: Signed, form: AskedLaunch) -> HTMLResponse:
    return planned_page(context, "check", form)


@router.post("/{code}")
def order_launch(code: str, context: Signed, form: SentLaunch) -> Response:
    with context.submit(lambda error: planned_page(context, "check", form, error)) as session:
        _open(session, context, code)
        job = ask_launch(context.acting(session), form.order(session), job_id=form_id(form.nonce), seen=form.seen)
    return context.go(f"/background-jobs/{job.id}")


def planned_page(
    context: RequestContext, step: str, form: LaunchForm, error: DondocError | None = None
) -> HTMLResponse:
    """Show a page of the plan, or the step that must be corrected if there can be no plan."""
    with context.reading() as session:
        directive = _open(session, context, form.code)
        people = [(person.code, person.full_name) for person in coordinators_for(session, directive)]
        duties = _chosen(session, directive, form)
        try:
            order = form.order(session)
            plan = plan_order(session, order, **context.moment(session))
            new = count_new(session, plan)
        except DondocError as plan_error:
            if not duties:
                return _audience(context, form)
            facts = {"duties": duties, "people": people}
            return _page(context, "dates", form, directive, error=error or plan_error, **facts)
    uncovered = _not_overridden(form, plan.coverage.gaps)
    if uncovered:
        return _audience(context, form, uncovered)
    planned = {path: sum(len(batch.shares) for batch in plan.batches if batch.duty.path == path) for path in form.duty}
    return _page(
        context,
        step,
        form,
        directive,
        error=error,
        plan=plan,
        mark=mark_of(plan),
        duties=duties,
        new=new,
        given=planned,
        count=sum(new.values()),
        starts_at=order.starts_at(context.now),
        order=order,
        coordinator=dict(people).get(form.coordinator, form.coordinator),
        horizons=HORIZONS,
        days_off=[day_off for day_off in plan.days_off if new.get(day_off.path)],
    )


def _page(
    context: RequestContext,
    step: str,
    form: LaunchForm,
    directive: Directive,
    error: DondocError | None = None,
    **facts: Any,
) -> HTMLResponse:
    return context.page(
        f"launch/{step}.html",
        step=step,
        form=form,
        directive=directive,
        error=error,
        is_typed=is_typed(directive),
        **WORDING,
        **facts,
    )


def _open(session: Session, context: RequestContext, code: str) -> Directive:
    return open_directive(session, context.principal, code, Right.LAUNCH)


def _chosen(session: Session, directive: Directive, form: LaunchForm) -> list[DutyChoice]:
    return [choice for choice in duties_to_launch(session, directive.id) if choice.duty.path in form.duty]


def _not_overridden(form: LaunchForm, gaps: list[Gap]) -> DondocError | None:
    if gaps and not (form.override and form.reason):
        return BadInput(
            _n(
                "gaps: {count} addressee cannot be reached; complete the register, or tick the box and say why",
                "gaps: {count} addressees cannot be reached; complete the register, or tick the box and say why",
            ),
            count=len(gaps),
        )
    return None
