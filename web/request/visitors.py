"""Where a request comes from: this machine or another, through a proxy or not, under which host name and browser."""

from ipaddress import ip_address
from urllib.parse import urlsplit

from fastapi import Request

from models.settings import Settings
from models.text.hosts import is_loopback

_OF_A_PROXY = ("forwarded", "via", "x-real-ip", "x-client-ip", "x-original-host", "true-client-ip", "cf-connecting-ip")
_ANY_OF_A_PROXY = "x-forwarded-"


def came_by_a_proxy(request: Request) -> bool:
    return any(name in _OF_A_PROXY or name.startswith(_ANY_OF_A_PROXY) for name in request.headers)


def is_of_this_machine(request: Request) -> bool:
    client = request.client  # a socket of the file system has no address
    return client is None or client.host == "" or is_loopback(client.host)


def is_asked_here(request: Request, settings: Settings) -> bool:
    """Return True if the site serves this machine alone and the request comes from a person who sits at it.

    A loopback connection does not prove that. A proxy makes one for anybody, and so does a browser here for a foreign
    page whose name leads to 127.0.0.1 (DNS rebinding). The host name in the request reveals such a page.
    """
    return (
        _is_local(settings)
        and is_of_this_machine(request)
        and is_loopback(_host_name(request))
        and not came_by_a_proxy(request)
    )


def is_our_name(request: Request, settings: Settings) -> bool:
    """Return True if the host name is that of `base_url` or this machine, or an IP address, which no page can take.

    If the site is open to the network and `base_url` was never set, its name is not known, and any is accepted.
    """
    ours, name = urlsplit(settings.base_url).hostname or "", _host_name(request)
    if is_loopback(ours) and not is_loopback(settings.host):
        return True
    return name in (ours, "", "localhost") or _is_ip_address(name)


def _is_local(settings: Settings) -> bool:
    return is_loopback(settings.host) and is_loopback(urlsplit(settings.base_url).hostname or "")


def _host_name(request: Request) -> str:
    """Return the name in the Host header without its port, or "?" if it is malformed."""
    try:
        return (urlsplit(f"//{request.headers.get('host', '')}").hostname or "").rstrip(".")
    except ValueError:
        return "?"


def _is_ip_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


_BROWSERS = (  # the first match counts, as most browsers also name several others
    ("coc_coc_browser", "Cốc Cốc"),
    ("Zalo", "Zalo"),
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
_SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)


def device_name(agent: str) -> str:
    """Return the browser and the system that a User-Agent names, or its first 40 characters if neither is known."""
    names = [next((name for sign, name in table if sign in agent), "") for table in (_BROWSERS, _SYSTEMS)]
    return ", ".join(filter(None, names)) or agent[:40]
