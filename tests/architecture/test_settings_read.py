"""Each setting is read where something is done, and some test of behaviour gives it a value of its own.

A floor, no proof: it finds a setting that nothing reads, as `reports_to` of a template once was, and one of which no
test asks what it changes.
"""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from pydantic import BaseModel

from models.settings import (
    BounceSettings,
    EdxmlSettings,
    MailboxSettings,
    MailSettings,
    OidcSettings,
    ReplySettings,
    Settings,
)

ROOT = Path(__file__).parents[2]
SHOWN = {
    "models/settings.py",
    "commands/config.py",
    "workflows/delivery/mail_settings.py",
    "web/admin/letters/mail_pages.py",
}
"""Where settings are declared, printed or edited: being read there changes nothing."""
GROUPS: dict[str, type[BaseModel]] = {
    "": Settings,
    "mail": MailSettings,
    "bounces": BounceSettings,
    "replies": ReplySettings,
    "edxml": EdxmlSettings,
    "oidc": OidcSettings,
}
OWN_PROPERTIES = {"database_url": "url", "edxml.folder": "edxml_folder"}
"""What is read through a property of Settings."""
DONE_WHERE_SHOWN = {"fixed_mail"}
"""What says how far the settings of mail may be edited."""
FIELDS = [
    ".".join(filter(None, (group, name)))
    for group, kind in GROUPS.items()
    for name in kind.model_fields
    if name not in DONE_WHERE_SHOWN
    and not (group == "replies" and name in MailboxSettings.model_fields)  # read as a mailbox, like that of bounces
]


@cache
def _read() -> frozenset[str]:
    """The names of attributes that the program reads."""
    return frozenset(
        node.attr
        for path in _modules()
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load)
    )


def _modules() -> Iterator[Path]:
    for room in ("models", "notifications", "workflows", "web", "commands"):
        for path in (ROOT / room).rglob("*.py"):
            if path.relative_to(ROOT).as_posix() not in SHOWN:
                yield path


@pytest.mark.parametrize("field", FIELDS)
def test_a_setting_is_read_where_something_is_done(field: str) -> None:
    name = OWN_PROPERTIES.get(field, field.rpartition(".")[2])
    assert name in _read(), f"nothing reads {field}: it goes, or something is missing"


@cache
def _tests() -> str:
    """What tests say, but for those that read and print settings."""
    aside = (ROOT / "tests/architecture", ROOT / "tests/models/test_settings.py")
    return "\n".join(
        path.read_text("utf-8")
        for path in (ROOT / "tests").rglob("*.py")
        if not any(path.is_relative_to(one) for one in aside)
    )


@pytest.mark.parametrize("field", FIELDS)
def test_a_setting_is_given_a_value_in_a_test_of_what_it_changes(field: str) -> None:
    name, variable = field.rpartition(".")[2], "DONDOC_" + field.replace(".", "_").upper()
    given = rf"\b{name} ?[-+]?=(?!=)|\"{name}\": |\b{variable}\b"  # an attribute, an argument, a file, the environment
    assert re.search(given, _tests()), f"no test gives {field} a value"


def test_no_group_of_settings_is_left_out() -> None:
    named = {kind for kind in BaseModel.__subclasses__() if kind.__module__ == Settings.__module__}
    assert named <= {*GROUPS.values(), MailboxSettings}
