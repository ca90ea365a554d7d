"""Sentences with who acts, leads, takes part, is reported to and supervises in each.

A line is a sentence, then what is read from it behind bars: A addressees, L lead, C coordinating, R reports_to, S
supervisor; a plus between two names. What is not said is nobody.
"""

from tests.intake.passages import passage, values
from workflows.intake.names.addressees import read_addressees
from workflows.intake.names.onward_reports import read_reports
from workflows.intake.names.partners import read_coordinating, read_leads
from workflows.intake.names.supervision import read_supervisors

Who = dict[str, list[str]]


def sentences_with_who(lines: str) -> list[tuple[str, Who]]:
    found: list[tuple[str, Who]] = []
    for line in filter(None, lines.splitlines()):
        text, *fields = line.split(" || ")
        found.append((text, {name: names.split("+") for name, names in (field.split("=", 1) for field in fields)}))
    return found


def who(text: str) -> Who:
    """Return whom a sentence names in each part; who leads also acts."""
    said = passage(text.replace("\\n", "\n"))
    lead = read_leads(said, read_addressees(said))
    acting = read_addressees(said) or lead
    read = {
        "A": values(acting),
        "L": values(lead),
        "C": values(read_coordinating(said)),
        "R": values(read_reports(said)),
        "S": values(read_supervisors(said, acting)),
    }
    return {name: names for name, names in read.items() if names}
