"""The files that a directive was read from."""

from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import FileResponse

from web.api.files import SAFE
from web.request.request_context import Signed
from workflows.access.rights import open_directive
from workflows.intake.source_files import files_of_directive, open_source

router = APIRouter(prefix="/directives")


@router.get("/{code}/files/{file_id}")
def source_file(code: str, file_id: UUID, context: Signed) -> FileResponse:
    with context.reading() as session:
        directive = open_directive(session, context.principal, code)
        file, path = open_source(files_of_directive(session, directive.id), file_id, context.settings)
    return FileResponse(path, media_type=file.media_type, filename=file.filename, headers=SAFE)
