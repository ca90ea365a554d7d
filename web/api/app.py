"""The application of the API, mounted at /api/v1: its routes, errors and description."""

from importlib.metadata import version

from fastapi import APIRouter, Depends, FastAPI

from models.rooms import Place
from web.api import coordinating, me, notification_calls, search_calls, single_task_calls
from web.api.directives import directive_calls, incident_calls, launches
from web.api.problems import Problem, tell_problems
from web.api.register import absences, register_calls, register_files
from web.api.reports import report_calls, warning_calls
from web.api.tasks import board_calls, conversation_calls, dead_letters, letter_calls, record_calls, task_calls
from web.request.given_values import require_single_values
from web.request.missing_rooms import add_missing_rooms
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
    single_task_calls,
    absences,
    register_calls,
    register_files,
)
"""In the order in which the API's page lists them."""
_DESCRIPTION = """\
Directives, tasks, letters, reports and the register of Đôn đốc, for programs. A call does what the page does, with the
rights of the person whose token it is. An office changes its set-up on its pages only.

**Token.** Make an access token on your account's page and send it with every call as `Authorization: Bearer …`. It
acts in your name, within its scopes: `read`, `act`, `coordinate`, `administer`.

**Lists** come in pages. Send `next` of an answer as `cursor` to get the following page. Boards, and lists sorted by a
count, take `page`.

**Repeats.** A POST with an `Idempotency-Key` is done once. A repeat within a day gets the same answer.

**Conflicts.** An action on a task takes `seen`, as the task was read. An import into the register takes the `mark` of
its dry run. The answer is 409 where another change came first and matters. With `dry_run` a call says what it would do.

**Errors** are `application/problem+json`, in the language of `Accept-Language`. Instants are in UTC, days are those of
the office's own time zone.
"""
_PROBLEMS = {
    status: {"model": Problem, "content": {"application/problem+json": {}}, "description": words}
    for status, words in {
        401: "The token is missing or not valid",
        403: "The person or the token's scopes do not allow it",
        404: "It does not exist, or this person may not see it",
        409: "A rule refuses it: now, for this person, or a second time",
        413: "The call is too large; nothing was done",
        422: "The input is wrong; each fault is named with its field",
        429: "Too many calls by one person in a minute; Retry-After says how long to wait",
        503: "Not available at this moment; Retry-After says when to ask again",
    }.items()
}

_CALLS = APIRouter(responses=_PROBLEMS, dependencies=[Depends(require_single_values)])  # type: ignore[arg-type]
"""All calls, assembled once for all sites of a process, as the pages are in web/app.py."""
CALLS: Place[APIRouter] = Place("web.calls")
for _router in (*(_module.router for _module in _MODULES), *CALLS.added()):
    _CALLS.include_router(_router)
add_missing_rooms(_CALLS, of_api=True)


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
