"""What stands in the lists and forms of the administration, as message ids."""

from models.i18n import _
from models.organization.person import Role
from models.organization.register_lists import PersonState, UnitState
from workflows.rules.rights_table import STANDING_WORDS, OfficeRole

UNIT_STATE_WORDS = {
    UnitState.ACTIVE: _("active units"),
    UnitState.NO_HEAD: _("without a head"),
    UnitState.RETIRED: _("no longer active"),
    UnitState.ALL: _("all"),
}
PERSON_STATE_WORDS = {
    PersonState.ACTIVE: _("active people"),
    PersonState.NO_ADDRESS: _("without an address"),
    PersonState.REFUSED: _("address refused by a mail server"),
    PersonState.RETIRED: _("no longer active"),
    PersonState.ALL: _("all"),
}
ROLE_NAMES = {role: STANDING_WORDS[OfficeRole(role.value)] for role in Role}
LANGUAGE_NAMES = {"vi": _("Vietnamese"), "en": _("English")}
