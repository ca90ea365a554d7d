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
    tour_pages,
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
from web.request.given_values import ask_once
from web.request.missing_rooms import say_missing
from web.request.request_context import chosen_language
from web.request.site import STATIC, Site
from web.request.visitors import came_by_a_proxy, is_of_this_machine, is_our_name
from web.setup import later, pages
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
    tour_pages,
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


_PAGES = APIRouter(dependencies=[Depends(ask_once)])
"""Assembled once: what FastAPI finds out about a route, half a second for all, every site of a process shares."""
PAGES: Place[APIRouter] = Place("web.pages")
say_missing(_PAGES, of_api=False)  # before /notifications/{notice_id}
for _router in (*PAGES.added(), of_tasks, of_directives):  # before /tasks/{name}/{action} and /directives/{code}
    _PAGES.include_router(_router)
for _module in _MODULES:
    _PAGES.include_router(_module.router)
for _router in (admin_pages, pages.router, later.router, launch_pages):
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
        dependencies=[Depends(ask_once)],
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
        response = turn_away(request, app.state.site) or await _traced(request, answer)
        for name, value in headers.items():
            response.headers.setdefault(name, value)
        if request.url.path.startswith("/static/"):  # addresses carry a mark of the content
            response.headers["Cache-Control"] = f"public, max-age={_YEAR}, immutable"
        asked = request.query_params.get("lang")  # of several the last, as `chosen_language` reads it
        if asked in LANGUAGES and asked != request.cookies.get(cookie_name(settings, LANGUAGE)):
            keep_cookie(response, settings, LANGUAGE, asked, _YEAR)
        return response

    return app


async def _traced(request: Request, answer: Callable[[Request], Awaitable[Response]]) -> Response:
    """Answer within a span, named by the route: the path itself may hold a letter's key."""
    if request.url.path.startswith(_UNTRACED):
        return await answer(request)
    with span(request.method, server=True) as opened:
        response = await answer(request)
        if opened is not None:
            opened.set_attributes(
                {"http.request.method": request.method, "http.response.status_code": response.status_code}
            )
            if route := request.scope.get("route"):
                opened.update_name(f"{request.method} {route.path}")
                opened.set_attribute("http.route", route.path)
        return response


def _headers(settings: Settings) -> dict[str, str]:
    secure = {"Strict-Transport-Security": f"max-age={_YEAR}; includeSubDomains"}
    return _HEADERS | (secure if is_secure(settings) else {})


class HeadAsGet:
    """HEAD is answered as GET is, without the body: by every page, call and file, whatever its route says."""

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
"""Asked by machines of the same network, past the proxy and by any name; they name nobody."""
_PLAIN = _("this site is reached by https alone: {address}")
_FOREIGN = _("this site is reached at {address} alone; an administrator sets another address with base_url")


def turn_away(request: Request, site: Site) -> Response | None:
    """Turn away whoever asks by plain http, where `base_url` says https, or under a foreign name; None for everybody
    else.

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
    """The proxy says so, or there is no proxy and the visitor is not on this machine.

    A proxy that says nothing is believed to have spoken https: `dondoc doctor` looks whether it does.
    """
    if request.url.scheme == "https":
        return False
    told = request.headers.get("x-forwarded-proto", "").strip().lower()
    return told == "http" or not (came_by_a_proxy(request) or is_of_this_machine(request))


def _leads_on(settings: Settings) -> bool:
    """An address that is only this machine's own would lead a visitor to theirs."""
    return not is_loopback(urlsplit(settings.base_url).hostname or "")


def _asked(request: Request) -> str:
    """Path and query as they came, never beginning another host's name."""
    path = request.scope.get("raw_path", b"").decode("ascii", "ignore").partition("?")[0]
    query = request.scope["query_string"].decode("ascii", "ignore")
    return (path if path.startswith("/") else "/") + (f"?{query}" if query else "")
