"""The picture of a printed line of a scan, beside what was read from it."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from fastapi.responses import Response

from models.directives.intake import FileRole
from models.errors import NotFound
from web.request.request_context import Signed
from workflows.intake.files import draw_line
from workflows.intake.review.correct_reading import open_intake
from workflows.intake.review.unclear import lines_at
from workflows.intake.source_files import open_source, source_files

router = APIRouter(prefix="/intake")
_ASIDE, _ABOVE = 0.012, 0.004
"""Of the page: what is shown around a line."""
_KEPT = "private, max-age=3600"


@router.get("/{intake_id}/line")
def line_picture(
    intake_id: UUID, context: Signed, begins: Annotated[int, Query(ge=0)], ends: Annotated[int, Query(ge=1)]
) -> Response:
    """Return the picture of the printed lines in which these characters of the text stand."""
    with context.reading() as session:
        intake = open_intake(session, context.principal, intake_id)
        found = lines_at(intake.scan, begins, ends)
        files = source_files(session, intake.id)
    searchable = next((one for one in files if one.role is FileRole.SEARCHABLE), None)
    if found is None or searchable is None:
        raise NotFound("there is no such page")
    file, path = open_source(files, searchable.id, context.settings)
    page, (left, top, right, bottom) = found
    box = (max(0.0, left - _ASIDE), max(0.0, top - _ABOVE), min(1.0, right + _ASIDE), min(1.0, bottom + _ABOVE))
    drawn = draw_line(file.filename, path.read_bytes(), page, box)
    return Response(drawn, media_type="image/png", headers={"Cache-Control": _KEPT})
