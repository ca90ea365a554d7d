"""Create a task by hand from a conclusion, a letter or a note: document, duty, template and launch at once."""

from dataclasses import dataclass
from uuid import UUID

from sqlmodel import Session, col, select

from models.directives.directive import Directive, Duty, DutyKind
from models.directives.launch import Launch
from models.directives.template import AudienceRule, FixedDeadline, NoDeadline, RequiredResult, Selector, TemplateSpec
from models.errors import BadInput, NotFound, Refused
from models.organization.register_reads import resolve_unit
from models.organization.unit import Unit
from models.tasks.task import Task
from workflows.access.actor_context import ActorContext
from workflows.access.rights import Principal, open_directive
from workflows.history.record import record_act
from workflows.launch.launch_plan import plan_launch
from workflows.launch.launch_tasks import LaunchOutcome, carry_out
from workflows.rules.rights_table import Right
from workflows.templates.draft import new_draft
from workflows.templates.new_document import STEPS, document_code, issuer_office
from workflows.templates.publish import publish
from workflows.templates.template_check import normalise
from workflows.templates.typed_task import TypedTask, check_typed

_BY_HAND = "typed_by"


@dataclass(frozen=True)
class TypedResult:
    """The created task. Without an `outcome`, the form had been sent before."""

    directive: Directive
    duty: Duty
    task: Task | None
    outcome: LaunchOutcome | None

    @property
    def is_new(self) -> bool:
        return self.outcome is not None


def type_task(context: ActorContext, typed: TypedTask, *, launch_id: UUID) -> TypedResult:
    """Store the document if it is new, publish the duty's template and launch it to its unit.

    A form sent twice has the same `launch_id` and creates one task. Raise Refused for a secret document, BadInput (or
    BadRows) for a wrong field, and Uncovered if the lead cannot be written to, unless `override` with a reason.
    """
    session, actor, now = context.session, context.actor, context.now
    existing = session.get(Launch, launch_id)
    if existing is not None:
        return _repeat(session, existing)
    check_typed(typed, context.today)
    lead, partners = _find_units(session, typed)
    directive = _find_or_add_document(context, typed)
    coordinating_unit = session.get_one(Unit, directive.coordinating_unit_id)
    duty = _add_duty(session, directive, typed)
    spec = _make_spec(typed, duty, lead, partners, coordinating_unit)
    draft = new_draft(session, duty, spec, now=now, actor_id=actor.id)
    publish(session, draft.id, now=now, actor_id=actor.id)
    plan = plan_launch(
        session,
        directive,
        on=now,
        coordinator_id=actor.id,
        calendar=context.calendar,
        paths=[duty.path],
        due_on=None if typed.fixed_by_document else typed.due_on,
        launch_id=launch_id,
    )
    if plan.coverage.gaps and typed.override and not typed.reason.strip():
        raise BadInput("reason: say why the launch goes ahead despite the gaps")
    outcome = carry_out(session, plan, override=typed.override, reason=typed.reason)
    task = session.exec(select(Task).where(Task.launch_id == launch_id)).one()
    return TypedResult(directive, duty, task, outcome)


def check_may_type(session: Session, principal: Principal, typed: TypedTask) -> None:
    """Raise NotFound or BadInput for a document, or a unit, that the principal does not coordinate for."""
    if typed.document:
        open_directive(session, principal, typed.document, Right.LAUNCH)
        return
    unit = session.exec(select(Unit.id).where(Unit.code == typed.follows)).first()
    if unit not in principal.speaks_for:
        raise BadInput("follow-up {unit}: choose a unit that you coordinate for", unit=typed.follows or "–")


def typed_documents(session: Session, unit_ids: frozenset[UUID], *, limit: int = 20) -> list[Directive]:
    """Return the newest documents that were typed by hand and are followed up by one of these units."""
    query = (
        select(Directive).where(col(Directive.coordinating_unit_id).in_(unit_ids)).order_by(col(Directive.id).desc())
    )
    return [directive for directive in session.exec(query.limit(10 * limit)) if is_typed(directive)][:limit]


