"""Where a webhook may lead: out of the house, unless the settings say otherwise."""

import ipaddress
import socket

import httpx

from models.errors import BadInput

_LONGEST = 1000


def check_url(url: str, *, private_allowed: bool) -> str:
    """A webhook's address as it was given. BadInput for what no webhook may have."""
    allowed = ("https", "http") if private_allowed else ("https",)
    try:
        parts = httpx.URL(url)
        is_one = parts.scheme in allowed and bool(parts.host) and not parts.userinfo
        is_one = is_one and (parts.port is None or 0 < parts.port < 65536)
        parts.host.encode("idna")
    except (httpx.InvalidURL, ValueError):
        is_one = False
    if not is_one or len(url) > _LONGEST or " " in url:
        raise BadInput("url {url}: right would be an https address, such as https://example.vn/dondoc", url=url[:200])
    if not private_allowed and _is_plainly_inside(parts.host):
        raise _inside(parts.host)
    return url


def _is_plainly_inside(host: str) -> bool:
    """Whether it leads into the house without anybody being asked; where a name leads is seen at each call."""
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def _inside(host: str) -> BadInput:
    return BadInput("host {host}: leads into this machine's own network, which webhooks may not", host=host)


def find_address(host: str, port: int, *, private_allowed: bool) -> str:
    """An IP address of a host, which the call then goes to: looked up once, so that a name cannot lead elsewhere later.

    BadInput where it has none, or one of this machine or a private network and these are not allowed.
    """
    try:
        found = {str(one[4][0]) for one in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)}
    except (OSError, UnicodeError) as error:  # of a name that is too long
        raise BadInput("host {host}: cannot be found", host=host) from error
    ours = [one for one in found if not ipaddress.ip_address(one.partition("%")[0]).is_global]
    if ours and not private_allowed:
        raise _inside(host)
    return sorted(found, key=lambda one: (":" in one, one))[0]
