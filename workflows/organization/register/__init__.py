"""Change units and people: handovers, absences, retirement.

Begin with `editing.py`; `spreadsheet/` imports and exports the whole register.
"""

from models.organization.register_reads import absences_on, resolve_person, resolve_unit, stand_in_for
from workflows.organization.register.absence import add_absence, end_absence
from workflows.organization.register.handover import hand_over
from workflows.organization.register.retirement import retire_person
from workflows.organization.register.spreadsheet.import_register import Counts, ImportReport, import_register

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
