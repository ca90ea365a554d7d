"""Every character of a document belongs to one block, whatever was done to its text."""

from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.intake.hard_texts import HEAD, STACKED
from tests.review.taken_in import SEED
from workflows.intake.bounded import read_bounded
from workflows.intake.read import read
from workflows.intake.text.no_order import NoOrder
from workflows.intake.text.reading import BlockKind, Reading

ORDER = (
    "CHỈ THỊ\nVề việc kiểm tra\n\n1. Sở A rà soát.\n2. Hoan nghênh các sở đã báo cáo.\n\n- 2 -\n\n3. Sở B báo cáo.\n"
)
DIRT = (
    "\n",
    "\r\n",
    "\f",
    "\u2028",
    "\u200b",
    "**",
    "| ",
    "- ",
    "1. ",
    "\n\n- 2 -\n\n",
    "\nNơi nhận:\n",
    "\nKẾ HOẠCH\n",
)
PAPERS = sorted(Path("bench/intake").glob("*/texts/*.txt"))


def is_whole(text: str, reading: Reading) -> bool:
    """Return whether the blocks join to the text, none is empty, and no two neighbours are of one kind."""
    joined = "".join(text[block.span.start : block.span.end] for block in reading.blocks)
    kinds = [(block.kind, block.why) for block in reading.blocks]
    return joined == text and all(one != two for one, two in pairwise(kinds))


@pytest.mark.parametrize("paper", PAPERS[::6], ids=lambda paper: paper.stem[:3])
def test_the_blocks_of_a_real_paper_join_to_its_text(paper: Path) -> None:
    text = paper.read_text(encoding="utf-8")
    assert is_whole(text, read(text))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, len(ORDER)), st.sampled_from(DIRT)), max_size=8))
def test_dirt_leaves_no_character_without_a_block(dirt: list[tuple[int, str]]) -> None:
    text = ORDER
    for place, piece in dirt:
        text = text[:place] + piece + text[place:]
    reading = read(text)
    assert is_whole(text, reading)
    for duty in reading.duties:
        kinds = {block.kind for block in reading.blocks if block.span.start <= duty.span.start < block.span.end}
        assert kinds <= {BlockKind.DUTY, BlockKind.TABLE_ROW}


@pytest.mark.parametrize("words", STACKED)
def test_a_text_that_repeats_itself_has_its_blocks(words: str) -> None:
    text = HEAD + words * 60
    assert is_whole(text, read(text))


def test_each_passage_says_what_it_is() -> None:
    found = [(block.kind, block.why, ORDER[block.span.start : block.span.end].strip()) for block in read(ORDER).blocks]
    assert found == [
        (BlockKind.TITLE, None, "CHỈ THỊ\nVề việc kiểm tra"),
        (BlockKind.DUTY, None, "1. Sở A rà soát."),
        (BlockKind.NO_ORDER, NoOrder.PRAISE, "2. Hoan nghênh các sở đã báo cáo."),
        (BlockKind.FURNITURE, None, "- 2 -"),
        (BlockKind.DUTY, None, "3. Sở B báo cáo."),
    ]


def test_what_nothing_was_read_from_is_named_and_never_a_short_word_in_silence() -> None:
    text = f"{ORDER}\nNơi nhận:\n- Như trên;\n- Lưu: VT.\n\n" + "Ghi chép của thư ký về một việc khác hẳn. " * 8
    (unread,) = read(text).unread
    assert unread.value.startswith("Ghi chép của thư ký") and unread.span.end == len(text)


def test_what_lies_past_the_time_for_reading_is_unread() -> None:
    text = SEED * 200
    reading = read_bounded(text, 0.05)
    assert is_whole(text, reading) and reading.blocks[-1].kind is BlockKind.UNREAD


def unread_words(text: str) -> str:
    reading = read(text)
    return " ".join(
        text[block.span.start : block.span.end] for block in reading.blocks if block.kind is BlockKind.UNREAD
    )


MISSED = "Cây cầu cũ ven sông thuộc về một chuyện khác hẳn, chưa rõ của ai và từ bao giờ."
"""What no rule knows."""


@pytest.mark.parametrize("before", ["Trên đây là toàn bộ nội dung.", "Căn cứ Luật A.", "[1] Luật số 1."])
@pytest.mark.parametrize("between", ["\n\n", " "])
def test_what_orders_nobody_hides_nothing_that_follows_it(before: str, between: str) -> None:
    long = f"{before}{between}{MISSED} {MISSED} {MISSED}"
    assert MISSED in unread_words(f"{ORDER}\nNơi nhận:\n- Như trên;\n- Lưu: VT.\n\n{long}\n")


@pytest.mark.parametrize("label", ["- ", "+ ", ""])
def test_an_order_below_the_recipients_is_no_recipient_and_no_signature(label: str) -> None:
    order = f"{label}Sở Y tế chủ trì rà soát hồ sơ, báo cáo trước ngày 30/6/2026"
    for above in ("- Lưu: VT.", "KT. CHỦ TỊCH\nNguyễn Văn A"):
        text = f"{ORDER}\nNơi nhận:\n- Như trên;\n{above}\n{order};\n"
        duties = " ".join(text[duty.span.start : duty.span.end] for duty in read(text).duties)
        assert order.removeprefix(label) in duties + unread_words(text)


def test_praise_at_the_head_of_an_item_hides_no_later_sentence() -> None:
    text = ORDER.replace("đã báo cáo.", f"đã báo cáo.\n- {MISSED}")
    assert MISSED in unread_words(text)


TABLE = "KẾ HOẠCH\nVề việc kiểm tra\n\n| TT | Nhiệm vụ | Chủ trì | Thời gian |\n| 1 | Rà soát hồ sơ | Sở A | Quý I |\n"


@pytest.mark.parametrize("first", [True, False])
@pytest.mark.parametrize("row", ["| 2 |  | Sở B | Quý II |", "| 2 | – | Sở B | Quý II |", "| 2 |  | Sở B |  |"])
def test_a_row_that_gave_no_duty_is_unread(row: str, *, first: bool) -> None:
    head, whole = TABLE[: TABLE.index("| 1")], TABLE[TABLE.index("| 1") :]
    text = f"{head}{row}\n{whole}" if first else f"{head}{whole}{row}\n| 3 | Tổng hợp | Sở C | Quý III |\n"
    duties = " ".join(text[duty.span.start : duty.span.end] for duty in read(text).duties)
    assert row in unread_words(text) or "–" in duties


def test_a_long_line_above_a_list_that_is_no_heading_is_unread() -> None:
    text = f"CÔNG VĂN\nVề việc A\n\n1. {MISSED} {MISSED} {MISSED}\na) Sở A rà soát.\nb) Sở B rà soát.\n"
    assert MISSED in unread_words(text)
