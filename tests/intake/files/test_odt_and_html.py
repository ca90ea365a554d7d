"""Open documents and web pages: lists as they are shown, boxes, notes, and the rooms of tables."""

import pytest

from tests.intake.files.made import html, odt
from workflows.intake.files import read_file


def odt_lines(body: str, styles: str = "", page_styles: str | None = None) -> list[str]:
    return read_file("a.odt", odt(body, styles, page_styles)).split("\n")


def html_lines(body: str) -> list[str]:
    return read_file("a.html", html(body)).split("\n")


LIST = (
    '<text:list-style style:name="L1">'
    '<text:list-level-style-number text:level="1" style:num-format="I" style:num-suffix="."/>'
    '<text:list-level-style-number text:level="2" style:num-format="1" style:num-suffix="." text:display-levels="1"/>'
    '<text:list-level-style-number text:level="3" style:num-format="1" text:display-levels="2"/>'
    '<text:list-level-style-bullet text:level="4" text:bullet-char="•"/></text:list-style>'
)


def _item(text: str, inner: str = "") -> str:
    return f"<text:list-item><text:p>{text}</text:p>{inner}</text:list-item>"


def _list(*items: str, more: str = "") -> str:
    return f'<text:list text:style-name="L1" {more}>{"".join(items)}</text:list>'


def test_numbers_of_an_open_document() -> None:
    deep = _list(_item("sâu", _list(_item("gạch"))))
    body = _list(_item("NHIỆM VỤ", _list(_item("Một", deep), _item("Hai"))), _item("THỰC HIỆN"))
    goes_on = (
        "<text:p>Xen giữa</text:p>" + _list(_item("TIẾP"), more='text:continue-numbering="true"') + _list(_item("MỚI"))
    )
    assert odt_lines(body + goes_on, LIST) == [
        "I. NHIỆM VỤ",
        "1. Một",
        "1.1 sâu",
        "- gạch",
        "2. Hai",
        "II. THỰC HIỆN",
        "Xen giữa",
        "III. TIẾP",
        "I. MỚI",
    ]


def test_boxes_notes_spaces_and_what_is_left_out_of_an_open_document() -> None:
    body = (
        "<text:tracked-changes><text:p>đã xoá</text:p></text:tracked-changes>"
        "<text:p><drawing:frame><drawing:text-box><text:p>KHẨN</text:p></drawing:text-box></drawing:frame>Bộ"
        '<text:s text:c="3"/>Công an<text:note><text:note-citation>1</text:note-citation><text:note-body>'
        "<text:p>Chú thích."
        "</text:p></text:note-body></text:note><text:line-break/><text:span>dòng hai</text:span>"
        "<office:annotation><text:p>ý kiến riêng</text:p></office:annotation></text:p>"
    )
    pages = (
        "<office:master-styles><style:master-page><style:header><text:p>Số: 5/CT</text:p></style:header>"
        "</style:master-page></office:master-styles>"
    )
    assert odt_lines(body, page_styles=pages) == [
        "Số: 5/CT",
        "",
        "KHẨN",
        "Bộ Công an",
        "dòng hai",
        "",
        "[1] Chú thích.",
    ]


def test_repeats_of_an_open_document_are_not_multiplied() -> None:
    many = 'table:style-name="drawn" table:number-columns-repeated="1000000"'
    cells = f"<table:table-cell {many}><text:p>a</text:p></table:table-cell>"
    row = f'<table:table-row table:number-rows-repeated="1000000">{cells}{cells}</table:table-row>'
    assert odt_lines(f'<table:table>{row}</table:table><text:p>x<text:s text:c="999999"/>y</text:p>')[0] == "| a | a |"


def test_lists_of_a_page() -> None:
    body = (
        '<ol type="I"><li>NHIỆM VỤ<ol><li>Một</li><li value="5">Năm</li><li>Sáu</li></ol></li>'
        "<li><p>THỰC HIỆN</p></li></ol>"
        '<ol style="list-style-type: lower-alpha" start="3"><li>c</li></ol><ul><li>gạch</li></ul>'
        '<ul style="list-style:none"><li>trần</li></ul>'
    )
    assert html_lines(body) == ["I. NHIỆM VỤ", "1. Một", "5. Năm", "6. Sáu", "II. THỰC HIỆN", "c. c", "- gạch", "trần"]


def test_blocks_breaks_and_what_a_page_does_not_show() -> None:
    body = (
        "<script>alert('x')</script><style>p {}</style><!-- ẩn --><div>Một<br>hai\n  ba <b>bốn</b></div><p>&nbsp;</p>"
        '<p>Năm<a href="#_ftn1"><sup>[1]</sup></a></p><p style="display:none">ẩn</p>'
        "<pre>x  y\nz</pre>ngoài<template>t</template>"
    )
    assert html_lines(body) == ["Một", "hai ba bốn", "", "Năm", "x y", "z", "ngoài"]
    assert html_lines('<p>S<img src="x.gif" align="left">\nỞ NỘI VỤ</p>') == ["SỞ NỘI VỤ"]


def test_rooms_of_a_table_of_a_page() -> None:
    body = (
        '<table border="1"><thead><tr><th rowspan="2">TT</th><th colspan="2">Việc</th></tr>'
        "<tr><th>Lead</th><th>Hạn</th></tr></thead>"
        "<tr><td>1<td>Bộ<br>Công an<td><table border=1><tr><td>trong<td>ô</table></table>"
    )
    assert html_lines(body) == ["| TT | Việc |  |", "|  | Lead | Hạn |", "| 1 | Bộ Công an | / trong / ô / |"]


@pytest.mark.parametrize("drawn", [False, True])
def test_a_letterhead_is_lines_unless_its_table_is_drawn(drawn: bool) -> None:
    edge = "1px solid black" if drawn else "none"
    page = (
        f'<table border="0"><tr><td style="border: {edge}">BỘ BƯU CHÍNH<br>Số: 6/CT</td>'
        f'<td style="border: {edge}"><p>CỘNG HOÀ</p><p>Hà Nội</p></td></tr></table>'
    )
    begin = '<table:table-cell table:style-name="drawn">' if drawn else "<table:table-cell>"
    document = (
        f"<table:table><table:table-row>{begin}<text:p>BỘ BƯU CHÍNH</text:p><text:p>Số: 6/CT</text:p>"
        "</table:table-cell>"
        f"{begin}<text:p>CỘNG HOÀ</text:p><text:p>Hà Nội</text:p></table:table-cell></table:table-row></table:table>"
    )
    parted = ["BỘ BƯU CHÍNH", "Số: 6/CT", "CỘNG HOÀ", "Hà Nội"]
    told = ["| BỘ BƯU CHÍNH Số: 6/CT | CỘNG HOÀ Hà Nội |"] if drawn else parted
    assert html_lines(page) == odt_lines(document) == told


def test_a_page_in_a_web_archive() -> None:
    made = (
        b'MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary="x"\r\n\r\n--x\r\nContent-Type: text/html; '
        b'charset="utf-8"\r\nContent-Transfer-Encoding: base64\r\n\r\n'
        b"PGh0bWw+PGJvZHk+PHA+Q2jhu4kgdGjhu4s8L3A+PC9ib2R5PjwvaHRtbD4=\r\n--x--\r\n"
    )
    assert read_file("a.doc", made) == "Chỉ thị"
