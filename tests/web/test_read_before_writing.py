"""A document is read before anything is written, by whatever way it comes: who writes meanwhile does not wait."""

import sqlite3
from base64 import b64encode
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import select

from models.database.session import reading, transaction
from models.intake.intake import Intake
from models.organization.register_reads import resolve_person, resolve_unit
from models.settings import EdxmlSettings
from models.text.localtime import local_date
from tests.edxml.messages import OWN, sample
from tests.page import Page
from tests.web.api.programs import Make
from tests.web.site import Office
from workflows.access.rights import read_principal
from workflows.exchange.watch_folder import take_folder
from workflows.intake import read_scans
from workflows.intake.read_apart import read_apart
from workflows.intake.read_scans import ask_scan
from workflows.intake.review import store_reading
from workflows.intake.tables import store_table
from workflows.intake.text.reading import ReadingReason, Span, TextFinding
from workflows.jobs.run_background_jobs import run_background_jobs
from workflows.organization.register.spreadsheet import import_register, sheet
from workflows.organization.working_calendar import load_calendar

COORDINATOR, ADMINISTRATOR = "le.thi.c", "dang.thu.thuy"
DOCUMENT = "CHỈ THỊ\nVề việc báo cáo\n\n1. Vụ Viễn thông báo cáo Bộ trưởng."


def paste(office: Office, _program: Make) -> None:
    answer = office.sign_in(COORDINATOR).send("/intake", pasted=DOCUMENT, unit="VU-VT")
    assert answer.status_code == 303


def upload(office: Office, _program: Make) -> None:
    files = {"file": ("ct.txt", DOCUMENT.encode(), "text/plain")}
    assert office.sign_in(COORDINATOR).send("/intake", files=files, unit="VU-VT").status_code == 303


def upload_message(office: Office, _program: Make) -> None:
    files = {"file": ("m.edxml", sample(), "application/xml")}
    assert office.sign_in(COORDINATOR).send("/intake", files=files, unit="VU-VT").status_code == 303


def call(_office: Office, program: Make) -> None:
    headers = {"content-type": "application/xml"}
    answer = program(COORDINATOR).ask("POST", "/edxml/messages?unit=VU-VT", content=sample(), headers=headers)
    assert answer.status_code == 200, answer.text


def drop_into_folder(office: Office, _program: Make) -> None:
    folder = office.settings.edxml_folder / "in"
    folder.mkdir(parents=True)
    (folder / "m.edxml").write_bytes(sample())
    with reading(office.engine) as session:
        calendar = load_calendar(session)
    taken = [take_folder(office.engine, office.settings, now=office.now, calendar=calendar) for _look in range(2)]
    assert taken == [0, 1]


def scan(office: Office, _program: Make) -> None:
    with transaction(office.engine) as session:
        principal = read_principal(session, resolve_person(session, COORDINATOR), local_date(office.now))
        unit_id = resolve_unit(session, "VU-VT").id
        ask_scan(
            session, office.settings, principal, name="a.pdf", content=b"%PDF-1.4", unit_id=unit_id, now=office.now
        )
    done = run_background_jobs(office.engine, office.settings, now=office.now + timedelta(seconds=1))
    assert (done["background_jobs"], done["background_jobs_failed"]) == (1, 0)


WAYS = (paste, upload, upload_message, call, drop_into_folder, scan)


