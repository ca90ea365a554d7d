"""Make a directive of a table: a duty for each text, with a template, and one launch with a task for each row."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from uuid import UUID

from sqlmodel import Session, col, select

from models.database.session import gc_paused
from models.directives.directive import Directive, Duty, DutyKind
from models.directives.template import (
    AudienceRule,
    NoDeadline,
    RequiredResult,
    Selector,
    TemplateSpec,
    TemplateState,
    TemplateVersion,
)
from models.errors import BadInput, Refused
from models.i18n import _, _n
from models.intake.intake import IntakeState
from models.intake.intake_table import IntakeTable
from models.organization.person import Person
from models.organization.unit import Unit
from models.tasks.task import DueFixedBy
from models.text.localtime import local_date
from workflows.access.actor_context import ActorContext
from workflows.history.record import record_act
from workflows.intake.review.first_guess import short_title
from workflows.intake.tables.fates import FateKind, RowFate, of_kind, try_out
from workflows.intake.tables.row_dates import RowDeadline
from workflows.intake.tables.store_table import still_open
from workflows.launch.launch_plan import Batch, LaunchPlan, plan_launch
from workflows.launch.launch_tasks import carry_out
from workflows.rules.calendar.due import DueDecision, compute_due
from workflows.rules.secrecy import stamped_secrecy
from workflows.templates.new_document import RESULT, STEPS, document_code, issuer_office
from workflows.templates.pack_file import DirectiveSpec, Pack, PackSpec
from workflows.templates.packs import import_directive
from workflows.templates.publish import publish
from workflows.templates.template_check import sensitive_phrase

_TEXT, _MADE_OF = "table.txt", "table"


@dataclass(frozen=True)
class Concluded:
    """What became of a table: its directive, and how many duties and tasks; none where that had been done before."""

    directive: Directive
    duties: int = 0
    tasks: int = 0


@gc_paused()
def conclude_table(
    context: ActorContext, table: IntakeTable, *, leave_faults: bool = False, override: bool = False, reason: str = ""
) -> Concluded:
    """Store the document with its duties and launch its rows. Sent twice it is done once.

    BadInput where rows have faults that nobody has left out, or the document is not told; Uncovered where a unit
    cannot be written to, unless `override` with a reason.
    """
    session, actor, now = context.session, context.actor, context.now
    if table.state is IntakeState.CONCLUDED and table.directive_id is not None:
        return Concluded(session.get_one(Directive, table.directive_id))
    still_open(table)
    fates = try_out(session, table, context.today)
    _check(session, table, fates, leave_faults=leave_faults)
    directive, paths = _store(session, table, fates, actor, now)
    new = of_kind(fates, FateKind.NEW)
    live = list(dict.fromkeys(paths[fate.row.duty] for fate in new))
    _publish(session, directive, live, actor, now)
    tasks = 0
    if live:
        plan = plan_launch(
            session,
            directive,
            on=now,
            coordinator_id=actor.id,
            calendar=context.calendar,
            paths=live,
            launch_id=table.id,
        )
        _by_row(plan, new, paths, fixed=table.dates_are_fixed)
        if plan.coverage.gaps and override and not reason.strip():
            raise BadInput("reason: say why the launch goes ahead despite the gaps")
        tasks = carry_out(session, plan, override=override, reason=reason).created
    table.state, table.ended_at, table.directive_id = IntakeState.CONCLUDED, now, directive.id
    facts = {"table": table.id.hex, "duties": len(paths), "tasks": tasks}
    record_act(context, "table_concluded", directive.id, facts=facts)
    session.flush()
    return Concluded(directive, len(paths), tasks)


def _check(session: Session, table: IntakeTable, fates: Sequence[RowFate], *, leave_faults: bool) -> None:
    said = [table.subject, *(fate.row.duty for fate in of_kind(fates, FateKind.NEW, FateKind.TAKEN))]
    level = next((found for one in said if (found := stamped_secrecy(one))), None)
    if level:
        raise Refused(
            "a document stamped {level} may not enter a networked system: follow it up on paper, by classified mail;"
            " nothing was stored",
            level=level.upper(),
        )
    is_here = document_here(session, table) is not None
    for name, value in ((_("issuer"), table.issuer), (_("subject"), table.subject)):
        if not value and not is_here:
            raise BadInput("{field}: it is missing; fill it in above", field=name)
    faulty = of_kind(fates, FateKind.FAULT)
    if faulty and not leave_faults:
        raise BadInput(
            _n(
                "faults in {count} row: {rows}; put them right, or tick that such rows are left out",
                "faults in {count} rows: {rows}; put them right, or tick that such rows are left out",
            ),
            count=len(faulty),
            rows=[fate.row.number for fate in faulty[:20]],
        )
    if not of_kind(fates, FateKind.NEW, FateKind.TAKEN):
        raise BadInput("no row is left: there is nothing to make of this table")


def document_here(session: Session, table: IntakeTable, *, to_write: bool = False) -> Directive | None:
    """Return the document of this number, where an earlier table made it: rows are added to it.

    Refused where it came in another way, or is followed up by another unit.
    """
    if not table.number:
        return None
    query = select(Directive).where(Directive.number == table.number)
    found = session.exec(query.with_for_update() if to_write else query).first()
    if found is None or (_MADE_OF in found.sources and found.coordinating_unit_id == table.coordinating_unit_id):
        return found
    raise Refused("number {number}: this document is here already", number=table.number)


def _store(
    session: Session, table: IntakeTable, fates: Sequence[RowFate], actor: Person, now: datetime
) -> tuple[Directive, dict[str, str]]:
    """Return the directive with a draft for each duty, and the path of each duty by its text."""
    follows = session.get_one(Unit, table.coordinating_unit_id)
    office = session.get_one(Unit, issuer_office(session, follows))
    rows: dict[str, list[RowFate]] = {}
    for fate in of_kind(fates, FateKind.NEW, FateKind.TAKEN):
        rows.setdefault(fate.row.duty, []).append(fate)
    before = document_here(session, table, to_write=True)
    old = session.exec(select(Duty.path).where(Duty.directive_id == before.id)).all() if before else []
    first = 1 + max((int(path) for path in old if path.isdigit()), default=0)
    paths = {quote: str(number) for number, quote in enumerate(rows, start=first)}
    templates = tuple(
        propose_row(paths[quote], said, follows.code, fixed=table.dates_are_fixed) for quote, said in rows.items()
    )
    spec = _told(session, table, follows.code, office.code, now) if before is None else _as_it_is(session, before)
    text = "\n\n".join([*([before.text] if before else []), *rows])
    if before is not None:
        before.text = text
        session.flush()
    pack = Pack(Path(_TEXT), PackSpec(directive=spec, templates=templates), text)
    directive = import_directive(session, pack, now=now, actor_id=actor.id).directive
    added = select(Duty).where(Duty.directive_id == directive.id, col(Duty.path).in_(paths.values()))
    for duty in session.exec(added) if old else ():
        duty.position += len(old)
    session.flush()
    return directive, paths


def _told(session: Session, table: IntakeTable, follows: str, office: str, now: datetime) -> DirectiveSpec:
    return DirectiveSpec(
        code=document_code(session, table.kind, table.number, table.issued_on or local_date(now)),
        kind=table.kind,
        number=table.number,
        issued_on=table.issued_on,
        issuer=table.issuer,
        subject=table.subject,
        sources={_MADE_OF: table.filename, "text": "Chỉ gồm các nhiệm vụ trong bảng theo dõi"},
        text=_TEXT,
        coordinating_unit=follows,
        issuer_office=office,
    )


def _as_it_is(session: Session, found: Directive) -> DirectiveSpec:
    return DirectiveSpec(
        code=found.code,
        kind=found.kind,
        number=found.number,
        issued_on=found.issued_on,
        issuer=found.issuer,
        subject=found.subject,
        urgency=found.urgency,
        legal_bases=tuple(found.legal_bases),
        sources=found.sources,
        text=_TEXT,
        coordinating_unit=session.get_one(Unit, found.coordinating_unit_id).code,
        issuer_office=session.get_one(Unit, found.issuer_office_id).code,
    )


def _publish(session: Session, directive: Directive, paths: Sequence[str], actor: Person, now: datetime) -> None:
    """Publish what gets a task; a duty said to be done keeps its draft, so that nobody launches it unawares."""
    query = (
        select(TemplateVersion.id)
        .join(Duty, col(Duty.id) == TemplateVersion.duty_id)
        .where(
            Duty.directive_id == directive.id, col(Duty.path).in_(paths), TemplateVersion.state == TemplateState.DRAFT
        )
        .order_by(col(Duty.position))
    )
    for version_id in session.exec(query).all():
        publish(session, version_id, now=now, actor_id=actor.id)


def _by_row(plan: LaunchPlan, new: Sequence[RowFate], paths: dict[str, str], *, fixed: bool) -> None:
    """Give each task of a plan its own row's date, coordinating units and remarks."""
    by_path: dict[str, list[RowFate]] = {}
    for fate in new:
        by_path.setdefault(paths[fate.row.duty], []).append(fate)
    batches = []
    for batch in plan.batches:
        kinds = {unit.id: unit.kind for unit in plan.register.units}
        for fate in by_path[batch.duty.path]:
            due = _due(plan, batch.launch_context.spec, fate, fixed=fixed)
            shares: dict[UUID, DueDecision] = {unit.id: due for unit in fate.leads if unit.id in kinds}
            launch_context = replace(batch.launch_context, note=fate.row.note)
            batches.append(Batch(batch.duty, launch_context, shares, [unit.id for unit in fate.partners]))
    plan.batches = batches


