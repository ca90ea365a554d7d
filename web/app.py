"""The site: health for machines, pages for people. Every page works without JavaScript."""

from collections.abc import Awaitable, Callable
from functools import partial
from importlib.metadata import version
from urllib.parse import urlsplit

from fastapi import APIRouter, Depends, FastAPI, Request, Response
from fastapi.responses import RedirectResponse
from fastapi.staticfiles import StaticFiles
from sqlalchemy import Engine
from starlette.middleware.gzip import GZipMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from models.i18n import LANGUAGES, _
from models.operations.traces import span
from models.rooms import Place
from models.settings import Settings
from models.text.hosts import is_loopback
from web.account import (
    absence_pages,
    access_pages,
    account_pages,
    archive_file,
    letter_choice_pages,
    mailed_link_pages,
    second_step_pages,
    sign_in_pages,
)
from web.admin import router as admin_pages
from web.api.app import create_api
from web.api.problems import problem_of
from web.board import bulk_pages, wall_pages
from web.conversation.conversation_pages import of_directives, of_tasks
from web.directives import difficulty_pages, directive_pages, incident_pages, timeline_pages
from web.error_pages import answer_errors, bare_page
from web.launch import router as launch_pages
from web.letters import coming_pages, letter_pages, mailbox_pages, notification_pages
from web.monitoring import background_job_pages, health, metrics
from web.reports import briefing_pages, report_files, report_pages, scorecard_pages, warning_pages
from web.request.cookies import LANGUAGE, cookie_name, is_secure, keep_cookie
from web.request.given_values import require_single_values
from web.request.missing_rooms import add_missing_rooms
from web.request.request_context import chosen_language
from web.request.site import STATIC, Site
from web.request.visitors import came_by_a_proxy, is_of_this_machine, is_our_name
from web.setup import setup_pages
from web.task import action_pages, receipt_pages, task_pages
from web.worklists import (
    api_pages,
    calendar_pages,
    file_view,
    help_pages,
    inbox_pages,
    link_pages,
    live_pages,
    search_pages,
    task_list_pages,
    today_pages,
    work_pages,
)
from workflows.access.rights import Forbidden

_MODULES = (
    health,
    metrics,
    today_pages,
    calendar_pages,
    sign_in_pages,
    mailed_link_pages,
    account_pages,
    letter_choice_pages,
    second_step_pages,
    access_pages,
    task_list_pages,  # before /tasks/{name}
    task_pages,
    file_view,
    work_pages,
    absence_pages,
    action_pages,
    link_pages,
    live_pages,
    help_pages,
    api_pages,
    background_job_pages,
    receipt_pages,
    search_pages,
    wall_pages,
    inbox_pages,
    coming_pages,  # before /letters/{letter_id}
    letter_pages,
    mailbox_pages,
    notification_pages,
    incident_pages,
    bulk_pages,
    difficulty_pages,
    briefing_pages,
    report_files,
    report_pages,
    scorecard_pages,
    warning_pages,
    archive_file,
    timeline_pages,
    directive_pages,  # the last: its /directives/{code} takes every name that no other page has
)


_PAGES = APIRouter(dependencies=[Depends(require_single_values)])
"""All pages. FastAPI needs half a second to analyse these routes, so all sites of a process share them."""
PAGES: Place[APIRouter] = Place("web.pages")
add_missing_rooms(_PAGES, of_api=False)  # before /notifications/{notice_id}
for _router in (*PAGES.added(), of_tasks, of_directives):  # before /tasks/{name}/{action} and /directives/{code}
    _PAGES.include_router(_router)
for _module in _MODULES:
    _PAGES.include_router(_module.router)
for _router in (admin_pages, setup_pages.router, launch_pages):
    _PAGES.include_router(_router)
_UNTRACED = ("/static/", "/health", "/ready", "/metrics")
_YEAR = 365 * 24 * 3600
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; font-src 'self'; img-src 'self' data:; "
    "script-src 'self'; "
    "connect-src 'self'; frame-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",  # an address may hold a letter's key: it goes to nobody else
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "X-Robots-Tag": "noindex, nofollow",
    "Cache-Control": "no-store",
}


