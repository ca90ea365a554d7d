"""`dondoc import` of a message of the document exchange (edXML): what it says, and the reading of its document."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from rich.console import RenderableType
from rich.text import Text

from commands.context import CommandContext, check_ready
from models.directives.edxml import CameBy, MessageKind
from models.errors import BadInput
from models.i18n import _, _n
from models.organization.register_reads import resolve_person
from models.text.localtime import local_date, write_date
from workflows.access.rights import read_principal
from workflows.intake.edxml.keep_message import Opened, open_whole, take_message
from workflows.intake.edxml.message import Message
from workflows.intake.edxml.who_takes import taking_by
from workflows.intake.read import read
from workflows.intake.review.store_reading import proposed_duties
from workflows.intake.review.unclear import less_sure, scan_facts, unclear_words
from workflows.intake.text.gold import gold_json
from workflows.intake.text.reading import Reading

Rendered = Callable[[CommandContext, Reading, str, dict[str, Any] | None], Iterable[RenderableType]]
"""Shows a reading, with its text and what is kept of the scan that it was read from."""


@dataclass(frozen=True)
class Keeping:
    """Whether to keep what is read, in whose name, for which unit, at which moment (UTC)."""

    save: bool
    person: str | None
    unit: str | None
    now: datetime


def import_message(
    context: CommandContext,
    name: str,
    data: bytes,
    keeping: Keeping,
    rendered: Rendered,
    tell: Callable[[int, int], None],
) -> None:
    """Show a message and the reading of its main attachment; with `save` take it in, once.

    `tell` hears how many of how many pages of a scan are read.
    """
    opened = open_whole(name, data)
    if keeping.save and opened.is_unread:
        check_ready(context)
    opened = opened.read_scan(tell)
    if keeping.save:
        _save(context, opened, keeping)
        return
    message = opened.message
    facts = scan_facts(opened.scan) if opened.scan else None
    reading = less_sure(read(opened.text), unclear_words(facts)) if opened.main is not None else None
    shown = {"message": message_json(message), "reading": gold_json(reading) if reading else None}
    if context.as_json:
        context.show(shown)
        return
    rows = [{"field": context.words(words), "value": value} for words, value in _told(context, message) if value]
    table = context.table(rows, {"field": _("field"), "value": _("said by the message")})
    context.show(shown, table, *(rendered(context, reading, opened.text, facts) if reading else ()))


def message_json(message: Message) -> dict[str, object]:
    """Return what a message says, as JSON."""
    return {
        "kind": message.kind.value,
        "sender": {"organ_id": message.sender.id, "name": message.sender.name},
        "document_id": message.document_id,
        "number": message.number,
        "issued_on": message.issued_on.isoformat() if message.issued_on else None,
        "subject": message.subject,
        "urgency": message.urgency.value,
        "signer": message.signer,
        "receivers": [one.shown for one in message.receivers],
        "due_on_proposed": message.due_on.isoformat() if message.due_on else None,
        "about": list(message.about),
        "answers": [one.document_id or one.code for one in message.answers],
        "status": message.code or None,
        "reason": message.reason,
        "attachments": [{"name": one.name, "bytes": len(one.content)} for one in message.attachments],
    }


def _told(context: CommandContext, message: Message) -> Iterable[tuple[str, str]]:
    yield _("message"), context.words(message.kind.label)
    yield _("status"), message.code
    yield _("sender"), f"{message.sender.shown} ({message.sender.id})"
    yield "DocumentId", message.document_id
    yield _("number"), message.number
    yield _("issued"), write_date(message.issued_on) if message.issued_on else ""
    yield _("subject"), message.subject
    yield _("urgency"), context.words(message.urgency.label)
    yield _("signer"), message.signer
    yield _("receivers"), "; ".join(one.shown for one in message.receivers)
    yield _("deadline proposed"), write_date(message.due_on) if message.due_on else ""
    yield _("reason"), message.reason
    yield _("speaks of"), "; ".join(message.about)
    yield _("files"), "; ".join(one.name for one in message.attachments)


def _save(context: CommandContext, opened: Opened, keeping: Keeping) -> None:
    check_ready(context)
    if keeping.person is None:
        raise BadInput("--as: say who keeps it, such as --as le.thi.c")
    with context.transaction() as session:
        actor = resolve_person(session, keeping.person)
        principal = read_principal(session, actor, local_date(keeping.now))
        taking = taking_by(session, principal, keeping.unit, context.settings, now=keeping.now, came_by=CameBy.COMMAND)
        taken = take_message(session, opened, taking)
        count, page = len(proposed_duties(session, taken.intake)), f"/intake/{taken.intake.id.hex}"
    if taken.incoming.kind is MessageKind.STATUS:
        words = context.words(_("status {code} kept with its document at {page}"), code=taken.incoming.code, page=page)
    else:
        words = read_words(context, count, page)
    told = {
        "message": taken.incoming.id,
        "kind": taken.incoming.kind.value,
        "intake": taken.intake.id,
        "page": page,
        "duties": count,
    }
    context.show(told, Text(words))


def read_words(context: CommandContext, count: int, page: str) -> str:
    """Return what a document that was kept became, in the user's language."""
    return context.words(
        _n("{count} duty read, to be confirmed at {page}", "{count} duties read, to be confirmed at {page}"),
        count=count,
        page=page,
    )
