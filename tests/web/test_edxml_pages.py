"""Pages and calls of the document exchange: a message sent in, its review, its answers, the papers that go back."""

import re
from datetime import date
from uuid import UUID

import pytest
from sqlmodel import select

from models.database.session import reading, transaction
from models.directives.directive import Directive
from models.exchange.edxml import OutgoingMessage
from models.intake.intake import Intake, IntakeState, ProposalState, ProposedDuty
from models.organization.register_reads import resolve_person
from models.settings import EdxmlSettings
from tests.edxml.messages import OWN, changed, letter, sample, with_file
from tests.page import Page
from tests.web.edxml_messages import COORDINATOR, send_in
from tests.web.site import Office
from workflows.exchange.due_statuses import write_statuses
from workflows.intake.review.confirm_reading import confirm_reading
from workflows.intake.review.correct_reading import decide, settle_times
from workflows.intake.review.store_reading import NO_DATE, proposed_duties

pytestmark = pytest.mark.long


@pytest.fixture
def exchange(office: Office) -> Office:
    """The site of a member of the exchange, in the days of the samples."""
    office.settings.edxml = EdxmlSettings(organ_id=OWN, organ_name="Sở Mẫu A", hand_over="api")
    return office


def words(page: str) -> str:
    return Page(page).words()[0]


def test_a_message_is_shown_with_what_it_says_and_by_whom(exchange: Office) -> None:
    reader, review = send_in(exchange, sample("kieu-dotnet.edxml"))
    shown = words(reader.get(f"{review}?lang=en").text)
    assert "Came by the document exchange (edXML) from UBND tỉnh Mẫu: new document" in shown
    assert "“06/UBND-TH” said by the message" in shown
    assert "05/CT-UBND” follows its label, 99% sure the message says otherwise: please check" in shown
    assert "The message proposes" in shown
    listed = words(reader.get("/intake?lang=en").text)
    assert "edXML: new document" in listed and "From the document exchange: UBND tỉnh Mẫu" in listed


def test_the_same_upload_leads_to_the_same_document(exchange: Office) -> None:
    _reader, first = send_in(exchange)
    reader, second = send_in(exchange, name="again.edxml")
    assert first == second and "had come in before" in words(reader.get(f"{second}?lang=en").text)


def test_a_hostile_upload_says_why_and_keeps_nothing(exchange: Office) -> None:
    reader = exchange.sign_in(COORDINATOR)
    files = {"file": ("m.edxml", changed("<edXML xmlns", "<!DOCTYPE a><edXML xmlns"), "application/xml")}
    answer = reader.send("/intake?lang=en", "/intake", files=files, unit="VU-VT")
    assert answer.status_code == 422 and "declares a document type or entities" in answer.text
    with reading(exchange.engine) as session:
        assert session.exec(select(Intake)).first() is None


def test_the_proposed_deadline_counts_only_when_it_is_taken(exchange: Office) -> None:
    text = letter("UBND TỈNH MẪU", "CHỈ THỊ", "Về việc rà soát", "1. Giao Sở A rà soát hồ sơ.", "2. Giao Sở B lập sổ.")
    reader, review = send_in(exchange, with_file(text))
    with reading(exchange.engine) as session:
        assert [one.deadline for one in session.exec(select(ProposedDuty))] == [{}, {}]
    answer = reader.send(review, do="due", take="yes")
    assert answer.status_code == 303
    with reading(exchange.engine) as session:
        assert {one.deadline["on"] for one in session.exec(select(ProposedDuty))} == {"2026-03-31"}
    assert "proposes" not in words(reader.get(f"{review}?lang=en").text)
    assert reader.send(review, do="due", take="yes").status_code == 409


def test_leaving_the_proposed_deadline_sets_nothing(exchange: Office) -> None:
    reader, review = send_in(exchange, with_file(letter("CHỈ THỊ", "1. Giao Sở A rà soát hồ sơ.")))
    reader.send(review, do="due", take="no")
    with reading(exchange.engine) as session:
        assert [one.deadline for one in session.exec(select(ProposedDuty))] == [{}]
    assert "proposes" not in words(reader.get(f"{review}?lang=en").text)


def test_discarding_asks_for_the_reason_that_the_sender_reads(exchange: Office) -> None:
    reader, review = send_in(exchange)
    page = reader.get(f"{review}?lang=en").text
    (seen,) = {form.hidden["seen"] for form in Page(page).forms() if form.hidden.get("do") == "drop"}
    assert "Reason, which the sender reads" in page
    assert reader.send(review, do="drop", seen=seen).status_code == 422
    assert reader.send(review, do="drop", seen=seen, reason="Gửi nhầm").status_code == 303
    with reading(exchange.engine) as session:
        assert session.exec(select(Intake.state)).one() is IntakeState.DROPPED
        (told,) = session.exec(select(OutgoingMessage)).all()
    assert (told.code, told.words) == ("02", "Gửi nhầm")


