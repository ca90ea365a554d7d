"""The address that an open page asks every few seconds for changes. It reads one row, and answers 304 without any."""

from fastapi import APIRouter
from fastapi.responses import Response

from models.tasks.task_reads import last_moved
from web.request.request_context import Signed
from workflows.access.rights import open_directive

router = APIRouter(prefix="/live")


@router.get("/directives/{code}")
def directive_moved(code: str, context: Signed) -> Response:
    with context.reading() as session:
        directive = open_directive(session, context.principal, code)
        newest = last_moved(session, directive.id)
    tag = f'"{newest}"'
    headers = {"ETag": tag, "Cache-Control": "no-cache"}
    if context.request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers=headers)
    return Response(str(newest or ""), media_type="text/plain", headers=headers)
