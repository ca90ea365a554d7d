"""The site: health for machines, and a few plain pages that only read. It works without JavaScript."""

from collections.abc import Awaitable, Callable
from importlib.metadata import version
from pathlib import Path

from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse
from fastapi.staticfiles import StaticFiles
from sqlalchemy import Engine
from starlette.exceptions import HTTPException

from models.errors import NotFound
from models.settings import Settings
from web import front_page, health, mail_pages, metrics, task_pages
from web.site import Site, language_of

_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src 'self'; frame-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",  # an address may hold a letter's key
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "X-Robots-Tag": "noindex, nofollow",
    "Cache-Control": "no-store",
}


def create_app(engine: Engine, settings: Settings) -> FastAPI:
    """The site over a database that is set up; nothing it answers changes anything."""
    app = FastAPI(title="Đôn đốc", version=version("dondoc"), docs_url=None, redoc_url=None, openapi_url=None)
    site = Site(engine, settings)
    app.state.site = site
    for router in (health.router, metrics.router, front_page.router, task_pages.router):
        app.include_router(router)
    if mail_pages.may_show(settings):
        app.include_router(mail_pages.router)
    app.mount("/static", StaticFiles(directory=Path(__file__).parent / "static"), name="static")

    @app.middleware("http")
    async def guard(request: Request, answer: Callable[[Request], Awaitable[Response]]) -> Response:
        response = await answer(request)
        for name, value in _HEADERS.items():
            response.headers.setdefault(name, value)
        if request.url.path.startswith("/static/"):
            response.headers["Cache-Control"] = "public, max-age=3600"
        return response

    @app.exception_handler(NotFound)
    async def not_found(request: Request, error: NotFound) -> Response:
        language = language_of(request, settings.language)
        return site.page("message.html", language, request, code=404, message=error.tell(language))

    @app.exception_handler(HTTPException)
    async def refuse(request: Request, error: HTTPException) -> Response:
        if error.status_code == 404:
            return await not_found(request, NotFound("there is no such page"))
        return JSONResponse({"error": error.detail}, error.status_code, error.headers)

    return app
