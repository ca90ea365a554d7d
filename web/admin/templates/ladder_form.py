"""The ladder of a template as flat fields of its form, a rung a row."""

from collections.abc import Mapping
from typing import Any

from models.directives.ladders import LadderSpec, RungName
from models.directives.template import TemplateSpec
from models.words import FROM_ASSIGNMENT
from web.admin.form_fields import Fields, number_or_text, one, rows

SPARE_RUNGS = 2
"""Empty rows below those that are filled."""
_BY_SEVERITY = {rung.value: place for place, rung in enumerate(RungName)}


def ladder_fields(ladder: str | LadderSpec, rungs: LadderSpec) -> Fields:
    """Numbers have no sign: each row says from what it counts."""
    fields: Fields = {"ladder": [ladder if isinstance(ladder, str) else "own"], "clock": [rungs.clock]}
    for number, rung in enumerate(rungs.rungs):
        fields[f"rung-{number}"], fields[f"at-{number}"] = [rung.rung.value], [str(_unsigned(rung.rung, rung.at))]
        fields[f"to-{number}"] = [role.value for role in rung.to]
    return fields


def with_ladder(fields: Fields, spec: TemplateSpec) -> Fields:
    """Show the rungs that the specification has, where these are of a ladder of the program."""
    if not isinstance(spec.ladder, str):
        return fields
    others = {name: values for name, values in fields.items() if not name.startswith(("rung-", "at-", "to-"))}
    return others | ladder_fields(spec.ladder, spec.rungs)


def ladder_data(fields: Mapping[str, list[str]], shown: Mapping[str, list[str]]) -> dict[str, Any]:
    """The ladder that the rows make. Rows that somebody changed are put in the order of time.

    A rung is the more severe the later it stands: after the second reminder of two, the first is not sent any more.
    """
    return {
        "clock": one(fields, "clock") or "working_days",
        "rungs": [_rung(fields, shown, number) for number in rung_rows(fields, shown)],
    }


def rung_rows(fields: Mapping[str, list[str]], shown: Mapping[str, list[str]]) -> list[int]:
    """In the order in which the ladder has them."""
    listed = [number for number in rows(fields, "rung-", 0) if one(fields, f"rung-{number}")]
    offsets = {number: offset_of(fields, number) for number in listed}
    times = {number: at for number, at in offsets.items() if isinstance(at, int)}
    if len(times) < len(listed) or _same_rungs(fields, shown):
        return listed

    def place(number: int) -> tuple[bool, int, int]:
        name = one(fields, f"rung-{number}")
        return name not in FROM_ASSIGNMENT, times[number], _BY_SEVERITY.get(name, 0)

    return sorted(listed, key=place)


def takes_own_rungs(fields: Mapping[str, list[str]], shown: Mapping[str, list[str]]) -> bool:
    """Somebody changed rungs of a ladder of the program, which the form may call its own already."""
    was = one(shown, "ladder")
    return was not in ("", "own") and one(fields, "ladder") in (was, "own") and not _same_rungs(fields, shown)


def drops_rungs(fields: Mapping[str, list[str]], shown: Mapping[str, list[str]]) -> bool:
    """Somebody changed rungs and chose another ladder of the program at once."""
    named = one(fields, "ladder")
    return named not in ("", "own") and named != one(shown, "ladder") and not _same_rungs(fields, shown)


def _rung(fields: Mapping[str, list[str]], shown: Mapping[str, list[str]], number: int) -> dict[str, Any]:
    roles, before = fields.get(f"to-{number}", []), shown.get(f"to-{number}", [])
    told = before if set(roles) == set(before) else roles  # recipients that nobody changed stay in their order
    return {"rung": one(fields, f"rung-{number}"), "at": offset_of(fields, number), "to": told}


def offset_of(fields: Mapping[str, list[str]], number: int) -> int | str:
    """As the ladder has it: negative before the deadline. What is no number stays text."""
    at = number_or_text(one(fields, f"at-{number}"))
    is_before = one(fields, f"rung-{number}") == RungName.DUE_SOON
    return -at if is_before and isinstance(at, int) and at > 0 else at


def rung_numbers(fields: Mapping[str, list[str]]) -> dict[int, int]:
    """For each row of a rung that the ladder has several times, which of them it is, counted in time."""
    listed = [(one(fields, f"rung-{row}"), row) for row in rows(fields, "rung-", 0)]
    times = {row: at if isinstance(at := offset_of(fields, row), int) else 0 for _name, row in listed}
    found: dict[int, int] = {}
    for name in {name for name, _row in listed if name}:
        alike = sorted((row for other, row in listed if other == name), key=lambda row: (times[row], row))
        found |= {row: number for number, row in enumerate(alike, 1) if len(alike) > 1}
    return found


def _unsigned(rung: RungName, at: int) -> int:
    return -at if rung is RungName.DUE_SOON else at


def _same_rungs(fields: Mapping[str, list[str]], shown: Mapping[str, list[str]]) -> bool:
    """Compare the rungs in their order, recipients in none."""
    return _rungs(fields) == _rungs(shown)


def _rungs(fields: Mapping[str, list[str]]) -> tuple[str, list[tuple[str, int | str, frozenset[str]]]]:
    listed = [number for number in rows(fields, "rung-", 0) if one(fields, f"rung-{number}")]
    told = [
        (one(fields, f"rung-{number}"), offset_of(fields, number), frozenset(fields.get(f"to-{number}", [])))
        for number in listed
    ]
    return one(fields, "clock") or "working_days", told
