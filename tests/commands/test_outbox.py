"""Letters leave, are seen, and are sent again."""

import json
from datetime import date, time, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import Engine, update
from sqlmodel import Session, col, select

from models.database.session import transaction
from models.letters.letter import SECRET_TOPIC, Letter, LetterContent, LetterKind, LetterState, Notice, NoticeState
from models.operations.alert import Alert, AlertKind
from models.organization.account import MailedPurpose, MailedSecret
from models.organization.register_reads import resolve_person
from models.text.localtime import at_local
from notifications.outbox.grouping import queue_letters
from notifications.smtp.mailbox import read_mailbox
from tests.bounce_samples import postfix
from tests.commands.terminal import Cli
from workflows.queue.alerts import raise_alert
from workflows.rules.calendar.workdays import WorkCalendar

pytestmark = pytest.mark.long

MORNING = ("--now", "2004-05-17T08:00")


@pytest.fixture
def sent(cli: Cli, launched: Path) -> Path:
    outcome = cli.json("tick", *MORNING)
    assert outcome["sent"] > 26 and outcome["failed"] == outcome["uncertain"] == 0
    return launched


def test_a_tick_delivers_to_the_local_mailbox_and_a_repeat_sends_nothing(cli: Cli, sent: Path) -> None:
    received = len(read_mailbox(sent / "mailbox"))
    assert received == len(cli.json("outbox", "list", "--state", "sent"))
    assert cli.json("tick", *MORNING)["sent"] == 0
    assert len(read_mailbox(sent / "mailbox")) == received


def test_a_letter_is_shown_as_it_left(cli: Cli, sent: Path) -> None:
    row = cli.json("outbox", "list", "--to", "luong.thi.ngan")[0]
    assert row["rungs"] == ["assigned@0"] and row["recipient_name"] == "Lương Thị Ngân"
    shown = cli.json("outbox", "show", row["short_id"])
    received = next(one for one in read_mailbox(sent / "mailbox") if one.message_id == shown["message_id"])
    assert shown["subject"] == received.subject and shown["text"].split() == received.text.split()
    assert "mục 4" in shown["text"].lower()
    assert cli("outbox", "show", row["id"]).out.startswith(row["subject"][:40])


def test_what_a_mail_server_reports_of_a_letter_is_shown_with_it(cli: Cli, sent: Path) -> None:
    row = cli.json("outbox", "list", "--to", "luong.thi.ngan")[0]
    received = next(one for one in read_mailbox(sent / "mailbox") if one.message_id == row["message_id"])
    (sent / "bounces").mkdir()
    for number, action in enumerate(("delayed", "failed")):
        report = postfix(received.path.read_bytes(), action, "5.1.1", message_id=f"{number}@mx")
        (sent / "bounces" / f"{number}.eml").write_bytes(report)
    assert cli.json("tick", "--now", "2004-05-17T08:10")["bounces"] == 2
    shown = cli.json("outbox", "show", row["short_id"])
    assert shown["state"] == "failed" and sorted(one["action"] for one in shown["bounces"]) == ["delayed", "failed"]
    told = cli("outbox", "show", row["id"], "--language", "vi").out
    assert "bị trả lại" in told and "5.1.1" in told and "đang được gửi lại" in told


def test_a_letter_with_a_code_is_listed_and_its_words_are_shown_to_nobody(
    cli: Cli, data: Path, database: Engine
) -> None:
    now = at_local(date(2004, 5, 17))
    with transaction(database) as session:
        person_id, until = resolve_person(session, "le.thi.c").id, now + timedelta(minutes=10)
        secret = MailedSecret(person_id=person_id, purpose=MailedPurpose.SIGN_IN, created_at=now, expires_at=until)
        session.add(secret)
        session.flush()
        topic = f"{SECRET_TOPIC}{secret.id.hex}"
        queue_letters(session, [(secret.person_id, secret.created_at, LetterKind.ACCOUNT, topic)])
    before = cli.json("outbox", "list")[0]
    assert before["state"] == "queued"
    assert cli.json("tick", *MORNING)["sent"] == 1
    shown = cli.json("outbox", "show", before["id"])
    assert shown["state"] == "sent" and shown["text"] is None
    assert "nobody else reads it" in cli("outbox", "show", before["id"]).out
    (received,) = read_mailbox(data / "mailbox")
    assert "Mã đăng nhập" in received.subject


def test_a_list_tells_letters_in_words(cli: Cli, launched: Path) -> None:
    waiting = cli("outbox", "list", "--to", "luong.thi.ngan").out
    assert "nothing to show" in waiting
    cli.json("tick", *MORNING)
    told = cli("outbox", "list", "--to", "luong.thi.ngan").out
    assert "Lương Thị Ngân" in told and "accepted by the server 250" in told
    letter = cli.json("outbox", "list", "--to", "luong.thi.ngan")[0]
    assert letter["short_id"] in told and letter["subject"][:30] in told
    assert "accepted by the server" in cli("outbox", "show", letter["short_id"]).out


