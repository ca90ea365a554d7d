"""Checks of mail: the mail server, its quota and test mode, the outbox."""

import ssl
from collections.abc import Mapping
from datetime import timedelta

from sqlmodel import Session

from models.errors import BadInput
from models.i18n import Words, _, _n
from models.letters.letter import LetterState
from models.operations.engine_reads import letters_by_state, oldest_waiting, quota_used
from models.settings import MailSettings
from notifications.smtp.sender import YagmailSender
from notifications.smtp.transport import Attempt, ConnectFault
from workflows.operations.doctor.finding import CheckedInstallation, Finding, broken, moment_words, ok, warning
from workflows.queue.send_hold import read_send_hold

_SECONDS = 4.0
_LATE = timedelta(hours=1)  # a letter this late waits for more than the next tick


def mail_server(case: CheckedInstallation) -> Finding:
    """Connect, secure the connection and log in as for a letter, but send none."""
    mail = case.settings.mail
    if mail.mode == "local":
        folder = case.settings.mailbox
        return ok(_("local mode: letters stay on this machine, in {folder}"), folder=folder)
    quick_settings = mail.model_copy(update={"timeout_seconds": min(mail.timeout_seconds, 2 * _SECONDS)})
    try:
        failure = YagmailSender(quick_settings, case.trust or ssl.create_default_context()).probe()
    except BadInput as error:
        return broken(
            Words(error.message, **error.facts), _("correct [mail] in dondoc.toml, or DONDOC_MAIL_… in the environment")
        )
    facts = {"server": f"{mail.host}:{mail.port}", "user": mail.user or ""}
    if failure is not None:
        return _explain_failure(failure, facts)
    if mail.user:
        return ok(_("{server} takes letters, logged in as {user}"), **facts)
    return ok(_("{server} takes letters, without a log-in"), **facts)


def _explain_failure(failure: Attempt, facts: dict[str, str]) -> Finding:
    reason = failure.reason or failure.reply
    if failure.fault is ConnectFault.CERTIFICATE:
        return broken(
            _("{server}: its certificate is not trusted: {reason}", reason=reason, **facts),
            _(
                "have its certificate renewed, or trust the office's own authority with SSL_CERT_FILE=FILE.pem; "
                "mail.host must be a name in the certificate"
            ),
        )
    if failure.fault is ConnectFault.LOG_IN:
        return broken(
            _("{server} refuses the log-in of {user}: {reason}", reason=reason, **facts),
            _("check mail.user and DONDOC_MAIL_PASSWORD, and that this account may send by SMTP"),
        )
    return broken(
        _("{server} cannot be used: {reason}", reason=reason, **facts),
        _("check mail.host, mail.port and mail.security, and the firewall; letters wait and are not lost"),
    )


def mail_rules(case: CheckedInstallation, session: Session) -> Finding:
    """Check test mode, the patience with the server's answer, and the quota."""
    mail = case.settings.mail
    if mail.only_to:
        held = letters_by_state(session)[LetterState.HELD]
        allowed = [mail.only_to] if isinstance(mail.only_to, str) else list(mail.only_to)
        return warning(
            _("test mode: letters leave for {allowed} only; kept back: {held}", allowed=allowed, held=held),
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
    return _check_quota(mail, quota_used(session, case.now))


def _check_quota(mail: MailSettings, used: Mapping[str, int]) -> Finding:
    limits = {"minute": mail.letters_per_minute, "day": mail.letters_per_day}
    if not any(limits.values()):
        return ok(_("letters leave for everybody, without a quota"))
    messages = {"minute": _("{used} of {limit} this minute"), "day": _("{used} of {limit} today")}
    usage = [Words(messages[span], used=used[span], limit=limit) for span, limit in limits.items() if limit]
    if mail.letters_per_day and used["day"] >= mail.letters_per_day:
        return warning(
            _("the quota is used up: {used}", used=usage),
            _("the other letters leave tomorrow; ask for a larger quota, then raise mail.letters_per_day"),
        )
    return ok(_("letters leave for everybody; quota: {used}"), used=usage)


def outbox(case: CheckedInstallation, session: Session) -> Finding:
    """Look for letters that are late, given up, or of uncertain arrival."""
    if (send_hold := read_send_hold(session)) is not None:
        return broken(
            _(
                "on hold: no letter leaves since {moment}, when a back-up was restored",
                moment=moment_words(send_hold.restored_at),
            ),
            _("compare it with what the old installation had sent, then `dondoc fence --lift`"),
        )
    counts, oldest = letters_by_state(session), oldest_waiting(session, case.now)
    failed, uncertain = counts[LetterState.FAILED], counts[LetterState.UNCERTAIN]
    told = []
    if failed:
        told.append(_("given up: {count}", count=failed))
    if uncertain:
        told.append(_("uncertain whether they arrived: {count}", count=uncertain))
    if oldest:
        told.append(_("the oldest one waiting was for {moment}", moment=moment_words(oldest)))
    words = Words("{told}", told=told)
    if failed or uncertain:
        return warning(words, _("`dondoc outbox list --dead` tells why; `dondoc outbox resend ID` sends again"))
    if oldest is None:
        return ok(_("nothing is late, given up or uncertain"))
    if oldest < case.now - _LATE:
        return warning(words, _("see the lines on the clock, the mail server and the quota: one of them holds it up"))
    return ok(words)
