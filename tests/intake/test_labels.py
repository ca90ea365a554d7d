"""Labels in the ways people write them and scanners misread them."""

from itertools import pairwise

import pytest

from workflows.intake.text.labels import Level, follows, lost_number, read_label, unrepeated
from workflows.intake.text.outline import read_outline
from workflows.intake.text.paragraphs import read_lines, read_paragraphs

FORMS = [
    ("1. Quán triệt", Level.NUMBER, "1"),
    ("1.Quán triệt", Level.NUMBER, "1"),
    ("1) Quán triệt", Level.NUMBER, "1"),
    ("1/ Sở Giáo dục", Level.NUMBER, "1"),
    ("12- Sở Giáo dục", Level.NUMBER, "12"),
    ("2.1. Tiến hành", Level.DECIMAL, "2.1"),
    ("2.1 Báo cáo", Level.DECIMAL, "2.1"),
    ("a, Bảo đảm", Level.LETTER, "a"),
    ("a) Bảo đảm", Level.LETTER, "a"),
    ("đ) Bảo đảm", Level.LETTER, "đ"),
    ("II. NHIỆM VỤ", Level.ROMAN, "II"),
    ("Mục II: NHIỆM VỤ", Level.ROMAN, "II"),
    ("A. MỤC ĐÍCH", Level.CAPITAL, "A"),
    ("Phần thứ hai", Level.PART, "2"),
    ("Điều 3. Các Bộ trưởng", Level.ARTICLE, "Điều 3"),
    ("2.1.a. Thành lập", Level.LETTER, "a"),
    ("II.1. Sở Y tế", Level.NUMBER, "1"),
    ("II.2.1. Sở Y tế", Level.DECIMAL, "2.1"),
    ("- Chủ trì", Level.DASH, "-"),
    ("+ Các mặt hàng", Level.DASH, "-"),
    ("_ Tiếp tục", Level.DASH, "-"),
    ("~ Chủ trì", Level.DASH, "-"),
]


@pytest.mark.parametrize(("text", "level", "value"), FORMS, ids=[form[0] for form in FORMS])
def test_a_label_is_read(text: str, level: Level, value: str) -> None:
    label = read_label(text)
    assert label is not None and (label.level, label.value) == (level, value)


@pytest.mark.parametrize(
    "text",
    [
        "15/10/2012 là hạn cuối",
        "49/BCĐ-QLTT ngày 8/12",
        "v/v tăng cường",
        "1.234 hộ dân",
        "Ban hành",
        "ý kiến",
        "5% số hộ",
        "2011",
    ],
)
def test_what_only_looks_like_a_label_is_none(text: str) -> None:
    assert read_label(text) is None


def test_letters_follow_with_and_without_the_ones_that_documents_skip() -> None:
    letters = [read_label(f"{letter}) Việc") for letter in "deghiklm"]
    assert all(one and two and follows(two, one) for one, two in pairwise(letters))


def test_a_letter_printed_twice_is_read_as_the_missing_one() -> None:
    assert unrepeated(["a", "b", "c", "đ", "đ", "e"]) == ["a", "b", "c", "d", "đ", "e"]
    assert unrepeated(["a", "b", "c", "d", "đ", "e"]) == ["a", "b", "c", "d", "đ", "e"]


def paths(text: str) -> list[str]:
    return [item.path for item in read_outline(read_paragraphs(read_lines(text))).walk()]


def test_a_number_that_the_scanner_lost_is_counted_on() -> None:
    assert lost_number(". Để thúc đẩy") == 2
    assert paths("1. Hoan nghênh\n. Để thúc đẩy việc kết nối:\na) Tăng cường số hóa") == ["1", "2", "2.a"]


def test_paths_are_the_labels_from_the_outermost() -> None:
    assert paths("A. NỘI DUNG\nI. QUÁN TRIỆT\n1. Nội dung\na) Tổ chức\nb) Triển khai\nII. BAN HÀNH\n1. Xây dựng") == [
        "A",
        "A.I",
        "A.I.1",
        "A.I.1.a",
        "A.I.1.b",
        "A.II",
        "A.II.1",
    ]


def test_a_two_level_number_stands_for_the_numbers_above_it() -> None:
    assert paths("II. NHIỆM VỤ\n4. Tổng cục Hải quan\n4.1. Chỉ đạo\n4.2. Phối hợp") == [
        "II",
        "II.4",
        "II.4.1",
        "II.4.2",
    ]


def test_dashes_and_paragraphs_are_folded_into_their_item() -> None:
    outline = read_outline(read_paragraphs(read_lines("2. Văn phòng Sở\n- Bố trí phòng họp.\nĐoạn tiếp theo.")))
    (item,) = outline.items
    assert item.passage.text == "Văn phòng Sở\n- Bố trí phòng họp.\nĐoạn tiếp theo."


def test_an_initial_is_no_label_and_c_after_b_is_no_roman_figure() -> None:
    assert paths("A. MỤC ĐÍCH\nB. NỘI DUNG\nC. TỔ CHỨC\nT. Hoa trình bày") == ["A", "B", "C"]


def test_labels_inside_another_documents_quoted_words_are_none() -> None:
    quoted = 'Tại Điều 1 quy định: "1. Đối tượng gồm:\na) Thương binh;\nb) Bệnh binh".\n1. Tiếp tục thực hiện'
    assert paths(quoted) == ["1"]


def test_a_roman_figure_that_the_scanner_spoilt_is_mended() -> None:
    assert paths("I. KẾT QUẢ\nIl. NHIỆM VỤ\n1. Kiểm tra") == ["I", "II", "II.1"]


def test_letters_before_number_2_have_lost_their_number() -> None:
    assert paths("a) Kiểm tra.\nb) Báo cáo.\n2. Xử lý.\na) Thu hồi.") == ["?.a", "?.b", "2", "2.a"]


def test_a_numbering_that_begins_again_stands_below_the_heading_before_it() -> None:
    text = "1. Rà soát.\n2. Báo cáo.\nĐối với Sở Y tế:\n1. Kiểm tra.\n2. Xử lý."
    outline = read_outline(read_paragraphs(read_lines(text)))
    assert [item.path for item in outline.walk() if item.label.value] == ["1", "2", "1", "2"]
    last = list(outline.walk())[-1]
    assert last.above is not None and last.above.lead.text == "Đối với Sở Y tế:"
