"""Pages of people: the list, one person, and the forms that add, change and restore a person."""

from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Depends
from fastapi.responses import HTMLResponse, Response
from sqlmodel import Session

from models.errors import DondocError
from models.i18n import _
from models.letters.letter_preference import LetterPreference
from models.organization.person import Role
from models.organization.register_lists import PersonFilter, PersonState, page_people
from models.organization.register_reads import resolve_unit
from models.words import OFFICE_WORDS
from web.account.account_pages import Again, again_facts, prove_again
from web.request.form_input import Posted
from web.request.having_right import MayEditRegister
from web.request.page_frame import admin_page, choice_or, options
from web.request.request_context import RequestContext
from workflows.access.letter_choices import choice_of, write_minutes
from workflows.organization.register.editing import add_person, change_person, row_digest
from workflows.organization.register.person_sheet import find_person, read_person
from workflows.organization.register.spreadsheet.merged import stored_register
from workflows.rules.rights_table import STANDING_WORDS, OfficeRole

router = APIRouter()
STATE_WORDS = {
    PersonState.ACTIVE: _("active people"),
    PersonState.NO_ADDRESS: _("without an address"),
    PersonState.REFUSED: _("address refused by a mail server"),
    PersonState.RETIRED: _("no longer active"),
    PersonState.ALL: _("all"),
}
ROLE_NAMES = {role: STANDING_WORDS[OfficeRole(role.value)] for role in Role}
LANGUAGE_NAMES = {"vi": _("Vietnamese"), "en": _("English")}
_FIELDS = ("full_name", "title", "unit", "email", "phone", "address_form", "unit_address", "language")
_EMPTY = {"address_form": "Ông/Bà", "unit_address": "đơn vị", "language": "vi"}
"""The values with which the form of a new person begins."""


class PersonForm(Again):
    """The fields of a person.

    `office`: the office at their unit for which a new person is added. `seen`: the digest of the values shown.
    """

    full_name: str = ""
    code: str = ""
    title: str = ""
    unit: str = ""
    email: str = ""
    phone: str = ""
    address_form: str = ""
    unit_address: str = ""
    language: str = ""
    office: str = ""
    seen: str = ""

    @property
    def cells(self) -> dict[str, str]:
        cells: dict[str, str] = self.model_dump(include=set(_FIELDS))
        return cells


SentPerson = Annotated[PersonForm, Depends(PersonForm.sent)]


@router.get("/admin/people")
def people_page(
    context: MayEditRegister, q: str = "", unit: str = "", role: str = "", state: str = "", page: int = 1
) -> HTMLResponse:
    shown_state = choice_or(PersonState, state, PersonState.ACTIVE)
    shown_role = Role(role) if role in set(Role) else None
    error: DondocError | None = None
    with context.reading() as session:
        unit_id = None
        try:
            unit_id = resolve_unit(session, unit).id if unit.strip() else None
        except DondocError as fault:
            error = fault
        lines, paging = page_people(session, PersonFilter(q, unit_id, shown_role, shown_state), page)
    return admin_page(
        context,
        "people.html",
        lines=lines,
        paging=paging,
        q=q,
        unit=unit,
        role=role,
        state=shown_state.value,
        is_filtered=bool(q or unit or role or state),
        roles=options(ROLE_NAMES.items(), context),
        role_names=ROLE_NAMES,
        states=options(STATE_WORDS.items(), context),
        error=error,
    )


@router.get("/admin/people/new")
def new_page(context: MayEditRegister, unit: str = "", office: str = "") -> HTMLResponse:
    return _form(context, _EMPTY | {"unit": unit}, None, office=office)


@router.post("/admin/people/new")
def add(context: MayEditRegister, form: SentPerson) -> Response:
    cells, office = form.cells | {"code": form.code}, form.office
    with context.submit(lambda error: _form(context, cells, None, office=office, error=error)) as session:
        code = add_person(session, cells, context.audit_actor).code
        unit = resolve_unit(session, cells["unit"]).code if cells["unit"] and office in OFFICE_WORDS else ""
    to = f"/admin/units/{quote(unit)}/offices/{office}?to={quote(code)}" if unit else f"/admin/people/{code}"
    return context.go(to, _("{person} was added."), person=cells["full_name"])


@router.get("/admin/people/{code}")
def person_page(context: MayEditRegister, code: str) -> HTMLResponse:
    return person_sheet(context, code)


def person_sheet(
    context: RequestContext, code: str, error: DondocError | None = None, given: dict[str, str] | None = None
) -> HTMLResponse:
    """Show a person's page; after a refused form, with the error and the typed values (`given`)."""
    with context.reading() as session:
        sheet = read_person(session, code, context.today)
        choice = choice_of(session.get(LetterPreference, sheet.person.id))
    return admin_page(
        context,
        "person.html",
        sheet=sheet,
        person=sheet.person,
        office_words=OFFICE_WORDS,
        role_names=ROLE_NAMES,
        letter_choice=[(matter.label, pace.label) for matter, pace in choice.paces.items()],
        quiet=[write_minutes(one) for one in choice.quiet or ()],
        roles=options(ROLE_NAMES.items(), context),
        language_name=LANGUAGE_NAMES[sheet.person.language],
        given={"role": "", "unit": "", "stand_in": "", "starts_on": "", "ends_on": "", "reason": ""} | (given or {}),
        error=error,
        **again_facts(context),
    )


@router.get("/admin/people/{code}/edit")
def edit_page(context: MayEditRegister, code: str) -> HTMLResponse:
    with context.reading() as session:
        values = _stored(session, code)
    return _form(context, {name: str(values[name] or "") for name in _FIELDS}, code, seen=row_digest(values))


@router.post("/admin/people/{code}/edit")
def edit(context: MayEditRegister, code: str, form: SentPerson) -> Response:
    cells, seen = form.cells, form.seen
    with context.reading() as session:
        stored = _stored(session, code)["email"]
    with context.again(lambda error: _form(context, cells, code, seen=seen, error=error)):
        if cells["email"] != (stored or ""):
            prove_again(context, form)
        with context.transaction() as session:
            change_person(session, code, cells, context.audit_actor, seen=seen)
    return context.go(f"/admin/people/{code}", _("The changes are saved."))


@router.post("/admin/people/{code}/restore")
def restore(context: MayEditRegister, code: str, form: Posted) -> Response:
    with context.submit(lambda error: person_sheet(context, code, error)) as session:
        change_person(session, code, {"is_active": "yes"}, context.audit_actor)
    return context.go(f"/admin/people/{code}", _("Active again."))


def _stored(session: Session, code: str) -> dict[str, object]:
    values: dict[str, object] = stored_register(session).people[find_person(session, code).code].after
    return values


def _form(
    context: RequestContext,
    cells: dict[str, str],
    code: str | None,
    *,
    seen: str = "",
    office: str = "",
    error: DondocError | None = None,
) -> HTMLResponse:
    return admin_page(
        context,
        "person_form.html",
        cells={name: cells.get(name, "") for name in (*_FIELDS, "code")},
        known=code,
        seen=seen,
        office=office,
        languages=options(LANGUAGE_NAMES.items(), context),
        error=error,
        **again_facts(context),
    )
