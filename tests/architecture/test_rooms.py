"""The rooms beside the core: each list says what is there, and the core knows nothing of them but their names."""

import ast
import re
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path
from pkgutil import resolve_name

import pytest
from fastapi import FastAPI

from models.i18n import Words, translate
from models.operations.background_job import SCAN
from models.rooms import NOT_INSTALLED, ROOMS, Place, Room, installed, is_missing, missing, room

ROOT = Path(__file__).parents[2]
LAYERS = ("models", "notifications", "workflows", "web", "commands")
_OF_A_ROOM = re.compile(rf"(notifications|workflows|web|commands)\.({'|'.join(ROOMS)})(\.|$)")
_EVERY = [room(name) for name in ROOMS]
_NAMES = [one.name for one in installed()]


def _modules() -> list[tuple[str, ast.Module]]:
    found = [path for layer in LAYERS for path in (ROOT / layer).rglob("*.py")]
    return [
        (".".join(path.relative_to(ROOT).with_suffix("").parts), ast.parse(path.read_text("utf-8"))) for path in found
    ]


def _places() -> set[str]:
    """Every name that the core asks for; a kind of background job is asked for by its own name."""
    asked = {f"background.{kind}" for kind in (SCAN,)}
    calls = [node for _name, tree in _modules() for node in ast.walk(tree) if isinstance(node, ast.Call) and node.args]
    for node in calls:
        if "Place" in ast.unparse(node.func) and isinstance(node.args[0], ast.Constant):
            asked.add(str(node.args[0].value))
    return asked


@pytest.mark.parametrize("one", _EVERY, ids=ROOMS)
def test_a_room_adds_only_where_the_core_asks(one: Room) -> None:
    assert set(one.adds) <= _places()
    assert one.name in ROOMS and set(one.beside) <= set(ROOMS)


@pytest.mark.parametrize("one", _EVERY, ids=ROOMS)
def test_what_is_not_installed_is_said_in_the_readers_language(one: Room) -> None:
    said = Words(NOT_INSTALLED, what=one.title, extra=one.extra)
    title = translate(one.title, "vi")
    assert title != one.title and translate(said, "vi").startswith(title)


@pytest.mark.parametrize("one", installed(), ids=_NAMES)
def test_what_a_room_adds_is_there(one: Room) -> None:
    for paths in one.adds.values():
        assert all(resolve_name(path) is not None for path in paths)


@pytest.mark.parametrize("one", installed(), ids=_NAMES)
def test_a_rooms_extra_brings_what_it_needs(one: Room) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    extras = project["optional-dependencies"]
    brought = " ".join([*project["dependencies"], *extras.get(one.name.replace("_", "-"), ())]).lower()
    for need in one.needs:
        assert any(name.lower() in brought for name in packages_distributions()[need]), need


BELOW_ANOTHER = {"/intake/{intake_id}/messages/{message_id}"}
"""Addresses below a page of a room that their own room needs: where that is missing, it answers."""


@pytest.mark.parametrize("one", installed(), ids=_NAMES)
def test_a_room_names_the_addresses_of_its_pages(one: Room) -> None:
    for place, beginning in (("web.pages", ""), ("web.admin", ""), ("web.calls", "/api/v1")):
        for router in one.adds.get(place, ()):
            alone = FastAPI()
            alone.include_router(resolve_name(router))
            paths = {f"{beginning}{path}" for path in alone.openapi()["paths"]} - BELOW_ANOTHER
            assert [path for path in sorted(paths) if not path.startswith(tuple(one.addresses))] == []


def test_the_core_imports_no_room() -> None:
    wrong = [
        f"{name} imports {module}"
        for name, tree in _modules()
        if not _OF_A_ROOM.match(name)
        for node in ast.walk(tree)
        for module in (
            [f"{node.module}.{alias.name}" for alias in node.names]
            if isinstance(node, ast.ImportFrom) and node.module
            else [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else []
        )
        if _OF_A_ROOM.match(module)
    ]
    assert wrong == []


def test_here_every_room_is_installed() -> None:
    assert [one.name for one in installed()] == list(ROOMS) and missing() == ()


def test_a_place_without_rooms_adds_nothing() -> None:
    assert Place[object]("nobody.adds.here").added() == []


def test_menus_leave_out_what_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("models.rooms.missing", lambda: (room("papers"),))
    assert is_missing("/papers/schedules") and is_missing("/reports/pictures?directive=a")
    assert not is_missing("/reports") and not is_missing("/")


def test_an_address_below_a_page_of_the_core_is_the_rooms(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("models.rooms.missing", lambda: (room("exchange"),))
    assert is_missing("/directives/ct-06-2004/messages") and is_missing("/directives/ct-06-2004/messages/7")
    assert not is_missing("/directives/ct-06-2004") and not is_missing("/directives/ct-06-2004/launches/7/messages")
