"""`dondoc import` of a message of the document exchange (edXML): what it says, and the document that it brings."""

from collections.abc import Iterable

from rich.console import RenderableType
from rich.text import Text

from commands.context import CommandContext, check_ready
from commands.intake.import_document import Given, kept_of, kept_words, progress_of, rendered, who_keeps
from models.exchange.edxml import CameBy, MessageKind
from models.i18n import _
from models.text.localtime import write_date
from workflows.exchange.keep_message import Opened, open_whole, take_message, taking_by
from workflows.exchange.message import ExchangeMessage, is_message
from workflows.intake.text.gold import gold_json


def import_message(context: CommandContext, given: Given) -> bool:
    """Import a message. False for a file that is none."""
    if not is_message(given.name, given.content):
        return False
    opened = open_whole(given.name, given.content)
    if given.save and opened.is_unread:
        check_ready(context)
    opened = opened.read_scan(progress_of(context))
    if given.save:
        _save_message(context, opened, given)
    else:
        _show_message(context, opened)
    return True


def _show_message(context: CommandContext, opened: Opened) -> None:
    message = opened.message
    rows = [{"field": context.words(words), "value": value} for words, value in _said(context, message) if value]
    shown: list[RenderableType] = [context.table(rows, {"field": _("field"), "value": _("said by the message")})]
    read = None
    if opened.main is not None and opened.draft is not None:
        read = gold_json(opened.draft.reading)
        shown += rendered(context, opened.draft)
    context.show({"message": message_json(message), "reading": read}, *shown)


def _save_message(context: CommandContext, opened: Opened, given: Given) -> None:
    with who_keeps(context, given.person, given.now) as (session, principal):
        taking = taking_by(session, principal, given.unit, context.settings, now=given.now, came_by=CameBy.COMMAND)
        taken = take_message(session, opened, taking)
        kept = kept_of(session, taken.intake)
    words = kept_words(context, kept)
    if taken.incoming.kind is MessageKind.STATUS:
        words = context.words(
            _("status {code} kept with its document at {page}"), code=taken.incoming.code, page=kept["page"]
        )
    context.show({"message": taken.incoming.id, "kind": taken.incoming.kind.value} | kept, Text(words))


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
        "receivers": [one.shown for one in message.receivers],
        "due_on_proposed": message.due_on.isoformat() if message.due_on else None,
        "about": list(message.about),
        "answers": [one.document_id or one.code for one in message.answers],
        "status": message.code or None,
        "reason": message.reason,
        "attachments": [{"name": one.name, "bytes": len(one.content)} for one in message.attachments],
    }


def _said(context: CommandContext, message: ExchangeMessage) -> Iterable[tuple[str, str]]:
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
