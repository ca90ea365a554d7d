"""Keep what was read, and what a message around it said, until somebody has confirmed it."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import Row, case, func
from sqlalchemy import select as select_columns
from sqlmodel import Session, col, select

from models.directives.directive import Directive, DutyKind, Urgency
from models.errors import Refused
from models.intake.intake import Intake, IntakeState, ProposalState, ProposedDuty
from models.text.vietnamese import fold
from workflows.intake.files.scans.read_scan import DoubtfulWord
from workflows.intake.read_apart import read_apart
from workflows.intake.review import first_guess as guess
from workflows.intake.review.unclear import (
    LEFT_UNREAD,
    less_sure,
    marked,
    store_finding,
    unclear_words,
    unread_head,
    unread_numbers,
    unread_pages,
)
from workflows.intake.text.reading import Deadline, DocumentHeading, ReadDuty, Reading, ReadingReason, TextFinding
from workflows.rules.calendar.periods import last_permitted
from workflows.templates.typed_task import KINDS

if TYPE_CHECKING:
    from workflows.intake.files.scans.read_scan import Scan

DUE = "due_on"
"""The field of a deadline that a message proposes; `settled` in its finding says what somebody made of it."""

WRITTEN = {
    Urgency.NORMAL: "thường",
    Urgency.URGENT: "khẩn",
    Urgency.VERY_URGENT: "thượng khẩn",
    Urgency.EXPRESS: "hoả tốc",
}
"""The words of a document for how urgent it is."""


@dataclass(frozen=True)
class MessageFields:
    """The fields of a message. "" and None stand for what it does not say; `due_on` is a proposal only.

    `changes_another`: it updates, replaces or recalls a document, which may be here already under the same number.
    """

    number: str = ""
    issued_on: date | None = None
    issuer: str = ""
    subject: str = ""
    urgency: Urgency = Urgency.NORMAL
    kind: str = ""
    signer: str = ""
    receivers: Sequence[str] = ()
    answers: Sequence[str] = ()
    due_on: date | None = None
    changes_another: bool = False


def put_said(intake: Intake, said: MessageFields) -> None:
    """Set the document's fields as the message says. What was read otherwise stays as a finding, flagged."""
    read = {one["field"]: one for one in intake.findings}
    findings = [one for one in intake.findings if one["field"] == LEFT_UNREAD]
    for name in ("number", "issued_on", "issuer", "subject", "urgency"):
        value, found = getattr(said, name), read.get(name)
        if not value or (name == "urgency" and value is Urgency.NORMAL and found is None):
            findings += [found] if found else []
            continue
        findings.append(_finding(name, _shown(value)))
        if found is not None and not _agree(name, getattr(intake, name), value):
            findings.append(found | {"doubt": ReadingReason.SAYS_OTHERWISE.value})
        setattr(intake, name, value)
    if said.kind:
        intake.kind = said.kind
        findings.append(_finding("kind", said.kind))
    if said.signer:
        findings.append(_finding("signer", said.signer))
    findings += [_finding("receivers", one) for one in said.receivers]
    findings += [_finding("answers", one) for one in said.answers]
    if said.due_on is not None:
        early = intake.issued_on is not None and said.due_on < intake.issued_on
        doubt = {"doubt": ReadingReason.BEFORE_ISSUE.value} if early else {}
        findings.append(_finding(DUE, _shown(said.due_on)) | {"day": said.due_on.isoformat()} | doubt)
    intake.findings = findings


def proposed_due(intake: Intake) -> date | None:
    """Return the deadline that the message proposes, until somebody has taken it or left it."""
    waiting = (one for one in intake.findings if one["field"] == DUE and "settled" not in one)
    return next((date.fromisoformat(one["day"]) for one in waiting), None)


def _finding(field: str, value: str) -> dict[str, Any]:
    return store_finding(field, value, 0, 0, 1.0, ReadingReason.SAID)


def _shown(value: object) -> str:
    if isinstance(value, date):
        return f"{value:%d/%m/%Y}"
    return WRITTEN.get(value, str(value)) if isinstance(value, Urgency) else str(value)


def _agree(name: str, read: object, value: object) -> bool:
    """Return whether the document says the same, whatever its letter case, marks and blanks."""
    if name in ("number", "issuer", "subject"):
        return _plain(str(read)) == _plain(str(value))
    return read == value


def _plain(words: str) -> str:
    return fold(words).removeprefix("v/v ").removeprefix("ve viec ").strip(" .:;")


