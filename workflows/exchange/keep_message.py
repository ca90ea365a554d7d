"""Take in a message once: read a document for its review, or keep a status with the document to which it refers.

A message changes nothing in force: an update, a replacement or a recall waits in the list for a person.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid5

from sqlmodel import Session, col, select

from models.database.ids import new_id
from models.database.rows import insert_new, table_of
from models.errors import BadInput, Refused
from models.exchange.edxml import WITHOUT_DOCUMENT, CameBy, IncomingMessage, MessageKind, OutgoingMessage
from models.i18n import Words, _
from models.intake.intake import FileRole, Intake
from models.operations.background_job import SCAN, BackgroundJob, BackgroundJobState
from models.organization.register_reads import resolve_person
from models.settings import Settings
from models.tasks.evidence_files import MEDIA_TYPES, clean_name, store_bytes
from models.text.localtime import local_date
from workflows.access.rights import Principal, read_principal
from workflows.exchange.message import TROUBLE_WORDS, Attached, ExchangeMessage, read_message
from workflows.intake.files import Scanned, open_file, read_scanned
from workflows.intake.review.store_reading import (
    IntakeDraft,
    MessageFields,
    plain_subject,
    read_document,
    store_reading,
)
from workflows.intake.source_files import keep_source, searchable_name, unit_for
from workflows.queue.background_jobs import ask
from workflows.rules.rights_table import Right
from workflows.templates.typed_task import KINDS

if TYPE_CHECKING:
    from workflows.intake.files.scans.read_scan import Scan

MEDIA_TYPE = "application/xml"
_MESSAGE_NAME = "thong-diep.edxml"
_DOUBT = _("attachment {name}: {why}")
_SCAN_WORDS = _("it is a scan, and another attachment has the words; upload it at /intake if it is the document")
_UNREAD_WORDS = _("it cannot be read; it is kept as a file")


class BeingTaken(Refused):
    """Another process is taking in the same message. Nothing was written."""

    def __init__(self) -> None:
        super().__init__("the same message is being taken in at this moment: look again in a minute")


@dataclass(frozen=True)
class OpenedMessage:
    """A message ready to be taken in. `main` is the attachment that is the document.

    `words` is the document's text, a scan that is still to be read, or a scan that was read. `draft` is the reading of
    the words; it is None for an unread scan and for a status. `doubts` names attachments that were unreadable or
    not chosen as `main`, and why.
    """

    name: str
    data: bytes
    message: ExchangeMessage
    main: Attached | None
    words: "str | Scanned | Scan"
    doubts: Sequence[dict[str, str]]
    draft: IntakeDraft | None = None

    @property
    def is_unread(self) -> bool:
        return isinstance(self.words, Scanned)

    @property
    def scan(self) -> "Scan | None":
        return None if isinstance(self.words, str | Scanned) else self.words

    def read_scan(self, tell: Callable[[int, int], None]) -> "OpenedMessage":
        """Read the scan, which takes seconds for each page. `tell` gets the number of read pages and of all pages."""
        if self.main is None or not isinstance(self.words, Scanned):
            return self
        words = read_scanned(self.main.name, self.main.content, self.words, tell)
        return replace(self, words=words, draft=read_document(self.main.name, words))


@dataclass(frozen=True)
class TakenDocument:
    """A message that was taken in, its document, and whether it came for the first time."""

    incoming: IncomingMessage
    intake: Intake
    is_new: bool


@dataclass(frozen=True)
class Taking:
    """Who takes messages in, when (UTC), and by which way. The unit `unit_id` follows up new documents."""

    unit_id: UUID
    person_id: UUID
    now: datetime
    came_by: CameBy
    evidence: Path


def open_message(name: str, data: bytes, by: UUID | None = None) -> OpenedMessage:
    """Read a message and its main attachment, in processes of their own. Raises BadInput, Refused and Busy.

    `by` is the person whose page or call waits for it, None for a command or a job. The main attachment is the first
    with text, else the first scan, which is read later (`is_unread`). A status and a recall need none.
    """
    message = read_message(name, data, by)
    filename = clean_name(name)
    doubts = [_doubt(file, TROUBLE_WORDS[file.trouble]) for file in message.attachments if file.trouble]
    if message.kind in WITHOUT_DOCUMENT:
        words = _message_text(message)
        draft = None if message.kind is MessageKind.STATUS else read_document(filename, words, by)
        return OpenedMessage(filename, data, message, None, words, doubts, draft)
    faults = [Words(_DOUBT, **doubt) for doubt in doubts]
    scans: list[tuple[Attached, Scanned]] = []
    for file in message.attachments:
        if file.trouble:
            continue
        try:
            text = open_file(file.name, file.content, by)
        except BadInput as fault:
            doubts.append(_doubt(file, _UNREAD_WORDS))
            faults.append(Words(fault.message, **fault.facts))
            continue
        if not isinstance(text, Scanned):
            doubts += [_doubt(scan, _SCAN_WORDS) for scan, _pages in scans]
            return OpenedMessage(filename, data, message, file, text, doubts, read_document(file.name, text, by))
        scans.append((file, text))
    if scans:
        return OpenedMessage(filename, data, message, *scans[0], doubts)
    if faults:
        raise BadInput("file {file}: no attachment can be read: {faults}", file=filename, faults=faults)
    raise BadInput("file {file}: the message has no attachment, so there is no document to read", file=filename)


def _doubt(file: Attached, why: Words) -> dict[str, str]:
    return {"name": clean_name(file.name), "why": why}


def find_taken(session: Session, message: ExchangeMessage) -> TakenDocument | None:
    """Return what became of a message that came before. Raises Refused if it came with other content."""
    earlier = session.exec(_same_message_query(message)).first()
    if earlier is None:
        return None
    if earlier.digest != message.digest:
        raise Refused(
            "message {id} of {sender} came before with other content: nothing was changed; ask for it as an update",
            id=message.document_id,
            sender=message.sender.shown,
        )
    return TakenDocument(earlier, session.get_one(Intake, earlier.intake_id), is_new=False)


def take_message(session: Session, opened: OpenedMessage, taking: Taking) -> TakenDocument:
    """Take a message in, or return what became of it when it came before.

    Raises Refused if the same message came with other content, and for a status that refers to an unknown document.
    """
    message = opened.message
    if (earlier := find_taken(session, message)) is not None:
        return earlier
    if message.kind is MessageKind.STATUS:
        intake = _find_document(session, message)
    else:
        intake = _store_document(session, opened, taking)
    row = _row(opened, intake, taking)
    if not insert_new(session, table_of(IncomingMessage), [row]):
        raise BeingTaken
    return TakenDocument(session.get_one(IncomingMessage, row["id"]), intake, is_new=True)


def _same_message_query(message: ExchangeMessage) -> Any:
    return select(IncomingMessage).where(
        IncomingMessage.sender == message.sender.id,
        IncomingMessage.document_id == message.document_id,
        IncomingMessage.kind == message.kind,
        IncomingMessage.code == message.code,
        IncomingMessage.said_at == (message.said_at if message.code else ""),
    )


def _store_document(session: Session, opened: OpenedMessage, taking: Taking) -> Intake:
    message = opened.message
    assert opened.draft is not None, "a scan is read before"
    intake = store_reading(
        session,
        opened.draft,
        filename=clean_name(opened.main.name) if opened.main else opened.name,
        unit_id=taking.unit_id,
        person_id=taking.person_id,
        now=taking.now,
        said=_document_fields(message),
    )
    if opened.main is not None and opened.scan is not None:
        name = searchable_name(opened.main.name)
        keep_source(session, taking.evidence, intake, name, opened.scan.searchable, FileRole.SEARCHABLE)
    for file in message.attachments:
        if file is opened.main:
            keep_source(session, taking.evidence, intake, file.name, file.content)
        elif not file.trouble:
            media_type = MEDIA_TYPES.get(Path(file.name).suffix.lower(), "application/octet-stream")
            keep_source(session, taking.evidence, intake, file.name, file.content, FileRole.ATTACHMENT, media_type)
    name = opened.name if opened.name.lower().endswith((".edxml", ".xml")) else _MESSAGE_NAME
    keep_source(session, taking.evidence, intake, name, opened.data, FileRole.ATTACHMENT, MEDIA_TYPE)
    return intake


def _find_document(session: Session, message: ExchangeMessage) -> Intake:
    """Find the document to which a status refers: that of our report with this id, else the one that came with it."""
    ids = [answer.document_id for answer in message.answers if answer.document_id] or [message.document_id]
    of_our_report = (
        select(IncomingMessage.intake_id)
        .join(OutgoingMessage, col(OutgoingMessage.incoming_id) == col(IncomingMessage.id))
        .where(col(OutgoingMessage.about).in_(ids))
    )
    of_incoming = select(IncomingMessage.intake_id).where(
        col(IncomingMessage.document_id).in_(ids), col(IncomingMessage.kind) != MessageKind.STATUS
    )
    of_incoming = of_incoming.order_by(col(IncomingMessage.came_at))
    intake_id = session.exec(of_our_report).first() or session.exec(of_incoming).first()
    if intake_id is None:
        raise Refused("the status {code} speaks of {id}, which is not known here", code=message.code, id=ids[0])
    return session.get_one(Intake, intake_id)


def _document_fields(message: ExchangeMessage) -> MessageFields:
    kind = message.type_name.casefold()
    return MessageFields(
        number=message.number[:64],
        issued_on=message.issued_on,
        issuer=(message.sender.name or message.sender.in_charge)[:300],
        subject=plain_subject(message.subject),
        urgency=message.urgency,
        kind=kind if kind in KINDS else "",
        signer=message.signer[:300],
        receivers=[
            f"{organ.shown} ({organ.id})" if organ.id != organ.shown else organ.id for organ in message.receivers
        ],
        answers=[answer.code or answer.document_id for answer in message.answers],
        due_on=None if message.kind is MessageKind.RECALL else message.due_on,
        changes_another=message.kind is not MessageKind.NEW,
    )


def _message_text(message: ExchangeMessage) -> str:
    """Return the text of a message without a document: what is recalled, and why."""
    lines = [message.reason, f"Số: {message.number}" if message.number else "", message.subject, *message.about]
    return "\n\n".join(line for line in lines if line) or message.document_id


def _row(opened: OpenedMessage, intake: Intake, taking: Taking) -> dict[str, Any]:
    message = opened.message
    return {
        "id": new_id(),
        "sender": message.sender.id,
        "sender_name": message.sender.shown[:300],
        "document_id": message.document_id,
        "kind": message.kind,
        "code": message.code,
        "said_at": message.said_at if message.code else "",
        "digest": message.digest,
        "facts": {
            "number": message.number,
            "issued_on": message.issued_on.isoformat() if message.issued_on else "",
            "reason": message.reason[:1000],
            "about": list(message.about)[:50],
            "staff": message.staff[:200],
            "email": message.sender.email[:254],
            "steering": message.steering[:8],
            "answers": [answer.document_id or answer.code for answer in message.answers][:50],
            "doubts": [*opened.doubts, *({"name": field, "why": why} for field, why in message.doubts)],
        },
        "intake_id": intake.id,
        "came_at": taking.now,
        "came_by": taking.came_by,
        "taken_by": taking.person_id,
    }


_JOB_NAMESPACE = UUID("6d1f0f4c-6b0e-4a54-9c6b-1f3c6f0f8a11")


def taking_by(
    session: Session, principal: Principal, unit: str | None, settings: Settings, *, now: datetime, came_by: CameBy
) -> Taking:
    """Raise Forbidden without the right to launch, and BadInput for a unit that is not theirs."""
    principal.require(Right.LAUNCH)
    return Taking(unit_for(session, principal, unit), principal.person.id, now, came_by, settings.evidence)


def taking_of_folder(session: Session, settings: Settings, *, now: datetime) -> Taking:
    """Take the folder's messages in in the name of `edxml.received_by`."""
    edxml = settings.edxml
    if edxml is None or not edxml.received_by:
        raise BadInput("edxml.received_by: say in whose name messages come in, such as le.thi.c")
    person = resolve_person(session, edxml.received_by)
    principal = read_principal(session, person, local_date(now))
    return taking_by(session, principal, edxml.unit or None, settings, now=now, came_by=CameBy.FOLDER)


def take_or_queue(session: Session, opened: OpenedMessage, taking: Taking) -> TakenDocument | BackgroundJob:
    """Take a message in. If it is new and its document is a scan, queue the reading, which takes it in later."""
    if opened.is_unread and find_taken(session, opened.message) is None:
        return queue_reading(session, opened, taking)
    return take_message(session, opened, taking)


def queue_reading(session: Session, opened: OpenedMessage, taking: Taking) -> BackgroundJob:
    """Keep a message whose document is a scan, and queue its reading.

    The same message sent again is the same job, unless that was cancelled or failed.
    """
    arguments = {
        "name": opened.name,
        "sha256": store_bytes(taking.evidence, opened.data),
        "unit": taking.unit_id.hex,
        "came_by": taking.came_by.value,
    }
    job_id = uuid5(_JOB_NAMESPACE, f"{opened.message.digest} {taking.person_id.hex} {taking.unit_id.hex}")
    job = ask(session, SCAN, arguments, asked_by=taking.person_id, now=taking.now, job_id=job_id)
    if job.state in (BackgroundJobState.CANCELLED, BackgroundJobState.FAILED):
        return ask(session, SCAN, arguments, asked_by=taking.person_id, now=taking.now)
    return job
