"""The messages that brought a document, as its review shows them, and the answers to them."""

from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import Response
from sqlmodel import Session

from models.errors import NotFound
from models.exchange.edxml import CameBy
from models.i18n import _
from models.intake.intake import Intake
from models.operations.background_job import BackgroundJob
from web.intake.form_fields import which_unit
from web.intake.review import SentReview
from web.intake.review_page import IntakeMessages
from web.request.request_context import RequestContext, Signed
from workflows.exchange.answers import answer_change
from workflows.exchange.edxml_view import message_lines
from workflows.exchange.intake_messages import find_cited_documents, find_open_intakes, messages_of
from workflows.exchange.keep_message import Taking, open_message, take_or_queue
from workflows.exchange.message import is_message
from workflows.intake.review.correct_reading import open_intake

router = APIRouter(prefix="/intake")


def take_upload(context: RequestContext, name: str, content: bytes, unit: str) -> Response | None:
    """Take a message in, and go to the document that it brings or refers to. None for a file that is no message.

    A scan is read in the background: then go to the page that shows the progress.
    """
    if not is_message(name, content):
        return None
    opened = open_message(name, content, context.person.id)
    with context.transaction() as session:
        unit_row = which_unit(session, context, unit)
        taking = Taking(unit_row.id, context.person.id, context.now, CameBy.PAGE, context.settings.evidence)
        taken = take_or_queue(session, opened, taking)
    if isinstance(taken, BackgroundJob):
        return context.go(f"/background-jobs/{taken.id}")
    message = None if taken.is_new else _("This message had come in before; nothing was changed.")
    return context.go(f"/intake/{taken.intake.id.hex}", message, is_repeated=not taken.is_new)


def read_messages(session: Session, intake: Intake) -> IntakeMessages:
    messages = messages_of(session, intake.id)
    return IntakeMessages(
        lines=message_lines(session, [intake.id]) if messages else [],
        cited=find_cited_documents(session, messages),
        brought_by=next((message for message in messages if not message.code), None),
        mentioned=find_open_intakes(session, intake, messages),
    )


@router.post("/{intake_id}/messages/{message_id}")
def answer_message(intake_id: UUID, message_id: UUID, context: Signed, form: SentReview) -> Response:
    """Answer a recall, an update or a replacement: the office agrees, or declines with a reason."""
    if form.do not in ("agree", "decline"):
        raise NotFound("there is no such page")
    with context.transaction() as session:
        intake = open_intake(session, context.principal, intake_id)
        answer_change(context.acting(session), intake, message_id, agrees=form.do == "agree", reason=form.reason)
    return context.go(f"/intake/{intake_id.hex}", _("The answer goes to the sender."))
