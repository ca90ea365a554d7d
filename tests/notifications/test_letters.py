"""What a reader finds in a letter, in both languages, as text and as HTML."""

import email
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from email import policy
from email.message import EmailMessage

import pytest

from models.i18n import translate
from models.letters.letter import LetterKind
from models.text.localtime import at_local, end_of_day
from models.words import period_words
from notifications.composing.compose import Composed, compose
from notifications.composing.facts import LetterFacts, LetterSection
from tests.notifications import samples
from tests.notifications.letter_words import ALL, EVENTS, visible
from tests.notifications.samples import COORDINATOR, SENSITIVE, item, letter, task_id

every_letter = pytest.mark.parametrize("make", ALL.values(), ids=ALL.keys())
both_languages = pytest.mark.parametrize("language", ["vi", "en"])


def read(composed: Composed) -> EmailMessage:
    message = email.message_from_bytes(composed.content, policy=policy.default)
    assert isinstance(message, EmailMessage)
    return message


@every_letter
@both_languages
def test_text_and_html_carry_the_same_facts(make: Callable[[str], LetterFacts], language: str) -> None:
    composed = compose(make(language))
    seen = visible(composed.html).replace(" ", "")
    for line in composed.text.splitlines():
        told = line.strip().removeprefix("- ").removeprefix("* ").strip("* ").removeprefix("--")
        words, _, anchor = told.rpartition("https://") if told.startswith("https://") else told.partition(": https://")
        assert words.replace(" ", "") in seen, line
        if anchor:
            assert f'href="https://{anchor}"' in composed.html


@every_letter
@both_languages
def test_the_bytes_read_back_as_what_was_composed(make: Callable[[str], LetterFacts], language: str) -> None:
    facts = make(language)
    composed = compose(facts)
    message = read(composed)
    assert message["Subject"] == composed.subject
    assert message["Message-ID"] == facts.message_id
    assert [a.addr_spec for a in message["To"].addresses] == [facts.recipient.email]
    assert message["From"].addresses[0].display_name == facts.sender_name
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["List-Id"] == "Don doc <dondoc.mpt.example>"
    assert message["Date"].datetime == facts.slot
    text, html = message.get_body(("plain",)), message.get_body(("html",))
    assert text is not None
    assert html is not None
    assert text.get_content().replace("\r\n", "\n") == composed.text
    assert html.get_content().replace("\r\n", "\n").strip() == composed.html.strip()
    assert composed.content.isascii()
    assert all(len(line) <= 998 for line in composed.content.split(b"\r\n"))
    assert compose(make(language)).content == composed.content, "the same facts give the same bytes"


@every_letter
@both_languages
def test_a_letter_is_courteous_and_its_subject_discreet(make: Callable[[str], LetterFacts], language: str) -> None:
    composed = compose(make(language))
    assert not any(word in composed.subject.casefold() for word in SENSITIVE)
    assert "phương án hành động" not in composed.subject.casefold(), "a subject names the item, not the duty"
    assert (
        "06/2004/CT-BBCVT" in composed.subject
        or LetterKind.DIGEST in make(language).kind
        or "Công ty" in composed.subject
    )
    assert "!" not in composed.text
    assert not re.search("phê bình|kiểm điểm|kỷ luật|xử lý trách nhiệm", composed.text)
    assert "\xa0" not in composed.text + composed.subject
    assert "  - " not in composed.text.replace("   - ", "")
    assert "None" not in composed.text
    assert "{" not in composed.text
    assert ("Trân trọng./." if language == "vi" else "Respectfully yours,") in composed.text
    footer = (
        "Thư tự động của hệ thống, không thay thế văn bản hành chính."
        if language == "vi"
        else "Automatic letter; it does"
    )
    assert footer in composed.text


@every_letter
@both_languages
def test_html_has_the_button_and_plain_text_the_address(make: Callable[[str], LetterFacts], language: str) -> None:
    facts = make(language)
    composed = compose(facts)
    for task in facts.items:
        assert task.url in composed.text, "plain text has no button"
        assert f'href="{task.url}' in composed.html
        assert task.url not in visible(composed.html)


