"""`dondoc risk`: which open tasks are likely to be late."""

from datetime import timedelta
from typing import Annotated

import typer
from rich.console import RenderableType

from commands.context import CommandContext, command, front
from commands.options import Now, read_now
from models.i18n import _
from models.text.localtime import local_date, read_day, write_date
from workflows.launch.launch_plan import find_directive
from workflows.organization.working_calendar import load_calendar
from workflows.reports.scorecards.risks import Replay, read_risks, replay
from workflows.reports.scorecards.scorecard_json import replay_json, risks_json
from workflows.reports.task_lives import read_told
from workflows.rules.escalation.backtest import score_words

Directive = Annotated[str | None, typer.Option("--directive", metavar="DIRECTIVE", help="Only this directive.")]


@command(front, "risk", example="dondoc risk --backtest")
def risk(
    context: CommandContext,
    backtest: Annotated[
        bool, typer.Option("--backtest", help="Only how the rule did in the 12 months before.")
    ] = False,
    directive: Directive = None,
    day: Annotated[
        str | None, typer.Option("--day", metavar="DATE", help="The day, to its end; today if not given.")
    ] = None,
    now: Now = None,
) -> None:
    """Open tasks that are likely to miss their date, with the reasons, and how such warnings did in the past."""
    on = read_day("--day", day) if day else local_date(read_now(now))
    with context.reading() as session:
        calendar = load_calendar(session)
        if backtest:
            of = find_directive(session, directive).id if directive else None
            played = replay(list(read_told(session, on, of)), on, calendar)
            return context.show(replay_json(played, context.language), *_replay(context, played))
        code = find_directive(session, directive).code if directive else None
        found = read_risks(session, day=on, calendar=calendar, directive=code)
    rows = [
        {
            "task": one.task_id.hex[-8:],
            "unit": one.unit,
            "duty": f"{one.duty_path} {one.duty_title}",
            "due": one.risk.due_on,
            "points": one.risk.points,
            "why": [reason.words for reason in one.risk.reasons],
        }
        for one in found.warned
    ]
    columns = {
        "task": _("task"),
        "unit": _("unit"),
        "duty": _("duty"),
        "due": _("date"),
        "points": _("points"),
        "why": _("why"),
    }
    context.show(
        risks_json(found, context.language),
        score_words(found.replay.whole),
        context.table(rows, columns, whole=("task",)),
    )


def _replay(context: CommandContext, played: Replay) -> list[RenderableType]:
    rows = [
        {"month": month, "warned": one.warned, "correct": one.warned_late, "late": one.late, "missed": one.missed}
        for month, one in [*played.months.items(), (context.words(_("all of it")), played.whole)]
    ]
    columns = {
        "month": _("month of the deadline"),
        "warned": _("warned of"),
        "correct": _("correct warnings"),
        "late": _("late"),
        "missed": _("missed"),
    }
    since = write_date(played.until - timedelta(days=365))
    title = context.words(_("deadlines from {first} to {last}"), first=since, last=write_date(played.until))
    return [score_words(played.whole), context.table(rows, columns, title=title)]
