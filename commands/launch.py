"""`dondoc launch` and `dondoc simulate`: give duties to their units, or see beforehand what that will bring."""

from typing import Annotated, Any
from uuid import UUID

import typer
from rich.text import Text
from sqlmodel import Session

from commands.context import CommandContext, command, front
from commands.options import (
    AsPerson,
    DirectiveName,
    DryRun,
    Duties,
    Now,
    read_moment,
    read_now,
    read_optional_day,
    split,
)
from models.directives.directive import Directive, find_directive
from models.errors import BadInput
from models.i18n import _, _n
from models.letters.letter import LetterKind
from models.organization.person import Person
from models.organization.register_reads import resolve_person
from models.text.localtime import local_date
from models.words import duty_words, rung_words
from notifications.composing.reasons import off_words, preview_in_words
from notifications.composing.wording import WrittenWords
from workflows.access.actor_context import ActorContext
from workflows.launch.launch_plan import check_coordinator, check_day, default_coordinator
from workflows.launch.launch_tasks import LaunchOutcome, launch
from workflows.organization.working_calendar import load_calendar

On = Annotated[
    str, typer.Option("--on", metavar="DATE", help="When: a day means 08:00 local; a time may carry its zone.")
]
Due = Annotated[
    str | None, typer.Option("--due", metavar="DATE", help="Last day, for duties without a date of their own.")
]
As = Annotated[
    str | None, typer.Option("--as", metavar="PERSON", help="The coordinator; else the first of the coordinating unit.")
]

Override = Annotated[bool, typer.Option("--override", help="In spite of gaps in the coverage.")]


@command(front, "take-back", example="dondoc take-back ct-06-2004 3f9a1c20 --reason 'Wrong date' --as le.thi.c")
def take_back_(
    context: CommandContext,
    directive: DirectiveName,
    name: Annotated[str, typer.Argument(metavar="LAUNCH", help="Id of the launch, or its last eight digits.")],
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why it is taken back.")],
    person: AsPerson,
    now: Now = None,
) -> None:
    """Take a launch back before its first letter leaves: a new launch then gives its tasks again."""
    from workflows.launch.take_back import find_launch, take_back  # acts on tasks: only this command needs them

    if not reason.strip():
        raise BadInput("{option}: say why", option="--reason")
    with context.transaction() as session:
        row, actor = find_directive(session, directive), resolve_person(session, person)
        check_coordinator(session, row, actor.id)
        launch = find_launch(session, row, name)
        acting = ActorContext(session, actor, read_now(now), load_calendar(session), context.settings)
        withdrawn = take_back(acting, launch, reason=reason)
        data = {"directive": row.code, "launch": launch.id.hex, "withdrawn": withdrawn}
    words = _n(
        "taken back; {count} task withdrawn, nobody has been told of it",
        "taken back; {count} tasks withdrawn, nobody has been told of them",
        count=withdrawn,
    )
    context.show(data, words)


@command(front, "launch", example="dondoc launch ct-06-2004 --duty 2 --on 2026-11-05 --due 2026-12-31")
def launch_(
    context: CommandContext,
    directive: DirectiveName,
    on: On,
    duty: Duties = None,
    due: Due = None,
    person: As = None,
    override: Override = False,
    dry_run: DryRun = False,
) -> None:
    """Give a directive's duties to their units; a repeat makes nothing new."""
    moment, due_on = read_moment("--on", on), read_optional_day("--due", due)
    with context.transaction(keep=not dry_run) as session:
        row = find_directive(session, directive)
        coordinator = _coordinator(session, row, person)
        outcome = launch(
            session,
            row,
            on=moment,
            coordinator_id=coordinator,
            calendar=load_calendar(session),
            paths=split(duty) or None,
            due_on=due_on,
            override=override,
            asked_at=read_now(None),
        )
        name = session.get_one(Person, coordinator).code
    _tell(context, row, name, outcome, dry_run)


