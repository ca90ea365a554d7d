"""The context of every command: settings, database, the user's language, JSON or tables, and the words of errors."""

import inspect
import json
import os
import sys
import traceback
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import cached_property, wraps
from pathlib import Path
from typing import Annotated, Any, Concatenate, ParamSpec

import typer
from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text
from sqlalchemy import Engine
from sqlalchemy.exc import ArgumentError, DatabaseError, OperationalError
from sqlmodel import Session

from commands.help import Command
from commands.output import console, fail, is_terminal, plain, read_settings
from models.database.schema_state import SchemaState, refuse_older, refuse_unfit, state_of
from models.database.sealed import check_keys
from models.database.secret_keys import keys_of
from models.database.session import NO_URL, RIGHT_URL, dry_run_session, open_engine, reading, transaction
from models.errors import BadInput, DondocError, Failures, Refused
from models.i18n import LANGUAGES, Words, _, translate
from models.operations.logs import keep_trace, start_logging, stop_logging
from models.settings import Settings, data_folder
from models.text.localtime import local, write_date

P = ParamSpec("P")
front = typer.Typer(add_completion=False, pretty_exceptions_show_locals=False)
"""The commands without a group."""

JsonOption = Annotated[bool, typer.Option("--json", help="Print only JSON on standard output.")]
LanguageOption = Annotated[
    str | None, typer.Option("--language", "-L", metavar="vi|en", help="Language of messages; else DONDOC_LANGUAGE.")
]


def now() -> datetime:
    """Return the moment in UTC. Only entry points look at the clock."""
    return datetime.now(UTC)


@dataclass
class CommandContext:
    settings: Settings
    language: str
    as_json: bool
    messages: Console = field(default_factory=lambda: console(stderr=True))

    @cached_property
    def engine(self) -> Engine:
        """Open the database at first use. BadInput for a text that is no database URL."""
        try:
            return open_engine(self.settings.url, keys_of(self.settings))
        except ArgumentError as error:
            raise BadInput(NO_URL, right=RIGHT_URL) from error

    def transaction(self, *, keep: bool = True) -> AbstractContextManager[Session]:
        """Return one unit of work, committed at the end. With `keep` false, everything is undone at the end."""
        return transaction(self.engine) if keep else dry_run_session(self.engine)

    def reading(self) -> AbstractContextManager[Session]:
        return reading(self.engine)

    def words(self, message: str, **facts: object) -> str:
        return translate(message, self.language, **facts)

    def say(self, message: str, **facts: object) -> None:
        """Print a message to the user on standard error."""
        self.messages.print(Text(self.words(message, **facts)), soft_wrap=True)

    def show(self, data: object, *rendered: RenderableType) -> None:
        """Print the answer on standard output: the data as JSON where that is asked for, else the rendered parts."""
        if self.as_json:
            sys.stdout.write(json.dumps(plain(data), ensure_ascii=False, indent=2) + "\n")
            return
        out = console()
        for part in rendered:
            out.print(Text(self.cell(part)) if isinstance(part, str) else part)

    def may_go_on(self, preview: object, *rendered: RenderableType, yes: bool, dry_run: bool, question: str) -> bool:
        """Show an effect before it happens, and return whether to go on. Exits where nobody can be asked."""
        if yes and not dry_run:
            if not self.as_json:
                self.show(preview, *rendered)
            return True
        self.show(preview, *rendered)
        if dry_run:
            self.say(_("dry run: nothing was kept"))
            return False
        if not self.as_json and is_terminal(sys.stdin) and _agrees(self.words(question)):
            return True
        self.say(_("nothing was done; repeat it with --yes"))
        raise typer.Exit(Refused.exit_code)

    @contextmanager
    def logging(self) -> Iterator[None]:
        """Write logs to standard error within the block, as the settings say.

        A person at a terminal who set no level sees warnings and errors alone.
        """
        chosen = self.settings.log_format == "json" or "log_level" in self.settings.model_fields_set
        level = self.settings.log_level if chosen or not is_terminal(sys.stderr) else "warning"
        start_logging(sys.stderr, form=self.settings.log_format, level=level, traces=traces_file())
        try:
            yield
        finally:
            stop_logging()

    def table(
        self,
        rows: Sequence[Mapping[str, Any]],
        columns: Mapping[str, str],
        *,
        title: str | None = None,
        whole: Collection[str] = (),
    ) -> RenderableType:
        """Return a table, or words that there is nothing to show. `columns`: a heading (message id) for each field.

        On a narrow terminal the columns named in `whole` stay on one line, and the others fold.
        """
        if self.as_json:
            return Text()  # JSON shows no table
        if not rows:
            return Text(self.words(_("nothing to show")))
        table = Table(title=Text(title) if title else None, title_justify="left")
        for name, heading in columns.items():
            table.add_column(Text(self.words(heading)), overflow="fold", no_wrap=name in whole)
        for row in rows:
            table.add_row(*(Text(self.cell(row.get(name))) for name in columns))
        return table

    def cell(self, value: object) -> str:
        """Write a value for people. Instants are written in local time."""
        if isinstance(value, bool):
            return self.words(_("yes")) if value else ""
        if isinstance(value, (list, tuple)):
            return ", ".join(self.cell(part) for part in value)
        if isinstance(value, Words):
            return self.words(value)
        if isinstance(value, datetime):
            return f"{write_date(local(value).date())} {local(value):%H:%M}"
        if isinstance(value, date):
            return write_date(value)
        return "" if value is None else str(value)


