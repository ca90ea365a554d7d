"""Where a call to another system may lead: out of the house, unless the settings say otherwise."""

import ipaddress
import socket

import httpx

from models.errors import BadInput

_LONGEST = 1000
_CARRYING = tuple(map(ipaddress.IPv6Network, ("::/96", "::ffff:0:0:0/96", "64:ff9b::/96")))
"""Whose addresses end in an IPv4 one: compatible, translated, NAT64 (RFC 4291, 2765, 6052)."""
_OWN = tuple(map(ipaddress.IPv6Network, ("64:ff9b:1::/48", "fec0::/10")))
"""A house's own, of whatever they carry: its NAT64 (RFC 8215), site-local. `is_global` of Python 3.11 knows neither."""


def check_url(url: str, *, private_allowed: bool) -> str:
    """Return an address as it was given. BadInput for what no call may go to."""
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
