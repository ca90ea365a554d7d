"""One description, three files: the office form, text that stays text, the same bytes each time."""

import io
import re
import zipfile
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import openpyxl  # type: ignore[import-untyped]
import pypdfium2
import pytest
import python_calamine
from docx.oxml.ns import qn
from docx.shared import Mm

from tests.papers.made import by_office_suite, docx_cells, docx_text, flat, pdf_pages, pdf_text, read_docx
from workflows.papers.charts.builders import BarPart, BarRow, stacked_bars
from workflows.papers.charts.chart import Chart, ChartTable
from workflows.papers.charts.render import Theme, svg
from workflows.papers.formats.as_docx import render_docx
from workflows.papers.formats.as_pdf import _known_code_points, render_pdf
from workflows.papers.formats.as_xlsx import render_xlsx
from workflows.papers.paper import (
    Appendix,
    Blank,
    Block,
    Drawing,
    Paper,
    PaperColumn,
    PaperHead,
    Paragraph,
    Quotation,
    SectionHeading,
    Table,
    from_data,
    to_data,
)

AT = datetime(2026, 11, 5, 1, 30, tzinfo=UTC)
MARKUP = "*không đậm* #panic() $x^2$ <w:p/> & _gạch_ @ref [1] \\ // ghi chú `mã` =1+1"
LETTERS = "ẮẰẲẴẶẤẦẨẪẬẾỀỂỄỆỐỒỔỖỘỚỜỞỠỢỨỪỬỮỰỲỶỸỴĐ ắằẳẵặấầẩẫậếềểễệốồổỗộớờởỡợứừửữựỳỷỹỵđ"
FORMULAS = ("=SUM(1;2)", "+1", "-1", "@x", '=HYPERLINK("http://x")', "\t=1", "http://dondoc.example")


def a_picture() -> Drawing:
    rows = [BarRow("Quá hạn: <ệ> & ổ", (BarPart("done_on_time", 5, "…"), BarPart("done_late", 3, "…")), "62,5%")]
    spec = stacked_bars(rows, {"done_on_time": "Đúng hạn: 5", "done_late": "Quá hạn: 3"})
    chart = Chart("thu", "Tiến độ", "Ba nhiệm vụ quá hạn", (), spec, ChartTable(("a",), ()))
    return Drawing(svg(chart, Theme.PRINT), "Hình 1. Tiến độ", chart.description)


def a_table() -> Table:
    return Table(
        "Bảng 1. Số liệu",
        (
            PaperColumn("STT", "number", 0.5),
            PaperColumn("Đơn vị", "text", 3),
            PaperColumn("Đúng hạn", "number", group="Đã xong"),
            PaperColumn("Quá hạn", "number", group="Đã xong"),
            PaperColumn("Thời hạn", "date"),
            PaperColumn("Tỷ lệ", "rate"),
        ),
        (
            *((n, text, 1234567, 0, "2004-06-30", "16051/16274") for n, text in enumerate(FORMULAS, 1)),
            (None, "Tất cả", 7, None, None, None),
        ),
        note="Ghi chú của bảng",
        strong=(len(FORMULAS),),
    )


def a_paper(*blocks: Block, **more: Any) -> Paper:
    head = PaperHead(
        "BỘ BƯU CHÍNH, VIỄN THÔNG",
        "VỤ VIỄN THÔNG",
        "Số:      /BC-…",
        "",
        "…………, ngày … tháng … năm 2026",
        "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
        "Độc lập - Tự do - Hạnh phúc",
    )
    given: dict[str, Any] = {
        "kind": "report",
        "language": "vi",
        "title": "Báo cáo thử",
        "author": "Vụ Viễn thông",
        "head": head,
        "type_name": "BÁO CÁO",
        "subject": "Tình hình thực hiện",
        "address": "Kính gửi:",
        "to": ("Bộ trưởng",),
        "blocks": blocks
        or (
            SectionHeading("I. TÌNH HÌNH CHUNG"),
            Paragraph(MARKUP),
            Paragraph(LETTERS),
            a_table(),
            SectionHeading("1. Chi tiết", 2),
            Quotation("Đã hoàn thành", "Công ty X, văn bản số 12/BC ngày 05/11/2026"),
            Paragraph("- một ý", "item"),
            a_picture(),
            Blank(2),
            Appendix("PHỤ LỤC I"),
            a_table(),
        ),
        "signature": ("TL. BỘ TRƯỞNG", "VỤ TRƯỞNG VỤ VIỄN THÔNG"),
        "copies": "Nơi nhận:",
        "recipients": ("- Như trên;", "- Lưu: VT, Vụ Viễn thông."),
        "mark": "DỰ THẢO",
    }
    return Paper(**given | more)


