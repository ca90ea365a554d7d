"""Texts as passages whose offsets are their own positions."""

from workflows.intake.read import read
from workflows.intake.text.reading import Duty, Finding, Passage


def passage(text: str) -> Passage:
    return Passage(text, tuple(range(len(text))))


def values(found: tuple[Finding, ...] | list[Finding]) -> list[str]:
    return [one.value for one in found]


def duties(text: str) -> dict[str, Duty]:
    """Return the duties of a text below the name of a directive, so that it is one that gives orders."""
    return {duty.path: duty for duty in read(f"CHỈ THỊ\nVề việc thử\n\n{text}").duties}
