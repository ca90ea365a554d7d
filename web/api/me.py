"""Who calls."""

from fastapi import APIRouter

from web.api.caller import Reads
from web.api.shapes import PersonShape
from workflows.rules.rights import Right

router = APIRouter(tags=["me"])


@router.get("/me")
def me(caller: Reads) -> PersonShape:
    """The token's person, what they are in the office, and what they may do."""
    person, place = caller.person, caller.place
    return PersonShape(
        code=person.code,
        full_name=person.full_name,
        language=person.language,
        standings=sorted(place.standings),
        rights=[right for right in Right if place.may(right)],
        scopes=caller.token.scopes,
    )