@pytest.mark.parametrize("render", [render_docx, render_pdf, render_xlsx])
def test_the_same_paper_and_moment_give_the_same_bytes_and_another_moment_others(render: Any) -> None:
    first = render(a_paper(), written_at=AT)
    assert render(from_data(to_data(a_paper())), written_at=AT) == first
    assert render(a_paper(), written_at=AT + timedelta(days=1)) != first


def test_the_pdf_says_every_letter_and_takes_nothing_for_markup() -> None:
    text = flat(pdf_text(render_pdf(a_paper(), written_at=AT)))
    for part in (
        MARKUP,
        LETTERS,
        "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
        "Độc lập - Tự do - Hạnh phúc",
        "TL. BỘ TRƯỞNG",
        "“Đã hoàn thành”",
        "1.234.567",
        "98,63%",
        "30/06/2004",
        *FORMULAS,
    ):
        assert flat(part) in text, part


def test_the_pdf_is_an_archive_form_with_its_fonts_inside_and_no_other_needed(tmp_path: Path) -> None:
    content = render_pdf(a_paper(), written_at=AT)
    assert b"pdfaid:part" in content and b"StructTreeRoot" in content, "PDF/A with its structure"
    assert b"Tinos" in content and b"Times" not in content, "the face of Decree 30, as it may be given away"
    assert pypdfium2.PdfDocument(content).get_metadata_dict()["Title"] == "Báo cáo thử"


def test_text_of_a_pdf_is_set_in_tinos_alone_with_every_vietnamese_letter() -> None:
    content = render_pdf(a_paper(Paragraph(LETTERS)), written_at=AT)
    fonts = set(re.findall(rb"/FontName */[A-Z]{6}\+([\w-]+)", content))
    assert fonts and all(name.startswith(b"Tinos") for name in fonts), fonts
    assert flat(LETTERS) in flat(pdf_text(content))


def test_page_numbers_stand_in_the_header_from_the_second_page_on() -> None:
    pages = pdf_pages(render_pdf(a_paper(*(Paragraph("Một đoạn dài. " * 40) for _ in range(12))), written_at=AT))
    assert len(pages) > 2
    assert not pages[0].startswith("1 ") and pages[1].startswith("2 ") and pages[2].startswith("3 ")
    section = read_docx(render_docx(a_paper(), written_at=AT)).sections[0]
    assert section.different_first_page_header_footer
    assert "PAGE" in section.header._element.xml and "PAGE" not in section.first_page_header._element.xml


def test_a_longer_table_begins_where_there_is_room_and_repeats_its_heads() -> None:
    longer, short = replace(a_table(), rows=a_table().rows[:7]), replace(a_table(), rows=a_table().rows[:3])
    before = Paragraph("Một đoạn dài. " * 170)
    first, second = pdf_pages(render_pdf(a_paper(before, longer), written_at=AT))[:2]
    assert "Bảng 1. Số liệu" in first and "Đúng hạn" in first and "Đúng hạn" in second
    kept = [
        [paragraph.paragraph_format.keep_with_next for row in table.rows for paragraph in row.cells[0].paragraphs]
        for one in (longer, short)
        for table in read_docx(render_docx(a_paper(one), written_at=AT)).tables
        if table.style is not None and table.style.name == "Table Grid"
    ]
    assert not any(kept[0]) and all(kept[1][:-1])


def test_the_docx_has_the_margins_and_times_new_roman_in_every_slot() -> None:
    content = render_docx(a_paper(), written_at=AT)
    document = read_docx(content)
    section = document.sections[0]
    sizes = [round(one / Mm(1)) for one in (section.page_width, section.page_height) if one]
    assert sizes == [210, 297]
    sides = (section.top_margin, section.bottom_margin, section.left_margin, section.right_margin)
    margins = [round(one / Mm(1)) for one in sides if one]
    assert margins == [20, 20, 30, 20]
    for fonts in document.styles.element.iter(qn("w:rFonts")):
        assert {fonts.get(qn(f"w:{slot}")) for slot in ("ascii", "hAnsi", "eastAsia", "cs")} == {"Times New Roman"}
        assert not [name for name in fonts.attrib if "heme" in str(name)]
    about = document.core_properties
    assert (about.language, about.title, about.author) == ("vi-VN", "Báo cáo thử", "Vụ Viễn thông")
    assert about.created == datetime(2026, 11, 5, 8, 30, tzinfo=about.created.tzinfo), "local, of the moment given"


def test_docx_has_headings_tables_and_described_pictures() -> None:
    content = render_docx(a_paper(), written_at=AT)
    document = read_docx(content)
    headings = [one.text for one in document.paragraphs if one.style and one.style.name.startswith("Heading")]
    assert headings == ["I. TÌNH HÌNH CHUNG", "1. Chi tiết"]
    tables = docx_cells(content)
    assert len(tables) == 2
    assert tables[0][0] == ["STT", "Đơn vị", "Đã xong", "Đã xong", "Thời hạn", "Tỷ lệ"]
    assert tables[0][2][2:] == ["1.234.567", "0", "30/06/2004", "98,63%"]
    assert all(cell for table in tables for row in table for cell in row), "no cell is empty"
    repeated = document.element.body.findall(f".//{qn('w:tblHeader')}")
    assert len(repeated) == 4
    (shape,) = document.inline_shapes
    assert shape._inline.docPr.get("descr") == "Ba nhiệm vụ quá hạn"
    text = docx_text(content)
    assert MARKUP in text and LETTERS in text and "“Đã hoàn thành”" in text


