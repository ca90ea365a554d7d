"""Offer office papers as files to save: reports, lists, slips, and drafts of letters for a person to sign."""

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import Response

from models.errors import NotFound
from models.i18n import _
from models.text.localtime import read_day
from web.request.given_values import AddressQuery
from web.request.request_context import Signed
from workflows.papers.make_paper import MEDIA_TYPES, FileForm, PaperKind, file_name, make_paper, render
from workflows.papers.orders import open_order

router = APIRouter(prefix="/papers")


class PaperQuery(AddressQuery):
    directive: str = ""
    unit: str = ""
    task: str = ""
    cutoff: str = ""
    form: str = "docx"


@router.get("/make/{kind}")
def paper(kind: str, context: Signed, query: Annotated[PaperQuery, Query()]) -> Response:
    """Make a paper: letters and slips in Vietnamese, reports and lists in the reader's language."""
    if kind not in set(PaperKind) or query.form not in set(FileForm):
        raise NotFound("there is no such page")
    form = FileForm(query.form)
    with context.reading() as session:
        order = open_order(
            session,
            context.principal,
            PaperKind(kind),
            now=context.now,
            directive=query.directive,
            unit=query.unit,
            task=query.task,
            cutoff=read_day(_("Cut-off"), query.cutoff) if query.cutoff else None,
            language=context.language,
        )
        written = make_paper(session, order, **context.moment(session))
    return to_save(render(written, form, written_at=context.now), form, file_name(order, form, context.now))


def to_save(content: bytes, form: FileForm, name: str) -> Response:
    """Return a file to save. A browser that opens it all the same runs nothing in it."""
    return Response(
        content,
        media_type=MEDIA_TYPES[form],
        headers={
            "Content-Disposition": f'attachment; filename="{name}"',
            "Content-Security-Policy": "default-src 'none'; sandbox",
        },
    )