@pytest.fixture
def free(office: Office) -> Callable[[], None]:
    """Begins to write in the site's database, and fails where that would wait."""

    def write() -> None:
        other = sqlite3.connect(office.settings.data / "test.sqlite", timeout=0, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        other.execute("ROLLBACK")
        other.close()

    return write


@pytest.mark.parametrize("come_in", WAYS, ids=[one.__name__ for one in WAYS])
def test_nobody_waits_to_write_while_a_document_is_read(
    office: Office,
    program: Make,
    free: Callable[[], None],
    monkeypatch: pytest.MonkeyPatch,
    come_in: Callable[[Office, Make], None],
) -> None:
    office.settings.edxml = EdxmlSettings(organ_id=OWN, organ_name="Sở Mẫu A", received_by=COORDINATOR, unit="VU-VT")
    read: list[str] = []
    draft_of = store_reading.draft_of

    def watch_reading(*given: Any) -> Any:
        free()
        read.append("reading")
        return read_apart(*given)

    def watch_draft(*given: Any) -> Any:
        free()
        read.append("draft")
        return draft_of(*given)

    monkeypatch.setattr(store_reading, "read_apart", watch_reading)
    monkeypatch.setattr(store_reading, "draft_of", watch_draft)
    monkeypatch.setattr(read_scans, "read_whole", lambda *_given: DOCUMENT)
    come_in(office, program)
    assert read == ["reading", "draft"]
    with reading(office.engine) as session:
        assert len(session.exec(select(Intake)).all()) == 1


def test_nobody_waits_to_write_while_a_table_is_read(
    office: Office, free: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[bool] = []
    read_cells = store_table._read_cells

    def watch(*given: Any) -> Any:
        free()
        read.append(True)
        return read_cells(*given)

    monkeypatch.setattr(store_table, "_read_cells", watch)
    files = {"file": ("a.csv", "TT;Công việc;Chủ trì;Hạn\n1;Rà soát;T-DD;\n".encode(), "text/csv")}
    answer = office.sign_in(COORDINATOR).send("/intake/tables", files=files, unit="VU-VT")
    assert answer.status_code == 303 and read


UNITS = "code,name,kind\nCTY-M,Công ty Mới,enterprise\n"


def confirm_files(office: Office, _program: Make) -> None:
    administrator = office.sign_in(ADMINISTRATOR)
    sent = administrator.send("/admin/register", files={"units": ("don-vi.csv", UNITS.encode(), "text/csv")})
    page = sent.headers["location"]
    seen = Page(administrator.get(page).text).value("seen")
    assert administrator.send(page, seen=seen).status_code == 303


def call_with_files(_office: Office, program: Make) -> None:
    files = {"units": {"name": "units.csv", "content": b64encode(UNITS.encode()).decode()}}
    assert program(ADMINISTRATOR).post("/register/import", {"files": files}).json()["written"]


@pytest.mark.parametrize("come_in", [confirm_files, call_with_files], ids=lambda come_in: str(come_in.__name__))
def test_nobody_waits_to_write_while_the_register_is_read(
    office: Office,
    program: Make,
    free: Callable[[], None],
    monkeypatch: pytest.MonkeyPatch,
    come_in: Callable[[Office, Make], None],
) -> None:
    read = sheet.read_sheet

    def watch(*given: Any) -> Any:
        free()
        return read(*given)

    monkeypatch.setattr(import_register, "read_sheet", watch)
    come_in(office, program)
    with reading(office.engine) as session:
        assert resolve_unit(session, "CTY-M").name == "Công ty Mới"


def test_what_was_left_unread_is_named_in_the_review(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    text = DOCUMENT + "\n2. Văn phòng tổng hợp.\n"
    at = text.index("2.")

    def stop_early(name: str, given: str, by: Any = None) -> Any:
        unread = TextFinding("2. Văn phòng tổng hợp.", Span(at, len(text)), 1.0, ReadingReason.NOT_REACHED)
        return replace(read_apart(name, given[:at], by), unread=(unread,))

    monkeypatch.setattr(store_reading, "read_apart", stop_early)
    reader = office.sign_in(COORDINATOR)
    page = reader.follow(reader.send("/intake", pasted=text, unit="VU-VT"))
    page = reader.get(f"{page.url.path}?lang=en")
    note = page.text.partition('id="left-unread"')[2].partition("</div>")[0]
    assert "Line 5: “2. Văn phòng tổng hợp.”" in note
    assert "from here on nothing was read" in note and "look at these passages yourself" in note
