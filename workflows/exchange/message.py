"""Read a message of the document exchange: its fields, and the files in it."""

import re
from base64 import b64decode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

from models.directives.directive import Urgency
from models.errors import BadInput
from models.exchange.edxml import CHANGING, MessageKind
from models.i18n import _
from models.tasks.evidence_files import clean_name
from models.text.localtime import ZONE
from workflows.bounded_process.bounded_call import call_bounded, check_size, naming_file
from workflows.bounded_process.turns import TURNS
from workflows.exchange.enclosed import NOT_BASE64, TOO_LARGE

LONGEST_ID = 255
"""Characters of a DocumentId and of an OrganId."""
TROUBLE_WORDS = {
    NOT_BASE64: _("its content is missing, or is not base64"),
    TOO_LARGE: _("unpacked it is far larger than a document, or its archive is damaged"),
}
_MESSAGE = re.compile(rb"<(?:[\w.-]+:)?edxml", re.IGNORECASE)
_HEAD = 8192
_YEAR_FIRST = re.compile(r"(\d{4})[/-](\d{1,2})[/-](\d{1,2})(?:[T ]+(\d{1,2}):(\d{2})(?::(\d{2}))?)?")
_DAY_FIRST = re.compile(r"(\d{1,2})[/-](\d{1,2})[/-](\d{4})(?:[T ]+(\d{1,2}):(\d{2})(?::(\d{2}))?)?")
_URGENCIES = (Urgency.NORMAL, Urgency.URGENT, Urgency.VERY_URGENT, Urgency.EXPRESS, Urgency.EXPRESS)
"""The urgency by the message's Priority, from 0; 4 is "hoả tốc hẹn giờ"."""
_KINDS = (MessageKind.NEW, MessageKind.RECALL, MessageKind.UPDATE, MessageKind.REPLACE)
_NOTATIONS = {
    "CT": "chỉ thị",
    "QĐ": "quyết định",
    "KH": "kế hoạch",
    "TB": "thông báo",
    "NQ": "nghị quyết",
    "KL": "kết luận",
    "CV": "công văn",
}
_NOTHING = frozenset({"", "n/a", "-"})


@dataclass(frozen=True)
class Organ:
    """A body of the exchange. Its id is trimmed and in capitals."""

    id: str = ""
    name: str = ""
    in_charge: str = ""
    email: str = ""

    @property
    def shown(self) -> str:
        return self.name or self.in_charge or self.id


@dataclass(frozen=True)
class Answered:
    """The document that a message answers (ResponseFor)."""

    organ_id: str = ""
    code: str = ""
    issued: str = ""
    document_id: str = ""


@dataclass(frozen=True)
class Attached:
    """A file of a message. `trouble` says why its content could not be read."""

    name: str
    content: bytes
    trouble: str = ""


@dataclass(frozen=True)
class ExchangeMessage:
    """The fields of a message. Dates are local; "" and None stand for a field that is missing or unreadable."""

    kind: MessageKind
    sender: Organ
    receivers: Sequence[Organ] = ()
    document_id: str = ""
    number: str = ""
    issued_on: date | None = None
    type_name: str = ""
    subject: str = ""
    signer: str = ""
    due_on: date | None = None
    urgency: Urgency = Urgency.NORMAL
    steering: str = ""
    answers: Sequence[Answered] = ()
    about: Sequence[str] = ()
    """The ids of the documents that the message recalls, updates or replaces."""
    reason: str = ""
    code: str = ""
    """The StatusCode of two digits; "" for a document."""
    said_at: str = ""
    """The Timestamp of a status, as written."""
    staff: str = ""
    attachments: Sequence[Attached] = ()
    doubts: Sequence[tuple[str, str]] = ()
    """Unreadable fields with their values, and why (a message id)."""

    @property
    def digest(self) -> str:
        """Return a hash of fields and files only, because hubs add lines to a message on its way."""
        fields = [self.number, str(self.issued_on), self.subject, self.reason, self.signer, str(self.due_on)]
        files = [f"{file.name}:{sha256(file.content).hexdigest()}" for file in self.attachments]
        return sha256("\0".join([*fields, *self.about, *files]).encode()).hexdigest()


def is_message(name: str, data: bytes) -> bool:
    """Tell whether a file is a message, by its name or its first tag."""
    return name.lower().endswith(".edxml") or _MESSAGE.search(data[:_HEAD].replace(b"\0", b"")) is not None


def read_message(name: str, data: bytes, by: UUID | None = None) -> ExchangeMessage:
    """Read a message and open its files. Raises BadInput, which names the file and its fault."""
    with naming_file(name):
        check_size(data)
        with TURNS.take(by):
            fields = call_bounded("workflows.exchange.envelope.read_envelope", data)
    return understand(clean_name(name), fields)


