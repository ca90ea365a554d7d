"""What a document gets that comes in without it: a code of its own, and the issuer's office."""

import re
from datetime import date
from uuid import UUID

from sqlmodel import Session, col, select

from models.directive import Directive
from models.unit import Unit
from models.vietnamese import fold


def document_code(session: Session, kind: str, number: str | None, day: date) -> str:
    """From its number, or its kind and a local day; with a count behind it where that is taken."""
    initials = "".join(word[0] for word in fold(kind).split())
    base = fold(number) if number and number.strip() else f"{initials}-{day.isoformat()}"
    base = re.sub(r"[^a-z0-9]+", "-", base).strip("-")[:56] or initials
    taken = set(session.exec(select(Directive.code).where(col(Directive.code).startswith(base, autoescape=True))))
    return next(code for n in range(1, len(taken) + 2) if (code := base if n == 1 else f"{base}-{n}") not in taken)


def issuer_office(session: Session, follows: Unit) -> UUID:
    """The office of the last document that the unit follows up, else of any; else whoever stands above the unit."""
    newest = select(Directive.issuer_office_id).order_by(col(Directive.id).desc()).limit(1)
    found = session.exec(newest.where(Directive.coordinating_unit_id == follows.id)).first()
    return found or session.exec(newest).first() or follows.supervising_unit_id or follows.id