@both_languages
def test_only_reminders_to_a_unit_speak_of_reports_sent_already(language: str) -> None:
    said = {"vi": "Nếu đơn vị đã gửi báo cáo", "en": "If your unit has already sent"}[language]
    having = {name for name, make in ALL.items() if said in compose(make(language)).text}
    assert having == {"digest", "summary"}


@every_letter
def test_html_is_one_column_without_remote_parts(make: Callable[[str], LetterFacts]) -> None:
    html = compose(make("vi")).html
    assert not re.search(r"<(img|link|script|iframe)|url\(|@import", html)
    assert re.search(r'class="page" style="[^"]*font-size:16px', html), "inline: some readers leave <style> out"
    assert "prefers-color-scheme:dark" in html
    assert 'lang="vi"' in html
    assert 'name="viewport"' in html


def test_the_assigned_letter_reads_like_the_example() -> None:
    composed = compose(samples.assigned())
    assert composed.subject == (
        "[Giao nhiệm vụ] 01 nhiệm vụ chủ trì, chậm nhất ngày 30/06/2004 (mục 2, Chỉ thị 06/2004/CT-BBCVT)"
        " – Công ty Viễn thông X"
    )
    for words in (
        "Kính gửi: Ông Trần Văn B, Giám đốc Công ty Viễn thông X",
        "Thực hiện Chỉ thị số 06/2004/CT-BBCVT ngày 07 tháng 5 năm 2004",
        "Quý Công ty được giao chủ trì nhiệm vụ tại mục 2:",
        f"“{samples.QUOTE}”",
        "chậm nhất thứ Tư, ngày 30/06/2004, còn 37 ngày làm việc",
        "Vụ Viễn thông, ngày 10/05/2004",
        "Phối hợp: Công an địa phương",
        "gửi theo đường công văn mật (chỉ ghi số, ngày trên hệ thống)",
        "Đề nghị tiếp nhận hoặc phân công người thực hiện, chậm nhất ngày 12/05/2004:",
        "Lê Thị C, điện thoại 04 3822 0000",
    ):
        assert words in composed.text
    assert composed.text.count("https://") == 1, "one link"


def test_the_digest_counts_by_urgency_and_begins_with_the_worst() -> None:
    composed = compose(samples.digest())
    assert composed.subject == (
        "[Đôn đốc] 01 nhiệm vụ quá hạn, 02 nhiệm vụ sắp đến hạn – Công ty Viễn thông X – 06/07/2004"
    )
    assert "Tính đến 08 giờ 00 ngày 06 tháng 7 năm 2004, Quý Công ty có 03 nhiệm vụ cần xử lý." in composed.text
    assert composed.text.index("QUÁ HẠN") < composed.text.index("SẮP ĐẾN HẠN")
    assert "quá hạn 04 ngày làm việc" in composed.text
    assert "Đã đôn đốc: 02 lần (01/07, 06/07/2004)" in composed.text
    assert "Thời hạn ban đầu: ngày 10/07/2004" in composed.text
    assert "là thứ Bảy" in composed.text
    assert samples.QUOTE not in composed.text, "a digest keeps to a few words"
    assert composed.text.count("https://") == 3


def test_a_digest_lists_items_in_order_of_urgency_however_they_came() -> None:
    facts = samples.digest()
    shuffled = replace(facts, items=facts.items[::-1])
    assert compose(shuffled).text == compose(facts).text


def test_many_sections_are_summed_up_in_the_subject() -> None:
    items = [item(section, task_id=task_id(50 + n)) for n, section in enumerate(LetterSection)]
    composed = compose(letter(LetterKind.DIGEST, *items, to=COORDINATOR))
    assert composed.subject.startswith(
        "[Đôn đốc] 01 thư chưa gửi được, 01 thư chưa chắc đã đến, 01 nhiệm vụ quá hạn, 09 việc khác"
    )
    positions = [composed.text.index(f"\n{n}. ") for n in range(1, len(items) + 1)]
    assert positions == sorted(positions)


