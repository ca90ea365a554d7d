"""Pages of units: the list, one unit, and the forms that add, change and restore a unit."""

from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.responses import HTMLResponse, Response

from models.errors import DondocError
from models.i18n import _
from models.organization.register_lists import UnitFilter, UnitState, all_tags, page_units
from models.organization.unit import UnitKind
from models.words import OFFICE_WORDS, tag_of
from web.admin.people.people_pages import ROLE_NAMES
from web.request.form_input import FormInput, Posted, Ticked
from web.request.having_right import MayEditRegister
from web.request.page_frame import admin_page, choice_or, options
from web.request.request_context import RequestContext
from web.request.word_filters import tag_name
from workflows.organization.register.editing import NEW_HEAD, add_unit_with_head, change_unit, row_digest
from workflows.organization.register.spreadsheet.merged import stored_register
from workflows.organization.register.unit_sheet import find_unit, read_unit

router = APIRouter()
STATE_WORDS = {
    UnitState.ACTIVE: _("active units"),
    UnitState.NO_HEAD: _("without a head"),
    UnitState.RETIRED: _("no longer active"),
    UnitState.ALL: _("all"),
}
_FIELDS = ("code", "name", "kind", "parent", "supervising_unit", "email", "phone")
_HEAD = ("head", *NEW_HEAD)


class UnitForm(FormInput):
    """The fields of a unit; for a new unit also its head, a person of the register or a name with an address.

    `seen`: the digest of the values shown.
    """

    code: str = ""
    name: str = ""
    kind: str = ""
    parent: str = ""
    supervising_unit: str = ""
    email: str = ""
    phone: str = ""
    tags: str = ""
    aliases: str = ""
    is_outside: Ticked = False
    head: str = ""
    head_name: str = ""
    head_email: str = ""
    seen: str = ""

    @property
    def cells(self) -> dict[str, str]:
        """Return the unit as a row of the register, without columns that were not in the form."""
        aliases = [line.strip() for line in self.aliases.splitlines()]
        return self.model_dump(include=set(_FIELDS), exclude_unset=True) | {
            "tags": "|".join(tag_of(tag) for tag in self.tags.split(",") if tag.strip()),
            "aliases": "|".join(alias for alias in aliases if alias),
            "is_outside": self._is_outside_cell(),
        }

    def _is_outside_cell(self) -> str:
        if self.is_outside:
            return "yes"
        return "" if self.kind == UnitKind.POLICE else "no"

    @property
    def new_head(self) -> dict[str, str]:
        return self.model_dump(include=set(_HEAD))


SentUnit = Annotated[UnitForm, Depends(UnitForm.sent)]


@router.get("/admin/units")
def units_page(
    context: MayEditRegister, q: str = "", kind: str = "", tag: str = "", state: str = "", page: int = 1
) -> HTMLResponse:
    shown_state = choice_or(UnitState, state, UnitState.ACTIVE)
    shown_kind = UnitKind(kind) if kind in set(UnitKind) else None
    with context.reading() as session:
        lines, paging = page_units(session, UnitFilter(q, shown_kind, tag, shown_state), page)
        tags = all_tags(session)
    return admin_page(
        context,
        "units.html",
        lines=lines,
        paging=paging,
        q=q,
        kind=kind,
        tag=tag,
        state=shown_state.value,
        is_filtered=bool(q or kind or tag or state),
        kinds=options(UnitKind.labels().items(), context),
        states=options(STATE_WORDS.items(), context),
        tags=[(value, tag_name(value, context.language)) for value in tags],
    )


@router.get("/admin/units/new")
def new_page(context: MayEditRegister) -> HTMLResponse:
    return _form(context, {}, None)


@router.post("/admin/units/new")
def add(context: MayEditRegister, form: SentUnit) -> Response:
    cells, head = form.cells, form.new_head
    with context.submit(lambda error: _form(context, cells | head, None, error=error)) as session:
        code = add_unit_with_head(session, cells, head, context.audit_actor).code
    return context.go(f"/admin/units/{code}", _("{unit} was added."), unit=cells["name"])


@router.get("/admin/units/{code}")
def unit_page(context: MayEditRegister, code: str) -> HTMLResponse:
    return _sheet(context, code)


def _sheet(context: RequestContext, code: str, error: DondocError | None = None) -> HTMLResponse:
    with context.reading() as session:
        sheet = read_unit(session, code)
    return admin_page(
        context,
        "unit.html",
        sheet=sheet,
        unit=sheet.unit,
        kind=sheet.unit.kind.label,
        office_words=OFFICE_WORDS,
        role_names=ROLE_NAMES,
        error=error,
    )


@router.get("/admin/units/{code}/edit")
def edit_page(context: MayEditRegister, code: str) -> HTMLResponse:
    with context.reading() as session:
        unit = find_unit(session, code)
        values = stored_register(session).units[unit.code].after
    cells = {name: str(values.get(name) or "") for name in _FIELDS}
    cells |= {
        "code": unit.code,
        "kind": unit.kind.value,
        "tags": "|".join(values["tags"]),
        "aliases": "|".join(values["aliases"]),
        "is_outside": "yes" if unit.is_outside else "no",
    }
    return _form(context, cells, unit.code, seen=row_digest(values))


@router.post("/admin/units/{code}/edit")
def edit(context: MayEditRegister, code: str, form: SentUnit) -> Response:
    cells, seen = form.cells, form.seen
    with context.submit(lambda error: _form(context, {**cells, "code": code}, code, seen=seen, error=error)) as session:
        change_unit(session, code, cells, context.audit_actor, seen=seen)
    return context.go(f"/admin/units/{code}", _("The changes are saved."))


@router.post("/admin/units/{code}/restore")
def restore(context: MayEditRegister, code: str, form: Posted) -> Response:
    with context.submit(lambda error: _sheet(context, code, error)) as session:
        change_unit(session, code, {"is_active": "yes"}, context.audit_actor)
    return context.go(f"/admin/units/{code}", _("The unit is active again."))


def _form(
    context: RequestContext,
    cells: dict[str, str],
    code: str | None,
    *,
    seen: str = "",
    error: DondocError | None = None,
) -> HTMLResponse:
    return admin_page(
        context,
        "unit_form.html",
        cells={name: cells.get(name, "") for name in (*_FIELDS, *_HEAD, "tags", "aliases", "is_outside")},
        known=code,
        seen=seen,
        kinds=options(UnitKind.labels().items(), context),
        error=error,
    )
