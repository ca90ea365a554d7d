"""The whole file of a directive, to be saved from the page of its text."""

from fastapi import APIRouter
from fastapi.responses import FileResponse

from web.account.archive_file import archive_answer
from web.request.request_context import Posted, Signed

router = APIRouter(prefix="/directives")


@router.post("/{code}/archive")
def take_out(code: str, context: Signed, _form: Posted) -> FileResponse:
    """Return everything about the directive in one archive. A form, as it is written to the audit who took it out."""
    return archive_answer(context, context.principal, context.hand, code)
