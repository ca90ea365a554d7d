"""A message becomes a document under review once; what it says is shown beside what its attachment says."""

from base64 import b64encode

import pytest
from sqlmodel import col, select

from models.database.session import reading
from models.directives.directive import Urgency
from models.errors import BadInput, Refused
from models.exchange.edxml import IncomingMessage, MessageKind
from models.intake.intake import FileRole, Intake, IntakeFile
from models.organization.register_reads import resolve_person
from models.text.localtime import local_date
from tests.edxml.messages import changed, letter, sample, with_encoded, with_file, zipped
from tests.edxml.taking import COORDINATOR, NOW, PNG, confirm_all, take
from tests.intake.files.made import png
from tests.office import Office
from workflows.access.rights import read_principal
from workflows.exchange import keep_message
from workflows.exchange.intake_messages import find_cited_documents, find_open_intakes, messages_of
from workflows.exchange.keep_message import open_message
from workflows.intake.files.scans import read_scan
from workflows.intake.review.amends import DutyChange, compare_amendments
from workflows.intake.review.store_reading import proposed_due, proposed_duties

pytestmark = pytest.mark.long


def findings(intake: Intake, field: str) -> list[tuple[str, str, str | None]]:
    """Value, reason and doubt of the findings of a field."""
    return [(one["value"], one["reason"], one.get("doubt")) for one in intake.findings if one["field"] == field]


def test_a_directive_is_read_with_its_fields_as_said(office: Office) -> None:
    intake = take(office).intake
    assert (intake.number, intake.kind, intake.urgency) == ("05/CT-UBND", "chỉ thị", Urgency.URGENT)
    assert intake.issuer == "UBND tỉnh Mẫu" and intake.filename == "05_CT-UBND.docx"
    assert findings(intake, "number") == [("05/CT-UBND", "said", None)]
    assert findings(intake, "signer")[0][:2] == ("KT. CHỦ TỊCH, Phó Chủ tịch, Nguyễn Văn Mẫu", "said")
    assert [one[0] for one in findings(intake, "receivers")] == ["Sở Mẫu A (000.00.03.H26)", "Sở Mẫu B (000.00.07.H26)"]
    with reading(office.engine) as session:
        duties = proposed_duties(session, intake)
        files = session.exec(select(IntakeFile).order_by(col(IntakeFile.role))).all()
    assert [one.path for one in duties] == ["1", "2"]
    assert {(one.role, one.filename) for one in files} == {
        (FileRole.ORIGINAL, "05_CT-UBND.docx"),
        (FileRole.ATTACHMENT, "m.edxml"),
    }


def test_where_the_attachment_says_otherwise_both_are_shown(office: Office) -> None:
    intake = take(office, sample("kieu-dotnet.edxml")).intake
    assert intake.number == "06/UBND-TH"
    assert findings(intake, "number") == [("06/UBND-TH", "said", None), ("05/CT-UBND", "label", "says_otherwise")]
    assert len(findings(intake, "issuer")) == 2 and len(findings(intake, "subject")) == 1


def test_the_due_date_is_a_proposal_and_no_deadline(office: Office) -> None:
    intake = take(office).intake
    day = proposed_due(intake)
    assert day is not None and day.isoformat() == "2026-03-31"
    with reading(office.engine) as session:
        assert [one.deadline["on"] for one in proposed_duties(session, intake)] == ["2026-03-20", "2026-03-31"]
    another = changed("<edXML:DueDate>[^<]*", "<edXML:DueDate>2026/01/01").replace(b"05/CT", b"07/CT")
    early = take(office, another.replace(b">05<", b">07<")).intake
    assert findings(early, "due_on") == [("01/01/2026", "said", "before_issue")]


def test_the_same_message_twice_is_one_document(office: Office) -> None:
    first, again = take(office), take(office, name="lai.edxml")
    assert first.is_new and not again.is_new and again.intake.id == first.intake.id
    hub = changed(
        "</edXML:TraceHeader>",
        "</edXML:TraceHeader><edXML:TraceHeader><edXML:OrganId>X</edXML:OrganId></edXML:TraceHeader>",
    )
    assert not take(office, hub).is_new
    with reading(office.engine) as session:
        assert len(session.exec(select(Intake)).all()) == len(session.exec(select(IncomingMessage)).all()) == 1


def test_the_same_id_with_other_content_is_refused(office: Office) -> None:
    take(office)
    with pytest.raises(Refused) as refused:
        take(office, changed("<edXML:Subject>[^<]*", "<edXML:Subject>Việc khác"))
    assert "came before with other content" in refused.value.tell("en")


def test_an_update_and_a_replacement_of_the_same_id_are_messages_of_their_own(office: Office) -> None:
    take(office)
    for kind in ("2", "3"):
        taken = take(office, changed("<edXML:BussinessDocType>0", f"<edXML:BussinessDocType>{kind}"))
        assert taken.is_new
    with reading(office.engine) as session:
        kinds = [one.kind for one in session.exec(select(IncomingMessage).order_by(col(IncomingMessage.came_at)))]
    assert sorted(kinds) == [MessageKind.NEW, MessageKind.REPLACE, MessageKind.UPDATE]


