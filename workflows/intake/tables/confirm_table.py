"""Make a directive of a table: a duty with a template for each text, and one launch with a task for each row."""

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
from workflows.intake.tables.row_dates import RowDeadline
from workflows.intake.tables.row_outcomes import OutcomeKind, RowOutcome, outcomes_of_kind, try_out
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

_TEXT, _SOURCE_KEY = "table.txt", "table"


@dataclass(frozen=True)
class Concluded:
    """The directive made of a table, and the numbers of new duties and tasks: 0 where it had been made before."""

    directive: Directive
    duties: int = 0
    tasks: int = 0


@gc_paused()
def conclude_table(
    context: ActorContext, table: IntakeTable, *, leave_faults: bool = False, override: bool = False, reason: str = ""
) -> Concluded:
    """Store the document with its duties and launch its rows. A repeat changes nothing.

    BadInput where rows with faults are not left out, or the document's facts are missing. Uncovered where a unit cannot
    be reached, unless `override` is given with a reason.
    """
    session, actor, now = context.session, context.actor, context.now
    if table.state is IntakeState.CONCLUDED and table.directive_id is not None:
        return Concluded(session.get_one(Directive, table.directive_id))
    still_open(table)
    outcomes = try_out(session, table, context.today)
    _check(session, table, outcomes, leave_faults=leave_faults)
    directive, paths = _store(session, table, outcomes, actor, now)
    new_rows = outcomes_of_kind(outcomes, OutcomeKind.NEW)
    launched_paths = list(dict.fromkeys(paths[outcome.row.duty] for outcome in new_rows))
    _publish(session, directive, launched_paths, actor, now)
    tasks = 0
    if launched_paths:
        plan = plan_launch(
            session,
            directive,
            on=now,
            coordinator_id=actor.id,
            calendar=context.calendar,
            paths=launched_paths,
            launch_id=table.id,
        )
        _by_row(plan, new_rows, paths, fixed=table.dates_are_fixed)
        if plan.coverage.gaps and override and not reason.strip():
            raise BadInput("reason: say why the launch goes ahead despite the gaps")
        tasks = carry_out(session, plan, override=override, reason=reason).created
    table.state, table.ended_at, table.directive_id = IntakeState.CONCLUDED, now, directive.id
    facts = {"table": table.id.hex, "duties": len(paths), "tasks": tasks}
    record_act(context, "table_concluded", directive.id, facts=facts)
    session.flush()
    return Concluded(directive, len(paths), tasks)


def _check(session: Session, table: IntakeTable, outcomes: Sequence[RowOutcome], *, leave_faults: bool) -> None:
    texts = [
        table.subject,
        *(outcome.row.duty for outcome in outcomes_of_kind(outcomes, OutcomeKind.NEW, OutcomeKind.TAKEN)),
    ]
    level = next(filter(None, map(stamped_secrecy, texts)), None)
    if level:
        raise Refused(
            "a document stamped {level} may not enter a networked system: follow it up on paper, by classified mail;"
            " nothing was stored",
            level=level.upper(),
        )
    is_here = find_table_directive(session, table) is not None
    for name, value in ((_("issuer"), table.issuer), (_("subject"), table.subject)):
        if not value and not is_here:
            raise BadInput("{field}: it is missing; fill it in above", field=name)
    faulty = outcomes_of_kind(outcomes, OutcomeKind.FAULT)
    if faulty and not leave_faults:
        raise BadInput(
            _n(
                "faults in {count} row: {rows}; put them right, or tick that such rows are left out",
                "faults in {count} rows: {rows}; put them right, or tick that such rows are left out",
            ),
            count=len(faulty),
            rows=[outcome.row.number for outcome in faulty[:20]],
        )
    if not outcomes_of_kind(outcomes, OutcomeKind.NEW, OutcomeKind.TAKEN):
        raise BadInput("no row is left: there is nothing to make of this table")


def find_table_directive(session: Session, table: IntakeTable, *, to_write: bool = False) -> Directive | None:
    """Return the directive of this number that an earlier table made: rows are added to it. None where there is none.

    Refused where the directive came in another way, or another unit follows it up.
    """
    if not table.number:
        return None
    query = select(Directive).where(Directive.number == table.number)
    directive = session.exec(query.with_for_update() if to_write else query).first()
    if directive is None or (
        _SOURCE_KEY in directive.sources and directive.coordinating_unit_id == table.coordinating_unit_id
    ):
        return directive
    raise Refused("number {number}: this document is here already", number=table.number)


def _store(
    session: Session, table: IntakeTable, outcomes: Sequence[RowOutcome], actor: Person, now: datetime
) -> tuple[Directive, dict[str, str]]:
    """Return the directive with a draft for each duty, and the path of each duty by its text."""
    coordinating_unit = session.get_one(Unit, table.coordinating_unit_id)
    office = session.get_one(Unit, issuer_office(session, coordinating_unit))
    rows: dict[str, list[RowOutcome]] = {}
    for outcome in outcomes_of_kind(outcomes, OutcomeKind.NEW, OutcomeKind.TAKEN):
        rows.setdefault(outcome.row.duty, []).append(outcome)
    existing_directive = find_table_directive(session, table, to_write=True)
    old_paths = (
        session.exec(select(Duty.path).where(Duty.directive_id == existing_directive.id)).all()
        if existing_directive
        else []
    )
    first = 1 + max((int(path) for path in old_paths if path.isdigit()), default=0)
    paths = {quote: str(number) for number, quote in enumerate(rows, start=first)}
    templates = tuple(
        propose_row(paths[quote], row_outcomes, coordinating_unit.code, fixed=table.dates_are_fixed)
        for quote, row_outcomes in rows.items()
    )
    spec = (
        _new_directive_spec(session, table, coordinating_unit.code, office.code, now)
        if existing_directive is None
        else _unchanged_spec(session, existing_directive)
    )
    text = "\n\n".join([*([existing_directive.text] if existing_directive else []), *rows])
    if existing_directive is not None:
        existing_directive.text = text
        session.flush()
    pack = Pack(Path(_TEXT), PackSpec(directive=spec, templates=templates), text)
    directive = import_directive(session, pack, now=now, actor_id=actor.id).directive
    added = select(Duty).where(Duty.directive_id == directive.id, col(Duty.path).in_(paths.values()))
    for duty in session.exec(added) if old_paths else ():
        duty.position += len(old_paths)
    session.flush()
    return directive, paths


