"""Plain http to a site that is reached by https: who looks at a page is led there, all else is refused."""

from fastapi import Request
from fastapi.responses import RedirectResponse, Response
from starlette.datastructures import Address

from models.text.hosts import is_loopback
from web.api.problems import problem_of
from web.error_pages import bare_page
from web.request.cookies import is_secure
from web.request.request_context import chosen_language
from web.request.site import Site
from workflows.access.rights import Forbidden

FOR_MACHINES = ("/health", "/ready", "/version", "/metrics")
"""Asked by machines of the same network, past the proxy."""
_OF_A_PROXY = ("x-forwarded-proto", "x-forwarded-for", "forwarded", "via")


def turn_away(request: Request, site: Site) -> Response | None:
    """Return the answer to whoever came by plain http, where `base_url` says https; None for everybody else.

    A program is not led on: it would go on sending its token in clear, and nobody would notice (ASVS 5.0, 4.1.2).
    """
    settings = site.settings
    if not is_secure(settings) or request.url.path in FOR_MACHINES or not _is_plain(request):
        return None
    of_programs = request.url.path.startswith("/api/")
    if request.method in ("GET", "HEAD") and not of_programs:
        return RedirectResponse(settings.base_url + _asked(request), 308)
    error = Forbidden("this site is reached by https alone: {address}", address=settings.base_url)
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
    return told == "http" or not (
        any(name in request.headers for name in _OF_A_PROXY) or _is_of_this_machine(request.client)
    )


def _is_of_this_machine(client: Address | None) -> bool:
    return client is None or client.host == "" or is_loopback(client.host)  # no address: a socket of the file system


def _asked(request: Request) -> str:
    """Path and query as they came, never beginning another host's name."""
    path = request.scope.get("raw_path", b"").decode("ascii", "ignore").partition("?")[0]
    query = request.scope["query_string"].decode("ascii", "ignore")
    return (path if path.startswith("/") else "/") + (f"?{query}" if query else "")
