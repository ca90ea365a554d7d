"""Texts as passages whose offsets are their own positions."""

from workflows.intake.read import read
from workflows.intake.text.reading import Passage, ReadDuty, TextFinding


def passage(text: str) -> Passage:
    return Passage(text, tuple(range(len(text))))


def values(found: tuple[TextFinding, ...] | list[TextFinding]) -> list[str]:
    return [one.value for one in found]


def duties(text: str) -> dict[str, ReadDuty]:
    """Return the duties of a text below the name of a directive, so that it is one that gives orders."""
    return {duty.path: duty for duty in read(f"CHỈ THỊ\nVề việc thử\n\n{text}").duties}
