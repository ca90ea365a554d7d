"""What Word prints: automatic numbers, boxes, headers and notes, and nothing of what it hides."""

import pytest

from tests.intake.files.made import W, archive, docx, numbering, part, w_numbered, w_p
from workflows.intake.files import read_file

DRAWN = '<w:tblPr><w:tblBorders><w:insideH w:val="single"/></w:tblBorders></w:tblPr>'


def lines(body: str, **parts: str) -> list[str]:
    return read_file("a.docx", docx(body, **parts)).split("\n")


def test_numbers_are_written_as_word_prints_them() -> None:
    levels = numbering(("upperRoman", "%1."), ("decimal", "%2."), ("lowerLetter", "%3)"), ("bullet", "\uf0b7"))
    body = "".join(
        w_numbered(text, level)
        for text, level in (
            ("NHIỆM VỤ", 0),
            ("Bộ Công an", 1),
            ("Kiểm tra", 2),
            ("Báo cáo", 2),
            ("Hằng quý", 3),
            ("Bộ Quốc phòng", 1),
            ("Rà soát", 2),
            ("TỔ CHỨC THỰC HIỆN", 0),
            ("Các bộ", 1),
        )
    )
    assert lines(body, numbering=levels) == [
        "I. NHIỆM VỤ",
        "1. Bộ Công an",
        "a) Kiểm tra",
        "b) Báo cáo",
        "- Hằng quý",
        "2. Bộ Quốc phòng",
        "a) Rà soát",
        "II. TỔ CHỨC THỰC HIỆN",
        "1. Các bộ",
    ]


def test_numbers_of_several_levels_and_other_lists() -> None:
    restart = (
        '<w:num w:numId="2"><w:abstractNumId w:val="0"/><w:lvlOverride w:ilvl="0"><w:startOverride w:val="1"/>'
        "</w:lvlOverride></w:num>"
        '<w:num w:numId="3"><w:abstractNumId w:val="0"/><w:lvlOverride w:ilvl="0"><w:lvl w:ilvl="0">'
        '<w:numFmt w:val="bullet"/><w:lvlText w:val="+"/></w:lvl></w:lvlOverride></w:num>'
    )
    levels = numbering(("decimal", "Điều %1."), ("decimal", "%1.%2"), more=restart)
    body = (
        w_numbered("A", 0)
        + w_numbered("B", 1)
        + w_numbered("C", 1)
        + w_numbered("D", 0, 2)
        + w_numbered("E", 0)
        + w_numbered("G", 0, 3)
        + w_numbered("không số", 0, 0)
    )
    assert lines(body, numbering=levels) == ["Điều 1. A", "1.1 B", "1.2 C", "Điều 1. D", "Điều 2. E", "+ G", "không số"]


def test_a_style_numbers_its_paragraphs() -> None:
    styles = part(
        "styles",
        '<w:style w:type="paragraph" w:styleId="Muc"><w:pPr><w:numPr><w:numId w:val="1"/></w:numPr></w:pPr></w:style>'
        '<w:style w:type="paragraph" w:styleId="MucCon"><w:basedOn w:val="Muc"/></w:style>',
    )
    body = w_p("Một", '<w:pStyle w:val="Muc"/>') + w_p("Hai", '<w:pStyle w:val="MucCon"/>')
    assert lines(body, styles=styles, numbering=numbering(("decimal", "%1/"))) == ["1/ Một", "2/ Hai"]


def test_numbers_in_a_table() -> None:
    row = "<w:tr><w:tc>{}</w:tc><w:tc>{}</w:tc></w:tr>"
    table = "".join(row.format(w_numbered(""), w_p(text)) for text in ("Kiểm tra", "Báo cáo"))
    text = lines(f"<w:tbl>{DRAWN}{table}</w:tbl>", numbering=numbering(("decimal", "%1.")))
    assert text == ["| 1. | Kiểm tra |", "| 2. | Báo cáo |"]