def is_typed(directive: Directive) -> bool:
    """Return whether a directive was typed by hand. Its text then holds only the sentences that assign work."""
    return _BY_HAND in directive.sources


def _find_units(session: Session, typed: TypedTask) -> tuple[Unit, list[Unit]]:
    lead = resolve_unit(session, typed.lead)
    if lead.is_outside or not lead.is_active:
        raise BadInput("lead unit {unit}: an outside or retired unit cannot lead; choose another", unit=lead.name)
    partners = [resolve_unit(session, name) for name in typed.partners if name.strip()]
    if lead.id in {unit.id for unit in partners}:
        raise BadInput("coordinating units: {unit} leads the task already", unit=lead.name)
    return lead, list({unit.id: unit for unit in partners}.values())


def _find_or_add_document(context: ActorContext, typed: TypedTask) -> Directive:
    """Return the named document with the sentence added to its text, or a new document."""
    session, quote = context.session, normalise(typed.quote)
    if typed.document:
        query = select(Directive).where(Directive.code == typed.document).with_for_update()
        document = session.exec(query).first()
        if document is None or not is_typed(document):
            raise NotFound("document {code}: it is not one that was typed by hand", code=typed.document)
        if quote not in normalise(document.text):
            document.text = f"{document.text}\n\n{quote}"
        session.flush()
        return document
    number = typed.number.strip() or None
    existing = session.exec(select(Directive).where(Directive.number == number)).first() if number else None
    if existing is not None:
        raise Refused("number {number}: this document is here already; add the task to it", number=number)
    coordinating_unit = resolve_unit(session, typed.follows)
    directive = Directive(
        code=document_code(session, typed.kind, typed.number, context.today),
        kind=typed.kind,
        number=number,
        issued_on=typed.issued_on,
        issuer=normalise(typed.issuer),
        subject=normalise(typed.subject),
        urgency=typed.urgency,
        sources={_BY_HAND: context.actor.code, "text": "Chỉ gồm các câu giao nhiệm vụ, nhập tay"},
        text=quote,
        coordinating_unit_id=coordinating_unit.id,
        issuer_office_id=issuer_office(session, coordinating_unit),
    )
    session.add(directive)
    session.flush()
    record_act(context, "directive_typed", directive.id, facts={"code": directive.code})
    return directive


def _add_duty(session: Session, directive: Directive, typed: TypedTask) -> Duty:
    paths = session.exec(select(Duty.path).where(Duty.directive_id == directive.id)).all()
    number = 1 + max((int(path) for path in paths if path.isdigit()), default=0)
    duty = Duty(
        directive_id=directive.id,
        path=str(number),
        position=len(paths) + 1,
        kind=DutyKind.ONE_OFF,
        title=normalise(typed.title),
        quote=normalise(typed.quote),
    )
    session.add(duty)
    session.flush()
    return duty


def _make_spec(typed: TypedTask, duty: Duty, lead: Unit, partners: list[Unit], coordinating_unit: Unit) -> TemplateSpec:
    coordinating = AudienceRule(any=(Selector(named=tuple(unit.code for unit in partners)),)) if partners else None
    is_fixed = typed.fixed_by_document and typed.due_on is not None
    return TemplateSpec(
        duty=duty.path,
        title=duty.title,
        kind=DutyKind.ONE_OFF,
        quote=duty.quote,
        steps=STEPS,
        audience=AudienceRule(any=(Selector(named=(lead.code,)),)),
        coordinating=coordinating,
        deadline=FixedDeadline(on=typed.due_on, fixed_by="directive") if is_fixed and typed.due_on else NoDeadline(),
        result=RequiredResult(description=normalise(typed.result), classified_mail=typed.classified_mail),
        reports_to=coordinating_unit.code,
        authority=coordinating_unit.code,
    )


def _repeat(session: Session, launch: Launch) -> TypedResult:
    task = session.exec(select(Task).where(Task.launch_id == launch.id).order_by(col(Task.id))).first()
    if task is None:
        raise Refused("this form is too old, or came from another site: open the page again and repeat it")
    directive = session.get_one(Directive, launch.directive_id)
    return TypedResult(directive, session.get_one(Duty, task.duty_id), task, None)
