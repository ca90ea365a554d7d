"""Calls addresses that administrators or browsers gave: webhooks, gateways and push services.

A host name is looked up once and its address is checked. No redirect is followed, and a call that takes long is cut.
"""

import ipaddress
import socket
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from types import TracebackType
from typing import Any, Self

import httpx
from standardwebhooks import Webhook as Signer

from models.errors import BadInput
from notifications.connection_deadlines import cut_after

SECONDS = 15.0
"""The limit of a whole call. A time-out for each read does not stop a server that sends a byte now and then."""
_TIMEOUT = httpx.Timeout(10, connect=5)
_NO_KEEP_ALIVE = httpx.Limits(max_keepalive_connections=0)
"""Connections are pooled by IP address. A second name at an address would reuse the first name's connection."""
_LONGEST_ANSWER = 64 * 1024  # bytes


@dataclass(frozen=True)
class HttpAnswer:
    """How a call ended. `status` is None where no answer came.

    `words` are the beginning of the body of an error status, or the reason why there was no answer. `was_connected`
    means that the server may have read the call.
    """

    status: int | None
    words: str
    was_connected: bool = True

    @property
    def is_done(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


class _Connections:
    """The connections of a batch of calls. Another thread can cut them."""

    def __init__(self) -> None:
        self._streams: list[Any] = []
        self.may_have_sent = False

    def watch(self, event: str, info: Mapping[str, Any]) -> None:
        """Follow the steps of a call, as httpx traces them."""
        if event in ("connection.connect_tcp.complete", "connection.start_tls.complete"):
            self._streams.append(info["return_value"])
        if event.endswith("send_request_headers.started"):
            self.may_have_sent = True

    def cut(self, _reason: str) -> None:
        """Shut the connections down, which ends every wait on them."""
        for stream in self._streams:
            with suppress(OSError):  # it is closed already, or replaced by its TLS stream
                stream.get_extra_info("socket").shutdown(socket.SHUT_RDWR)


class Outbound:
    """Makes calls one after another. Use it as a context manager around a batch."""

    def __init__(self, *, private_allowed: bool) -> None:
        self._private_allowed = private_allowed
        self._connections = _Connections()
        self._client = httpx.Client(timeout=_TIMEOUT, limits=_NO_KEEP_ALIVE, follow_redirects=False, trust_env=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.close()

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> HttpAnswer:
        """Make one call within `SECONDS`. Never raises for a bad address or a fault of the server."""
        self._connections.may_have_sent = False
        with cut_after(SECONDS, self._connections.cut):
            return self._post(url, body, headers)

    def _post(self, address: str, body: bytes, headers: Mapping[str, str]) -> HttpAnswer:
        try:
            url = httpx.URL(address)
            host = url.raw_host.decode("ascii")
            port = url.port or (443 if url.scheme == "https" else 80)
            ip_address = find_address(host, port, private_allowed=self._private_allowed)
            own_headers = {"host": url.netloc.decode("ascii"), "user-agent": "dondoc", "accept-encoding": "identity"}
            with self._client.stream(
                "POST",
                url.copy_with(host=ip_address),
                content=body,
                headers={**own_headers, **headers},
                extensions={"sni_hostname": host, "trace": self._connections.watch},
            ) as response:
                words = _read_beginning(response)
        except BadInput as fault:
            return HttpAnswer(None, str(fault), was_connected=False)
        except (httpx.HTTPError, httpx.InvalidURL, ValueError) as fault:
            return HttpAnswer(None, f"{type(fault).__name__}: {fault}", was_connected=self._connections.may_have_sent)
        answer = HttpAnswer(response.status_code, words)
        return HttpAnswer(response.status_code, "") if answer.is_done else answer


def _read_beginning(response: httpx.Response) -> str:
    content = b""
    for piece in response.iter_raw():
        content += piece
        if len(content) >= _LONGEST_ANSWER:
            break
    return content.decode("utf-8", "replace")


def sign(secret: str, call_id: str, body: str, now: datetime) -> dict[str, str]:
    """Return the headers of Standard Webhooks. `call_id` is the same for every repeat of a call."""
    return {
        "webhook-id": call_id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": Signer(secret).sign(call_id, now, body),
    }


_LONGEST_URL = 1000
_EMBEDDING_NETWORKS = tuple(map(ipaddress.IPv6Network, ("::/96", "::ffff:0:0:0/96", "64:ff9b::/96")))
"""Networks whose addresses end in an IPv4 address: compatible, translated, NAT64 (RFC 4291, 2765, 6052)."""
_PRIVATE_NETWORKS = tuple(map(ipaddress.IPv6Network, ("64:ff9b:1::/48", "fec0::/10")))
"""Local NAT64 (RFC 8215) and site-local addresses, which `is_global` of Python 3.11 does not know."""


def check_url(url: str, *, private_allowed: bool) -> str:
    """Return the URL unchanged. Raise BadInput if no call may go to it."""
    schemes = ("https", "http") if private_allowed else ("https",)
    try:
        parts = httpx.URL(url)
        is_valid = parts.scheme in schemes and bool(parts.host) and not parts.userinfo
        is_valid = is_valid and (parts.port is None or 0 < parts.port < 65536)
        parts.host.encode("idna")
    except (httpx.InvalidURL, ValueError):
        is_valid = False
    if not is_valid or len(url) > _LONGEST_URL or " " in url:
        raise BadInput("url {url}: expected an https address, such as https://example.vn/dondoc", url=url[:200])
    if not private_allowed and _is_private_host(parts.host):
        raise _private_fault(parts.host)
    return url


def _is_private_host(host: str) -> bool:
    """Return whether a host is private without a look-up. Other names are looked up at each call."""
    try:
        return _is_private(host)
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def _is_private(ip_address: str) -> bool:
    """Return whether an IP address, or an IPv4 address in it, belongs to this machine or a private network."""
    ip = ipaddress.ip_address(ip_address.partition("%")[0])
    if not ip.is_global:
        return True
    if isinstance(ip, ipaddress.IPv4Address):
        return False
    embedded = _embedded_address(ip)
    return any(ip in network for network in _PRIVATE_NETWORKS) or (embedded is not None and not embedded.is_global)


def _embedded_address(ip: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """Return the IPv4 address that an IPv6 address leads to. Teredo needs no look: its addresses are never global."""
    if any(ip in network for network in _EMBEDDING_NETWORKS):
        return ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
    return ip.ipv4_mapped or ip.sixtofour


def _private_fault(host: str) -> BadInput:
    return BadInput("host {host}: leads into this machine's own network, where no call may go", host=host)


def find_address(host: str, port: int, *, private_allowed: bool) -> str:
    """Return the IP address of a host to call, IPv4 first.

    The call uses this address, so that the name cannot lead elsewhere after the check. Raises BadInput for an unknown
    host, and for a private address where these are not allowed.
    """
    try:
        infos = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:  # UnicodeError: the name is too long
        raise BadInput("host {host}: cannot be found", host=host) from error
    ip_addresses = {str(info[4][0]) for info in infos}
    if not private_allowed and any(_is_private(ip_address) for ip_address in ip_addresses):
        raise _private_fault(host)
    return min(ip_addresses, key=lambda ip_address: (":" in ip_address, ip_address))
