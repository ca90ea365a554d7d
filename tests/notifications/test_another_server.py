"""Another mail server is set after the first one failed: its letters leave, and the trouble of the first is over."""

from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlmodel import select

from models.database.session import reading
from models.operations.alert import Alert, AlertKind
from notifications.smtp.clocks import Stopwatch
from notifications.smtp.transport import Attempt, SendOutcome
from tests.office import ON, Office, at, furnish
from workflows.jobs.simulate import RecordedSender
from workflows.jobs.tick import tick


class Down(RecordedSender):
    """A server that nobody gets through to."""

    def send(self, to_address: str, content: bytes, since: Stopwatch | None = None) -> Attempt:
        return Attempt(SendOutcome.TEMPORARY, None, "no connection: refused", of_server=True)


@pytest.fixture
def office(engine: Engine, tmp_path: Path) -> Office:
    office = furnish(engine, tmp_path)
    office.launch("2")
    return office


def by(office: Office, host: str) -> None:
    mail = office.settings.mail.model_copy(update={"mode": "smtp", "host": host, "port": 25})
    office.settings = office.settings.model_copy(update={"mail": mail})


def open_troubles(office: Office) -> list[str]:
    with reading(office.engine) as session:
        query = select(Alert.subject).where(Alert.kind == AlertKind.MAIL_FAILING, Alert.ended_at.is_(None))  # type: ignore[union-attr]
        return list(session.exec(query))


def test_old_servers_alert_ends_with_the_new_servers_first_letter(office: Office) -> None:
    by(office, "old.example")
    tick(office.engine, office.settings, now=ON, sender=Down())
    assert open_troubles(office) == ["old.example:25"]
    by(office, "new.example")
    tick(office.engine, office.settings, now=at(1, hour=11), sender=RecordedSender())
    assert open_troubles(office) == []
