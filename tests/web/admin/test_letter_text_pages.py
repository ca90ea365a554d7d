"""The office's own words in letters: tried before they count, read by the delivery, and never a letter lost."""

from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from html import unescape

import pytest
from sqlalchemy import event
from sqlmodel import select

from models.database.session import reading, transaction
from models.i18n import LANGUAGES
from models.letters.letter import LetterText
from models.organization.audit import Audit
from notifications.composing.compose import compose
from notifications.composing.sample_facts import all_samples, sample_facts, sample_names
from notifications.composing.texts import BLOCKS, originals
from tests.web.site import Office, Reader
from workflows.delivery.deliver import BATCH, deliver
from workflows.jobs.simulate import RecordedSender
from workflows.operations.doctor.finding import CheckedInstallation, State
from workflows.operations.doctor.office import letter_texts
from workflows.rules.calendar.workdays import WorkCalendar

HOME = "/admin/letter-texts"


def boss(office: Office) -> Reader:
    return office.sign_in("dang.thu.thuy")


def sent(office: Office) -> list[EmailMessage]:
    """The letters of a delivery, those in Vietnamese."""
    sender, now = RecordedSender(), office.now + timedelta(minutes=1)
    deliver(office.engine, office.settings, sender, now=now, calendar=WorkCalendar())
    letters = [message_from_bytes(content, policy=policy.default) for _address, content in sender.letters]
    return [one for one in letters if isinstance(one, EmailMessage) and one["Content-Language"] == "vi"]


def plain(letter: EmailMessage, kind: str = "plain") -> str:
    body = letter.get_body((kind,))
    assert body is not None
    return str(body.get_content())


def test_every_text_is_seen_in_its_examples_in_both_languages() -> None:
    for language in LANGUAGES:
        assert set(originals(language)) == set(BLOCKS)
        for name, original in originals(language).items():
            for sample in sample_names(name):
                composed = compose(sample_facts(sample, language, {name: f"◆ {original}"}))
                assert "◆" in composed.subject + composed.text, (name, sample, language)
                assert BLOCKS[name].is_subject or "◆" in composed.html, (name, sample, language)


def test_examples_say_the_same_with_the_originals_as_without() -> None:
    for language in LANGUAGES:
        for sample in all_samples():
            plain_facts = sample_facts(sample, language, {})
            assert compose(plain_facts) == compose(sample_facts(sample, language, originals(language)))


def test_a_wording_is_kept_delivered_and_taken_back(office: Office) -> None:
    reader = boss(office)
    wording = "Trân trọng & kính chào <quý vị>./."
    saved = reader.send(f"{HOME}/closing/vi", do="save", text=wording, began_from="")
    assert "&lt;quý vị&gt;" in reader.follow(saved).text
    letters = sent(office)
    assert letters
    for letter in letters:
        assert wording in plain(letter)
        assert "Trân trọng &amp; kính chào &lt;quý vị&gt;" in plain(letter, "html")
    assert "đã sửa" in reader.get(HOME).text
    assert reader.send(f"{HOME}/closing/vi", do="restore", text="", began_from=wording).status_code == 303
    with reading(office.engine) as session:
        assert session.exec(select(LetterText)).all() == []
        deeds = [row.action for row in session.exec(select(Audit)).all()]
    assert deeds[-2:] == ["letter_text_changed", "letter_text_restored"]


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("greeting", "Kính gửi quý đơn vị", "{who}"),
        ("greeting", "Kính gửi: {who} {facts.items}", "ngoặc nhọn"),
        ("greeting", "Kính gửi: {who} {lead_unit}", "lead_unit"),
        ("closing", "{{ 7 * 7 }}", "ngoặc nhọn"),
        ("closing", "", "để trống"),
        ("closing", "x" * 601, "601"),
        ("subject.reminder", "x" * 41, "41"),
        ("subject.reminder", "[Bạo động]", "bạo động"),
        ("subject.reminder", "[DIỄN TẬP]", "diễn tập"),
        ("footer", "Phê bình đơn vị chậm", "phê bình"),
        ("closing", "a\u202eb", "không nhìn thấy"),
    ],
)
def test_what_does_not_fit_is_refused_and_named(office: Office, name: str, text: str, says: str) -> None:
    answer = boss(office).send(f"{HOME}/{name}/vi", do="save", text=text, began_from="")
    assert answer.status_code == 422
    assert says in unescape(answer.text)
    with reading(office.engine) as session:
        assert session.exec(select(LetterText)).all() == []


