"""The launch wizard, a page a step: directive, duties, addressees, dates, preview, check.

Nothing is kept before the end: every step is an address.
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
from web.launch.asked import AskedLaunch, LaunchForm, SentLaunch, default_coordinator, form_id
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
        names = name_directives(session, [directive_code(one) for one in (*jobs, *failed)])

    def titled(found: list[BackgroundJob]) -> list[tuple[BackgroundJob, str]]:
        return [(one, context.words(job_title(one, names, context.language))) for one in found]

    return context.page(
        "launch/directives.html", choices=choices, jobs=titled(jobs), failed=titled(failed), **state_texts()
    )


@router.get("/{code}")
def duties_page(code: str, context: Signed, asked: AskedLaunch) -> HTMLResponse:
    with context.reading() as session:
        directive = _open(session, context, code)
        duties = duties_to_launch(session, directive.id)
    chosen = set(asked.duty) or {one.duty.path for one in duties if one.spec and not one.is_launched}
    return _page(context, "duties", asked, directive, duties=duties, chosen=chosen)


@dataclass(frozen=True)
class Addressees:
    """One duty's: the directive's own words, the rules with their counts, the units, and what is missing."""

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
    """The proof by duty, and all its gaps. The queries are as many for one duty as for all."""
    versions = published(session, [duty.id for duty in duties])
    register = load_register(session)
    proof = prove_coverage(session, directive, list(versions.values()), duties=duties, register=register)
    units = {unit.id: unit for unit in register.units}
    found = []
    for duty in duties:
        spec = versions[duty.id].read_spec() if duty.id in versions else None
        found.append(
            Addressees(
                duty=duty,
                says=spec.audience.says if spec else "",
                rules=rule_words(spec.audience.any, register) if spec else [],
                leading=[units[one] for one in proof.audience.get(duty.path, [])],
                partners_say=spec.coordinating.says if spec and spec.coordinating else "",
                partners=[units[one] for one in proof.coordinating.get(duty.path, [])],
                gaps=[gap for gap in proof.gaps if duty.path in gap.duty.split(", ")],
            )
        )
    return found, proof.gaps


@router.get("/{code}/audience")
def audience_page(context: Signed, asked: AskedLaunch) -> HTMLResponse:
    return _audience(context, asked)


def _audience(context: RequestContext, asked: LaunchForm, error: DondocError | None = None) -> HTMLResponse:
    with context.reading() as session:
        directive = _open(session, context, asked.code)
        duties = _chosen(session, directive, asked)
        if not duties:
            return _page(
                context,
                "duties",
                asked,
                directive,
                duties=duties_to_launch(session, directive.id),
                chosen=set(),
                error=BadInput("duty: choose at least one to launch"),
            )
        addressees, gaps = read_addressees(session, directive, [one.duty for one in duties])
    return _page(context, "audience", asked, directive, addressees=addressees, gaps=gaps, error=error)


@router.get("/{code}/dates")
def dates_page(code: str, context: Signed, asked: AskedLaunch) -> HTMLResponse:
    with context.reading() as session:
        directive = _open(session, context, code)
        duties = _chosen(session, directive, asked)
        gaps = read_addressees(session, directive, [one.duty for one in duties])[1]
        people = [(one.code, one.full_name) for one in coordinators_for(session, directive)]
    fault = _not_overridden(asked, gaps)
    if fault or not duties:
        return _audience(context, asked, fault)
    if not asked.coordinator:
        chosen = default_coordinator(context, [code for code, _name in people])
        asked = asked.model_copy(update={"coordinator": chosen})
    return _page(context, "dates", asked, directive, duties=duties, people=people)


@router.get("/{code}/preview")
def preview_page(context: Signed, asked: AskedLaunch) -> HTMLResponse:
    return planned_page(context, "preview", asked)


@router.get("/{code}/check")
def check_page(context: Signed, asked: AskedLaunch) -> HTMLResponse:
    return planned_page(context, "check", asked)


@router.post("/{code}")
def launch_it(code: str, context: Signed, asked: SentLaunch) -> Response:
    with context.submit(lambda error: planned_page(context, "check", asked, error)) as session:
        _open(session, context, code)
        job = ask_launch(context.acting(session), asked.order(session), job_id=form_id(asked.nonce), seen=asked.seen)
    return context.go(f"/background-jobs/{job.id}")


def planned_page(
    context: RequestContext, step: str, asked: LaunchForm, error: DondocError | None = None
) -> HTMLResponse:
    """Where there can be no plan, show the step that must change it."""
    with context.reading() as session:
        directive = _open(session, context, asked.code)
        people = [(one.code, one.full_name) for one in coordinators_for(session, directive)]
        duties = _chosen(session, directive, asked)
        try:
            order = asked.order(session)
            plan = plan_order(session, order, **context.moment(session))
            new = count_new(session, plan)
        except DondocError as fault:
            if not duties:
                return _audience(context, asked)
            facts = {"duties": duties, "people": people}
            return _page(context, "dates", asked, directive, error=error or fault, **facts)
    uncovered = _not_overridden(asked, plan.coverage.gaps)
    if uncovered:
        return _audience(context, asked, uncovered)
    given = {path: sum(len(batch.shares) for batch in plan.batches if batch.duty.path == path) for path in asked.duty}
    return _page(
        context,
        step,
        asked,
        directive,
        error=error,
        plan=plan,
        mark=mark_of(plan),
        duties=duties,
        new=new,
        given=given,
        count=sum(new.values()),
        starts_at=order.starts_at(context.now),
        order=order,
        coordinator=dict(people).get(asked.coordinator, asked.coordinator),
        horizons=HORIZONS,
        days_off=[one for one in plan.days_off if new.get(one.path)],
    )


def _page(
    context: RequestContext,
    step: str,
    asked: LaunchForm,
    directive: Directive,
    error: DondocError | None = None,
    **facts: Any,
) -> HTMLResponse:
    return context.page(
        f"launch/{step}.html",
        step=step,
        asked=asked,
        directive=directive,
        error=error,
        is_typed=is_typed(directive),
        **WORDING,
        **facts,
    )


def _open(session: Session, context: RequestContext, code: str) -> Directive:
    return open_directive(session, context.principal, code, Right.LAUNCH)


def _chosen(session: Session, directive: Directive, asked: LaunchForm) -> list[DutyChoice]:
    return [one for one in duties_to_launch(session, directive.id) if one.duty.path in asked.duty]


def _not_overridden(asked: LaunchForm, gaps: list[Gap]) -> DondocError | None:
    if gaps and not (asked.override and asked.reason):
        return BadInput(
            _n(
                "gaps: {count} addressee cannot be reached; complete the register, or tick the box and say why",
                "gaps: {count} addressees cannot be reached; complete the register, or tick the box and say why",
            ),
            count=len(gaps),
        )
    return None
