"""What papers say: the report's own figures, the units' own words with their source, and nothing that was made up."""

import re
from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest
from sqlalchemy import true
from sqlmodel import Session

from models.errors import BadInput, Refused
from tests.office import Office
from tests.papers.late_july import CUTOFF, DONE, IN_THE_WAY, NOW, SECRET, directive, make, unit
from tests.papers.made import by_office_suite, docx_cells, docx_text, flat, pdf_pages, pdf_text
from workflows.papers.contents.lists import SIZES, briefing_paper
from workflows.papers.contents.paper_letters import PaperSubject
from workflows.papers.formats.as_docx import render_docx
from workflows.papers.formats.as_pdf import count_pages, render_pdf
from workflows.papers.make_paper import FileForm, Order, PaperKind, file_name, on_one_sheet, render
from workflows.papers.paper import Drawing, Paper, Quotation, Table
from workflows.reports.briefing import read_briefing
from workflows.reports.report_figures import report

pytestmark = pytest.mark.long

EVERY = list(PaperKind)


def of_kind(session: Session, office: Office, kind: PaperKind) -> Paper:
    """A paper of each kind."""
    if kind is PaperKind.ASSIGNMENT:
        return make(session, kind, task=office.task("4"))
    if kind in (PaperKind.UNIT_REPORT, PaperKind.UNIT_OUTLINE, PaperKind.PRESS):
        return make(session, kind, unit=unit(session, "T-DD"))
    return make(session, kind)


def words(paper: Paper) -> str:
    return docx_text(render_docx(paper, written_at=NOW))


@pytest.mark.parametrize("kind", EVERY)
def test_every_paper_stands_in_both_files_with_its_head_and_no_empty_cell(
    here: Session, office: Office, kind: PaperKind
) -> None:
    paper = of_kind(here, office, kind)
    content = render_docx(paper, written_at=NOW)
    text, printed = docx_text(content), flat(pdf_text(render_pdf(paper, written_at=NOW)))
    for part in (
        "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
        "Độc lập - Tự do - Hạnh phúc",
        "BỘ BƯU CHÍNH, VIỄN THÔNG",
        *paper.signature,
        *paper.recipients,
    ):
        if part.startswith("BỘ") and kind in (PaperKind.UNIT_REPORT, PaperKind.UNIT_OUTLINE):
            continue  # an enterprise writes as itself
        assert part in text and flat(part) in printed, part
    assert all(cell.strip() for table in docx_cells(content) for row in table for cell in row)


@pytest.mark.parametrize("kind", EVERY)
def test_number_day_name_and_seal_are_left_to_people(here: Session, office: Office, kind: PaperKind) -> None:
    paper = of_kind(here, office, kind)
    assert re.fullmatch(r"Số:      /(BC-)?…|", paper.head.number)
    assert paper.head.place_and_date == "…………, ngày … tháng … năm 2004"
    heads = {office.person(code).full_name for code in ("le.thi.d", "ly.ngoc.anh", "luong.thi.ngan")}
    assert not heads & set(paper.signature), "nobody's name is written beneath what they have not signed"
    if paper.signature:
        assert paper.mark == "DỰ THẢO – chưa phải văn bản đã ban hành"


@pytest.mark.parametrize("kind", EVERY)
def test_what_goes_by_classified_mail_is_in_no_paper(here: Session, office: Office, kind: PaperKind) -> None:
    more = {"unit": unit(here, "CTY-M")} if kind is not PaperKind.ASSIGNMENT else {"task": office.task("2", "CTY-M")}
    if kind in (PaperKind.REPORT, PaperKind.SUBMISSION, PaperKind.BRIEFING):
        more = {}
    paper = make(here, kind, **more)
    assert SECRET not in words(paper) and flat(SECRET) not in flat(pdf_text(render_pdf(paper, written_at=NOW)))


