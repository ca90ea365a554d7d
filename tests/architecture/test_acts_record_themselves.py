"""Each act of administration writes its line of the audit itself, inside its verb, whoever calls it.

Read from the code: what each writing page, call of the API and command reaches, by the names that its module imports
or defines. That a verb writes one line and not two is held by tests/web/test_one_line_an_act.py.
"""

import ast
import re
from collections.abc import Iterator
from functools import cache, partial
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from fastapi.routing import iter_route_contexts

from models.database.session import open_engine
from models.rooms import is_missing
from models.settings import Settings
from tests.commands.every_command import LEAVES
from web.app import create_app

ROOT = Path(__file__).parents[2]
ROOMS = ("workflows", "web", "commands")
BESIDE = {"AuditActor", "note_failure"}
"""They write to the audit, and are no act of whoever calls: the type itself, failed sign-ins."""

OF_THE_WORK = "work on tasks and directives: the history has a line"
OF_ONES_OWN = "a person's own list, reading or preference: nobody else meets it"
NOT_KEPT = "shows an effect, or keeps a draft that does nothing before it is confirmed"
ELSEWHERE = {
    r"POST (/api/v1)?/(tasks|inbox|receipts|r|inspections|incidents|difficult\w+|typed-tasks)\b(?!/views)": OF_THE_WORK,
    r"POST (/api/v1)?/directives/\S+/(conversation|incidents|requests|inspections|duties|messages|bulk|many|plan)\b": (
        OF_THE_WORK
    ),
    r"POST (/api/v1)?/directives/\S+/launches\b": OF_THE_WORK,
    r"POST /launch/": OF_THE_WORK,
    r"POST (/api/v1)?/background-jobs/\S+/(cancel|resume)": "the background job keeps what became of it",
    r"POST /api/v1/edxml/": "the message keeps when it came and left",
    r"POST (/api/v1)?/letters/coming|/previews?$": NOT_KEPT,
    r"POST /admin/(register|roots|calendar/edit)$|/check$|/try$": NOT_KEPT,
    r"POST /intake": "a reading keeps who confirms what; what a confirmed one makes is noted by its verbs",
    r"(POST|PATCH) (/api/v1)?/(notifications|tour|fewer|me|tasks/views|account/(language|letters))\b": OF_ONES_OWN,
    r"POST /(sign-in/code|forgotten|v/\{token\})$": "mails a code to whoever asks; using it is noted",
    r"POST /account/second-step/begin": "shows a secret; confirming it is noted",
    r"POST /setup$|POST /setup/finish": "opens the pages of the first set-up, and leaves them",
    r"command (launch|take-back|raise|task act)$": OF_THE_WORK,
    r"command (import|import-table|simulate|report|why|paper report|verify|config|doctor)$": "changes nothing",
    r"command (\w+ )?(list|show|actions|schema|validate)$": "changes nothing",
    r"command (serve|demo|tick|clock|worker|prefect-server|deploy|schedule run|reply read)$": (
        "the engine itself: runs are kept with their job"
    ),
}
"""Writing entrances that leave no line of the audit, and why."""


class Entrance(NamedTuple):
    name: str
    module: str
    function: str


def entrances() -> Iterator[Entrance]:
    """Every writing page and call of the API, and every command."""
    app = create_app(open_engine("sqlite://"), Settings(data=ROOT / "var"))
    for start, routes in (("", app.routes), ("/api/v1", app.state.api.routes)):
        for route in iter_route_contexts(routes):
            for method in sorted(set(route.methods or ()) - {"GET", "HEAD", "OPTIONS"}):
                page: Any = route.endpoint
                if isinstance(page, partial):  # it says only that a room is not installed
                    continue
                yield Entrance(f"{method} {start}{route.path}", page.__module__, page.__name__)
    for path, leaf in LEAVES.items():
        function: Any = getattr(leaf.callback, "__wrapped__", leaf.callback)
        yield Entrance(f"command {' '.join(path)}", function.__module__, function.__name__)


ENTRANCES = list(entrances())


class Names(NamedTuple):
    """Of a module: what it imports of ours, and what it defines."""

    imported: dict[str, tuple[str, str]]
    defined: dict[str, ast.stmt]


@cache
def names_of(module: str) -> Names | None:
    path = ROOT.joinpath(*module.split("."))
    file = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    if not file.exists():
        return None
    tree = ast.parse(file.read_text("utf-8"))
    imported = {
        alias.asname or alias.name: (node.module, alias.name)
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] in ROOMS
        for alias in node.names
    }
    defined: dict[str, ast.stmt] = {}
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            defined[node.name] = node
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            defined |= {target.id: node for target in targets if isinstance(target, ast.Name)}
    return Names(imported, defined)


def writes_a_line(node: ast.AST) -> bool:
    calls = (one.func for one in ast.walk(node) if isinstance(one, ast.Call))
    return any((one.id if isinstance(one, ast.Name) else getattr(one, "attr", "")) == "note" for one in calls)


def is_recorded(module: str, function: str) -> bool:
    """Whether a verb of `workflows` that it reaches writes a line."""
    seen, todo = set[tuple[str, str]](), [(module, function)]
    while todo:
        here, name = todo.pop()
        names = names_of(here)
        if (here, name) in seen or name in BESIDE or names is None:
            continue
        seen.add((here, name))
        if name not in names.defined:  # a module that was imported as a whole
            todo += [(f"{here}.{name}", one) for one in (names_of(f"{here}.{name}") or Names({}, {})).defined]
            continue
        node = names.defined[name]
        if here.startswith("workflows.") and writes_a_line(node):
            return True
        for one in ast.walk(node):
            if isinstance(one, ast.Name):
                todo += [(here, one.id)] if one.id in names.defined else []
                todo += [names.imported[one.id]] if one.id in names.imported else []
    return False


@pytest.mark.parametrize("entrance", ENTRANCES, ids=lambda one: one.name)
def test_a_writing_entrance_reaches_a_verb_that_records_itself(entrance: Entrance) -> None:
    reasons = [reason for pattern, reason in ELSEWHERE.items() if re.search(pattern, entrance.name)]
    if not reasons:
        assert is_recorded(entrance.module, entrance.function), "note it inside the verb, or say in ELSEWHERE why not"


@pytest.mark.parametrize("pattern", [one for one in ELSEWHERE if not is_missing(one.partition(" ")[2])])
def test_an_exception_is_needed_by_some_entrance(pattern: str) -> None:
    meant = [one for one in ENTRANCES if re.search(pattern, one.name)]
    assert meant
    assert not all(is_recorded(one.module, one.function) for one in meant)


def test_pages_calls_and_commands_write_no_line_themselves() -> None:
    """Else the next caller of the same verb leaves none, or two."""
    files = [path for room in ("web", "commands") for path in (ROOT / room).rglob("*.py")]
    assert len(files) > 100
    assert [str(path) for path in files if writes_a_line(ast.parse(path.read_text("utf-8")))] == []
