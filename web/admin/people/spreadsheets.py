"""The register from and to spreadsheets: upload, what would change, confirm; downloads, and empty forms to fill in."""

from collections.abc import Mapping

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response
from starlette.datastructures import FormData, UploadFile

from models.errors import BadInput, BadRows, DondocError, Refused
from models.i18n import _
from web.account.account_pages import again_facts, prove_again
from web.request.page_frame import admin_page, hand
from web.request.request_context import Posted, RequestContext, Signed, text
from workflows.organization.register.addresses import opens_accounts
from workflows.organization.register.spreadsheet.export_register import columns_of, read_table, write_sheet
from workflows.organization.register.spreadsheet.import_preview import preview
from workflows.organization.register.spreadsheet.import_register import TABLES, import_register, plan_import
from workflows.organization.register.spreadsheet.register_words import COLUMN_HINTS, COLUMN_WORDS
from workflows.organization.register.spreadsheet.sheet import MAX_BYTES
from workflows.organization.uploads import forget_files, keep_files, kept_files
from workflows.rules.rights_table import Right

router = APIRouter()
TABLE_WORDS = {"units": _("All units"), "people": _("People"), "absences": _("Absences")}
_TYPES = {"csv": "text/csv; charset=utf-8", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}
_FAULTS_SHOWN = 200


@router.api_route("/admin/register", methods=["GET", "HEAD"])
def register_page(visit: Signed) -> HTMLResponse:
    """Return files to send, and files to fetch."""
    visit.require(Right.EDIT_REGISTER)
    return _page(visit)


def _page(visit: RequestContext, error: DondocError | None = None) -> HTMLResponse:
    faults = error.faults if isinstance(error, BadRows) else []
    return admin_page(
        visit,
        "register.html",
        visit.fault(error) if error else 200,
        tables=TABLE_WORDS,
        hints=COLUMN_HINTS,
        faults=faults[:_FAULTS_SHOWN],
        more_faults=len(faults) - _FAULTS_SHOWN,
        error=BadInput(error.message, **error.facts) if isinstance(error, BadRows) else error,
    )


@router.post("/admin/register")
def upload(visit: Signed, form: Posted) -> Response:
    """Take files in and show what they would change; faults are told by row and column, and nothing is kept."""
    visit.require(Right.EDIT_REGISTER)
    token = ""
    try:
        token = keep_files(visit.settings.data, visit.person.id, read_uploads(form), now=visit.now)
        with visit.reading() as session:
            plan_import(session, kept_files(visit.settings.data, visit.person.id, token))
    except DondocError as error:
        forget_files(visit.settings.data, visit.person.id, token)
        return _page(visit, error)
    return visit.go(f"/admin/register/{token}{'?then=/setup' if text(form, 'then') == '/setup' else ''}")


def read_uploads(form: FormData) -> dict[str, tuple[str, bytes]]:
    """Return the files of a form by table: name and content. BadInput for none, or one that is no register by its
    size.
    """
    found = {}
    for table in TABLES:
        sent = form.get(table)
        if isinstance(sent, UploadFile) and sent.filename:
            content = sent.file.read(MAX_BYTES + 1)
            if len(content) > MAX_BYTES:
                limit = MAX_BYTES // 1_000_000
                raise BadInput("{file}: larger than {limit} MB, not a register", file=sent.filename, limit=limit)
            found[table] = (sent.filename, content)
    if not found:
        raise BadInput(_("files: choose at least one file of units, people or absences"))
    return found


@router.api_route("/admin/register/{token}", methods=["GET", "HEAD"])
def preview_page(visit: Signed, token: str, then: str = "") -> HTMLResponse:
    """Return what the files would change. `then`: the first set-up, where that is where one came from."""
    visit.require(Right.EDIT_REGISTER)
    return _preview(visit, token, then)


def _preview(visit: RequestContext, token: str, then: str = "", error: DondocError | None = None) -> HTMLResponse:
    files = kept_files(visit.settings.data, visit.person.id, token)
    try:
        with visit.reading() as session:
            plan = plan_import(session, files)
    except BadRows as faults:  # the register has changed since the files were sent
        return _page(visit, faults)
    seen = preview(plan)
    return admin_page(
        visit,
        "register_preview.html",
        visit.fault(error) if error else 200,
        files={TABLE_WORDS[table]: path.name for table, path in files.items()},
        counts={TABLE_WORDS[table]: getattr(seen.report, table) for table in files},
        seen=seen,
        table_words=TABLE_WORDS,
        column_words=COLUMN_WORDS,
        then=_back(then),
        asks_again=opens_accounts(plan.people.values()),
        error=error,
        **again_facts(visit),
    )


def _back(then: str) -> str:
    """Return where to go on: the first set-up, or here."""
    return "/setup" if then == "/setup" else "/admin/register"


@router.post("/admin/register/{token}")
def confirm(visit: Signed, token: str, form: Posted) -> Response:
    """Do what was shown; where it would be something else by now, that is shown first.

    What changes addresses or roles is for who proves once more who they are.
    """
    visit.require(Right.EDIT_REGISTER)
    data, person_id, then = visit.settings.data, visit.person.id, text(form, "then")
    if form.get("discard"):
        forget_files(data, person_id, token)
        return visit.go(_back(then), _("Nothing was changed, and the files are deleted."))
    files = kept_files(data, person_id, token)
    try:
        with visit.reading() as session:
            asks_again = opens_accounts(plan_import(session, files).people.values())
        if asks_again:
            prove_again(visit, form)
        with visit.transaction() as session:
            _check_same(preview(plan_import(session, files)).mark, text(form, "seen"))
            import_register(
                session, files.get("units"), files.get("people"), files.get("absences"), now=visit.now, hand=hand(visit)
            )
    except DondocError as error:
        return _preview(visit, token, then, error)
    forget_files(data, person_id, token)
    return visit.go(_back(then), _("The register is as the files say."))


def _check_same(mark: str, seen: str) -> None:
    if mark != seen:
        raise Refused(_("the register has changed since you looked: look again at what the files would do now"))


@router.get("/admin/register/download/{name}")
def download(visit: Signed, name: str) -> Response:
    """Return a table as it is, `units.xlsx`, or an empty form of it, `units-form.xlsx`."""
    visit.require(Right.EDIT_REGISTER)
    stem, _dot, form = name.rpartition(".")
    table = stem.removesuffix("-form")
    columns_of(table)
    rows = []
    if table == stem:
        with visit.reading() as session:
            rows = read_table(session, table)
    return sheet_answer(name, write_sheet(table, rows, form, visit.language), form)


def sheet_answer(name: str, content: bytes, form: str) -> Response:
    """Return a file to be saved."""
    headers: Mapping[str, str] = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type=_TYPES[form], headers=dict(headers))
