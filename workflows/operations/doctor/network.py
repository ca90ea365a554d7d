"""Checks of the network: the site's address as people's browsers meet it, and connections to other machines."""

import asyncio
import os
import ssl
import warnings
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from urllib.parse import urlsplit

import httpx
from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from models.i18n import Words, _, _n
from models.settings import Settings
from models.text import hosts
from models.text.localtime import local_date, write_date
from workflows.operations.doctor.finding import CheckedInstallation, Finding, broken, ok, warning

_SOON = timedelta(days=14)
_EXPIRED, _OTHER_NAMES = 10, (62, 64)  # X509_V_ERR_CERT_HAS_EXPIRED, _HOSTNAME_MISMATCH, _IP_ADDRESS_MISMATCH
_IPV4_DELAY = 0.25  # seconds until IPv4 is tried beside an IPv6 address that does not answer, as in browsers

_RENEW = _("have the certificate renewed and load it into the reverse proxy; better, let a program renew it by itself")


@dataclass(frozen=True)
class _Site:
    host: str
    port: int
    trust: ssl.SSLContext
    plain_port: int
    seconds: float

    @property
    def address(self) -> str:
        return f"{self.host}:{self.port}"


@dataclass(frozen=True)
class _Reading:
    """The end of the certificate's validity, and two faults that the address may have."""

    valid_until: datetime
    accepts_old_tls: bool
    has_plain_pages: bool


def https(case: CheckedInstallation, *, plain_port: int = 80, seconds: float = 2.0) -> Finding:
    """Open `base_url` as a browser does: TLS 1.2, a good certificate, no plain page. Takes twice `seconds`."""
    url = case.settings.base_url
    parts = urlsplit(url)
    if parts.scheme == "http" and is_loopback(url):
        return ok(_("{url}: for this machine alone, nobody elsewhere can open it"), url=url)
    if parts.scheme == "http" or not parts.hostname:
        return warning(
            _("base_url is {url}: pages and passwords travel unprotected", url=url),
            _(
                "put a reverse proxy with a certificate in front, see docs/operations.md, "
                "and set base_url (DONDOC_BASE_URL) to https://…"
            ),
        )
    trust = case.trust or ssl.create_default_context()
    site = _Site(parts.hostname, parts.port or 443, trust, plain_port, seconds)
    loop = asyncio.new_event_loop()  # asyncio.run would wait for a name server that hangs
    try:
        reading = loop.run_until_complete(_read_site(site))
    except ssl.SSLError as error:
        return _explain_tls_error(site, error)
    except OSError as error:
        return _explain_no_connection(site, error)
    finally:
        loop.close()
    return _judge(site, reading, case.now)


