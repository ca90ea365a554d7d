"""How often one gets which letters: one's own choice, and what it would have meant last month."""

from collections.abc import Callable
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Depends
from fastapi.responses import HTMLResponse, PlainTextResponse, Response
from pydantic import Field
from sqlmodel import Session

from models.errors import BadInput, DondocError
from models.i18n import _
from models.letters.letter_preference import LetterPreference, Matter, Pace
from models.rooms import Place
from notifications.composing.keys import read_fewer
from web.request.form_input import FormInput, Ticked
from web.request.request_context import Guest, RequestContext, Signed
from workflows.access.letter_choices import (
    check_quiet,
    choice_of,
    choose_letters,
    fewer_letters,
    read_minutes,
    write_minutes,
)
from workflows.delivery.letters.letter_forecast import read_last_month
from workflows.rules.letter_pace import CHOICES, NO_CHOICE, PaceChoice, default_pace

router = APIRouter()
_BOTH_ENDS = _("quiet hours: give both the beginning and the end, or neither")


class LetterChoices(FormInput):
    """A pace for each Matter."""

    changes: str = ""
    requests: str = ""
    news: str = ""
    messages: str = ""
    summary: str = ""
    quiet_from: str = ""
    quiet_until: str = ""
    is_tried: Ticked = Field(default=False, alias="try")

    @property
    def given(self) -> dict[str, str]:
        return dict(self.pairs("is_tried"))

    def read(self) -> PaceChoice:
        """BadInput names what is wrong with the choice."""
        paces: dict[Matter, Pace] = {}
        for matter in Matter:
            if value := getattr(self, matter.value):
                if value not in CHOICES[matter]:
                    possible = [one.label for one in CHOICES[matter]]
                    raise BadInput(
                        "{name} {value}: it can be {possible}", name=matter.label, value=value[:32], possible=possible
                    )
                paces[matter] = Pace(value)
        ends = self.quiet_from, self.quiet_until
        if not any(ends):
            return PaceChoice(paces)
        if not all(ends):
            raise BadInput(_BOTH_ENDS)
        start, end = (read_minutes(_("Quiet hours"), one) for one in ends)
        check_quiet((start, end))
        return PaceChoice(paces, (start, end))


@router.get("/account/letters")
def letter_choices(context: Signed, asked: Annotated[LetterChoices, Depends(LetterChoices.asked)]) -> Response:
    """With parameters, show what another choice would have meant, without storing it."""
    if not asked.given:
        return _page(context, _stored(context))
    try:
        return _page(context, asked.read(), is_tried=True)
    except DondocError as error:
        return _page(context, _stored(context), error=error)


@router.post("/account/letters")
def choose(context: Signed, sent: Annotated[LetterChoices, Depends(LetterChoices.sent)]) -> Response:
    """Store the reader's choice, which counts for what happens from now on; or lead to what it would have meant."""
    if sent.is_tried:
        return context.go(f"/account/letters?{urlencode(sent.given)}")
    with context.again(lambda error: _page(context, _stored(context), error=error)):
        choice = sent.read()
        paces = {matter: choice.paces.get(matter) for matter in Matter}
        with context.transaction() as session:
            choose_letters(session, context.person.id, paces, choice.quiet, now=context.now)
    return context.go("/account/letters", _("Saved: letters from now on come as you chose."), is_repeated=True)


@router.get("/fewer/{token}")
def fewer_page(token: str, context: Guest) -> Response:
    """Lead whoever opens the address of a mail reader's button to their choice; opening it changes nothing."""
    read_fewer(context.site.key, token)
    return context.go("/account/letters")


@router.post("/fewer/{token}")
def one_click(token: str, context: Guest) -> Response:
    """Do what a mail reader's own "unsubscribe" asks (RFC 8058): it brings no session and no form of ours.

    The weekly summary ends, news waits for the morning's digest; the token can do nothing else.
    """
    person_id, kind = read_fewer(context.site.key, token)
    with context.transaction() as session:
        fewer_letters(session, person_id, kind, now=context.now)
    return PlainTextResponse("ok\n")


CHANNELS: Place[Callable[[RequestContext, Session], dict[str, Any]]] = Place("letters.channels")
"""Tells which channels there are beside mail, and what was chosen, as the page needs it."""
NO_CHANNELS: dict[str, Any] = {"gateways": [], "number": None, "push_key": None, "browsers": [], "here": None}


def _stored(context: RequestContext) -> PaceChoice:
    with context.reading() as session:
        return choice_of(session.get(LetterPreference, context.person.id))


def _page(
    context: RequestContext, choice: PaceChoice, *, is_tried: bool = False, error: DondocError | None = None
) -> HTMLResponse:
    with context.reading() as session:
        month = read_last_month(session, context.person.id, now=context.now)
        calendar = context.calendar(session)
        channels = choices_of(context, session) if (choices_of := CHANNELS.only) else NO_CHANNELS
    told, would = month.by_matter(), month.letters_by_matter(choice, calendar)
    return context.page(
        "account/letters.html",
        error=error,
        choice=choice,
        is_tried=is_tried,
        is_default=choice == NO_CHOICE,
        matters=[(matter, [(one.value, context.words(one.label)) for one in CHOICES[matter]]) for matter in Matter],
        defaults={matter: default_pace(matter).label for matter in Matter},
        quiet=[write_minutes(one) for one in choice.quiet] if choice.quiet else ["", ""],
        sent=month.sent,
        by_matter=[(matter, *told[matter], would[matter]) for matter in Matter],
        would=month.letters(choice, calendar),
        would_by_default=month.letters(NO_CHOICE, calendar),
        **channels,
    )
