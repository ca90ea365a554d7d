"""Write a command's output: to a terminal or a pipe, as words or JSON, with faults on standard error."""

import json
import sys
from collections.abc import Iterable, Mapping
from dataclasses import asdict, is_dataclass
from datetime import date
from typing import Any, TextIO

import typer
from pydantic import ValidationError
from rich.console import Console
from rich.text import Text

from models.errors import BadInput, DondocError
from models.i18n import LANGUAGES
from models.settings import Settings
from models.text.faults import fault_words

_PIPE_WIDTH = 160  # characters a line


def is_terminal(stream: TextIO) -> bool:
    return stream.isatty()


def plain(value: Any) -> Any:
    """Turn a value into plain JSON values. Ids and instants (UTC) become text, dataclasses objects."""
    if isinstance(value, Mapping):
        return {str(key): plain(part) for key, part in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [plain(part) for part in value]
    if isinstance(value, date):  # a datetime is one
        return value.isoformat()
    if is_dataclass(value) and not isinstance(value, type):
        return plain(asdict(value))
    return value if value is None or isinstance(value, (bool, int, float, str)) else str(value)


def check_one_of(option: str, value: str | None, allowed: Iterable[str]) -> None:
    """Raise BadInput for a value that is not allowed; None passes."""
    possible = list(allowed)
    if value is not None and value not in possible:
        raise BadInput(
            "{option} {value}: expected one of {allowed}", option=option, value=value, allowed=", ".join(possible)
        )


def read_settings(language: str | None) -> Settings:
    check_one_of("--language", language, LANGUAGES)
    try:
        return Settings()
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise BadInput("settings, {field}: {wrong}", field=place, wrong=fault_words(first)) from error
    except ValueError as error:  # a dondoc.toml that is no TOML
        raise BadInput("settings, dondoc.toml: {wrong}", wrong=str(error)) from error


def fail(error: DondocError, language: str, as_json: bool) -> None:
    """Print an error on standard error, with --json also as an object on standard output, and exit."""
    words = error.tell(language)
    console(stderr=True).print(Text(words), style="red", soft_wrap=True)
    if as_json:
        sys.stdout.write(json.dumps({"error": words}, ensure_ascii=False) + "\n")
    raise typer.Exit(error.exit_code)


def console(*, stderr: bool = False) -> Console:
    """Return a console of Rich, which honours NO_COLOR and leaves colours out of pipes. Brackets are no markup."""
    stream = sys.stderr if stderr else sys.stdout
    return Console(stderr=stderr, markup=False, highlight=False, width=None if stream.isatty() else _PIPE_WIDTH)
