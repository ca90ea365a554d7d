"""Plan an inspection: its document, its checklist, and one task per unit due on the day of the visit."""

from dataclasses import replace
from uuid import UUID

from sqlmodel import Session, col, select

from models.directives.directive import Directive, Duty, DutyKind, directive_name
from models.directives.template import AudienceRule, NoDeadline, RequiredResult, Selector, TemplateSpec
from models.errors import BadInput, Refused
from models.inspections.inspection import InspectedUnit, Inspection, InspectionItem, InspectionMember
from models.organization.person import Person
from models.organization.unit import Unit
from models.tasks.task import DueFixedBy, Task
from models.text.localtime import end_of_day, write_date
from workflows.access.actor_context import ActorContext
from workflows.access.rights import Principal, not_coordinated
from workflows.history.record import record_act
from workflows.inspections.order import InspectionOrder, OrderedQuestion, check_order, find_follow_up_unit
from workflows.launch.launch_plan import plan_launch
from workflows.launch.launch_tasks import carry_out
from workflows.rules.calendar.due import DueDecision
from workflows.templates.draft import new_draft
from workflows.templates.new_document import document_code
from workflows.templates.publish import publish
from workflows.templates.template_check import normalise

TITLE = "Làm việc với đoàn kiểm tra"
RESULT = "Báo cáo phục vụ kiểm tra"
STEPS = ("Chuẩn bị báo cáo, hồ sơ, tài liệu theo nội dung kiểm tra", "Làm việc với đoàn kiểm tra")
MADE_BY = "typed_by"  # as of a document typed by hand: tasks are added to it in the same way


def plan_inspection(
    context: ActorContext, principal: Principal, directive: Directive, order: InspectionOrder, *, inspection_id: UUID
) -> Inspection:
    """Store the plan, and give every unit a task due on the day of its visit.

    `inspection_id` comes from the form, so that a form sent twice plans one inspection. Raises BadInput or BadRows for
    wrong fields. Raises Uncovered where a unit gets no letters, unless the order overrides that with a reason.
    """
    session = context.session
    planned = session.get(Inspection, inspection_id)
    if planned is not None:
        return planned
    follow_up_unit_id = find_follow_up_unit(directive, principal.speaks_for)
    if follow_up_unit_id is None:
        raise not_coordinated(session, principal, directive)
    check_order(session, order, follow_up_unit_id, context.today)
    document = _store_document(context, directive, order, follow_up_unit_id)
    inspection = Inspection(
        id=inspection_id,
        directive_id=directive.id,
        document_id=document.id,
        title=normalise(order.title),
        lead_id=order.lead_id,
        starts_on=order.starts_on,
        ends_on=order.ends_on,
        decision_number=document.number,
        decision_on=order.decision_on,
        planned_at=context.now,
        planned_by=context.actor.id,
    )
    session.add(inspection)
    session.flush()
    _store_team_and_checklist(session, inspection, directive, order)
    _announce(context, document, order, inspection)
    record_act(
        context,
        "inspection_planned",
        document.id,
        facts={
            "inspection": inspection.id.hex,
            "directive": directive.id.hex,
            "units": len(order.visits),
            "questions": len(order.questions),
        },
        note=order.reason,
    )
    return inspection


def _store_document(
    context: ActorContext, directive: Directive, order: InspectionOrder, follow_up_unit_id: UUID
) -> Directive:
    """Store the document of the inspection: a decision if the order has a number, else a plan."""
    session, number = context.session, order.decision_number.strip() or None
    if number and session.exec(select(Directive.id).where(Directive.number == number)).first() is not None:
        raise Refused("number {number}: this document is here already", number=number)
    kind = "quyết định" if number else "kế hoạch"
    document = Directive(
        code=document_code(session, kind, number, context.today),
        kind=kind,
        number=number,
        issued_on=order.decision_on,
        issuer=directive.issuer,
        subject=normalise(order.title),
        sources={MADE_BY: context.actor.code, "inspection_of": directive.code, "text": "Nội dung của đợt kiểm tra"},
        text=_sentence(session, directive, order),
        coordinating_unit_id=follow_up_unit_id,
        issuer_office_id=directive.issuer_office_id,
    )
    session.add(document)
    session.flush()
    return document


