"""The letter of a compiled report: counts in the subject, late units by name, a link to the draft, both languages."""

from dataclasses import replace
from datetime import date

import pytest

from models.errors import BadInput
from models.letters.letter import LetterKind
from notifications.composing.compose import compose
from notifications.composing.facts import CollectedItem
from tests.notifications import samples
from tests.page import Page

both_languages = pytest.mark.parametrize("language", ["vi", "en"])


def plain(html: str) -> str:
    return Page(html).words()[0]


@both_languages
def test_text_and_html_name_the_same_units(language: str) -> None:
    letter = compose(samples.compiled(language))
    for said in ("Công ty Internet C", "Công ty Viễn thông B", "Vụ Pháp chế", "https://dondoc.example/papers/0197"):
        assert said in letter.text and said in plain(letter.html)
    for line in (one.lstrip("- ").strip() for one in letter.text.partition("-- ")[0].splitlines()):
        assert line == "" or line.split(": https")[0] in plain(letter.html), line


def test_the_subject_counts_and_names_nobody() -> None:
    subject = compose(samples.compiled()).subject
    assert subject == (
        "[Dự thảo báo cáo] Quý II/2004: 03/05 đơn vị đã gửi, 01 gửi muộn, 01 chưa gửi, 01 chờ bổ sung – "
        "Chỉ thị 06/2004/CT-BBCVT – 18/06/2004"
    )


@both_languages
def test_who_was_on_time_is_counted_and_not_listed(language: str) -> None:
    assert "Công ty Bưu chính A" not in compose(samples.compiled(language)).text


def test_where_all_sent_in_time_no_list_stands() -> None:
    due = date(2004, 6, 4)
    letter = compose(samples.compiled(units=(CollectedItem("Công ty A", "on_time", due, due),)))
    assert "01/01 đơn vị đã gửi – " in letter.subject
    assert "CHƯA GỬI" not in letter.text and "MUỘN" not in letter.text


@both_languages
def test_an_estimate_says_from_when(language: str) -> None:
    words = {"vi": "phần sau ngày 10/06/2004 là ước tính", "en": "what comes after 10 June 2004 is an estimate"}
    early = compose(samples.compiled(language, is_estimate=True, cutoff=date(2004, 6, 10)))
    assert words[language] in early.text and words[language] in plain(early.html)
    assert words[language] not in compose(samples.compiled(language)).text


@both_languages
@pytest.mark.parametrize(
    ("period", "vi", "en"),
    [
        ("2027-03", "Tháng 3/2027", "March 2027"),
        ("2027-H1", "6 tháng đầu năm 2027", "First half of 2027"),
        ("2027", "Năm 2027", "2027"),
    ],
)
def test_each_length_of_period_is_called_by_its_name(language: str, period: str, vi: str, en: str) -> None:
    subject = compose(samples.compiled(language, period=period, directive="")).subject
    assert {"vi": f"] {vi}:", "en": f"] {en}:"}[language] in subject


@pytest.mark.parametrize("broken", ["a\nBcc: x@evil.example", "a\r", "a\u2028b"])
def test_a_name_with_a_line_break_is_refused(broken: str) -> None:
    with pytest.raises(BadInput):
        compose(samples.compiled(units=(CollectedItem(broken, "late", None, None),)))


@both_languages
def test_who_only_reads_it_is_asked_for_nothing(language: str) -> None:
    own, other = samples.compiled(language), samples.compiled(language, office="Vụ Bưu chính")
    asked = {"vi": "đề nghị xem, sửa", "en": "Please check the draft"}[language]
    assert asked in compose(own).text
    assert asked not in compose(other).text
    assert {"vi": "Thư gửi để biết", "en": "For information"}[language] in plain(compose(other).html)


def test_one_without_a_report_is_refused() -> None:
    with pytest.raises(BadInput, match="nothing in it"):
        compose(replace(samples.compiled(), compiled=None))
    assert samples.compiled().kind is LetterKind.COMPILED
