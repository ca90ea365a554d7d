"""A file of a result, opened in a frame of our pages: pictures of a PDF's pages, the text of a document."""

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
from models.rooms import Place
from models.tasks.evidence_files import MEDIA_TYPES
from web.request.request_context import RequestContext, Signed
from workflows.access.find_task import find_task_id
from workflows.apart.kept_views import view
from workflows.worklists.result_files import open_file

router = APIRouter()
PDF = MEDIA_TYPES[".pdf"]
FRAMED = frozenset({PDF, MEDIA_TYPES[".docx"], MEDIA_TYPES[".odt"], MEDIA_TYPES[".txt"]})
"""Media types that open in a frame."""
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
"""Gives the pictures of a PDF's pages, or the text of another document, by its name and content."""


@router.get("/tasks/{name}/files/{file_id}/view")
def file_view(name: str, file_id: UUID, context: Signed) -> HTMLResponse:
    with context.reading() as session:
        task_id = find_task_id(session, context.principal, name)
        file, path = open_file(session, context.principal, task_id, file_id, context.settings, today=context.today)
    return frame(context, file.filename, file.media_type, path)


def frame(context: RequestContext, filename: str, media_type: str, path: Path) -> HTMLResponse:
    """Show a file of the store in a frame of our pages; where it cannot be shown, say why. NotFound for other kinds."""
    reader = READER.only
    if media_type not in FRAMED or reader is None:
        raise NotFound("there is no such page")
    shown: dict[str, Any] = {}
    fault: DondocError | None = None

    def draw() -> dict[str, Any]:
        return reader(filename, path.read_bytes(), media_type == PDF)

    try:
        shown = view(
            context.settings.views, path.name, "pages" if media_type == PDF else "text", context.person.id, draw
        )
    except (BadInput, Busy) as error:
        fault = error
    page = context.page(
        "task/file_view.html",
        503 if isinstance(fault, Busy) else 200,
        error=fault,
        filename=filename,
        pages=shown.get("pages", 0),
        pictures=shown.get("pictures", ()),
        text=shown.get("text", ""),
        style=Markup(_STYLE),  # ours, and named in the policy by its hash
    )
    page.headers.update({"Content-Security-Policy": _POLICY, "X-Frame-Options": "SAMEORIGIN"})
    return page