@both_languages
def test_a_stand_in_is_told_for_whom_they_act(language: str) -> None:
    stand_in = replace(samples.HEAD, standing_in_for="Ông Trần Văn B", name="Phạm Thị E", address_form="Bà")
    composed = compose(
        letter(LetterKind.DIGEST, item(LetterSection.OVERDUE, days_left=-1), to=stand_in, language=language)
    )
    expected = "(người được uỷ quyền của Ông Trần Văn B)" if language == "vi" else "(standing in for Ông Trần Văn B)"
    assert expected in composed.text
    assert expected in visible(composed.html)


@both_languages
def test_a_task_without_a_date_says_so(language: str) -> None:
    facts = letter(LetterKind.ASSIGNED, item(due_at=None, original_due_at=None, days_left=None), language=language)
    composed = compose(facts)
    words = "chưa xác định thời hạn" if language == "vi" else "no deadline set yet"
    assert words in composed.subject
    assert words in composed.text


@pytest.mark.parametrize(
    ("why", "words"),
    [
        ("no_head", "chưa có thủ trưởng"),
        ("no_address", "chưa có địa chỉ thư điện tử"),
        ("retired", "đã nghỉ công tác"),
        ("refused", "máy chủ thư từ chối"),
    ],
)
def test_the_coordinator_learns_why_a_unit_could_not_be_told(why: str, words: str) -> None:
    one = item(LetterSection.UNDELIVERABLE, undeliverable=why, role="coordinator", rung="undeliverable")
    composed = compose(letter(LetterKind.DIGEST, one, to=COORDINATOR))
    assert "01 thư chưa gửi được" in composed.subject
    assert words in composed.text
    assert "Công ty Viễn thông X" in composed.text
    assert "qua điện thoại" in composed.text


@pytest.mark.parametrize(
    ("language", "heading", "words"),
    [
        ("vi", "THƯ CHƯA CHẮC ĐÃ ĐẾN", ("có thể đã đến hoặc chưa đến", "qua điện thoại", "không tự gửi lại")),
        (
            "en",
            "LETTERS THAT MAY NOT HAVE ARRIVED",
            ("may or may not have arrived", "by telephone", "not send it again"),
        ),
    ],
)
def test_the_coordinator_learns_that_a_letter_may_not_have_arrived(
    language: str, heading: str, words: tuple[str, ...]
) -> None:
    one = item(LetterSection.UNCERTAIN, role="coordinator", rung="uncertain")
    other = item(LetterSection.OVERDUE, days_left=-2, role="coordinator")
    text = compose(letter(LetterKind.DIGEST, one, other, to=COORDINATOR, language=language)).text
    assert heading in text and all(one in text for one in words) and "dondoc outbox resend" in text
    assert "chưa gửi được" not in text and "could not be sent" not in text


def test_a_waiting_task_states_the_wait_and_asks_nothing_of_the_unit() -> None:
    one = item(LetterSection.OVERDUE, days_left=-2, waiting_for="decision", waiting_since=at_local(date(2004, 7, 1)))
    text = compose(letter(LetterKind.DIGEST, one)).text
    assert "Đang chờ: kết quả đã gửi, chờ phê duyệt từ ngày 01/07/2004" in text
    assert "báo cáo kết quả hoặc" not in text


def test_who_decides_is_asked_and_sees_the_date_asked_for() -> None:
    one = item(
        LetterSection.DECIDE,
        waiting_for="extension",
        waiting_since=at_local(date(2004, 6, 28)),
        proposed_due_on=date(2004, 7, 30),
        note="Chờ ý kiến Công an tỉnh",
        role="coordinator",
    )
    text = compose(letter(LetterKind.DIGEST, one, to=COORDINATOR)).text
    assert "Trân trọng đề nghị xem xét, quyết định việc gia hạn" in text
    assert "chậm nhất ngày 30/07/2004" in text
    assert "“Chờ ý kiến Công an tỉnh”" in text


