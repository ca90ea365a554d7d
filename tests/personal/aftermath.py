"""What is left of somebody who was taken out and erased."""

from dataclasses import dataclass

from models.organization.person import Person
from tests.office import Office, at
from tests.personal.life import Life
from workflows.operations.personal.erase import Erased
from workflows.operations.personal.export_person import PersonExport
from workflows.reports.report_figures import Report
from workflows.rules.chain import Verified

NOW = at(25)


@dataclass
class Aftermath:
    """What was before, and is now."""

    office: Office
    life: Life
    person: Person
    taken: PersonExport
    places: set[str]
    verified: Verified
    report: Report
    done: Erased