def test_the_docx_opens_in_a_second_program_and_prints_the_same_words(tmp_path: Path) -> None:
    printed = flat(pdf_text(by_office_suite(render_docx(a_paper(), written_at=AT), tmp_path)))
    for part in (MARKUP, LETTERS, "1.234.567", "TL. BỘ TRƯỞNG", "PHỤ LỤC I"):
        assert flat(part) in printed, part


def test_no_file_tells_when_it_was_made_but_by_the_moment_given() -> None:
    for content in (render_docx(a_paper(), written_at=AT), render_xlsx(a_paper(), written_at=AT)):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            assert {info.date_time for info in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
            assert "docProps/thumbnail.jpeg" not in archive.namelist()


def test_the_xlsx_has_numbers_days_and_rates_as_what_they_are_for_two_readers() -> None:
    content = render_xlsx(a_paper(), written_at=AT)
    book = openpyxl.load_workbook(io.BytesIO(content))
    sheet = book.worksheets[0]
    assert [cell.value for cell in sheet[6]] == [1, FORMULAS[0], 1234567, 0, datetime(2004, 6, 30), 16051 / 16274]
    assert sheet["E6"].number_format == "dd/mm/yyyy" and sheet["F6"].number_format == "0.00%"
    other = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0)
    assert other.to_python()[5][:5] == [1.0, FORMULAS[0], 1234567.0, 0.0, date(2004, 6, 30)]
    assert len(book.worksheets) == 2 and book.worksheets[0].title != book.worksheets[1].title


def test_the_xlsx_is_ready_to_filter_and_to_print() -> None:
    sheet = openpyxl.load_workbook(io.BytesIO(render_xlsx(a_paper(), written_at=AT))).worksheets[0]
    last = 5 + len(FORMULAS)
    assert sheet.auto_filter.ref == f"A5:F{last}", "the sum of all is not filtered with the rest"
    assert sheet.freeze_panes == "A6" and sheet.print_title_rows == "$4:$5"
    assert sheet.page_setup.orientation == "landscape" and sheet.page_setup.paperSize == 9
    assert sheet.page_setup.fitToHeight == 0 and sheet.sheet_properties.pageSetUpPr.fitToPage


@pytest.mark.parametrize("text", FORMULAS)
def test_no_text_becomes_a_formula_or_a_link(text: str) -> None:
    content = render_xlsx(a_paper(Table("x", (PaperColumn("a"),), ((text,),))), written_at=AT)
    cell = openpyxl.load_workbook(io.BytesIO(content)).worksheets[0]["A5"]
    assert cell.data_type == "s" and cell.value == text and cell.hyperlink is None
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert b"<f>" not in archive.read("xl/worksheets/sheet1.xml")


def test_a_chart_in_the_pdf_is_text_in_our_font() -> None:
    printed = flat(pdf_text(render_pdf(a_paper(a_picture()), written_at=AT)))
    assert flat("Quá hạn: <ệ> & ổ") in printed and flat("62,5%") in printed


@pytest.mark.parametrize(
    "letter",
    ["\uf0b7", "😀", "汉", "ก", "\ufdd0", "\ue000", "\u0378", "\U0010ffff"],
    ids=["an office suite's bullet", "a face", "Chinese", "Thai", "no letter", "private", "unassigned", "the last"],
)
def test_a_letter_that_the_font_has_not_holds_up_no_report(letter: str) -> None:
    """Anybody may type one into a note that the report then quotes."""
    paper = a_paper(Paragraph(f"Đã hoàn thành {letter} ba nhiệm vụ"), a_table(), a_picture(), subject=f"Việc {letter}")
    made = render_pdf(paper, written_at=AT)
    assert flat("Đã hoàn thành") in flat(pdf_text(made)) and render_pdf(paper, written_at=AT) == made


def test_every_letter_that_is_said_to_be_in_the_font_can_be_set() -> None:
    letters = "".join(map(chr, sorted(_known_code_points())))
    assert set(LETTERS + "☐→≤≥") - {" "} <= set(letters)
    assert render_pdf(a_paper(Paragraph(f"😀 {letters}")), written_at=AT)


def test_letters_that_no_file_can_hold_do_not_break_it() -> None:
    paper = a_paper(Paragraph("trước\x00\x0b\x1f sau \ufffe\ufeff"))
    for render in (render_docx, render_pdf):
        assert render(paper, written_at=AT)
    assert "trước" in docx_text(render_docx(paper, written_at=AT))
