"""Whatever the text: no crash, every finding inside it and quoting it exactly, and in time."""

import unicodedata
from collections.abc import Iterator
from dataclasses import fields
from functools import partial
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.errors import Refused
from tests.growth import assert_linear
from tests.intake.hard_texts import HEAD, STACKED
from workflows.intake.read import read
from workflows.intake.text.gold import gold_json
from workflows.intake.text.paragraphs import read_lines
from workflows.intake.text.reading import ReadDuty, Reading, ReadingReason, TextFinding
from workflows.intake.times.deadlines import times_in

pytestmark = pytest.mark.long

WORDS = (
    "Bộ Y tế",
    "Sở Tài chính",
    "UBND tỉnh",
    "các đơn vị",
    "chủ trì",
    "phối hợp với",
    "báo cáo",
    "gửi",
    "trước ngày 30/5/2022",
    "hàng tháng",
    "định kỳ 6 tháng",
    "yêu cầu",
    "đề nghị",
    "đôn đốc",
    "theo dõi",
    "việc thực hiện Chỉ thị này",
    ",",
    ";",
    ".",
    ":",
    "(",
    ")",
    "“",
    "”",
    '"',
    "1.",
    "a)",
    "đ)",
    "II.",
    "- ",
    "|",
    "\n",
    "\n\n",
    "CHỈ THỊ",
    "Kính gửi:",
    "V/v",
    "Số: 1/CT",
    "Nơi nhận:",
    "TT",
    "Nội dung",
    "Cơ quan chủ trì",
    "Thời gian:",
    "quý IV/2013",
    "nếu có vướng mắc",
    "để",
    "và",
    "từ năm 99",
)
texts = st.lists(st.sampled_from(WORDS) | st.text(max_size=12), max_size=60).map(
    lambda words: unicodedata.normalize("NFC", " ".join(words))
)


def every(reading: Reading) -> Iterator[TextFinding]:
    heading = reading.heading
    yield from (one for one in (heading.number, heading.issued, heading.issuer, heading.title, heading.urgency) if one)
    yield from (*heading.bases, *heading.addressees, *reading.addressees)
    for duty in reading.duties:
        for field in fields(ReadDuty):
            value = getattr(duty, field.name)
            if isinstance(value, tuple):
                yield from value


@settings(max_examples=300)
@given(texts)
def test_any_text_is_read_with_every_place_inside_it(text: str) -> None:
    try:
        reading = read(text)
    except Refused:
        return
    for one in every(reading):
        assert 0 <= one.span.start <= one.span.end <= len(text)
        assert 0 <= one.confidence <= 1 and one.reason in set(ReadingReason)
    for duty in reading.duties:
        assert list(duty.passage.offsets) == sorted(duty.passage.offsets)
        said = [char for char in duty.passage.text if char not in " \n"]
        assert said == [
            text[at] for char, at in zip(duty.passage.text, duty.passage.offsets, strict=True) if char not in " \n"
        ]
    assert gold_json(reading)["duties"] is not None


@given(texts)
def test_lines_keep_the_place_of_each_character(text: str) -> None:
    offsets = [offset for line in read_lines(text) for offset in line.passage.offsets]
    assert offsets == sorted(set(offsets)) and all(0 <= offset < len(text) for offset in offsets)


def test_names_quote_their_place_exactly() -> None:
    text = (
        "CHỈ THỊ\nVề việc A\n\n1. Bộ  Y tế\u00a0chủ trì, phối hợp với Sở\nTài chính, báo cáo Bộ Nội vụ"
        " trước ngày 30/5/2022."
    )
    for one in every(read(text)):
        assert "".join(one.value.split()) == "".join(text[one.span.start : one.span.end].split())


def test_a_page_without_end_and_stacked_words_take_no_long_time() -> None:
    for word in STACKED:
        assert_linear(partial(_read_repeated, word), size=15_000, what=word)


TIME_WORDS = (
    "trước ",
    "trước ngày ",
    "chậm nhất là ",
    "05 ",
    "của tháng sau ",
    "hằng tháng ",
    "trong vòng ",
    "không quá ",
    "15 (",
    "10 ngày ",
    "ngày ",
    "30/10/2026 ",
    "tháng ",
    "quý ",
    "III ",
    "2 lần ",
    "định kỳ ",
    "1 giờ ",
    "năm ",
    "( ",
    "vào cuối ",
)


@given(st.lists(st.sampled_from(TIME_WORDS) | st.text(max_size=6), max_size=40).map("".join))
def test_words_of_time_lie_within_the_text_one_behind_another(text: str) -> None:
    places = times_in(text)
    assert all(0 <= start < end <= len(text) for start, end in places)
    assert all(before[1] <= after[0] for before, after in pairwise(places))


def test_words_of_time_are_found_across_a_line_break() -> None:
    text = "Báo cáo hằng\n   tháng, trước ngày 05\ncủa tháng sau."
    assert [text[start:end] for start, end in times_in(text)] == ["hằng\n   tháng, trước ngày 05\ncủa tháng sau"]


@pytest.mark.parametrize("word", [*TIME_WORDS, "trước ngày trong ", "trong vòng 10 (", "1/1/1/", "a", " "])
def test_words_of_time_are_found_in_linear_time(word: str) -> None:
    assert_linear(lambda size: times_in(word * (size // len(word))), size=100_000, what=word)
    assert_linear(lambda size: times_in("trước " + word * (size // len(word))), size=100_000, what=f"trước {word}")


def _read_repeated(word: str, length: int) -> None:
    read(HEAD + word * (length // len(word)))
