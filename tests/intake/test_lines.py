"""Lines and paragraphs: what is cleaned, what is joined, and where each character stood."""

from workflows.intake.text.paragraphs import read_lines, read_paragraphs


def texts(text: str) -> list[str]:
    return [one.text for one in read_paragraphs(read_lines(text))]


def test_blanks_become_single_and_invisible_characters_go_with_offsets_kept() -> None:
    (line,) = read_lines("  Sở\u00a0\u00a0Tài\u200b chính\t")
    assert line.passage.text == "Sở Tài chính"
    assert line.passage.offsets == (2, 3, 4, 6, 7, 8, 10, 11, 12, 13, 14, 15)


def test_marks_of_markdown_go_but_a_lone_star_stays() -> None:
    assert texts("# **PHỤ LỤC II**\n* Báo cáo") == ["PHỤ LỤC II", "* Báo cáo"]


def test_rules_and_blank_lines_say_nothing() -> None:
    assert texts("BỘ TƯ PHÁP\n-------\n|---|---|\n\nSố: 1") == ["BỘ TƯ PHÁP", "Số: 1"]


def test_a_row_has_its_cells_and_a_scanners_bar_inside_a_sentence_is_none() -> None:
    row, sentence = read_lines("| 1 | Bộ Nội vụ |  |\nkhông dùng tiền mặt, phat | triển các tiện ích")
    assert [cell.text for cell in row.cells] == ["1", "Bộ Nội vụ", ""]
    assert sentence.cells == ()


WRAPPED = (
    "1. Hoan nghênh các bộ, cơ quan đã chuẩn bị tài liệu báo cáo phục vụ cuộc\n"
    "họp, các ý kiến phát biểu tại cuộc họp rất trách nhiệm, sát thực, nắm chắc\n"
    "vấn đề trong quản lý hoạt động thương mại điện tử trên môi trường mạng của\n"
    "các bộ, ngành và địa phương\n\n"
    "--- PAGE BREAK ---\n\n2\n\n"
    "trong thời gian tới, nhất là việc kết nối, chia sẻ dữ liệu giữa các cơ quan\n"
    "quản lý nhà nước với nhau và với doanh nghiệp theo quy định của pháp luật.\n"
    "a) Tăng cường thực hiện số hóa, làm giàu cơ sở dữ liệu của mỗi bộ, ngành để\n"
    "phục vụ quản lý nhà nước.\n"
)


def test_lines_broken_at_the_margin_are_joined_also_across_a_page() -> None:
    first, second = texts(WRAPPED)
    assert first.startswith("1. Hoan nghênh") and first.endswith("quy định của pháp luật.") and " 2 " not in first
    assert second.startswith("a) Tăng cường") and second.endswith("quản lý nhà nước.")


def test_lines_that_a_scanner_set_apart_are_joined_too() -> None:
    apart = WRAPPED.replace("--- PAGE BREAK ---\n\n2\n\n", "").replace("\n\n", "\n").replace("\n", "\n\n")
    assert [text[:3] for text in texts(apart)] == ["1. ", "tro", "a) "]


def test_a_broken_piece_of_a_sentence_is_no_label() -> None:
    broken = WRAPPED.replace("nắm chắc\nvấn đề", "nắm chắc (Khóa\nIX) vấn đề")
    assert len(texts(broken)) == 2


def test_a_text_of_one_line_a_paragraph_is_not_joined() -> None:
    long = "Các doanh nghiệp phối hợp với Công an địa phương xây dựng phương án hành động khi có tình huống " * 3
    assert len(texts(f"{long}\n{long}\n{long}")) == 3


def lines_of(text: str) -> list[str]:
    return [line.passage.text for line in read_lines(text)]


WIDE = "Sở Y tế tổng hợp kết quả của các đơn vị trên địa bàn tỉnh để báo cáo Chủ tịch"


def test_the_number_of_the_next_page_is_left_out() -> None:
    for number in ("\n2\n\n", f"{' ' * 34}2\n", "- 2 -\n", "2\n"):
        assert lines_of(f"{WIDE}\n{number}UBND tỉnh tại phiên họp.") == [WIDE, "UBND tỉnh tại phiên họp."]


def test_the_running_head_of_a_gazette_is_left_out_with_its_number() -> None:
    head = "        CÔNG BÁO/Số 238/Ngày 21-04-2026 \n92\n"
    assert lines_of(f"{head}{WIDE}\n{head}UBND tỉnh.") == [WIDE, "UBND tỉnh."]


def test_a_row_of_a_table_without_bars_keeps_its_number() -> None:
    assert lines_of("Tháng 3/2026\n\n2\n\nThực hiện nghiêm quy định") == [
        "Tháng 3/2026",
        "2",
        "Thực hiện nghiêm quy định",
    ]
