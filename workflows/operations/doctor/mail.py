"""Checks of mail: the mail server, its quota and test mode, the outbox."""

import ssl
from datetime import timedelta

from sqlmodel import Session

from models.errors import BadInput
from models.i18n import Words, _, _n
from models.letters.letter import LetterState
from models.operations.engine_reads import letters_by_state, oldest_waiting, quota_used
from models.settings import MailSettings
from notifications.smtp.sender import YagmailSender
from notifications.smtp.transport import Attempt
from workflows.operations.doctor.finding import CheckedInstallation, Finding, broken, moment_words, ok, warning
from workflows.queue.send_hold import read_fence

_SECONDS = 4.0
_PATIENCE = timedelta(hours=1)  # a letter this late waits for more than the next tick
_NOT_TRUSTED = "certificate of "  # how notifications.smtp.sender begins to tell it
_LOG_IN_CODES = frozenset({530, 534, 535, 538})


def mail_server(case: CheckedInstallation) -> Finding:
    """Connect, secure the line and log in as for letters, and send none."""
    mail = case.settings.mail
    if mail.mode == "local":
        folder = case.settings.mailbox
        return ok(_("local mode: letters stay on this machine, in {folder}"), folder=folder)
    quick = mail.model_copy(update={"timeout_seconds": min(mail.timeout_seconds, 2 * _SECONDS)})
    try:
        refusal = YagmailSender(quick, case.trust or ssl.create_default_context()).probe()
    except BadInput as error:
        return broken(
            Words(error.message, **error.facts), _("correct [mail] in dondoc.toml, or DONDOC_MAIL_… in the environment")
        )
    facts = {"server": f"{mail.host}:{mail.port}", "user": mail.user or ""}
    if refusal is not None:
        return broken(*_refused(refusal, facts))
    if mail.user:
        return ok(_("{server} takes letters, logged in as {user}"), **facts)
    return ok(_("{server} takes letters, without a log-in"), **facts)


def _refused(refusal: Attempt, facts: dict[str, str]) -> tuple[Words, Words]:
    """What happened and what to do, told apart as people mend it: certificate, log-in, connection."""
    if refusal.reply.startswith(_NOT_TRUSTED):
        return (
            _("{server}: its certificate is not trusted: {reason}", reason=_last(refusal.reply), **facts),
            _(
                "have its certificate renewed, or trust the office's own authority with SSL_CERT_FILE=FILE.pem; "
                "mail.host must be a name in the certificate"
            ),
        )
    if refusal.code in _LOG_IN_CODES:
        return (
            _("{server} refuses the log-in of {user}: {reason}", reason=_last(refusal.reply), **facts),
            _("check mail.user and DONDOC_MAIL_PASSWORD, and that this account may send by SMTP"),
        )
    return (
        _("{server} cannot be used: {reason}", reason=_last(refusal.reply), **facts),
        _("check mail.host, mail.port and mail.security, and the firewall; letters wait and are not lost"),
    )


def _last(reply: str) -> str:
    """The server's or the library's own words, without ours before them."""
    return reply.partition(": ")[2] or reply


def mail_rules(case: CheckedInstallation, session: Session) -> Finding:
    """Test mode and the quota."""
    mail = case.settings.mail
    if mail.only_to:
        held = letters_by_state(session)[LetterState.HELD]
        only = [mail.only_to] if isinstance(mail.only_to, str) else list(mail.only_to)
        return warning(
            _("test mode: letters leave for {allowed} only; kept back: {held}", allowed=only, held=held),
            _("once the test is over, remove mail.only_to; `dondoc outbox list --state held` shows the others"),
        )
    least = MailSettings.model_fields["dot_seconds"].default
    if mail.dot_seconds < least:
        return warning(
            _n(
                "the answer to a letter is waited for {count} second only",
                "the answer to a letter is waited for {count} seconds only",
                count=int(mail.dot_seconds),
            ),
            _(
                "letters that the server was still reading leave twice: set mail.dot_seconds to {least}",
                least=int(least),
            ),
        )
    limits = {"minute": mail.letters_per_minute, "day": mail.letters_per_day}
    if not any(limits.values()):
        return ok(_("letters leave for everybody, without a quota"))
    used = quota_used(session, case.now)
    spans = {"minute": _("{used} of {limit} this minute"), "day": _("{used} of {limit} today")}
    told = [Words(spans[span], used=used[span], limit=limit) for span, limit in limits.items() if limit]
    if mail.letters_per_day and used["day"] >= mail.letters_per_day:
        return warning(
            _("the quota is used up: {used}", used=told),
            _("the other letters leave tomorrow; ask for a larger quota, then raise mail.letters_per_day"),
        )
    return ok(_("letters leave for everybody; quota: {used}"), used=told)


def outbox(case: CheckedInstallation, session: Session) -> Finding:
    """Letters that did not leave, or perhaps not."""
    if (send_hold := read_fence(session)) is not None:
        return broken(
            _(
                "on hold: no letter leaves since {moment}, when a back-up was restored",
                moment=moment_words(send_hold.restored_at),
            ),
            _("compare it with what the old installation had sent, then `dondoc fence --lift`"),
        )
    counts, oldest = letters_by_state(session), oldest_waiting(session, case.now)
    failed, uncertain = counts[LetterState.FAILED], counts[LetterState.UNCERTAIN]
    told = [
        _("given up: {count}", count=failed) if failed else None,
        _("uncertain whether they arrived: {count}", count=uncertain) if uncertain else None,
        _("the oldest one waiting was for {moment}", moment=moment_words(oldest)) if oldest else None,
    ]
    words = Words("{told}", told=[one for one in told if one is not None])
    is_late = oldest is not None and oldest < case.now - _PATIENCE
    if failed or uncertain:
        return warning(words, _("`dondoc outbox list --dead` tells why; `dondoc outbox resend ID` sends again"))
    if is_late:
        return warning(words, _("see the lines on the clock, the mail server and the quota: one of them holds it up"))
    if oldest is not None:
        return ok(words)
    return ok(_("nothing is late, given up or uncertain"))
