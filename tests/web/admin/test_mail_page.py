"""Mail on the administration's pages: settings without secrets, tests, changes."""

from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlmodel import select

from models.database.session import reading
from models.letters.letter import Letter, LetterKind
from models.organization.audit import Audit
from models.settings import MailSettings
from notifications.smtp.mailbox import LocalMailbox
from tests.page import Page
from tests.web.site import Office, Reader

PAGES = ("/admin/mail", "/admin/mail/connection", "/admin/mail/edit")


@pytest.fixture
def administrator(office: Office, monkeypatch: pytest.MonkeyPatch) -> Reader:
    monkeypatch.setenv("DONDOC_DATA", str(office.settings.data))
    return office.sign_in("dang.thu.thuy")


@pytest.mark.parametrize("path", PAGES)
def test_mail_is_for_administrators_only(office: Office, path: str) -> None:
    for code in ("le.thi.c", "ngo.van.loc", "nguyen.minh.quan"):
        assert office.sign_in(code).get(path).status_code == 403
        assert office.sign_in(code).send("/help", "/admin/mail/edit", port="26").status_code == 403


@pytest.mark.parametrize("path", PAGES)
def test_no_page_shows_the_password(office: Office, administrator: Reader, path: str) -> None:
    office.settings.mail = MailSettings(user="dondoc", password=SecretStr("very secret"), host="127.0.0.1")
    shown = administrator.get(path).text
    assert "very secret" not in shown and "dondoc" in shown


def test_the_connection_is_tested_as_for_letters(office: Office, administrator: Reader) -> None:
    with LocalMailbox(Path(office.settings.mailbox)) as server:
        office.settings.mail = MailSettings(mode="smtp", host=server.host, port=server.port)
        assert "takes letters, without a log-in" in administrator.get("/admin/mail/connection?lang=en").text
    office.settings.mail = MailSettings(mode="smtp", host="127.0.0.1", port=1)
    refused = administrator.get("/admin/mail/connection?lang=en").text
    assert "cannot be used" in refused and "check mail.host" in refused


def test_a_test_letter_to_oneself_is_queued_and_shown(office: Office, administrator: Reader) -> None:
    page = administrator.follow(administrator.send("/admin/mail?lang=en", "/admin/mail/test")).text
    assert "Your last test letter" in page and "waiting to be sent" in page
    with reading(office.engine) as session:
        letter = session.exec(select(Letter).where(Letter.kind == LetterKind.ACCOUNT)).one()
        assert letter.topic.startswith("test:")
        assert session.exec(select(Audit.action)).all() == ["test_letter_sent"]


def seen_on(page: str) -> str:
    """What the form has seen."""
    seen = Page(page).value("seen")
    return str(seen)


def test_settings_are_changed_and_hold_at_once(office: Office, administrator: Reader) -> None:
    form = administrator.get("/admin/mail/edit").text
    assert 'value="2525"' in form
    given = {
        "mode": "local",
        "host": "127.0.0.1",
        "port": "2526",
        "security": "none",
        "user": "",
        "sender": "vp@mpt.example",
        "sender_name": "Văn phòng Bộ",
        "only_to": "@mpt.example",
        "connections": "2",
        "letters_per_minute": "",
        "letters_per_day": "500",
        "letters_per_connection": "200",
        "timeout_seconds": "20",
        "dot_seconds": "600",
        "resend_uncertain": "yes",
    }
    given["seen"] = seen_on(form)
    answer = administrator.send("/admin/mail/edit", **given)
    assert answer.headers["location"] == "/admin/mail/connection"
    assert office.settings.mail.port == 2526 and office.settings.mail.letters_per_day == 500
    shown = administrator.get("/admin/mail?lang=en").text
    assert "Test mode: letters leave for @mpt.example only." in shown and "dondoc.toml" in shown
    for seen in (given["seen"], ""):
        late = administrator.send("/admin/mail/edit?lang=en", **given | {"port": "2527", "seen": seen})
        assert late.status_code == 409 and "has changed while the page was open: mail settings" in late.text
        assert 'value="2527"' in late.text and seen_on(late.text) == seen, (
            "what is there now is seen by opening it again"
        )
        assert office.settings.mail.port == 2526
    given["seen"] = seen_on(administrator.get("/admin/mail/edit").text)
    wrong = administrator.send("/admin/mail/edit?lang=en", **given | {"port": "99999"})
    assert wrong.status_code == 422 and "Port: must be at most 65535" in wrong.text and 'value="99999"' in wrong.text
    wrong = administrator.send("/admin/mail/edit?lang=en", **given | {"dot_seconds": "2000"})
    assert wrong.status_code == 422 and "Seconds for the answer to a whole letter: must be at most 1800" in wrong.text
    assert "Fewer than 600, and letters that the server was still reading leave twice" in wrong.text
    assert (office.settings.mail.port, office.settings.mail.timeout_seconds) == (2526, 20)


def test_what_is_fixed_says_so(office: Office, administrator: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DONDOC_MAIL_HOST", "127.0.0.1")
    assert "DONDOC_MAIL_HOST" in administrator.get("/admin/mail").text
    assert 'name="host"' not in administrator.get("/admin/mail/edit").text
    assert 'href="/admin/mail/edit"' in administrator.get("/admin/mail").text
    office.settings.fixed_mail = True
    assert 'href="/admin/mail/edit"' not in administrator.get("/admin/mail").text
    assert 'name="port"' not in administrator.get("/admin/mail/edit").text
    assert administrator.send("/admin/mail", "/admin/mail/edit", port="26").status_code == 409