_FIELDS = ("addressees", "lead", "coordinating", "deadlines", "reports_to", "supervisor", "conditional")
_NAME = 300  # characters
_MOST_LISTED = 50
UNREAD = "unread_time"
"""The field of such a finding; `settled` in it says what it means (a day, or NO_DATE), by whom and when."""
NO_DATE = "no date"
_UNNAMED = "công văn"  # of all kinds, the one that bears no name of its kind
_ABOUT = re.compile(r"^(?:V/v|Về việc)\s*:?\s*", re.IGNORECASE)
_URGENCIES = {fold(words): urgency for urgency, words in WRITTEN.items()}
"""By the folded words: "HỎA TỐC" and "HOẢ TỐC" are one stamp."""


@dataclass(frozen=True)
class IntakeDraft:
    """What a document was read to, in the fields of `Intake` and `ProposedDuty`, ready to be kept.

    `scan`: where the lines of a scan stand and which of its words are doubtful, as `Scan.facts` tells it.
    """

    text: str
    reading: Reading
    scan: dict[str, Any]
    fields: dict[str, Any]
    duties: list[dict[str, Any]]


def draft_of(text: str, reading: Reading, scan: dict[str, Any] | None = None) -> IntakeDraft:
    """Make the draft of a document. It may take a second: no transaction waits for it."""
    words = unclear_words(scan)
    reading = less_sure(reading, words)
    heading = reading.heading
    fields = {
        "sha256": sha256(text.encode()).hexdigest(),
        "text": text,
        "kind": _kind(text, heading),
        "number": heading.number.value[:64] if heading.number else None,
        "issued_on": heading.issued_on,
        "issuer": heading.issuer.value[:_NAME] if heading.issuer else "",
        "subject": plain_subject(heading.title.value) if heading.title else "",
        "urgency": _urgency(heading),
        "legal_bases": [one.value for one in heading.bases],
        "findings": [
            *findings_of_head(heading, text, words),
            *unread_pages(reading, text, scan),
            *(_told(LEFT_UNREAD, one) for one in reading.unread),
        ],
        "scan": scan or {},
    }
    paths = _unlike([duty.path.lower().replace("?", "0") for duty in reading.duties])
    duties = [_proposed(duty, path, text, words) for duty, path in zip(reading.duties, paths, strict=True)]
    return IntakeDraft(text, reading, scan or {}, fields, duties)


def read_document(name: str, words: "str | Scan", by: UUID | None = None) -> IntakeDraft:
    """Read the words of a document as `read_apart` does, to a draft."""
    text, scan = (words, None) if isinstance(words, str) else (words.text, words.facts)
    return draft_of(text, read_apart(name, text, by), scan)


def store_reading(
    session: Session,
    draft: IntakeDraft,
    *,
    filename: str,
    unit_id: UUID,
    person_id: UUID,
    now: datetime,
    said: MessageFields | None = None,
) -> Intake:
    """Keep what was read; `unit_id` is the unit that would follow it up.

    What the message around it `said` of the document goes before what was read. The same text that is still open is
    given back as it stands. Refused for a document that is a directive already.
    """
    digest, number = draft.fields["sha256"], draft.fields["number"]
    before = session.exec(
        select(Intake).where(
            Intake.sha256 == digest, Intake.state == IntakeState.OPEN, Intake.coordinating_unit_id == unit_id
        )
    ).first()
    known_as = (said and said.number) or number
    if before is not None and (said is None or before.number == known_as):
        return before
    may_be_here = said is not None and said.changes_another
    if known_as and not may_be_here and session.exec(select(Directive.id).where(Directive.number == known_as)).first():
        raise Refused("number {number}: this document is here already", number=known_as)
    intake = Intake(
        **draft.fields, filename=filename[:200], coordinating_unit_id=unit_id, read_at=now, read_by=person_id
    )
    if said is not None:
        put_said(intake, said)
    session.add(intake)
    session.flush()
    session.add_all(ProposedDuty(intake_id=intake.id, **one) for one in draft.duties)
    session.flush()
    return intake


def proposed_duties(session: Session, intake: Intake) -> list[ProposedDuty]:
    query = select(ProposedDuty).where(ProposedDuty.intake_id == intake.id)
    return list(session.exec(query.order_by(col(ProposedDuty.begins), col(ProposedDuty.path))))


def last_day(duty: ProposedDuty) -> date | None:
    """Return the last permitted day of a duty with a named day; of "trước ngày D" the day before D."""
    if not duty.deadline.get("on"):
        return None
    return last_permitted(date.fromisoformat(duty.deadline["on"]), before=bool(duty.deadline.get("before")))


def stated_time(duty: ProposedDuty) -> str:
    """Return the day that the duty's rule names, or its day of each period; NO_DATE where it names none."""
    if duty.deadline.get("rule") == guess.OF_PERIOD:
        sense = ", before" if duty.deadline.get("before") else ""
        return f"{duty.deadline['day']}, {duty.deadline['months_before']}{sense}"
    day = last_day(duty)
    return day.isoformat() if day else NO_DATE