def test_it_says_that_there_were_words_where_it_may_not_quote_them(here: Session) -> None:
    text = words(make(here, PaperKind.UNIT_REPORT, unit=unit(here, "CTY-M")))
    assert "đề nghị gia hạn, 28/06/2004; không trích nội dung" in text.replace("Đề nghị", "đề nghị")


@pytest.mark.parametrize("scope", ["ct-06-2004", None])
def test_the_report_has_the_figures_of_the_report_and_its_sums_add_up(here: Session, scope: str | None) -> None:
    more = {} if scope else {"directive": None, "office": unit(here, "VU-VT")}
    paper = make(here, PaperKind.REPORT, **more)
    figures = report(here, cutoff=CUTOFF, directive=scope).figures
    whole = paper.tables[0]
    assert whole.rows[0][1:] == (
        figures.total,
        figures.done_on_time,
        figures.done_late,
        figures.open_in_time,
        figures.open_overdue,
        figures.no_deadline,
        str(Fraction(figures.done, figures.done + figures.open_overdue)),
        str(Fraction(figures.done, figures.total)),
    )
    assert "tỷ lệ hoàn thành = " in whole.note.lower()
    for table in paper.tables[1:4]:
        *parts, last = table.rows
        for column in (*range(2, 8), 10, 11):
            assert sum(row[column] for row in parts) == last[column]
        assert last[2] == figures.total
        assert [f"{one.group}: {one.title}" for one in table.columns[-2:]] == [
            "Theo thời hạn ban đầu: Đã hoàn thành quá hạn",
            "Theo thời hạn ban đầu: Chưa hoàn thành quá hạn",
        ]
    for table in paper.tables[:4]:
        heads = [f"{one.group}: {one.title}" for one in table.columns if one.group.endswith("oàn thành")]
        assert heads[:4] == [
            "Đã hoàn thành: Đúng hạn",
            "Đã hoàn thành: Quá hạn",
            "Chưa hoàn thành: Trong hạn",
            "Chưa hoàn thành: Quá hạn",
        ]
    text = words(paper)
    assert "tạm tính" in text and f"tổng số nhiệm vụ đã giao là {figures.total}" in text


def test_the_report_and_the_giao_ban_list_of_one_cut_off_are_equal(here: Session) -> None:
    told, listed = make(here, PaperKind.REPORT), make(here, PaperKind.BRIEFING)
    assert told.facts == listed.facts == make(here, PaperKind.TRACKING).facts
    assert told.tables[0].rows == listed.tables[0].rows
    overdue = next(table for table in listed.tables if table.caption.startswith("Quá hạn"))
    assert overdue.caption.endswith(f": {told.facts['open_overdue']}")
    assert len(make(here, PaperKind.TRACKING).tables[0].rows) == told.facts["total"]


def test_units_are_quoted_with_unit_document_and_day(here: Session) -> None:
    quoted = {
        (block.text, block.source) for block in make(here, PaperKind.REPORT).blocks if isinstance(block, Quotation)
    }
    assert (DONE, "Vụ Kế hoạch – Tài chính, văn bản số 12/BC-KHTC ngày 29/06/2004") in quoted
    assert (IN_THE_WAY, "Công ty Truyền thông M, báo cáo khó khăn, vướng mắc, 20/06/2004") in {
        (text, source.replace("đã báo cáo", "báo cáo")) for text, source in quoted
    }


def test_an_earlier_cut_off_quotes_nothing_that_came_later(here: Session) -> None:
    text = words(make(here, PaperKind.REPORT, cutoff=date(2004, 6, 15)))
    assert DONE not in text and IN_THE_WAY not in text and "12/BC-KHTC" not in text


def test_pictures_are_in_it_with_words_for_who_does_not_see_them(here: Session) -> None:
    drawings = [block for block in make(here, PaperKind.REPORT).blocks if isinstance(block, Drawing)]
    assert len(drawings) >= 2 and all(one.description and one.svg.startswith("<svg") for one in drawings)


