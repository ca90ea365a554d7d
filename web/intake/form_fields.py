"""Offer and read the fields that several intake forms share: the unit, the date, the meaning of a name."""

from datetime import date

from sqlmodel import Session

from models.errors import BadInput
from models.i18n import _
from models.organization.register_reads import units_among
from models.organization.unit import Unit
from models.text.localtime import read_day
from web.request.form_input import FormInput
from web.request.request_context import RequestContext
from workflows.access.conflict import CHANGED, Conflict
from workflows.intake.review.match import load_matcher, teach


def which_unit(session: Session, context: RequestContext, code: str) -> Unit:
    """Return the unit with that code, or the only one that the reader speaks for. BadInput for any other."""
    mine = units_among(session, context.principal.speaks_for)
    found = [unit for unit in mine if unit.code == code] or (mine if len(mine) == 1 else [])
    if not found:
        raise BadInput("unit {unit}: choose the unit that follows it up", unit=code or "–")
    return found[0]


def units_of(session: Session, context: RequestContext) -> list[tuple[str, str]]:
    """Return code and name of the units that the reader speaks for."""
    return [(unit.code, unit.name) for unit in units_among(session, context.principal.speaks_for)]


class DocumentForm(FormInput):
    """What the forms of an intake share; `do`: which of them it is, `seen`: a mark of what its page showed."""

    do: str = ""
    seen: str = ""
    kind: str = ""
    number: str = ""
    issued_on: str = ""
    issuer: str = ""
    subject: str = ""
    phrase: str = ""
    meant: tuple[str, ...] = ()
    another: str = ""
    reason: str = ""

    @property
    def issued(self) -> date | None:
        return read_day(_("date of the document"), self.issued_on) if self.issued_on else None


def say_whom(session: Session, context: RequestContext, given: DocumentForm) -> None:
    """Store which units a phrase means. BadInput for an unknown unit, Conflict if somebody changed it meanwhile."""
    phrase, matcher = given.phrase, load_matcher(session)
    meant = [given.another] if given.another else given.meant
    if given.seen != matcher.taught(phrase):
        raise Conflict(CHANGED, what=f"“{phrase}”")
    teach(session, phrase, meant, matcher=matcher, person_id=context.person.id, now=context.now)
