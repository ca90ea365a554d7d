"""What `simulate` says beforehand is what then happens, letter by letter, when nobody acts."""

from datetime import date, datetime, time, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

from models.database.session import reading, transaction
from models.directives.directive import find_directive
from models.settings import MailSettings, Settings
from models.text.localtime import at_local, read_instant
from notifications.smtp.mailbox import LocalMailbox, read_mailbox
from notifications.smtp.sender import YagmailSender
from workflows.jobs.simulate import RecordedSender, list_letters, simulate
from workflows.jobs.tick import tick
from workflows.launch.launch_plan import default_coordinator
from workflows.launch.launch_tasks import launch
from workflows.operations.setup import BUNDLED, set_up
from workflows.organization.working_calendar import load_calendar

pytestmark = pytest.mark.long

ON = read_instant("2004-05-10")
DAYS = 120


def test_simulated_letters_are_the_letters_sent_over_120_days(engine: Engine, tmp_path: Path) -> None:
    """With dates through SMTP on SQLite, without to nobody on PostgreSQL: both take long."""
    due_on = date(2004, 6, 30) if engine.dialect.name == "sqlite" else None
    set_up(engine, now=ON, example=True)
    settings = Settings(data=tmp_path)
    simulated = simulate(engine, settings, BUNDLED, on=ON, due_on=due_on, days=DAYS)
    with reading(engine) as session:
        assert list_letters(session, since=ON) == [], "a simulation leaves nothing behind"

    with transaction(engine) as session:
        directive, calendar = find_directive(session, BUNDLED), load_calendar(session)
        outcome = launch(
            session,
            directive,
            on=ON,
            coordinator_id=default_coordinator(session, directive),
            calendar=calendar,
            due_on=due_on,
        )
    with LocalMailbox(tmp_path / "mailbox") as mailbox:
        mail = MailSettings(host=mailbox.host, port=mailbox.port)
        sender = YagmailSender(mail) if due_on is not None else RecordedSender(False)
        for now in _moments():
            tick(engine, settings, now=now, sender=sender)
    with reading(engine) as session:
        sent = list_letters(session, since=ON)

    assert outcome.created == simulated.outcome.created
    assert len(sent) > 500
    key = ("date", "recipient", "kind", "rungs", "tasks", "subject")
    told = sorted(tuple(str(letter[name]) for name in key) for letter in simulated.letters)
    happened = sorted(tuple(str(letter[name]) for name in key) for letter in sent)
    assert told == happened
    if due_on is None:
        return
    received = read_mailbox(tmp_path / "mailbox")
    assert sorted((letter.to, letter.subject) for letter in received) == sorted(
        (letter["address"], letter["subject"]) for letter in simulated.letters
    )


def _moments() -> list[datetime]:
    """A clock that is not ours to choose: a minute late in the morning, at noon, in the evening, at night."""
    first = date(2004, 5, 10)
    return [
        at_local(first + timedelta(days=offset), clock)
        for offset in range(DAYS + 1)
        for clock in (time(8, 0), time(8, 1), time(12, 17), time(20, 30))
        if at_local(first + timedelta(days=offset), clock) <= ON + timedelta(days=DAYS)
    ]
