"""From draft to issued report: proposed, edited, issued once, and then frozen in the database itself."""

from datetime import date, timedelta
from hashlib import sha256
from uuid import UUID

import pytest
from sqlalchemy import delete, text, update
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, select

from models.database.session import reading, transaction
from models.errors import BadInput, NotFound, Refused
from models.organization.audit import Audit
from models.organization.register_reads import resolve_person, resolve_unit
from models.papers.issued_report import IssuedFile, IssuedReport, ReportKind
from tests.office import COORDINATOR, Office, at, furnish
from tests.papers.made import docx_text, flat, pdf_text
from workflows.access.rights import Forbidden, Principal, read_principal
from workflows.papers import issue
from workflows.papers.contents.subject import NewPaper
from workflows.papers.formats.as_docx import render_docx
from workflows.papers.formats.as_pdf import render_pdf
from workflows.papers.formats.as_xlsx import render_xlsx
from workflows.papers.issued_list import list_reports
from workflows.papers.paper import from_data
from workflows.reports.report_figures import report, report_json
from workflows.rules.tasks.actions import Action

pytestmark = pytest.mark.long

NOW = at(5, 7, hour=10)
CUTOFF = NOW.date()
MINE = "Vụ Viễn thông đã kiểm tra tại hai đơn vị."


@pytest.fixture
def office(engine: object, tmp_path: object) -> Office:
    office = furnish(engine, tmp_path)  # type: ignore[arg-type]
    office.launch("4")
    office.act(office.task("4"), Action.ACCEPT, "luong.thi.ngan", at(2))
    return office


def place(session: Session, office: Office, code: str = COORDINATOR) -> Principal:
    return read_principal(session, office.person(code), CUTOFF)


def drafted(office: Office, code: str = COORDINATOR, **more: str) -> UUID:
    with transaction(office.engine) as session:
        wanted = NewPaper(ReportKind.DIRECTIVE, CUTOFF, "ct-06-2004", **more)
        return issue.add_draft(session, place(session, office, code), wanted, now=NOW).id


def edit(office: Office, report_id: UUID, seen: int = 0, **parts: str) -> None:
    with transaction(office.engine) as session:
        issue.edit_narrative(session, place(session, office), report_id, parts, revision=seen)


def issued(office: Office, report_id: UUID, seen: int = 0) -> IssuedReport:
    with reading(office.engine) as session:
        ready = issue.prepare(session, place(session, office), report_id, revision=seen, now=NOW)
    with transaction(office.engine) as session:
        issue.issue(session, place(session, office), ready)
    return find(office, report_id)


def find(office: Office, report_id: UUID) -> IssuedReport:
    with reading(office.engine) as session:
        return session.get_one(IssuedReport, report_id)


def test_a_draft_holds_the_reports_figures_and_can_be_edited(office: Office) -> None:
    report_id = drafted(office)
    with reading(office.engine) as session:
        told = report_json(report(session, cutoff=CUTOFF, directive="ct-06-2004"))
    assert find(office, report_id).figures == told
    edit(office, report_id, general=MINE)
    row = find(office, report_id)
    assert (row.parts["general"], row.revision, row.issued_at) == (MINE, 1, None)


def test_who_saw_an_older_text_does_not_overwrite_a_newer_one(office: Office) -> None:
    report_id = drafted(office)
    edit(office, report_id, general="một")
    with pytest.raises(Refused, match="somebody has changed this report"):
        edit(office, report_id, general="hai")
    with pytest.raises(Refused, match="somebody has changed this report"):
        issued(office, report_id, seen=0)
    assert find(office, report_id).issued_at is None


def test_an_issued_report_keeps_its_words_figures_and_files_whatever_comes_later(office: Office) -> None:
    report_id = drafted(office)
    edit(office, report_id, general=MINE)
    row = issued(office, report_id, seen=1)
    with reading(office.engine) as session:
        files = {one.form: one for one in session.exec(select(IssuedFile))}
        assert all(sha256(one.content).hexdigest() == one.sha256 for one in files.values())
        assert session.exec(select(Audit).where(Audit.action == "report_issued")).one().object == report_id.hex[-8:]
    assert set(files) == {"docx", "pdf", "xlsx"}
    assert MINE in docx_text(files["docx"].content) and flat(MINE) in flat(pdf_text(files["pdf"].content))
    assert "DỰ THẢO" not in docx_text(files["docx"].content)
    office.submit(office.task("4"), "luong.thi.ngan", at(6, 7))
    again = from_data(find(office, report_id).paper)
    assert row.issued_at is not None
    for render, form in ((render_docx, "docx"), (render_pdf, "pdf"), (render_xlsx, "xlsx")):
        assert render(again, written_at=row.issued_at) == files[form].content, "made again from what is frozen"


@pytest.mark.parametrize(
    "values",
    [
        {"parts": {}},
        {"figures": {}},
        {"paper": {}},
        {"language": "en"},
        {"revision": 9},
        {"issued_at": None, "issued_by": None},
    ],
)
def test_the_database_refuses_to_change_what_is_issued(office: Office, values: dict[str, object]) -> None:
    report_id = drafted(office)
    issued(office, report_id)
    refused = pytest.raises(IntegrityError, match="an issued report cannot be changed")
    with refused, transaction(office.engine) as session:
        session.execute(update(IssuedReport).values(**values))


def test_the_database_refuses_to_delete_what_is_issued(office: Office) -> None:
    issued(office, drafted(office))
    for table, words in ((IssuedReport, "issued report cannot be deleted"), (IssuedFile, "cannot be deleted")):
        with pytest.raises(IntegrityError, match=words), transaction(office.engine) as session:
            session.execute(delete(table))
    with pytest.raises(IntegrityError, match="cannot be changed"), transaction(office.engine) as session:
        session.execute(update(IssuedFile).values(content=b"x"))
    if office.engine.dialect.name == "postgresql":
        with pytest.raises(IntegrityError, match="cannot be deleted"), transaction(office.engine) as session:
            session.execute(text("TRUNCATE issued_report, issued_file CASCADE"))


