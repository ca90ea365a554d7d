"""The names of the register's columns: their labels, their hints, and the headings by which offices call them."""

import re
from collections.abc import Callable

from pydantic import BaseModel

from models.i18n import LANGUAGES, _, translate
from models.text.vietnamese import fold
from workflows.organization.register.spreadsheet.headings import COUNTING, under_heading

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

_HEADINGS = {
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
"""The headings that offices use, as patterns of folded words. The first pattern that matches a heading counts."""
_REMARK = re.compile(r"\s*(?:\(.*\)|\*|:)\s*$")
"""A remark behind a heading, as in "Mã (*)" or "Loại (bắt buộc)"."""


def column_words(model: type[BaseModel]) -> dict[str, str]:
    """Return the labels of a row's columns, in their order."""
    return {column: COLUMN_WORDS[column] for column in model.model_fields}


def column_finder(model: type[BaseModel]) -> Callable[[str], str | None]:
    """Return a function that finds the column of a heading: by its name, its label or a heading that offices use.

    It returns "" for a column that only numbers the rows, and None for an unknown heading.
    """
    columns = column_words(model)
    own_names = {
        column: [fold(column), *(fold(translate(words, language)) for language in LANGUAGES)]
        for column, words in columns.items()
    }
    exact = [(column, "|".join(map(re.escape, names))) for column, names in own_names.items()]
    usual = [(column, words) for column, words in _HEADINGS.items() if column in columns]
    patterns = [(column, re.compile(rf"^(?:{words})$")) for column, words in (*exact, *usual)]
    patterns.append(("", re.compile(COUNTING)))

    def find(heading: str) -> str | None:
        return under_heading(_REMARK.sub("", heading), patterns) if heading else None

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
"""Explains each column, on the second sheet of an empty form."""
