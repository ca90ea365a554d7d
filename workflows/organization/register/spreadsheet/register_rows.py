"""Rows of the register's spreadsheets: a strict pydantic model for each table, and the faults of cells in words."""

import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import date
from typing import Annotated, Any, TypeVar

from email_validator import SPECIAL_USE_DOMAIN_NAMES, EmailNotValidError, validate_email
from pydantic import BaseModel, BeforeValidator, ConfigDict, StringConstraints, ValidationError, model_validator
from pydantic_core import PydanticCustomError

from models.errors import BadInput
from models.i18n import LANGUAGES, Words, _, translate
from models.organization.person import Role
from models.organization.unit import UnitKind
from models.text.faults import fault_words
from models.text.vietnamese import fold
from models.words import tag_of
from workflows.organization.register.spreadsheet.sheet import Sheet

SPECIAL_USE_DOMAIN_NAMES[:] = [name for name in SPECIAL_USE_DOMAIN_NAMES if name not in ("local", "test")]
"""The mail domain of an office often ends in .local. The library allows to change this list."""
AT = _("{file}, row {row}, column {column}: {fault}")
NEEDED = _("is empty; a value is needed")
BROKEN_TEXT = _("{value} holds a line break or an invisible character ({found}); remove it")
LOST_TEXT = _("{value} has lost letters (�); type it again")
BAD_CODE = _("{value} is not a code; use letters without marks, digits, . _ -")
BAD_KIND = _("{value} is not a kind of unit; expected one of {allowed}")
BAD_TAG = _("{value} is not a list of tags; write post|telecom|internet")
BAD_EMAIL = _("{value} is not an e-mail address such as name@unit.example")
BAD_FLAG = _("{value} is neither yes nor no")
BAD_DATE = _("{value} is not a date; write 2004-05-07 or 07/05/2004")
BAD_LANGUAGE = _("{value} is not a language; expected one of {allowed}")
BAD_ROLE = _("{value} is not ROLE@UNIT; ROLE is one of {allowed}")
TOO_LONG = _("{value} is longer than {limit} characters")
BAD_ORDER = _("{value} lies before starts_on")
POLICE_INSIDE = _("police units are outside contacts; write yes")
BAD_VALUE = _("{value}: {why}")


def fault_at(file: str, row: int, column: str, value: object, message: str, **facts: object) -> BadInput:
    """Return a fault of a cell. Its fact `fault` leaves out file and row, for forms, which have none."""
    words = Words(message, column=column, value=value, **facts)
    return BadInput(AT, file=file, row=row, column=column, value=value, fault=words, **facts)


def _wrong(message: str, **facts: Any) -> PydanticCustomError:
    return PydanticCustomError("register", "{message}", {"message": message, **facts})


def _clean(cell: Any) -> str:
    """Return composed text with ordinary spaces. Refuse line breaks and invisible characters, as in mail headers."""
    text = unicodedata.normalize("NFC", str(cell)).replace("\u00a0", " ").strip(" ")
    for char in text:
        if unicodedata.category(char) in ("Cc", "Cf", "Zl", "Zp"):
            raise _wrong(BROKEN_TEXT, found=f"U+{ord(char):04X}")
    if "\ufffd" in text:
        raise _wrong(LOST_TEXT)
    return text


def _cell(read: Callable[[str], Any], blank: Any = None) -> BeforeValidator:
    def from_cell(cell: Any) -> Any:
        text = _clean(cell)
        return read(text) if text else blank

    return BeforeValidator(from_cell)


def _needed_text(cell: Any) -> str:
    text = _clean(cell)
    if not text:
        raise _wrong(NEEDED)
    return text


