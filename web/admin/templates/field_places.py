"""Where a fault of a template stands in its form: from a place in the data to the field that holds it."""

from collections.abc import Mapping, Sequence

from models.i18n import Words
from web.admin.form_fields import one
from web.admin.templates.ladder_form import rung_rows
from web.admin.templates.template_form import PERIOD_DAYS, audience_rows
from workflows.templates.spec_faults import SpecFault

Place = tuple[str | int, ...]
_AUDIENCES = {"audience": "who", "coordinating": "with"}


def shown_place(fault: SpecFault, fields: Mapping[str, list[str]], shown: Mapping[str, list[str]]) -> Place:
    """Return a fault's place with the numbers of the form's rows, which may have empty ones between them."""
    place = fault.place
    if place == ("ladder",) and (row := _unfit_rung(fault, fields)) is not None:
        return ("ladder", "rungs", row, "at")
    rows = rung_rows(fields, shown) if place[:2] == ("ladder", "rungs") else []
    if place[1:2] == ("any",) and place[0] in _AUDIENCES:
        rows = audience_rows(_AUDIENCES[str(place[0])], fields)
    number = place[2] if len(place) > 2 else None
    return (*place[:2], rows[number], *place[3:]) if isinstance(number, int) and number < len(rows) else place


def field_at(place: Sequence[str | int], fields: Mapping[str, list[str]]) -> str:
    """Return the name of the field at a place of the form."""
    first, *rest = [str(part) for part in place] or ["kind"]  # what is wrong with the whole is wrong with its kind
    last = rest[-1] if rest else ""
    if prefix := _AUDIENCES.get(first):
        row = rest[1] if len(rest) > 1 and rest[1].isdecimal() else "0"
        in_row = f"{prefix}-{row}-{rest[2] if len(rest) > 2 else 'kind'}"
        return f"{prefix}-{rest[0]}" if rest and rest[0] != "any" else in_row
    if first == "deadline":
        return first if last in ("", "rule") else last
    if first == "period":
        return _period_field(rest)
    if first == "result":
        return last or "description"
    if first == "ladder":
        return f"{rest[2] if len(rest) > 2 else 'rung'}-{rest[1]}" if len(rest) > 1 else last or first
    return "leaves_at" if first == "reminders" and one(fields, "leaves") == "weekly" else first


def _period_field(rest: Sequence[str]) -> str:
    inner = {"day": "day", "months_before": "before", "before": "ends"}
    if rest[:1] == ["sends"]:
        kind = rest[1] if len(rest) > 1 else "department"
        return f"sends-{kind}-{inner.get(rest[-1], 'day')}"
    if rest and rest[0] in PERIOD_DAYS:
        return f"{rest[0]}-{inner.get(rest[-1], 'day')}"
    return "period_move" if rest[:1] == ["move"] else "every"


def _unfit_rung(fault: SpecFault, fields: Mapping[str, list[str]]) -> int | None:
    """Return the row of a rung that the ladder as a whole does not bear, where the fault tells of one."""
    problem = fault.given.get("problem")
    given = problem.facts if isinstance(problem, Words) else {}
    for row in rung_rows(fields, {}):
        name, at = one(fields, f"rung-{row}"), one(fields, f"at-{row}").lstrip("-−")
        if name == given.get("rung") and at == str(given.get("at", "")).lstrip("-"):
            return row
    return None
