"""`dondoc demo`: the bundled directive over 120 simulated days, every letter through real SMTP to a local mailbox."""

import os
from collections.abc import Iterator
from dataclasses import asdict
from datetime import date
from typing import Annotated, Any

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from sqlalchemy import Engine

from commands.context import CommandContext, command, front, now
from commands.serve import PortOption, reached_at_its_address, run_server, show_places
from models.database.secret_keys import keys_of
from models.database.session import open_engine, reading, transaction
from models.i18n import Words, _, _n
from models.letters.letter import LetterKind
from models.settings import Settings
from models.text.localtime import local_date, write_date
from workflows.delivery.mail_lines import open_sender
from workflows.operations.demo_accounts import DemoAccount, demo_accounts, make_demo_accounts
from workflows.operations.demo_story import DAYS, Story, play, prepare
from workflows.operations.setup import BUNDLED
from workflows.reports.report_figures import FIGURE_WORDS, FORMULA, RATES, report, report_json

DAYS_A_LINE = 5
"""Simulated days between two lines of progress, where the output is no terminal."""
DoServe = Annotated[bool, typer.Option("--serve/--no-serve", help="Go on serving the site at the end, or stop.")]


@command(front, "demo", example="dondoc demo --no-serve", ready=False)
def demo(context: CommandContext, serve: DoServe = True, port: PortOption = None) -> None:
    """Play 120 days of the bundled directive in a data folder of its own, tell the story, and serve the site.

    The data folder is the one named by --data or DONDOC_DATA, else ./var/demo; mail never leaves this machine.
    """
    settings = _settings(context.settings, port)
    settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    engine = open_engine(settings.url, keys_of(settings))
    try:
        if prepare(engine, now=now()):
            _play(context, engine, settings)
        else:
            context.say(_("the demo has been played here already: this is where it stands"))
        accounts = _make_accounts(engine)
        _show_figures(context, engine, accounts)
        if serve:
            run_server(engine, settings, say=context.say, on_open=lambda places: show_places(context, places))
    finally:
        engine.dispose()


def _settings(settings: Settings, port: int | None = None) -> Settings:
    """Return the installation's settings, but with mail to the local mailbox and links that lead to this machine."""
    data = settings.data if "DONDOC_DATA" in os.environ else settings.data / "demo"
    mail = settings.mail.model_copy(update={"mode": "local"})
    port = settings.port if port is None else port
    return reached_at_its_address(
        settings.model_copy(update={"data": data, "port": port, "mail": mail, "fixed_mail": True})
    )


def _play(context: CommandContext, engine: Engine, settings: Settings) -> None:
    with open_sender(settings) as sender:
        days = list(_with_progress(context, play(engine, settings, sender, now=now())))
    if days:
        _day, story = days[-1]
        for line in _tell(story, settings):
            context.say(line)


def _with_progress(context: CommandContext, days: Iterator[tuple[date, Story]]) -> Iterator[tuple[date, Story]]:
    """Show the progress of the days: a bar on a terminal, otherwise a line every few days."""
    if not context.messages.is_terminal:
        for number, (day, story) in enumerate(days, 1):
            if number % DAYS_A_LINE == 1 or number > DAYS:
                words = _("day {number} of {total} played: {day}")
                context.say(words, number=number, total=DAYS + 1, day=write_date(day))
            yield day, story
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=context.messages) as progress:
        bar = progress.add_task(context.words(_("days played")), total=DAYS + 1)
        for day, story in days:
            progress.update(bar, advance=1, description=write_date(day))
            yield day, story


def _tell(story: Story, settings: Settings) -> list[Words]:
    """Say what happened, a line for each subject."""
    action_counts, letters = story.acts, story.letters
    return [
        _n(
            "{day}: Chỉ thị 06/2004/CT-BBCVT launched, {count} task for the units addressed; waiting: {armed}",
            "{day}: Chỉ thị 06/2004/CT-BBCVT launched, {count} tasks for the units addressed; waiting: {armed}",
            day=write_date(story.launched_on),
            count=story.outcome.created,
            armed=", ".join(story.outcome.armed),
        ),
        _n(
            "units accepted {count} time, reported progress {progress}, submitted {results}; "
            "the records clerk received {receive}",
            "units accepted {count} times, reported progress {progress}, submitted {results}; "
            "the records clerk received {receive}",
            count=action_counts["accept"],
            progress=action_counts["progress"],
            results=_n("{count} result", "{count} results", count=action_counts["submit"]),
            receive=action_counts["receive"],
        ),
        _n(
            "{asked} asked for more time ({granted} granted), {count} obstacle raised, {answered} answered, "
            "{results} returned, {approved} approved",
            "{asked} asked for more time ({granted} granted), {count} obstacles raised, {answered} answered, "
            "{results} returned, {approved} approved",
            asked=action_counts["ask-extension"],
            granted=action_counts["grant-extension"],
            count=action_counts["raise-obstacle"],
            answered=action_counts["answer-obstacle"],
            results=_n("{count} result", "{count} results", count=action_counts["return"]),
            approved=action_counts["approve"],
        ),
        _n(
            "{day}: incident declared, later stood down: {count} task by the hour",
            "{day}: incident declared, later stood down: {count} tasks by the hour",
            day=story.incident or "–",
            count=story.told["hours"],
        ),
        Words(
            _(
                "asked for on request: {request}; difficulties with the directive as a whole: {obstacle}; units "
                "inspected: {inspected}, shortcomings found: {finding}"
            ),
            **{name: story.told[name] for name in ("request", "obstacle", "inspected", "finding")},
        ),
        _n(
            "{count} letter through SMTP to {mailbox}: {kinds}",
            "{count} letters through SMTP to {mailbox}: {kinds}",
            count=letters.total(),
            mailbox=str(settings.mailbox),
            kinds=[
                Words("{kind} {count}", kind=LetterKind(kind).label, count=count)
                for kind, count in letters.most_common()
            ],
        ),
    ]


def _make_accounts(engine: Engine) -> list[DemoAccount]:
    with transaction(engine) as session:
        make_demo_accounts(session, now=now())
        return demo_accounts(session)


def _show_figures(context: CommandContext, engine: Engine, accounts: list[DemoAccount]) -> None:
    with reading(engine) as session:
        data: dict[str, Any] = report_json(
            report(session, cutoff=local_date(now()), directive=BUNDLED), context.language
        )
    row = data | {
        "done": f"{data['done_on_time']} / {data['done_late']}",
        "open": f"{data['open_in_time']} / {data['open_overdue']}",
    }
    figure_headings = {
        "total": _("total"),
        "done": _("done: on time / late"),
        "open": _("not done: on schedule / late"),
        "no_deadline": _("without a deadline"),
        **{name: FIGURE_WORDS[name] for name in RATES},
    }
    rows = [asdict(account) for account in accounts]
    account_headings = {
        "name": _("name"),
        "place": _("what they are"),
        "code": _("user name"),
        "password": _("password"),
    }
    accounts_table = context.table(
        rows, account_headings, title=context.words(_("Ready to sign in with:")), whole=("code", "password")
    )
    context.show(data | {"accounts": rows}, context.table([row], figure_headings), FORMULA, accounts_table)
