"""The mail settings changed from the site: checked whole, written at once, and never against the environment."""

import os
import stat
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from sqlmodel import Session, select

from models.errors import BadFields, BadInput, Refused
from models.organization.audit import Audit
from models.settings import MailSettings, Settings
from workflows.access.audit_log import AuditActor
from workflows.delivery.mail_settings import FIELD_WORDS, Source, change_mail, find_sources

HAND = AuditActor(datetime(2026, 11, 2, 1, tzinfo=UTC))
FILE = """# of the house
port = 8080

[mail]
# asked for by IT in March
mode = "smtp"
host = "smtp.old.example"
password = "old secret"
user = "dondoc"
security = "tls"
"""


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    for name in list(os.environ):
        if name.startswith("DONDOC_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("DONDOC_DATA", str(tmp_path))
    (tmp_path / "dondoc.toml").write_text(FILE, encoding="utf-8")
    (tmp_path / "dondoc.toml").chmod(0o640)
    return Settings()


def test_every_field_has_its_words() -> None:
    assert FIELD_WORDS.keys() == MailSettings.model_fields.keys()


def test_a_change_is_written_holds_and_leaves_all_else(session: Session, settings: Settings, tmp_path: Path) -> None:
    given = {
        "host": "smtp.new.example",
        "port": "465",
        "only_to": "@mpt.example, a@b.example",
        "password": "old secret",
    }
    assert change_mail(session, settings, given, HAND) == ("host", "port", "only_to")
    text = (tmp_path / "dondoc.toml").read_text(encoding="utf-8")
    assert "# of the house" in text and "# asked for by IT in March" in text and "port = 8080" in text
    assert (settings.mail.host, settings.mail.port) == ("smtp.new.example", 465)
    assert Settings().mail == settings.mail
    assert settings.mail.password == SecretStr("old secret")
    assert stat.S_IMODE((tmp_path / "dondoc.toml").stat().st_mode) == 0o640
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_the_audit_names_the_fields_and_no_password(session: Session, settings: Settings) -> None:
    change_mail(session, settings, {"password": "new secret"}, HAND)
    line = session.exec(select(Audit)).one()
    assert (line.action, line.facts) == ("mail_changed", {"fields": ["password"]})
    assert settings.mail.password == SecretStr("new secret")


WHERE_IT_GOES = [
    ({"host": "smtp.thief.example"}, "Mail server"),
    ({"port": "465"}, "Port"),
    ({"security": "starttls"}, "Line"),
    ({"user": "somebody"}, "User name"),
]


@pytest.mark.parametrize(("given", "label"), WHERE_IT_GOES)
@pytest.mark.parametrize("left", [{}, {"password": ""}], ids=["not named", "left empty"])
def test_the_password_that_is_kept_goes_nowhere_else(
    session: Session, settings: Settings, tmp_path: Path, given: dict[str, str], label: str, left: dict[str, str]
) -> None:
    before = settings.mail
    with pytest.raises(BadFields, match=f"^{label}: the stored password .* enter it again") as caught:
        change_mail(session, settings, given | left, HAND)
    assert caught.value.fields.keys() == given.keys()
    assert "nhập lại mật khẩu" in caught.value.tell("vi")
    assert (tmp_path / "dondoc.toml").read_text(encoding="utf-8") == FILE
    assert settings.mail == before and session.exec(select(Audit)).all() == []


def test_with_the_password_given_anew_or_taken_away_another_server_is_set(session: Session, settings: Settings) -> None:
    change_mail(session, settings, {"host": "smtp.new.example", "password": "new secret"}, HAND)
    assert (settings.mail.host, settings.mail.password) == ("smtp.new.example", SecretStr("new secret"))
    change_mail(session, settings, {"host": "smtp.open.example", "user": "", "password": "-"}, HAND)
    assert (settings.mail.host, settings.mail.password) == ("smtp.open.example", None)
    change_mail(session, settings, {"host": "smtp.third.example"}, HAND)
    assert settings.mail.host == "smtp.third.example", "there is no password that could go with it"


def test_a_password_of_the_environment_goes_nowhere_else_either(
    session: Session, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DONDOC_MAIL_PASSWORD", "of the environment")
    settings = Settings()
    for given in ({"host": "smtp.thief.example"}, {"host": "smtp.thief.example", "password": "guessed"}):
        with pytest.raises(BadFields, match="Mail server: the password stands in DONDOC_MAIL_PASSWORD"):
            change_mail(session, settings, given, HAND)
    assert settings.mail.host == "smtp.old.example"


def test_a_new_file_is_for_its_owner_alone(session: Session, settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "dondoc.toml").unlink()
    change_mail(session, settings, {"sender_name": "Văn phòng Bộ"}, HAND)
    assert stat.S_IMODE((tmp_path / "dondoc.toml").stat().st_mode) == 0o600
    assert Settings().mail.sender_name == "Văn phòng Bộ"


def test_the_password_goes_only_when_the_user_does(session: Session, settings: Settings) -> None:
    with pytest.raises(BadInput, match="password is missing"):
        change_mail(session, settings, {"password": "-"}, HAND)
    change_mail(session, settings, {"password": "-", "user": ""}, HAND)
    assert settings.mail.password is None and Settings().mail.user is None


def test_what_the_environment_fixes_stays(
    session: Session, settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("DONDOC_MAIL_HOST", "smtp.environment.example")
    settings = Settings()
    found = find_sources(settings.mail.model_copy(update={"sender_name": "Demo"}))
    assert (found["host"], found["user"]) == (Source.ENVIRONMENT, Source.FILE)
    assert (found["sender"], found["sender_name"]) == (Source.DEFAULT, Source.START)
    given = {"host": "smtp.other.example", "port": "587", "password": "old secret"}
    assert change_mail(session, settings, given, HAND) == ("port",)
    assert settings.mail.host == "smtp.environment.example"
    assert "smtp.old.example" in (tmp_path / "dondoc.toml").read_text()


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"port": "0"}, "port"),
        ({"port": "many"}, "port"),
        ({"mode": "pigeon"}, "mode"),
        ({"only_to": "nobody"}, "only_to"),
        ({"only_to": "a@b.example\r\nBcc: x"}, "only_to"),
        ({"sender_name": "A\nBcc: x@y.example"}, "sender_name"),
        ({"letters_per_day": "0"}, "letters_per_day"),
        ({"host": " "}, "host"),
    ],
)
def test_a_wrong_value_is_told_by_its_field_and_nothing_is_written(
    session: Session, settings: Settings, tmp_path: Path, given: dict[str, str], field: str
) -> None:
    before = settings.mail
    with pytest.raises(BadFields) as caught:
        change_mail(session, settings, given, HAND)
    assert field in caught.value.fields
    assert (tmp_path / "dondoc.toml").read_text(encoding="utf-8") == FILE
    assert settings.mail == before and session.exec(select(Audit)).all() == []