def _code(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", text):
        raise _wrong(BAD_CODE)
    return text


_KINDS = {
    "bo": UnitKind.MINISTRY,
    **dict.fromkeys(("vu", "cuc", "thanh tra", "van phong", "don vi thuoc bo"), UnitKind.DEPARTMENT),
    **dict.fromkeys(("truc thuoc", "truc thuoc bo"), UnitKind.SUBORDINATE),
    **dict.fromkeys(("cong ty", "tong cong ty", "tap doan"), UnitKind.ENTERPRISE),
    **dict.fromkeys(("don vi cua doanh nghiep", "truc thuoc doanh nghiep"), UnitKind.ENTERPRISE_UNIT),
    "cong an": UnitKind.POLICE,
}
"""Kinds by folded words that offices use, besides the labels."""
_ROLES = {
    "quan tri": Role.ADMINISTRATOR,
    **dict.fromkeys(("theo doi", "chuyen vien theo doi", "dieu phoi"), Role.COORDINATOR),
    "van thu": Role.CLERK,
    **dict.fromkeys(("lanh dao", "thanh tra", "quan sat"), Role.OBSERVER),
}
_LANGUAGES = {"tieng viet": "vi", "vietnamese": "vi", "tieng anh": "en", "english": "en"}


def _kinds_by_name() -> dict[str, UnitKind]:
    by_label = {fold(translate(kind.label, language)): kind for kind in UnitKind for language in LANGUAGES}
    return {kind.value: kind for kind in UnitKind} | by_label | _KINDS


def _kind(text: str) -> UnitKind:
    kind = _kinds_by_name().get(fold(text))
    if kind is None:
        allowed_kinds = [Words("{code} ({words})", code=allowed.value, words=allowed.label) for allowed in UnitKind]
        raise _wrong(BAD_KIND, allowed=allowed_kinds)
    return kind


def _parts(text: str) -> list[str]:
    return [part.strip() for part in text.split("|") if part.strip()]


def _tags(text: str) -> tuple[str, ...]:
    tags = sorted({tag_of(tag).casefold() for tag in _parts(text)})
    if not all(re.fullmatch(r"[a-z0-9][a-z0-9_-]{0,63}", tag) for tag in tags):
        raise _wrong(BAD_TAG)
    return tuple(tags)


def _aliases(text: str) -> tuple[str, ...]:
    if any(len(alias) > 300 for alias in _parts(text)):
        raise _wrong(TOO_LONG, limit=300)
    return tuple(sorted(set(_parts(text))))


def _email(text: str) -> str:
    try:
        address = validate_email(text, check_deliverability=False, allow_smtputf8=False)
    except EmailNotValidError:
        raise _wrong(BAD_EMAIL) from None
    return address.ascii_email or address.normalized


def _flag(text: str) -> bool:
    folded = text.casefold()
    if folded in ("yes", "true", "1", "có", "co", "x"):
        return True
    if folded in ("no", "false", "0", "không", "khong"):
        return False
    raise _wrong(BAD_FLAG)


def _date(text: str) -> date:
    try:
        if match := re.fullmatch(r"(\d{1,2})/(\d{1,2})/(\d{4})", text):
            return date(int(match[3]), int(match[2]), int(match[1]))
        return date.fromisoformat(text)
    except ValueError:
        raise _wrong(BAD_DATE) from None


def _language(text: str) -> str:
    language = _LANGUAGES.get(fold(text), text.casefold())
    if language not in LANGUAGES:
        raise _wrong(BAD_LANGUAGE, allowed=", ".join(LANGUAGES))
    return language


def _roles(text: str) -> tuple[tuple[str, str], ...]:
    roles = set()
    for part in _parts(text):
        name, _at, unit = part.partition("@")
        role = _ROLES.get(fold(name), name)
        if role not in list(Role) or not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", unit):
            raise _wrong(BAD_ROLE, allowed=", ".join(Role))
        roles.add((str(role), unit))
    return tuple(sorted(roles))


def _text(text: str) -> str:
    return text


NeededCode = Annotated[str, BeforeValidator(lambda cell: _code(_needed_text(cell)))]
NeededName = Annotated[str, StringConstraints(max_length=300), BeforeValidator(_needed_text)]
PersonName = Annotated[str, StringConstraints(max_length=200), BeforeValidator(_needed_text)]
NeededDate = Annotated[date, BeforeValidator(lambda cell: _date(_needed_text(cell)))]
Code = Annotated[str | None, _cell(_code)]
Email = Annotated[str | None, _cell(_email)]
Phone = Annotated[Annotated[str, StringConstraints(max_length=64)] | None, _cell(_text)]
Active = Annotated[bool, _cell(_flag, blank=True)]


class RegisterRow(BaseModel):
    """A row of a table. Only the columns that the file has are set."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class UnitRow(RegisterRow):
    """A row of units.csv, which names other units and people by their codes."""

    code: NeededCode
    name: NeededName = ""
    kind: Annotated[UnitKind, BeforeValidator(lambda cell: _kind(_needed_text(cell)))] = UnitKind.OTHER
    tags: Annotated[tuple[str, ...], _cell(_tags, blank=())] = ()
    aliases: Annotated[tuple[str, ...], _cell(_aliases, blank=())] = ()
    parent: Code = None
    supervising_unit: Code = None
    head: Code = None
    deputy: Code = None
    focal_point: Code = None
    email: Email = None
    phone: Phone = None
    is_outside: Annotated[bool, _cell(_flag, blank=False)] = False
    is_active: Active = True

    @model_validator(mode="before")
    @classmethod
    def police_are_outside(cls, cells: dict[str, str]) -> dict[str, str]:
        """Set `is_outside` of a police unit if the cell is empty."""
        kind = _kinds_by_name().get(fold(cells.get("kind", "")))
        if kind is UnitKind.POLICE and not cells.get("is_outside", "").strip():
            return {**cells, "is_outside": "yes"}
        return cells


class PersonRow(RegisterRow):
    """A row of people.csv."""

    code: NeededCode
    full_name: PersonName = ""
    address_form: Annotated[str, StringConstraints(max_length=64), _cell(_text, blank="Ông/Bà")] = "Ông/Bà"
    unit_address: Annotated[str, StringConstraints(max_length=64), _cell(_text, blank="đơn vị")] = "đơn vị"
    title: Annotated[str, StringConstraints(max_length=200), _cell(_text, blank="")] = ""
    unit: Code = None
    email: Email = None
    phone: Phone = None
    language: Annotated[str, _cell(_language, blank="vi")] = "vi"
    roles: Annotated[tuple[tuple[str, str], ...], _cell(_roles, blank=())] = ()
    is_active: Active = True


class AbsenceRow(RegisterRow):
    """A row of absences.csv. Both local days are included."""

    person: NeededCode
    stand_in: NeededCode
    starts_on: NeededDate
    ends_on: NeededDate
    reason: Annotated[str, StringConstraints(max_length=500), _cell(_text, blank="")] = ""

    @model_validator(mode="after")
    def in_order(self) -> "AbsenceRow":
        if self.ends_on < self.starts_on:
            raise PydanticCustomError(
                "register", "{message}", {"message": BAD_ORDER, "column": "ends_on", "value": self.ends_on.isoformat()}
            )
        return self


R = TypeVar("R", bound=RegisterRow)


def read_rows(sheet: Sheet, model: type[R]) -> tuple[dict[int, R], list[BadInput]]:
    """Return the valid rows by their numbers, and the faults of the others."""
    valid: dict[int, R] = {}
    faults = list(sheet.faults)
    if any(fault.facts.get("row") == 1 for fault in faults):
        return valid, faults  # with a wrong header every row would repeat the same fault
    for number, cells in sheet.rows:
        row = read_row(model, cells, sheet.file, number, sheet.headings)
        if isinstance(row, list):
            faults += row
        else:
            valid[number] = row
    return valid, faults


def read_row(
    model: type[R], cells: Mapping[str, str], file: str, number: int, headings: Mapping[str, str] | None = None
) -> R | list[BadInput]:
    """Return the row, or its faults. `headings` are the names that the file gives its columns."""
    try:
        return model.model_validate(cells)
    except ValidationError as error:
        return [_fault(file, number, cells, headings or {}, dict(entry)) for entry in error.errors()]


def _fault(
    file: str, number: int, cells: Mapping[str, str], headings: Mapping[str, str], error: dict[str, Any]
) -> BadInput:
    context: dict[str, Any] = dict(error.get("ctx", {}))
    column = context.pop("column", "") or (str(error["loc"][0]) if error["loc"] else "")
    value = context.pop("value", None) or repr(cells.get(column, ""))
    column = headings.get(column, column)
    if error["type"] == "register":
        return fault_at(file, number, column, value, context.pop("message"), **context)
    if error["type"] == "string_too_long":
        return fault_at(file, number, column, value, TOO_LONG, limit=context["max_length"])
    return fault_at(file, number, column, value, BAD_VALUE, why=fault_words(error))