def is_loopback(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    return host in ("", "0.0.0.0", "::") or host.endswith(".localhost") or hosts.is_loopback(host)


async def _read_site(site: _Site) -> _Reading:
    """Raise SSLError if a browser refuses the certificate, and another OSError if nobody answers."""
    async with asyncio.timeout(site.seconds), _connect(site, site.trust) as connection:
        end = ssl.cert_time_to_seconds(connection.get_extra_info("peercert")["notAfter"])
    accepts_old_tls, has_plain_pages = await asyncio.gather(_accepts_old_tls(site), _has_plain_pages(site))
    return _Reading(datetime.fromtimestamp(end, UTC), accepts_old_tls, has_plain_pages)


@asynccontextmanager
async def _connect(site: _Site, context: ssl.SSLContext) -> AsyncIterator[asyncio.StreamWriter]:
    _reader, writer = await asyncio.open_connection(site.host, site.port, ssl=context, happy_eyeballs_delay=_IPV4_DELAY)
    try:
        yield writer
    finally:
        writer.transport.abort()
        await writer.wait_closed()


async def _accepts_old_tls(site: _Site) -> bool:
    """Try TLS 1.0 and 1.1. Without either in this machine's OpenSSL, the answer is no."""
    if not (ssl.HAS_TLSv1 and ssl.HAS_TLSv1_1):
        return False
    old_tls = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    old_tls.check_hostname, old_tls.verify_mode = False, ssl.CERT_NONE
    old_tls.set_ciphers("DEFAULT:@SECLEVEL=0")
    with warnings.catch_warnings(action="ignore", category=DeprecationWarning):  # deprecated versions are the point
        old_tls.minimum_version, old_tls.maximum_version = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1
    try:
        async with asyncio.timeout(site.seconds), _connect(site, old_tls):
            return True
    except OSError:
        return False


async def _has_plain_pages(site: _Site) -> bool:
    """Tell whether plain http answers with a page, or redirects to one, and not to https."""
    host = f"[{site.host}]" if ":" in site.host else site.host
    try:
        async with (
            asyncio.timeout(site.seconds),
            httpx.AsyncClient(verify=site.trust, trust_env=False) as client,
            client.stream("GET", f"http://{host}:{site.plain_port}/") as answer,
        ):
            redirect = answer.next_request
            return answer.is_success if redirect is None else redirect.url.scheme != "https"
    except (OSError, httpx.HTTPError):
        return False


def _judge(site: _Site, reading: _Reading, now: datetime) -> Finding:
    remaining = reading.valid_until - now
    if remaining <= timedelta(0):
        return _expired(site)
    facts = {"address": site.address, "day": write_date(local_date(reading.valid_until)), "count": remaining.days}
    words, advice = [], []
    if remaining < _SOON:
        words.append(
            _n(
                "{address}: its certificate expires on {day}, in {count} day",
                "{address}: its certificate expires on {day}, in {count} days",
                **facts,
            )
        )
        advice.append(_RENEW)
    if reading.accepts_old_tls:
        words.append(_("{address} still speaks TLS 1.1 or older", **facts))
        advice.append(_("let the reverse proxy speak TLS 1.2 and 1.3 alone"))
    if reading.has_plain_pages:
        words.append(_("{host} shows pages over plain http too", host=site.host))
        advice.append(_("let the reverse proxy lead pages from http to https"))
    if words:
        return warning(Words("{told}", told=words), Words("{todo}", todo=advice))
    return ok(
        _n(
            "{address}: its certificate is trusted, and valid until {day}, {count} day more",
            "{address}: its certificate is trusted, and valid until {day}, {count} days more",
        ),
        **facts,
    )


def _explain_tls_error(site: _Site, error: ssl.SSLError) -> Finding:
    """Tell apart what people mend in different ways: expired, another name, not trusted, no TLS."""
    if not isinstance(error, ssl.SSLCertVerificationError):
        return broken(
            _(
                "{address} does not speak TLS 1.2 or newer: {reason}",
                address=site.address,
                reason=error.reason or error,
            ),
            _("let the reverse proxy speak TLS 1.2 and 1.3 there, or correct base_url"),
        )
    if error.verify_code == _EXPIRED:
        return _expired(site)
    if error.verify_code in _OTHER_NAMES:
        return broken(
            _("{address}: its certificate is for another name: browsers refuse it", address=site.address),
            _("get a certificate that names {host}, or set base_url to a name that it has", host=site.host),
        )
    return broken(
        _("{server}: its certificate is not trusted: {reason}", server=site.address, reason=error.verify_message),
        _(
            "let the reverse proxy send the whole chain; the organisation's own authority must be in the trust "
            "store of this machine (or in SSL_CERT_FILE=FILE.pem) and of everybody's"
        ),
    )


def _expired(site: _Site) -> Finding:
    return broken(_("{address}: its certificate has expired: browsers refuse it", address=site.address), _RENEW)


def _explain_no_connection(site: _Site, error: OSError) -> Finding:
    reason: Words | str = str(error) or type(error).__name__
    if isinstance(error, TimeoutError):
        reason = _n("no answer within {count} second", "no answer within {count} seconds", count=f"{site.seconds:g}")
    return warning(
        _("{address} cannot be reached from this machine: {reason}", address=site.address, reason=reason),
        _(
            "open it in a browser elsewhere: where it opens, only this machine does not find the way (name server, "
            "firewall); else see whether the reverse proxy runs and base_url is right"
        ),
    )


_CHECKED_MODES = ("verify-ca", "verify-full")
"""Values of PostgreSQL's `sslmode` with which it notices a false server."""


class _Weakness(NamedTuple):
    words: Words
    advice: Words


def connections(case: CheckedInstallation) -> Finding:
    """Judge by the settings alone, without connecting.

    Other checks look at the site's own address and at certificates. Mail never sends a password unencrypted, nor does
    the mailbox of returned letters.
    """
    weaknesses = list(_find_weaknesses(case.settings))
    if not weaknesses:
        return ok(_("what leaves this machine is encrypted, and the other side's certificate checked"))
    words = [weakness.words for weakness in weaknesses]
    advice = list(dict.fromkeys(weakness.advice for weakness in weaknesses))
    return warning(Words("{told}", told=words), Words("{todo}", todo=advice))


def _find_weaknesses(settings: Settings) -> Iterator[_Weakness]:
    yield from _check_database(_("the database"), "DONDOC_DATABASE_URL", settings.url)
    prefect_url = settings.prefect_database_url
    if prefect_url is not None:
        yield from _check_database(
            _("Prefect's database"), "DONDOC_PREFECT_DATABASE_URL", prefect_url.get_secret_value()
        )
    mail = settings.mail
    if mail.mode == "smtp" and mail.security == "none" and not hosts.is_loopback(mail.host):
        yield _Weakness(
            _("letters travel to {host} unencrypted", host=f"{mail.host}:{mail.port}"),
            _("set mail.security to starttls or tls"),
        )
    prefect_api = urlsplit(settings.prefect_api_url or "")
    if prefect_api.scheme == "http" and not hosts.is_loopback(prefect_api.hostname or ""):
        yield _unencrypted_prefect(prefect_api.netloc)
    if not hosts.is_loopback(settings.prefect_host):
        yield _unencrypted_prefect(f"{settings.prefect_host}:{settings.prefect_port}")


def _unencrypted_prefect(address: str) -> _Weakness:
    return _Weakness(
        _("Prefect's server at {address} is spoken to unencrypted", address=address),
        _("put a reverse proxy with a certificate in front of it, and https:// into DONDOC_PREFECT_API_URL"),
    )


def _check_database(name: Words, variable: str, address: str) -> Iterator[_Weakness]:
    try:
        url = make_url(address)
    except ArgumentError:  # the check of the database reports it
        return
    if url.get_backend_name() != "postgresql" or all(map(_is_local, _hosts(url))):
        return
    parameter = "ssl" if url.get_driver_name() == "asyncpg" else "sslmode"
    mode = url.query.get(parameter) or os.environ.get("PGSSLMODE") or "prefer"
    if mode not in _CHECKED_MODES:
        yield _Weakness(
            _(
                "{name}: nobody checks whether its server is the right one ({parameter}={mode})",
                name=name,
                parameter=parameter,
                mode=mode,
            ),
            _("add {parameter}=verify-full to {variable}", parameter=parameter, variable=variable),
        )


def _hosts(url: URL) -> list[str]:
    """Return the hosts of a cluster without their ports. An empty name stands for this machine's socket."""
    hosts = url.host or url.query.get("host") or os.environ.get("PGHOST") or ""
    names = hosts if isinstance(hosts, tuple) else hosts.split(",")
    return [name.rpartition(":")[0] if name.count(":") == 1 else name for name in names]


def _is_local(host: str) -> bool:
    return host == "" or host.startswith(("/", "@")) or hosts.is_loopback(host)
