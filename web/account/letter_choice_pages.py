"""The reader's choice of how often letters come, and what another choice would have meant last month."""

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
from web.request.page_frame import options
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
    """The first fields are the paces, one for each Matter. `is_tried`: show the effect, and store nothing."""

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
        paces: dict[Matter, Pace] = {}
        for matter in Matter:
            if value := getattr(self, matter.value):
                if value not in CHOICES[matter]:
                    possible = [pace.label for pace in CHOICES[matter]]
                    raise BadInput(
                        "{name} {value}: it can be {possible}", name=matter.label, value=value[:32], possible=possible
                    )
                paces[matter] = Pace(value)
        if not self.quiet_from and not self.quiet_until:
            return PaceChoice(paces)
        if not self.quiet_from or not self.quiet_until:
            raise BadInput(_BOTH_ENDS)
        start, end = (read_minutes(_("Quiet hours"), text) for text in (self.quiet_from, self.quiet_until))
        check_quiet((start, end))
        return PaceChoice(paces, (start, end))


@router.get("/account/letters")
def letter_choices(context: Signed, form: Annotated[LetterChoices, Depends(LetterChoices.from_query)]) -> Response:
    """Show the stored choice; with parameters, what another choice would have meant."""
    if not form.given:
        return _page(context, _stored(context))
    try:
        return _page(context, form.read(), is_tried=True)
    except DondocError as error:
        return _page(context, _stored(context), error=error)


@router.post("/account/letters")
def choose(context: Signed, sent: Annotated[LetterChoices, Depends(LetterChoices.sent)]) -> Response:
    """Store the choice, which applies from now on, or lead to the page that shows its effect."""
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
    """Lead a person who opens the address of their mail program's "unsubscribe" button to their choice."""
    read_fewer(context.site.key, token)
    return context.go("/account/letters")


@router.post("/fewer/{token}")
def one_click(token: str, context: Guest) -> Response:
    """Do what a mail program's "unsubscribe" button asks (RFC 8058). It sends no session and no form of ours.

    The weekly summary ends, and news waits for the morning's digest. The token allows nothing else.
    """
    person_id, kind = read_fewer(context.site.key, token)
    with context.transaction() as session:
        fewer_letters(session, person_id, kind, now=context.now)
    return PlainTextResponse("ok\n")


CHANNELS: Place[Callable[[RequestContext, Session], dict[str, Any]]] = Place("letters.channels")
"""Returns the channels beside mail and the reader's choice of them, as the page needs it."""
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
        channels = read_channels(context, session) if (read_channels := CHANNELS.only) else NO_CHANNELS
    return context.page(
        "account/letters.html",
        error=error,
        choice=choice,
        is_tried=is_tried,
        is_default=choice == NO_CHOICE,
        matters=[
            (matter, options([(pace.value, pace.label) for pace in CHOICES[matter]], context)) for matter in Matter
        ],
        defaults={matter: default_pace(matter).label for matter in Matter},
        quiet=[write_minutes(minutes) for minutes in choice.quiet] if choice.quiet else ["", ""],
        sent=month.sent,
        matter_counts=month.count_matters(choice, calendar),
        would=month.count_letters(choice, calendar),
        would_by_default=month.count_letters(NO_CHOICE, calendar),
        **channels,
    )
