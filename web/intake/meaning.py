"""Whom a name means, said on a page: for a document's review and for a table's rows."""

from sqlmodel import Session
from starlette.datastructures import FormData

from web.visit import Visit, text
from workflows.review.match import load_matcher, teach


def say_whom(session: Session, visit: Visit, form: FormData) -> None:
    """Remembers what the form says of a phrase. BadInput for a unit that is none."""
    meant = [str(one) for one in form.getlist("meant")]
    teach(
        session, text(form, "phrase"), meant, matcher=load_matcher(session), person_id=visit.person.id, now=visit.now
    )  # fmt: skip
