"""`dondoc report` and `dondoc why`: where things stand, and why a task stands where it stands."""

from typing import Annotated, Any

import typer
from rich.text import Text

from commands.context import Desk, command
from commands.options import Now, TaskName, read_now
from models.i18n import _
from models.localtime import local, local_date, read_day, write_date
from models.task import TaskStatus
from models.template import RecipientRole
from models.words import ROLE_WORDS, letter_state
from workflows.act import find_task
from workflows.calendar import load_calendar
from workflows.launch import find_directive
from workflows.report import FIGURE_WORDS, FORMULA, report, report_json
from workflows.rules.lifecycle import STATUS_WORDS
from workflows.why import LetterLine, Why, why
from workflows.why_words import RUNG_STATE_WORDS, why_json, write_rule


def register(app: typer.Typer) -> None:
    """Adds both commands."""
    command(app, "report", example="dondoc report --cutoff 2026-11-14 --directive ct-06-2004")(report_)
    command(app, "why", example="dondoc why 3f9a1c20")(why_)


def report_(
    desk: Desk,
    cutoff: Annotated[
        str | None, typer.Option("--cutoff", metavar="DATE", help="Cut-off day, to its end; today if not given.")
    ] = None,
    directive: Annotated[
        str | None, typer.Option("--directive", metavar="DIRECTIVE", help="Only this directive.")
    ] = None,
    now: Now = None,
) -> None:
    """The official two by two at a cut-off, whole and by directive, duty and unit."""
    day = read_day("--cutoff", cutoff) if cutoff else local_date(read_now(now))
    with desk.reading() as session:
        code = find_directive(session, directive).code if directive else None
        figures = report(session, cutoff=day, directive=code)
    data = report_json(figures, desk.language)
    heading = desk.words(_("as recorded by the end of {day}"), day=write_date(day))
    if figures.provisional:
        heading += " · " + desk.words(_("provisional"))
    columns = {"name": _("part"), **FIGURE_WORDS}
    whole = [data | {"name": desk.words(_("by the current dates"))}]
    whole.append(data["on_original"] | {"name": desk.words(_("by the original dates"))})
    parts = [desk.table(whole, columns, title=heading)]
    by = {"by_directive": _("by directive"), "by_duty": _("by duty"), "by_unit": _("by unit")}
    for name, title in by.items():
        lines = [line | {"name": f"{line['code']} · {line['name']}"} for line in data[name]]
        parts.append(desk.table(lines, columns, title=desk.words(title)))
    desk.show(data, *parts, Text(desk.words(FORMULA)))


def why_(desk: Desk, name: TaskName, now: Now = None) -> None:
    """Explain a task: its dates, rungs and letters, and the rule behind each."""
    with desk.reading() as session:
        task = find_task(session, name)
        told = why(session, task.id, now=read_now(now), calendar=load_calendar(session))
    dates = [
        {
            "when": step.recorded_at,
            "from": step.previous or "–",
            "to": step.due_on or "–",
            "reason": step.reason,
            "who": step.actor,
        }
        for step in told.dates
    ]
    date_columns = {"when": _("when"), "from": _("from"), "to": _("to"), "reason": _("reason"), "who": _("who")}
    rungs = [
        {
            "rule": write_rule(told, rung.rung, rung.offset, desk.language),
            "moment": rung.fires_at,
            "state": RUNG_STATE_WORDS[rung.state],
            "to": [ROLE_WORDS[RecipientRole(role)] for role in rung.roles],
            "letters": [_letter(desk, line) for line in rung.letters],
        }
        for rung in told.rungs
    ]
    rung_columns = {
        "rule": _("rule"), "moment": _("moment"), "state": _("state"), "to": _("to"), "letters": _("letters")
    }  # fmt: skip
    parts: list[Any] = [Text(_heading(desk, told))]
    parts += [desk.table(dates, date_columns, title=desk.words(_("dates")))]
    parts += [desk.table(rungs, rung_columns, title=desk.words(_("rungs")))]
    if told.other_letters:
        others = [
            {"rule": write_rule(told, line.rung, line.offset, desk.language), "letter": _letter(desk, line)}
            for line in told.other_letters
        ]
        columns = {"rule": _("rule"), "letter": _("letter")}
        parts.append(desk.table(others, columns, title=desk.words(_("other letters"))))
    desk.show(why_json(told, desk.language), *parts)


def _heading(desk: Desk, told: Why) -> str:
    due = write_date(told.due_on) if told.due_on else desk.words(_("no date yet"))
    status = desk.words(STATUS_WORDS[TaskStatus(told.status)])
    return f"{told.directive} · {told.duty} {told.title} · {told.lead_unit} · {status} · {due}"


def _letter(desk: Desk, line: LetterLine) -> str:
    state = desk.words(letter_state(line.letter_state or line.notice_state))
    when = _moment(line.sent_at or line.slot)
    return f"{line.recipient}: {state} {when}"


def _moment(instant: Any) -> str:
    return f"{local(instant):%d/%m/%Y %H:%M}" if instant else "–"
