"""The engine's upkeep: its troubles, a check-up from all sides, the mail settings and their test."""

from dataclasses import replace
from datetime import datetime

from fastapi import APIRouter
from pydantic import Field, field_validator

from models.i18n import translate
from models.letters.letter import LetterState
from models.operations.alert import AlertKind, list_alerts
from models.operations.engine_reads import (
    letters_by_state,
    letters_sent,
    letters_sent_today,
    letters_waiting,
    quota_used,
)
from models.text.faults import invalid
from notifications.composing.troubles import read_trouble
from web.admin.alert_pages import alert_item
from web.api.caller import Administers, Reads
from web.api.repeats import OnceRoute
from web.api.shapes import Shape, StrictBody
from web.request.cursor_paging import PageNumber
from workflows.access.accounts.mailed import send_test
from workflows.delivery.mail_settings import FIELD_WORDS, Source, change_mail, shown_values, sources
from workflows.operations.doctor import CHECK_WORDS, examine
from workflows.operations.doctor.finding import Case, Finding, State
from workflows.operations.doctor.mail_and_exchange import mail_server
from workflows.rules.rights_table import Right

router = APIRouter(tags=["upkeep"], route_class=OnceRoute)
PER_PAGE = 50


class AlertShape(Shape):
    """A trouble of the engine itself; it ends by itself once mended."""

    kind: AlertKind
    subject: str = Field(description="The job, letter, task or mail server it is about", examples=["deliver"])
    raised_at: datetime
    last_seen_at: datetime
    times: int
    ended_at: datetime | None
    reason: str
    commands: list[str] = Field(description="What helps on the command line", examples=[["dondoc doctor"]])


class Alerts(Shape):
    """A page of them: those that last first, then those that ended within a month, the newest first."""

    total: int
    items: list[AlertShape]
    page: int
    pages: int


class FindingShape(Shape):
    """What one check found, in the language of the caller's person."""

    name: str = Field(examples=["mail_server"])
    title: str
    state: State
    words: str
    advice: str | None


class MailSetting(Shape):
    """A setting in force, and where it comes from. A password is never told."""

    name: str = Field(examples=["host"])
    value: str = Field(examples=["mail.bo.example"])
    source: Source


class MailShape(Shape):
    """The mail settings in force, and what waits."""

    settings: list[MailSetting]
    is_fixed: bool = Field(description="The site does not change them")
    sent_this_minute: int
    sent_today: int
    quota_used_this_minute: int = Field(description="Every try counts; 0 where no such quota is set")
    quota_used_today: int = Field(description="Every try counts; 0 where no such quota is set")
    waiting: int
    held: int


class MailChange(StrictBody):
    """What is to be changed; what is not named stays. The password is set on the page or in the settings file."""

    fields: dict[str, str] = Field(min_length=1, max_length=20, examples=[{"letters_per_minute": "30"}])

    @field_validator("fields")
    @classmethod
    def known(cls, given: dict[str, str]) -> dict[str, str]:
        """Return the fields; refuse unknown ones and secrets."""
        possible = [name for name in FIELD_WORDS if name != "password"]
        if odd := sorted(set(given) - set(possible)):
            raise invalid("{value}: it can be {possible}", value=", ".join(odd), possible=", ".join(possible))
        return given


class Changed(Shape):
    """The settings that changed."""

    changed: list[str]


class TestSent(Shape):
    """Where the test letter goes."""

    __test__ = False
    address: str


@router.get("/alerts")
def alerts(caller: Reads, page: PageNumber = 1) -> Alerts:
    """Return the engine's troubles."""
    caller.require(Right.RUN_JOBS)
    with caller.reading() as session:
        found, total = list_alerts(session, caller.now, page=page, per_page=PER_PAGE)
        troubles = [(one, read_trouble(alert_item(one), caller.person.language)) for one in found]
    items = [AlertShape.of(one, reason=trouble.reason, commands=trouble.commands) for one, trouble in troubles]
    return Alerts(total=total, items=items, page=page, pages=max(1, -(-total // PER_PAGE)))


@router.get("/check-up")
def check_up(caller: Reads) -> list[FindingShape]:
    """Return what `dondoc doctor` finds: looks anew each time, changes and sends nothing. It may take seconds."""
    caller.require(Right.RUN_JOBS)
    engine = caller.site.engine.execution_options(reading_only=True)
    return [_finding(one, caller) for one in examine(Case(caller.settings, caller.now, engine=engine))]


@router.get("/mail")
def mail(caller: Reads) -> MailShape:
    """Return the mail settings in force, where each comes from, and what waits to be sent."""
    caller.require(Right.EDIT_MAIL)
    with caller.reading() as session:
        used, counts = quota_used(session, caller.now), letters_by_state(session)
        minute = letters_sent(session, caller.now.replace(second=0, microsecond=0), caller.now)
        today, waiting = letters_sent_today(session, caller.now), letters_waiting(session)
    values = shown_values(caller.settings.mail)
    return MailShape(
        settings=[
            MailSetting(name=name, value=values[name], source=source)
            for name, source in sources(caller.settings.mail).items()
        ],
        is_fixed=caller.settings.mail_is_fixed,
        sent_this_minute=minute.letters,
        sent_today=today.letters,
        quota_used_this_minute=used["minute"],
        quota_used_today=used["day"],
        waiting=waiting,
        held=counts[LetterState.HELD],
    )


@router.patch("/mail")
def change(body: MailChange, caller: Administers) -> Changed:
    """Write settings of mail; they hold from the next letter on."""
    caller.require(Right.EDIT_MAIL)
    with caller.transaction() as session:
        return Changed(changed=list(change_mail(session, caller.settings, body.fields, caller.hand)))


@router.get("/mail/connection")
def connection(caller: Reads) -> FindingShape:
    """Connect to the mail server, secure the line and log in as for letters. No letter is sent."""
    caller.require(Right.EDIT_MAIL)
    found = mail_server(Case(caller.settings, caller.now))
    return _finding(replace(found, name="mail_server"), caller)


@router.post("/mail/test")
def test_letter(caller: Administers) -> TestSent:
    """Queue a test letter to the caller, which leaves as every letter does."""
    caller.require(Right.EDIT_MAIL)
    with caller.transaction() as session:
        address = send_test(session, caller.person, caller.hand)
    return TestSent(address=address)


def _finding(one: Finding, caller: Reads) -> FindingShape:
    language = caller.person.language
    return FindingShape.of(
        one,
        title=translate(CHECK_WORDS[one.name], language),
        words=translate(one.words, language),
        advice=translate(one.advice, language) if one.advice else None,
    )