def test_spans_and_lines_of_a_cell() -> None:
    table = (
        f'<w:tbl><w:tr><w:tc><w:tcPr><w:gridSpan w:val="2"/></w:tcPr>{w_p("Đầu")}</w:tc>'
        f"<w:tc>{w_p('Hạn')}</w:tc></w:tr>"
        f"<w:tr><w:tc>{w_p('1')}</w:tc><w:tc>{w_p('Một')}{w_p('hai')}</w:tc><w:tc>{w_p('a|b')}</w:tc></w:tr></w:tbl>"
    )
    assert lines(w_p("Trước") + table + w_p("Sau")) == [
        "Trước",
        "",
        "| Đầu |  | Hạn |",
        "| 1 | Một hai | a/b |",
        "",
        "Sau",
    ]


LETTERHEAD = (
    f"<w:tr><w:tc>{w_p('BỘ BƯU CHÍNH, VIỄN THÔNG')}{w_p('Số: 06/2004/CT-BBCVT')}</w:tc><w:tc>{w_p('')}</w:tc>"
    f"<w:tc>{w_p('CỘNG HOÀ XÃ HỘI CHỦ NGHĨA VIỆT NAM')}{w_p('Hà Nội, ngày 07 tháng 6 năm 2004')}</w:tc></w:tr>"
)


@pytest.mark.parametrize(
    "properties",
    [
        "",
        '<w:tblPr><w:tblBorders><w:top w:val="none"/><w:insideV w:val="nil"/></w:tblBorders></w:tblPr>',
        '<w:tblPr><w:tblStyle w:val="Luoi"/><w:tblBorders><w:top w:val="none"/></w:tblBorders></w:tblPr>',
    ],
)
def test_a_letterhead_is_lines_because_no_line_of_its_table_is_printed(properties: str) -> None:
    styles = part(
        "styles",
        '<w:style w:styleId="Luoi"><w:tblPr><w:tblBorders><w:top w:val="single"/></w:tblBorders></w:tblPr></w:style>',
    )
    assert lines(f"<w:tbl>{properties}{LETTERHEAD}</w:tbl>", styles=styles) == [
        "BỘ BƯU CHÍNH, VIỄN THÔNG",
        "Số: 06/2004/CT-BBCVT",
        "CỘNG HOÀ XÃ HỘI CHỦ NGHĨA VIỆT NAM",
        "Hà Nội, ngày 07 tháng 6 năm 2004",
    ]


@pytest.mark.parametrize("properties", [DRAWN, '<w:tblPr><w:tblStyle w:val="Luoi"/></w:tblPr>'])
def test_a_table_whose_lines_are_printed_is_rows(properties: str) -> None:
    styles = part(
        "styles",
        '<w:style w:styleId="Luoi"><w:tblPr><w:tblBorders><w:top w:val="single"/></w:tblBorders></w:tblPr></w:style>',
    )
    assert len(lines(f"<w:tbl>{properties}{LETTERHEAD}</w:tbl>", styles=styles)) == 1


def test_a_table_of_one_cell_is_only_a_frame() -> None:
    assert lines(f"<w:tbl><w:tr><w:tc>{w_p('KHẨN')}{w_p('Gấp')}</w:tc></w:tr></w:tbl>") == ["KHẨN", "Gấp"]


def test_a_stamp_in_a_text_box_is_read_once() -> None:
    box = f"<w:txbxContent>{w_p('HOẢ TỐC')}</w:txbxContent>"
    body = (
        f"<w:p><w:r><mc:AlternateContent><mc:Choice><w:drawing>{box}</w:drawing></mc:Choice>"
        f"<mc:Fallback><w:pict>{box}</w:pict></mc:Fallback></mc:AlternateContent></w:r>"
        "<w:r><w:t>CHỈ THỊ</w:t></w:r></w:p>"
    )
    assert lines(body) == ["HOẢ TỐC", "CHỈ THỊ"]
    assert lines(f"<w:p><w:r><w:pict>{box}</w:pict></w:r></w:p>") == ["HOẢ TỐC"]
    art = '<v:textpath xmlns:v="urn:schemas-microsoft-com:vml" string="TỐI MẬT"/>'
    assert lines(f"<w:p><w:r><w:pict>{art}</w:pict><w:t>CHỈ THỊ</w:t></w:r></w:p>") == ["TỐI MẬT", "CHỈ THỊ"]