def _tell(
    context: CommandContext, directive: Directive, coordinator: str, outcome: LaunchOutcome, dry_run: bool
) -> None:
    gaps = [
        {"kind": gap.kind.value, "duty": gap.duty, "unit": gap.unit, "text": gap.tell(context.language)}
        for gap in outcome.coverage.gaps
    ]
    data: dict[str, Any] = {
        "directive": directive.code,
        "coordinator": coordinator,
        "launch": outcome.launch_id.hex if outcome.launch_id and not dry_run else None,
        "created": outcome.created,
        "existing": outcome.existing,
        "armed": outcome.armed,
        "gaps": gaps,
        "days_off": [
            {"duty": day_off.path, "day": day_off.day.isoformat(), "why": off_words(day_off.off, context.language)}
            for day_off in outcome.days_off
        ],
        "dry_run": dry_run,
    }
    text = context.words(
        _n(
            "{count} task created, {existing} were there already",
            "{count} tasks created, {existing} were there already",
        ),
        count=outcome.created,
        existing=outcome.existing,
    )
    if data["launch"]:
        text = f"{text} ({context.words(_('launch {launch}'), launch=data['launch'][-8:])})"
    context.show(data, Text(text))
    if outcome.armed:
        context.say(_("armed, to go on by themselves: {duties}"), duties=", ".join(outcome.armed))
    for gap in gaps:
        context.say("{gap}", gap=gap["text"])
    _tell_days_off(context, outcome)
    if dry_run:
        context.say(_("dry run: nothing was kept"))


def _tell_days_off(context: CommandContext, outcome: LaunchOutcome) -> None:
    write = WrittenWords(context.language)
    for day_off in outcome.days_off:
        choice = (
            _("another date: --due {before} or --due {after}")
            if day_off.by_launch
            else _("the template can have it move (move: forward or back)")
        )
        context.say(
            _("deadline on a day off: {duty}, {day}, {why}; {choice}"),
            duty=duty_words(day_off.path),
            day=day_off.day.isoformat(),
            why=write.day_off(day_off.off),
            choice=context.words(choice, before=day_off.before.isoformat(), after=day_off.after.isoformat()),
        )


@command(front, "simulate", example="dondoc simulate ct-06-2004 --on 2026-11-05 --days 120")
def simulate_(
    context: CommandContext,
    directive: DirectiveName,
    on: On,
    due: Due = None,
    days: Annotated[int, typer.Option("--days", min=1, max=3660, help="How many days to look ahead.")] = 120,
    duty: Duties = None,
    person: As = None,
    override: Override = False,
) -> None:
    """Show every task and letter a launch would bring if nobody acts; nothing is kept."""
    from workflows.jobs.simulate import simulate  # the whole engine, letters included: only this command needs it

    moment, due_on = read_moment("--on", on), read_optional_day("--due", due)
    with context.reading() as session:
        row = find_directive(session, directive)
        check_day(session, row, local_date(moment), now=read_now(None), may_be_past=True)
        coordinator = _coordinator(session, row, person)
    forecast = simulate(
        context.engine,
        context.settings,
        directive,
        on=moment,
        due_on=due_on,
        days=days,
        paths=split(duty) or None,
        coordinator_id=coordinator,
        override=override,
    )
    task_columns = {"duty": _("duty"), "unit_name": _("unit"), "occurrence": _("occurrence"), "due_on": _("due on")}
    letter_columns = {
        "date": _("date"),
        "recipient_name": _("recipient"),
        "kind": _("kind"),
        "rungs": _("rungs"),
        "subject": _("subject"),
    }
    counts = [
        _n("{count} task", "{count} tasks", count=len(forecast.tasks)),
        _n("{count} letter", "{count} letters", count=len(forecast.letters)),
    ]
    tasks = [preview_in_words(task, context.language) for task in forecast.tasks]
    data: dict[str, Any] = {"tasks": tasks, "letters": forecast.letters}
    letters = [
        task | {"kind": LetterKind(task["kind"]).label, "rungs": [rung_words(rung) for rung in task["rungs"]]}
        for task in forecast.letters
    ]
    _tell_days_off(context, forecast.outcome)
    context.show(
        data, context.table(forecast.tasks, task_columns), context.table(letters, letter_columns), context.cell(counts)
    )


def _coordinator(session: Session, directive: Directive, person: str | None) -> UUID:
    return resolve_person(session, person).id if person else default_coordinator(session, directive)
