"""Gathers the message ids of code and pages into the catalogues: `python -m models.locale.extract` (make messages).

A message id is the first argument of the functions in MARKERS, in the code or in a page; `_n` has two, the singular and
the plural. Each paragraph of the help of a command, its options and its arguments is one too. New ids come in without a
translation, ids that the code no longer has are left out; translations stay as they are.
"""

import ast
import re
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import IO, Any

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from models.i18n import LOCALE, paragraphs

HOUSE = LOCALE.parent.parent
FRONT = HOUSE / "dondoc.py"
FOLDERS = ("models", "notifications", "workflows", "web", "commands")
ERRORS = (
    "BadInput",
    "NotFound",
    "Refused",
    "Busy",
    "Forbidden",
    "Locked",
    "OutOfScope",
    "HeadLost",
    "Conflict",
    "DondocError",
    "Unreadable",
)
TYPERS = ("typer.Option", "typer.Argument", "typer.Typer")
KEYWORDS = {"_": None, "_n": (1, 2)}
MARKERS = ("_", "Words", *ERRORS, "say", "words", "translate", "invalid")
_UNSAID = re.compile(r"\{[^{}]*\}|[\W\d_]")

Message = str | tuple[str, str]
Found = tuple[int, str, Message, list[str]]


def python_messages(
    file: IO[bytes], keywords: Collection[str], comment_tags: Collection[str], options: Mapping[str, Any]
) -> Iterator[Found]:
    """Babel's extraction method for Python: by the syntax tree, so that `a if x else b` is two messages, not one."""
    for node in ast.walk(ast.parse(file.read())):
        if not isinstance(node, ast.Call):
            continue
        name = getattr(node.func, "attr", getattr(node.func, "id", ""))
        if name == "_n":
            singular, plural = map(ast.literal_eval, node.args)
            yield node.lineno, name, (singular, plural), []
        errors = name == "__init__" and "super()" in ast.unparse(node.func)  # an error that words itself
        if not (name in MARKERS or errors) or not node.args:
            continue
        for message in _constants(node.args[0]):
            yield node.lineno, "_", message, []


def help_messages(source: str) -> Iterator[str]:
    """Yield what `--help` says, a paragraph each: of a command by its docstring, of all else by `help=`."""
    tree = ast.parse(source)
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    registered = {ast.unparse(node.args[0]) for node in calls if _registers(node.func)}
    texts = [
        ast.get_docstring(node) or ""
        for node in functions
        if node.name in registered or any(map(_registers, node.decorator_list))
    ]
    for node in calls:
        if ast.unparse(node.func) in TYPERS:
            said = (part for one in node.keywords if one.arg == "help" for part in ast.walk(one.value))
            texts += [part.value for part in said if isinstance(part, ast.Constant) and isinstance(part.value, str)]
    yield from (one for text in texts for one in paragraphs(text) if _UNSAID.sub("", one))


def _registers(node: ast.expr) -> bool:
    """Whether it is `command(…)`, `app.command(…)` or `app.callback(…)`."""
    return isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] in ("command", "callback")


def _constants(node: ast.expr) -> Iterator[str]:
    if isinstance(node, ast.IfExp):
        yield from _constants(node.body)
        yield from _constants(node.orelse)
    elif isinstance(node, ast.Constant) and isinstance(node.value, str) and _UNSAID.sub("", node.value):
        yield node.value


def gather() -> Catalog:
    """Each id has the files that use it; ids of nothing but {names} need no translation."""
    catalog = Catalog(project="dondoc", charset="utf-8")
    methods: list[tuple[str, Any]] = [("**.py", python_messages), ("templates/**.html", "jinja2")]
    options = {"templates/**.html": {"silent": "false"}}  # a page that does not parse is an error, not skipped
    for folder in FOLDERS:
        for path, _line, message, _comments, _context in extract_from_dir(
            HOUSE / folder, methods, options, keywords=KEYWORDS
        ):
            _add(catalog, message, f"{folder}/{Path(path).as_posix()}")
    for file in (FRONT, *HOUSE.glob("commands/**/*.py")):
        for message in help_messages(file.read_text()):
            _add(catalog, message, file.relative_to(HOUSE).as_posix())
    return catalog


def _add(catalog: Catalog, message: str | tuple[str, ...], path: str) -> None:
    catalog.add(message, locations=[(path, None)])  # type: ignore[list-item]


def main() -> None:
    """Bring every catalogue up to date with the code, and compile typer's, which gettext itself reads."""
    gathered = gather()
    for path in LOCALE.glob("*/LC_MESSAGES/dondoc.po"):
        language = path.parent.parent.name
        with path.open("rb") as file:
            catalog = read_po(file, locale=language)
        catalog.update(gathered, no_fuzzy_matching=True, update_creation_date=False)
        catalog.obsolete.clear()
        with path.open("wb") as out:
            write_po(out, catalog, width=120, sort_output=True, include_lineno=False)
    for path in LOCALE.glob("*/LC_MESSAGES/typer.po"):
        with path.open("rb") as file, path.with_suffix(".mo").open("wb") as out:
            write_mo(out, read_po(file))


if __name__ == "__main__":
    main()
