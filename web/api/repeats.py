"""A POST with an Idempotency-Key is done once: the same request again gets the answer of the first.

The key is taken before the deed and its answer kept after it; between the two a repeat is told to wait. A process that
dies there leaves a key without an answer, which is free again after a minute: what the deed itself guards against
being done twice (a launch, an act on a task) stays so.
"""

from hashlib import sha256

from fastapi import Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.exceptions import RequestValidationError

from models.database.session import transaction
from models.errors import BadInput, DondocError, Refused
from web.api.caller import Caller, call_of
from web.api.problems import invalid, problem_of
from web.api.sent_calls import CallRoute, Handler
from workflows.access.kept_answers import free_key, keep_answer, take_key

HEADER = "Idempotency-Key"
_LONGEST = 200


class OnceRoute(CallRoute):
    """A route whose POST is done once for each key."""

    def answering(self, handle: Handler) -> Handler:
        async def once(request: Request) -> Response:
            key = request.headers.get(HEADER)
            if request.method != "POST" or key is None:
                return await handle(request)
            caller = await run_in_threadpool(call_of, request)
            if caller is None:
                return await handle(request)
            body = await request.body()
            scopes = ",".join(sorted(caller.token.scopes))  # an answer may hold what a lesser token is not to be told
            what = [request.method.encode(), str(request.url.path).encode(), scopes.encode(), body]
            mark = sha256(b"\0".join(what)).hexdigest()
            kept = await run_in_threadpool(_taken, caller, key, mark)
            if kept is not None:
                return kept
            response: Response | None = None
            try:
                response = await _answer(handle, request)
            finally:
                await run_in_threadpool(_keep, caller, key, response)
            return response

        return once


async def _answer(handle: Handler, request: Request) -> Response:
    """Refusals are answers too: these are kept as well."""
    try:
        return await handle(request)
    except DondocError as error:
        return problem_of(request, error)
    except RequestValidationError as error:
        return invalid(request, error)


def _taken(caller: Caller, key: str, mark: str) -> Response | None:
    """Take the key for this request: None; or the answer that was given."""
    if not 0 < len(key) <= _LONGEST:
        raise BadInput("{header} {key}: expected 1 to {most} characters", header=HEADER, key=key, most=_LONGEST)
    with transaction(caller.site.engine) as session:
        kept = take_key(session, caller.person.id, key, mark, now=caller.now)
    if kept is None:
        return None
    if kept.request_hash != mark:
        raise BadInput("{header} {key}: was used for another request", header=HEADER, key=key)
    if kept.status == 0:
        raise Refused("the first request with this {header} is still under way: ask again in a moment", header=HEADER)
    return Response(kept.body, kept.status, {"Idempotency-Replayed": "true"}, kept.media_type)


def _keep(caller: Caller, key: str, response: Response | None) -> None:
    """Keep the answer; one of our own failing, or that it is too soon, frees the key."""
    with transaction(caller.site.engine) as session:
        if response is None or response.status_code >= 500 or response.status_code == 429:
            free_key(session, caller.person.id, key)
            return
        media_type = response.headers.get("content-type", "application/json")
        keep_answer(session, caller.person.id, key, response.status_code, media_type, bytes(response.body))
