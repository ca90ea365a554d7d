"""The files that a document or a directive was read from, and pictures of their lines."""

from base64 import b64decode
from hashlib import sha256
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from fastapi.responses import FileResponse, Response

from models.errors import NotFound
from models.intake.intake import FileRole
from web.api.files import SAFE
from web.request.request_context import Signed
from web.worklists.file_view import frame
from workflows.access.rights import open_directive
from workflows.bounded_process.kept_views import view
from workflows.intake.files import draw_line
from workflows.intake.review.correct_reading import open_intake
from workflows.intake.review.unclear import lines_at
from workflows.intake.source_files import files_of_directive, open_source, source_files

router = APIRouter()
_BESIDE, _ABOVE = 0.012, 0.004  # the margins of a picture around its lines, as shares of the page
_KEPT = "private, max-age=3600"


@router.get("/directives/{code}/files/{file_id}")
def directive_file(code: str, file_id: UUID, context: Signed) -> FileResponse:
    with context.reading() as session:
        directive = open_directive(session, context.principal, code)
        file, path = open_source(files_of_directive(session, directive.id), file_id, context.settings)
    return FileResponse(path, media_type=file.media_type, filename=file.filename, headers=SAFE)


@router.get("/intake/{intake_id}/files/{file_id}")
def intake_file(intake_id: UUID, file_id: UUID, context: Signed) -> FileResponse:
    with context.reading() as session:
        intake = open_intake(session, context.principal, intake_id)
        file, path = open_source(source_files(session, intake.id), file_id, context.settings)
    return FileResponse(path, media_type=file.media_type, filename=file.filename, headers=SAFE)


@router.get("/intake/{intake_id}/files/{file_id}/view")
def intake_file_view(intake_id: UUID, file_id: UUID, context: Signed) -> Response:
    with context.reading() as session:
        intake = open_intake(session, context.principal, intake_id)
        file, path = open_source(source_files(session, intake.id), file_id, context.settings)
    return frame(context, file.filename, file.media_type, path)


@router.get("/intake/{intake_id}/line")
def line_picture(
    intake_id: UUID, context: Signed, begins: Annotated[int, Query(ge=0)], ends: Annotated[int, Query(ge=1)]
) -> Response:
    """Return a picture of the printed lines in which these characters of the text stand."""
    with context.reading() as session:
        intake = open_intake(session, context.principal, intake_id)
        lines = lines_at(intake.scan, begins, ends)
        files = source_files(session, intake.id)
    searchable = next((file for file in files if file.role is FileRole.SEARCHABLE), None)
    if lines is None or searchable is None:
        raise NotFound("there is no such page")
    file, path = open_source(files, searchable.id, context.settings)
    page, (left, top, right, bottom) = lines
    box = (max(0.0, left - _BESIDE), max(0.0, top - _ABOVE), min(1.0, right + _BESIDE), min(1.0, bottom + _ABOVE))
    name = f"line-{page}-{sha256(repr(box).encode()).hexdigest()[:16]}"
    drawing = view(
        context.settings.views,
        file.sha256,
        name,
        context.person.id,
        lambda: draw_line(file.filename, path.read_bytes(), page, box),
    )
    return Response(b64decode(drawing["picture"]), media_type="image/png", headers={"Cache-Control": _KEPT})
