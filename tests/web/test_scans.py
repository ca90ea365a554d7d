"""A scan is sent in, read in the background, and compared with its pictures before a duty is confirmed."""

import re
from datetime import timedelta

import pytest
from httpx import Response
from PIL import Image
from sqlmodel import select

from models.database.session import reading, transaction
from models.intake.intake import FileRole, Intake, IntakeFile, ProposedDuty
from models.operations.background_job import BackgroundJob, BackgroundJobState
from models.organization.register_reads import resolve_person
from models.organization.unit import Unit
from tests.intake.files.scanned import as_scanned, letterhead, pages_of, saved
from tests.page import Page
from tests.review.taken_in import scan
from tests.web.forms import fill, press
from tests.web.site import Office, Reader
from workflows.intake.read import read
from workflows.intake.review.store_reading import draft_of, store_reading
from workflows.jobs.cleanup.purge import delete_left_files, purge
from workflows.jobs.run_background_jobs import run_background_jobs

pytestmark = pytest.mark.long

COORDINATOR, HEAD = "le.thi.c", "nguyen.thanh.tung"
BODY = (
    "Bộ trưởng yêu cầu các đơn vị thực hiện các nhiệm vụ sau:\n\n1. Vụ Viễn thông xây dựng kế hoạch, trình Bộ trưởng "
    "trước ngày 25/12/2026.\n\n2. Văn phòng tổng hợp, báo cáo Bộ trưởng."
)


def send_in(office: Office, data: bytes) -> tuple[Reader, str]:
    """The coordinator's browser, and where it is led to."""
    reader = office.sign_in(COORDINATOR)
    answer = reader.send("/intake?lang=en", "/intake", files={"file": ("quet.pdf", data, "x/y")}, unit="VU-VT")
    assert answer.status_code == 303, answer.text
    return reader, answer.headers["location"]


@pytest.mark.usefixtures("tesseract")
def test_a_scan_is_read_in_the_background_and_shown_beside_its_picture(office: Office) -> None:
    page = as_scanned(pages_of(letterhead() + BODY)[0])
    reader, job = send_in(office, saved([page], "PDF"))
    waiting = reader.get(job).text
    assert "Reading of the scan quet.pdf" in waiting and "waiting to begin" in waiting.lower()
    assert "quet.pdf" in reader.get("/intake").text
    assert office.sign_in(HEAD).get(job).status_code == 404
    with reading(office.engine) as session:
        assert session.exec(select(Intake)).first() is None
    assert run_background_jobs(office.engine, office.settings, now=office.now)["background_jobs_failed"] == 0
    answer = reader.get(job)
    review = answer.headers["location"]
    assert answer.status_code == 303 and re.fullmatch(r"/intake/[0-9a-f]{32}", review)
    with reading(office.engine) as session:
        intake = session.exec(select(Intake)).one()
        roles = {one.role: one.filename for one in session.exec(select(IntakeFile))}
        paths = [one.path for one in session.exec(select(ProposedDuty))]
    assert roles == {FileRole.ORIGINAL: "quet.pdf", FileRole.SEARCHABLE: "quet-ocr.pdf"}
    assert {"1", "2"} <= set(paths) and intake.scan["pages"] == 1
    at = intake.text.index("25/12/2026")
    address = f"{review}/line?begins={at}&ends={at + 10}"
    picture = reader.get(address)
    assert picture.headers["content-type"] == "image/png"
    assert "private" in picture.headers["cache-control"]
    assert _shape(picture.content)[0] > 4 * _shape(picture.content)[1] > 0  # a line, not the page
    assert office.sign_in(HEAD).get(address).status_code in (403, 404)
    assert reader.get(f"{review}/line?begins=900000&ends=900001").status_code == 404
    assert reader.get(f"{review}/line?begins=-1&ends=5").status_code in (404, 422)
    assert "đã đọc xong" in reader.get("/?lang=vi").text and "quet.pdf" not in office.sign_in(HEAD).get("/").text
    assert "quet.pdf" not in re.sub(r"(?s)<h2>Under review.*", "", reader.get("/intake?lang=en").text)


def _shape(png: bytes) -> tuple[int, int]:
    return int.from_bytes(png[16:20]), int.from_bytes(png[20:24])


