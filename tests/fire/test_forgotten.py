"""Faults that are easily forgotten and belong to no other file; docs/guarantees.md lists them all with their tests."""

from datetime import date, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import parsedate_to_datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine

from models.letters.letter import LetterState
from models.settings import MailSettings
from models.text.localtime import at_local, local_date
from notifications.smtp.sender import YagmailSender
from tests.notifications.smtp_servers import ScriptedServer
from tests.office import ON, Office, at, body, furnish
from workflows.delivery.deliver import deliver
from workflows.jobs.tick import tick

pytestmark = pytest.mark.long

HEAD = "luong.thi.ngan"


@pytest.fixture
def office(engine: Engine, tmp_path: Path) -> Office:
    return furnish(engine, tmp_path)


def send(office: Office, server: ScriptedServer, now: datetime, *, and_sweep: bool = False) -> None:
    mail = MailSettings(mode="smtp", host="127.0.0.1", port=server.port, timeout_seconds=2)
    settings = office.settings.model_copy(update={"mail": mail})
    if and_sweep:
        tick(office.engine, settings, now=now, sender=YagmailSender(mail))
    else:
        deliver(office.engine, settings, YagmailSender(mail), now=now, calendar=office.calendar)


def words(letter: bytes) -> str:
    return body(message_from_bytes(letter, _class=EmailMessage, policy=policy.default))


def header(letter: bytes, name: bytes) -> bytes:
    return next(line for line in letter.splitlines() if line.lower().startswith(name.lower() + b":"))


def test_refused_recipient_costs_the_others_nothing(office: Office) -> None:
    office.launch("2")
    with ScriptedServer(RCPT=["250 ok", "550 5.1.1 no such user"]) as server:
        send(office, server, ON)
        states = [one.state for one in office.letters()]
        assert states.count(LetterState.FAILED) == 1
        assert states.count(LetterState.SENT) == len(server.messages) == len(states) - 1 > 2
        addressed = [command for command in server.commands if command.startswith("RCPT")]
        assert len(set(addressed)) == len(addressed), "one address a letter, and nobody asked twice"


def test_the_same_reminder_in_two_weeks_is_two_messages_and_two_tries_of_one_are_one(office: Office) -> None:
    office.launch("4", due=date(2004, 6, 3))  # never done: week after week the same words
    office.days(ON, at(8))
    with ScriptedServer(DOT=["451 try later"] * 6) as server:  # every letter of the first morning, heard to its end
        for morning in (at(9), at(14)):
            for minute in (0, 1, 3, 10, 40, 100):
                send(office, server, morning + timedelta(minutes=minute), and_sweep=True)
    tried = [one for one in server.messages if f"<{HEAD}@".encode() in one.partition(b"\r\nSubject:")[0]]
    *tries, next_week = (header(one, b"Message-ID") for one in tried)
    assert len(tries) > 1 and len(set(tries)) == 1
    assert next_week not in tries
    assert len({words(one) for one in tried[:-1]}) == 1


def test_due_on_29_february_is_late_on_1_march(office: Office) -> None:
    office.launch("4", on=at_local(date(2028, 1, 31)), due=date(2028, 2, 29))
    office.days(at_local(date(2028, 1, 31)), at_local(date(2028, 3, 2)))
    told = {local_date(parsedate_to_datetime(str(one["Date"]))): str(one["Subject"]) for one in office.sent(HEAD)}
    assert "đến hạn hôm nay" in told[date(2028, 2, 29)]
    assert "quá hạn" in told[date(2028, 3, 1)]
    assert not [subject for day, subject in told.items() if "quá hạn" in subject and day < date(2028, 3, 1)]
