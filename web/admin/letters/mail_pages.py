"""Mail: the settings and where each comes from, their form, a test of the connection, and a test letter."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.responses import HTMLResponse, Response
from sqlmodel import Session

from models.errors import BadFields, DondocError
from models.i18n import Words, _
from models.letters.letter import LetterState
from models.letters.letter_reads import last_test
from models.operations.engine_reads import SentCounts, letters_by_state, letters_sent_today, letters_waiting, quota_used
from models.settings import MailSettings, mail_in_environment, settings_file
from web.account.account_pages import Again, again_facts, prove_again
from web.letters import mailbox_pages
from web.request.form_input import Posted, Ticked, Verbatim
from web.request.having_right import MayEditMail
from web.request.page_frame import admin_page, options
from web.request.request_context import NOTHING_CHANGED, RequestContext
from workflows.access.accounts.mailed import send_test as send_test_letter
from workflows.access.conflict import mark_of
from workflows.delivery.mail_settings import FIELD_WORDS, Source, change_mail, find_sources, shown_values
from workflows.operations.doctor.finding import STATE_WORDS, CheckedInstallation, Finding, State
from workflows.operations.doctor.mail import mail_server

router = APIRouter()
HIDDEN = "••••••••"
MODE_WORDS = {
    "local": _("to the local mailbox: they stay on this machine"),
    "smtp": _("to the mail server, and on to their readers"),
}
LINE_WORDS = {
    "none": _("unencrypted"),
    "starttls": _("secured after the greeting (STARTTLS, mostly port 587)"),
    "tls": _("secured from the start (TLS, mostly port 465)"),
}
MARKS = {State.OK: "done", State.WARNING: "waiting", State.BROKEN: "late"}


class MailForm(Again):
    """The fields of MailSettings, as text."""

    mode: str = ""
    host: str = ""
    port: str = ""
    security: str = ""
    user: str = ""
    password: Verbatim = ""
    no_password: Ticked = False
    sender: str = ""
    sender_name: str = ""
    bounce_address: str = ""
    reply_address: str = ""
    only_to: str = ""
    letters_per_minute: str = ""
    letters_per_day: str = ""
    letters_per_connection: str = ""
    connections: str = ""
    timeout_seconds: str = ""
    dot_seconds: str = ""
    resend_uncertain: str = ""
    seen: str = ""

    @property
    def values(self) -> dict[str, str]:
        """The settings as `change_mail` takes them. "-" removes the password."""
        values: dict[str, str] = self.model_dump(include=set(FIELD_WORDS))
        return values | {"password": "-"} if self.no_password else values


@dataclass(frozen=True)
class Setting:
    name: str
    words: Words
    value: str
    source: Source
    variable: str


@dataclass(frozen=True)
class MailCounts:
    sent: SentCounts
    letters_waiting: int
    held: int


@router.get("/admin/mail")
def mail_page(context: MayEditMail) -> HTMLResponse:
    return _page(context)


@router.get("/admin/mail/connection")
def connection_page(context: MayEditMail) -> HTMLResponse:
    return _page(context, finding=mail_server(CheckedInstallation(context.settings, context.now)))


@router.post("/admin/mail/test")
def send_test(context: MayEditMail, form: Posted) -> Response:
    with context.submit(lambda error: _page(context, error=error)) as session:
        address = send_test_letter(session, context.person, context.audit_actor)
    return context.go(
        "/admin/mail", _("A test letter to {address} is on its way: see the result below."), address=address
    )


@router.get("/admin/mail/edit")
def edit_page(context: MayEditMail) -> HTMLResponse:
    return _form(context, shown_values(context.settings.mail), mark_of(context.settings.mail))


@router.post("/admin/mail/edit")
def edit(context: MayEditMail, form: Annotated[MailForm, Depends(MailForm.sent)]) -> Response:
    with context.again(lambda error: _form(context, form.values, form.seen, error)):
        if form.no_password and form.password:
            raise BadFields([("password", FIELD_WORDS["password"], _("a new one is given and the old one taken away"))])
        prove_again(context, form)
        with context.transaction() as session:
            changed = change_mail(session, context.settings, form.values, context.audit_actor, seen=form.seen)
    if not changed:
        return context.go("/admin/mail", NOTHING_CHANGED)
    return context.go("/admin/mail/connection", _("The mail settings are saved and apply from the next letter on."))


def _page(context: RequestContext, finding: Finding | None = None, error: DondocError | None = None) -> HTMLResponse:
    mail = context.settings.mail
    with context.reading() as session:
        used = quota_used(session, context.now)
        counts = _counts(session, context.now)
        test = last_test(session, context.person.id)
    return admin_page(
        context,
        "mail.html",
        mail=mail,
        settings=_settings(context, mail),
        file=settings_file(),
        is_fixed=context.settings.mail_is_fixed,
        only_to=[mail.only_to] if isinstance(mail.only_to, str) else list(mail.only_to),
        used=used,
        counts=counts,
        test=test,
        finding=finding,
        mark=MARKS[finding.state] if finding else "",
        finding_state=STATE_WORDS[finding.state] if finding else "",
        has_mailbox=mailbox_pages.may_show(context),
        error=error,
    )


def _counts(session: Session, now: datetime) -> MailCounts:
    held = letters_by_state(session)[LetterState.HELD]
    return MailCounts(letters_sent_today(session, now), letters_waiting(session), held)


def _settings(context: RequestContext, mail: MailSettings) -> list[Setting]:
    settings, texts = [], shown_values(mail)
    for name, source in find_sources(mail).items():
        variable = f"DONDOC_MAIL_{name.upper()}" if source is Source.ENVIRONMENT else ""
        text = _setting_text(context, name, getattr(mail, name), texts[name])
        settings.append(Setting(name, FIELD_WORDS[name], text, source, variable))
    return settings


def _setting_text(context: RequestContext, name: str, value: object, text: str) -> str:
    if name == "password":
        return HIDDEN if value is not None else ""
    if name == "mode":
        return context.words(MODE_WORDS[str(value)])
    if name == "security":
        return context.words(LINE_WORDS[str(value)])
    if isinstance(value, bool):
        return context.words(_("yes") if value else _("no"))
    return text


def _form(
    context: RequestContext, given: Mapping[str, str], seen: str, error: DondocError | None = None
) -> HTMLResponse:
    return admin_page(
        context,
        "mail_form.html",
        given=given,
        seen=seen,
        fixed=FIELD_WORDS.keys() if context.settings.mail_is_fixed else mail_in_environment(),
        is_fixed=context.settings.mail_is_fixed,
        has_password=context.settings.mail.password is not None,
        words=FIELD_WORDS,
        modes=options(MODE_WORDS.items(), context),
        lines=options(LINE_WORDS.items(), context),
        error=error,
        **again_facts(context),
    )
