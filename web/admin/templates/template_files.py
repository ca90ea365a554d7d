"""A template as a YAML file: saved from the page, and sent back as the draft."""

from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Depends
from fastapi.responses import HTMLResponse, Response
from starlette.datastructures import UploadFile

from models.errors import BadInput, BadRows, DondocError
from models.i18n import _
from models.tasks.evidence_files import clean_name
from web.admin.templates.publish_notices import tell_fault
from web.admin.templates.template_editor import SHOWN_FAULTS, opened
from web.admin.templates.template_pages import SAVED, Editing, show_editor
from web.request.request_context import Posted, RequestContext, Signed
from workflows.templates.edit_template import open_duty, save_draft
from workflows.templates.template_text import LONGEST, read_template_file

router = APIRouter(prefix="/admin/templates/{code}/{path}/file")


@router.get("")
def file_to_save(code: str, path: str, context: Signed) -> Response:
    """Return the newest version; of a duty without one, what is known of it."""
    with context.reading() as session:
        draft = opened(context, session, open_duty(session, context.principal, code, path))
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(f'{code}-{path}.yaml', safe='')}"}
    return Response(draft.text.encode(), media_type="application/yaml", headers=headers)


@router.post("")
def take_file(
    code: str, path: str, context: Signed, given: Annotated[Editing, Depends(Editing.sent)], form: Posted
) -> Response:
    """Save a file as the draft. Of a file with faults nothing is kept, and each is told by its line."""
    sent = form.get("file")
    with context.again(lambda error: _refused(context, code, path, error)):
        with context.reading() as session:
            directive = open_duty(session, context.principal, code, path).directive
        if not isinstance(sent, UploadFile) or not sent.filename:
            raise BadInput("file: choose a file in YAML")
        name, content = clean_name(sent.filename), sent.file.read(LONGEST + 1)
        spec = read_template_file(directive, path, name, content)  # nobody waits for it to write
        with context.transaction() as session:
            edited = open_duty(session, context.principal, code, path)
            number = save_draft(
                session, context.principal, edited, spec, began_from=given.began_from, now=context.now
            ).version
    return context.go(f"/admin/templates/{code}/{path}/{number}", SAVED, version=number)


def _refused(context: RequestContext, code: str, path: str, error: DondocError) -> HTMLResponse:
    """Return the editor as it was, with what is wrong with the file."""
    faults: list[str] = []
    if isinstance(error, BadRows):
        faults = [tell_fault(one, context.language, by_line=True) for one in error.faults[:SHOWN_FAULTS]]
        if more := len(error.faults) - len(faults):
            faults.append(context.words(_("and {count} more"), count=more))
        error = BadInput("the file is not saved as a draft: its faults are named under “As a YAML file”, line by line")
    with context.reading() as session:
        edited = open_duty(session, context.principal, code, path)
        draft = opened(context, session, edited)
    return show_editor(context, edited, draft, edited.digest, error, faults)
