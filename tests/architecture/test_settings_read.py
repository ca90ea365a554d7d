"""Each setting is read by name where something is done, and not only where settings are checked or shown.

A floor, no proof: it finds a setting that nothing reads, as `reports_to` of a template once was. What a setting changes
is held by its own tests.
"""

import ast
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


def test_no_group_of_settings_is_left_out() -> None:
    named = {kind for kind in BaseModel.__subclasses__() if kind.__module__ == Settings.__module__}
    assert named <= {*GROUPS.values(), MailboxSettings}
