"""`dondoc inspection …`: plan an inspection, record what was found, demand corrections, send, close, cancel."""

from datetime import date, datetime
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer
from rich.text import Text
from sqlmodel import Session

from commands.context import CommandContext, command
from commands.inspection_view import InspectionName, Number, Reason, UnitName, opened, rendered
from commands.options import AsPerson, DirectiveName, DryRun, Duties, Now, Units, read_now, split
from models.database.ids import new_id
from models.directives.inspection import Verdict
from models.errors import BadInput
from models.i18n import _
from models.organization.register_reads import resolve_person, resolve_unit
from models.organization.unit import UnitKind
from models.tasks.evidence import GivenFile
from models.text.localtime import local_date, read_day
from workflows.access.rights import read_place
from workflows.inspections.correct_finding import Demand, demand_correction
from workflows.inspections.find import NewFinding, record_findings, settle
from workflows.inspections.follow import cancel_inspection, close_inspection, move_visit, send_findings
from workflows.inspections.inspection_view import read_inspection_sheet
from workflows.inspections.listing import list_inspections
from workflows.inspections.order import InspectionOrder, Question, choose_units
from workflows.inspections.plan import plan_inspection
from workflows.inspections.seeing import find_by_name, whole_sight
from workflows.launch.launch_tasks import duties_of, find_directive
from workflows.organization.working_calendar import load_calendar
from workflows.rules.tasks.inspection_policy import STATE_WORDS
from workflows.tasks.act import short

app = typer.Typer(help="Inspections: plan, find, correct, send, close.", no_args_is_help=True)
_PLAN = "dondoc inspection plan ct-06-2004 --title 'Inspection of Directive 06' --from 2026-12-07 --to 2026-12-09 "
_PLAN += "--lead duong.thanh.tung --units ETC,FPT --duty 2 --duty 3 --as le.thi.c"


@command(app, "plan", example=_PLAN)
def plan(
    desk: CommandContext,
    directive: DirectiveName,
    title: Annotated[
        str, typer.Option("--title", metavar="TEXT", help="The subject of the inspection, in a few words.")
    ],
    first: Annotated[str, typer.Option("--from", metavar="DATE", help="First day.")],
    last: Annotated[str, typer.Option("--to", metavar="DATE", help="Last day.")],
    lead: Annotated[str, typer.Option("--lead", metavar="PERSON", help="Code of the head of the team.")],
    person: AsPerson,
    member: Annotated[
        list[str] | None, typer.Option("--member", metavar="PERSON", help="A member of the team; repeat it.")
    ] = None,
    units: Units = None,
    kind: Annotated[list[UnitKind] | None, typer.Option("--kind", help="Units of this kind; may be repeated.")] = None,
    tag: Annotated[list[str] | None, typer.Option("--tag", metavar="TAG", help="Only those with this tag.")] = None,
    visit: Annotated[
        list[str] | None, typer.Option("--visit", metavar="UNIT=DATE", help="The day of one unit; else the first day.")
    ] = None,
    duty: Duties = None,
    question: Annotated[list[str] | None, typer.Option("--question", metavar="TEXT", help="One of your own.")] = None,
    number: Annotated[
        str, typer.Option("--number", metavar="NUMBER", help="The number of the decision, if there is one.")
    ] = "",
    decided: Annotated[str | None, typer.Option("--decided", metavar="DATE", help="The decision's date.")] = None,
    override: Annotated[bool, typer.Option("--override", help="In spite of units that cannot be written to.")] = False,
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why in spite of them.")] = "",
    dry_run: DryRun = False,
    now: Now = None,
) -> None:
    """Plan an inspection: every unit is told of its visit by letter, with what will be asked."""
    moment = read_now(now)
    with desk.transaction(keep=not dry_run) as session:
        found = find_directive(session, directive)
        chosen = choose_units(session, kinds=kind or (), tags=tag or (), names=split(units))
        opening = read_day("--from", first)
        visits = {one.id: opening for one in chosen} | dict(_visit(session, one) for one in visit or ())
        asked = [Question(one.title, one.path) for one in (duties_of(session, found, split(duty)) if duty else ())]
        asked += [Question(one) for one in question or ()]
        order = InspectionOrder(
            title=title,
            starts_on=opening,
            ends_on=read_day("--to", last),
            lead_id=resolve_person(session, lead).id,
            member_ids=[resolve_person(session, one).id for one in split(member)],
            visits=visits,
            questions=asked,
            decision_number=number,
            decision_on=read_day("--decided", decided) if decided else None,
            override=override,
            reason=reason,
        )
        one = plan_inspection(
            session,
            found,
            order,
            place=read_place(session, resolve_person(session, person), local_date(moment)),
            now=moment,
            calendar=load_calendar(session),
            inspection_id=new_id(),
        )
        sheet = read_inspection_sheet(session, whole_sight(session, one), now=moment)
    if dry_run:
        desk.say(_("dry run: nothing was kept"))
    told = desk.words(
        _("inspection {inspection} planned; a letter goes to {count} units"),
        inspection=short(one.id),
        count=len(visits),
    )
    desk.show(
        {"inspection": one.id, "short_id": short(one.id), "units": [unit.code for unit in sheet.units]}, Text(told)
    )


