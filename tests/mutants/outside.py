"""What mutmut leaves alone: tables and numbers of a module, defaults of a class, and functions with a decorator.

It changes bodies of plain functions only. Here a module is changed as a whole, with mutmut's own operators and one of
ours that leaves a row or a member out of a table, and imported anew in a process of its own for each change.
"""

import importlib
import os
import resource
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import redirect_stdout
from datetime import UTC, datetime
from difflib import unified_diff
from functools import cache
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import spec_from_file_location
from io import StringIO
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any, cast

import libcst as cst
import pytest
from mutmut.mutation import mutators

from tests.mutants.scopes import OPTIONS, ROOT, Scope, module_name
from tests.mutants.survivors import Change, Score, change_of

SECONDS = 120
"""Of CPU, after which a change counts as one that never ends."""
LOADED_ONCE = (
    "models.directives.ladders",
    "models.directives.template",
    "models.tasks.task",
    "models.inspections.inspection",
    "sqlmodel",
    "dateutil",
)
"""What every test needs and no change touches: loaded before a process is split off for each change."""
_Operator = tuple[type, Callable[[Any], Iterable[cst.CSTNode]]]
_PLAIN = {"staticmethod", "classmethod"}  # mutmut changes functions that bear one of these alone


def _without_one(node: cst.Set | cst.Dict | cst.Tuple | cst.List) -> Iterator[cst.CSTNode]:
    """A row or a member left out; of one alone nothing, where Python can write that down."""
    for place in range(len(node.elements)):
        left = [*node.elements[:place], *node.elements[place + 1 :]]
        if left or isinstance(node, cst.Dict | cst.List):
            yield node.with_changes(elements=left)


_TABLES: list[_Operator] = [
    (cst.Set, _without_one),
    (cst.Dict, _without_one),
    (cst.Tuple, _without_one),
    (cst.List, _without_one),
    (cst.BaseNumber, mutators.operator_number),
    (cst.Name, mutators.operator_name),
    (cst.UnaryOperation, mutators.operator_remove_unary_ops),
    (cst.CSTNode, mutators.operator_swap_op),
    (cst.CSTNode, mutators.operator_keywords),
    (cst.IfExp, mutators.operator_if_exp),
]
_BODIES: list[_Operator] = list(mutators.mutation_operators)


def changes(path: str, source: str) -> Iterator[tuple[Change, str]]:
    """Every change of a module that mutmut does not make, and the whole module with it."""
    module = cst.parse_module(source)
    for name, node, operators in _parts(module):
        for one in _walk(node):
            for kind, operator in operators:
                if isinstance(one, kind):
                    for other in operator(one):
                        changed = cast(cst.Module, module.deep_replace(one, other)).code
                        diff = unified_diff(source.splitlines(), changed.splitlines(), lineterm="", n=0)
                        yield change_of(f"{module_name(path)}.{name}", "\n".join(diff)), changed


def run_outside(scope: Scope, path: str, jobs: int) -> Score:
    """Makes each of those changes and asks whether a test notices; the quickest first, where mutmut has run before.

    Raises SystemExit where a test fails without any change.
    """
    _warm_up()
    measured = ROOT / "var" / "mutants" / scope.name / "mutants" / "mutmut-stats.json"
    unchanged = (ROOT / path).read_text(encoding="utf-8")
    given = (*scope.options, *scope.tests_of(path))
    waiting = list(changes(path, unchanged))
    if waiting and os.waitpid(_start(path, unchanged, given, measured), 0)[1] != 0:
        raise SystemExit(f"{path}: its tests fail without any change: pytest {' '.join(given)}")
    made, alive, running = len(waiting), [], dict[int, Change]()
    while waiting or running:
        while waiting and len(running) < jobs:
            change, source = waiting.pop()
            running[_start(path, source, given, measured)] = change
        child, status = os.wait()
        if status == 0:
            alive.append(running[child])
        del running[child]
    return Score(module_name(path), made - len(alive), tuple(sorted(alive)), f"{datetime.now(UTC):%Y-%m-%d}")


@cache
def _warm_up() -> None:
    """Loads pytest, its plugins and what every test needs, but nothing that can be changed."""
    for name in LOADED_ONCE:
        importlib.import_module(name)
    with redirect_stdout(StringIO()):
        pytest.main(["--collect-only", "-q", *OPTIONS, "tests/mutants/test_outside.py"])


def _start(path: str, source: str, given: Sequence[str], measured: Path) -> int:
    """Splits off a process that ends with the exit code of pytest; its number."""
    child = os.fork()
    if child:
        return child
    code = 1
    try:
        resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
        with open(os.devnull, "w") as nowhere:
            os.dup2(nowhere.fileno(), 1)
            os.dup2(nowhere.fileno(), 2)
        os.environ["MUTMUT_STATS"] = str(measured)
        sys.meta_path.insert(0, _Changed(path, source))
        code = int(pytest.main(["-x", "-q", *OPTIONS, *given]))
    finally:
        os._exit(code)


class _Changed(MetaPathFinder):
    """Hands out a changed module in place of the one on the disk."""

    def __init__(self, path: str, source: str) -> None:
        self.path, self.source = ROOT / path, source
        self.name = path.removesuffix(".py").replace("/", ".")

    def find_spec(self, name: str, path: Sequence[str] | None, target: ModuleType | None = None) -> ModuleSpec | None:
        if name != self.name:
            return None
        return spec_from_file_location(name, self.path, loader=_Loader(name, str(self.path), self.source))


class _Loader(SourceFileLoader):
    def __init__(self, name: str, path: str, source: str) -> None:
        super().__init__(name, path)
        self.source = source

    def get_code(self, fullname: str) -> CodeType:
        return compile(self.source, self.path, "exec")


def _parts(module: cst.Module) -> Iterator[tuple[str, cst.CSTNode, list[_Operator]]]:
    for node in module.body:
        if isinstance(node, cst.FunctionDef):
            if _is_decorated(node):
                yield node.name.value, node.body, _BODIES
        elif isinstance(node, cst.ClassDef):
            for one in node.body.body:
                if isinstance(one, cst.FunctionDef):
                    if _is_decorated(one):
                        yield f"{node.name.value}.{one.name.value}", one.body, _BODIES
                else:
                    yield node.name.value, one, _TABLES
        else:
            yield _named(node), node, _TABLES


def _is_decorated(node: cst.FunctionDef) -> bool:
    names = [one.decorator.value for one in node.decorators if isinstance(one.decorator, cst.Name)]
    return bool(node.decorators) and not (len(node.decorators) == 1 and set(names) <= _PLAIN and bool(names))


def _named(node: cst.CSTNode) -> str:
    """What a statement binds: `SPECS`."""
    for one in getattr(node, "body", ()):
        target = one.targets[0].target if isinstance(one, cst.Assign) else getattr(one, "target", None)
        if isinstance(target, cst.Name):
            return target.value
    return "-"


def _walk(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """A node and all within it but what is no code that runs: annotations, imports, texts for their own sake."""
    if isinstance(node, cst.Annotation | cst.Import | cst.ImportFrom):
        return
    yield node
    for child in node.children:
        yield from _walk(child)
