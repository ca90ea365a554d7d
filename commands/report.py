"""`dondoc report` and `dondoc why`: the official figures, and the reasons for a task's dates and letters."""

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.text import Text

from commands.context import CommandContext, command, front
from commands.options import Now, TaskName, read_now
from models.directives.directive import find_directive
from models.directives.ladders import RecipientRole
from models.errors import BadInput
from models.i18n import _
from models.letters.letter import NOTICE_REASON_WORDS, letter_state
from models.organization.unit import UnitKind
from models.tasks.task import TaskStatus
from models.text.localtime import local, local_date, read_day, write_date
from models.words import after_the_last_rung
from notifications.composing.reasons import due_words
from notifications.composing.wording import WrittenWords
from workflows.access.find_task import find_task
from workflows.escalation.explanation import Explanation, NoticeLine, explain_task
from workflows.escalation.explanation_words import explanation_json, write_rule
from workflows.organization.working_calendar import load_calendar
from workflows.reports.report_book import write_book
from workflows.reports.report_figures import FIGURE_WORDS, FORMULA, Breakdown, Report, report, report_json
from workflows.reports.report_tasks import ALL_OF_IT, CountedTask, Figure, ReportPart, tasks_behind


@command(front, "report", example="dondoc report --cutoff 2026-11-14 --directive ct-06-2004")
def report_(
    context: CommandContext,
    cutoff: Annotated[
        str | None, typer.Option("--cutoff", metavar="DATE", help="Cut-off day, to its end; today if not given.")
    ] = None,
    directive: Annotated[
        str | None, typer.Option("--directive", metavar="DIRECTIVE", help="Only this directive.")
    ] = None,
    xlsx: Annotated[
        Path | None,
        typer.Option("--xlsx", metavar="FILE", help="Write it as a workbook as well, one sheet a breakdown."),
    ] = None,
    figure: Annotated[
        Figure | None, typer.Option("--tasks", help="Instead, list the tasks behind this number.")
    ] = None,
    on_original: Annotated[bool, typer.Option("--on-original", help="With --tasks: by the original dates.")] = False,
    duty: Annotated[str | None, typer.Option("--duty", metavar="NUMBER", help="With --tasks: of this duty.")] = None,
    unit: Annotated[str | None, typer.Option("--unit", metavar="UNIT", help="With --tasks: led by this unit.")] = None,
    kind: Annotated[UnitKind | None, typer.Option("--kind", help="With --tasks: led by units of this kind.")] = None,
    partner: Annotated[
        str | None, typer.Option("--partner", metavar="UNIT", help="With --tasks: with this coordinating unit.")
    ] = None,
    contributed: Annotated[
        bool | None,
        typer.Option("--contributed/--awaited", help="With --partner: its share is recorded, or still awaited."),
    ] = None,
    period: Annotated[
        str | None, typer.Option("--period", metavar="PERIOD", help="With --tasks: once, request, incident or 2026-Q4.")
    ] = None,
    now: Now = None,
) -> None:
    """The official two by two at a cut-off, whole and by its parts, or the tasks behind one of its numbers."""
    moment = read_now(now)
    day = read_day("--cutoff", cutoff) if cutoff else local_date(moment)
    part = ReportPart(duty=duty, unit=unit, kind=kind, partner=partner, contributed=contributed, period=period)
    if figure is None and (part != ALL_OF_IT or on_original):
        raise BadInput("--duty, --unit, --kind, --partner, --period: say with --tasks which number is meant")
    with context.reading() as session:
        code = find_directive(session, directive).code if directive else None
        if figure is not None:
            tasks = tasks_behind(
                session, cutoff=day, figure=figure, directive=code, part=part, on_original=on_original, now=moment
            )
            show_tasks(context, tasks)
            return
        figures = report(session, cutoff=day, directive=code, now=moment)
    if xlsx is not None:
        xlsx.write_bytes(write_book(figures, context.language))
        context.say(_("written: {file}"), file=str(xlsx))
    _show(context, figures)


def _show(context: CommandContext, figures: Report) -> None:
    data = report_json(figures, context.language)
    heading = context.words(_("as recorded by the end of {day}"), day=write_date(figures.cutoff))
    if figures.provisional:
        heading += " · " + context.words(_("provisional"))
    columns = {"name": _("part"), **FIGURE_WORDS}
    whole = [data | {"name": context.words(_("by the current deadlines"))}]
    whole.append(data["on_original"] | {"name": context.words(_("by the original deadlines"))})
    parts = [context.table(whole, columns, title=heading)]
    columns |= {"late_before": _("open overdue, by the original deadlines")}
    for breakdown in Breakdown:
        lines = [
            line | {"name": f"{line['code']} · {line['name']}", "late_before": line["on_original"]["open_overdue"]}
            for line in data[f"by_{breakdown}"]
        ]
        more = {"contributed": _("share recorded")} if breakdown is Breakdown.PARTNER else {}
        if lines:
            parts.append(context.table(lines, columns | more, title=context.words(BY_WORDS[breakdown])))
    context.show(data, *parts, FORMULA)


