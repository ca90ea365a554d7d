"""The API's own application, mounted at /api/v1: its routes, its errors, its description."""

from importlib.metadata import version

from fastapi import APIRouter, Depends, FastAPI

from models.rooms import Place
from web.api import coordinating, me, notification_calls, request_calls, search_calls
from web.api.directives import directive_calls, incident_calls, launches
from web.api.problems import Problem, tell_problems
from web.api.register import absences, register_calls, register_files
from web.api.reports import report_calls, warning_calls
from web.api.tasks import board_calls, conversation_calls, dead_letters, letter_calls, record_calls, task_calls
from web.request.given_values import ask_once
from web.request.missing_rooms import say_missing
from web.request.site import Site

_MODULES = (
    me,
    notification_calls,
    search_calls,
    task_calls,
    conversation_calls,
    record_calls,
    directive_calls,
    board_calls,
    report_calls,
    warning_calls,
    letter_calls,
    dead_letters,
    coordinating,
    launches,
    incident_calls,
    request_calls,
    absences,
    register_calls,
    register_files,
)
"""In the order in which the API's page lists them."""
_DESCRIPTION = """\
Directives, tasks, letters, reports and the register of Đôn đốc, for programs: through the functions of the pages, and
with the rights of the person whose token it is. What an office sets up by hand is done on its pages.

**Token.** Make an access token on your account's page and send it with every call as `Authorization: Bearer …`. It
acts in your name, within its scopes: `read`, `act`, `coordinate`, `administer`.

**Lists** come in pages. Send `next` of an answer as `cursor` to get the following page. Boards, and lists sorted by a
count, take `page`.

**Repeats.** A POST with an `Idempotency-Key` is done once. A repeat within a day gets the same answer.

**Conflicts.** An action on a task takes `seen`, as the task was read; an import into the register takes its `mark`. The
answer is 409 where another change came first and matters. With `dry_run` a call says what it would do.

**Errors** are `application/problem+json`, in the language of `Accept-Language`. Instants are in UTC, days are those of
the office's own time zone.
"""
_PROBLEMS = {
    status: {"model": Problem, "content": {"application/problem+json": {}}, "description": words}
    for status, words in {
        401: "No token, or one that does not count",
        403: "Not for this person, or outside the token's scopes",
        404: "Not there, or not for this person to see",
        409: "Not now, not by this person, or not twice",
        413: "Larger than a call may be: nothing of it was done",
        422: "Wrong input, each fault by field",
        429: "More than one person may ask for in a minute: Retry-After says how long to wait",
        503: "Not available at this moment: Retry-After says when to ask again",
    }.items()
}

_CALLS = APIRouter(responses=_PROBLEMS, dependencies=[Depends(ask_once)])  # type: ignore[arg-type]
"""Assembled once, as the pages are (web/app.py)."""
CALLS: Place[APIRouter] = Place("web.calls")
for _router in (*(_module.router for _module in _MODULES), *CALLS.added()):
    _CALLS.include_router(_router)
say_missing(_CALLS, of_api=True)


def create_api(site: Site) -> FastAPI:
    api = FastAPI(
        title="Đôn đốc",
        version=version("dondoc"),
        description=_DESCRIPTION,
        docs_url=None,
        redoc_url=None,
        openapi_url="/openapi.json",
        routes=_CALLS.routes,
        servers=[{"url": "/api/v1"}],
    )
    api.state.site = site
    tell_problems(api)
    return api