def test_a_recall_is_shown_and_answered_by_a_press(exchange: Office) -> None:
    send_in(exchange)
    reader, review = send_in(exchange, sample("thu-hoi.edxml"))
    page = reader.get(f"{review}?lang=en").text
    assert "recall of a document" in words(page) and "is still under review" in words(page)
    (action,) = re.findall(rf'action="({review}/messages/[0-9a-f]+)"', page)
    assert reader.send(review, action, do="decline").status_code == 422
    assert reader.send(review, action, do="decline", reason="Đã giao").status_code == 303
    shown = words(reader.get(f"{review}?lang=en").text)
    assert "Out: declined the change or recall (16)" in shown and "waits for an answer" not in shown
    assert reader.send(review, action, do="agree").status_code == 409


def directive_of(office: Office, review: str) -> str:
    """Makes the document a directive, as the review's forms do; its code."""
    with transaction(office.engine) as session:
        intake = session.get_one(Intake, UUID(review.rpartition("/")[2]))
        person = resolve_person(session, COORDINATOR)
        duties = proposed_duties(session, intake)
        for one in duties:
            settle_times(one, means=NO_DATE, person_id=person.id, now=office.now)
            one.addressees, one.partners = ["TCT-T"], []
        decide(duties, ProposalState.CONFIRMED)
        session.flush()
        return confirm_reading(session, intake, actor=person, now=office.now).code


def test_the_directive_shows_its_messages_and_a_report_goes_back(exchange: Office) -> None:
    reader, review = send_in(exchange)
    code = directive_of(exchange, review)
    write_statuses(exchange.engine, exchange.settings, now=exchange.now)
    page = f"/directives/{code}/text?lang=en"
    shown = words(reader.get(page).text)
    assert "In: new document" in shown and "Out: accepted and registered (03)" in shown and "waiting to leave" in shown
    paper = {"file": ("bao-cao.docx", letter("BÁO CÁO", "Kết quả."), "application/octet-stream")}
    given = {
        "kind": "Báo cáo",
        "number": "120/BC-SMA",
        "issued_on": "2026-03-19",
        "subject": "Kết quả",
        "signer": "Lê Văn Mẫu",
        "position": "Giám đốc",
    }
    answer = reader.send(page, f"/directives/{code}/messages", files=paper, **given)
    assert answer.status_code == 303, answer.text
    shown = reader.get(page).text
    assert "Out: report sent" in words(shown)
    (action,) = re.findall(rf'action="(/directives/{code}/messages/[0-9a-f]+)"', shown)
    assert reader.send(page, action, reason="Nhầm").status_code == 303
    assert "Out: asked back by its sender (13)" in words(reader.get(page).text)
    assert reader.send(page, f"/directives/{code}/messages", **given).status_code == 422


def test_a_recall_stands_on_the_directives_page_and_leads_to_its_answer(exchange: Office) -> None:
    reader, review = send_in(exchange)
    code = directive_of(exchange, review)
    _reader, recall = send_in(exchange, sample("thu-hoi.edxml"))
    shown = reader.get(f"/directives/{code}/text?lang=en").text
    assert "In: recall of a document" in words(shown) and f'href="{recall}"' in shown
    compared = words(reader.get(f"{recall}?lang=en").text)
    assert "Its sender recalls" in compared and compared.count("is not in the new document") == 2


def test_others_neither_see_the_messages_nor_send_papers(exchange: Office) -> None:
    _reader, review = send_in(exchange)
    code = directive_of(exchange, review)
    observer = exchange.sign_in("nguyen.minh.quan")
    page = observer.get(f"/directives/{code}/text?lang=en")
    assert page.status_code == 200 and "Document exchange" not in page.text
    answer = observer.send(f"/directives/{code}/text", f"/directives/{code}/messages", reason="x", number="1/BC")
    assert answer.status_code in (403, 409, 422)


def test_a_directive_by_the_exchange_reads_alike_on_its_page(exchange: Office) -> None:
    _reader, review = send_in(exchange)
    code = directive_of(exchange, review)
    with reading(exchange.engine) as session:
        directive = session.exec(select(Directive).where(Directive.code == code)).one()
    assert directive.number == "05/CT-UBND" and directive.issued_on == date(2026, 3, 2)
