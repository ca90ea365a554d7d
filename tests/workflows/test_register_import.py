"""Importing the register: what is accepted, what is refused and how it is told."""

from datetime import UTC, datetime
from pathlib import Path

import openpyxl  # type: ignore[import-untyped]
import pytest
from sqlalchemy import Engine, func
from sqlmodel import Session, SQLModel, select

from models.database.session import transaction
from models.errors import BadInput, BadRows, NotFound
from models.i18n import LANGUAGES, translate
from models.organization.person import Person, PersonRole
from models.organization.register_reads import resolve_person, resolve_unit
from models.organization.unit import Handover, Unit, UnitAlias, UnitKind, UnitTag
from models.text.vietnamese import without_marks
from notifications.composing.mime import address_fault
from workflows.organization.register.spreadsheet.import_register import (
    TABLES,
    ImportCounts,
    import_register,
    open_register,
)
from workflows.organization.register.spreadsheet.register_columns import column_finder, column_words

DEMO = Path(__file__).parents[2] / "workflows" / "directives" / "ct-06-2004" / "register"
NOW = datetime(2004, 5, 10, 1, tzinfo=UTC)

UNITS = """code,name,kind,tags,aliases,parent,supervising_unit,head
BO,"Bộ Bưu chính, Viễn thông",ministry,,MPT,,,
VU-VT,Vụ Viễn thông,department,,Vụ VT,BO,,le.thi.d
CTY-H,Công ty CTY-H,enterprise,post|telecom,,,VU-VT,tran.van.b
"""
PEOPLE = """code,full_name,address_form,unit,email,roles
le.thi.d,Lê Thị D,Đồng chí,VU-VT,d@mpt.example,coordinator@VU-VT|clerk@VU-VT
tran.van.b,Trần Văn B,Ông,CTY-H,b@cty-h.example,
"""


class Files:
    """Writes small register files and imports them."""

    def __init__(self, folder: Path, session: Session) -> None:
        self.folder, self.session = folder, session

    def write(self, name: str, content: str | bytes) -> Path:
        path = self.folder / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    def load(self, units: str | bytes | None = None, people: str | bytes | None = None, absences: str | None = None):  # type: ignore[no-untyped-def]
        named = {"units": units, "people": people, "absences": absences}
        paths = {table: self.write(f"{table}.csv", content) for table, content in named.items() if content is not None}
        return import_register(self.session, open_register(**paths), now=NOW)

    def faults(self, *args: str | bytes | None) -> list[str]:
        with pytest.raises(BadRows) as caught:
            self.load(*args)  # type: ignore[arg-type]
        return [str(fault) for fault in caught.value.faults]


@pytest.fixture
def files(tmp_path: Path, session: Session) -> Files:
    return Files(tmp_path, session)


def count(session: Session, table: type[SQLModel]) -> int:
    return session.exec(select(func.count()).select_from(table)).one()


def test_demo_register_is_whole_and_importing_it_twice_changes_nothing(session: Session) -> None:
    given = open_register(**{name: DEMO / f"{name}.csv" for name in ("units", "people", "absences")})
    first = import_register(session, given, now=NOW)
    assert (first.units.created, first.warnings) == (55, ())
    tables = (Unit, UnitTag, UnitAlias, Person, PersonRole)
    before = [count(session, table) for table in tables]
    again = import_register(session, given, now=NOW)
    assert (again.units, again.people) == (ImportCounts(unchanged=55), ImportCounts(unchanged=first.people.created))
    assert [count(session, table) for table in tables] == before
    assert count(session, Handover) == 0


def test_demo_register_supervision_follows_the_directive(session: Session) -> None:
    import_register(session, open_register(units=DEMO / "units.csv", people=DEMO / "people.csv"), now=NOW)
    above = {unit.id: unit.code for unit in session.exec(select(Unit))}
    tags: dict[object, set[str]] = {}
    for tag in session.exec(select(UnitTag)):
        tags.setdefault(tag.unit_id, set()).add(tag.tag)
    for unit in session.exec(select(Unit).where(Unit.kind == UnitKind.ENTERPRISE)):
        right = "VU-BC" if tags[unit.id] == {"post"} else "VU-VT"
        assert unit.supervising_unit_id and above[unit.supervising_unit_id] == right
    for unit in session.exec(select(Unit).where(Unit.kind == UnitKind.POLICE)):
        assert unit.is_outside and unit.email is None and unit.head_id is None
    for person in session.exec(select(Person)):
        assert person.email and person.email.endswith(".example")