def test_a_report_in_english_has_english_words_and_the_same_figures(here: Session) -> None:
    english, paper = make(here, PaperKind.REPORT, language="en"), make(here, PaperKind.REPORT)
    assert english.type_name == "REPORT" and english.head.state == "SOCIALIST REPUBLIC OF VIET NAM"
    assert english.facts == paper.facts
    rows = [row[1:] for row in english.tables[0].rows]
    assert rows == [row[1:] for row in paper.tables[0].rows]


def test_a_units_report_is_of_that_unit_alone(here: Session) -> None:
    text = words(make(here, PaperKind.UNIT_REPORT, unit=unit(here, "CTY-M")))
    assert text.count("CÔNG TY TRUYỀN THÔNG M") == 1 and "Kính gửi: Bộ Bưu chính, Viễn thông (Vụ Viễn thông)" in text
    assert "Công ty Thông tin di động T" not in text and DONE not in text
    assert IN_THE_WAY in text
    for heading in ("I. NHIỆM VỤ ĐƯỢC GIAO", "II. KẾT QUẢ ĐÃ THỰC HIỆN", "V. KIẾN NGHỊ, ĐỀ XUẤT"):
        assert heading in text


def test_an_outline_is_prefilled_and_leaves_room_for_the_unit(here: Session) -> None:
    paper = make(here, PaperKind.UNIT_OUTLINE, unit=unit(here, "T-DD"))
    assert [block.what for block in paper.blocks].count("blank") == 4
    assert any("Mục 2" in str(row[1]) for row in paper.tables[1].rows)


def test_the_pressing_letter_goes_out_in_the_ministers_name_and_asks(here: Session) -> None:
    paper = make(here, PaperKind.PRESS, unit=unit(here, "T-DD"))
    assert paper.signature == ("TL. BỘ TRƯỞNG", "VỤ TRƯỞNG VỤ VIỄN THÔNG")
    assert (paper.head.above, paper.head.office) == ("", "BỘ BƯU CHÍNH, VIỄN THÔNG")
    assert paper.head.regarding == "V/v đôn đốc thực hiện Chỉ thị số 06/2004/CT-BBCVT (lần 1)"
    assert "Lãnh đạo Bộ (để b/c)" not in " ".join(paper.recipients)
    text = words(paper)
    assert "chậm nhất ngày 30/06/2004" in text and "đề nghị Công ty Thông tin di động T hoàn thành" in text
    assert not re.search(r"phê bình|yếu kém|thiếu trách nhiệm|bạo động", text.lower())


def test_the_next_letter_counts_the_signed_ones_and_names_them(here: Session) -> None:
    paper = make(here, PaperKind.PRESS, unit=unit(here, "CTY-H"), nth=2)
    assert paper.facts["nth"] == 2 and "(lần 2)" in paper.head.regarding
    assert "- Lãnh đạo Bộ (để b/c);" in paper.recipients
    assert "số 77/BBCVT-VT ngày 09/07/2004" in words(paper)
    with pytest.raises(BadInput, match="expected one of"):
        make(here, PaperKind.PRESS, unit=unit(here, "CTY-H"), nth=5)


def test_nobody_is_pressed_for_what_is_done_or_waits_for_us(here: Session) -> None:
    with pytest.raises(Refused, match="nothing to remind it of"):
        make(here, PaperKind.PRESS, unit=unit(here, "VU-KHTC"))


def test_the_submission_lists_what_the_ladder_brought_that_far(here: Session, office: Office) -> None:
    told = read_briefing(here, directive(here), cutoff=CUTOFF, calendar=office.calendar, among=true())
    come = [one for one in told.overdue if one.stage == "to_issuer"]
    paper = make(here, PaperKind.SUBMISSION)
    assert 0 < len(come) == paper.facts["tasks"] and paper.to == ("Lãnh đạo Bộ",)
    assert [row[1] for row in paper.tables[0].rows] == [one.task.unit for one in come]
    with pytest.raises(Refused, match="no overdue task has come so far"):
        make(here, PaperKind.SUBMISSION, cutoff=date(2004, 7, 5))


