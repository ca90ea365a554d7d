"""The register's verbs: import it, find units and people in it, hand over, retire, record absences."""

from models.register_reads import absences_on, resolve_person, resolve_unit, stand_in_for
from workflows.register.absence import add_absence, end_absence
from workflows.register.handover import hand_over
from workflows.register.importing import Counts, ImportReport, import_register
from workflows.register.retirement import retire_person

__all__ = [
    "Counts",
    "ImportReport",
    "absences_on",
    "add_absence",
    "end_absence",
    "hand_over",
    "import_register",
    "resolve_person",
    "resolve_unit",
    "retire_person",
    "stand_in_for",
]