def test_units_and_people_may_name_each_other(files: Files) -> None:
    report = files.load(UNITS, PEOPLE)
    assert (report.units, report.people) == (ImportCounts(created=3), ImportCounts(created=2))
    unit = resolve_unit(files.session, "vu vien thong")
    assert unit.head_id == resolve_person(files.session, "le.thi.d").id


def test_either_file_alone_works_when_the_other_side_is_there(files: Files) -> None:
    files.load(UNITS, PEOPLE)
    assert files.load(units="code,phone\nCTY-H,08 1234\n").units == ImportCounts(updated=1)
    assert files.load(people="code,title\ntran.van.b,Giám đốc\n").people == ImportCounts(updated=1)
    assert resolve_unit(files.session, "CTY-H").name == "Công ty CTY-H"


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_excel_csv_with_byte_order_mark_and_its_separators(files: Files, separator: str) -> None:
    content = separator.join(("kind", "name", "code")) + "\r\n" + separator.join(("other", "Đơn vị Ữ", "U1")) + "\r\n"
    assert files.load(units=b"\xef\xbb\xbf" + content.encode()).units.created == 1


def test_xlsx_reads_like_csv(tmp_path: Path, session: Session) -> None:
    book = openpyxl.Workbook()
    for row in (["code", "name", "kind", "phone", "is_active"], ["U1", "Đơn vị một", "other", 812345, True]):
        book.active.append(row)
    book.save(tmp_path / "units.xlsx")
    import_register(session, open_register(units=tmp_path / "units.xlsx"), now=NOW)
    assert (resolve_unit(session, "U1").phone, resolve_unit(session, "U1").is_active) == ("812345", True)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le"])
def test_utf16_is_refused_with_what_to_do(files: Files, encoding: str) -> None:
    with pytest.raises(BadInput, match=r"row 1 .*UTF-16.*CSV UTF-8"):
        files.load(units=UNITS.encode(encoding))


def test_windows_1258_is_refused_at_its_byte_and_row(files: Files) -> None:
    content = b"code,name,kind\nU0,Ban,other\nU1,Vi\xean,other\n"
    position = content.index(b"\xea")
    with pytest.raises(BadInput, match=rf"byte {position}, row 3 .*CSV UTF-8"):
        files.load(units=content)


def test_missing_file_wrong_ending_and_broken_workbook_are_told(files: Files) -> None:
    with pytest.raises(NotFound):
        open_register(units=files.folder / "none.csv")
    for name in ("units.txt", "units.xlsx", "units.csv"):
        with pytest.raises(BadInput, match=name):
            open_register(units=files.write(name, ""))


def test_unknown_and_missing_columns_are_told_with_the_right_name(files: Files) -> None:
    assert files.faults("code,name,kind,emial\nU1,A,other,\n") == [
        "units.csv, row 1: unknown column emial; expected email"
    ]
    assert files.faults(None, "full_name\nA\n") == ["people.csv, row 1: column Code (code) is missing"]
    (told,) = files.faults("Mã,Tên đơn vị,Loại,Địa chỉ thư điện\nU1,A,Bộ,\n")
    assert told == "units.csv, row 1: unknown column Địa chỉ thư điện; expected Địa chỉ thư điện tử"


@pytest.mark.parametrize("table", TABLES)
def test_each_column_is_found_by_each_of_its_names(table: str) -> None:
    model = TABLES[table][0]
    find = column_finder(model)
    for column, words in column_words(model).items():
        for name in (column, column.upper(), *(translate(words, language) for language in LANGUAGES)):
            for heading in (name, f" {name} ", f"{name} (*)", f"{name}:", without_marks(name)):
                assert find(heading) == column, heading
    assert find("STT") == find("Số TT") == "" and find("Màu sắc") is None


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_kind_is_read_by_its_name_on_screen(files: Files, language: str) -> None:
    kinds = {f"K{place}": kind for place, kind in enumerate(UnitKind)}
    rows = "".join(f"{code},Đơn vị {code},{translate(kind.label, language)}\n" for code, kind in kinds.items())
    files.load(f"Mã,Tên đơn vị,Loại\n{rows}")
    assert {code: resolve_unit(files.session, code).kind for code in kinds} == kinds
    outside = [code for code in kinds if resolve_unit(files.session, code).is_outside]
    assert [kinds[code] for code in outside] == [UnitKind.POLICE], "by whatever name: no letter goes there by itself"


