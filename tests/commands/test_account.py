"""Accounts from the command line: the first administrator, invitations, sessions, a lost telephone."""

from datetime import date, timedelta
from pathlib import Path

import pyotp
import pytest
from sqlalchemy import Engine
from sqlmodel import Session, select
from typer.testing import CliRunner

from dondoc import app
from models.database.session import transaction
from models.organization.account import Account, MailedPurpose, MailedSecret, Proof
from models.organization.audit import Audit
from models.organization.register_reads import resolve_person
from models.settings import Settings
from models.text.localtime import at_local, local_date
from notifications.smtp.mailbox import read_mailbox
from tests.commands.terminal import Cli
from workflows.access.access_tokens import find_token, make_token
from workflows.access.accounts.passwords import is_password
from workflows.access.accounts.sign_in import admit
from workflows.access.accounts.throttle import RequestOrigin
from workflows.access.accounts.totp import begin_totp, confirm_totp
from workflows.access.rights import read_principal

WHO, PASSWORD = "dang.thu.thuy", "một câu đủ dài để nhớ"
NOW = at_local(date(2004, 5, 17))
AT = ("--now", "2004-05-17T08:00")


def give(password: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["account", "password", WHO, *AT], input=password)
    return result.exit_code, result.stderr


def account(database: Engine) -> Account | None:
    with Session(database) as session:
        return session.get(Account, resolve_person(session, WHO).id)


def deeds(database: Engine) -> list[str]:
    with Session(database) as session:
        return [one.action for one in session.exec(select(Audit).order_by(Audit.id))]  # type: ignore[arg-type]


def enter(database: Engine) -> None:
    with transaction(database) as session:
        caller = RequestOrigin("203.0.113.5", "Mozilla/5.0")
        admit(session, resolve_person(session, WHO), Proof.PASSWORD, caller, Settings(), now=NOW)


def test_the_first_administrators_password_is_read_from_standard_input(cli: Cli, database: Engine) -> None:
    enter(database)
    code, told = give(PASSWORD + "\r\nsecond line\n")
    assert code == 0 and "sessions ended: 1" in told and PASSWORD not in told
    found = account(database)
    assert found is not None and is_password(found.password_hash, PASSWORD)[0]
    assert cli.json("account", "list")[0]["has_password"] is True


@pytest.mark.parametrize(
    ("given", "why"), [("ngắn\n", "too short"), ("", "too short"), ("dang.thu.thuy1\n", "own name")]
)
def test_a_password_that_may_not_be_chosen_is_refused_and_nothing_is_kept(
    data: Path, database: Engine, given: str, why: str
) -> None:
    code, told = give(given)
    assert code == 2 and why in told
    assert account(database) is None and deeds(database) == []


@pytest.mark.parametrize("typed", [(PASSWORD, PASSWORD), (PASSWORD, f"{PASSWORD}!")], ids=["alike", "not alike"])
def test_at_a_terminal_it_is_asked_for_twice_in_vietnamese(
    typed: tuple[str, str], monkeypatch: pytest.MonkeyPatch, database: Engine
) -> None:
    monkeypatch.setattr("commands.account.is_terminal", lambda _stream: True)
    monkeypatch.setenv("DONDOC_LANGUAGE", "vi")
    code, told = give("\n".join((*typed, "")))
    assert "Mật khẩu mới:" in told and "Nhập lại mật khẩu:" in told
    assert (code, "hai lần nhập không giống nhau" in told) == ((0, False) if typed[0] == typed[1] else (2, True)), told


def test_an_unknown_person_is_told_before_a_password_is_asked_for(cli: Cli, data: Path) -> None:
    answer = cli("account", "password", "dang.thu.thuyy")
    assert answer.code == 2 and "dang.thu.thuy" in answer.err


def test_a_password_set_by_hand_voids_the_invitation_that_is_still_open(cli: Cli, data: Path, database: Engine) -> None:
    cli.json("account", "invite", WHO, *AT)
    assert give(PASSWORD + "\n")[0] == 0
    with Session(database) as session:
        (secret,) = session.exec(select(MailedSecret)).all()
        assert secret.purpose is MailedPurpose.INVITATION and not secret.is_open(NOW)
    assert cli.json("tick", *AT)["sent"] == 0, "a letter with a dead link is not sent"


def test_a_password_set_by_hand_ends_what_whoever_knew_the_old_one_could_have_made(cli: Cli, database: Engine) -> None:
    enter(database)
    with transaction(database) as session:
        principal = read_principal(session, resolve_person(session, WHO), local_date(NOW))
        _token, text = make_token(session, principal, "bảng tính", ["read"], NOW + timedelta(days=30), now=NOW)
    code, told = give(PASSWORD + "\n")
    assert code == 0 and "sessions ended: 1, access tokens ended: 1" in told
    with Session(database) as session:
        assert find_token(session, text, now=NOW) is None
    assert deeds(database)[-2:] == ["sessions_ended", "tokens_ended"]


def test_an_invitation_leaves_with_the_next_tick(cli: Cli, data: Path, database: Engine) -> None:
    told = cli.json("account", "invite", WHO, *AT)
    assert told["valid_until"] == "2004-05-24T01:00:00+00:00"
    assert cli.json("tick", *AT)["sent"] == 1
    (letter,) = read_mailbox(data / "mailbox")
    assert letter.to == told["address"] and "/invitation/" in letter.text
    assert deeds(database) == ["invited"]


def test_sessions_are_listed_and_ended(cli: Cli, database: Engine) -> None:
    enter(database)
    enter(database)
    listed = cli.json("account", "sessions", WHO, *AT)
    assert [one["address"] for one in listed["sessions"]] == ["203.0.113.5"] * 2 and listed["ended"] == 0
    assert cli.json("account", "sessions", WHO, "--end", *AT)["ended"] == 2
    assert cli.json("account", "sessions", WHO, *AT)["sessions"] == []
    assert "ended: 0" in cli("account", "sessions", WHO, "--end", *AT).err


def test_the_second_step_of_somebody_who_lost_the_telephone_is_turned_off(cli: Cli, database: Engine) -> None:
    with transaction(database) as session:
        person = resolve_person(session, WHO)
        app_ = pyotp.TOTP(pyotp.parse_uri(begin_totp(session, person)).secret)
        assert confirm_totp(session, person, app_.at(NOW), now=NOW)
    assert cli.json("account", "second-step", WHO)["is_on"] is True
    assert cli.json("account", "second-step", WHO, "--off") == {"person": WHO, "is_on": False, "was_on": True}
    assert cli.json("account", "second-step", WHO)["is_on"] is False
    assert deeds(database) == ["totp_on", "totp_off"]
