"""Who is turned away before any page: by plain http from a site of https, or under a name that is not the site's.

Who looks at a page is led to the right address, all else is refused.
"""

from urllib.parse import urlsplit

from fastapi import Request
from fastapi.responses import RedirectResponse, Response

from models.i18n import _
from models.settings import Settings
from models.text.hosts import is_loopback
from web.api.problems import problem_of
from web.error_pages import bare_page
from web.request.cookies import is_secure
from web.request.reached_by import came_by_a_proxy, is_of_this_machine, is_our_name
from web.request.request_context import chosen_language
from web.request.site import Site
from workflows.access.rights import Forbidden

FOR_MACHINES = ("/health", "/ready", "/version", "/metrics")
"""Asked by machines of the same network, past the proxy and by any name; they name nobody."""
_PLAIN = _("this site is reached by https alone: {address}")
_FOREIGN = _("this site is reached at {address} alone; an administrator sets another address with base_url")


def turn_away(request: Request, site: Site) -> Response | None:
    """Return the answer to whoever asks by plain http, where `base_url` says https, or under a foreign name; None for
    everybody else.

    A program is not led on: it would go on sending its token in clear, and nobody would notice (ASVS 5.0, 4.1.2).
    """
    settings = site.settings
    is_plain = is_secure(settings) and _is_plain(request)
    if request.url.path in FOR_MACHINES or not (is_plain or not is_our_name(request, settings)):
        return None
    of_programs = request.url.path.startswith("/api/")
    if request.method in ("GET", "HEAD") and not of_programs and _leads_on(settings):
        return RedirectResponse(settings.base_url + _asked(request), 308)
    error = Forbidden(_PLAIN if is_plain else _FOREIGN, address=settings.base_url)
    if of_programs:
        return problem_of(request, error)
    language = chosen_language(request, settings, settings.language)
    return bare_page(site, request, language, 403, error.tell(language))


def _is_plain(request: Request) -> bool:
    """Return whether the proxy says so, or there is no proxy and the visitor is not on this machine.

    A proxy that says nothing is believed to have spoken https: `dondoc doctor` looks whether it does.
    """
    if request.url.scheme == "https":
        return False
    told = request.headers.get("x-forwarded-proto", "").strip().lower()
    return told == "http" or not (came_by_a_proxy(request) or is_of_this_machine(request))


def _leads_on(settings: Settings) -> bool:
    """Return whether the address is more than this machine's own, which would lead a visitor to theirs."""
    return not is_loopback(urlsplit(settings.base_url).hostname or "")


def _asked(request: Request) -> str:
    """Path and query as they came, never beginning another host's name."""
    path = request.scope.get("raw_path", b"").decode("ascii", "ignore").partition("?")[0]
    query = request.scope["query_string"].decode("ascii", "ignore")
    return (path if path.startswith("/") else "/") + (f"?{query}" if query else "")