def test_every_fault_is_told_with_row_and_column(files: Files) -> None:
    people = (
        "code,full_name,email,language,roles,is_active\n"
        "a,,a@x.example,vi,,\n"
        "b,B,b at x,fr,boss@VU-VT,maybe\n"
        "c c,C,c@x.example,vi,,yes,more\n"
    )
    told = files.faults(None, people)
    expected = ("row 2, column full_name", "row 3, column email", "row 3, column language", "row 3, column roles")
    assert all(any(part in fault for fault in told) for part in (*expected, "row 3, column is_active", "row 4:"))
    assert len(told) == 6


@pytest.mark.parametrize("cell", ['"A\nBcc: x@y.example"', '"A\r\n"', '"A\n"', "A\u202eB", "A\ufffd"])
@pytest.mark.parametrize("column", ["full_name", "email"])
def test_line_breaks_and_invisible_characters_never_reach_a_mail_header(files: Files, column: str, cell: str) -> None:
    told = files.faults(None, f"code,{column}\na,{cell}\n")
    assert any(f"column {column}" in fault for fault in told)


def test_nothing_is_written_when_one_row_is_wrong(files: Files, session: Session) -> None:
    files.faults(UNITS + "X,Đơn vị X,no_such_kind,,,,,\n", PEOPLE)
    assert count(session, Unit) == count(session, Person) == 0


def test_unknown_references_are_told_with_near_codes(files: Files) -> None:
    told = files.faults(UNITS.replace("BO,,le.thi.d", "BOO,,le.thi.dd"), PEOPLE.replace("clerk@VU-VT", "clerk@VU-VX"))
    assert any("no unit BOO (BO?)" in fault for fault in told)
    assert any("no person le.thi.dd (le.thi.d?" in fault for fault in told)
    assert any("column roles: there is no unit VU-VX (VU-VT?)" in fault for fault in told)


@pytest.mark.parametrize("column", ["parent", "supervising_unit"])
def test_circular_units_are_told_with_the_circle_once(files: Files, column: str) -> None:
    told = files.faults(f"code,name,kind,{column}\nA,A,other,B\nB,B,other,C\nC,C,other,A\nD,D,other,A\n")
    assert len(told) == 1 and "A → B → C → A" in told[0]
    assert "A → A" in files.faults(f"code,name,kind,{column}\nA,A,other,A\n")[0]


def test_circle_closed_by_a_later_import_is_told(files: Files) -> None:
    files.load("code,name,kind,parent\nA,A,other,B\nB,B,other,\n")
    assert "closes the circle" in files.faults("code,parent\nB,A\n")[0]


def test_an_alias_means_one_unit_only(files: Files) -> None:
    base = "code,name,kind,aliases\nA,Vụ Một,other,Vụ Chung\n"
    assert "already a name of unit" in files.faults(base + "B,Vụ Hai,other,vu chung\n")[0]
    assert "already a name of unit A" in files.faults(base + "B,Vụ Hai,other,VỤ MỘT\n")[0]
    files.load(base)
    assert "already a name of unit A" in files.faults("code,name,kind,aliases\nB,Vụ Hai,other,Vụ chung\n")[0]


def test_an_alias_may_move_from_one_unit_to_another(files: Files) -> None:
    files.load("code,name,kind,aliases\nA,Một,other,Chung\nB,Hai,other,\n")
    files.load("code,aliases\nB,Chung\nA,\n")
    assert resolve_unit(files.session, "chung").code == "B"


def test_same_code_twice_or_only_in_other_capitals_is_told(files: Files) -> None:
    assert "is in row 2 already" in files.faults("code,name,kind\nA,Một,other\nA,Hai,other\n")[0]
    assert "only in capitals" in files.faults("code,name,kind\nAB,Một,other\nab,Hai,other\n")[0]


