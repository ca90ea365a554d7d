"""Show a file of a result in a frame of our pages: the pages of a PDF as pictures, other documents as text."""

from base64 import b64encode
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import HTMLResponse
from markupsafe import Markup

from models.errors import BadInput, Busy, DondocError, NotFound
from models.rooms import NOT_INSTALLED, Place, room_adding
from models.tasks.evidence_files import MEDIA_TYPES
from web.request.request_context import RequestContext, Signed
from workflows.access.find_task import find_task_id
from workflows.bounded_process.kept_views import view
from workflows.worklists.result_files import open_file

router = APIRouter()
PDF = MEDIA_TYPES[".pdf"]
FRAMED = frozenset({PDF, MEDIA_TYPES[".docx"], MEDIA_TYPES[".odt"], MEDIA_TYPES[".txt"]})
"""Media types that open in a frame, if a reader of documents is installed."""
PICTURES = frozenset({MEDIA_TYPES[".jpg"], MEDIA_TYPES[".png"]})
_STYLE = (
    ":root{color-scheme:light dark}"
    "body{margin:0;padding:1rem;font:15px/1.6 Inter,Arial,'Noto Sans',sans-serif;overflow-wrap:break-word}"
    "pre{margin:0;font:inherit;white-space:pre-wrap}"
    "img{display:block;width:100%;max-width:1000px;height:auto;margin:0 auto 1rem;border:1px solid #78838f}"
)
_POLICY = (
    f"default-src 'none'; img-src data:; style-src 'sha256-{b64encode(sha256(_STYLE.encode()).digest()).decode()}'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'self'; sandbox"
)


READER: Place[Callable[[str, bytes, bool], dict[str, Any]]] = Place("files.view")
"""Reads a document by its name, its content and whether it is a PDF: the pictures of its pages, or its text."""


@router.get("/tasks/{name}/files/{file_id}/view")
def file_view(name: str, file_id: UUID, context: Signed) -> HTMLResponse:
    with context.reading() as session:
        task_id = find_task_id(session, context.principal, name)
        file, path = open_file(session, context.principal, task_id, file_id, context.settings, today=context.today)
    return frame(context, file.filename, file.media_type, path)


def framed_media_types() -> frozenset[str]:
    """Return the media types that open in a frame; none if no reader is installed."""
    return FRAMED if READER.only is not None else frozenset()


def frame(context: RequestContext, filename: str, media_type: str, path: Path) -> HTMLResponse:
    """Show a stored file. For a damaged file the page says why it cannot be shown.

    NotFound for other media types, and if no reader is installed.
    """
    reader = READER.only
    if reader is None:
        room = room_adding(READER.name)
        assert room is not None
        raise NotFound(NOT_INSTALLED, what=room.title, extra=room.extra)
    if media_type not in FRAMED:
        raise NotFound("there is no such page")
    content: dict[str, Any] = {}
    fault: DondocError | None = None
    is_pdf = media_type == PDF

    def read() -> dict[str, Any]:
        return reader(filename, path.read_bytes(), is_pdf)

    try:
        content = view(context.settings.views, path.name, "pages" if is_pdf else "text", context.person.id, read)
    except (BadInput, Busy) as error:
        fault = error
    page = context.page(
        "task/file_view.html",
        503 if isinstance(fault, Busy) else 200,
        error=fault,
        filename=filename,
        pages=content.get("pages", 0),
        pictures=content.get("pictures", ()),
        text=content.get("text", ""),
        style=Markup(_STYLE),  # the policy allows it by its hash
    )
    page.headers.update({"Content-Security-Policy": _POLICY, "X-Frame-Options": "SAMEORIGIN"})
    return page
