"""How directives are called: "Chỉ thị 06/2004/CT-BBCVT", or their subject where no number is known."""

from collections.abc import Collection

from sqlalchemy import select
from sqlmodel import Session, col

from models.directives.directive import Directive, directive_name


def name_directives(session: Session, codes: Collection[str]) -> dict[str, str]:
    """Return the names of directives by their codes. One query."""
    names = (col(Directive.kind), col(Directive.number), col(Directive.subject))
    query = select(col(Directive.code), *names).where(col(Directive.code).in_(set(codes)))
    return {code: directive_name(kind, number, subject) for code, kind, number, subject in session.execute(query)}
