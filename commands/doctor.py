"""`dondoc doctor`: find what is wrong with this installation, and say what to do."""

import os
import sys

import typer
from rich.table import Table
from rich.text import Text

from commands.context import CommandContext, JsonOption, LanguageOption, front, now, to_dondoc_error
from commands.help import Command
from commands.output import fail, read_settings
from models.errors import BadInput
from models.i18n import LANGUAGES, Words, _, _n
from models.operations.logs import start_logging, stop_logging
from models.settings import Settings, data_folder
from workflows.operations.doctor import examine, title_of
from workflows.operations.doctor.finding import STATE_WORDS, CheckedInstallation, Finding, State, disk_space

_COLOURS = {State.OK: "green", State.WARNING: "yellow", State.BROKEN: "red"}


# Not registered by `command`, which ends where settings cannot be read: here that is a finding.
@front.command("doctor", epilog="Example: dondoc doctor --json", cls=Command)
def doctor(language: LanguageOption = None, json: JsonOption = False) -> None:
    """Check everything this installation needs, and say what to do; change and send nothing.

    Exit code 1 where something is broken, 0 where there are only warnings.
    """
    wanted_language = language or os.environ.get("DONDOC_LANGUAGE", "")
    context = CommandContext(
        Settings.model_construct(data=data_folder()), wanted_language if wanted_language in LANGUAGES else "vi", json
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
            fail(to_dondoc_error(error), context.language, json)
    _show(context, findings)
    if any(finding.state is State.BROKEN for finding in findings):
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
    """Print a line for each check, with advice beneath those that are not ok."""
    grid = Table.grid(padding=(0, 2))
    for finding in findings:
        state = Text(context.words(STATE_WORDS[finding.state]), style=_COLOURS[finding.state])
        grid.add_row(
            state, Text(context.words(title_of(finding.name))), Text(context.words(finding.words), overflow="fold")
        )
        if finding.advice is not None:
            grid.add_row("", "", Text(f"→ {context.words(finding.advice)}", overflow="fold"))
    counts = {state: sum(finding.state is state for finding in findings) for state in State}
    worst = next((state for state in (State.BROKEN, State.WARNING) if counts[state]), State.OK)
    checks = [
        {
            "name": finding.name,
            "state": finding.state.value,
            "words": context.words(finding.words),
            "advice": context.words(finding.advice) if finding.advice is not None else None,
        }
        for finding in findings
    ]
    context.show({"state": worst.value, "checks": checks}, grid)
    if not context.as_json:
        broken, warned = counts[State.BROKEN], counts[State.WARNING]
        context.say(
            _n("{count} check: {broken} broken, {warnings}", "{count} checks: {broken} broken, {warnings}"),
            count=len(checks),
            broken=broken,
            warnings=_n("{count} warning", "{count} warnings", count=warned),
        )