def test_nothing_is_issued_on_figures_that_have_changed_since(office: Office) -> None:
    report_id = drafted(office)
    office.launch("2", on=at(5, 7, hour=9), due=date(2004, 8, 31))
    with pytest.raises(Refused, match="the figures have changed"):
        issued(office, report_id)
    with transaction(office.engine) as session:
        issue.refresh_figures(session, place(session, office), report_id, revision=0)
    assert issued(office, report_id, seen=1).figures["total"] > 1


def test_a_correction_is_a_new_report_that_names_the_old(office: Office) -> None:
    report_id = drafted(office)
    edit(office, report_id, asked="- cho gia hạn")
    issued(office, report_id, seen=1)
    with pytest.raises(Refused, match="it stays as it is"):
        edit(office, report_id, general="khác", seen=2)
    with transaction(office.engine) as session:
        newer = issue.draft_correction(session, place(session, office), report_id, now=NOW + timedelta(hours=1)).id
    row = find(office, newer)
    assert (row.corrects_id, row.parts["asked"]) == (report_id, "- cho gia hạn")
    issued(office, newer)
    with reading(office.engine) as session:
        content = session.get_one(IssuedFile, (newer, "docx")).content
    said = f"thay thế báo cáo phát hành ngày 05/07/2004 (mã tra cứu {report_id.hex[-8:]})"
    assert said in docx_text(content)
    assert find(office, report_id).revision == 2, "the old one is as it was"


def test_a_draft_can_be_thrown_away_and_an_issued_report_cannot(office: Office) -> None:
    kept, thrown = drafted(office), drafted(office)
    issued(office, kept)
    with transaction(office.engine) as session:
        with pytest.raises(Refused, match="somebody has changed this report"):
            issue.drop_draft(session, place(session, office), thrown, revision=1)
        issue.drop_draft(session, place(session, office), thrown, revision=0)
        with pytest.raises(Refused, match="it stays as it is"):
            issue.drop_draft(session, place(session, office), kept, revision=2)
    with reading(office.engine) as session:
        assert session.exec(select(IssuedReport.id)).all() == [kept]


def test_a_unit_writes_of_itself_and_reads_nobody_elses(office: Office) -> None:
    ours, head = drafted(office), "thai.thi.hanh"
    with transaction(office.engine) as session:
        me = place(session, office, head)
        with pytest.raises(NotFound):
            issue.open_report(session, me, ours)
        for wanted in (NewPaper(ReportKind.UNIT, CUTOFF, unit="T-DD"), NewPaper(ReportKind.UNIT, CUTOFF)):
            with pytest.raises(NotFound):
                issue.add_draft(session, me, wanted, now=NOW)
        with pytest.raises(Forbidden):
            issue.add_draft(session, me, NewPaper(ReportKind.CONSOLIDATED, CUTOFF), now=NOW)
        own = issue.add_draft(session, me, NewPaper(ReportKind.UNIT, CUTOFF, unit="CTY-N"), now=NOW)
        assert own.figures["total"] == 0
        with pytest.raises(NotFound):
            issue.add_draft(session, me, NewPaper(ReportKind.UNIT, CUTOFF, "ct-06-2004", "CTY-N"), now=NOW)


def test_an_observer_reads_all_and_writes_none(office: Office) -> None:
    report_id = drafted(office)
    with transaction(office.engine) as session:
        observer = place(session, office, "nguyen.minh.quan")
        assert issue.open_report(session, observer, report_id).id == report_id
        with pytest.raises(Forbidden):
            issue.edit_narrative(session, observer, report_id, {}, revision=0)


def test_a_part_too_long_and_a_day_to_come_are_refused(office: Office) -> None:
    report_id = drafted(office)
    with pytest.raises(BadInput, match="expected at most"):
        edit(office, report_id, general="x" * 40_001)
    wanted = NewPaper(ReportKind.CONSOLIDATED, CUTOFF + timedelta(days=1))
    with transaction(office.engine) as session:
        me = place(session, office)
        with pytest.raises(BadInput, match="still to come"):
            issue.add_draft(session, me, wanted, now=NOW)


def test_who_has_gone_to_another_unit_no_longer_writes_in_the_name_of_the_old_one(office: Office) -> None:
    """What they drafted stays the office's: whoever holds it now goes on, they find it no more."""
    was, unit = "luong.thi.ngan", "VU-KHTC"
    with transaction(office.engine) as session:
        mine = issue.add_draft(
            session, place(session, office, was), NewPaper(ReportKind.UNIT, CUTOFF, unit=unit), now=NOW
        ).id
    with transaction(office.engine) as session:
        home = resolve_unit(session, unit)
        home.head_id = resolve_person(session, "vu.huu.phuoc").id
        resolve_unit(session, "CTY-N").head_id = resolve_person(session, was).id
    with transaction(office.engine) as session:
        me = place(session, office, was)
        for deed in (
            lambda: issue.open_report(session, me, mine),
            lambda: issue.edit_narrative(session, me, mine, {"general": "x"}, revision=0),
            lambda: issue.refresh_figures(session, me, mine, revision=0),
            lambda: issue.prepare(session, me, mine, revision=0, now=NOW),
        ):
            with pytest.raises(NotFound):
                deed()
        assert mine not in [one.row.id for one in list_reports(session, me)]
        assert issue.open_report(session, place(session, office, "vu.huu.phuoc"), mine).id == mine
