"""The columns of the register as labels on screen (message ids)."""

from models.i18n import _

COLUMN_WORDS = {
    "code": _("Code"),
    "name": _("Name"),
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