def _due(plan: LaunchPlan, spec: TemplateSpec, fate: RowFate, *, fixed: bool) -> DueDecision:
    due = compute_due(
        spec.model_copy(update={"deadline": fate.rule}),
        unit_kind=fate.leads[0].kind,
        occurrence=None,
        issued_on=plan.directive.issued_on,
        assigned_at=plan.assigned_at,
        launch_due_on=None,
        parent_due_at=None,
        calendar=plan.calendar,
    )
    own = DueFixedBy.DIRECTIVE if fixed else DueFixedBy.ASSIGNER
    return replace(due, fixed_by=own if due.due_at else None)


def propose_row(path: str, rows: Sequence[RowFate], follows: str, *, fixed: bool) -> TemplateSpec:
    """`rows` are those with one and the same text, `follows` the code of the unit that follows them up.

    Where dates or coordinating units differ, each task has its row's, and the template none.
    """
    live = [fate for fate in rows if fate.kind is FateKind.NEW] or list(rows)
    quote = live[0].row.duty
    leads = {unit.code for fate in live for unit in fate.leads}
    partners = {tuple(unit.code for unit in fate.partners) for fate in live}
    agreed = next(iter(partners)) if len(partners) == 1 else ()
    products = [fate.row.product for fate in live if fate.row.product]
    return TemplateSpec(
        duty=path,
        title=_title(path, quote),
        kind=DutyKind.ONE_OFF,
        quote=quote,
        steps=STEPS,
        audience=AudienceRule(any=(Selector(named=tuple(sorted(leads))),)),
        coordinating=AudienceRule(any=(Selector(named=agreed),)) if agreed else None,
        deadline=_agreed_date([fate.rule for fate in live], fixed=fixed),
        result=RequiredResult(description=" ".join(products[0].split())[:500] if products else RESULT),
        reports_to=follows,
        authority=follows,
    )


def _title(path: str, quote: str) -> str:
    """Return the duty's first words; where they are too loud for a subject line, only its number."""
    title = short_title(quote)
    return f"Nhiệm vụ {path}" if sensitive_phrase(title) else title


def _agreed_date(rules: Sequence[RowDeadline], *, fixed: bool) -> RowDeadline:
    if any(rule != rules[0] for rule in rules) or isinstance(rules[0], NoDeadline):
        return NoDeadline()
    return rules[0].model_copy(update={"fixed_by": "directive" if fixed else "template"})
