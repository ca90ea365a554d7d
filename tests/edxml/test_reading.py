"""Messages are read as real programs write them; what was made to hurt is refused with a sentence."""

import random
import re
from base64 import b64encode
from datetime import UTC, date, datetime

import pytest

from models.directives.directive import Urgency
from models.errors import BadInput
from models.exchange.edxml import MessageKind
from tests.edxml.messages import SAMPLES, changed, letter, sample, with_encoded, with_file, zipped
from tests.edxml.taking import PNG
from workflows.exchange.message import ExchangeMessage, is_message, read_message, read_moment
from workflows.intake.files import read_file

DOCUMENT = "000.00.00.H26,2026/03/02,05/CT-UBND"


def read(data: bytes, name: str = "m.edxml") -> ExchangeMessage:
    return read_message(name, data)


def refusal(data: bytes) -> str:
    with pytest.raises(BadInput) as refused:
        read(data)
    return refused.value.tell("en")


EXPECTED = {
    "chi-thi-moi.edxml": (MessageKind.NEW, "05/CT-UBND", "", 1),
    "kieu-dotnet.edxml": (MessageKind.NEW, "06/UBND-TH", "", 1),
    "tra-loi-bao-cao.edxml": (MessageKind.NEW, "120/BC-SMA", "", 1),
    "thu-hoi.edxml": (MessageKind.RECALL, "05/CT-UBND", "", 0),
    "trang-thai-02.edxml": (MessageKind.STATUS, "", "02", 0),
    "trang-thai-03.edxml": (MessageKind.STATUS, "", "03", 0),
    "trang-thai-06.edxml": (MessageKind.STATUS, "", "06", 0),
}


def test_no_sample_is_left_out() -> None:
    assert {path.name for path in SAMPLES.iterdir()} == set(EXPECTED)


@pytest.mark.parametrize("name", EXPECTED)
def test_every_sample_is_read(name: str) -> None:
    message = read(sample(name), name)
    kind, number, code, files = EXPECTED[name]
    assert (message.kind, message.number, message.code, len(message.attachments)) == (kind, number, code, files)
    assert is_message("anything", sample(name)) and not message.doubts
    for one in message.attachments:
        assert one.name.endswith(".docx") and "Giao Sở Mẫu A chủ trì" in read_file(one.name, one.content)


def test_the_header_is_taken_as_it_says() -> None:
    message = read(sample())
    assert message.sender.id == "000.00.00.H26" and message.sender.name == "UBND tỉnh Mẫu"
    assert [one.name for one in message.receivers] == ["Sở Mẫu A", "Sở Mẫu B"]
    assert message.document_id == DOCUMENT and message.issued_on == date(2026, 3, 2)
    assert message.due_on == date(2026, 3, 31) and message.urgency is Urgency.URGENT
    assert message.signer == "KT. CHỦ TỊCH, Phó Chủ tịch, Nguyễn Văn Mẫu" and message.type_name == "Chỉ thị"
    assert message.subject.startswith("Về việc tăng cường theo dõi") and message.staff == "Trần Thị Mẫu"


def test_a_recall_a_status_and_a_report_say_what_they_speak_of() -> None:
    recall = read(sample("thu-hoi.edxml"))
    assert list(recall.about) == [DOCUMENT] and recall.reason.endswith("gửi sai phụ lục")
    status = read(sample("trang-thai-02.edxml"))
    assert status.document_id == DOCUMENT and status.sender.id == "000.00.07.H26"
    assert status.reason.startswith("Gửi nhầm đơn vị") and status.said_at == "2026/03/02 09:30:00"
    assert read_moment(status.said_at) == datetime(2026, 3, 2, 2, 30, tzinfo=UTC)
    assert [one.document_id for one in read(sample("tra-loi-bao-cao.edxml")).answers] == [DOCUMENT]