def test_a_recall_shows_what_it_would_take_away_and_changes_nothing(office: Office) -> None:
    code = confirm_all(office, take(office).intake)
    recall = take(office, sample("thu-hoi.edxml")).intake
    with reading(office.engine) as session:
        person = resolve_person(session, COORDINATOR)
        principal = read_principal(session, person, local_date(NOW))
        (amended,) = compare_amendments(
            session, principal, recall, [], find_cited_documents(session, messages_of(session, recall.id))
        )
        assert not proposed_duties(session, recall)
    assert amended.directive.code == code and amended.recalls
    assert {one.change for one in amended.changes} == {DutyChange.GONE}


def test_a_recall_of_what_is_still_under_review_leads_there(office: Office) -> None:
    first = take(office).intake
    recall = take(office, sample("thu-hoi.edxml")).intake
    with reading(office.engine) as session:
        found = find_open_intakes(session, recall, messages_of(session, recall.id))
    assert [one.id for one in found] == [first.id]


def test_a_status_is_kept_with_the_document_it_speaks_of(office: Office) -> None:
    with pytest.raises(Refused) as refused:
        take(office, sample("trang-thai-03.edxml"))
    assert "which is not known here" in refused.value.tell("en")
    intake = take(office).intake
    for name in ("trang-thai-02.edxml", "trang-thai-03.edxml", "trang-thai-03.edxml", "trang-thai-06.edxml"):
        assert take(office, sample(name)).intake.id == intake.id
    with reading(office.engine) as session:
        told = [(one.code, one.sender) for one in messages_of(session, intake.id) if one.code]
    assert sorted(told) == [("02", "000.00.07.H26"), ("03", "000.00.03.H26"), ("06", "000.00.03.H26")]


def test_further_attachments_are_kept_and_broken_ones_told(office: Office) -> None:
    more = (
        "<Attachment><AttachmentName>hinh.png</AttachmentName><ContentTransferEncoded>iVBORw0KGgo="
        "</ContentTransferEncoded></Attachment><Attachment><AttachmentName>hong.pdf</AttachmentName>"
        "<ContentTransferEncoded>?</ContentTransferEncoded></Attachment></AttachmentEncoded>"
    )
    taken = take(office, changed("</AttachmentEncoded>", more))
    with reading(office.engine) as session:
        files = session.exec(select(IntakeFile).where(IntakeFile.role == FileRole.ATTACHMENT)).all()
    assert {one.filename for one in files} == {"hinh.png", "m.edxml"}
    assert [one["name"] for one in taken.incoming.facts["doubts"]] == ["hong.pdf"]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (
            changed("<AttachmentEncoded>.*</AttachmentEncoded>", ""),
            "has no attachment, so there is no document to read",
        ),
        (with_file(PNG, name="anh.png"), "no attachment can be read: file anh.png: it is damaged or cut off"),
        (with_encoded("{{}}"), "attachment van-ban.docx: its content is missing, or is not base64"),
        (with_file(zipped(b"\0" * (60 << 20), "a.docx")), "unpacked it is far larger than a document"),
    ],
    ids=["none", "picture", "placeholder", "bomb"],
)
def test_a_message_without_a_readable_document_says_why_and_leaves_nothing(
    office: Office, data: bytes, words: str
) -> None:
    with pytest.raises(BadInput) as refused:
        take(office, data)
    assert words in refused.value.tell("en") and refused.value.tell("vi")
    with reading(office.engine) as session:
        assert session.exec(select(Intake)).first() is None


def test_a_scan_beside_an_appendix_with_words_is_named(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(read_scan, "check_scan", lambda _found: "tesseract")
    alone = open_message("m.edxml", with_file(png(), name="chi-thi.png"))
    assert alone.is_unread and alone.main is not None and alone.main.name == "chi-thi.png"
    more = (
        "<Attachment><AttachmentName>chi-thi.png</AttachmentName><ContentTransferEncoded>"
        f"{b64encode(png()).decode()}</ContentTransferEncoded></Attachment><Attachment><AttachmentName>hong.pdf"
        "</AttachmentName><ContentTransferEncoded>JVBERi0xLjQK</ContentTransferEncoded></Attachment>"
    )
    taken = take(office, changed("<AttachmentEncoded>", f"<AttachmentEncoded>{more}"))
    assert taken.intake.filename == "05_CT-UBND.docx"
    assert [(one["name"], one["why"][:12]) for one in taken.incoming.facts["doubts"]] == [
        ("hong.pdf", "it cannot be"),
        ("chi-thi.png", "it is a scan"),
    ]


def test_a_secret_attachment_leaves_nothing(office: Office) -> None:
    with pytest.raises(Refused) as refused:
        take(office, with_file(letter("UBND TỈNH MẪU", "MẬT", "CHỈ THỊ", "1. Giao Sở A rà soát.")))
    assert "MẬT may not enter" in refused.value.tell("en")
    with reading(office.engine) as session:
        assert session.exec(select(IncomingMessage)).first() is None


def test_the_loser_of_two_at_once_is_told_and_leaves_nothing(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both looked before either had written: the unique key lets one in."""
    take(office)
    nobody = select(IncomingMessage).where(IncomingMessage.sender == "")
    monkeypatch.setattr(keep_message, "_same_message_query", lambda _message: nobody)
    with pytest.raises(keep_message.BeingTaken):
        take(office)
    with reading(office.engine) as session:
        assert len(session.exec(select(Intake)).all()) == len(session.exec(select(IncomingMessage)).all()) == 1