def test_police_are_outside_even_when_nobody_says_so(files: Files) -> None:
    files.load("code,name,kind\nCA,Công an,police\n")
    assert resolve_unit(files.session, "CA").is_outside
    assert "outside contacts" in files.faults("code,name,kind,is_outside\nCB,Công an B,police,no\n")[0]


def test_missing_head_or_address_is_a_warning(files: Files) -> None:
    report = files.load(UNITS.replace("tran.van.b", ""), PEOPLE.replace("d@mpt.example", ""))
    assert [str(warning) for warning in report.warnings] == [
        "unit VU-VT: its head le.thi.d has no e-mail address",
        "unit CTY-H has no head: it can be given no duty",
    ]


def test_a_retired_person_cannot_head_a_unit(files: Files) -> None:
    files.load(UNITS, PEOPLE)
    assert "cannot head VU-VT" in files.faults(None, "code,is_active\nle.thi.d,no\n")[0]


@pytest.mark.parametrize("domain", ["vu-vt.local", "mail.test", "bo.gov.vn"])
def test_an_address_within_an_offices_own_network_is_taken(files: Files, session: Session, domain: str) -> None:
    files.load(UNITS, PEOPLE)
    files.load(people=f"code,email\nle.thi.d,d@{domain}\n")
    assert resolve_person(session, "le.thi.d").email == f"d@{domain}"
    assert address_fault(f"d@{domain}") is None


@pytest.mark.parametrize("domain", ["localhost", "x.invalid", "x.onion", "1.2.3.4"])
def test_an_address_of_nowhere_is_refused(files: Files, domain: str) -> None:
    files.load(UNITS, PEOPLE)
    assert "is not an e-mail address" in files.faults(None, f"code,email\nle.thi.d,d@{domain}\n")[0]


def test_a_corrected_address_may_be_written_to_again(files: Files, session: Session) -> None:
    files.load(UNITS, PEOPLE)
    for person in session.exec(select(Person)):
        person.email_refused_at = NOW
    session.flush()
    files.load(people="code,email\nle.thi.d,moi@mpt.example\ntran.van.b,b@cty-h.example\n")
    assert resolve_person(session, "le.thi.d").email_refused_at is None
    assert resolve_person(session, "tran.van.b").email_refused_at == NOW


def test_an_imported_change_of_head_is_a_handover(files: Files, session: Session) -> None:
    files.load(UNITS, PEOPLE)
    files.load("code,head\nCTY-H,ngo.c\n", "code,full_name,unit,email\nngo.c,Ngô C,CTY-H,c@cty-h.example\n")
    handover = session.exec(select(Handover)).one()
    assert (handover.office, handover.to_person_id) == ("head", resolve_person(session, "ngo.c").id)


def test_absences_are_imported_and_checked(files: Files) -> None:
    files.load(UNITS, PEOPLE + "ngo.c,Ngô C,Ông,CTY-H,c@cty-h.example,\n")
    head = "person,stand_in,starts_on,ends_on,reason\n"
    one = head + "tran.van.b,ngo.c,01/05/2004,2004-05-31,công tác\n"
    assert files.load(absences=one).absences == ImportCounts(created=1)
    assert files.load(absences=one).absences == ImportCounts(unchanged=1)
    assert "absent already" in files.faults(None, None, head + "tran.van.b,le.thi.d,2004-05-20,2004-06-01,\n")[0]
    assert "absent too" in files.faults(None, None, head + "ngo.c,le.thi.d,2004-05-20,2004-06-01,\n")[0]
    assert "before starts_on" in files.faults(None, None, head + "ngo.c,le.thi.d,2004-07-02,2004-07-01,\n")[0]
    assert "not a date" in files.faults(None, None, head + "ngo.c,le.thi.d,31/02/2004,2004-07-01,\n")[0]


def test_a_failed_import_leaves_no_trace_in_its_transaction(engine: Engine, tmp_path: Path) -> None:
    path = tmp_path / "units.csv"
    path.write_text(UNITS.replace("le.thi.d", "nobody"), encoding="utf-8")
    with pytest.raises(BadRows), transaction(engine) as session:
        import_register(session, open_register(units=path), now=NOW)
    with transaction(engine) as session:
        assert count(session, Unit) == 0
