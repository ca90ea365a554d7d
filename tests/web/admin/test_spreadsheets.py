"""The register from and to spreadsheets: what would change is seen first, and either all of it is kept or nothing."""

import io
from html import unescape

import openpyxl  # type: ignore[import-untyped]
import pytest
from python_calamine import CalamineWorkbook
from sqlmodel import func, select

from models.database.session import reading
from models.organization.audit import Audit
from models.organization.register_reads import resolve_unit
from models.organization.unit import Unit, UnitKind, UnitTag
from tests.page import Page
from tests.web.site import Office, Reader

PAGE = "/admin/register"


@pytest.fixture
def administrator(office: Office) -> Reader:
    return office.sign_in("dang.thu.thuy")


def files(**tables: str) -> dict[str, tuple[str, bytes, str]]:
    return {table: (f"{table}.csv", content.encode(), "text/csv") for table, content in tables.items()}


def units(office: Office) -> int:
    with reading(office.engine) as session:
        return session.exec(select(func.count()).select_from(Unit)).one()


def test_what_would_change_is_shown_and_then_done_once(office: Office, administrator: Reader) -> None:
    sent = files(units="code,name,kind\nSGT,Công ty Sài Gòn,enterprise\nCTY-H,Công ty CTY-H Mới,enterprise\n")
    answer = administrator.send(f"{PAGE}?lang=en", PAGE, files=sent)
    page = answer.headers["location"]
    shown = administrator.get(f"{page}?lang=en").text
    assert "units.csv" in shown and "SGT – new" in shown and "→ Công ty CTY-H Mới" in shown
    assert units(office) == 55
    seen = Page(shown).value("seen")
    assert administrator.send(page, seen=seen).headers["location"] == PAGE
    assert units(office) == 56
    assert administrator.get(page).status_code == 404  # the files are gone
    assert list((office.settings.data / "uploads").iterdir()) == []
    with reading(office.engine) as session:
        line = session.exec(select(Audit)).one()
    assert (line.action, line.object) == ("register_imported", "units.csv")
    assert line.facts == {"units": {"added": 1, "changed": 1}}


def test_faults_are_told_by_row_and_column_and_nothing_is_kept(office: Office, administrator: Reader) -> None:
    sent = files(units="code,name,kind\nSGT,Công ty,enterprise\nX,,castle\n", people="code,unit\nle.thi.c,VU-XX\n")
    answer = administrator.send(f"{PAGE}?lang=en", PAGE, files=sent)
    assert answer.status_code == 422
    told = Page(answer.text).words("td")
    at = told.index("name")
    assert told[at - 1 : at + 2] == ["3", "name", "Is empty; a value is needed"]
    assert "kind" in told
    assert units(office) == 55
    assert list((office.settings.data / "uploads").iterdir()) == []


def test_if_the_register_changes_meanwhile_one_looks_again(office: Office, administrator: Reader) -> None:
    page = administrator.send(PAGE, files=files(units="code,phone\nCTY-H,0281\n")).headers["location"]
    seen = Page(administrator.get(page).text).value("seen")
    administrator.send("/admin/units/new", code="NEW1", name="Một", kind="other")
    assert administrator.send(page, seen=seen).status_code == 303  # what it does is the same
    page = administrator.send(PAGE, files=files(units="code,phone\nCTY-H,0282\n")).headers["location"]
    seen = Page(administrator.get(page).text).value("seen")

    def ring(session: object) -> None:
        resolve_unit(session, "CTY-H").phone = "0283"  # type: ignore[arg-type]

    office.change(ring)
    again = administrator.send(f"{page}?lang=en", page, seen=seen)
    assert again.status_code == 409 and "check again" in again.text and "0283" in again.text


def test_files_are_for_whoever_sent_them(office: Office, administrator: Reader) -> None:
    page = administrator.send(PAGE, files=files(units="code,phone\nCTY-H,0281\n")).headers["location"]
    administrator.send("/admin/people/le.thi.c", "/admin/people/le.thi.c/roles", role="administrator", unit="VP")
    other = office.sign_in("le.thi.c")
    assert other.get(page).status_code == 404
    assert other.send(PAGE, page, seen="x").status_code == 404
    assert administrator.send(page, discard="1").status_code == 303
    assert administrator.get(page).status_code == 404


@pytest.mark.parametrize("name", ["units.txt", "../../units.csv", "units\n.csv"])
def test_a_files_name_leads_nowhere(office: Office, administrator: Reader, name: str) -> None:
    sent = {"units": (name, b"code,phone\nCTY-H,1\n", "text/csv")}
    answer = administrator.send(PAGE, files=sent)
    assert answer.status_code in (303, 422)
    written = [path for path in office.settings.data.rglob("*.csv")]
    assert all(path.is_relative_to(office.settings.data / "uploads") for path in written)


