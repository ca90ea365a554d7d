"""Wherever a completion rate is shown, it says of which tasks it is, and done of all tasks stands beside it."""

import io
from datetime import timedelta
from fractions import Fraction

import openpyxl  # type: ignore[import-untyped]
import pytest

from models.database.session import reading
from models.organization.unit import Unit
from tests.papers.made import docx_text, flat, pdf_text
from tests.web.site import LAUNCHED, Office
from workflows.reports.report_figures import report, report_json
from workflows.rules.tasks.actions import Action
from workflows.rules.tasks.classification import percent

DATABASES = ("sqlite", "postgresql")
COORDINATOR, CODE, CUTOFF = "le.thi.c", "ct-06-2004", "2026-11-12"
OF_WHICH, OF_ALL = "trên số đã hoàn thành hoặc quá hạn", "trên tổng số"
REPORT = f"directive={CODE}&cutoff={CUTOFF}"
PLACES = (
    *("/directives", f"/directives/{CODE}", f"/directives/{CODE}/wall?face=progress", f"/directives/{CODE}/briefing"),
    *(f"/reports{page}{REPORT}" for page in ("?", "?by=duty&", "?by=unit&", "/csv?", "/xlsx?", "/pictures?")),
    *(f"/papers/make/report?{REPORT}&form={form}" for form in ("docx", "pdf", "xlsx")),
    *(f"/papers/make/unit-report?{REPORT}&unit={{unit}}&form={form}" for form in ("docx", "pdf")),
)


@pytest.fixture
def early(office: Office) -> Office:
    """One task of all is done, and none is overdue yet: 100% of those done or overdue."""
    task = office.task("4")
    given = {"number": "12/KHTC", "date": "2026-11-10", "subject": "Báo cáo", "signer": "Lương Thị Ngân"}
    office.act(task, Action.ACCEPT, office.head(task).id, LAUNCHED + timedelta(days=1))
    office.act(task, Action.SUBMIT, office.head(task).id, LAUNCHED + timedelta(days=8), **given)
    office.act(task, Action.APPROVE, task.coordinator_id, LAUNCHED + timedelta(days=9))
    office.now = LAUNCHED + timedelta(days=10)
    return office


def test_every_output_says_of_which_tasks_and_done_of_all(early: Office) -> None:
    with reading(early.engine) as session:
        figures = report(session, cutoff=early.now.date(), directive=CODE).figures
        unit = session.get_one(Unit, early.task("4").lead_unit_id).code
    assert (figures.done, figures.open_overdue, figures.completion.rate) == (1, 0, Fraction(1))
    shares = (percent(Fraction(1, figures.total)), f"đã hoàn thành 1 {OF_ALL} {figures.total}")
    reader, silent = early.sign_in(COORDINATOR), []
    for place in PLACES:
        answer = reader.get(place.format(unit=unit))
        assert answer.status_code == 200, place
        words = flat(_read(place, answer.content)).lower()
        of_all = ("100,00%",) if "unit" in place else shares
        if flat(OF_WHICH) not in words or flat(OF_ALL) not in words or not any(flat(one) in words for one in of_all):
            silent.append(place)
    assert not silent


def _read(place: str, content: bytes) -> str:
    if place.endswith("docx"):
        return docx_text(content)
    if place.endswith("pdf"):
        return pdf_text(content)
    if "xlsx" in place:
        sheets = openpyxl.load_workbook(io.BytesIO(content)).worksheets
        cells = [cell.value for sheet in sheets for row in sheet.iter_rows() for cell in row]
        return " ".join(percent(Fraction(one)) if isinstance(one, float) else str(one) for one in cells)
    return content.decode()


def test_the_json_of_a_report_has_done_of_all_beside_the_rate(early: Office) -> None:
    with reading(early.engine) as session:
        told = report_json(report(session, cutoff=early.now.date(), directive=CODE))
    line = next(one for one in told["by_unit"] if one["done"])
    assert (told["rate_exact"], told["of_all_exact"]) == ("1/1", f"1/{told['total']}")
    assert (line["rate_text"], line["of_all_exact"]) == ("100,00%", "1/1")
