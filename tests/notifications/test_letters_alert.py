"""What administrators read when the engine itself is in trouble, whatever the reporter put into the alert."""

import email
from dataclasses import replace
from datetime import UTC, datetime
from email import policy
from html import unescape
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.errors import BadInput
from models.letters.letter import LetterKind
from models.operations.alert import AlertKind
from notifications.composing.compose import Composed, compose
from notifications.composing.facts import AlertItem
from notifications.composing.troubles import LONGEST, read_trouble
from tests.notifications import samples
from tests.notifications.letter_words import visible
from tests.notifications.samples import ADMINISTRATOR, alert, trouble

both_languages = pytest.mark.parametrize("language", ["vi", "en"])
ID = UUID("018f0000-0000-7000-8000-00000abcdef1")
ABOUT_ONE = {
    AlertKind.LETTER_UNWRITABLE: ["dondoc outbox show 0abcdef1", "dondoc outbox resend 0abcdef1"],
    AlertKind.LETTER_GIVEN_UP: ["dondoc outbox show 0abcdef1", "dondoc outbox resend 0abcdef1"],
    AlertKind.TASK_STUCK: ["dondoc task show 0abcdef1"],
}


def written(language: str = "vi", *alerts: AlertItem, more: int = 0) -> Composed:
    return compose(alert(language, *alerts, more=more))


@both_languages
def test_text_and_html_of_an_alert_say_the_same(language: str) -> None:
    composed = written(language, more=2)
    seen = visible(composed.html).replace(" ", "")
    for line in composed.text.splitlines():
        assert line.strip().removeprefix("- ").removeprefix("--").replace(" ", "") in seen, line
    assert "None" not in composed.text
    assert "{" not in composed.text
    assert "!" not in composed.text


@both_languages
def test_an_alert_is_a_letter_to_one_administrator_with_the_frame_of_all_letters(language: str) -> None:
    facts = alert(language)
    message = email.message_from_bytes(compose(facts).content, policy=policy.default)
    assert [one.addr_spec for one in message["To"].addresses] == [ADMINISTRATOR.email]
    assert message["Message-ID"] == facts.message_id
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["In-Reply-To"] is None
    assert message["Subject"] == compose(facts).subject
    assert compose(facts).content == compose(alert(language)).content


def test_the_subject_counts_and_names_what_is_wrong() -> None:
    assert written("vi", more=3).subject == (
        "[Cảnh báo hệ thống] 16 sự cố, trong đó 03 đã hết: công việc định kỳ bị lỗi, máy chủ thư trả lời chậm"
        " và sự cố khác – 06/07/2004"
    )
    one = trouble(AlertKind.MAIL_FAILING, "mail.mpt.example:587", is_over=True)
    assert written("vi", one).subject == "[Cảnh báo hệ thống] máy chủ thư không nhận thư, nay đã hết – 06/07/2004"
    assert written("en", one).subject == "[System alert] the mail server accepts no letters, now ended – 6 July 2004"


@pytest.mark.parametrize("kind", AlertKind)
@both_languages
def test_every_kind_is_told_even_when_nothing_is_known_of_it(kind: AlertKind, language: str) -> None:
    for subject in ("", str(ID)):
        for is_over in (False, True):
            composed = written(language, trouble(kind, subject, is_over=is_over))
            assert "dondoc " in composed.text
            assert ": \n" not in composed.text
            assert "“”" not in composed.text
            expected = ABOUT_ONE.get(kind, []) if subject else []
            assert [command for command in expected if f"   {command}\n" not in composed.text] == []


def test_a_stopped_clock_tells_how_long_and_what_was_late() -> None:
    facts: dict[str, Any] = {
        "from": "2004-07-05T01:00:00+00:00",
        "to": "2004-07-06T00:30:00Z",
        "tasks": 12,
        "letters": 3,
    }
    one = trouble(AlertKind.CLOCK_STOPPED, is_over=True, **facts)
    vi = written("vi", one).text
    assert "từ 08 giờ 00 ngày 05/07/2004 đến 07 giờ 30 ngày 06/07/2004" in vi
    assert "12 nhiệm vụ đến lượt xét, 03 thư đến giờ gửi" in vi
    en = written("en", one).text
    assert "from 08:00 on 5 July 2004 to 07:30 on 6 July 2004" in en
    assert "12 tasks to be looked at, 3 letters to be sent" in en


