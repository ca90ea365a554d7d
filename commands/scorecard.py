"""`dondoc scorecard` and `dondoc risk`: units over time, and which open tasks are likely to be late."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Annotated

import typer
from rich.console import RenderableType
from rich.text import Text

from commands.context import CommandContext, command
from commands.options import Now, read_now
from models.errors import NotFound
from models.i18n import _
from models.organization.register_reads import resolve_unit
from models.text.localtime import local_date, read_day, write_date
from web.reports.scorecard_words import COLUMN_WORDS, write_card, write_period, write_rate
from workflows.launch.launch_tasks import find_directive
from workflows.organization.working_calendar import load_calendar
from workflows.reports.scorecards.ranking import Ranking, list_rankings, read_ranking
from workflows.reports.scorecards.risks import Replay, read_risks, replay
from workflows.reports.scorecards.scorecard_json import ranking_json, replay_json, risks_json, scorecards_json
from workflows.reports.scorecards.scorecard_reads import Scorecards, read_scorecards
from workflows.reports.task_lives import read_told
from workflows.rules.escalation.backtest import verdict_words
from workflows.rules.figures.fairness import FORMULA, NOTES, notes_on
from workflows.rules.figures.scorecard_figures import Every
from workflows.rules.tasks.classification import percent

_SHOWN = ("due", "on_time", "late", "overdue", "rate", "original", "days_late", "returned", "asked")
"""The columns for which a terminal has room; `--json` has them all."""
Directive = Annotated[str | None, typer.Option("--directive", metavar="DIRECTIVE", help="Only this directive.")]


def register(app: typer.Typer) -> None:
    """Add both commands."""
    command(app, "scorecard", example="dondoc scorecard --unit VNPT --every month")(scorecard)
    command(app, "risk", example="dondoc risk --backtest")(risk)


def scorecard(
    desk: CommandContext,
    unit: Annotated[
        str | None, typer.Option("--unit", metavar="UNIT", help="Only this unit, period by period.")
    ] = None,
    every: Annotated[Every, typer.Option("--every", help="The length of the periods.")] = Every.QUARTER,
    cutoff: Annotated[
        str | None, typer.Option("--cutoff", metavar="DATE", help="Cut-off day, to its end; today if not given.")
    ] = None,
    directive: Directive = None,
    ranking: Annotated[
        str | None,
        typer.Option("--ranking", metavar="ID", help="A ranking that a leader has approved, by its last digits."),
    ] = None,
    now: Now = None,
) -> None:
    """Units over time in alphabetical order: dates met, and apart what was returned, asked, moved, left unanswered."""
    day = read_day("--cutoff", cutoff) if cutoff else local_date(read_now(now))
    with desk.reading() as session:
        calendar = load_calendar(session)
        if ranking is not None:
            approved = [
                one.approval.id for one in list_rankings(session, None) if one.approval.id.hex.endswith(ranking)
            ]
            if len(approved) != 1:
                raise NotFound("ranking {name}: no leader has approved such a ranking", name=ranking)
            return _show_ranking(desk, read_ranking(session, None, approved[0], calendar=calendar))
        code = find_directive(session, directive).code if directive else None
        units = None if unit is None else [resolve_unit(session, unit).id]
        found = read_scorecards(session, cutoff=day, calendar=calendar, every=every, directive=code, units=units)
    _show_cards(desk, found, is_one=unit is not None)


def risk(
    desk: CommandContext,
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
    with desk.reading() as session:
        calendar = load_calendar(session)
        if backtest:
            of = find_directive(session, directive).id if directive else None
            played = replay(list(read_told(session, on, of)), on, calendar)
            return desk.show(replay_json(played, desk.language), *_replay(desk, played))
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
    desk.show(
        risks_json(found, desk.language),
        Text(desk.words(verdict_words(found.replay.whole))),
        desk.table(rows, columns, whole=("task",)),
    )


def _show_cards(desk: CommandContext, found: Scorecards, *, is_one: bool) -> None:
    heading = desk.words(_("as recorded by the end of {day}"), day=write_date(found.cutoff))
    columns = {"name": _("period") if is_one else _("unit"), **{name: COLUMN_WORDS[name] for name in _SHOWN}}
    rows, notes = [], []
    for unit in found.units:
        if is_one:
            notes = [desk.words(note) for note in notes_on(unit.whole)]
            rows += [
                {"name": write_period(period, desk.language), **write_card(card, desk.language)}
                for period, card in zip(found.periods, unit.by_period, strict=True)
            ]
        name = desk.words(_("all these periods")) if is_one else unit.name
        rows.append({"name": name, **write_card(unit.whole, desk.language)})
    _explained(desk, scorecards_json(found, desk.language), rows, columns, heading, notes)


def _show_ranking(desk: CommandContext, ranking: Ranking) -> None:
    approval = ranking.of.approval
    words = _("approved by {person} on {day}")
    heading = desk.words(words, person=ranking.of.approved_by, day=write_date(local_date(approval.approved_at)))
    rows = [
        {"place": one.place or "–", "name": one.unit.name, "rate": write_rate(one.unit.whole.due, desk.language)}
        for units in ranking.kinds.values()
        for one in units
    ]
    columns = {"place": _("place"), "name": _("unit"), "rate": _("on-time rate")}
    _explained(desk, ranking_json(ranking, desk.language), rows, columns, heading, [])


def _explained(
    desk: CommandContext,
    data: object,
    rows: Sequence[Mapping[str, object]],
    columns: Mapping[str, str],
    heading: str,
    notes: list[str],
) -> None:
    """A table with the notes that make it fair."""
    words = [*notes, desk.words(FORMULA), *(desk.words(note) for note in NOTES)]
    desk.show(data, desk.table(rows, columns, title=heading, whole=("name", "rate")), *(Text(line) for line in words))


def _replay(desk: CommandContext, played: Replay) -> list[RenderableType]:
    rows = [
        {
            "month": month,
            "cases": one.cases,
            "late": one.late,
            "warned": one.warned,
            "hits": one.warned_late,
            "lot": f"{one.by_lot:.1f}",
            "precision": percent(one.precision, desk.language),
            "recall": percent(one.recall, desk.language),
            "base": percent(one.base_rate, desk.language),
        }
        for month, one in [*played.months.items(), (desk.words(_("all of it")), played.whole)]
    ]
    columns = {
        "month": _("month of the date"),
        "cases": _("dates that came"),
        "late": _("late"),
        "warned": _("warned of"),
        "hits": _("of these late"),
        "lot": _("late by lot"),
        "precision": _("hit of warned"),
        "recall": _("found of late"),
        "base": _("late of all"),
    }
    since = write_date(played.until - timedelta(days=365))
    title = desk.words(_("dates from {first} to {last}"), first=since, last=write_date(played.until))
    return [Text(desk.words(verdict_words(played.whole))), desk.table(rows, columns, title=title)]
