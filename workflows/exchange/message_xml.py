"""Write the XML of our messages (QCVN 102:2016), with prefixes and order as the exchange's own programs write them."""

import re
from base64 import b64encode
from dataclasses import dataclass
from datetime import date, datetime
from xml.sax.saxutils import escape

from models.text.localtime import local

_NAMESPACE = "http://www.mic.gov.vn/TBT/QCVN_102_2016"
_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
TYPE_DETAILS = {"Báo cáo": "14", "Công văn": "18", "Kế hoạch": "10", "Tờ trình": "16"}
"""Kinds of document that answer a directive, by their number in Decree 30/2020."""
_GROUP = "2"  # administrative documents
_MEDIA_TYPES = {".pdf": "application/pdf", ".docx": "application/docx"}


@dataclass(frozen=True)
class Party:
    organ_id: str
    name: str = ""


@dataclass(frozen=True)
class Answering:
    organ_id: str
    code: str
    issued_on: date | None
    document_id: str


@dataclass(frozen=True)
class Staff:
    name: str = ""
    department: str = ""
    email: str = ""
    phone: str = ""


@dataclass(frozen=True)
class SignedPaper:
    """A signed document that is sent. `number` is complete ("120/BC-SMA"); `content` is its file."""

    document_id: str
    number: str
    issued_on: date
    kind: str
    subject: str
    signer: str
    position: str
    filename: str
    content: bytes


def write_status(own: Party, answering: Answering, staff: Staff, *, code: str, words: str, at: datetime) -> str:
    """Write a status message. `at` is in UTC, and written as local time."""
    header = (
        _party("From", own)
        + _answering(answering)
        + _staff(staff)
        + _all(StatusCode=code, Description=words, Timestamp=_moment(at))
    )
    return _message(_tag("MessageHeader", header, is_xml=True), "", "")


def write_paper(own: Party, to: Party, answering: Answering, staff: Staff, paper: SignedPaper, *, at: datetime) -> str:
    """Write a message with a document that answers another one. `at` is in UTC."""
    header = _paper_header(own, to, answering, paper)
    trace = _tag("TraceHeader", _all(OrganId=own.organ_id, Timestamp=_moment(at)), is_xml=True)
    business = _all(BussinessDocType="0", BussinessDocReason="Văn bản điện tử mới", Paper="0") + _staff(staff)
    trace += _tag("Bussiness", business, is_xml=True)
    media_type = _MEDIA_TYPES.get(paper.filename[paper.filename.rfind(".") :].lower(), "application/octet-stream")
    reference = _all(
        ContentId="cid:tep-1", ContentType=media_type, Description=paper.filename, AttachmentName=paper.filename
    )
    body = (
        '<edXML:edXMLBody><edXML:edXMLManifest version="1.0">'
        f"{_tag('Reference', reference, is_xml=True)}</edXML:edXMLManifest></edXML:edXMLBody>"
    )
    name = escape(_clean(paper.filename))
    attachment = (
        "<AttachmentEncoded><Attachment><ContentId>cid:tep-1</ContentId>"
        f"<AttachmentName>{name}</AttachmentName><Description>{name}</Description>"
        f"<ContentType>{media_type}</ContentType>"
        f'<edXML:ContentTransferEncoded xmlns:edXML="{_NAMESPACE}">{b64encode(paper.content).decode()}'
        "</edXML:ContentTransferEncoded></Attachment></AttachmentEncoded>"
    )
    head = _tag("MessageHeader", header, is_xml=True) + _tag("TraceHeaderList", trace, is_xml=True)
    return _message(head, body, attachment)


def _paper_header(own: Party, to: Party, answering: Answering, paper: SignedPaper) -> str:
    number, _slash, notation = paper.number.partition("/")
    return (
        _party("From", own)
        + _party("To", to)
        + _all(DocumentId=paper.document_id)
        + _tag("Code", _all(CodeNumber=number, CodeNotation=notation), is_xml=True)
        + _tag("PromulgationInfo", _all(PromulgationDate=_day(paper.issued_on)), is_xml=True)
        + _tag(
            "DocumentType",
            _all(Type=_GROUP, TypeDetail=TYPE_DETAILS.get(paper.kind, "14"), TypeName=paper.kind),
            is_xml=True,
        )
        + _all(Subject=paper.subject, Content=paper.subject)
        + _tag("SignerInfo", _all(Position=paper.position, FullName=paper.signer), is_xml=True)
        + _tag("OtherInfo", _all(Priority="0", PromulgationAmount="1", PageAmount="1", Direction="false"), is_xml=True)
        + _answering(answering)
        + _all(SteeringType="0")
    )


def _message(header: str, body: str, attachments: str) -> str:
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<edXML xmlns="{_NAMESPACE}">'
        f'<edXML:edXMLEnvelope xmlns:edXML="{_NAMESPACE}"><edXML:edXMLHeader>{header}</edXML:edXMLHeader>{body}'
        f"</edXML:edXMLEnvelope>{attachments}</edXML>\n"
    )


def _party(role: str, party: Party) -> str:
    fields = _all(OrganId=party.organ_id, OrganizationInCharge=party.name, OrganName=party.name)
    return _tag(role, fields, is_xml=True)


def _answering(answering: Answering) -> str:
    fields = _all(
        OrganId=answering.organ_id,
        Code=answering.code,
        PromulgationDate=_day(answering.issued_on) if answering.issued_on else "",
        DocumentId=answering.document_id,
    )
    return _tag("ResponseFor", fields, is_xml=True)


def _staff(staff: Staff) -> str:
    fields = _all(Department=staff.department, Staff=staff.name, Email=staff.email, Mobile=staff.phone)
    return _tag("StaffInfo", fields, is_xml=True) if fields else ""


def _all(**values: str) -> str:
    return "".join(_tag(name, value) for name, value in values.items() if value)


def _tag(name: str, value: str, *, is_xml: bool = False) -> str:
    return f"<edXML:{name}>{value if is_xml else escape(_clean(value))}</edXML:{name}>"


def _clean(words: str) -> str:
    return _NO_XML.sub("", words)


def _day(day: date) -> str:
    return f"{day:%Y/%m/%d}"


def _moment(at: datetime) -> str:
    return f"{local(at):%Y/%m/%d %H:%M:%S}"
