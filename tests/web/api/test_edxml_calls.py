"""Programs send messages of the document exchange in, and fetch those that wait."""

from datetime import date

import pytest
from sqlmodel import select

from models.database.session import reading
from models.exchange.edxml import CameBy, IncomingMessage
from models.settings import EdxmlSettings
from models.text.localtime import at_local
from tests.edxml.messages import OWN, sample, with_file
from tests.intake.files.scanned import as_scanned, letterhead, pages_of, saved
from tests.web.api.programs import Make
from tests.web.edxml_messages import COORDINATOR, send_in
from tests.web.site import Office
from workflows.exchange.due_statuses import write_statuses
from workflows.exchange.message import read_message
from workflows.jobs.run_background_jobs import run_background_jobs

pytestmark = pytest.mark.long

BODY = "1. Vụ Viễn thông xây dựng kế hoạch, trình Bộ trưởng trước ngày 25/12/2026."


@pytest.fixture
def exchange(office: Office) -> Office:
    """The site of a member of the exchange whose messages programs fetch."""
    office.settings.edxml = EdxmlSettings(organ_id=OWN, organ_name="Sở Mẫu A", hand_over="api")
    return office


def test_a_program_sends_a_message_raw_or_in_a_form_and_gets_the_same_answer(exchange: Office, program: Make) -> None:
    mine = program(COORDINATOR)
    raw = {"headers": {"content-type": "application/xml"}}
    first = mine.ask("POST", "/edxml/messages?unit=VU-VT", content=sample(), **raw)
    assert first.status_code == 200, first.text
    told = first.json()
    assert told["kind"] == "new" and told["duties"] == 2 and told["page"].startswith("/intake/")
    again = mine.ask("POST", "/edxml/messages?unit=VU-VT", files={"file": ("a.edxml", sample(), "text/xml")})
    assert again.status_code == 200 and again.json() == told
    with reading(exchange.engine) as session:
        (message,) = session.exec(select(IncomingMessage)).all()
    assert message.came_by is CameBy.API
    bad = mine.ask("POST", "/edxml/messages?unit=VU-VT", content=b"<a/>", **raw)
    assert bad.status_code == 422 and "edXML" in bad.json()["detail"]
    other = mine.ask("POST", "/edxml/messages?unit=VU-PC", content=sample("kieu-dotnet.edxml"), **raw)
    assert other.status_code == 422
    unknown_one = sample("trang-thai-02.edxml").replace(b"05/CT", b"9/CT")
    unknown = mine.ask("POST", "/edxml/messages?unit=VU-VT", content=unknown_one, **raw)
    assert unknown.status_code == 409


def test_a_program_fetches_what_waits_and_marks_it_taken(exchange: Office, program: Make) -> None:
    send_in(exchange)
    write_statuses(exchange.engine, exchange.settings, now=at_local(date(2026, 11, 3)))
    mine = program(COORDINATOR)
    (waiting,) = mine.get("/edxml/outgoing").json()
    assert waiting["code"] == "01" and waiting["name"].endswith(".edxml")
    file = mine.get(f"/edxml/outgoing/{waiting['id']}")
    assert file.status_code == 200 and read_message("a.edxml", file.content).code == "01"
    for _time in range(2):
        assert mine.post(f"/edxml/outgoing/{waiting['id']}/taken").status_code == 200
    assert mine.get("/edxml/outgoing").json() == []
    exchange.settings.edxml = EdxmlSettings(organ_id=OWN, organ_name="Sở", hand_over="folder")
    send_in(exchange, sample("kieu-dotnet.edxml"))
    write_statuses(exchange.engine, exchange.settings, now=at_local(date(2026, 11, 3)))
    (waiting,) = mine.get("/edxml/outgoing").json()
    assert mine.post(f"/edxml/outgoing/{waiting['id']}/taken").status_code == 409
    assert program("nguyen.thanh.tung").get(f"/edxml/outgoing/{waiting['id']}").status_code in (403, 404)


@pytest.mark.usefixtures("tesseract")
def test_a_message_whose_document_is_a_scan_leads_to_its_reading_then_to_its_review(
    office: Office, program: Make
) -> None:
    data = with_file(saved([as_scanned(pages_of(letterhead() + BODY)[0])], "PDF"), name="quet.pdf")
    reader = office.sign_in(COORDINATOR)

    def send() -> str:
        sent = {"file": ("m.edxml", data, "application/xml")}
        answer = reader.send("/intake?lang=en", "/intake", files=sent, unit="VU-VT")
        assert answer.status_code == 303, answer.text
        return answer.headers["location"]

    job = send()
    assert job.startswith("/background-jobs/") and send() == job
    caller = program(COORDINATOR)
    queued = caller.ask("POST", "/edxml/messages?unit=VU-VT", content=data)
    assert queued.status_code == 202 and queued.json()["page"] == job
    assert run_background_jobs(office.engine, office.settings, now=office.now)["background_jobs_failed"] == 0
    review = send()
    assert reader.get(job).headers["location"] == review and "05/CT-UBND" in reader.get(review).text
    taken = caller.ask("POST", "/edxml/messages?unit=VU-VT", content=data)
    assert taken.status_code == 200 and taken.json()["page"] == review