def test_without_tesseract_the_page_says_what_to_install(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    reader = office.sign_in(COORDINATOR)
    data = saved([Image.new("L", (400, 566), 255)], "PDF")
    answer = reader.send("/intake?lang=en", "/intake", files={"file": ("quet.pdf", data, "x/y")}, unit="VU-VT")
    assert answer.status_code == 422 and "apt-get install --no-install-recommends tesseract-ocr" in answer.text
    with reading(office.engine) as session:
        assert session.exec(select(BackgroundJob)).first() is None


@pytest.mark.usefixtures("tesseract")
def test_a_scan_that_cannot_be_read_is_tried_again_without_being_sent_again(office: Office) -> None:
    reader, job = send_in(office, saved([Image.new("L", (800, 1131), 255)], "PDF"))
    for _again in range(2):
        run_background_jobs(office.engine, office.settings, now=office.now)
        page = reader.get(f"{job}?lang=en").text
        assert "It could not be read" in page and "các trang đều trắng" in page.lower()
        assert "các trang đều trắng" in reader.get("/intake").text.lower()
        assert "The scan quet.pdf could not be read" in reader.get("/?lang=en").text
        assert press(reader, fill(reader, job, "resume")).headers["location"] == job
        with reading(office.engine) as session:
            assert session.exec(select(BackgroundJob)).one().state is BackgroundJobState.QUEUED
            assert session.exec(select(Intake)).first() is None
    run_background_jobs(office.engine, office.settings, now=office.now)
    years_later = office.now + timedelta(days=3650)
    assert delete_left_files(office.engine, office.settings.evidence, now=years_later) == 0
    assert purge(office.engine, office.settings, now=years_later).files == 1


def test_an_unclear_date_is_confirmed_only_after_one_press(office: Office) -> None:
    text = "CHỈ THỊ\nVề việc báo cáo\n\n1. Vụ Viễn thông báo cáo Bộ trưởng trước ngày 25/12/2026."
    reader = office.sign_in(COORDINATOR)
    with transaction(office.engine) as session:
        intake = store_reading(
            session,
            draft_of(text, read(text), scan("25/12/2026", text=text)),
            filename="quet.pdf",
            unit_id=session.exec(select(Unit.id).where(Unit.code == "VU-VT")).one(),
            person_id=resolve_person(session, COORDINATOR).id,
            now=office.now,
        )
        review = f"/intake/{intake.id.hex}"
    page = reader.get(f"{review}?lang=en").text
    assert "unclear in the scan: 25/12/2026" in page and f'<img src="{review}/line?begins=' in page
    assert 'data-key="c"' in page
    refused = press(reader, fill(reader, review, "confirm", "/duties/"))
    assert refused.status_code == 422 and "compare each with its picture" in refused.text
    assert press(reader, fill(reader, review, "see")).status_code == 303
    assert "unclear in the scan" not in reader.get(f"{review}?lang=en").text
    assert press(reader, fill(reader, review, "confirm", "/duties/")).status_code == 303
    with reading(office.engine) as session:
        assert session.exec(select(ProposedDuty)).one().state == "confirmed"


def test_number_and_date_are_typed_beside_the_picture_of_their_line(office: Office) -> None:
    text = (
        "BỘ BƯU CHÍNH, VIỄN THÔNG\n\nSố: Ổ /CL-RCT\n\nHà Nội, ngày 1 tháng 1 năm 2026\n\n"
        "CHỈ THỊ\nVề việc báo cáo\n\n1. Giao."
    )
    reader = office.sign_in(COORDINATOR)
    with transaction(office.engine) as session:
        intake = store_reading(
            session,
            draft_of(text, read(text), scan("Ổ", "1 tháng 1", text=text)),
            filename="quet.pdf",
            unit_id=session.exec(select(Unit.id).where(Unit.code == "VU-VT")).one(),
            person_id=resolve_person(session, COORDINATOR).id,
            now=office.now,
        )
        review, intake_id = f"/intake/{intake.id.hex}", intake.id

    def compare(field: str, value: str) -> Response:
        forms = Page(reader.get(review).text).forms(f'form[action="{review}"]')
        (form,) = [one for one in forms if one.does("see") and field in one.fields]
        return press(reader, (f"{review}?lang=en", form.hidden), **{field: value})

    wrong = compare("issued_on", "2027-01-01")
    assert wrong.status_code == 422 and "cannot be dated after today" in wrong.text, re.findall(
        r"role=.alert.*?</div>", wrong.text, re.S
    )
    assert compare("number", "06/CT-BCT").status_code == compare("issued_on", "2026-01-11").status_code == 303
    assert "unclear in the scan" not in reader.get(f"{review}?lang=en").text
    with reading(office.engine) as session:
        there = session.get_one(Intake, intake_id)
    assert (there.number, str(there.issued_on)) == ("06/CT-BCT", "2026-01-11")
