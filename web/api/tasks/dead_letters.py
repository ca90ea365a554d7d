"""Calls for administrators about letters that need a person: list them, send them again or put them aside."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import Field

from models.database.paging import Paging
from models.errors import BadInput
from models.i18n import _, translate
from models.letters.letter import DEAD, LetterKind, LetterState
from models.letters.letter_reads import list_letters
from notifications.outbox.explain import reason_words
from web.api.caller import Administers, Reads
from web.api.repeats import OnceRoute
from web.api.shapes import Body, Shape
from web.request.cursor_paging import PageNumber
from workflows.delivery.resend import dead_groups, drop_letters, letters_alike, resend
from workflows.rules.rights_table import Right

router = APIRouter(prefix="/dead-letters", tags=["letters"], route_class=OnceRoute)
DeadState = Literal[LetterState.FAILED, LetterState.UNCERTAIN, LetterState.HELD]


class DeadLetter(Shape):
    """A letter that needs a person."""

    id: UUID
    slot: datetime
    kind: LetterKind
    state: LetterState
    recipient: str = Field(description="A person's code")
    recipient_name: str
    address: str | None
    subject: str | None
    attempts: int
    rungs: list[str]
    why: str = Field(description="Why it needs a person, in the caller's language")
    todo: str = Field(description="What the administrator can do about it")


class AlikeShape(Shape):
    """Letters that need a person for the same reason."""

    key: str = Field(description="The name of the group in a POST")
    state: LetterState
    error: str
    count: int


class DeadLetters(Shape):
    """A page of letters, the newest first; and all groups of them, the largest first."""

    total: int
    alike: list[AlikeShape]
    items: list[DeadLetter]
    page: int
    pages: int


class DealWith(Body):
    """What to do with the named letters, or with all letters of one group. It is done with all of them, or none."""

    deed: Literal["resend", "put-aside"]
    letters: list[UUID] = Field(default=[], max_length=5000)
    alike: str = Field(default="", max_length=16, description="The key of a group")


class DealtWith(Shape):
    """How many letters it was done with."""

    count: int


@router.get("")
def dead_letters(
    caller: Reads, state: Annotated[DeadState | None, Query()] = None, page: PageNumber = 1
) -> DeadLetters:
    """Return the letters that were refused, may not have arrived or were kept back."""
    caller.require(Right.RUN_JOBS)
    states = [LetterState(state)] if state else list(DEAD)
    with caller.reading() as session:
        groups = dead_groups(session)
        paging = Paging(page, sum(group.count for group in groups if group.state in states))
        rows = list_letters(session, states=states, limit=paging.per_page, offset=paging.offset)
    return DeadLetters(
        total=paging.total,
        alike=[AlikeShape.model_validate(group) for group in groups if group.state in states],
        items=[_line(row, caller.person.language) for row in rows],
        page=page,
        pages=paging.pages,
    )


@router.post("")
def deal_with(body: DealWith, caller: Administers) -> DealtWith:
    """Send letters again with the next delivery, or put them aside, so that they are not sent."""
    caller.require(Right.RUN_JOBS)
    if bool(body.letters) == bool(body.alike):
        raise BadInput(_("letters, alike: give either the letters or the key of a group"))
    with caller.transaction() as session:
        ids = letters_alike(session, body.alike) if body.alike else list(dict.fromkeys(body.letters))
        if body.deed == "resend":
            done = resend(session, caller.site.settings, ids, caller.now, caller.audit_actor)
        else:
            done = drop_letters(session, ids, caller.now, caller.audit_actor)
    return DealtWith(count=len(done))


def _line(row: dict[str, object], language: str) -> DeadLetter:
    why, todo = (translate(words, language) for words in reason_words(row))
    return DeadLetter.model_validate(row | {"why": why, "todo": todo})
