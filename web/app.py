"""The site: health for machines, pages for people. Every page works without JavaScript."""

from collections.abc import Awaitable, Callable
from functools import partial
from importlib.metadata import version

from fastapi import APIRouter, Depends, FastAPI, Request, Response
from fastapi.staticfiles import StaticFiles
from sqlalchemy import Engine
from starlette.middleware.gzip import GZipMiddleware

from models.i18n import LANGUAGES
from models.operations.traces import span
from models.settings import Settings
from web.account import (
    absence_pages,
    access_pages,
    account_pages,
    archive_pages,
    letter_choice_pages,
    mailed_link_pages,
    oidc_pages,
    second_step_pages,
    sign_in_pages,
    tour_pages,
)
from web.admin import router as admin_pages
from web.api.app import create_api
from web.board import bulk_pages, wall_pages
from web.conversation.conversation_pages import of_directives, of_tasks
from web.directives import difficulty_pages, directive_pages, exchange_pages, incident_pages, timeline_pages
from web.error_pages import answer_errors
from web.head_as_get import HeadAsGet
from web.inspections import router as inspection_pages
from web.intake import router as intake_pages
from web.launch import router as launch_pages
from web.letters import coming_pages, letter_pages, mailbox_pages, notification_pages
from web.monitoring import background_job_pages, health, metrics
from web.reports import (
    briefing_pages,
    issued_pages,
    paper_pages,
    report_files,
    report_pages,
    schedule_pages,
    scorecard_pages,
    warning_pages,
)
from web.reports.chart_pages import router as picture_pages
from web.request.cookies import LANGUAGE, cookie_name, is_secure, keep_cookie
from web.request.single_value import ask_once
from web.request.site import STATIC, Site
from web.setup import later, pages
from web.task import action_pages, receipt_pages, reply_pages, task_pages
from web.turned_away import turn_away
from web.worklists import (
    api_pages,
    calendar_pages,
    file_view,
    help_pages,
    inbox_pages,
    link_pages,
    live_pages,
    search_pages,
    suggest_pages,
    task_list_pages,
    today_pages,
    work_pages,
)

_MODULES = (
    health,
    metrics,
    today_pages,
    calendar_pages,
    sign_in_pages,
    oidc_pages,
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
    suggest_pages,
    wall_pages,
    inbox_pages,
    coming_pages,  # before /letters/{letter_id}
    letter_pages,
    mailbox_pages,
    reply_pages,
    notification_pages,
    incident_pages,
    bulk_pages,
    difficulty_pages,
    briefing_pages,
    report_files,
    report_pages,
    paper_pages,
    schedule_pages,  # before /papers/{report_id}
    issued_pages,
    scorecard_pages,
    warning_pages,
    archive_pages,
    timeline_pages,
    exchange_pages,
    directive_pages,  # the last: its /directives/{code} takes every name that no other page has
)
_PAGES = APIRouter(dependencies=[Depends(ask_once)])
"""Assembled once: what FastAPI finds out about a route, half a second for all, every site of a process shares."""
for _router in (of_tasks, of_directives):  # before /tasks/{name}/{action} and /directives/{code}
    _PAGES.include_router(_router)
for _module in _MODULES:
    _PAGES.include_router(_module.router)
for _router in (admin_pages, pages.router, later.router, intake_pages, inspection_pages, launch_pages, picture_pages):
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