def test_a_line_break_never_reaches_a_header(office: Office) -> None:
    reader = boss(office)
    reader.send(f"{HOME}/subject.assigned/vi", do="save", text="[Việc\r\nBcc: x@example.vn]", began_from="")
    for letter in sent(office):
        assert letter["Bcc"] is None
        assert letter["Subject"].startswith("[Việc Bcc: x@example.vn]") or "Giao nhiệm vụ" not in letter["Subject"]


def test_a_wording_that_no_longer_fits_costs_no_letter_and_the_check_up_says_so(office: Office) -> None:
    with transaction(office.engine) as session:
        person = office.head(office.task("4"))
        for name, text in (("greeting", "Kính gửi {gone}"), ("no.such", "x"), ("closing", "two\nlines")):
            session.add(LetterText(name=name, language="vi", text=text, changed_at=office.now, changed_by=person.id))
    letters = sent(office)
    assert letters
    assert all("Kính gửi: " in plain(letter) and "Trân trọng./." in plain(letter) for letter in letters)
    with reading(office.engine) as session:
        found = letter_texts(CheckedInstallation(office.settings, office.now), session)
    assert found.state is State.WARNING
    assert "greeting (vi)" in str(found.words)


def test_two_administrators_do_not_word_over_each_other(office: Office) -> None:
    reader = boss(office)
    assert reader.send(f"{HOME}/closing/vi", do="save", text="Một", began_from="").status_code == 303
    late = reader.send(f"{HOME}/closing/vi", do="save", text="Hai", began_from="")
    assert late.status_code == 409
    assert "Hai</textarea>" in late.text
    assert reader.send(f"{HOME}/closing/vi", do="save", text="Hai", began_from="Một").status_code == 303
    original = originals("vi")["closing"]
    assert reader.send(f"{HOME}/closing/vi", do="save", text=original, began_from="Hai").status_code == 303
    with reading(office.engine) as session:
        assert session.exec(select(LetterText)).all() == []


def test_it_is_shown_in_letters_at_once(office: Office) -> None:
    reader = boss(office)
    piece = reader.send(
        f"{HOME}/closing/en", f"{HOME}/closing/en/check", text="Yours <b>faithfully</b>,", began_from=""
    )
    assert "<html" not in piece.text
    assert "<b>faith" not in piece.text
    frame = unescape(piece.text.split('src="')[1].split('"')[0])
    framed = reader.get(frame)
    assert "Yours &lt;b&gt;faithfully&lt;/b&gt;," in framed.text
    assert "sandbox" in framed.headers["content-security-policy"]
    assert reader.get(f"{HOME}/closing/en/html?sample=reminder&wording={{x}}").status_code == 422


def test_only_an_administrator_sees_or_changes_them(office: Office) -> None:
    other = office.sign_in("le.thi.c")
    for path in (HOME, f"{HOME}/closing/vi", f"{HOME}/closing/vi/html?wording=x"):
        assert other.get(path).status_code == 403
    for path in (f"{HOME}/closing/vi", f"{HOME}/closing/vi/check"):
        assert other.send("/help", path, do="save", text="x", began_from="").status_code == 403
    reader = boss(office)
    assert reader.get(f"{HOME}/no.such/vi").status_code == 404
    assert reader.get(f"{HOME}/closing/de").status_code == 404


def test_the_wordings_are_looked_at_with_each_fifty_letters_not_with_each(office: Office) -> None:
    asked: list[str] = []
    event.listen(office.engine, "before_cursor_execute", lambda *given: asked.append(given[2]))
    letters = len(sent(office))
    assert letters > BATCH // 2
    assert sum("letter_text" in statement for statement in asked) <= 1 + letters // BATCH + 1
