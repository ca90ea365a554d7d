"""People: the list, a person's sheet, and the forms that add, change and bring back one."""

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response
from sqlmodel import Session
from starlette.datastructures import FormData

from models.errors import DondocError
from models.i18n import _
from models.organization.person import Role
from models.organization.register_lists import PER_PAGE, PersonState, list_people
from models.organization.register_reads import resolve_unit
from models.text.localtime import local_date
from models.words import OFFICE_WORDS
from web.account.account_pages import again_facts, prove_again
from web.admin.list_words import LANGUAGE_NAMES, PERSON_STATE_WORDS, ROLE_NAMES
from web.admin.people.person_form import find_person, read_person
from web.request.page_frame import admin_page, chosen, hand, leaf, options
from web.request.request_context import Posted, RequestContext, Signed, text
from workflows.organization.register.editing import add_person, change_person, mark
from workflows.organization.register.spreadsheet.merged import stored_register
from workflows.rules.rights_table import Right

router = APIRouter()
_FIELDS = ("full_name", "title", "unit", "email", "phone", "address_form", "unit_address", "language")
_EMPTY = {"address_form": "Ông/Bà", "unit_address": "đơn vị", "language": "vi"}
"""What a new person's form begins with: letters are in Vietnamese unless somebody says otherwise."""


@router.api_route("/admin/people", methods=["GET", "HEAD"])
def people_page(
    visit: Signed, q: str = "", unit: str = "", role: str = "", state: str = "", page: int = 1
) -> HTMLResponse:
    """Return people by given name, as far as the filters let them through."""
    visit.require(Right.EDIT_REGISTER)
    shown, wanted = chosen(PersonState, state, PersonState.ACTIVE), Role(role) if role in set(Role) else None
    error: DondocError | None = None
    with visit.reading() as session:
        unit_id = None
        try:
            unit_id = resolve_unit(session, unit).id if unit.strip() else None
        except DondocError as fault:
            error = fault
        lines, total = list_people(session, text=q, unit_id=unit_id, role=wanted, state=shown, page=max(page, 1))
    return admin_page(
        visit,
        "people.html",
        visit.fault(error) if error else 200,
        lines=lines,
        leaf=leaf(visit, max(page, 1), total, PER_PAGE),
        q=q,
        unit=unit,
        role=role,
        state=shown.value,
        is_filtered=bool(q or unit or role or state),
        roles=options(ROLE_NAMES.items(), visit),
        role_names=ROLE_NAMES,
        states=options(PERSON_STATE_WORDS.items(), visit),
        error=error,
    )


@router.api_route("/admin/people/new", methods=["GET", "HEAD"])
def new_page(visit: Signed, unit: str = "") -> HTMLResponse:
    """Return an empty form, for a unit where one was chosen."""
    visit.require(Right.EDIT_REGISTER)
    return _form(visit, _EMPTY | {"unit": unit}, None)


@router.post("/admin/people/new")
def add(visit: Signed, form: Posted) -> Response:
    """Add the person, and go to their page."""
    visit.require(Right.EDIT_REGISTER)
    cells = _cells(form) | {"code": text(form, "code")}
    try:
        with visit.transaction() as session:
            code = add_person(session, cells, hand(visit)).code
    except DondocError as error:
        return _form(visit, cells, None, error=error)
    return visit.go(f"/admin/people/{code}", _("{person} was added."), person=cells["full_name"])


@router.api_route("/admin/people/{code}", methods=["GET", "HEAD"])
def person_page(visit: Signed, code: str) -> HTMLResponse:
    """Return all that is known of a person."""
    visit.require(Right.EDIT_REGISTER)
    return person_sheet(visit, code)


def person_sheet(
    visit: RequestContext, code: str, error: DondocError | None = None, given: dict[str, str] | None = None
) -> HTMLResponse:
    """Return a person's page; after a form of it was refused, with what was typed."""
    with visit.reading() as session:
        sheet = read_person(session, code, local_date(visit.now))
    return admin_page(
        visit,
        "person.html",
        visit.fault(error) if error else 200,
        sheet=sheet,
        person=sheet.person,
        office_words=OFFICE_WORDS,
        role_names=ROLE_NAMES,
        roles=options(ROLE_NAMES.items(), visit),
        language_name=LANGUAGE_NAMES[sheet.person.language],
        today=local_date(visit.now).isoformat(),
        given={"role": "", "unit": "", "stand_in": "", "starts_on": "", "ends_on": "", "reason": ""} | (given or {}),
        error=error,
        **again_facts(visit),
    )


@router.api_route("/admin/people/{code}/edit", methods=["GET", "HEAD"])
def edit_page(visit: Signed, code: str) -> HTMLResponse:
    """Return the form with what is stored."""
    visit.require(Right.EDIT_REGISTER)
    with visit.reading() as session:
        values = _stored(session, code)
    return _form(visit, {name: str(values[name] or "") for name in _FIELDS}, code, seen=mark(values))


@router.post("/admin/people/{code}/edit")
def edit(visit: Signed, code: str, form: Posted) -> Response:
    """Change the person; another address, which may be written to again, for who proves once more who they are."""
    visit.require(Right.EDIT_REGISTER)
    cells, seen = _cells(form), text(form, "seen")
    with visit.reading() as session:
        stored = _stored(session, code)["email"]
    try:
        if cells["email"] != (stored or ""):
            prove_again(visit, form)
        with visit.transaction() as session:
            change_person(session, code, cells, hand(visit), seen=seen)
    except DondocError as error:
        return _form(visit, cells, code, seen=seen, error=error)
    return visit.go(f"/admin/people/{code}", _("The changes are kept."))


@router.post("/admin/people/{code}/restore")
def restore(visit: Signed, code: str, form: Posted) -> Response:
    """They act again."""
    visit.require(Right.EDIT_REGISTER)
    try:
        with visit.transaction() as session:
            change_person(session, code, {"is_active": "yes"}, hand(visit))
    except DondocError as error:
        return person_sheet(visit, code, error)
    return visit.go(f"/admin/people/{code}", _("Active again."))


def _stored(session: Session, code: str) -> dict[str, object]:
    values: dict[str, object] = stored_register(session).people[find_person(session, code).code].after
    return values


def _cells(form: FormData) -> dict[str, str]:
    """Return the form as the cells of a row of people."""
    return {name: text(form, name) for name in _FIELDS}


def _form(
    visit: RequestContext, cells: dict[str, str], code: str | None, *, seen: str = "", error: DondocError | None = None
) -> HTMLResponse:
    return admin_page(
        visit,
        "person_form.html",
        visit.fault(error) if error else 200,
        cells={name: cells.get(name, "") for name in (*_FIELDS, "code")},
        known=code,
        seen=seen,
        languages=options(LANGUAGE_NAMES.items(), visit),
        error=error,
        **again_facts(visit),
    )