def _visit(session: Session, given: str) -> tuple[UUID, date]:
    unit, mark, day = given.partition("=")
    if not mark:
        raise BadInput("{option} {value}: write it as UNIT=YYYY-MM-DD", option="--visit", value=given)
    return resolve_unit(session, unit).id, read_day("--visit", day)


@command(app, "list", example="dondoc inspection list")
def list_(
    desk: CommandContext,
    directive: Annotated[str, typer.Option("--directive", metavar="CODE", help="Only of this directive.")] = "",
) -> None:
    """List the inspections, the newest first."""
    with desk.reading() as session:
        rows = list_inspections(session, None, directive=directive, limit=1000)
    columns = {
        "short_id": _("id"),
        "title": _("title"),
        "state": _("state"),
        "starts_on": _("from"),
        "ends_on": _("to"),
        "lead": _("led by"),
        "units": _("units"),
        "answered": _("answered"),
        "total": _("of"),
        "open_corrections": _("open corrections"),
    }
    shown = [vars(one) | {"short_id": short(one.id)} for one in rows]
    desk.show(shown, desk.table([one | {"state": STATE_WORDS[one["state"]]} for one in shown], columns))


@command(app, "show", example="dondoc inspection show 3f9a1c20")
def show(desk: CommandContext, inspection: InspectionName, now: Now = None) -> None:
    """Show an inspection: units and questions, what was found, the corrections, what keeps it open, its history."""
    with desk.reading() as session:
        sight = whole_sight(session, find_by_name(session, inspection))
        sheet = read_inspection_sheet(session, sight, now=read_now(now))
    desk.show(sheet, *rendered(desk, sheet))


@command(app, "find", example="dondoc inspection find 3f9a1c20 ETC 1 partly --words 'No annex' --as duong.thanh.tung")
def find(
    desk: CommandContext,
    inspection: InspectionName,
    unit: UnitName,
    number: Number,
    verdict: Annotated[Verdict, typer.Argument(help="The findings.")],
    person: AsPerson,
    words: Annotated[str, typer.Option("--words", metavar="TEXT", help="In words; needed for a shortcoming.")] = "",
    settled: Annotated[str, typer.Option("--settled", metavar="TEXT", help="The correction made on the spot.")] = "",
    file: Annotated[list[Path] | None, typer.Option("--file", help="A file that shows it; may be repeated.")] = None,
    now: Now = None,
) -> None:
    """Record what was found of a question at a unit."""
    moment = read_now(now)
    with desk.transaction() as session:
        sight, place = opened(session, inspection, person, moment)
        given = NewFinding(verdict, words, settled, [GivenFile.at(path) for path in file or ()])
        changed = record_findings(
            session,
            sight,
            resolve_unit(session, unit),
            {number: given},
            place=place,
            now=moment,
            settings=desk.settings,
        )
    desk.show({"changed": changed}, Text(desk.words(_("recorded") if changed else _("it stands there already"))))


@command(app, "settle", example="dondoc inspection settle 3f9a1c20 ETC 1 --words 'Added the same day' --as le.thi.c")
def settle_(
    desk: CommandContext,
    inspection: InspectionName,
    unit: UnitName,
    number: Number,
    words: Annotated[str, typer.Option("--words", metavar="TEXT", help="The correction made without a task.")],
    person: AsPerson,
    now: Now = None,
) -> None:
    """Say how a shortcoming was put right without a task."""
    moment = read_now(now)
    with desk.transaction() as session:
        sight, place = opened(session, inspection, person, moment)
        settle(session, sight, resolve_unit(session, unit), number, words, place=place, now=moment)
    desk.show({"settled": number}, Text(desk.words(_("recorded"))))


