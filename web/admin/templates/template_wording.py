"""A template in words: labels of its fields, values as a reader reads them, faults, and changes between versions."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from models.directives.directive import DutyKind
from models.directives.ladders import LADDERS, RecipientRole, RungName
from models.directives.template import TemplateSpec
from models.errors import DondocError
from models.i18n import Words, _, translate
from models.organization.unit import UnitKind
from models.text.localtime import write_date
from models.words import rung_words
from notifications.composing.wording import first_up
from web.request.template_words import CHOICES, FIELD_WORDS, INNER_WORDS, PROBLEM_WORDS
from workflows.templates.publish_effect import FieldDifference
from workflows.templates.spec_faults import SpecFault
from workflows.templates.template_text import spec_data

_CONTAINERS = ("any", "rungs", "sends")
"""Parts of a place that its words leave out, as the part inside them says enough."""
_SAYS_ENOUGH = ("any", "rungs", "named")
"""Parts of a value that are written without their label."""
_SHORT_LISTS = ("tags", "named", "excluding", "to")
_UNIT_FIELDS = ("named", "excluding", "parent", "reports_to", "authority")
_NUMBER = re.compile(r"^\d+\. ")
_NUMBERED = {"any": _("row {number}"), "rungs": _("Rung {number}"), "steps": _("step {number}")}
_OWN_LADDER = CHOICES["ladder"]["own"]
_MEANINGS: dict[str, Mapping[Any, str]] = {
    **CHOICES,
    "rule": CHOICES["deadline"],
    "kind": {**DutyKind.labels(), **UnitKind.labels()},
    "rung": RungName.labels(),
    "to": RecipientRole.labels(),
}
"""The words of coded values, by field."""


@dataclass(frozen=True)
class ValueLine:
    """A line of a field's value. `is_changed`: the other version does not have it."""

    text: str
    is_changed: bool


def tell_fault(error: DondocError, language: str, *, by_line: bool, place: Sequence[str | int] | None = None) -> str:
    """Describe a fault with the labels of the form; `by_line`, with its line in the file.

    `place`: its place in the form, if the form counts the rows in another way.
    """
    if not isinstance(error, SpecFault):
        return error.tell(language)
    facts = error.given | {"field": field_words(error.place if place is None else place)}
    if isinstance(problem := facts.get("problem"), Words):
        facts["problem"] = PROBLEM_WORDS.get(problem.message, problem)
    fault = Words(error.what, **facts)
    line = error.facts["line"]
    return translate("Line {line}: {fault}" if by_line else "{fault}", language, line=line, fault=fault)


def field_words(place: Sequence[str | int]) -> Words:
    """Name a place from the outside in: "The ladder, Rung 4, When". An unknown name stays as it is."""
    labels = []
    for depth, part in enumerate(place):
        if part not in _CONTAINERS or depth == len(place) - 1:
            labels.append(_label(str(place[depth - 1]) if depth else "", part))
    return Words("{all}", all=labels or [_("The template")])


def change_words(field: str) -> Words:
    return field_words(field.split("."))


def change_sides(
    change: FieldDifference, language: str, *, hours: bool, names: Mapping[str, str]
) -> tuple[list[ValueLine], list[ValueLine]]:
    """Return the lines of a field before and after; of a ladder only the rungs that differ.

    `hours`: rungs count in hours. `names`: of units, by their codes.
    """
    if change.field in ("ladder", "ladder.rungs"):
        return _ladder_sides(change, language, hours=hours)
    before, after = (
        value_words(change.field, value, language, names).split("\n") for value in (change.before, change.after)
    )
    return _compare(before, after), _compare(after, before)


def _ladder_sides(change: FieldDifference, language: str, *, hours: bool) -> tuple[list[ValueLine], list[ValueLine]]:
    ladders = ["default" if ladder is None else ladder for ladder in (change.before, change.after)]
    old_name, new_name = (first_up(_ladder_name(ladder, language)) for ladder in ladders)
    old_rungs, new_rungs = (_rung_lines(ladder, language, hours=hours) for ladder in ladders)
    removed = [rung for rung in old_rungs if rung not in new_rungs]
    added = [rung for rung in new_rungs if rung not in old_rungs]
    return _compare([old_name, *removed], [new_name]), _compare([new_name, *added], [old_name])


def _compare(lines: Sequence[str], others: Sequence[str]) -> list[ValueLine]:
    """Mark the lines that the other version does not have. A step whose number alone changed is not marked."""
    known = {_NUMBER.sub("", line) for line in others}
    return [ValueLine(line, _NUMBER.sub("", line) not in known) for line in lines]


