"""The part of a review that tells of the document exchange: the messages, what is recalled, and answers to both."""

from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import Response
from sqlmodel import Session
from starlette.datastructures import FormData

from models.directives.intake import Intake
from models.errors import NotFound
from models.i18n import _
from web.request.request_context import Posted, RequestContext, Signed, text
from workflows.delivery.edxml.answers import answer_change
from workflows.intake.review.correct_reading import open_intake, settle_due
from workflows.intake.review.store_reading import proposed_duties

router = APIRouter(prefix="/intake")


@router.post("/{intake_id}/messages/{message_id}")
def answer_message(intake_id: UUID, message_id: UUID, context: Signed, form: Posted) -> Response:
    """Answer a recall, an update or a replacement: the office agrees, or declines with a reason."""
    do = text(form, "do")
    if do not in ("agree", "decline"):
        raise NotFound("there is no such page")
    with context.transaction() as session:
        intake = open_intake(session, context.principal, intake_id)
        answer_change(
            session,
            context.settings,
            intake,
            message_id,
            agrees=do == "agree",
            reason=text(form, "reason"),
            actor=context.person,
            now=context.now,
        )
    return context.go(f"/intake/{intake_id.hex}", _("The answer goes to the sender."))


def decide_due(session: Session, context: RequestContext, intake: Intake, form: FormData) -> None:
    """Take the deadline that the message proposes, or leave it, as the button says."""
    duties = proposed_duties(session, intake)
    settle_due(intake, duties, take=text(form, "take") == "yes", person_id=context.person.id, now=context.now)
