"""Whom a name means, said on a page: for a document's review and for a table's rows."""

from sqlmodel import Session
from starlette.datastructures import FormData

from web.request.request_context import RequestContext, text
from workflows.access.conflict import CHANGED, Conflict
from workflows.intake.review.match import load_matcher, teach


def say_whom(session: Session, context: RequestContext, form: FormData) -> None:
    """Remember what the form says of a phrase. BadInput for a unit that is none, Conflict where somebody was first."""
    phrase, matcher = text(form, "phrase"), load_matcher(session)
    another = text(form, "another")
    meant = [another] if another else [str(one) for one in form.getlist("meant")]
    if text(form, "seen") != matcher.taught(phrase):
        raise Conflict(CHANGED, what=f"“{phrase}”")
    teach(session, phrase, meant, matcher=matcher, person_id=context.person.id, now=context.now)
