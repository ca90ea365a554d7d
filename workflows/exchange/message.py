"""A message of the document exchange as this program understands it: what it says, and the files in it."""

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
from workflows.apart.apart import ask_apart, check_size, named
from workflows.apart.turns import TURNS
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
"""By Priority; 4 is "hoả tốc hẹn giờ"."""
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
    """A body of the exchange: its code is compared trimmed and in capitals, nothing is computed from it."""

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
    """`trouble` says why its content could not be had."""

    name: str
    content: bytes
    trouble: str = ""


@dataclass(frozen=True)
class ExchangeMessage:
    """A message as it says itself. Dates are local; "" and None stand for what is not said, or cannot be read."""

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
    """Ids of the documents that it recalls, updates or replaces."""
    reason: str = ""
    code: str = ""
    """StatusCode, two digits; "" for a document."""
    said_at: str = ""
    """Timestamp of a status, as written there."""
    staff: str = ""
    attachments: Sequence[Attached] = ()
    doubts: Sequence[tuple[str, str]] = ()
    """What could not be read, with its value, and why (a message id)."""

    @property
    def digest(self) -> str:
        """Return the hash of what it says and holds: hubs add lines of their own to a message under way."""
        told = [self.number, str(self.issued_on), self.subject, self.reason, self.signer, str(self.due_on)]
        files = [f"{one.name}:{sha256(one.content).hexdigest()}" for one in self.attachments]
        return sha256("\0".join([*told, *self.about, *files]).encode()).hexdigest()


def is_message(name: str, data: bytes) -> bool:
    """Return whether a file is a message, by its name or the first of its tags."""
    return name.lower().endswith(".edxml") or _MESSAGE.search(data[:_HEAD].replace(b"\0", b"")) is not None


def read_message(name: str, data: bytes, by: UUID | None = None) -> ExchangeMessage:
    """Read a message and open its files. BadInput names the file and what is wrong with it."""
    with named(name):
        check_size(data)
        with TURNS.take(by):
            fields = ask_apart("workflows.exchange.envelope.read_envelope", data)
    return understand(clean_name(name), fields)


def understand(name: str, read: Mapping[str, Any]) -> ExchangeMessage:
    """BadInput where what a message must have is missing."""
    header = read["header"]
    sender = _organ(header["from"])
    code = _status_code(name, header["status"])
    kind = MessageKind.STATUS if code else _kind(name, header["business"])
    number = _number(header["number"], header["notation"])
    issued_on, due_on = _day(header["issued"]), _day(header["due"])
    days = (("PromulgationDate", header["issued"], issued_on), ("DueDate", header["due"], due_on))
    document_id = header["document_id"]
    if kind is not MessageKind.STATUS and not document_id and sender.id and number and issued_on:
        document_id = f"{sender.id},{issued_on:%Y/%m/%d},{number}"
    answers = tuple(Answered(**one) for one in header["response_for"])
    if kind is MessageKind.STATUS:
        document_id = next((found for one in answers if (found := _answered_id(one))), document_id)
    for label, value in (("From/OrganId", sender.id), ("DocumentId", document_id)):
        if not value:
            raise BadInput(
                "file {file}: {field} is missing: the message cannot be told from others", file=name, field=label
            )
        if len(value) > LONGEST_ID:
            raise BadInput(
                "file {file}: {field} has {count} characters; at most {most}",
                file=name,
                field=label,
                count=len(value),
                most=LONGEST_ID,
            )
    about = [one for one in (*header["replaces"], header["about"]) if one]
    return ExchangeMessage(
        kind=kind,
        sender=sender,
        receivers=tuple(_organ(one) for one in header["to"]),
        document_id=document_id,
        number=number,
        issued_on=issued_on,
        type_name=_type_name(header["type_name"], number),
        subject=header["subject"] or header["content"],
        signer=", ".join(one for one in (header["competence"], header["position"], header["signer"]) if one),
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
            Attached(one["name"], b64decode(one["content"]), one["trouble"]) for one in read["attachments"]
        ),
        doubts=tuple((f"{field} {given[:40]}", _("not a date")) for field, given, day in days if given and not day),
    )


def _answered_id(answered: Answered) -> str:
    """Return the id of the document that a status speaks of, made of its other fields where it is not said."""
    day = read_moment(answered.issued)
    if answered.document_id or not (answered.organ_id and answered.code and day):
        return answered.document_id
    return f"{answered.organ_id},{day:%Y/%m/%d},{answered.code}"


def read_moment(words: str) -> datetime | None:
    """Return a local moment, of a date alone its beginning; None for what is no date of 1945 to 2100."""
    for pattern, order in ((_YEAR_FIRST, (0, 1, 2)), (_DAY_FIRST, (2, 1, 0))):
        if found := pattern.match(words.strip()):
            parts = [int(one or 0) for one in found.groups()]
            year, month, day = (parts[place] for place in order)
            hour, minute, second = parts[3:]
            try:
                moment = datetime(year, month, day, hour, minute, second, tzinfo=ZONE)
            except ValueError:
                return None
            return moment if 1945 <= year <= 2100 else None
    return None


def _organ(given: Mapping[str, str]) -> Organ:
    return Organ(given["id"].strip().upper(), given["name"], given["in_charge"], given["email"])


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


def _status_code(name: str, given: str) -> str:
    if not given:
        return ""
    if not re.fullmatch(r"[0-9]{1,2}", given):
        raise BadInput("file {file}: StatusCode {value}: expected two digits", file=name, value=given[:40])
    return given.zfill(2)


def _number(number: str, notation: str) -> str:
    number, notation = ("" if one.casefold() in _NOTHING else one for one in (number, notation))
    if "/" in number or not notation:
        return number
    return notation if "/" in notation and notation.startswith(number) else f"{number}/{notation}".strip("/")


def _type_name(given: str, number: str) -> str:
    if given:
        return given
    notation = re.split(r"[-.&]", number.rpartition("/")[2].upper())
    return next((_NOTATIONS[one] for one in notation if one in _NOTATIONS), "")


def _urgency(priority: str) -> Urgency:
    return _URGENCIES[int(priority)] if re.fullmatch("[0-4]", priority) else Urgency.NORMAL


def _day(given: str) -> date | None:
    moment = read_moment(given)
    return moment.date() if moment else None