def test_a_slip_says_who_what_until_when_with_which_result(here: Session, office: Office) -> None:
    paper = make(here, PaperKind.ASSIGNMENT, task=office.task("4"))
    cells = dict(docx_cells(render_docx(paper, written_at=NOW))[0][1:])
    assert cells["Thời hạn"] == "Chậm nhất ngày 30/06/2004"
    assert cells["Đơn vị chủ trì"] == "Vụ Kế hoạch – Tài chính"
    assert "miễn, giảm giá cước" in cells["Sản phẩm"]


def test_the_giao_ban_list_stands_on_one_sheet_in_both_files(here: Session, office: Office, tmp_path: Path) -> None:
    case = PaperSubject(directive(here), CUTOFF, office.calendar, true())
    paper = on_one_sheet(here, case, "vi")
    assert len(pdf_pages(render_pdf(paper, written_at=NOW))) == 1 == count_pages(paper, written_at=NOW)
    more = briefing_paper(here, case, "vi", SIZES[0])
    shown = sum(len(table.rows) for table in paper.tables[1:])
    assert shown <= sum(len(table.rows) for table in more.tables[1:])
    assert len(pdf_pages(by_office_suite(render_docx(paper, written_at=NOW), tmp_path))) == 1


def test_the_follow_up_table_has_the_columns_that_offices_keep(here: Session) -> None:
    table = make(here, PaperKind.TRACKING).tables[0]
    assert [column.title for column in table.columns] == [
        "STT",
        "Nhiệm vụ",
        "Đơn vị chủ trì",
        "Đơn vị phối hợp",
        "Ban đầu",
        "Hiện hành",
        "Sản phẩm",
        "Tình hình",
    ]
    done = next(row for row in table.rows if row[2] == "Vụ Kế hoạch – Tài chính" and "Mục 4" in str(row[1]))
    assert done[4:6] == ("2004-06-30", "2004-06-30")
    assert done[7] == "Đã hoàn thành đúng hạn; văn bản số 12/BC-KHTC ngày 29/06/2004"


@pytest.mark.parametrize("kind", [PaperKind.REPORT, PaperKind.PRESS, PaperKind.UNIT_OUTLINE])
def test_a_second_program_opens_the_docx(here: Session, office: Office, kind: PaperKind, tmp_path: Path) -> None:
    paper = of_kind(here, office, kind)
    printed = pdf_pages(by_office_suite(render_docx(paper, written_at=NOW), tmp_path))
    assert flat("Độc lập - Tự do - Hạnh phúc") in flat(printed[0])
    assert all(page.startswith(f"{n} ") for n, page in enumerate(printed[1:], 2))


@pytest.mark.parametrize(("kind", "what"), [("press", "directive"), ("press", "unit"), ("assignment", "task")])
def test_an_order_that_lacks_something_says_what(here: Session, kind: str, what: str) -> None:
    more: dict[str, object] = {"directive": None} if what == "directive" else {}
    with pytest.raises(BadInput, match=f"a {what} is needed"):
        make(here, PaperKind(kind), **more)


def test_a_letter_is_no_spreadsheet_and_its_name_is_plain(here: Session) -> None:
    paper = make(here, PaperKind.PRESS, unit=unit(here, "T-DD"))
    with pytest.raises(BadInput, match="expected docx or pdf"):
        render(paper, FileForm.XLSX, written_at=NOW)
    order = Order(PaperKind.PRESS, CUTOFF, directive(here), unit(here, "T-DD"))
    assert file_name(order, FileForm.PDF, NOW) == "du-thao-cong-van-don-doc-ct-06-2004-t-dd-2004-08-06.pdf"


def test_tables_of_the_report_become_sheets(here: Session) -> None:
    tables = make(here, PaperKind.REPORT).tables
    assert all(isinstance(table, Table) for table in tables) and len(tables) >= 5