def test_work_behind_letter_says_what_waits_and_since_when() -> None:
    facts: dict[str, Any] = {"from": "2004-07-05T01:00:00Z", "letters": 4210}
    behind = trouble(AlertKind.WORK_BEHIND, times=2, **facts)
    vi, en = (written(language, behind).text for language in ("vi", "en"))
    assert "Chờ lâu nhất: từ 08 giờ 00 ngày 05/07/2004" in vi and "Thời gian dừng" not in vi
    assert "4.210 thư đến giờ gửi" in vi and "nhiệm vụ đến lượt" not in vi
    assert "Longest wait: since 08:00 on 5 July 2004" in en and "Late: 4,210 letters to be sent" in en


def test_how_often_since_when_and_whether_it_is_over() -> None:
    lasting = trouble(AlertKind.JOB_FAILED, "open_periods", times=4, reason="database is locked")
    text = written("vi", lasting).text
    assert "Công việc: Mở kỳ báo cáo (open-periods)" in text
    assert "Phát hiện lúc: 10 giờ 20 ngày 05/07/2004" in text
    assert "04 lần, gần nhất lúc 11 giờ 50 ngày 05/07/2004" in text
    assert "Tình trạng: chưa hết" in text
    assert "đã hết lúc" in written("vi", replace(lasting, ended_at=datetime(2004, 7, 5, 5, 0, tzinfo=UTC))).text


def test_what_is_still_wrong_comes_before_what_is_over() -> None:
    over = trouble(AlertKind.MAIL_FAILING, "h:25", is_over=True)
    text = written("en", over, trouble(AlertKind.JOB_FAILED, "tick")).text
    assert text.index("A scheduled job failed") < text.index("The mail server accepts no letters")


@both_languages
def test_how_many_are_not_listed_is_said(language: str) -> None:
    words = "còn 05 sự cố khác" if language == "vi" else "There are 5 more"
    assert words in written(language, more=5).text
    assert words.replace("05", "00").replace("5", "0") not in written(language).text


def test_an_alert_letter_without_alerts_and_a_digest_with_them_are_refused() -> None:
    with pytest.raises(BadInput):
        compose(replace(alert(), alerts=()))
    with pytest.raises(BadInput):
        compose(replace(alert(), kind=LetterKind.DIGEST))


def test_what_another_machine_said_stays_words() -> None:
    said = 'x"><script>alert(1)</script>\r\nBcc: spy@evil.example\x00\u2028 & <b>'
    composed = written("vi", trouble(AlertKind.MAIL_FAILING, said, reason=said, code=451))
    assert "<script>" not in composed.html
    assert "&amp; &lt;b&gt;" in composed.html and "& <b>" not in composed.html
    assert '“451 x"><script>alert(1)</script> Bcc: spy@evil.example & <b>”' in composed.text
    message = email.message_from_bytes(composed.content, policy=policy.default)
    assert message["Bcc"] is None
    assert "\nBcc" not in composed.text


@pytest.mark.parametrize("subject", ["$(reboot)", "; rm -rf /", str(ID) + "; reboot", "tick; reboot", "-x", "TICK"])
@pytest.mark.parametrize("kind", AlertKind)
def test_a_command_holds_nothing_but_an_id(kind: AlertKind, subject: str) -> None:
    found = read_trouble(trouble(kind, subject), "vi")
    assert found.commands
    assert not any("reboot" in one or "rm" in one or one.split()[-1] in ("show", "resend") for one in found.commands)


def test_a_reason_is_told_up_to_a_length() -> None:
    found = read_trouble(trouble(AlertKind.TASK_STUCK, str(ID), reason="ế " * 1000), "vi")
    assert len(found.reason) <= LONGEST
    assert found.reason.endswith("…")


anything = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=80) | st.just("\ud800 x")
keys = ("from", "to", "tasks", "letters", "waiting", "attempts", "recipient", "reason", "code")


@given(
    st.sampled_from(AlertKind), st.text(max_size=120), st.dictionaries(st.sampled_from(keys), anything | st.just([1]))
)
def test_whatever_an_alert_holds_it_becomes_a_letter(kind: AlertKind, subject: str, facts: dict[str, Any]) -> None:
    one = AlertItem(kind, subject, samples.alert().slot, samples.alert().slot, 1, None, facts)
    for language in ("vi", "en"):
        composed = written(language, one)
        message = email.message_from_bytes(composed.content, policy=policy.default)
        assert [address.addr_spec for address in message["To"].addresses] == [ADMINISTRATOR.email]
        assert message["Subject"] == composed.subject
        assert composed.html.count("<p") == composed.html.count("</p>")
        assert unescape(composed.html).count("<script") == composed.text.count("<script")