def test_without_a_file_the_form_says_what_to_choose(administrator: Reader) -> None:
    assert administrator.send(PAGE).status_code == 422


@pytest.mark.parametrize("form", ["csv", "xlsx"])
@pytest.mark.parametrize("table", ["units", "people"])
def test_what_is_fetched_is_what_may_be_sent(administrator: Reader, table: str, form: str) -> None:
    content = administrator.get(f"{PAGE}/download/{table}.{form}").content
    sent = {table: (f"{table}.{form}", content, "application/octet-stream")}
    page = administrator.send(PAGE, files=sent).headers["location"]
    assert "there is nothing to change" in administrator.get(f"{page}?lang=en").text


@pytest.mark.parametrize("form", ["csv", "xlsx"])
@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize("table", ["units", "people", "absences"])
def test_the_page_offers_each_empty_form_in_both_languages_and_takes_it_back(
    administrator: Reader, table: str, language: str, form: str
) -> None:
    link = f"{PAGE}/download/{table}-form-{language}.{form}"
    assert f'href="{link}"' in administrator.get(PAGE).text
    content = administrator.get(link).content
    answer = administrator.send(PAGE, files={table: (f"{table}.{form}", content, "application/octet-stream")})
    assert answer.status_code == 303, answer.text


OFFICE = """STT;Mã (*);Tên đơn vị;Loại;Lĩnh vực;Đơn vị cấp trên;Thuộc đơn vị ngoài;Đang hoạt động
1;SGT;Công ty Sài Gòn;Doanh nghiệp;viễn thông|Bưu chính;BO;;có
2;VU-X;Vụ Mới;Vụ;;BO;;
"""


def test_an_offices_own_headings_and_words_are_read(office: Office, administrator: Reader) -> None:
    known = OFFICE.replace(";Thuộc đơn vị ngoài", ";Đầu mối bên ngoài")
    page = administrator.send(PAGE, files=files(units=known)).headers["location"]
    seen = Page(administrator.get(page).text).value("seen")
    assert administrator.send(page, seen=seen).status_code == 303
    with reading(office.engine) as session:
        unit, other = resolve_unit(session, "SGT"), resolve_unit(session, "VU-X")
        assert (unit.kind, other.kind) == (UnitKind.ENTERPRISE, UnitKind.DEPARTMENT)
        tags = session.exec(select(UnitTag.tag).where(UnitTag.unit_id == unit.id)).all()
        assert sorted(tags) == ["post", "telecom"]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (OFFICE, ("không có cột Thuộc đơn vị ngoài",)),
        ("Tên đơn vị,Loại\nA,Bộ\n", ("Mã (code)",)),
        ("Mã,Mã,Loại\nA,B,Bộ\n", ("Mã",)),
        ("Mã,Tên đơn vị,Loại\nA1,Một,Lâu đài\n", ("<td>Loại</td>", "Lâu đài", "doanh nghiệp")),
        ("Mã,Tên đơn vị,Loại\nA1,Một,Bộ,thừa\n", ("3 cột",)),
        ("", ()),
        ("\n\n", ()),
    ],
)
def test_what_was_not_understood_is_named_and_is_no_error_of_ours(
    administrator: Reader, content: str, told: tuple[str, ...]
) -> None:
    answer = administrator.send(f"{PAGE}?lang=vi", PAGE, files=files(units=content))
    assert answer.status_code == 422
    assert all(words in unescape(answer.text) for words in told), answer.text


def test_an_empty_form_has_the_columns_and_says_what_they_mean(administrator: Reader) -> None:
    content = administrator.get(f"{PAGE}/download/units-form-vi.xlsx").content
    book = openpyxl.load_workbook(io.BytesIO(content))
    first, second = book.worksheets
    assert [cell.value for cell in first[1]][:3] == ["Mã", "Tên đơn vị", "Loại"] and first.max_row == 1
    assert second["A1"].value == "Mã" and "mã" in str(second["B6"].value)
    assert CalamineWorkbook.from_filelike(io.BytesIO(content)).sheet_names[0] == "units"


@pytest.mark.parametrize(
    "name", ["castles.csv", "units.pdf", "units", "units-form-form.csv", "units-form.csv", "units-form-fr.csv"]
)
def test_other_downloads_are_not_there(administrator: Reader, name: str) -> None:
    assert administrator.get(f"{PAGE}/download/{name}").status_code == 404