def test_a_status_without_the_document_id_is_matched_by_sender_number_and_day() -> None:
    data = changed("<edXML:DocumentId>[^<]*</edXML:DocumentId>", "", "trang-thai-03.edxml")
    assert read(data).document_id == DOCUMENT


def test_a_replacement_names_all_that_it_replaces() -> None:
    info = (
        "<edXML:BussinessDocType>3</edXML:BussinessDocType><edXML:ReplacementInfoList>"
        "<edXML:ReplacementInfo><edXML:DocumentId>a</edXML:DocumentId></edXML:ReplacementInfo>"
        "<edXML:ReplacementInfo><edXML:DocumentId>b</edXML:DocumentId></edXML:ReplacementInfo>"
        "</edXML:ReplacementInfoList>"
    )
    message = read(changed("<edXML:BussinessDocType>0</edXML:BussinessDocType>", info))
    assert message.kind is MessageKind.REPLACE and list(message.about) == ["a", "b"]


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("2026/03/02", date(2026, 3, 2)),
        ("2026-03-02", date(2026, 3, 2)),
        ("02/03/2026", date(2026, 3, 2)),
        ("2026/03/02 08:15:00", date(2026, 3, 2)),
        ("2026-03-02T08:15:00.000+07:00", date(2026, 3, 2)),
    ],
)
def test_days_are_read_in_the_three_ways_they_are_written(written: str, day: date) -> None:
    moment = read_moment(written)
    assert moment is not None and moment.date() == day


@pytest.mark.parametrize("written", ["", "0001-01-01", "2026/13/01", "31/02/2026", "mai", "7/2/3"])
def test_what_is_no_day_is_none(written: str) -> None:
    assert read_moment(written) is None


def test_a_day_that_cannot_be_read_is_told() -> None:
    message = read(changed("<edXML:DueDate>[^<]*", "<edXML:DueDate>cuối tháng"))
    assert message.due_on is None and list(message.doubts) == [("DueDate cuối tháng", "not a date")]


WORD = letter("CÔNG VĂN", "Giao Sở A rà soát.")
"""A Word document of this office."""


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(with_file(WORD), id="raw"),
        pytest.param(with_file(WORD, media_type="text/plain"), id="raw, wrong label"),
        pytest.param(with_file(zipped(WORD, "b2d1.docx"), media_type="application/zip"), id="zip"),
        pytest.param(with_file(zipped(WORD, "b2d1.docx"), media_type="application/pdf"), id="zip labelled PDF"),
        pytest.param(with_encoded("\n".join(re.findall(".{1,76}", b64encode(WORD).decode()))), id="wrapped"),
        pytest.param(with_encoded(b64encode(WORD).decode().rstrip("=")), id="without ="),
    ],
)
def test_an_attachment_is_opened_whatever_its_label_says(data: bytes) -> None:
    (one,) = read(data).attachments
    assert one.content == WORD and one.name == "van-ban.docx"


def test_an_archive_of_one_entry_that_is_called_zip_gives_the_entry() -> None:
    (one,) = read(with_file(zipped(WORD, "cong-van.docx"), name="gui.ZIP")).attachments
    assert one.name == "cong-van.docx" and one.content == WORD


def test_an_archive_of_two_stays_an_archive() -> None:
    both = zipped(WORD, "a.docx", "b.docx")
    (one,) = read(with_file(both, name="gui.zip")).attachments
    assert one.content == both


def test_a_name_never_leads_out_of_a_folder() -> None:
    (one,) = read(with_file(WORD, name="..\\..\\../etc/passwd.docx")).attachments
    assert one.name == "passwd.docx"


