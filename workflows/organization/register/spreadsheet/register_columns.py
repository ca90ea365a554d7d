"""Columns of the register's spreadsheets: a strict pydantic model for a row of each, and faults in words."""

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
from workflows.organization.register.spreadsheet.headings import COUNTING, under_heading
from workflows.organization.register.spreadsheet.sheet import Sheet

SPECIAL_USE_DOMAIN_NAMES[:] = [one for one in SPECIAL_USE_DOMAIN_NAMES if one not in ("local", "test")]
"""The library lets its users take out what they use: the mail domain of an office is often a .local of its own."""
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
    """What is wrong stands alone in the fact `fault`, for forms, which have no rows."""
    told = Words(message, column=column, value=value, **facts)
    return BadInput(AT, file=file, row=row, column=column, value=value, fault=told, **facts)


def _wrong(message: str, **facts: Any) -> PydanticCustomError:
    return PydanticCustomError("register", "{message}", {"message": message, **facts})


def _clean(cell: Any) -> str:
    """NFC, ordinary spaces, trimmed; refuses what no one-line field may hold and a mail header must never."""
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


def _needed(cell: Any) -> str:
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
"""Kinds by the folded words that offices use beside the labels."""
_ROLES = {
    "quan tri": Role.ADMINISTRATOR,
    **dict.fromkeys(("theo doi", "chuyen vien theo doi", "dieu phoi"), Role.COORDINATOR),
    "van thu": Role.CLERK,
    **dict.fromkeys(("lanh dao", "thanh tra", "quan sat"), Role.OBSERVER),
}
_LANGUAGES = {"tieng viet": "vi", "vietnamese": "vi", "tieng anh": "en", "english": "en"}


def _called_kinds() -> dict[str, UnitKind]:
    named = {fold(translate(kind.label, language)): kind for kind in UnitKind for language in LANGUAGES}
    return {kind.value: kind for kind in UnitKind} | named | _KINDS


def _kind(text: str) -> UnitKind:
    kind = _called_kinds().get(fold(text))
    if kind is None:
        raise _wrong(BAD_KIND, allowed=[Words("{code} ({words})", code=one.value, words=one.label) for one in UnitKind])
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
        found = validate_email(text, check_deliverability=False, allow_smtputf8=False)
    except EmailNotValidError:
        raise _wrong(BAD_EMAIL) from None
    return found.ascii_email or found.normalized


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
        said, _at, unit = part.partition("@")
        role = _ROLES.get(fold(said), said)
        if role not in list(Role) or not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", unit):
            raise _wrong(BAD_ROLE, allowed=", ".join(Role))
        roles.add((str(role), unit))
    return tuple(sorted(roles))


def _text(text: str) -> str:
    return text


NeededCode = Annotated[str, BeforeValidator(lambda cell: _code(_needed(cell)))]
NeededName = Annotated[str, StringConstraints(max_length=300), BeforeValidator(_needed)]
PersonName = Annotated[str, StringConstraints(max_length=200), BeforeValidator(_needed)]
NeededDate = Annotated[date, BeforeValidator(lambda cell: _date(_needed(cell)))]
Code = Annotated[str | None, _cell(_code)]
Email = Annotated[str | None, _cell(_email)]
Phone = Annotated[Annotated[str, StringConstraints(max_length=64)] | None, _cell(_text)]
Active = Annotated[bool, _cell(_flag, blank=True)]


