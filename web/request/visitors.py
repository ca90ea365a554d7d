"""Who asks: by which name and past whom, from this very machine or from anywhere else, and with which browser."""

from ipaddress import ip_address
from urllib.parse import urlsplit

from fastapi import Request

from models.settings import Settings
from models.text.hosts import is_loopback

_OF_A_PROXY = ("forwarded", "via", "x-real-ip", "x-client-ip", "x-original-host", "true-client-ip", "cf-connecting-ip")
_ANY_OF_A_PROXY = "x-forwarded-"


def came_by_a_proxy(request: Request) -> bool:
    """A proxy says that it handed the request on."""
    return any(name in _OF_A_PROXY or name.startswith(_ANY_OF_A_PROXY) for name in request.headers)


def is_of_this_machine(request: Request) -> bool:
    """A socket of the file system has no address."""
    client = request.client
    return client is None or client.host == "" or is_loopback(client.host)


def is_asked_here(request: Request, settings: Settings) -> bool:
    """Somebody who sits at this machine asks, for a site that is there for this machine alone.

    A connection of loopback is not enough: a proxy makes one for anybody, and so does a browser here for a foreign page
    whose name leads to 127.0.0.1 (DNS rebinding). The name that was asked for tells that page apart.
    """
    return (
        _is_local(settings)
        and is_of_this_machine(request)
        and is_loopback(_asked_name(request))
        and not came_by_a_proxy(request)
    )


def is_our_name(request: Request, settings: Settings) -> bool:
    """The site answers by that of `base_url`, this machine's, a number.

    Nobody can make a page of theirs have a number for its name. Where the site is open to the network and `base_url`
    was never set, its name is not known, and any is taken.
    """
    ours, asked = urlsplit(settings.base_url).hostname or "", _asked_name(request)
    if is_loopback(ours) and not is_loopback(settings.host):
        return True
    return asked in (ours, "", "localhost") or _is_number(asked)


def _is_local(settings: Settings) -> bool:
    return is_loopback(settings.host) and is_loopback(urlsplit(settings.base_url).hostname or "")


def _asked_name(request: Request) -> str:
    """The name in the Host header, without its port; "?" for one that is none."""
    try:
        return (urlsplit(f"//{request.headers.get('host', '')}").hostname or "").rstrip(".")
    except ValueError:
        return "?"


def _is_number(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


_BROWSERS = (  # the first that fits: most of them claim to be several others too
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
    """The browser and its system, of a User-Agent; what it says itself where neither is known, cut short."""
    found = [next((name for mark, name in names if mark in agent), "") for names in (_BROWSERS, _SYSTEMS)]
    return ", ".join(one for one in found if one) or agent[:40]