def test_the_header_of_the_first_page_stands_first_and_other_running_heads_nowhere() -> None:
    section = (
        '<w:sectPr><w:titlePg/><w:headerReference w:type="first" r:id="header1"/>'
        '<w:headerReference w:type="default" r:id="header2"/>'
        '<w:footerReference w:type="default" r:id="footer1"/></w:sectPr>'
    )
    parts = {
        "header1": part("hdr", w_p("Số: 12/CT-TTg")),
        "header2": part("hdr", w_p("Trang sau")),
        "footer1": part("ftr", w_p("Chân trang")),
    }
    assert lines(w_p("CHỈ THỊ") + section, **parts) == ["Số: 12/CT-TTg", "", "CHỈ THỊ"]
    plain = '<w:sectPr><w:headerReference w:type="default" r:id="header1"/></w:sectPr>'
    number = part("hdr", '<w:p><w:fldSimple w:instr=" PAGE "><w:r><w:t>1</w:t></w:r></w:fldSimple></w:p>')
    assert lines(w_p("CHỈ THỊ") + plain, header1=number) == ["CHỈ THỊ"]


def test_notes_stand_at_the_end() -> None:
    notes = part(
        "footnotes",
        f'<w:footnote w:type="separator" w:id="0">{w_p("")}</w:footnote><w:footnote w:id="1">{w_p("Nay là Bộ Nội vụ.")}'
        "</w:footnote>",
    )
    body = '<w:p><w:r><w:t>Bộ Lao động</w:t></w:r><w:r><w:footnoteReference w:id="1"/></w:r></w:p>'
    assert lines(body, footnotes=notes) == ["Bộ Lao động", "", "[1] Nay là Bộ Nội vụ."]


def test_what_is_not_printed_is_left_out() -> None:
    body = (
        "<w:p><w:r><w:t>Giữ</w:t></w:r><w:del><w:r><w:delText>xoá</w:delText></w:r></w:del>"
        "<w:ins><w:r><w:rPr><w:vanish w:val='0'/></w:rPr><w:t> thêm</w:t></w:r></w:ins>"
        "<w:r><w:rPr><w:vanish/></w:rPr><w:t>ẩn</w:t></w:r>"
        '<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText> HYPERLINK "x" </w:instrText></w:r>'
        '<w:r><w:fldChar w:fldCharType="separate"/></w:r><w:r><w:t> kết quả</w:t></w:r>'
        '<w:r><w:fldChar w:fldCharType="end"/></w:r><w:r><w:t xml:space="preserve">; số 57</w:t><w:noBreakHyphen/>'
        "<w:t>NQ/TW</w:t><w:br/><w:t>dòng hai</w:t></w:r></w:p>"
    )
    contents = w_p("Mục 1 … 3", '<w:pStyle w:val="Muc"/>')
    styles = part("styles", '<w:style w:styleId="Muc"><w:name w:val="toc 1"/></w:style>')
    assert lines(contents + body, styles=styles) == ["Giữ thêm kết quả; số 57-NQ/TW", "dòng hai"]


@pytest.mark.parametrize("wrapper", ["w:sdt><w:sdtContent", "w:ins", "w:customXml", "w:smartTag"])
def test_what_wraps_paragraphs_is_looked_into(wrapper: str) -> None:
    closing = "".join(f"</{name}>" for name in reversed(wrapper.split("><")))
    assert lines(f"<{wrapper}>{w_p('Trong')}{closing}{w_p('Ngoài')}") == ["Trong", "Ngoài"]


def test_a_strict_docx_is_read_too() -> None:
    made = docx(w_p("Chặt chẽ"))
    strict = W.replace(
        "http://schemas.openxmlformats.org/wordprocessingml/2006", "http://purl.oclc.org/ooxml/wordprocessingml"
    )
    document = f'<w:document xmlns:w="{strict}"><w:body>{w_p("Chặt chẽ")}</w:body></w:document>'
    assert read_file("a.docx", made) == "Chặt chẽ"
    assert read_file("a.docx", archive({"word/document.xml": document})) == "Chặt chẽ"


def test_macros_are_not_even_unpacked() -> None:
    document = f'<w:document xmlns:w="{W}"><w:body>{w_p("Có macro")}</w:body></w:document>'
    parts: dict[str, str | bytes] = {"word/document.xml": document, "word/vbaProject.bin": b"\0" * (40 << 20)}
    assert read_file("a.docm", archive(parts)) == "Có macro"
