"""A POST with an Idempotency-Key is done once: the same request again gets the answer of the first.

The route takes the key before the call and keeps the answer after it. A repeat between the two is told to wait. A
process that dies there leaves a key without an answer, which is free again after a minute. Actions and launches have
their own guard against being done twice.
"""

from hashlib import sha256

from fastapi import Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.exceptions import RequestValidationError

from models.database.session import transaction
from models.errors import BadInput, DondocError, Refused
from web.api.caller import Caller, find_caller
from web.api.problems import invalid, problem_of
from web.api.sent_calls import CallRoute, Handler
from workflows.access.kept_answers import free_key, keep_answer, take_key

HEADER = "Idempotency-Key"
_LONGEST = 200


class OnceRoute(CallRoute):
    """A route that does a POST once for each key."""

    def answering(self, handle: Handler) -> Handler:
        async def once(request: Request) -> Response:
            key = request.headers.get(HEADER)
            if request.method != "POST" or key is None:
                return await handle(request)
            caller = await run_in_threadpool(find_caller, request)
            if caller is None:
                return await handle(request)
            body = await request.body()
            scopes = ",".join(sorted(caller.token.scopes))  # a token with fewer scopes must not get this answer
            parts = [request.method.encode(), str(request.url.path).encode(), scopes.encode(), body]
            request_hash = sha256(b"\0".join(parts)).hexdigest()
            kept_response = await run_in_threadpool(_take, caller, key, request_hash)
            if kept_response is not None:
                return kept_response
            response: Response | None = None
            try:
                response = await _answer(handle, request)
            finally:
                await run_in_threadpool(_keep, caller, key, response)
            return response

        return once


async def _answer(handle: Handler, request: Request) -> Response:
    """Turn refusals into responses, so that they are kept too."""
    try:
        return await handle(request)
    except DondocError as error:
        return problem_of(request, error)
    except RequestValidationError as error:
        return invalid(request, error)


def _take(caller: Caller, key: str, request_hash: str) -> Response | None:
    """Take the key for this request and return None, or return the answer that an earlier request got."""
    if not 0 < len(key) <= _LONGEST:
        raise BadInput("{header} {key}: expected 1 to {most} characters", header=HEADER, key=key, most=_LONGEST)
    with transaction(caller.site.engine) as session:
        kept = take_key(session, caller.person.id, key, request_hash, now=caller.now)
    if kept is None:
        return None
    if kept.request_hash != request_hash:
        raise BadInput("{header} {key}: was used for another request", header=HEADER, key=key)
    if kept.status == 0:
        raise Refused("the first request with this {header} is still under way: ask again in a moment", header=HEADER)
    return Response(kept.body, kept.status, {"Idempotency-Replayed": "true"}, kept.media_type)


def _keep(caller: Caller, key: str, response: Response | None) -> None:
    """Keep the answer. A fault of the server, or too many calls, frees the key for another try."""
    with transaction(caller.site.engine) as session:
        if response is None or response.status_code >= 500 or response.status_code == 429:
            free_key(session, caller.person.id, key)
            return
        media_type = response.headers.get("content-type", "application/json")
        keep_answer(session, caller.person.id, key, response.status_code, media_type, bytes(response.body))
