"""Archives to download, for pages and the API: a directive with its history, or all data kept about a person."""

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
from web.request.site import SiteContext
from workflows.access.audit_log import AuditActor
from workflows.access.rights import Principal, open_directive
from workflows.history.archive.write_archive import export_directive, note_export, require_export
from workflows.operations.personal.export_person import export_person, note_person_export

router = APIRouter(prefix="/directives")


def archive_answer(context: SiteContext, principal: Principal, audit_actor: AuditActor, code: str) -> FileResponse:
    """Write the archive to a temporary file, which is deleted once it is sent.

    Forbidden for people who do not see the whole directive.
    """
    with context.reading() as session:
        directive = open_directive(session, principal, code)
        require_export(session, principal, directive)
    with _temporary_file() as path:
        done = export_directive(
            context.site.engine, directive.id, path, evidence=context.settings.evidence, now=context.now
        )
        with context.transaction() as session:
            note_export(session, audit_actor, directive.code, done)
    return _answer(path, directive.code)


def person_answer(context: SiteContext, person: Person, audit_actor: AuditActor) -> FileResponse:
    """As `archive_answer`. The caller checks who may have the archive."""
    with _temporary_file() as path:
        done = export_person(context.site.engine, person, path, now=context.now)
        with context.transaction() as session:
            note_person_export(session, audit_actor, person.code, done)
    return _answer(path, person.code)


@contextmanager
def _temporary_file() -> Iterator[Path]:
    """Yield a path for the archive. The file is deleted if the block raises."""
    handle, name = tempfile.mkstemp(prefix="dondoc-", suffix=".zip")
    os.close(handle)
    path = Path(name)
    try:
        yield path
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def _answer(path: Path, name: str) -> FileResponse:
    delete_file = BackgroundTask(path.unlink, missing_ok=True)
    return FileResponse(path, media_type="application/zip", filename=f"{name}.zip", background=delete_file)


@router.post("/{code}/archive")
def download_directive(code: str, context: Signed, _form: Posted) -> FileResponse:
    """Return a directive's archive. This is a POST because the audit records who took it."""
    return archive_answer(context, context.principal, context.audit_actor, code)
