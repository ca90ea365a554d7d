"""Check of the site's address: what people's browsers meet there."""

import asyncio
import ssl
import warnings
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import httpx

from models.i18n import Words, _, _n
from models.text import hosts
from models.text.localtime import local_date, write_date
from workflows.operations.doctor.finding import CheckedInstallation, Finding, broken, ok, warning

_SOON = timedelta(days=14)
_EXPIRED, _OTHER_NAMES = 10, (62, 64)  # X509_V_ERR_CERT_HAS_EXPIRED, _HOSTNAME_MISMATCH, _IP_ADDRESS_MISMATCH
_NEXT_ADDRESS = 0.25  # seconds until IPv4 is tried beside an IPv6 that does not answer, as browsers do

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
class _Met:
    """Until when the certificate is valid, and what else should not be met."""

    until: datetime
    takes_old: bool
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
        met = loop.run_until_complete(_meet(site))
    except ssl.SSLError as error:
        return broken(*_refused(site, error))
    except OSError as error:
        return warning(*_not_reached(site, error))
    finally:
        loop.close()
    return _judged(site, met, case.now)


def is_loopback(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    return host in ("", "0.0.0.0", "::") or host.endswith(".localhost") or hosts.is_loopback(host)


async def _meet(site: _Site) -> _Met:
    """Raise SSLError where a browser refuses, another OSError where nobody answers."""
    async with asyncio.timeout(site.seconds), _line(site, site.trust) as line:
        end = ssl.cert_time_to_seconds(line.get_extra_info("peercert")["notAfter"])
    takes_old, has_plain_pages = await asyncio.gather(_takes_old(site), _has_plain_pages(site))
    return _Met(datetime.fromtimestamp(end, UTC), takes_old, has_plain_pages)


@asynccontextmanager
async def _line(site: _Site, context: ssl.SSLContext) -> AsyncIterator[asyncio.StreamWriter]:
    _reader, writer = await asyncio.open_connection(
        site.host, site.port, ssl=context, happy_eyeballs_delay=_NEXT_ADDRESS
    )
    try:
        yield writer
    finally:
        writer.transport.abort()
        await writer.wait_closed()


async def _takes_old(site: _Site) -> bool:
    """TLS 1.0 or 1.1 is spoken too; not asked where this machine's OpenSSL has neither."""
    if not (ssl.HAS_TLSv1 and ssl.HAS_TLSv1_1):
        return False
    old = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    old.check_hostname, old.verify_mode = False, ssl.CERT_NONE
    old.set_ciphers("DEFAULT:@SECLEVEL=0")
    with warnings.catch_warnings(action="ignore", category=DeprecationWarning):  # that they are old is why we ask
        old.minimum_version, old.maximum_version = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1
    try:
        async with asyncio.timeout(site.seconds), _line(site, old):
            return True
    except OSError:
        return False


async def _has_plain_pages(site: _Site) -> bool:
    """Plain http answers with a page, or leads to one, instead of leading to https."""
    host = f"[{site.host}]" if ":" in site.host else site.host
    try:
        async with (
            asyncio.timeout(site.seconds),
            httpx.AsyncClient(verify=site.trust, trust_env=False) as client,
            client.stream("GET", f"http://{host}:{site.plain_port}/") as answer,
        ):
            onward = answer.next_request
            return answer.is_success if onward is None else onward.url.scheme != "https"
    except (OSError, httpx.HTTPError):
        return False


def _judged(site: _Site, met: _Met, now: datetime) -> Finding:
    left = met.until - now
    if left <= timedelta(0):
        return broken(*_expired(site))
    facts = {"address": site.address, "day": write_date(local_date(met.until)), "count": left.days}
    troubles: list[tuple[Words, Words]] = []
    if left < _SOON:
        troubles.append(
            (
                _n(
                    "{address}: its certificate expires on {day}, in {count} day",
                    "{address}: its certificate expires on {day}, in {count} days",
                    **facts,
                ),
                _RENEW,
            )
        )
    if met.takes_old:
        troubles.append(
            (
                _("{address} still speaks TLS 1.1 or older", **facts),
                _("let the reverse proxy speak TLS 1.2 and 1.3 alone"),
            )
        )
    if met.has_plain_pages:
        troubles.append(
            (
                _("{host} shows pages over plain http too", host=site.host),
                _("let the reverse proxy lead pages from http to https"),
            )
        )
    if troubles:
        words, advice = zip(*troubles, strict=True)
        return warning(Words("{told}", told=words), Words("{todo}", todo=advice))
    return ok(
        _n(
            "{address}: its certificate is trusted, and valid until {day}, {count} day more",
            "{address}: its certificate is trusted, and valid until {day}, {count} days more",
        ),
        **facts,
    )


def _refused(site: _Site, error: ssl.SSLError) -> tuple[Words, Words]:
    """What a browser refuses, told apart as people mend it: expired, another's, nobody's, no TLS."""
    if not isinstance(error, ssl.SSLCertVerificationError):
        return (
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
        return (
            _("{address}: its certificate is for another name: browsers refuse it", address=site.address),
            _("get a certificate that names {host}, or set base_url to a name that it has", host=site.host),
        )
    return (
        _("{server}: its certificate is not trusted: {reason}", server=site.address, reason=error.verify_message),
        _(
            "let the reverse proxy send the whole chain; the organisation's own authority must be in the trust "
            "store of this machine (or in SSL_CERT_FILE=FILE.pem) and of everybody's"
        ),
    )


def _expired(site: _Site) -> tuple[Words, Words]:
    return _("{address}: its certificate has expired: browsers refuse it", address=site.address), _RENEW


def _not_reached(site: _Site, error: OSError) -> tuple[Words, Words]:
    late = _n("no answer within {count} second", "no answer within {count} seconds", count=f"{site.seconds:g}")
    reason = late if isinstance(error, TimeoutError) else str(error) or type(error).__name__
    return (
        _("{address} cannot be reached from this machine: {reason}", address=site.address, reason=reason),
        _(
            "open it in a browser elsewhere: where it opens, only this machine does not find the way (name server, "
            "firewall); else see whether the reverse proxy runs and base_url is right"
        ),
    )
