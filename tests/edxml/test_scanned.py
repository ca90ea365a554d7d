"""A message whose document is a scan is read in the background, and comes in once with what the message says."""

import pytest
from PIL import Image
from sqlmodel import Session, select

from models.database.session import reading, transaction
from models.errors import Refused
from models.exchange.edxml import CameBy, IncomingMessage
from models.intake.intake import FileRole, Intake, IntakeFile, ProposedDuty
from models.operations.background_job import BackgroundJob, BackgroundJobState
from tests.edxml.messages import with_file
from tests.edxml.taking import NOW, taking
from tests.edxml.watched_folder import lies, look, put
from tests.intake.files.scanned import as_scanned, letterhead, pages_of, saved
from tests.office import Office
from workflows.exchange.keep_message import find_taken, open_message, queue_reading
from workflows.jobs.run_background_jobs import run_background_jobs

pytestmark = pytest.mark.long

BODY = "1. Vụ Viễn thông xây dựng kế hoạch, trình Bộ trưởng trước ngày 25/12/2026.\n\n2. Văn phòng tổng hợp, báo cáo."


def scanned_message(name: str = "chi-thi.pdf") -> bytes:
    page = as_scanned(pages_of(letterhead() + BODY)[0])
    return with_file(saved([page], "PDF"), name=name, media_type="application/pdf")


def run(office: Office) -> int:
    return run_background_jobs(office.engine, office.settings, now=NOW)["background_jobs_failed"]


def queue(session: Session, office: Office, data: bytes) -> BackgroundJob:
    return queue_reading(session, open_message("m.edxml", data), taking(session, office.settings.evidence))


@pytest.mark.usefixtures("tesseract")
def test_a_scan_in_a_message_is_read_and_keeps_what_the_message_says(office: Office) -> None:
    data = scanned_message()
    with transaction(office.engine) as session:
        first = queue(session, office, data).id
    with transaction(office.engine) as session:
        assert queue(session, office, data).id == first  # sent again while it waits
    assert run(office) == 0
    with reading(office.engine) as session:
        intake = session.exec(select(Intake)).one()
        message = session.exec(select(IncomingMessage)).one()
        roles = {one.role: one.filename for one in session.exec(select(IntakeFile)) if one.role != FileRole.ATTACHMENT}
        paths = {one.path for one in session.exec(select(ProposedDuty))}
        job = session.get_one(BackgroundJob, first)
        assert find_taken(session, open_message("m.edxml", data).message) is not None
    assert (job.state, job.outcome) == (BackgroundJobState.DONE, {"intake": intake.id.hex})
    assert (intake.number, intake.filename, message.intake_id) == ("05/CT-UBND", "chi-thi.pdf", intake.id)
    assert intake.scan["pages"] == 1 and {"1", "2"} <= paths and message.came_by is CameBy.PAGE
    assert roles == {FileRole.ORIGINAL: "chi-thi.pdf", FileRole.SEARCHABLE: "chi-thi-ocr.pdf"}


@pytest.mark.usefixtures("tesseract")
def test_a_folders_scan_waits_as_a_job_and_comes_in_once(watched: Office) -> None:
    data = scanned_message()
    put(watched, "a.edxml", data)
    assert look(watched) + look(watched) == 1 and lies(watched, "done") == ["a.edxml"]
    put(watched, "b.edxml", data)  # delivered twice before it is read
    assert look(watched) + look(watched) == 1
    assert run(watched) == 0
    put(watched, "c.edxml", data)  # and once more after
    assert look(watched) + look(watched) == 1 and lies(watched, "failed") == []
    with reading(watched.engine) as session:
        assert session.exec(select(IncomingMessage)).one().came_by is CameBy.FOLDER
        assert len(session.exec(select(Intake)).all()) == len(session.exec(select(BackgroundJob)).all()) == 1


@pytest.mark.parametrize("state", [BackgroundJobState.CANCELLED, BackgroundJobState.FAILED])
def test_a_message_whose_reading_ended_without_it_is_read_when_it_is_sent_again(
    watched: Office, state: BackgroundJobState
) -> None:
    data = scanned_message()
    put(watched, "a.edxml", data)
    assert look(watched) + look(watched) == 1
    with transaction(watched.engine) as session:
        session.exec(select(BackgroundJob)).one().state = state
    put(watched, "b.edxml", data)
    assert look(watched) + look(watched) == 1
    with reading(watched.engine) as session:
        states = [job.state for job in session.exec(select(BackgroundJob))]
    assert sorted(states) == sorted([state, BackgroundJobState.QUEUED])


@pytest.mark.usefixtures("tesseract")
def test_a_blank_scan_in_a_message_fails_with_its_reason_and_leaves_nothing(office: Office) -> None:
    blank = saved([Image.new("L", (800, 1131), 255)], "PDF")
    with transaction(office.engine) as session:
        queue(session, office, with_file(blank, name="trang.pdf", media_type="application/pdf"))
    assert run(office) == 1
    with reading(office.engine) as session:
        assert "các trang đều trắng" in session.exec(select(BackgroundJob)).one().error.lower()
        assert session.exec(select(IncomingMessage)).first() is None and session.exec(select(Intake)).first() is None


@pytest.mark.usefixtures("tesseract")
def test_other_content_under_the_same_id_is_refused(office: Office) -> None:
    other = scanned_message("khac.pdf")
    with transaction(office.engine) as session:
        queue(session, office, scanned_message())
    assert run(office) == 0
    with transaction(office.engine) as session:
        queue(session, office, other)
    assert run(office) == 1
    with reading(office.engine) as session:
        assert len(session.exec(select(Intake)).all()) == 1
        with pytest.raises(Refused, match="other content"):
            find_taken(session, open_message("m.edxml", other).message)
