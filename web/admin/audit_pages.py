"""The audit: who changed what in the installation, when and from where, with filters and a download as CSV."""

import json
from collections.abc import Iterator
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse, Response, StreamingResponse
from sqlmodel import Session

from models.errors import DondocError
from models.i18n import _, translate
from models.organization.audit import AuditFilter, AuditLine, all_audit, list_audit
from models.organization.register_reads import resolve_person
from models.text.localtime import local, read_day
from web.request.cursor_paging import read_cursor, write_cursor
from web.request.given_values import AddressQuery
from web.request.having_right import MaySeeAudit
from web.request.page_frame import admin_page, options
from workflows.organization.audit_words import DEED_WORDS, deed_words, fact_lines
from workflows.organization.plain_cells import plain_line

router = APIRouter()
PER_PAGE = 50


class AuditQuery(AddressQuery):
    """The filters of the address, as text."""

    who: str = ""  # a name or a code
    action: str = ""
    about: str = ""
    first: str = ""
    last: str = ""
    after: str | None = None

    def read(self, session: Session) -> AuditFilter:
        """Return the filter. BadInput for a text that is no day, NotFound for an unknown person."""
        return AuditFilter(
            actor_id=resolve_person(session, self.who.strip()).id if self.who.strip() else None,
            action=self.action,
            about=self.about.strip(),
            first=read_day(_("First day"), self.first) if self.first else None,
            last=read_day(_("Last day"), self.last) if self.last else None,
        )


AskedAudit = Annotated[AuditQuery, Query()]


@router.get("/admin/audit")
def audit_page(context: MaySeeAudit, query: AskedAudit) -> HTMLResponse:
    error: DondocError | None = None
    lines: list[AuditLine] = []
    with context.reading() as session:
        try:
            lines = list_audit(session, query.read(session), after=read_cursor(query.after), limit=PER_PAGE + 1)
        except DondocError as fault:
            error = fault
    has_older = len(lines) > PER_PAGE
    lines = lines[:PER_PAGE]
    return admin_page(
        context,
        "audit.html",
        lines=[(line, deed_words(line.row.action), list(fact_lines(line.row.facts))) for line in lines],
        given=query,
        is_filtered=bool(query.parameters(after=None)),
        actions=sorted(options(DEED_WORDS.items(), context), key=lambda pair: pair[1]),
        older=query.address("/admin/audit", after=write_cursor(lines[-1].row.id)) if has_older else None,
        first=query.address("/admin/audit", after=None) if query.after else None,
        download=query.address("/admin/audit.csv", after=None),
        error=error,
    )


@router.get("/admin/audit.csv")
def download(context: MaySeeAudit, query: AskedAudit) -> Response:
    """Send all lines that match the filters. They are written while they are read."""
    with context.reading() as session:
        audit_filter = query.read(session)
    rows = _rows(all_audit(context.site.engine, audit_filter), context.language)
    headers = {"Content-Disposition": f'attachment; filename="audit-{local(context.now):%Y-%m-%d}.csv"'}
    return StreamingResponse(rows, media_type="text/csv; charset=utf-8", headers=headers)


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
