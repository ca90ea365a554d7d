"""A template in the words of its form: what a field is called, what its value means, what is wrong with it."""

import re
from collections.abc import Mapping, Sequence
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
"""What these hold says enough, as the name of a field."""
_SAYS_ENOUGH = ("any", "rungs", "named")
"""What these hold says enough, as a value in words."""
_SHORT_LISTS = ("tags", "named", "excluding", "to")
_OF_UNITS = ("named", "excluding", "parent", "reports_to", "authority")
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
"""What values mean, by the field that has them."""


@dataclass(frozen=True)
class ValueLine:
    """A line of a field's value, and whether the other version lacks it."""

    text: str
    is_changed: bool


def tell_fault(error: DondocError, language: str, *, by_line: bool, place: Sequence[str | int] | None = None) -> str:
    """By the labels of the form, with its line where it is a file's.

    `place`: where it stands in the form, if rows are counted in another way there.
    """
    if not isinstance(error, SpecFault):
        return error.tell(language)
    facts = error.given | {"field": field_words(error.place if place is None else place)}
    if isinstance(problem := facts.get("problem"), Words):
        facts["problem"] = PROBLEM_WORDS.get(problem.message, problem)
    told = Words(error.what, **facts)
    line = error.facts["line"]
    return translate("Line {line}: {fault}" if by_line else "{fault}", language, line=line, fault=told)


def field_words(place: Sequence[str | int]) -> Words:
    """From the outside in: "The ladder, Rung 4, When". A name that is none stays as it is."""
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
    """What stood before and what stands after, line by line; of a ladder the rungs that differ.

    `hours`: rungs count in hours. `names`: of units, by their codes.
    """
    if change.field not in ("ladder", "ladder.rungs"):
        before, after = (
            value_words(change.field, value, language, names).split("\n") for value in (change.before, change.after)
        )
        return _marked(before, after), _marked(after, before)
    sides = ["default" if side is None else side for side in (change.before, change.after)]  # left out: the usual one
    heads = [first_up(_ladder_name(side, language)) for side in sides]
    old, new = (_rung_lines(side, language, hours) for side in sides)
    return _marked([heads[0], *_beside(old, new)], heads[1:]), _marked([heads[1], *_beside(new, old)], heads[:1])


def _beside(lines: Sequence[str], others: Sequence[str]) -> list[str]:
    return [line for line in lines if line not in others]


def _marked(lines: Sequence[str], others: Sequence[str]) -> list[ValueLine]:
    """A step that only its number moved is the same."""
    known = {_NUMBER.sub("", line) for line in others}
    return [ValueLine(line, _NUMBER.sub("", line) not in known) for line in lines]


def content_words(spec: TemplateSpec, language: str, names: Mapping[str, str]) -> list[tuple[str, str]]:
    data = spec_data(spec)
    data |= {"deadline": data.get("deadline") or spec.deadline.rule, "ladder": data.get("ladder") or "default"}
    found: list[tuple[str, str]] = []
    for field, label in FIELD_WORDS.items():
        if field == "ladder":
            lines = _rung_lines(data[field], language, spec.rungs.clock == "hours")
            found.append((label, "\n".join([first_up(_ladder_name(data[field], language)), *lines])))
        elif field not in ("title", "parent") and data.get(field) not in (None, [], {}, ""):
            found.append((label, value_words(field, data[field], language, names)))
    return found


def unit_codes(spec: TemplateSpec) -> set[str]:
    rows = [row for audience in (spec.audience, spec.coordinating) if audience for row in audience.any]
    excluded = [code for audience in (spec.audience, spec.coordinating) if audience for code in audience.excluding]
    single = [spec.reports_to, spec.authority, *(row.parent for row in rows)]
    return {code for code in (*single, *excluded, *(code for row in rows for code in row.named)) if code}


def _ladder_name(ladder: object, language: str) -> str:
    return translate(_MEANINGS["ladder"].get(str(ladder), _OWN_LADDER), language)


def program_ladders(language: str) -> list[tuple[str, list[str]]]:
    """Each with its rungs and whom they tell."""
    return [
        (first_up(_ladder_name(name, language)), _rung_lines(name, language, spec.clock == "hours"))
        for name, spec in LADDERS.items()
    ]


def _rung_lines(ladder: object, language: str, hours: bool) -> list[str]:
    if isinstance(ladder, str):
        ladder = LADDERS[ladder].model_dump(mode="json")
    rungs = ladder.get("rungs", []) if isinstance(ladder, dict) else ladder
    return [_rung_line(rung, language, hours) for rung in (rungs if isinstance(rungs, list) else [])]


def _rung_line(rung: Mapping[str, Any], language: str, hours: bool) -> str:
    words = translate(rung_words(f"{rung['rung']}@{rung['at']}", hours=hours), language)
    return f"{first_up(words)} → {_told('to', rung['to'], language, '; ', {})}"


def value_words(field: str, value: object, language: str, names: Mapping[str, str]) -> str:
    """As an editor reads it: choices in words, lists and what has parts line by line."""
    return _told(field.rpartition(".")[2], value, language, "\n", names)


def _label(above: str, part: str | int) -> str:
    if isinstance(part, int):
        return Words(_NUMBERED.get(above, "{number}"), number=part + 1)
    if above == "sends":
        return Words(_("Sent by: {kind}"), kind=_MEANINGS["kind"].get(part, part))
    return (INNER_WORDS if above else FIELD_WORDS).get(part, Words("{name}", name=part))


def _told(name: str, value: object, language: str, between: str, names: Mapping[str, str]) -> str:
    if value is None or value in ([], {}, ""):
        return "–"
    if isinstance(value, dict):
        parts = {key: one for key, one in value.items() if one not in (None, [], "", False)}
        told = [(key, _told(key, one, language, "; ", names)) for key, one in parts.items()]
        return between.join(
            one if key in _SAYS_ENOUGH else f"{translate(_label(name, key), language)}: {one}" for key, one in told
        )
    if isinstance(value, list):
        told_each = [_told(name, one, language, "; ", names) for one in value]
        if name in _SHORT_LISTS:
            return ", ".join(told_each)
        if len(told_each) == 1:
            return told_each[0]
        return "\n".join(f"{number}. {one}" for number, one in enumerate(told_each, 1))
    if isinstance(value, bool):
        return translate(_("yes") if value else _("no"), language)
    if name == "on":
        return write_date(date.fromisoformat(str(value)))
    if name in _OF_UNITS:
        return names.get(str(value), str(value))
    meaning = _MEANINGS.get(name, {}).get(value)
    return translate(meaning, language) if meaning else str(value)
