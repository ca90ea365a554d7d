"""Archives as answers to be saved: a directive's whole file, what is kept of a person; for pages and for the API."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from fastapi import APIRouter
from fastapi.responses import FileResponse
from starlette.background import BackgroundTask

from models.organization.person import Person
from web.request.form_input import Posted
from web.request.request_context import Signed
from web.request.site import AtSite
from workflows.access.audit_log import AuditActor
from workflows.access.rights import Principal, open_directive
from workflows.history.archive.write_archive import export_directive, note_export, require_export
from workflows.operations.personal.export_person import export_person, note_taken

router = APIRouter(prefix="/directives")


def archive_answer(at: AtSite, principal: Principal, hand: AuditActor, code: str) -> FileResponse:
    """Make the archive on the disk, and delete it once it is sent. Forbidden to who does not see all of it."""
    with at.reading() as session:
        directive = open_directive(session, principal, code)
        require_export(session, principal, directive)
    with _on_the_disk() as path:
        done = export_directive(at.site.engine, directive.id, path, evidence=at.settings.evidence, now=at.now)
        with at.transaction() as session:
            note_export(session, hand, directive.code, done)
    return _answer(path, directive.code)


def person_answer(at: AtSite, person: Person, hand: AuditActor) -> FileResponse:
    """As `archive_answer`. Who may have it is the caller's to know."""
    with _on_the_disk() as path:
        done = export_person(at.site.engine, person, path, now=at.now)
        with at.transaction() as session:
            note_taken(session, hand, person.code, done)
    return _answer(path, person.code)


@contextmanager
def _on_the_disk() -> Iterator[Path]:
    handle, name = tempfile.mkstemp(prefix="dondoc-", suffix=".zip")
    os.close(handle)
    path = Path(name)
    try:
        yield path
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def _answer(path: Path, name: str) -> FileResponse:
    later = BackgroundTask(path.unlink, missing_ok=True)
    return FileResponse(path, media_type="application/zip", filename=f"{name}.zip", background=later)


@router.post("/{code}/archive")
def take_out(code: str, context: Signed, _form: Posted) -> FileResponse:
    """A form, as it is written to the audit who took it out."""
    return archive_answer(context, context.principal, context.hand, code)