class RegisterRow(BaseModel):
    """A row; only the columns that the file has are set."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class UnitRow(RegisterRow):
    """A row of units.csv. Other units and people are named by their codes."""

    code: NeededCode
    name: NeededName = ""
    kind: Annotated[UnitKind, BeforeValidator(lambda cell: _kind(_needed(cell)))] = UnitKind.OTHER
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
        """Left open, `is_outside` of a police unit is yes; the faults then need not mention it."""
        kind = _called_kinds().get(fold(cells.get("kind", "")))
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
    """A row of absences.csv: local days, both included."""

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
    """Every good row by its number, and every fault of the others."""
    good: dict[int, R] = {}
    faults = list(sheet.faults)
    if any(fault.facts.get("row") == 1 for fault in faults):
        return good, faults  # with a wrong header every row would repeat the same fault
    for number, cells in sheet.rows:
        row = read_row(model, cells, sheet.file, number, sheet.headings)
        if isinstance(row, list):
            faults += row
        else:
            good[number] = row
    return good, faults


def read_row(
    model: type[R], cells: Mapping[str, str], file: str, number: int, headings: Mapping[str, str] | None = None
) -> R | list[BadInput]:
    """The row, or what is wrong with it; `headings` are what a file itself calls its columns."""
    try:
        return model.model_validate(cells)
    except ValidationError as error:
        return [_fault(file, number, cells, headings or {}, dict(one)) for one in error.errors()]


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


COLUMN_WORDS = {
    "code": _("Code"),
    "name": _("Name of the unit"),
    "kind": _("Kind"),
    "tags": _("Tags"),
    "aliases": _("Other names"),
    "parent": _("Organisation above"),
    "supervising_unit": _("Supervising unit"),
    "head": _("Head"),
    "deputy": _("Deputy in charge"),
    "focal_point": _("Focal point"),
    "email": _("E-mail address"),
    "phone": _("Telephone"),
    "is_outside": _("Outside contact"),
    "is_active": _("Active"),
    "full_name": _("Full name"),
    "address_form": _("Form of address"),
    "unit_address": _("How letters call the unit"),
    "title": _("Title"),
    "unit": _("Unit"),
    "language": _("Language of letters"),
    "roles": _("Roles"),
    "person": _("Person"),
    "stand_in": _("Stand-in"),
    "starts_on": _("First day"),
    "ends_on": _("Last day"),
    "reason": _("Reason"),
}

_SAID = {
    "unit": r"(?:ma )?(?:don vi|co quan|to chuc)(?: cong tac)?|phong ban",
    "code": r"ma(?: so| don vi| can bo| nguoi| nhan vien| dinh danh)?",
    "aliases": r"ten (?:goi )?khac|(?:ten )?(?:viet )?tat",
    "name": r"(?:ten )?(?:don vi|co quan|to chuc)|ten(?: day du| chinh thuc)?",
    "kind": r"(?:loai|loai hinh|phan loai)(?: don vi| to chuc)?",
    "tags": r"nhan|linh vuc|tu khoa",
    "parent": r"(?:don vi |co quan |to chuc )?(?:cap tren(?: truc tiep)?|chu quan)|truc thuoc|thuoc don vi",
    "supervising_unit": r"don vi (?:quan ly|theo doi|don doc)",
    "head": r"thu truong|nguoi dung dau|cap truong|truong don vi",
    "deputy": r"cap pho|pho thu truong|pho phu trach",
    "focal_point": r"(?:can bo |nguoi )?dau moi(?: lien he)?",
    "email": r"(?:dia chi )?(?:thu dien tu|e-?mail)",
    "phone": r"(?:so )?(?:dien thoai|dt|di dong)|sdt",
    "is_outside": r"(?:don vi )?ben ngoai|ngoai bo",
    "is_active": r"(?:dang |con )?(?:hoat dong|cong tac)",
    "full_name": r"ho(?: va|,)? ten|ten(?: nguoi| can bo)?",
    "address_form": r"danh xung|cach xung ho",
    "unit_address": r"cach goi don vi",
    "title": r"chuc (?:vu|danh)(?:,? chuc (?:vu|danh))?",
    "language": r"ngon ngu",
    "roles": r"(?:cac )?vai tro|quyen",
    "person": r"nguoi (?:vang mat|vang|nghi)|(?:ma )?(?:can bo|nguoi)",
    "stand_in": r"(?:nguoi )?(?:duoc )?uy quyen(?: cho)?|nguoi (?:xu ly )?thay",
    "starts_on": r"(?:vang |nghi )?tu(?: ngay)?|ngay (?:bat dau|dau)",
    "ends_on": r"(?:vang |nghi )?den(?: het)?(?: ngay)?|ngay (?:ket thuc|cuoi)",
}
"""How offices call the columns beside the forms of this product, folded; the first that fits in a table counts."""
_BESIDE = re.compile(r"\s*(?:\(.*\)|\*|:)\s*$")
"""What a heading says of its column beside its name: "Mã (*)", "Loại (bắt buộc)"."""


def columns_called(model: type[RegisterRow]) -> dict[str, str]:
    return {column: COLUMN_WORDS[column] for column in model.model_fields}


def find_column(model: type[RegisterRow]) -> Callable[[str], str | None]:
    """It finds the column that a heading names, by the program's name, a form's or the office's own.

    "" for a heading of mere numbers; None for one that nobody knows.
    """
    columns = columns_called(model)
    exact = [
        (column, re.compile(rf"^(?:{'|'.join(map(re.escape, names))})$"))
        for column, words in columns.items()
        if (names := {fold(column), *(fold(translate(words, language)) for language in LANGUAGES)})
    ]
    said = [(column, re.compile(rf"^(?:{words})$")) for column, words in _SAID.items() if column in columns]
    guesses = [*exact, *said, ("", re.compile(COUNTING))]

    def find(heading: str) -> str | None:
        return under_heading(_BESIDE.sub("", heading), guesses) if heading else None

    return find


_ACTIVE = _("yes or no; left empty: yes")
_UNIT_CODE = _("a unit's code")
_PERSON_CODE = _("a person's code")
COLUMN_HINTS = {
    "units": {
        "code": _("needed; short and lasting: letters without marks, digits, . _ -"),
        "name": _("needed for a new unit; the full official name"),
        "kind": _(
            "needed for a new unit: ministry, department, subordinate, enterprise, enterprise_unit, police or other"
        ),
        "tags": _("words by which duties choose units: post|telecom|internet"),
        "aliases": _("how directives call it besides, with | between"),
        "parent": _("code of the organisation above"),
        "supervising_unit": _("code of the unit that is informed when this one is late"),
        "head": _PERSON_CODE,
        "deputy": _PERSON_CODE,
        "focal_point": _PERSON_CODE,
        "email": _("of the unit's office; letters go to people"),
        "phone": _("telephone"),
        "is_outside": _("yes or no; yes: no letter is ever sent there automatically (police units)"),
        "is_active": _ACTIVE,
    },
    "people": {
        "code": _("needed; such as le.thi.c"),
        "full_name": _("needed for a new person; family name first"),
        "address_form": _("Đồng chí, Ông, Bà; left empty: Ông/Bà"),
        "unit_address": _("how letters call their unit, such as Quý Công ty; left empty: đơn vị"),
        "title": _("such as Giám đốc"),
        "unit": _UNIT_CODE,
        "email": _("where letters and sign-in codes go"),
        "phone": _("telephone"),
        "language": _("vi or en; left empty: vi"),
        "roles": _("role@unit with | between: coordinator@VU-VT|clerk@VP; also administrator, observer"),
        "is_active": _ACTIVE,
    },
    "absences": {
        "person": _PERSON_CODE,
        "stand_in": _("code of who acts and gets the letters meanwhile"),
        "starts_on": _("first day: 2026-11-05 or 05/11/2026"),
        "ends_on": _("last day"),
        "reason": _("reason"),
    },
}
"""What each column of a register's file holds."""
