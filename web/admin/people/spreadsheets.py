"""Pages that import the register from spreadsheets (upload, preview, confirm) and export it."""

from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.responses import HTMLResponse, Response
from starlette.datastructures import FormData, UploadFile

from models.errors import BadInput, BadRows, DondocError, NotFound, Refused
from models.i18n import LANGUAGES, _
from web.account.account_pages import Again, again_facts, prove_again
from web.request.form_input import FormInput, Posted, Ticked
from web.request.having_right import MayEditRegister
from web.request.page_frame import admin_page
from web.request.request_context import RequestContext
from workflows.organization.register.roles import opens_accounts
from workflows.organization.register.spreadsheet.export_register import columns_of, read_table, write_form, write_sheet
from workflows.organization.register.spreadsheet.import_register import (
    TABLES,
    import_register,
    plan_import,
    preview,
    read_register,
)
from workflows.organization.register.spreadsheet.register_columns import COLUMN_HINTS, COLUMN_WORDS
from workflows.organization.register.spreadsheet.sheet import MAX_BYTES, bounded
from workflows.organization.uploads import forget_files, keep_files, kept_files

router = APIRouter()
TABLE_WORDS = {"units": _("All units"), "people": _("People"), "absences": _("Absences")}
_TYPES = {"csv": "text/csv; charset=utf-8", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}
_FAULTS_SHOWN = 200


class RegisterUpload(FormInput):
    """`then`: `/setup` if the reader came from the first set-up."""

    then: str = ""


class ConfirmedRegister(Again):
    then: str = ""
    seen: str = ""
    discard: Ticked = False


@router.get("/admin/register")
def register_page(context: MayEditRegister) -> HTMLResponse:
    return _page(context)


def _page(context: RequestContext, error: DondocError | None = None) -> HTMLResponse:
    faults = error.faults if isinstance(error, BadRows) else []
    return admin_page(
        context,
        "register.html",
        tables=TABLE_WORDS,
        hints=COLUMN_HINTS,
        column_words=COLUMN_WORDS,
        faults=faults[:_FAULTS_SHOWN],
        more_faults=len(faults) - _FAULTS_SHOWN,
        error=BadInput(error.message, **error.facts) if isinstance(error, BadRows) else error,
    )


@router.post("/admin/register")
def upload(
    context: MayEditRegister, form: Annotated[RegisterUpload, Depends(RegisterUpload.sent)], data: Posted
) -> Response:
    """Keep the files and lead to the preview. Files with faults are not kept; each fault names its row and column."""
    token, folder, person_id = "", context.settings.data, context.person.id

    def refused(error: DondocError) -> Response:
        forget_files(folder, person_id, token)
        return _page(context, error)

    with context.again(refused):
        token = keep_files(folder, person_id, read_uploads(data), now=context.now)
        register = read_register(kept_files(folder, person_id, token))
        with context.reading() as session:
            plan_import(session, register)
    return context.go(f"/admin/register/{token}{'?then=/setup' if form.then == '/setup' else ''}")


def read_uploads(form: FormData) -> dict[str, tuple[str, bytes]]:
    """Return name and content of each file, by table. BadInput if there is no file, or one is too large."""
    files = {}
    for table in TABLES:
        upload = form.get(table)
        if isinstance(upload, UploadFile) and upload.filename:
            files[table] = (upload.filename, bounded(upload.filename, upload.file.read(MAX_BYTES + 1)))
    if not files:
        raise BadInput(_("files: choose at least one file of units, people or absences"))
    return files


@router.get("/admin/register/{token}")
def preview_page(context: MayEditRegister, token: str, then: str = "") -> HTMLResponse:
    return _preview(context, token, then)


def _preview(context: RequestContext, token: str, then: str = "", error: DondocError | None = None) -> HTMLResponse:
    register = read_register(kept_files(context.settings.data, context.person.id, token))
    try:
        with context.reading() as session:
            plan = plan_import(session, register)
    except BadRows as faults:  # the register has changed since the files were sent
        return _page(context, faults)
    changes = preview(plan)
    return admin_page(
        context,
        "register_preview.html",
        files={TABLE_WORDS[table]: name for table, name in register.files.items()},
        counts={TABLE_WORDS[table]: getattr(changes.report, table) for table in register.files},
        changes=changes,
        table_words=TABLE_WORDS,
        column_words=COLUMN_WORDS,
        then=_back(then),
        asks_again=opens_accounts(plan.people.values()),
        error=error,
        **again_facts(context),
    )


def _back(then: str) -> str:
    return "/setup" if then == "/setup" else "/admin/register"


@router.post("/admin/register/{token}")
def confirm(
    context: MayEditRegister, token: str, form: Annotated[ConfirmedRegister, Depends(ConfirmedRegister.sent)]
) -> Response:
    """Import the files if they still change what the preview showed; otherwise show the new preview.

    An import that changes addresses or roles needs the password once more.
    """
    data, person_id, then = context.settings.data, context.person.id, form.then
    if form.discard:
        forget_files(data, person_id, token)
        return context.go(_back(then), _("Nothing was changed, and the files are deleted."))
    register = read_register(kept_files(data, person_id, token))
    with context.again(lambda error: _preview(context, token, then, error)):
        with context.reading() as session:
            asks_again = opens_accounts(plan_import(session, register).people.values())
        if asks_again:
            prove_again(context, form)
        with context.transaction() as session:
            if preview(plan_import(session, register)).mark != form.seen:
                raise Refused(
                    _("the register has changed since you looked: check again what the files would change now")
                )
            import_register(session, register, now=context.now, audit_actor=context.audit_actor)
    forget_files(data, person_id, token)
    return context.go(_back(then), _("The register is updated from the files."))


@router.get("/admin/register/download/{name}")
def download(context: MayEditRegister, name: str) -> Response:
    """Return a table, such as `units.xlsx`, or its empty form in a language, such as `units-form-vi.xlsx`."""
    stem, _dot, form = name.rpartition(".")
    table, _form, language = stem.partition("-form-")
    columns_of(table)
    if language in LANGUAGES:
        return sheet_answer(name, write_form(table, form, language), form)
    if table != stem:
        raise NotFound("there is no such list")
    with context.reading() as session:
        rows = read_table(session, table)
    return sheet_answer(name, write_sheet(table, rows, form, context.language), form)


def sheet_answer(name: str, content: bytes, form: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type=_TYPES[form], headers=headers)
