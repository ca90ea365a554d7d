"""Calls about the caller: who they are, and the language of their letters."""

from typing import Literal

from fastapi import APIRouter
from pydantic import Field

from web.api.caller import Acts, Caller, Reads
from web.api.sent_calls import CallRoute
from web.api.shapes import PersonShape, StrictBody
from workflows.access.accounts.preferences import set_language
from workflows.rules.rights_table import Right

router = APIRouter(tags=["me"], route_class=CallRoute)


class Preferences(StrictBody):
    """What a person chooses for themselves."""

    language: Literal["vi", "en"] = Field(description="Of letters, and of words in answers")


@router.get("/me")
def me(caller: Reads) -> PersonShape:
    """Return the owner of the token, their offices and their rights."""
    return _shape(caller, caller.person.language)


@router.patch("/me")
def prefer(body: Preferences, caller: Acts) -> PersonShape:
    """Set the language of letters from now on."""
    with caller.transaction() as session:
        set_language(session, caller.person.id, body.language)
    return _shape(caller, body.language)


def _shape(caller: Caller, language: str) -> PersonShape:
    principal = caller.principal
    return PersonShape.of(
        caller.person,
        language=language,
        standings=sorted(principal.standings),
        rights=[right for right in Right if principal.may(right)],
        scopes=caller.token.scopes,
    )
