"""Calls to addresses that somebody typed in: looked up once and checked, no redirect followed, cut when they take long.

Webhooks, gateways and push services are called through here.
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
from notifications.deadlines import cut_after

SECONDS = 15.0
"""For a whole call: an other side that sends a byte now and then outlives the time-out of each read."""
_TIMEOUT = httpx.Timeout(10, connect=5)
_NONE_KEPT = httpx.Limits(max_keepalive_connections=0)
"""They are pooled by address: of two names behind one the second would be told over the first one's certificate."""
_LONGEST_ANSWER = 64 * 1024  # bytes


@dataclass(frozen=True)
class HttpAnswer:
    """How a call ended: the HTTP status, or None and a fault in words.

    `words` are the beginning of an answer that is no 2xx, or the fault. `was_connected`: the other side may have
    read the call, whatever became of its answer.
    """

    status: int | None
    words: str
    was_connected: bool = True

    @property
    def is_done(self) -> bool:
        """Return whether the other side took it (2xx)."""
        return self.status is not None and 200 <= self.status < 300


class _Lines:
    """The connections of a batch, for another thread to cut."""

    def __init__(self) -> None:
        self._streams: list[Any] = []
        self.are_ready = False
        """Whether the call may have begun to leave."""

    def watch(self, event: str, info: Mapping[str, Any]) -> None:
        """Called with each step of a call."""
        if event in ("connection.connect_tcp.complete", "connection.start_tls.complete"):
            self._streams.append(info["return_value"])
        if event.endswith("send_request_headers.started"):
            self.are_ready = True

    def cut(self, _why: str) -> None:
        """Close the connections; a reader of one finds it closed."""
        for stream in self._streams:
            with suppress(OSError):  # it has ended by itself, or goes on as that of TLS
                stream.get_extra_info("socket").shutdown(socket.SHUT_RDWR)


class Outbound:
    """Makes calls, one after another. Used as a context manager around a batch."""

    def __init__(self, *, private_allowed: bool) -> None:
        self._private_allowed = private_allowed
        self._lines = _Lines()
        self._client = httpx.Client(timeout=_TIMEOUT, limits=_NONE_KEPT, follow_redirects=False, trust_env=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.close()

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> HttpAnswer:
        """Make one call, within `SECONDS`. Never raises for what an address or the other side can do."""
        self._lines.are_ready = False
        with cut_after(SECONDS, self._lines.cut):
            return self._post(url, body, headers)

    def _post(self, given: str, body: bytes, headers: Mapping[str, str]) -> HttpAnswer:
        try:
            url = httpx.URL(given)
            host = url.raw_host.decode("ascii")
            port = url.port or (443 if url.scheme == "https" else 80)
            address = find_address(host, port, private_allowed=self._private_allowed)
            sent = {
                "host": url.netloc.decode("ascii"),
                "user-agent": "dondoc",
                "accept-encoding": "identity",
                **headers,
            }
            extensions = {"sni_hostname": host, "trace": self._lines.watch}
            there = url.copy_with(host=address)
            with self._client.stream("POST", there, content=body, headers=sent, extensions=extensions) as answer:
                words = _beginning(answer)
        except BadInput as fault:
            return HttpAnswer(None, str(fault), was_connected=False)
        except (httpx.HTTPError, httpx.InvalidURL, ValueError) as fault:  # an address that is none is its own fault
            return HttpAnswer(None, f"{type(fault).__name__}: {fault}", was_connected=self._lines.are_ready)
        done = HttpAnswer(answer.status_code, words)
        return HttpAnswer(answer.status_code, "") if done.is_done else done


def _beginning(answer: httpx.Response) -> str:
    read = b""
    for piece in answer.iter_raw():
        read += piece
        if len(read) >= _LONGEST_ANSWER:
            break
    return read.decode("utf-8", "replace")


def sign(secret: str, call_id: str, body: str, now: datetime) -> dict[str, str]:
    """`call_id` is the same for every repeat."""
    return {
        "webhook-id": call_id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": Signer(secret).sign(call_id, now, body),
    }


_LONGEST = 1000
_CARRYING = tuple(map(ipaddress.IPv6Network, ("::/96", "::ffff:0:0:0/96", "64:ff9b::/96")))
"""Whose addresses end in an IPv4 one: compatible, translated, NAT64 (RFC 4291, 2765, 6052)."""
_OWN = tuple(map(ipaddress.IPv6Network, ("64:ff9b:1::/48", "fec0::/10")))
"""A house's own, of whatever they carry: its NAT64 (RFC 8215), site-local. `is_global` of Python 3.11 knows neither."""


def check_url(url: str, *, private_allowed: bool) -> str:
    """BadInput for what no call may go to; any other comes back as it was given."""
    allowed = ("https", "http") if private_allowed else ("https",)
    try:
        parts = httpx.URL(url)
        is_one = parts.scheme in allowed and bool(parts.host) and not parts.userinfo
        is_one = is_one and (parts.port is None or 0 < parts.port < 65536)
        parts.host.encode("idna")
    except (httpx.InvalidURL, ValueError):
        is_one = False
    if not is_one or len(url) > _LONGEST or " " in url:
        raise BadInput("url {url}: expected an https address, such as https://example.vn/dondoc", url=url[:200])
    if not private_allowed and _is_plainly_inside(parts.host):
        raise _inside(parts.host)
    return url


def _is_plainly_inside(host: str) -> bool:
    """Return whether it leads into the house without anybody being asked; where a name leads is seen at each call."""
    try:
        return _is_inside(host)
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def _is_inside(address: str) -> bool:
    """Return whether an IP address is one of this machine or a private network, or carries one that is."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv4Address):
        return not ip.is_global
    carried = _carried(ip)
    return not ip.is_global or any(ip in one for one in _OWN) or (carried is not None and not carried.is_global)


def _carried(ip: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """Return the IPv4 address that an IPv6 one leads to; Teredo's are never global."""
    if any(ip in one for one in _CARRYING):
        return ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
    return ip.ipv4_mapped or ip.sixtofour


def _inside(host: str) -> BadInput:
    return BadInput("host {host}: leads into this machine's own network, where no call may go", host=host)


def find_address(host: str, port: int, *, private_allowed: bool) -> str:
    """Return an IP address of a host, which the call then goes to: looked up once, so that a name cannot lead elsewhere
    later.

    BadInput where it has none, or one of this machine or a private network and these are not allowed.
    """
    try:
        found = {str(one[4][0]) for one in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)}
    except (OSError, UnicodeError) as error:  # of a name that is too long
        raise BadInput("host {host}: cannot be found", host=host) from error
    ours = [one for one in found if _is_inside(one)]
    if ours and not private_allowed:
        raise _inside(host)
    return sorted(found, key=lambda one: (":" in one, one))[0]