def test_each_letter_has_one_line_of_its_id_however_narrow_the_terminal(
    cli: Cli, sent: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    letter = cli.json("outbox", "list", "--limit", 1)[0]["short_id"]
    monkeypatch.setattr("commands.output._PIPE_WIDTH", 80)
    out = cli("outbox", "list", "--limit", 1).out
    assert max(map(len, out.splitlines())) <= 80
    assert letter in out and "17/05/2004 08:00" in out
    assert len(out.splitlines()) < 20


def test_a_list_ends_after_the_newest_unless_all_are_asked_for(
    cli: Cli, sent: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    everything = cli.json("outbox", "list", "--limit", 0)
    assert len(everything) > 10
    first = cli("outbox", "list", "--limit", 3, "--json")
    assert first.json == everything[:3]
    assert "newest 3" in first.err and "--limit 0" in first.err
    assert cli("outbox", "list", "--limit", len(everything)).err == ""
    assert cli("outbox", "list").err == ""  # fewer than the usual number
    assert "200" in cli("outbox", "list", "--help").out


@pytest.mark.usefixtures("in_the_morning")
def test_a_tick_logs_in_the_form_that_was_chosen(cli: Cli, launched: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DONDOC_LOG_FORMAT", "json")
    answer = cli("tick", "--json")
    assert answer.json["sent"] > 26
    lines = [json.loads(line) for line in answer.err.splitlines()]
    assert {line["event"] for line in lines} >= {"job_done"}
    assert {line["job"] for line in lines} == {"tick", "deliver"}


def test_a_ticks_log_goes_to_a_file_and_at_a_terminal_only_what_is_wrong(
    cli: Cli, launched: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "job_done" in cli("tick").err  # cron's file
    monkeypatch.setattr("commands.output.is_terminal", lambda stream: True)
    assert cli("schedule", "run", "tick").err == ""
    monkeypatch.setenv("DONDOC_LOG_LEVEL", "debug")
    assert "job_done" in cli("schedule", "run", "tick").err
    assert cli("schedule", "list").err == ""


@pytest.mark.parametrize(
    "args",
    [
        ("list", "--dead", "--state", "sent"),
        ("list", "--state", "lost"),
        ("list", "--to", "nobody"),
        ("show", "zz"),
        ("show", "0" * 8),
        ("resend",),
        ("resend", "0" * 8, "--state", "failed"),
        ("resend", "--state", "sent"),
        ("resend", "--state", "lost"),
    ],
)
def test_unknown_states_people_and_letters_are_wrong_input(cli: Cli, sent: Path, args: tuple[str, ...]) -> None:
    assert cli("outbox", *args).code == 2


def test_a_letter_that_was_sent_is_not_sent_again(cli: Cli, sent: Path) -> None:
    assert cli("outbox", "resend", cli.json("outbox", "list", "--limit", 1)[0]["id"]).code == 1


def change(database: Engine, letter: str, state: LetterState, notices: NoticeState, **values: object) -> None:
    with Session(database) as session, session.begin():
        session.execute(update(Letter).where(col(Letter.id) == UUID(letter)).values(state=state, **values))
        session.execute(update(Notice).where(col(Notice.letter_id) == UUID(letter)).values(state=notices))


def test_a_failed_letter_goes_out_again_with_the_next_tick(cli: Cli, sent: Path, database: Engine) -> None:
    letter = cli.json("outbox", "list", "--to", "luong.thi.ngan")[0]["id"]
    before = len(read_mailbox(sent / "mailbox"))
    change(database, letter, LetterState.FAILED, NoticeState.FAILED, attempts=9, sent_at=None)
    with transaction(database) as session:
        raised_at = at_local(date(2004, 5, 17), time(9))  # its own letter leaves at 09:05
        for kind in (AlertKind.LETTER_GIVEN_UP, AlertKind.LETTER_UNWRITABLE):
            raise_alert(session, kind, letter, now=raised_at, calendar=WorkCalendar())
    assert [one["state"] for one in cli.json("outbox", "resend", letter, "--now", "2004-05-17T09:00")] == ["queued"]
    with Session(database) as session:  # somebody has seen to it
        assert all(alert.ended_at is not None for alert in session.exec(select(Alert)))
    assert cli.json("tick", "--now", "2004-05-17T09:03")["sent"] == 1
    assert len(read_mailbox(sent / "mailbox")) == before + 1
    assert cli.json("outbox", "show", letter)["state"] == "sent"


def test_several_letters_go_out_again_at_once_or_none_does(cli: Cli, sent: Path, database: Engine) -> None:
    first, second, third = (letter["id"] for letter in cli.json("outbox", "list", "--limit", 3))
    for letter in (first, second):
        change(database, letter, LetterState.FAILED, NoticeState.FAILED, attempts=9, sent_at=None)
    refused = cli("outbox", "resend", first, second, third)
    assert refused.code == 1
    assert third[-8:] in refused.err, "it was sent"
    assert len(cli.json("outbox", "list", "--state", "failed")) == 2, "and the others wait still"
    again = cli.json("outbox", "resend", "--state", "failed", "--now", "2004-05-17T09:00")
    assert {one["letter"] for one in again} == {first, second}
    assert cli.json("tick", "--now", "2004-05-17T09:03")["sent"] == 2
    assert cli.json("outbox", "resend", "--state", "failed") == []


def test_an_uncertain_letter_goes_out_again_as_it_was(cli: Cli, sent: Path, database: Engine) -> None:
    letter = cli.json("outbox", "list", "--to", "luong.thi.ngan")[0]
    change(database, letter["id"], LetterState.UNCERTAIN, NoticeState.PENDING, resent=True, sent_at=None)
    with Session(database) as session:
        content = session.exec(select(LetterContent.content).where(LetterContent.letter_id == UUID(letter["id"]))).one()
    assert cli.json("tick", "--now", "2004-05-17T09:00")["sent"] == 0  # once was enough, by itself
    cli.json("outbox", "resend", letter["id"], "--now", "2004-05-17T09:10")
    assert cli.json("tick", "--now", "2004-05-17T09:15")["sent"] == 1
    with Session(database) as session:
        stored = session.exec(select(Letter).where(Letter.id == UUID(letter["id"]))).one()
        kept = session.get_one(LetterContent, stored.id).content
    assert (kept, stored.message_id, stored.state) == (content, letter["message_id"], LetterState.SENT)