def _agrees(question: str) -> bool:
    """Ask at the terminal. Ctrl-C means no."""
    try:
        return typer.confirm(question, err=True)
    except typer.Abort:
        typer.echo(err=True)  # ends the line of the question
        return False


def command(
    app: typer.Typer, name: str, *, example: str, ready: bool = True
) -> Callable[[Callable[Concatenate[CommandContext, P], None]], Callable[Concatenate[CommandContext, P], None]]:
    """Register a command whose first parameter is the command context; add --json and --language, and print errors.

    `ready`: the command needs a database that `dondoc init` has prepared.
    """

    def register(
        function: Callable[Concatenate[CommandContext, P], None],
    ) -> Callable[Concatenate[CommandContext, P], None]:
        @wraps(function)
        def run(*, json: bool, language: str | None, **arguments: Any) -> None:
            _run(function, arguments, as_json=json, language=language, ready=ready)

        own_parameters = list(inspect.signature(function, eval_str=True).parameters.values())[1:]
        keyword_only = inspect.Parameter.KEYWORD_ONLY
        shared_options = [
            inspect.Parameter("language", keyword_only, default=None, annotation=LanguageOption),
            inspect.Parameter("json", keyword_only, default=False, annotation=JsonOption),
        ]
        signature = inspect.Signature(
            [*(parameter.replace(kind=keyword_only) for parameter in own_parameters), *shared_options]
        )
        run.__signature__ = signature  # type: ignore[attr-defined]
        run.__annotations__ = {parameter.name: parameter.annotation for parameter in signature.parameters.values()}
        app.command(name, epilog=f"Example: {example}", cls=Command)(run)
        return function

    return register


def _run(
    function: Callable[..., None], arguments: dict[str, Any], *, as_json: bool, language: str | None, ready: bool
) -> None:
    language_or_default = language or os.environ.get("DONDOC_LANGUAGE", "")
    context: CommandContext | None = None
    try:
        settings = read_settings(language)
        language_or_default = language or settings.language
        context = CommandContext(settings, language_or_default, as_json)
        if ready:
            check_ready(context)
        function(context, **arguments)
    except (typer.Exit, typer.Abort, typer.TyperException, BrokenPipeError):
        raise  # the command's own exit, or the reader of our output has closed it
    except Exception as error:
        fail(to_dondoc_error(error), language_or_default if language_or_default in LANGUAGES else "vi", as_json)
    finally:
        if context is not None and "engine" in context.__dict__:
            context.engine.dispose()


def to_dondoc_error(error: Exception) -> DondocError:
    """Return an error with words for the user. The traceback of an unexpected error goes into `errors.log`."""
    if isinstance(error, DondocError):
        return error
    if isinstance(error, ExceptionGroup):
        return Failures([to_dondoc_error(part) for part in error.exceptions])
    if isinstance(error, OperationalError) or type(error) is DatabaseError:  # a file that is no database is the latter
        reason = (str(error.orig).strip().splitlines() or ["–"])[0]
        return DondocError("the database cannot be used now: {reason}; `dondoc doctor` says what to do", reason=reason)
    if isinstance(error, OSError):
        return DondocError("the file system refuses: {reason}", reason=cause(error))
    file = traces_file()
    if not keep_trace(file, error, now=now(), event="command_failed", command=" ".join(sys.argv[1:3])):
        traceback.print_exception(error)  # it could not be written anywhere else
        return DondocError("a fault of the program: {reason}; {file} cannot be written", reason=repr(error), file=file)
    return DondocError(
        "a fault of the program: {reason}; send the end of {file} to its maintainer",
        reason=type(error).__name__,
        file=file,
    )


def traces_file() -> Path:
    return data_folder() / "errors.log"


def check_ready(context: CommandContext) -> None:
    """Raise for a database that is missing or of another version. This function never creates or upgrades one."""
    state = SchemaState.NONE if lacks_file(context) else state_of(context.engine.execution_options(reading_only=True))
    refuse_unfit(state)
    refuse_older(state)
    if state is not SchemaState.CURRENT:
        raise BadInput("the database is not ready: run `dondoc init` first")


def lacks_file(context: CommandContext) -> bool:
    """Return whether the SQLite file is missing. Connecting to it would create an empty one."""
    url = context.engine.url
    return url.get_backend_name() == "sqlite" and not Path(url.database or "").is_file()


def check_sealed(context: CommandContext) -> None:
    """Raise where the database's secrets are sealed with a key that is missing, before work that needs them begins."""
    with context.reading() as session:
        check_keys(session.connection())


def cause(error: DondocError | OSError) -> Words | str:
    """Return the reason for use within a message. The operating system's words come without their error number."""
    if isinstance(error, DondocError):
        return Words(error.message, **error.facts)
    return f"{error.filename}: {error.strerror}" if error.filename else error.strerror or str(error)