def test_a_password_never_goes_in_the_clear(session: Session, settings: Settings) -> None:
    with pytest.raises(BadInput, match="in the clear"):
        change_mail(session, settings, {"security": "none"}, HAND)
    with pytest.raises(BadInput, match="plain mail address"):
        change_mail(session, settings, {"sender": "nobody"}, HAND)


@pytest.mark.parametrize(
    "fixed",
    [{"fixed_mail": True}, {"prefect_api_url": "http://10.0.0.5:4210/api"}],
    ids=["by a setting", "with many machines, of which a site could change only its own"],
)
def test_fixed_settings_are_not_changed(session: Session, settings: Settings, fixed: dict[str, Any]) -> None:
    with pytest.raises(Refused, match="fixed"):
        change_mail(session, settings.model_copy(update=fixed), {"port": "587"}, HAND)


def test_a_file_that_is_no_toml_is_left_alone(session: Session, settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "dondoc.toml").write_text("[mail\n", encoding="utf-8")
    with pytest.raises(Refused, match="by hand"):
        change_mail(session, settings, {"sender_name": "Demo"}, HAND)
    assert (tmp_path / "dondoc.toml").read_text(encoding="utf-8") == "[mail\n"


@pytest.mark.parametrize(("field", "most"), [("timeout_seconds", 300), ("dot_seconds", 1800)])
@pytest.mark.parametrize("seconds", ["{more}", "inf", "0"])
def test_patience_has_bounds(session: Session, settings: Settings, field: str, most: int, seconds: str) -> None:
    before = getattr(settings.mail, field)
    with pytest.raises(BadFields, match=rf"Seconds .*: must be (at most {most}|greater than 0)"):
        change_mail(session, settings, {field: seconds.format(more=most + 1)}, HAND)
    assert getattr(settings.mail, field) == before
    change_mail(session, settings, {field: "45"}, HAND)
    assert getattr(Settings().mail, field) == 45


def test_a_file_of_0_3_with_times_that_are_no_more_is_read(settings: Settings, tmp_path: Path) -> None:
    file = tmp_path / "dondoc.toml"
    file.write_text(f"{FILE}timeout_seconds = 300\ndata_seconds = 120\nblock_seconds = 180\n", encoding="utf-8")
    assert Settings().mail.timeout_seconds == 300


def test_an_environment_of_0_3_with_times_that_are_no_more_is_read(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DONDOC_MAIL_DATA_SECONDS", "120")
    assert Settings().mail.host == "smtp.old.example"