def test_the_watcher_is_asked_to_press_and_the_doer_to_report() -> None:
    one = item(LetterSection.OVERDUE, days_left=-4)
    assert "Đề nghị báo cáo kết quả hoặc đề nghị gia hạn" in compose(letter(LetterKind.DIGEST, one)).text
    watched = compose(letter(LetterKind.DIGEST, one, to=COORDINATOR)).text
    assert "Trân trọng đề nghị kiểm tra, đôn đốc đơn vị" in watched
    assert "Đơn vị chủ trì: Công ty Viễn thông X" in watched
    assert "cần đồng chí xem xét" in watched


def test_several_people_who_follow_up_stand_with_their_items() -> None:
    other = item(LetterSection.OVERDUE, task_id=task_id(9), follow_up_name="Ngô Văn G", follow_up_phone="04 3822 0009")
    text = compose(letter(LetterKind.DIGEST, item(LetterSection.OVERDUE), other)).text
    assert "Người theo dõi: Ngô Văn G, Vụ Viễn thông, điện thoại 04 3822 0009" in text
    assert "Người theo dõi: Lê Thị C, Vụ Viễn thông, điện thoại 04 3822 0000" in text


def test_a_coordinating_unit_is_asked_to_coordinate() -> None:
    partner = replace(samples.HEAD, unit_name="Công ty Viễn thông Y", unit_address="Quý Công ty")
    composed = compose(letter(LetterKind.ASSIGNED, item(LetterSection.COORDINATING, role="coordinating"), to=partner))
    assert composed.subject.startswith("[Phối hợp thực hiện] 01 nhiệm vụ phối hợp, chậm nhất ngày 30/06/2004 (mục 2, ")
    assert "được đề nghị phối hợp thực hiện nhiệm vụ tại mục 2" in composed.text
    assert "Đề nghị phối hợp với Công ty Viễn thông X" in composed.text


def test_a_copy_is_for_information() -> None:
    deputy = replace(samples.HEAD, name="Đỗ Thị H", title="Phó Giám đốc", address_form="Bà")
    text = compose(letter(LetterKind.ASSIGNED, item(role="deputy"), to=deputy)).text
    assert "Thư này đồng gửi Bà để biết" in text
    assert "Đề nghị tiếp nhận" not in text


@pytest.mark.parametrize(
    ("occurrence", "vi", "en"),
    [
        ("2004-Q1", "quý I/2004", "quarter 1 of 2004"),
        ("2004-03", "tháng 3/2004", "March 2004"),
        ("2004-H2", "6 tháng cuối năm 2004", "second half of 2004"),
        ("2004", "năm 2004", "2004"),
    ],
)
def test_a_period_is_named_in_words_as_on_pages_and_papers(occurrence: str, vi: str, en: str) -> None:
    one = item(LetterSection.OPEN, occurrence=occurrence)
    assert f"hành động ({vi})" in compose(letter(LetterKind.SUMMARY, one)).text
    assert f"hành động ({en})" in compose(letter(LetterKind.SUMMARY, one, language="en")).text
    message, facts = period_words(occurrence) or ("", {})
    assert translate(message, "vi", **facts) == vi and en in translate(message, "en", **facts)


def test_duties_outside_the_numbering_have_names() -> None:
    paths = [
        item(task_id=task_id(70 + n), duty_path=path) for n, path in enumerate(("2", "2.a", "results", "oversight"))
    ]
    subject = compose(letter(LetterKind.ASSIGNED, *paths)).subject
    assert "(mục 2, 2.a, mục kiểm tra, đôn đốc, mục báo cáo kết quả, Chỉ thị 06/2004/CT-BBCVT)" in subject


@both_languages
def test_a_drill_says_so_everywhere(language: str) -> None:
    composed = compose(samples.incident(language, is_drill=True))
    assert composed.subject.startswith("[DIỄN TẬP] ")
    first, last = composed.text.splitlines()[0], composed.text.splitlines()[-1]
    assert "DIỄN TẬP" in first
    assert first == last
    assert visible(composed.html).count("DIỄN TẬP") >= 2
    if language == "en":
        assert "DRILL" in composed.subject
        assert "DRILL" in first
        assert "DRILL" in visible(composed.html)
    assert "DIỄN TẬP" not in compose(samples.incident(language)).text


