"""Office papers as files to save: reports, lists, slips, and drafts of letters for a person to sign."""

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
def paper(kind: str, context: Signed, asked: Annotated[PaperQuery, Query()]) -> Response:
    """Letters and slips are Vietnamese, reports and lists in the reader's language."""
    if kind not in set(PaperKind) or asked.form not in set(FileForm):
        raise NotFound("there is no such page")
    form = FileForm(asked.form)
    with context.reading() as session:
        order = open_order(
            session,
            context.principal,
            PaperKind(kind),
            now=context.now,
            directive=asked.directive,
            unit=asked.unit,
            task=asked.task,
            cutoff=read_day(_("Cut-off"), asked.cutoff) if asked.cutoff else None,
            language=context.language,
        )
        made = make_paper(session, order, **context.moment(session))
    return to_save(render(made, form, written_at=context.now), form, file_name(order, form, context.now))


def to_save(content: bytes, form: FileForm, name: str) -> Response:
    """Whatever opens it in a browser, it runs nothing."""
    return Response(
        content,
        media_type=MEDIA_TYPES[form],
        headers={
            "Content-Disposition": f'attachment; filename="{name}"',
            "Content-Security-Policy": "default-src 'none'; sandbox",
        },
    )
