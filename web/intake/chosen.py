"""What somebody chooses on several pages: the unit that follows up what comes in, and whom a name means."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlmodel import Session, col, select
from starlette.datastructures import FormData

from models.errors import BadInput
from models.i18n import _
from models.organization.unit import Unit
from models.text.localtime import read_day
from web.request.request_context import RequestContext, text
from workflows.access.conflict import CHANGED, Conflict
from workflows.intake.review.match import load_matcher, teach


def which_unit(session: Session, context: RequestContext, code: str) -> Unit:
    """Return the unit of that code; where they speak for one only, that one. BadInput for any other."""
    mine = session.exec(select(Unit).where(col(Unit.id).in_(context.principal.speaks_for))).all()
    found = [unit for unit in mine if unit.code == code] or (list(mine) if len(mine) == 1 else [])
    if not found:
        raise BadInput("unit {unit}: choose the unit that follows it up", unit=code or "–")
    return found[0]


def units_of(session: Session, context: RequestContext) -> list[tuple[str, str]]:
    """Code and name of the units they speak for."""
    query = select(Unit.code, Unit.name).where(col(Unit.id).in_(context.principal.speaks_for))
    return [(code, name) for code, name in session.exec(query.order_by(col(Unit.sort_key)))]


def issued_on(form: FormData) -> date | None:
    """Return the date of the document that a form says."""
    day = text(form, "issued_on")
    return read_day(_("date of the document"), day) if day else None


def options(context: RequestContext, words: Mapping[Any, str]) -> list[tuple[str, str]]:
    """Return codes with their words, as a form lists them."""
    return [(str(code), context.words(said)) for code, said in words.items()]


def say_whom(session: Session, context: RequestContext, form: FormData) -> None:
    """Remember what the form says of a phrase. BadInput for a unit that is none, Conflict where somebody was first."""
    phrase, matcher = text(form, "phrase"), load_matcher(session)
    another = text(form, "another")
    meant = [another] if another else [str(one) for one in form.getlist("meant")]
    if text(form, "seen") != matcher.taught(phrase):
        raise Conflict(CHANGED, what=f"“{phrase}”")
    teach(session, phrase, meant, matcher=matcher, person_id=context.person.id, now=context.now)