def test_a_contingency_counts_hours() -> None:
    composed = compose(samples.incident())
    assert "chậm nhất 08 giờ 30 ngày 07/07/2004" in composed.subject
    assert "còn 24 giờ" in composed.text
    assert "ngày làm việc" not in composed.text
    assert "Mất liên lạc" not in composed.subject, "an incident's title is not for a subject line"


def test_the_end_of_an_incident_asks_nothing() -> None:
    ended = replace(
        samples.incident(),
        items=tuple(
            replace(one, section=LetterSection.NEWS, event="incident_stood_down") for one in samples.incident().items
        ),
    )
    composed = compose(ended)
    assert composed.subject.startswith("[Tình huống] kết thúc, 02 nhiệm vụ được thu hồi")
    assert "thực hiện ngay" not in composed.text


@pytest.mark.parametrize("name", EVENTS)
@both_languages
def test_every_event_has_its_sentence_and_the_words_that_came_with_it(name: str, language: str) -> None:
    composed = compose(samples.event(name, language, note="Đề nghị bổ sung\nphụ lục"))
    assert "“Đề nghị bổ sung phụ lục”" in composed.text
    nothing_known = "Nhiệm vụ có thông tin mới." if language == "vi" else "There is an update on the task."
    assert nothing_known not in composed.text


def test_an_event_without_words_of_its_own_is_still_told() -> None:
    assert "Nhiệm vụ có thông tin mới." in compose(samples.event("telephone")).text


def test_a_paragraph_without_a_number_is_called_by_its_place() -> None:
    paths = [item(duty_path=path, task_id=task_id(number)) for number, path in enumerate(("1", "closing.1"), 1)]
    composed = compose(letter(LetterKind.ASSIGNED, *paths))
    assert "(mục 1, đoạn kết 1, Chỉ thị 06/2004/CT-BBCVT)" in composed.subject
    assert "Đoạn kết 1, Chỉ thị 06/2004/CT-BBCVT" in composed.text
    assert "closing" not in composed.subject + composed.text + visible(composed.html)


@both_languages
def test_who_decides_sees_from_the_subject_whose_request_it_is(language: str) -> None:
    """A coordinator with fifteen of them must tell them apart in the list of the mail program."""
    facts = samples.event("obstacle_raised", language, waiting_for="obstacle", role="coordinator")
    to_coordinator = compose(replace(facts, recipient=replace(COORDINATOR, language=language)))
    day = "06/07/2004" if language == "vi" else "6 July 2004"
    assert to_coordinator.subject.endswith(f" – {samples.COMPANY_X} – {day}")
    other = [replace(item, lead_unit="Công ty Y", role="head") for item in facts.items]
    assert compose(replace(facts, items=tuple(other))).subject.endswith(f" – {facts.recipient.unit_name} – {day}")


def test_a_moved_date_gives_both_dates_and_the_reason() -> None:
    facts = samples.event(
        "due_moved",
        due_at=end_of_day(date(2004, 7, 15)),
        due_reason="điều chỉnh theo lịch nghỉ bù",
        attach_calendar=True,
    )
    composed = compose(facts)
    assert "chậm nhất ngày 15/07/2004" in composed.subject
    assert "Thời hạn ban đầu: ngày 30/06/2004" in composed.text
    assert "Lý do điều chỉnh thời hạn: điều chỉnh theo lịch nghỉ bù" in composed.text
    assert "Kèm theo: tệp lịch" in composed.text


def test_markup_in_words_stays_words() -> None:
    one = item(LetterSection.NEWS, event="returned", note="<script>alert(1)</script> & <b>", lead_unit="A & B <i>")
    composed = compose(letter(LetterKind.EVENT, one))
    assert "<script>" not in composed.html
    assert "<i>" not in composed.html
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; &lt;b&gt;" in composed.html
    assert "&amp;amp;" not in composed.html
    assert "&amp;lt;" not in composed.html
    assert "“<script>alert(1)</script> & <b>”" in composed.text