def _utf16(data: bytes) -> bytes:
    return data.decode().replace('encoding="UTF-8"', 'encoding="utf-16"').encode("utf-16")


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"1212" + sample(), id="junk before the declaration"),
        pytest.param(b"\xef\xbb\xbf\r\n" + sample(), id="byte order mark"),
        pytest.param(_utf16(sample()), id="UTF-16"),
        pytest.param(changed('encoding="UTF-8"', 'encoding="utf-16"'), id="UTF-8 that calls itself UTF-16"),
        pytest.param(changed(r"<\?xml[^>]*>\s*", ""), id="no declaration"),
        pytest.param(changed(r' xmlns:edXML="[^"]*"', ""), id="undeclared edXML prefix"),
        pytest.param(changed("<edXML:Reference>", '<edXML:Reference xlink:href="cid:1">'), id="undeclared xlink"),
        pytest.param(changed("Bussiness", "Business"), id="one s"),
        pytest.param(
            changed("AttachmentEncoded|Attachment(?=>)", "ATTACHMENTENCODED")
            .replace(b"<ATTACHMENTENCODED>\n<ATTACHMENTENCODED>", b"<ATTACHMENTENCODED>\n<attachment>")
            .replace(b"</ATTACHMENTENCODED>\n</ATTACHMENTENCODED>", b"</attachment>\n</ATTACHMENTENCODED>"),
            id="other case",
        ),
        pytest.param(changed("<edXML:Bussiness>.*</edXML:Bussiness>", ""), id="no Bussiness"),
        pytest.param(
            changed(r"(?<=TraceHeader>\n)<edXML:OrganId>[^<]*", "<edXML:OrganId>null"), id="null in the trace"
        ),
        pytest.param(changed("</edXML:OtherInfo>", "</edXML:OtherInfo><edXML:ResponseFor/>"), id="empty ResponseFor"),
        pytest.param(changed(r"<edXML:DocumentId>[^<]*</edXML:DocumentId>", "", count=1), id="no DocumentId"),
        pytest.param(
            changed("http://www.mic.gov.vn/TBT/QCVN_102_2016", "http://www.mic.gov.vn/TBT/QCVN_102_2016/"),
            id="slash behind the namespace",
        ),
    ],
)
def test_flaws_of_real_files_are_survived(data: bytes) -> None:
    message = read(data)
    assert message.kind is MessageKind.NEW and message.document_id == DOCUMENT and not message.answers
    assert [one.name for one in message.attachments] == ["05_CT-UBND.docx"]


def test_a_number_that_is_whole_in_one_part_stays_so() -> None:
    assert read(changed("<edXML:CodeNumber>05", "<edXML:CodeNumber>05/CT-UBND")).number == "05/CT-UBND"
    assert read(changed("<edXML:CodeNotation>CT-UBND", "<edXML:CodeNotation>N/A")).number == "05"


def test_a_kind_that_is_not_named_is_told_from_the_notation() -> None:
    assert read(changed("<edXML:TypeName>[^<]*", "<edXML:TypeName>")).type_name == "chỉ thị"