def understand(name: str, envelope: Mapping[str, Any]) -> ExchangeMessage:
    """Interpret the fields of `read_envelope`. Raises BadInput if a required field is missing or too long."""
    header = envelope["header"]
    sender = _organ(header["from"])
    code = _status_code(name, header["status"])
    kind = MessageKind.STATUS if code else _kind(name, header["business"])
    number = _number(header["number"], header["notation"])
    issued_on, due_on = _day(header["issued"]), _day(header["due"])
    days = (("PromulgationDate", header["issued"], issued_on), ("DueDate", header["due"], due_on))
    answers = tuple(Answered(**answer) for answer in header["response_for"])
    document_id = header["document_id"]
    if kind is MessageKind.STATUS:
        document_id = next(filter(None, map(_answered_id, answers)), document_id)
    elif not document_id and sender.id and number and issued_on:
        document_id = f"{sender.id},{issued_on:%Y/%m/%d},{number}"
    _check_id(name, "From/OrganId", sender.id)
    _check_id(name, "DocumentId", document_id)
    about = [about_id for about_id in (*header["replaces"], header["about"]) if about_id]
    return ExchangeMessage(
        kind=kind,
        sender=sender,
        receivers=tuple(_organ(one) for one in header["to"]),
        document_id=document_id,
        number=number,
        issued_on=issued_on,
        type_name=_type_name(header["type_name"], number),
        subject=header["subject"] or header["content"],
        signer=", ".join(filter(None, (header["competence"], header["position"], header["signer"]))),
        due_on=due_on,
        urgency=_urgency(header["priority"]),
        steering=header["steering"],
        answers=answers,
        about=tuple(dict.fromkeys(about or [document_id])) if kind in CHANGING else (),
        reason=header["description"] if kind is MessageKind.STATUS else header["reason"],
        code=code,
        said_at=header["timestamp"][:32],
        staff=header["staff"] or header["sent_by"],
        attachments=tuple(
            Attached(file["name"], b64decode(file["content"]), file["trouble"]) for file in envelope["attachments"]
        ),
        doubts=tuple((f"{field} {value[:40]}", _("not a date")) for field, value, day in days if value and not day),
    )


def _check_id(name: str, field: str, value: str) -> None:
    if not value:
        raise BadInput(
            "file {file}: {field} is missing: the message cannot be told from others", file=name, field=field
        )
    if len(value) > LONGEST_ID:
        raise BadInput(
            "file {file}: {field} has {count} characters; at most {most}",
            file=name,
            field=field,
            count=len(value),
            most=LONGEST_ID,
        )


def _answered_id(answered: Answered) -> str:
    """Return the id of the document to which a status refers. If it is missing, make it from the other fields."""
    day = read_moment(answered.issued)
    if answered.document_id or not (answered.organ_id and answered.code and day):
        return answered.document_id
    return f"{answered.organ_id},{day:%Y/%m/%d},{answered.code}"


def read_moment(words: str) -> datetime | None:
    """Read a local moment; a date without a time is the beginning of the day. Years are 1945 to 2100, else None."""
    if match := _YEAR_FIRST.match(words.strip()):
        year, month, day, hour, minute, second = (int(digits or 0) for digits in match.groups())
    elif match := _DAY_FIRST.match(words.strip()):
        day, month, year, hour, minute, second = (int(digits or 0) for digits in match.groups())
    else:
        return None
    try:
        moment = datetime(year, month, day, hour, minute, second, tzinfo=ZONE)
    except ValueError:
        return None
    return moment if 1945 <= year <= 2100 else None


def _organ(fields: Mapping[str, str]) -> Organ:
    return Organ(fields["id"].strip().upper(), fields["name"], fields["in_charge"], fields["email"])


def _kind(name: str, business: str) -> MessageKind:
    if not business:
        return MessageKind.NEW
    if business not in ("0", "1", "2", "3"):
        raise BadInput(
            "file {file}: {field} {value}: expected one of {allowed}",
            file=name,
            field="BussinessDocType",
            value=business[:40],
            allowed=["0", "1", "2", "3"],
        )
    return _KINDS[int(business)]


def _status_code(name: str, code: str) -> str:
    if not code:
        return ""
    if not re.fullmatch(r"[0-9]{1,2}", code):
        raise BadInput("file {file}: StatusCode {value}: expected two digits", file=name, value=code[:40])
    return code.zfill(2)


def _number(number: str, notation: str) -> str:
    """Join number and notation to a document's number ("120/BC-SMA"), whichever of them a message has."""
    number, notation = ("" if part.casefold() in _NOTHING else part for part in (number, notation))
    if "/" in number or not notation:
        return number
    return notation if "/" in notation and notation.startswith(number) else f"{number}/{notation}".strip("/")


def _type_name(type_name: str, number: str) -> str:
    """Return the kind of document; if the message does not say it, the kind by the number's notation."""
    if type_name:
        return type_name
    parts = re.split(r"[-.&]", number.rpartition("/")[2].upper())
    return next((_NOTATIONS[part] for part in parts if part in _NOTATIONS), "")


def _urgency(priority: str) -> Urgency:
    return _URGENCIES[int(priority)] if re.fullmatch("[0-4]", priority) else Urgency.NORMAL


def _day(words: str) -> date | None:
    moment = read_moment(words)
    return moment.date() if moment else None
