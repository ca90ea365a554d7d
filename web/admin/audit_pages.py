"""The audit: who changed what in the installation, when and from where; filters in the address, and a download."""

import json
from collections.abc import Iterator

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response, StreamingResponse
from starlette.datastructures import QueryParams

from models.errors import DondocError
from models.i18n import _, translate
from models.organization.audit import AuditFilter, AuditLine, all_audit, list_audit
from models.organization.register_reads import resolve_person
from models.text.localtime import local, read_day
from web.request.cursor_paging import read_cursor, write_cursor
from web.request.having_right import MaySeeAudit
from web.request.page_frame import admin_page, options
from web.request.request_context import RequestContext
from workflows.organization.audit_words import DEED_WORDS, deed_words, fact_lines
from workflows.organization.plain_cells import plain_line

router = APIRouter()
PER_PAGE = 50
_FILTERS = ("who", "action", "about", "first", "last")


@router.get("/admin/audit")
def audit_page(context: MaySeeAudit) -> HTMLResponse:
    asked = context.request.query_params
    error: DondocError | None = None
    wanted, lines = AuditFilter(), []
    try:
        wanted = _read(context, asked)
        with context.reading() as session:
            lines = list_audit(session, wanted, after=read_cursor(asked.get("after")), limit=PER_PAGE + 1)
    except DondocError as fault:
        error = fault
    more = len(lines) > PER_PAGE
    lines = lines[:PER_PAGE]
    older = context.request.url.include_query_params(after=write_cursor(lines[-1].row.id)) if more else None
    first = context.request.url.remove_query_params("after") if asked.get("after") else None
    return admin_page(
        context,
        "audit.html",
        lines=[(line, deed_words(line.row.action), list(fact_lines(line.row.facts))) for line in lines],
        given={name: asked.get(name, "") for name in _FILTERS},
        is_filtered=any(asked.get(name) for name in _FILTERS),
        actions=sorted(options(DEED_WORDS.items(), context), key=lambda pair: pair[1]),
        older=f"{older.path}?{older.query}" if older else None,
        first=f"{first.path}?{first.query}" if first else None,
        download=f"/admin/audit.csv?{context.request.url.remove_query_params('after').query}",
        error=error,
    )


@router.get("/admin/audit.csv")
def download(context: MaySeeAudit) -> Response:
    """Return all lines that the filters let through, as a spreadsheet; written as they are read."""
    wanted = _read(context, context.request.query_params)
    rows = _rows(all_audit(context.site.engine, wanted), context.language)
    headers = {"Content-Disposition": f'attachment; filename="audit-{local(context.now):%Y-%m-%d}.csv"'}
    return StreamingResponse(rows, media_type="text/csv; charset=utf-8", headers=headers)


def _read(context: RequestContext, asked: QueryParams) -> AuditFilter:
    actor_id = None
    if who := asked.get("who", "").strip():
        with context.reading() as session:
            actor_id = resolve_person(session, who).id
    first, last = asked.get("first", ""), asked.get("last", "")
    return AuditFilter(
        actor_id=actor_id,
        action=asked.get("action", ""),
        about=asked.get("about", "").strip(),
        first=read_day(_("First day"), first) if first else None,
        last=read_day(_("Last day"), last) if last else None,
    )


def _rows(lines: Iterator[AuditLine], language: str) -> Iterator[str]:
    yield "\ufeff" + plain_line(["time", "person", "name", "action", "words", "about", "facts", "address"])
    for line in lines:
        row = line.row
        yield plain_line(
            [
                local(row.recorded_at).isoformat(timespec="seconds"),
                line.actor_code or "",
                line.actor_name or "",
                row.action,
                translate(deed_words(row.action), language),
                row.object,
                json.dumps(row.facts, ensure_ascii=False),
                row.address,
            ]
        )
