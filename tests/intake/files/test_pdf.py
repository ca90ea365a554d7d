"""A PDF's printed lines as paragraphs again: across pages, without running heads, its tables in rows."""

import pypdfium2
import pytest

from tests.intake.files.made import SEED, Block, blocks_of, pdf, saved, typst_source, words
from workflows.intake.files import read_file
from workflows.intake.files.pdf_layout.joining import joined

LONG = (
    "Thủ trưởng các cơ quan, đơn vị trực thuộc Bộ, các doanh nghiệp bưu chính, viễn thông và internet chịu trách nhiệm"
    " tổ chức, triển khai thực hiện Chỉ thị này. Các đơn vị gửi báo cáo kết quả về Bộ trước ngày 15/12/2026"
)


def lines(source: list[Block] | str) -> list[str]:
    return words(read_file("a.pdf", pdf(source)))


def test_a_document_of_many_pages_without_its_page_numbers_and_running_heads() -> None:
    body: list[Block] = [f"{number}. {LONG}, mục {number}." for number in range(1, 80)]
    text = lines(typst_source(body, header="VĂN PHÒNG CHÍNH PHỦ"))
    assert text == ["VĂN PHÒNG CHÍNH PHỦ", *body]


def test_indent_begins_a_paragraph_and_full_stop_does_not_end_it() -> None:
    body: list[Block] = [f"{LONG}. {LONG}.", f"{LONG}.", "Ngắn.", f"{LONG}:", f"a) {LONG};", f"- {LONG}."]
    assert lines(body) == body


def test_paragraphs_that_only_room_parts() -> None:
    source = f'#set page(paper: "a4")\n#set par(justify: true, spacing: 2em)\n{LONG}. {LONG}.\n\n{LONG}.\n\nBộ {LONG}.'
    assert lines(source) == [f"{LONG}. {LONG}.", f"{LONG}.", f"Bộ {LONG}."]


def test_letterhead_title_and_signature_stand_in_their_own_lines() -> None:
    source = f"""
#set page(paper: "a4")
#set text(size: 13pt, lang: "vi")
#grid(columns: (1fr, 1.4fr), align: center,
  [BỘ BƯU CHÍNH, VIỄN THÔNG \\ Số: 06/2004/CT-BBCVT],
  [*CỘNG HOÀ XÃ HỘI CHỦ NGHĨA VIỆT NAM* \\ *Độc lập - Tự do - Hạnh phúc* \\ _Hà Nội, ngày 07 tháng 6 năm 2004_])
#align(center)[*CHỈ THỊ* \\ *Về việc tăng cường an toàn, an ninh thông tin*]
#set par(justify: true, first-line-indent: (amount: 1cm, all: true))
{LONG}.
"""
    assert lines(source) == [
        "BỘ BƯU CHÍNH, VIỄN THÔNG",
        "Số: 06/2004/CT-BBCVT",
        "CỘNG HOÀ XÃ HỘI CHỦ NGHĨA VIỆT NAM",
        "Độc lập - Tự do - Hạnh phúc",
        "Hà Nội, ngày 07 tháng 6 năm 2004",
        "CHỈ THỊ",
        "Về việc tăng cường an toàn, an ninh thông tin",
        f"{LONG}.",
    ]


def test_columns_are_parted_but_not_at_the_gap_after_a_number() -> None:
    source = f"""
#set page(paper: "a4")
#set text(size: 13pt)
BỘ BƯU CHÍNH #h(1fr) CỘNG HOÀ XÃ HỘI CHỦ NGHĨA VIỆT NAM

Số: 06/2004/CT-BBCVT #h(1fr) Hà Nội, ngày 07 tháng 6 năm 2004

#set enum(body-indent: 2cm)
+ {LONG}.
+ Bộ Công an.
"""
    assert lines(source) == [
        "BỘ BƯU CHÍNH",
        "CỘNG HOÀ XÃ HỘI CHỦ NGHĨA VIỆT NAM",
        "Số: 06/2004/CT-BBCVT",
        "Hà Nội, ngày 07 tháng 6 năm 2004",
        f"1. {LONG}.",
        "2. Bộ Công an.",
    ]


def test_a_table_over_several_pages_gives_its_head_once_and_whole_rows() -> None:
    rows = [[f"{number}.", f"{LONG}, mục {number}", "Bộ Công an", "Quý I"] for number in range(1, 40)]
    head = ["TT", "Nhiệm vụ", "Chủ trì", "Hạn"]
    drawn = "".join(f"[{cell}], " for row in rows for cell in row)
    source = f"""
#set page(paper: "a4", numbering: "1")
Phụ lục
#table(columns: (1cm, 1fr, 3cm, 2cm), table.header({"".join(f"[{cell}], " for cell in head)}), {drawn})
Hết.
"""
    assert lines(source) == ["Phụ lục", *(f"| {' | '.join(row)} |" for row in [head, *rows]), "Hết."]


def test_cells_that_span_rows_and_columns() -> None:
    source = """
#set page(paper: "a4")
#table(columns: 3, table.cell(rowspan: 2)[TT], table.cell(colspan: 2)[Việc], [Chủ trì], [Hạn], [1], [Bộ Công an], [])
"""
    assert lines(source) == ["| TT | Việc | |", "| | Chủ trì | Hạn |", "| 1 | Bộ Công an | |"]


@pytest.mark.parametrize("turned", [90, 180, 270])
def test_a_page_that_is_stored_turned_is_read_as_it_is_shown(turned: int) -> None:
    document = pypdfium2.PdfDocument(pdf([*blocks_of(SEED)[:8], [["1", "Bộ Công an"], ["2", "Bộ Quốc phòng"]]]))
    upright = read_file("a.pdf", saved(document))
    angle = {90: (0, -1, 1, 0, 0, 595), 180: (-1, 0, 0, -1, 595, 842), 270: (0, 1, -1, 0, 842, 0)}[turned]
    for page in document:
        matrix = pypdfium2.PdfMatrix(*angle)
        for thing in page.get_objects(max_depth=1):
            thing.transform(matrix)
        if turned != 180:
            page.set_mediabox(0, 0, 842, 595)
        page.set_rotation((360 - turned) % 360)
        page.gen_content()
    assert words(read_file("a.pdf", saved(document))) == words(upright)


@pytest.mark.parametrize(
    ("parts", "whole"),
    [
        (["ngày 31/12/", "2026"], "ngày 31/12/2026"),
        (["Nghị quyết số 57-", "NQ/TW"], "Nghị quyết số 57-NQ/TW"),
        (["Nghị định 79/2021/N", "Đ-CP"], "Nghị định 79/2021/NĐ-CP"),
        (["Thăng Long-", "Hà Nội"], "Thăng Long-Hà Nội"),
        (["thực hiện nghiê-", "m túc"], "thực hiện nghiêm túc"),
        (["hàng hải -", "đường thủy"], "hàng hải - đường thủy"),
        (["số 5/", "tháng"], "số 5/tháng"),
        (["một", "", "hai"], "một hai"),
    ],
)
def test_what_a_line_end_cut_is_whole_again(parts: list[str], whole: str) -> None:
    assert joined(parts) == whole
