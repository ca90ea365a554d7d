"""The front door: to the page where a person's work begins."""

from fastapi import APIRouter
from fastapi.responses import Response

from web.request.request_context import Signed
from workflows.rules.rights_table import OfficeRole, Right

router = APIRouter()


@router.api_route("/", methods=["GET", "HEAD"])
def front_page(context: Signed) -> Response:
    """To where the reader's work begins."""
    principal = context.principal
    if OfficeRole.HEAD in principal.standings and OfficeRole.COORDINATOR not in principal.standings:
        return context.go("/work")
    for right, path in _HOMES:
        if principal.may(right):
            return context.go(path)
    return context.go("/work")


_HOMES = (
    (Right.RUN_JOBS, "/admin"),
    (Right.LAUNCH, "/directives"),
    (Right.RECORD_RECEIPTS, "/receipts"),
    (Right.SEE_EVERYTHING, "/directives"),
)