def _sentence(session: Session, directive: Directive, order: InspectionOrder) -> str:
    """Return the one sentence of the document, which the letters to the units quote."""
    lead = session.get_one(Person, order.lead_id)
    name = directive_name(directive.kind, directive.number, directive.subject)
    questions = "; ".join(_numbered_question(number, question) for number, question in enumerate(order.questions, 1))
    return normalise(
        f"Đoàn kiểm tra do {lead.full_name} làm trưởng đoàn kiểm tra việc thực hiện {name} từ ngày"
        f" {write_date(order.starts_on)} đến ngày {write_date(order.ends_on)}. Đề nghị đơn vị chuẩn bị báo cáo, hồ sơ,"
        f" tài liệu và làm việc với đoàn theo các nội dung: {questions}."
    )


def _numbered_question(number: int, question: OrderedQuestion) -> str:
    has_numbered_duty = question.duty is not None and question.duty[:1].isdigit()
    source = f"mục {question.duty}: " if has_numbered_duty else ""
    return f"{number}) {source}{normalise(question.text)}"


def _store_team_and_checklist(
    session: Session, inspection: Inspection, directive: Directive, order: InspectionOrder
) -> None:
    for person_id in dict.fromkeys(order.member_ids):
        if person_id != order.lead_id:
            session.add(InspectionMember(inspection_id=inspection.id, person_id=person_id))
    duties = {duty.path: duty.id for duty in session.exec(select(Duty).where(Duty.directive_id == directive.id))}
    for position, question in enumerate(order.questions, start=1):
        if question.duty is not None and question.duty not in duties:
            raise BadInput(
                "duty {path}: not in this directive, which has {known}", path=question.duty, known=", ".join(duties)
            )
        session.add(
            InspectionItem(
                inspection_id=inspection.id,
                position=position,
                duty_id=duties[question.duty] if question.duty else None,
                text=normalise(question.text),
            )
        )
    session.flush()


def _announce(context: ActorContext, document: Directive, order: InspectionOrder, inspection: Inspection) -> None:
    """Launch one duty to every inspected unit, due on the day of its own visit."""
    session, actor, now = context.session, context.actor, context.now
    duty = Duty(directive_id=document.id, path="1", position=1, kind=DutyKind.ONE_OFF, title=TITLE, quote=document.text)
    session.add(duty)
    session.flush()
    units = {unit.id: unit for unit in session.exec(select(Unit).where(col(Unit.id).in_(order.visits)))}
    follow_up_unit = session.get_one(Unit, document.coordinating_unit_id)
    spec = TemplateSpec(
        duty=duty.path,
        title=TITLE,
        kind=DutyKind.ONE_OFF,
        quote=duty.quote,
        steps=STEPS,
        deadline=NoDeadline(),
        audience=AudienceRule(any=(Selector(named=tuple(sorted(unit.code for unit in units.values()))),)),
        result=RequiredResult(description=RESULT),
        reports_to=follow_up_unit.code,
        authority=follow_up_unit.code,
    )
    publish(session, new_draft(session, duty, spec, now=now, actor_id=actor.id).id, now=now, actor_id=actor.id)
    launch = plan_launch(
        session,
        document,
        on=now,
        coordinator_id=actor.id,
        calendar=context.calendar,
        paths=[duty.path],
        launch_id=inspection.id,
    )
    if launch.coverage.gaps and order.override and not order.reason.strip():
        raise BadInput("reason: say why the launch goes ahead despite the gaps")
    due_by_unit = {
        unit_id: DueDecision(end_of_day(order.visits[unit_id]), DueFixedBy.ASSIGNER)
        for batch in launch.batches
        for unit_id in batch.shares
    }
    launch.batches = [replace(batch, shares=due_by_unit) for batch in launch.batches]
    carry_out(session, launch, override=order.override, reason=order.reason)
    for task in session.exec(select(Task).where(Task.launch_id == inspection.id)):
        session.add(InspectedUnit(inspection_id=inspection.id, unit_id=task.assigned_unit_id, task_id=task.id))
    session.flush()