def content_words(spec: TemplateSpec, language: str, names: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return the label and the words of each field that a template fills. `names`: of units, by their codes."""
    data = spec_data(spec)
    data |= {"deadline": data.get("deadline") or spec.deadline.rule, "ladder": data.get("ladder") or "default"}
    content: list[tuple[str, str]] = []
    for field, label in FIELD_WORDS.items():
        if field == "ladder":
            lines = _rung_lines(data[field], language, hours=spec.rungs.clock == "hours")
            content.append((label, "\n".join([first_up(_ladder_name(data[field], language)), *lines])))
        elif field not in ("title", "parent") and data.get(field) not in (None, [], {}, ""):
            content.append((label, value_words(field, data[field], language, names)))
    return content


def unit_codes(spec: TemplateSpec) -> set[str]:
    """Return the codes of all units that a template names."""
    codes = {spec.reports_to, spec.authority}
    for audience in (spec.audience, spec.coordinating):
        if audience is not None:
            codes.update(audience.excluding)
            for selector in audience.any:
                codes.update([selector.parent, *selector.named])
    return {code for code in codes if code}


def _ladder_name(ladder: object, language: str) -> str:
    return translate(_MEANINGS["ladder"].get(str(ladder), _OWN_LADDER), language)


def program_ladders(language: str) -> list[tuple[str, list[str]]]:
    """Return each ladder of the program with its rungs and their recipients."""
    return [
        (first_up(_ladder_name(name, language)), _rung_lines(name, language, hours=spec.clock == "hours"))
        for name, spec in LADDERS.items()
    ]


def _rung_lines(ladder: object, language: str, *, hours: bool) -> list[str]:
    """Return a line for each rung. `ladder`: the name of one of the program, its data, or a list of rungs."""
    if isinstance(ladder, str):
        ladder = LADDERS[ladder].model_dump(mode="json")
    rungs = ladder.get("rungs", []) if isinstance(ladder, dict) else ladder
    if not isinstance(rungs, list):
        return []
    return [_rung_line(rung, language, hours=hours) for rung in rungs]


def _rung_line(rung: Mapping[str, Any], language: str, *, hours: bool) -> str:
    words = translate(rung_words(f"{rung['rung']}@{rung['at']}", hours=hours), language)
    return f"{first_up(words)} → {_value('to', rung['to'], language, '; ', {})}"


def value_words(field: str, value: object, language: str, names: Mapping[str, str]) -> str:
    """Write a field's value for an editor: choices in words, lists and parts each on a line."""
    return _value(field.rpartition(".")[2], value, language, "\n", names)


def _label(above: str, part: str | int) -> str:
    if isinstance(part, int):
        return Words(_NUMBERED.get(above, "{number}"), number=part + 1)
    if above == "sends":
        return Words(_("Sent by: {kind}"), kind=_MEANINGS["kind"].get(part, part))
    return (INNER_WORDS if above else FIELD_WORDS).get(part, Words("{name}", name=part))


def _value(name: str, value: object, language: str, separator: str, names: Mapping[str, str]) -> str:
    if value is None or value in ([], {}, ""):
        return "–"
    if isinstance(value, dict):
        return separator.join(_parts(name, value, language, names))
    if isinstance(value, list):
        return _list(name, value, language, names)
    if isinstance(value, bool):
        return translate(_("yes") if value else _("no"), language)
    if name == "on":
        return write_date(date.fromisoformat(str(value)))
    if name in _UNIT_FIELDS:
        return names.get(str(value), str(value))
    meaning = _MEANINGS.get(name, {}).get(value)
    return translate(meaning, language) if meaning else str(value)


def _parts(name: str, value: Mapping[str, object], language: str, names: Mapping[str, str]) -> Iterator[str]:
    for key, part in value.items():
        if part in (None, [], "", False):
            continue
        words = _value(key, part, language, "; ", names)
        yield words if key in _SAYS_ENOUGH else f"{translate(_label(name, key), language)}: {words}"


def _list(name: str, values: Sequence[object], language: str, names: Mapping[str, str]) -> str:
    items = [_value(name, value, language, "; ", names) for value in values]
    if name in _SHORT_LISTS:
        return ", ".join(items)
    if len(items) == 1:
        return items[0]
    return "\n".join(f"{number}. {item}" for number, item in enumerate(items, 1))
