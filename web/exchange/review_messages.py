"""What the review of a document says of the messages that brought it, and what these are answered."""

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
from web.intake.review_page import Brought
from web.request.request_context import RequestContext, Signed
from workflows.exchange.answers import answer_change
from workflows.exchange.edxml_view import message_lines
from workflows.exchange.keep_message import Taking, open_whole, take_or_queue
from workflows.exchange.message import is_message
from workflows.exchange.spoken_of import cited_by, messages_of, still_under_review
from workflows.intake.review.correct_reading import open_intake

router = APIRouter(prefix="/intake")


def take_upload(context: RequestContext, name: str, content: bytes, unit: str) -> Response | None:
    """Take a message in, and go to the document that it brings or speaks of. None for a file that is no message.

    Of one whose document is a scan, go to the page that shows how far its reading is.
    """
    if not is_message(name, content):
        return None

    opened = open_whole(name, content, context.person.id)
    with context.transaction() as session:
        follows = which_unit(session, context, unit)
        taking = Taking(follows.id, context.person.id, context.now, CameBy.PAGE, context.settings.evidence)
        taken = take_or_queue(session, opened, taking)
    if isinstance(taken, BackgroundJob):
        return context.go(f"/background-jobs/{taken.id}")
    said = None if taken.is_new else _("This message had come in before; nothing was changed.")
    return context.go(f"/intake/{taken.intake.id.hex}", said, is_repeated=not taken.is_new)


def brought_by(session: Session, intake: Intake) -> Brought:
    messages = messages_of(session, intake.id)
    return Brought(
        lines=message_lines(session, [intake.id]) if messages else [],
        cited=cited_by(session, messages),
        came=next((one for one in messages if not one.code), None),
        spoken_of=still_under_review(session, intake, messages),
    )


@router.post("/{intake_id}/messages/{message_id}")
def answer_message(intake_id: UUID, message_id: UUID, context: Signed, given: SentReview) -> Response:
    """Answer a recall, an update or a replacement: the office agrees, or declines with a reason."""
    if given.do not in ("agree", "decline"):
        raise NotFound("there is no such page")
    with context.transaction() as session:
        intake = open_intake(session, context.principal, intake_id)
        answer_change(context.acting(session), intake, message_id, agrees=given.do == "agree", reason=given.reason)
    return context.go(f"/intake/{intake_id.hex}", _("The answer goes to the sender."))