BY_WORDS = {
    Breakdown.DIRECTIVE: _("by directive"),
    Breakdown.DUTY: _("by duty"),
    Breakdown.KIND: _("by kind of unit"),
    Breakdown.UNIT: _("by unit"),
    Breakdown.PARTNER: _("by coordinating unit"),
    Breakdown.PERIOD: _("by period"),
}


def show_tasks(context: CommandContext, tasks: list[CountedTask]) -> None:
    lines = [
        {
            "task_id": task.task_id.hex,
            "directive": task.directive,
            "duty": task.duty_path,
            "period": task.occurrence,
            "unit": task.unit_code,
            "due_on": task.at.due_on,
            "original_due_on": task.at.original_due_on,
            "counts_on": task.at.counts_on,
            "place": task.bucket.value,
        }
        for task in tasks
    ]
    columns = {
        "task_id": _("task"),
        "directive": _("directive"),
        "duty": _("duty"),
        "period": _("period"),
        "unit": _("unit"),
        "due_on": _("date"),
        "original_due_on": _("original deadline"),
        "words": _("standing"),
    }
    rows = [line | {"words": context.words(FIGURE_WORDS[str(line["place"])])} for line in lines]
    context.show(lines, context.table(rows, columns, title=str(len(tasks))))


@command(front, "why", example="dondoc why 3f9a1c20")
def why_(context: CommandContext, name: TaskName, now: Now = None) -> None:
    """Explain a task: its dates, rungs and letters, and the rule behind each."""
    with context.reading() as session:
        task = find_task(session, name)
        explanation = explain_task(session, task.id, now=read_now(now), calendar=load_calendar(session))
    dates = [
        {
            "when": step.recorded_at,
            "from": step.previous or "–",
            "to": step.due_on or "–",
            "reason": due_words(step.due_facts, step.reason, context.language),
            "who": step.actor,
        }
        for step in explanation.dates
    ]
    date_columns = {"when": _("when"), "from": _("from"), "to": _("to"), "reason": _("reason"), "who": _("who")}
    rungs = [
        {
            "rule": write_rule(explanation, rung, context.language),
            "moment": rung.fires_at,
            "state": rung.state.label,
            "to": [RecipientRole(role).label for role in rung.roles],
            "letters": [_letter(context, line) for line in rung.letters],
        }
        for rung in explanation.rungs
    ]
    rung_columns = {
        "rule": _("rule"),
        "moment": _("moment"),
        "state": _("state"),
        "to": _("to"),
        "letters": _("letters"),
    }
    parts: list[Any] = [Text(_heading(context, explanation))]
    parts += [context.table(dates, date_columns, title=context.words(_("dates")))]
    parts += [context.table(rungs, rung_columns, title=context.words(_("rungs")))]
    parts += [Text(context.words(after_the_last_rung(hours=explanation.clock == "hours")))]
    if explanation.other_letters:
        others = [
            {"rule": write_rule(explanation, line, context.language), "letter": _letter(context, line)}
            for line in explanation.other_letters
        ]
        columns = {"rule": _("rule"), "letter": _("letter")}
        parts.append(context.table(others, columns, title=context.words(_("other letters"))))
    context.show(explanation_json(explanation, context.language), *parts)


def _heading(context: CommandContext, explanation: Explanation) -> str:
    due = write_date(explanation.due_on) if explanation.due_on else context.words(_("no deadline yet"))
    if explanation.day_off:
        due = f"{due} ({WrittenWords(context.language).day_off(explanation.day_off)})"
    status = context.words(TaskStatus(explanation.status).label)
    goes = context.words(_("the result goes to {unit}", unit=explanation.result_goes_to))
    duty = f"{explanation.directive} · {explanation.duty} {explanation.title}"
    return f"{duty} · {explanation.lead_unit} · {status} · {due} · {goes}"


def _letter(context: CommandContext, line: NoticeLine) -> str:
    state = context.words(letter_state(line.letter_state or line.notice_state))
    when = _moment(line.sent_at or line.slot)
    why = context.words(NOTICE_REASON_WORDS.get(line.reason, line.reason))
    return f"{line.recipient}: {state} {when}" + (f" ({why})" if why else "")


def _moment(instant: Any) -> str:
    return f"{local(instant):%d/%m/%Y %H:%M}" if instant else "–"
