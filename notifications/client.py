"""yagmail's client, with nothing left to its guesses: no other module knows that library."""

import ssl
from contextlib import suppress
from typing import Any

import yagmail  # type: ignore[import-untyped]

from models.errors import BadInput
from models.hosts import is_loopback
from models.settings import MailSettings
from notifications.address import address_fault


def check_settings(settings: MailSettings) -> None:
    """Refuses settings that yagmail would answer with a prompt, a guess or a password in the clear."""
    if address_fault(settings.sender):
        raise BadInput("mail.sender: {value} is not a plain mail address", value=repr(settings.sender))
    if not settings.user:
        return
    if settings.password is None or not settings.password.get_secret_value():
        raise BadInput("mail.password is missing for mail.user {user}", user=settings.user)
    if settings.security == "none" and not is_loopback(settings.host):
        raise BadInput(
            "mail.security: none would send the password to {host} in the clear; use starttls or tls",
            host=settings.host,
        )


def make_client(settings: MailSettings, context: ssl.SSLContext | None) -> Any:
    """A yagmail client with nothing left to its defaults: they guess Gmail, a keyring, a home file, no time-out."""
    if context is None and settings.security != "none":
        context = ssl.create_default_context()
    options: dict[str, Any] = {
        "timeout": settings.timeout_seconds,
        "local_hostname": settings.sender.rpartition("@")[2],  # else a reverse look-up of this machine per connection
    }
    if settings.security == "tls":
        options["context"] = context
    return yagmail.SMTP(
        user={settings.user or settings.sender: settings.sender},  # as a plain str, "dondoc" becomes dondoc@gmail.com
        password=settings.password.get_secret_value() if settings.user and settings.password else "",
        host=settings.host,
        port=settings.port,
        smtp_ssl=settings.security == "tls",
        smtp_starttls={"context": context} if settings.security == "starttls" else False,
        smtp_skip_login=not settings.user,
        soft_email_validation=False,
        **options,
    )


def abandon(yag: Any) -> None:
    """Closes the socket and keeps yagmail's `__del__` from a QUIT that would wait for a dead server."""
    yag.is_closed = True
    if yag.smtp is not None:
        with suppress(OSError):
            yag.smtp.close()