def create_app(engine: Engine, settings: Settings) -> FastAPI:
    app = FastAPI(
        title="Đôn đốc",
        version=version("dondoc"),
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        routes=_PAGES.routes,
        dependencies=[Depends(require_single_values)],
    )
    app.state.site = Site(engine, settings)
    app.state.api = create_api(app.state.site)
    app.mount("/api/v1", app.state.api, name="api")
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    app.add_middleware(GZipMiddleware, minimum_size=1000)
    app.add_middleware(HeadAsGet)
    answer_errors(app, partial(_headers, settings))
    headers = _headers(settings)

    @app.middleware("http")
    async def guard(request: Request, answer: Callable[[Request], Awaitable[Response]]) -> Response:
        response = turn_away(request, app.state.site) or await _answer_in_span(request, answer)
        for name, value in headers.items():
            response.headers.setdefault(name, value)
        if request.url.path.startswith("/static/"):  # the address changes with the content
            response.headers["Cache-Control"] = f"public, max-age={_YEAR}, immutable"
        language = request.query_params.get("lang")  # of several the last, as `chosen_language` reads it
        if language in LANGUAGES and language != request.cookies.get(cookie_name(settings, LANGUAGE)):
            keep_cookie(response, settings, LANGUAGE, language, _YEAR)
        return response

    return app


async def _answer_in_span(request: Request, answer: Callable[[Request], Awaitable[Response]]) -> Response:
    """Answer within a trace span that is named by the route. The path itself may hold a letter's key."""
    if request.url.path.startswith(_UNTRACED):
        return await answer(request)
    with span(request.method, server=True) as request_span:
        response = await answer(request)
        if request_span is not None:
            request_span.set_attributes(
                {"http.request.method": request.method, "http.response.status_code": response.status_code}
            )
            if route := request.scope.get("route"):
                request_span.update_name(f"{request.method} {route.path}")
                request_span.set_attribute("http.route", route.path)
        return response


def _headers(settings: Settings) -> dict[str, str]:
    secure = {"Strict-Transport-Security": f"max-age={_YEAR}; includeSubDomains"}
    return _HEADERS | (secure if is_secure(settings) else {})


class HeadAsGet:
    """Answers HEAD as GET without the body, for every page, call and file."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self._app(scope, receive, send)
            return

        async def send_without_body(message: Message) -> None:
            await send({**message, "body": b""} if message["type"] == "http.response.body" else message)

        await self._app({**scope, "method": "GET"}, receive, send_without_body)


FOR_MACHINES = ("/health", "/ready", "/version", "/metrics")
"""Monitors on the same network ask these without the proxy, under any host name. The answers name no person."""
_PLAIN = _("this site is reached by https alone: {address}")
_FOREIGN = _("this site is reached at {address} alone; an administrator sets another address with base_url")


def turn_away(request: Request, site: Site) -> Response | None:
    """Redirect or refuse a request that came by plain http or under a foreign host name; None for any other.

    Plain http is allowed where `base_url` does not say https. A program is refused, never redirected: it would go on
    sending its token in clear text, and nobody would notice (ASVS 5.0, 4.1.2).
    """
    settings, path = site.settings, request.url.path
    is_plain = is_secure(settings) and _came_by_plain_http(request)
    if path in FOR_MACHINES or (is_our_name(request, settings) and not is_plain):
        return None
    is_api_call = path.startswith("/api/")
    # a redirect to a loopback address would lead visitors to their own machine
    is_public_address = not is_loopback(urlsplit(settings.base_url).hostname or "")
    if request.method in ("GET", "HEAD") and is_public_address and not is_api_call:
        return RedirectResponse(settings.base_url + _path_and_query(request), 308)
    error = Forbidden(_PLAIN if is_plain else _FOREIGN, address=settings.base_url)
    if is_api_call:
        return problem_of(request, error)
    language = chosen_language(request, settings, settings.language)
    return bare_page(site, request, language, 403, error.tell(language))


def _came_by_plain_http(request: Request) -> bool:
    """Return True if the proxy says so, or if there is no proxy and the visitor is not on this machine.

    A proxy that does not name its protocol is taken to speak https. `dondoc doctor` checks that.
    """
    if request.url.scheme == "https":
        return False
    protocol = request.headers.get("x-forwarded-proto", "").strip().lower()
    return protocol == "http" or not (came_by_a_proxy(request) or is_of_this_machine(request))


def _path_and_query(request: Request) -> str:
    """Return both as they were sent. The path begins with a slash, so it cannot extend the host name before it."""
    path = request.scope.get("raw_path", b"").decode("ascii", "ignore").partition("?")[0]
    query = request.scope["query_string"].decode("ascii", "ignore")
    return (path if path.startswith("/") else "/") + (f"?{query}" if query else "")