def _new_directive_spec(
    session: Session, table: IntakeTable, follows: str, office: str, now: datetime
) -> DirectiveSpec:
    return DirectiveSpec(
        code=document_code(session, table.kind, table.number, table.issued_on or local_date(now)),
        kind=table.kind,
        number=table.number,
        issued_on=table.issued_on,
        issuer=table.issuer,
        subject=table.subject,
        sources={_SOURCE_KEY: table.filename, "text": "Chỉ gồm các nhiệm vụ trong bảng theo dõi"},
        text=_TEXT,
        coordinating_unit=follows,
        issuer_office=office,
    )


def _unchanged_spec(session: Session, directive: Directive) -> DirectiveSpec:
    return DirectiveSpec(
        code=directive.code,
        kind=directive.kind,
        number=directive.number,
        issued_on=directive.issued_on,
        issuer=directive.issuer,
        subject=directive.subject,
        urgency=directive.urgency,
        legal_bases=tuple(directive.legal_bases),
        sources=directive.sources,
        text=_TEXT,
        coordinating_unit=session.get_one(Unit, directive.coordinating_unit_id).code,
        issuer_office=session.get_one(Unit, directive.issuer_office_id).code,
    )


def _publish(session: Session, directive: Directive, paths: Sequence[str], actor: Person, now: datetime) -> None:
    """Publish the templates of duties that get tasks. A done duty keeps its draft, so that nobody launches it."""
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


def _by_row(plan: LaunchPlan, new: Sequence[RowOutcome], paths: dict[str, str], *, fixed: bool) -> None:
    """Give each task of a plan its own row's date, coordinating units and remarks."""
    by_path: dict[str, list[RowOutcome]] = {}
    for outcome in new:
        by_path.setdefault(paths[outcome.row.duty], []).append(outcome)
    batches = []
    for batch in plan.batches:
        kinds = {unit.id: unit.kind for unit in plan.register.units}
        for outcome in by_path[batch.duty.path]:
            due = _due(plan, batch.launch_context.spec, outcome, fixed=fixed)
            shares: dict[UUID, DueDecision] = {unit.id: due for unit in outcome.leads if unit.id in kinds}
            launch_context = replace(batch.launch_context, note=outcome.row.note)
            batches.append(Batch(batch.duty, launch_context, shares, [unit.id for unit in outcome.partners]))
    plan.batches = batches


def _due(plan: LaunchPlan, spec: TemplateSpec, outcome: RowOutcome, *, fixed: bool) -> DueDecision:
    due = compute_due(
        spec.model_copy(update={"deadline": outcome.rule}),
        unit_kind=outcome.leads[0].kind,
        occurrence=None,
        issued_on=plan.directive.issued_on,
        assigned_at=plan.assigned_at,
        launch_due_on=None,
        parent_due_at=None,
        calendar=plan.calendar,
    )
    own = DueFixedBy.DIRECTIVE if fixed else DueFixedBy.ASSIGNER
    return replace(due, fixed_by=own if due.due_at else None)


def propose_row(path: str, rows: Sequence[RowOutcome], follows: str, *, fixed: bool) -> TemplateSpec:
    """Return a template for rows with the same text. `follows`: the code of the unit that follows them up.

    Where dates or coordinating units differ, each task has those of its row, and the template has none.
    """
    live = [outcome for outcome in rows if outcome.kind is OutcomeKind.NEW] or list(rows)
    quote = live[0].row.duty
    leads = {unit.code for outcome in live for unit in outcome.leads}
    partners = {tuple(unit.code for unit in outcome.partners) for outcome in live}
    agreed = next(iter(partners)) if len(partners) == 1 else ()
    products = [outcome.row.product for outcome in live if outcome.row.product]
    return TemplateSpec(
        duty=path,
        title=_title(path, quote),
        kind=DutyKind.ONE_OFF,
        quote=quote,
        steps=STEPS,
        audience=AudienceRule(any=(Selector(named=tuple(sorted(leads))),)),
        coordinating=AudienceRule(any=(Selector(named=agreed),)) if agreed else None,
        deadline=_agreed_date([outcome.rule for outcome in live], fixed=fixed),
        result=RequiredResult(description=" ".join(products[0].split())[:500] if products else RESULT),
        reports_to=follows,
        authority=follows,
    )


def _title(path: str, quote: str) -> str:
    """Return the duty's first words, or its number where the words may not stand in a subject line."""
    title = short_title(quote)
    return f"Nhiệm vụ {path}" if sensitive_phrase(title) else title


def _agreed_date(rules: Sequence[RowDeadline], *, fixed: bool) -> RowDeadline:
    if any(rule != rules[0] for rule in rules) or isinstance(rules[0], NoDeadline):
        return NoDeadline()
    return rules[0].model_copy(update={"fixed_by": "directive" if fixed else "template"})