BILLION = '<!DOCTYPE a [<!ENTITY l "ha"><!ENTITY m "&l;&l;&l;&l;&l;&l;&l;&l;">]>'
ENVELOPE = "there is no edXML envelope"
HOSTILE = {
    "DTD": (changed("<edXML xmlns", f"{BILLION}<edXML xmlns"), "declares a document type or entities"),
    "DTD in UTF-16": (_utf16(changed("<edXML xmlns", f"{BILLION}<edXML xmlns")), "declares a document type"),
    "entity": (changed("<edXML:Subject>", "<edXML:Subject>&xxe;"), "declares a document type or entities"),
    "external entity": (
        changed("<edXML xmlns", '<!DOCTYPE a SYSTEM "file:///etc/passwd"><edXML xmlns'),
        "declares a document type",
    ),
    "depth": (changed("<edXML:Subject>", "<a>" * 5000 + "</a>" * 5000 + "<edXML:Subject>"), "nested too deeply"),
    "other namespace": (changed("QCVN_102_2016", "QCVN_999_2030"), "not that of QCVN 102:2016"),
    "older form": (
        b'<EdXMLEnvelope xmlns="http://www.go.vn/eDoc"><Manifest/></EdXMLEnvelope>',
        "its namespace is http://www.go.vn/eDoc",
    ),
    "another XML": (b"<?xml version='1.0'?><html/>", ENVELOPE),
    "no XML": (b"xin chao", ENVELOPE),
    "junk only": (b"1" * 100_000, ENVELOPE),
    "cut off": (sample()[:3000], "cut off"),
    "Latin-1": (sample().decode().encode("cp1258", "replace") + b"\xff", "must be in UTF-8"),
    "empty": (b"", "0 bytes; allowed are 1 to"),
    "more than 20 MB": (sample() + b" " * (20 << 20), "allowed are 1 to 20971520 bytes"),
    "no sender": (changed("<edXML:OrganId>000.00.00.H26", "<edXML:OrganId>", count=1), "From/OrganId is missing"),
    "status of 3 digits": (
        changed("<edXML:StatusCode>03", "<edXML:StatusCode>300", "trang-thai-03.edxml"),
        "StatusCode 300: expected two digits",
    ),
    "unknown business": (
        changed("<edXML:BussinessDocType>0", "<edXML:BussinessDocType>9"),
        "BussinessDocType 9: expected one of 0, 1, 2, 3",
    ),
    "long id": (changed("<edXML:DocumentId>[^<]*", "<edXML:DocumentId>" + "x" * 300), "DocumentId has 300 characters"),
    "51 attachments": (
        changed("<Attachment>.*</Attachment>", "<Attachment><AttachmentName>a</AttachmentName></Attachment>" * 51),
        "more than 50 attachments",
    ),
}


@pytest.mark.parametrize("what", HOSTILE)
def test_hostile_messages_are_refused_each_with_its_sentence(what: str) -> None:
    data, words = HOSTILE[what]
    assert words in refusal(data)


def test_a_bomb_and_text_that_is_no_base64_leave_the_rest_readable() -> None:
    bomb = zipped(b"\0" * (60 << 20), "a.docx")
    (one,) = read(with_file(bomb)).attachments
    assert one.trouble == "too_large" and not one.content
    (one,) = read(with_encoded("{{nội dung}}")).attachments
    assert one.trouble == "not_base64" and not one.content


def test_a_message_of_nearly_20_megabytes_is_read() -> None:
    content = b"%PDF-1.7\n" + random.Random(7).randbytes(14 << 20)
    (one,) = read(with_file(content)).attachments
    assert one.content == content


def _mutated(seed: int) -> bytes:
    """Return a sample with a few bytes changed, cut, doubled or moved."""
    chance = random.Random(seed)
    data = bytearray(sample(chance.choice(sorted(EXPECTED))))
    for _time in range(chance.randint(1, 12)):
        at, length = chance.randrange(len(data)), chance.randint(1, 40)
        what = chance.randrange(4)
        if what == 0:
            data[at : at + length] = chance.randbytes(length)
        elif what == 1:
            del data[at : at + length]
        elif what == 2:
            data[at:at] = data[at : at + length]
        else:
            data[at:at] = chance.choice([b"<", b">", b"&", b"]]>", b"<!--", b"<![CDATA[", b"\0", b"xmlns:a='b' "])
    return bytes(data)


@pytest.mark.parametrize("seed", range(20))
def test_a_mutated_sample_is_read_or_refused_in_one_sentence(seed: int) -> None:
    data = _mutated(seed)
    try:
        message = read(data)
    except BadInput as fault:
        told = fault.tell("vi")
    else:
        told = "m.edxml" if message.sender.id and message.document_id else ""
    assert "m.edxml" in told and "\n" not in told


def test_what_is_no_message_is_not_taken_for_one() -> None:
    assert is_message("gui.EDXML", b"") and is_message("a.xml", b"12<?xml?><edXML xmlns='x'>")
    assert not is_message("a.docx", WORD) and not is_message("a.html", b"<html>")
    assert isinstance(read_moment("2026/03/02 08:15"), datetime)
    assert not is_message("a.png", PNG)
