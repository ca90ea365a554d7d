"""What every command shares: settings, the database, the user's language, JSON or tables, and how errors are told."""

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
"""The commands that stand in no group."""

JsonOption = Annotated[bool, typer.Option("--json", help="Print only JSON on standard output.")]
LanguageOption = Annotated[
    str | None, typer.Option("--language", "-L", metavar="vi|en", help="Language of messages; else DONDOC_LANGUAGE.")
]


def now() -> datetime:
    """In UTC: entry points may look at the clock."""
    return datetime.now(UTC)


@dataclass
class CommandContext:
    settings: Settings
    language: str
    as_json: bool
    messages: Console = field(default_factory=lambda: console(stderr=True))

    @cached_property
    def engine(self) -> Engine:
        """Opened at first use. BadInput for a URL that is none."""
        try:
            return open_engine(self.settings.url, keys_of(self.settings))
        except ArgumentError as error:
            raise BadInput(NO_URL, right=RIGHT_URL) from error

    def transaction(self, *, keep: bool = True) -> AbstractContextManager[Session]:
        """One unit of work, committed at the end; with `keep` false everything is taken back again."""
        return (transaction if keep else dry_run_session)(self.engine)

    def reading(self) -> AbstractContextManager[Session]:
        return reading(self.engine)

    def words(self, message: str, **facts: object) -> str:
        return translate(message, self.language, **facts)

    def say(self, message: str, **facts: object) -> None:
        """A message to the user, on standard error."""
        self.messages.print(Text(self.words(message, **facts)), soft_wrap=True)

    def show(self, data: object, *rendered: RenderableType) -> None:
        """The command's answer on standard output: JSON where asked for, else what is rendered; words translated."""
        if self.as_json:
            sys.stdout.write(json.dumps(plain(data), ensure_ascii=False, indent=2) + "\n")
            return
        out = console()
        for one in rendered:
            out.print(Text(self.cell(one)) if isinstance(one, str) else one)

    def may_go_on(self, preview: object, *rendered: RenderableType, yes: bool, dry_run: bool, question: str) -> bool:
        """Show an effect before it is brought about; whether to go on. Refused where nobody is there to be asked."""
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
        """Write logs to standard error meanwhile, as the settings say.

        A person at a terminal who chose no level sees warnings and errors only: the answer is what they asked for.
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
        """`columns` gives each field's heading (a message id). The table says so when there are no rows.

        On a narrow terminal the columns named in `whole` stay on one line and the others fold.
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
        """As people read it; instants on the local clock."""
        if isinstance(value, bool):
            return self.words(_("yes")) if value else ""
        if isinstance(value, (list, tuple)):
            return ", ".join(self.cell(one) for one in value)
        if isinstance(value, Words):
            return self.words(value)
        if isinstance(value, datetime):
            return f"{write_date(local(value).date())} {local(value):%H:%M}"
        if isinstance(value, date):
            return write_date(value)
        return "" if value is None else str(value)


def _agrees(question: str) -> bool:
    """Somebody's answer; Ctrl-C is a no."""
    try:
        return typer.confirm(question, err=True)
    except typer.Abort:
        typer.echo(err=True)  # the cursor still stands behind the question
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
        def run(*, json: bool, language: str | None, **given: Any) -> None:
            _run(function, given, as_json=json, language=language, ready=ready)

        own = list(inspect.signature(function, eval_str=True).parameters.values())[1:]
        keyword = inspect.Parameter.KEYWORD_ONLY
        shared = [
            inspect.Parameter("language", keyword, default=None, annotation=LanguageOption),
            inspect.Parameter("json", keyword, default=False, annotation=JsonOption),
        ]
        signature = inspect.Signature([*(one.replace(kind=keyword) for one in own), *shared])
        run.__signature__ = signature  # type: ignore[attr-defined]
        run.__annotations__ = {one.name: one.annotation for one in signature.parameters.values()}
        app.command(name, epilog=f"Example: {example}", cls=Command)(run)
        return function

    return register


def _run(
    function: Callable[..., None], given: dict[str, Any], *, as_json: bool, language: str | None, ready: bool
) -> None:
    spoken = language or os.environ.get("DONDOC_LANGUAGE", "")
    context: CommandContext | None = None
    try:
        settings = read_settings(language)
        spoken = language or settings.language
        context = CommandContext(settings, spoken, as_json)
        if ready:
            check_ready(context)
        function(context, **given)
    except (typer.Exit, typer.Abort, typer.TyperException, BrokenPipeError):
        raise  # an answer of the command, or a reader of our output who has gone
    except Exception as error:
        fail(as_told(error), spoken if spoken in LANGUAGES else "vi", as_json)
    finally:
        if context is not None and "engine" in context.__dict__:
            context.engine.dispose()


def as_told(error: Exception) -> DondocError:
    """The traceback of an error that nobody foresaw goes into `errors.log`."""
    if isinstance(error, DondocError):
        return error
    if isinstance(error, ExceptionGroup):
        return Failures([as_told(one) for one in error.exceptions])
    if isinstance(error, OperationalError) or type(error) is DatabaseError:  # a file that is no database is the latter
        reason = (str(error.orig).strip().splitlines() or ["–"])[0]
        return DondocError("the database cannot be used now: {reason}; `dondoc doctor` says what to do", reason=reason)
    if isinstance(error, OSError):
        return DondocError("the file system refuses: {reason}", reason=cause(error))
    file = traces_file()
    if not keep_trace(file, error, now=now(), event="command_failed", command=" ".join(sys.argv[1:3])):
        traceback.print_exception(error)  # nowhere else would it be seen
        return DondocError("a fault of the program: {reason}; {file} cannot be written", reason=repr(error), file=file)
    return DondocError(
        "a fault of the program: {reason}; send the end of {file} to its maintainer",
        reason=type(error).__name__,
        file=file,
    )


def traces_file() -> Path:
    return data_folder() / "errors.log"


def check_ready(context: CommandContext) -> None:
    """Nothing is made here: a database that is not there is for `dondoc init`, an older one for `dondoc upgrade`."""
    state = SchemaState.NONE if lacks_file(context) else state_of(context.engine.execution_options(reading_only=True))
    refuse_unfit(state)
    refuse_older(state)
    if state is not SchemaState.CURRENT:
        raise BadInput("the database is not ready: run `dondoc init` first")


def lacks_file(context: CommandContext) -> bool:
    """An SQLite that is not there: whoever connects would make an empty one."""
    url = context.engine.url
    return url.get_backend_name() == "sqlite" and not Path(url.database or "").is_file()


def check_sealed(context: CommandContext) -> None:
    """Raise where the database's secrets are sealed and the key is not here: what needs them is not begun."""
    with context.reading() as session:
        check_keys(session.connection())


def cause(error: DondocError | OSError) -> Words | str:
    """To be told within a message; the system's words without their number."""
    if isinstance(error, DondocError):
        return Words(error.message, **error.facts)
    return f"{error.filename}: {error.strerror}" if error.filename else error.strerror or str(error)
