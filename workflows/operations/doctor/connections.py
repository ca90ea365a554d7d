"""Check of what leaves this machine: is each connection secured, and the other side's certificate checked?"""

import os
from collections.abc import Iterator
from urllib.parse import urlsplit

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from models.i18n import Words, _
from models.settings import Settings
from models.text.hosts import is_loopback
from workflows.operations.doctor.finding import CheckedInstallation, Finding, ok, warning

_CHECKED = ("verify-ca", "verify-full")
"""Of PostgreSQL's `sslmode`s those for which somebody in between is noticed."""
_Open = tuple[Words, Words]  # what travels unprotected, and what to do


def connections(case: CheckedInstallation) -> Finding:
    """Judge by the settings alone, without connecting.

    The site's own address and the certificates have checks of their own; mail and its returned letters never send a
    password in clear.
    """
    found = list(_open(case.settings))
    if not found:
        return ok(_("what leaves this machine is encrypted, and the other side's certificate checked"))
    words, advice = zip(*found, strict=True)
    return warning(Words("{told}", told=words), Words("{todo}", todo=list(dict.fromkeys(advice))))


def _open(settings: Settings) -> Iterator[_Open]:
    yield from _database(_("the database"), "DONDOC_DATABASE_URL", settings.url)
    own = settings.prefect_database_url
    if own is not None:
        yield from _database(_("Prefect's database"), "DONDOC_PREFECT_DATABASE_URL", own.get_secret_value())
    mail = settings.mail
    if mail.mode == "smtp" and mail.security == "none" and not is_loopback(mail.host):
        yield (
            _("letters travel to {host} unencrypted", host=f"{mail.host}:{mail.port}"),
            _("set mail.security to starttls or tls"),
        )
    elsewhere = urlsplit(settings.prefect_api_url or "")
    if elsewhere.scheme == "http" and not is_loopback(elsewhere.hostname or ""):
        yield _of_prefect(elsewhere.netloc)
    if not is_loopback(settings.prefect_host):
        yield _of_prefect(f"{settings.prefect_host}:{settings.prefect_port}")


def _of_prefect(address: str) -> _Open:
    return (
        _("Prefect's server at {address} is spoken to unencrypted", address=address),
        _("put a reverse proxy with a certificate in front of it, and https:// into DONDOC_PREFECT_API_URL"),
    )


def _database(name: Words, variable: str, address: str) -> Iterator[_Open]:
    try:
        url = make_url(address)
    except ArgumentError:  # told by the check of the database
        return
    if url.get_backend_name() != "postgresql" or all(map(_stays_here, _hosts(url))):
        return
    parameter = "ssl" if url.get_driver_name() == "asyncpg" else "sslmode"
    mode = url.query.get(parameter) or os.environ.get("PGSSLMODE") or "prefer"
    if mode not in _CHECKED:
        yield (
            _(
                "{name}: nobody checks whether its server is the right one ({parameter}={mode})",
                name=name,
                parameter=parameter,
                mode=mode,
            ),
            _("add {parameter}=verify-full to {variable}", parameter=parameter, variable=variable),
        )


def _hosts(url: URL) -> list[str]:
    """Several of a cluster; this machine's socket without any."""
    given = url.host or url.query.get("host") or os.environ.get("PGHOST") or ""
    named = given if isinstance(given, tuple) else given.split(",")
    return [host.rpartition(":")[0] if host.count(":") == 1 else host for host in named]


def _stays_here(host: str) -> bool:
    return host == "" or host.startswith(("/", "@")) or is_loopback(host)
