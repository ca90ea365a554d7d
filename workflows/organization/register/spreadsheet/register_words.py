"""The columns of the register as labels on screen (message ids)."""

from models.i18n import _

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