def list_open(session: Session, unit_ids: Collection[UUID]) -> Sequence[Row[Any]]:
    """The newest comes first; `left` duties of each are to be confirmed."""
    left = func.count(case((col(ProposedDuty.state) == ProposalState.PROPOSED, 1))).label("left")
    columns = [col(one) for one in (Intake.id, Intake.filename, Intake.number, Intake.subject, Intake.read_at)]
    query = (
        select_columns(*columns, left)
        .outerjoin(ProposedDuty, col(ProposedDuty.intake_id) == Intake.id)
        .where(col(Intake.state) == IntakeState.OPEN, col(Intake.coordinating_unit_id).in_(unit_ids))
        .group_by(*columns)
        .order_by(col(Intake.read_at).desc(), col(Intake.id).desc())
        .limit(_MOST_LISTED)
    )
    return session.execute(query).all()


def _kind(text: str, heading: DocumentHeading) -> str:
    """Return what the document calls itself on a line of its own before its subject."""
    end = heading.title.span.start if heading.title else 2000
    lines = [line.strip(" *#\t").casefold() for line in text[:end].splitlines()]
    return next((kind for line in lines for kind in KINDS if line.startswith(kind)), _UNNAMED)


def plain_subject(title: str) -> str:
    """Return a subject without "V/v", as a sentence begins."""
    words = _ABOUT.sub("", title)[:1000]
    return words[:1].upper() + words[1:]


def _urgency(heading: DocumentHeading) -> Urgency:
    return _URGENCIES.get(fold(heading.urgency.value), Urgency.NORMAL) if heading.urgency else Urgency.NORMAL


def findings_of_head(heading: DocumentHeading, text: str, words: Sequence[DoubtfulWord]) -> list[dict[str, Any]]:
    found = {
        "number": heading.number,
        "issued_on": heading.issued,
        "issuer": heading.issuer,
        "subject": heading.title,
        "urgency": heading.urgency,
    }
    findings = [_told(name, one) for name, one in found.items() if one is not None]
    return unread_head(text, marked(findings, text, words), words)


def findings_of(duty: ReadDuty, text: str, words: Sequence[DoubtfulWord]) -> list[dict[str, Any]]:
    findings = [_told(name, one) for name in _FIELDS for one in getattr(duty, name)]
    findings += [unread_time(said, span.start, span.end) for said, span in guess.unread_times(duty)]
    findings = marked(findings, text, words)
    return findings + unread_numbers(text, duty.span, findings, words)


def _unlike(paths: Sequence[str]) -> list[str]:
    """Return paths of which none is there twice: where a document has two items 1, the second is 1b."""
    tails = ["", *"bcdefghijklmnopqrstuvwxyz", *(f"b{number}" for number in range(2, 1000))]
    told: dict[str, None] = {}
    for path in paths:
        told[next(one for tail in tails if (one := f"{path[: 32 - len(tail)]}{tail}") not in told)] = None
    return list(told)


def _proposed(duty: ReadDuty, path: str, text: str, words: Sequence[DoubtfulWord]) -> dict[str, Any]:
    who, kind = duty.lead or duty.addressees, guess.kind_of(duty)
    return {
        "path": path,
        "begins": duty.span.start,
        "ends": duty.span.end,
        "title": guess.title_of(duty),
        "kind": kind,
        "addressees": [one.value[:_NAME] for one in who],
        "partners": [one.value[:_NAME] for one in duty.coordinating],
        "deadline": guess.deadline_of(duty),
        "every": guess.every_of(duty) or ("quarter" if kind is DutyKind.OVERSIGHT else ""),
        "result": guess.result_of(duty),
        "reports_to": duty.reports_to[0].value[:_NAME] if duty.reports_to else "",
        "findings": findings_of(duty, text, words),
    }


def unread_time(words: str, begins: int, ends: int) -> dict[str, Any]:
    """Return the finding of words of time that became no date; confirming waits until somebody says what they mean."""
    return store_finding(UNREAD, words, begins, ends, 1.0, ReadingReason.UNREAD_TIME)


def unsettled_times(duty: ProposedDuty) -> list[str]:
    """Return the words of time of which nobody has said what they mean; a date counts while it is the duty's."""
    means = {NO_DATE, stated_time(duty)}
    return [
        one["value"]
        for one in duty.findings
        if one["field"] == UNREAD and one.get("settled", {}).get("means") not in means
    ]


def _told(field: str, one: TextFinding) -> dict[str, Any]:
    told = store_finding(field, one.value, one.span.start, one.span.end, one.confidence, one.reason)
    doubt = one.doubt if isinstance(one, Deadline) else None
    return told | ({"doubt": doubt.value} if doubt else {})
