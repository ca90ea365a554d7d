"""How often one gets which letters: one's own choice, and what it would have meant last month."""

from collections.abc import Mapping
from urllib.parse import urlencode

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, PlainTextResponse, Response

from models.errors import BadInput, DondocError
from models.i18n import _
from models.letters.letter_preference import LetterPreference, Matter, Pace
from notifications.composing.keys import read_fewer
from web.account.channel_choices import channel_choices
from web.request.request_context import Guest, Posted, RequestContext, Signed, text
from workflows.access.letter_choices import (
    check_quiet,
    choice_of,
    choose_letters,
    fewer_letters,
    read_minutes,
    write_minutes,
)
from workflows.delivery.letters.letter_forecast import read_last_month
from workflows.rules.letter_pace import CHOICES, NO_CHOICE, Choice, default_pace

router = APIRouter()
_FIELDS = (*(matter.value for matter in Matter), "quiet_from", "quiet_until")
_BOTH_ENDS = _("quiet hours: give both the beginning and the end, or neither")


@router.get("/account/letters")
def letter_choices(context: Signed) -> Response:
    """Return the reader's choice; with parameters, what another one would have meant, without storing it."""
    given = {name: value for name in _FIELDS if (value := context.request.query_params.get(name, ""))}
    if not given:
        return _page(context, _stored(context))
    try:
        return _page(context, _read(given), is_tried=True)
    except DondocError as error:
        return _page(context, _stored(context), error=error)


@router.post("/account/letters")
def choose(context: Signed, form: Posted) -> Response:
    """Store the reader's choice, which counts for what happens from now on; or lead to what it would have meant."""
    given = {name: text(form, name) for name in _FIELDS}
    if text(form, "try"):
        return context.go(f"/account/letters?{urlencode({name: value for name, value in given.items() if value})}")
    with context.again(lambda error: _page(context, _stored(context), error=error)):
        choice = _read(given)
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


def _stored(context: RequestContext) -> Choice:
    with context.reading() as session:
        return choice_of(session.get(LetterPreference, context.person.id))


def _read(given: Mapping[str, str]) -> Choice:
    """Return a choice as a form or an address has it. BadInput names what is wrong with it."""
    paces: dict[Matter, Pace] = {}
    for matter in Matter:
        if value := given.get(matter.value, ""):
            if value not in CHOICES[matter]:
                possible = [one.label for one in CHOICES[matter]]
                raise BadInput(
                    "{name} {value}: it can be {possible}", name=matter.label, value=value[:32], possible=possible
                )
            paces[matter] = Pace(value)
    ends = given.get("quiet_from", ""), given.get("quiet_until", "")
    if not any(ends):
        return Choice(paces)
    if not all(ends):
        raise BadInput(_BOTH_ENDS)
    start, end = (read_minutes(_("Quiet hours"), one) for one in ends)
    check_quiet((start, end))
    return Choice(paces, (start, end))


def _page(
    context: RequestContext, choice: Choice, *, is_tried: bool = False, error: DondocError | None = None
) -> HTMLResponse:
    with context.reading() as session:
        month = read_last_month(session, context.person.id, now=context.now)
        calendar = context.calendar(session)
        channels = channel_choices(context, session)
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