_CORRECT = "dondoc inspection correct 3f9a1c20 ETC 1 --text 'Complete the plan' --title 'Complete the plan' "
_CORRECT += "--result 'The plan' --due 2026-12-31 --as duong.thanh.tung"


@command(app, "correct", example=_CORRECT)
def correct(
    desk: CommandContext,
    inspection: InspectionName,
    unit: UnitName,
    number: Number,
    text: Annotated[str, typer.Option("--text", metavar="TEXT", help="The required correction, word for word.")],
    title: Annotated[str, typer.Option("--title", metavar="TEXT", help="The same in a few words.")],
    result: Annotated[str, typer.Option("--result", metavar="TEXT", help="The proof that it is done.")],
    due: Annotated[str, typer.Option("--due", metavar="DATE", help="Last permitted day.")],
    person: AsPerson,
    now: Now = None,
) -> None:
    """Demand a correction: an ordinary task of the unit, with letters and reminders."""
    moment = read_now(now)
    with desk.transaction() as session:
        sight, place = opened(session, inspection, person, moment)
        demand = Demand(text, title, read_day("--due", due), result)
        task = demand_correction(
            session,
            sight,
            resolve_unit(session, unit),
            number,
            demand,
            place=place,
            now=moment,
            calendar=load_calendar(session),
            correction_id=new_id(),
        )
    told = desk.words(_("task {task} given to the unit"), task=short(task.id))
    desk.show({"task": task.id, "short_id": short(task.id)}, Text(told))


@command(app, "move", example="dondoc inspection move 3f9a1c20 ETC 2026-12-08 --reason 'A holiday there' --as le.thi.c")
def move(
    desk: CommandContext,
    inspection: InspectionName,
    unit: UnitName,
    day: Annotated[str, typer.Argument(metavar="DATE", help="The visit's new day.")],
    reason: Reason,
    person: AsPerson,
    now: Now = None,
) -> None:
    """Move a visit; the unit gets a letter with the new day."""
    moment = read_now(now)
    with desk.transaction() as session:
        sight, place = opened(session, inspection, person, moment)
        move_visit(
            session,
            sight,
            resolve_unit(session, unit),
            read_day("DATE", day),
            reason,
            place=place,
            now=moment,
            calendar=load_calendar(session),
            settings=desk.settings,
        )
    desk.show({"visit": day}, Text(desk.words(_("moved; the unit is told"))))


@command(app, "send", example="dondoc inspection send 3f9a1c20 --as duong.thanh.tung")
def send(desk: CommandContext, inspection: InspectionName, person: AsPerson, now: Now = None) -> None:
    """Send the findings: each unit is told that it may read what was found of it."""
    moment = read_now(now)
    with desk.transaction() as session:
        sight, place = opened(session, inspection, person, moment)
        send_findings(session, sight, place=place, now=moment, calendar=load_calendar(session), settings=desk.settings)
    _show_state(desk, inspection, moment)


@command(app, "close", example="dondoc inspection close 3f9a1c20 --summary 'All put right' --as le.thi.c")
def close(
    desk: CommandContext,
    inspection: InspectionName,
    summary: Annotated[str, typer.Option("--summary", metavar="TEXT", help="The conclusion.")],
    person: AsPerson,
    now: Now = None,
) -> None:
    """Close an inspection; refused while a correction is neither approved nor withdrawn."""
    moment = read_now(now)
    with desk.transaction() as session:
        sight, place = opened(session, inspection, person, moment)
        close_inspection(session, sight, summary, place=place, now=moment)
    _show_state(desk, inspection, moment)


@command(app, "cancel", example="dondoc inspection cancel 3f9a1c20 --reason 'Put off by the Ministry' --as le.thi.c")
def cancel(desk: CommandContext, inspection: InspectionName, reason: Reason, person: AsPerson, now: Now = None) -> None:
    """Call an inspection off; every unit is told why."""
    moment = read_now(now)
    with desk.transaction() as session:
        sight, place = opened(session, inspection, person, moment)
        cancel_inspection(
            session, sight, reason, place=place, now=moment, calendar=load_calendar(session), settings=desk.settings
        )
    _show_state(desk, inspection, moment)


def _show_state(desk: CommandContext, name: str, moment: datetime) -> None:
    with desk.reading() as session:
        one = find_by_name(session, name)
    desk.show({"inspection": one.id, "state": one.state, "at": moment}, Text(desk.words(STATE_WORDS[one.state])))
