"""`dondoc doctor`: what is wrong with this installation, and what to do."""

import os
import sys

import typer
from rich.table import Table
from rich.text import Text

from commands.context import CommandContext, JsonOption, LanguageOption, as_told, front, now
from commands.help import Command
from commands.output import fail, read_settings
from models.errors import BadInput
from models.i18n import LANGUAGES, Words, _, _n
from models.operations.logs import start_logging, stop_logging
from models.settings import Settings, data_folder
from workflows.operations.doctor import examine, title_of
from workflows.operations.doctor.finding import STATE_WORDS, CheckedInstallation, Finding, State, disk_space

_COLOURS = {State.OK: "green", State.WARNING: "yellow", State.BROKEN: "red"}


# Not by `command`: settings that cannot be read are a finding here, not the end.
@front.command("doctor", epilog="Example: dondoc doctor --json", cls=Command)
def doctor(language: LanguageOption = None, json: JsonOption = False) -> None:
    """Check everything this installation needs, and say what to do; change and send nothing.

    Exit code 1 where something is broken, 0 where there are only warnings.
    """
    spoken = language or os.environ.get("DONDOC_LANGUAGE", "")
    context = CommandContext(
        Settings.model_construct(data=data_folder()), spoken if spoken in LANGUAGES else "vi", json
    )
    try:
        context.settings = read_settings(language)
    except BadInput as error:
        if language is not None and language not in LANGUAGES:
            fail(error, context.language, json)
        findings = [_unreadable(error)]
    else:
        context.language = language or context.settings.language
        try:
            findings = _examined(context)
        except Exception as error:
            fail(as_told(error), context.language, json)
    _show(context, findings)
    if any(one.state is State.BROKEN for one in findings):
        raise typer.Exit(1)


def _examined(context: CommandContext) -> list[Finding]:
    if context.settings.log_level == "debug":
        start_logging(sys.stderr, form=context.settings.log_format, level="debug")
    try:
        return list(examine(CheckedInstallation(context.settings, now(), space=disk_space)))
    finally:
        stop_logging()


def _unreadable(error: BadInput) -> Finding:
    advice = _("correct it in {file} or in the environment (DONDOC_…), then again", file=data_folder() / "dondoc.toml")
    return Finding(State.BROKEN, Words(error.message, **error.facts), advice, name="settings")


def _show(context: CommandContext, findings: list[Finding]) -> None:
    """A line for each check, and below those that are not ok what to do."""
    grid = Table.grid(padding=(0, 2))
    for one in findings:
        state = Text(context.words(STATE_WORDS[one.state]), style=_COLOURS[one.state])
        grid.add_row(state, Text(context.words(title_of(one.name))), Text(context.words(one.words), overflow="fold"))
        if one.advice is not None:
            grid.add_row("", "", Text(f"→ {context.words(one.advice)}", overflow="fold"))
    counts = {state: sum(one.state is state for one in findings) for state in State}
    worst = next((state for state in (State.BROKEN, State.WARNING) if counts[state]), State.OK)
    told = [
        {
            "name": one.name,
            "state": one.state.value,
            "words": context.words(one.words),
            "advice": context.words(one.advice) if one.advice is not None else None,
        }
        for one in findings
    ]
    context.show({"state": worst.value, "checks": told}, grid)
    if not context.as_json:
        broken, warned = counts[State.BROKEN], counts[State.WARNING]
        context.say(
            _n("{count} check: {broken} broken, {warnings}", "{count} checks: {broken} broken, {warnings}"),
            count=len(told),
            broken=broken,
            warnings=_n("{count} warning", "{count} warnings", count=warned),
        )
