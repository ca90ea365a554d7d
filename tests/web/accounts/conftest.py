"""The site over a furnished office, with a clock in our hand and a real mailbox for its letters."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher
from sqlalchemy import Engine

from notifications.smtp.mailbox import LocalMailbox
from tests.office import at, furnish
from tests.web.accounts.house import House
from web.app import create_app
from workflows.access.accounts import passwords


@pytest.fixture
def house(engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    """On both databases. Passwords are hashed with little work, as nobody's are kept here."""
    monkeypatch.setattr(passwords, "_HASH", PasswordHash((Argon2Hasher(1, 64, 1),)))
    passwords._nobodys_hash.cache_clear()
    office = furnish(engine, tmp_path)
    office.settings.base_url = "http://dondoc.example"
    app = create_app(engine, office.settings)
    with LocalMailbox(tmp_path / "mailbox") as mailbox:
        house = House(office, app, mailbox, at(2, hour=9))
        app.state.site.now = lambda: house.now
        yield house
