"""The unit that follows up what comes in: one that the person speaks for."""

from sqlmodel import Session, col, select

from models.errors import BadInput
from models.organization.unit import Unit
from web.request.request_context import RequestContext


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
