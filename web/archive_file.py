"""A directive's whole file as an answer to be saved, for the page and for the API."""

import os
import tempfile
from pathlib import Path

from fastapi.responses import FileResponse
from starlette.background import BackgroundTask

from web.site import AtSite
from workflows.archive.export import export_directive, note_export, require_export
from workflows.audit import Hand
from workflows.rights import Place, open_directive


def archive_answer(at: AtSite, place: Place, hand: Hand, code: str) -> FileResponse:
    """The archive, made on the disk and deleted once it is sent. Forbidden to who does not see all of the directive."""
    with at.reading() as session:
        directive = open_directive(session, place, code)
        require_export(session, place, directive)
    handle, name = tempfile.mkstemp(prefix="dondoc-", suffix=".zip")
    os.close(handle)
    path = Path(name)
    try:
        done = export_directive(at.site.engine, directive.id, path, evidence=at.settings.evidence, now=at.now)
        with at.transaction() as session:
            note_export(session, hand, directive.code, done)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    later = BackgroundTask(path.unlink, missing_ok=True)
    return FileResponse(path, media_type="application/zip", filename=f"{directive.code}.zip", background=later)
