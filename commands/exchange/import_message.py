"""`dondoc import` of a message of the document exchange (edXML), and of the document that it brings."""

from collections.abc import Iterable

from rich.console import RenderableType
from rich.text import Text

from commands.context import CommandContext, check_ready
from commands.intake.import_document import (
    ImportArguments,
    keeping_person,
    page_progress,
    reading_json,
    render_reading,
    stored_facts,
    stored_words,
)
from models.exchange.edxml import CameBy, MessageKind
from models.i18n import _
from models.text.localtime import write_date
from workflows.exchange.keep_message import OpenedMessage, open_message, take_message, taking_by
from workflows.exchange.message import ExchangeMessage, is_message


def import_message(context: CommandContext, arguments: ImportArguments) -> bool:
    """Import a message. False for a file that is none."""
    if not is_message(arguments.name, arguments.content):
        return False
    opened = open_message(arguments.name, arguments.content)
    if arguments.save and opened.is_unread:
        check_ready(context)
    opened = opened.read_scan(page_progress(context))
    if arguments.save:
        _save_message(context, opened, arguments)
    else:
        _show_message(context, opened)
    return True


def _show_message(context: CommandContext, opened: OpenedMessage) -> None:
    message = opened.message
    rows = [
        {"field": context.words(words), "value": value} for words, value in _message_rows(context, message) if value
    ]
    shown: list[RenderableType] = [context.table(rows, {"field": _("field"), "value": _("said by the message")})]
    read = None
    if opened.main is not None and opened.draft is not None:
        read = reading_json(opened.draft)
        shown += render_reading(context, opened.draft)
    context.show({"message": message_json(message), "reading": read}, *shown)


def _save_message(context: CommandContext, opened: OpenedMessage, arguments: ImportArguments) -> None:
    with keeping_person(context, arguments.person, arguments.now) as (session, principal):
        taking = taking_by(
            session, principal, arguments.unit, context.settings, now=arguments.now, came_by=CameBy.COMMAND
        )
        taken = take_message(session, opened, taking)
        stored = stored_facts(session, taken.intake)
    words = stored_words(context, stored)
    if taken.incoming.kind is MessageKind.STATUS:
        words = context.words(
            _("status {code} kept with its document at {page}"), code=taken.incoming.code, page=stored["page"]
        )
    context.show({"message": taken.incoming.id, "kind": taken.incoming.kind.value} | stored, Text(words))


def message_json(message: ExchangeMessage) -> dict[str, object]:
    return {
        "kind": message.kind.value,
        "sender": {"organ_id": message.sender.id, "name": message.sender.name},
        "document_id": message.document_id,
        "number": message.number,
        "issued_on": message.issued_on.isoformat() if message.issued_on else None,
        "subject": message.subject,
        "urgency": message.urgency.value,
        "signer": message.signer,
        "receivers": [part.shown for part in message.receivers],
        "due_on_proposed": message.due_on.isoformat() if message.due_on else None,
        "about": list(message.about),
        "answers": [part.document_id or part.code for part in message.answers],
        "status": message.code or None,
        "reason": message.reason,
        "attachments": [{"name": part.name, "bytes": len(part.content)} for part in message.attachments],
    }


def _message_rows(context: CommandContext, message: ExchangeMessage) -> Iterable[tuple[str, str]]:
    yield _("message"), context.words(message.kind.label)
    yield _("status"), message.code
    yield _("sender"), f"{message.sender.shown} ({message.sender.id})"
    yield "DocumentId", message.document_id
    yield _("number"), message.number
    yield _("issued"), write_date(message.issued_on) if message.issued_on else ""
    yield _("subject"), message.subject
    yield _("urgency"), context.words(message.urgency.label)
    yield _("signer"), message.signer
    yield _("receivers"), "; ".join(part.shown for part in message.receivers)
    yield _("deadline proposed"), write_date(message.due_on) if message.due_on else ""
    yield _("reason"), message.reason
    yield _("speaks of"), "; ".join(message.about)
    yield _("files"), "; ".join(part.name for part in message.attachments)
