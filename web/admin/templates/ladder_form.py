"""Converts a template's ladder to flat fields of its form, a row for each rung, and back."""

from collections.abc import Mapping
from typing import Any

from models.directives.ladders import LadderSpec, RungName
from models.directives.template import TemplateSpec
from models.words import FROM_ASSIGNMENT
from web.admin.form_fields import Fields, field_text, number_or_text, rows

SPARE_RUNGS = 2
"""Empty rows below those that are filled."""
_BY_SEVERITY = {rung.value: place for place, rung in enumerate(RungName)}


def ladder_fields(ladder: str | LadderSpec, rungs: LadderSpec) -> Fields:
    """Return the fields of a ladder. Numbers have no sign, as the kind of rung says in which direction it counts."""
    fields: Fields = {"ladder": [ladder if isinstance(ladder, str) else "own"], "clock": [rungs.clock]}
    for number, rung in enumerate(rungs.rungs):
        fields[f"rung-{number}"], fields[f"at-{number}"] = [rung.rung.value], [str(_unsigned(rung.rung, rung.at))]
        fields[f"to-{number}"] = [role.value for role in rung.to]
    return fields


def with_ladder(fields: Fields, spec: TemplateSpec) -> Fields:
    """Show the rungs of the specification if it uses a ladder of the program."""
    if not isinstance(spec.ladder, str):
        return fields
    others = {name: values for name, values in fields.items() if not name.startswith(("rung-", "at-", "to-"))}
    return others | ladder_fields(spec.ladder, spec.rungs)


def ladder_data(fields: Mapping[str, list[str]], shown: Mapping[str, list[str]]) -> dict[str, Any]:
    """Return the ladder that the rows describe. If somebody changed rows, they are sorted by time.

    The order matters: a later rung is more severe, and after it an earlier one is not sent any more.
    """
    return {
        "clock": field_text(fields, "clock") or "working_days",
        "rungs": [_rung(fields, shown, number) for number in rung_rows(fields, shown)],
    }


def rung_rows(fields: Mapping[str, list[str]], shown: Mapping[str, list[str]]) -> list[int]:
    listed = [number for number in rows(fields, "rung-", 0) if field_text(fields, f"rung-{number}")]
    offsets = {number: offset_of(fields, number) for number in listed}
    times = {number: at for number, at in offsets.items() if isinstance(at, int)}
    if len(times) < len(listed) or _same_rungs(fields, shown):
        return listed

    def time_order(number: int) -> tuple[bool, int, int]:
        name = field_text(fields, f"rung-{number}")
        return name not in FROM_ASSIGNMENT, times[number], _BY_SEVERITY.get(name, 0)

    return sorted(listed, key=time_order)


def takes_own_rungs(fields: Mapping[str, list[str]], shown: Mapping[str, list[str]]) -> bool:
    """Return True if somebody changed rungs of a ladder of the program, so that it becomes the template's own."""
    shown_ladder = field_text(shown, "ladder")
    if shown_ladder in ("", "own") or field_text(fields, "ladder") not in (shown_ladder, "own"):
        return False
    return not _same_rungs(fields, shown)


def drops_rungs(fields: Mapping[str, list[str]], shown: Mapping[str, list[str]]) -> bool:
    """Return True if somebody changed rungs, but also chose another ladder of the program."""
    ladder = field_text(fields, "ladder")
    return ladder not in ("", "own") and ladder != field_text(shown, "ladder") and not _same_rungs(fields, shown)


def _rung(fields: Mapping[str, list[str]], shown: Mapping[str, list[str]], number: int) -> dict[str, Any]:
    recipients, shown_recipients = fields.get(f"to-{number}", []), shown.get(f"to-{number}", [])
    if set(recipients) == set(shown_recipients):
        recipients = shown_recipients  # nobody changed them: they keep their order
    return {"rung": field_text(fields, f"rung-{number}"), "at": offset_of(fields, number), "to": recipients}


def offset_of(fields: Mapping[str, list[str]], number: int) -> int | str:
    """Return the offset of a rung as the ladder keeps it, negative before the deadline. A wrong number stays text."""
    at = number_or_text(field_text(fields, f"at-{number}"))
    is_before = field_text(fields, f"rung-{number}") == RungName.DUE_SOON
    return -at if is_before and isinstance(at, int) and at > 0 else at


def rung_numbers(fields: Mapping[str, list[str]]) -> dict[int, int]:
    """Number the rows of each rung that occurs several times, by time. Rows of a single rung are left out."""
    rows_by_rung: dict[str, list[int]] = {}
    for row in rows(fields, "rung-", 0):
        if rung := field_text(fields, f"rung-{row}"):
            rows_by_rung.setdefault(rung, []).append(row)

    def time(row: int) -> tuple[int, int]:
        offset = offset_of(fields, row)
        return (offset if isinstance(offset, int) else 0, row)

    numbers: dict[int, int] = {}
    for same_rung in rows_by_rung.values():
        if len(same_rung) > 1:
            numbers |= {row: number for number, row in enumerate(sorted(same_rung, key=time), 1)}
    return numbers


def _unsigned(rung: RungName, at: int) -> int:
    return -at if rung is RungName.DUE_SOON else at


def _same_rungs(fields: Mapping[str, list[str]], shown: Mapping[str, list[str]]) -> bool:
    """Compare the rungs in their order, but each rung's recipients in any order."""
    return _rungs(fields) == _rungs(shown)


def _rungs(fields: Mapping[str, list[str]]) -> tuple[str, list[tuple[str, int | str, frozenset[str]]]]:
    listed = [number for number in rows(fields, "rung-", 0) if field_text(fields, f"rung-{number}")]
    rungs = [
        (field_text(fields, f"rung-{number}"), offset_of(fields, number), frozenset(fields.get(f"to-{number}", [])))
        for number in listed
    ]
    return field_text(fields, "clock") or "working_days", rungs
