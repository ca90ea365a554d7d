"""Which tests are of a room that is not installed here: they, or what they use of the tests, import its code.

Those that ask a room by an address or a command alone say so: `pytestmark = of_room("papers")`.
"""

import ast
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import pytest

from models.rooms import missing, room

ROOT = Path(__file__).parents[1]
_LAYERS = ("notifications", "workflows", "web", "commands")


def of_room(name: str) -> pytest.MarkDecorator:
    return pytest.mark.skipif(not room(name).is_installed, reason=f"{name} is not installed")


def is_of_a_missing_room(path: Path) -> bool:
    """Whether a test file, or a folder by its conftest.py, cannot be asked without a room that is not installed."""
    file = path / "conftest.py" if path.is_dir() else path
    return bool(missing()) and file.is_file() and any(map(is_missing_code, _imported(file)))


@cache
def is_missing_code(module: str) -> bool:
    code = tuple(f"{layer}.{one.name}." for layer in _LAYERS for one in missing())
    packages = {package for one in missing() for package in one.needs if find_spec(package) is None}
    return f"{module}.".startswith(code) or module.partition(".")[0] in packages


def _imported(file: Path) -> set[str]:
    """Return what a file of the tests imports, by itself and by others of the tests."""
    found, left, seen = set[str](), [file], set[Path]()
    while left:
        seen.add(one := left.pop())
        found |= (names := _names(one))
        beside = (ROOT / f"{name.replace('.', '/')}.py" for name in names if name.startswith(("tests.", "bench.")))
        left += [path for path in beside if path not in seen and path.is_file()]
    return found


@cache
def _names(file: Path) -> frozenset[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(file.read_bytes())):
        if isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{one.name}" for one in node.names)}
        elif isinstance(node, ast.Import):
            found |= {one.name for one in node.names}
    return frozenset(found)
