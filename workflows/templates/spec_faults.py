"""Turn a validator's errors into faults that a person can correct: file, line, field, wrong value, possible values."""

import difflib
import reprlib
from collections.abc import Iterable, Sequence
from typing import Any

from pydantic import BaseModel, ValidationError

from models.errors import BadInput
from models.i18n import Words, _
from models.text.faults import fault_words, listed
from workflows.templates.yaml_lines import YamlFile

_MISSING = _("{field} is missing")
_UNKNOWN_FIELD = _("{field} is no field; known here or nearby: {right}")
_NOT_ONE_OF = _("{field}: {value} is unknown; expected {right}")
_NO_DATE = _("{field}: {value} is not a date of the calendar; write it as YYYY-MM-DD")
_NO_TEXT = _("{field}: {value} is not text; put it in quotes")
_WRONG = _("{field}: {value} is wrong: {problem}")
_WRONG_WHOLE = _("{field}: {problem}")  # of a group of fields, which would be long to repeat
Place = tuple[str | int, ...]
_SHORT = reprlib.Repr()
_SHORT.maxstring, _SHORT.maxother, _SHORT.maxlevel = 80, 60, 2


def shorten(value: object) -> str:
    """Return a value as an error shows it. Long or nested values are shortened."""
    return _SHORT.repr(value)


def field_name(file: YamlFile, loc: Sequence[str | int]) -> str:
    """Return a name such as "templates[2.a].deadline.on". List items have their duty, or their position from 1."""
    name, value = "", file.data
    for part in loc:
        try:
            value = value[part]
        except (KeyError, IndexError, TypeError):
            value = None
        if isinstance(part, int):
            duty = value.get("duty") if isinstance(value, dict) else None
            name += f"[{duty if isinstance(duty, str) else part + 1}]"
        else:
            name += f".{part}" if name else part
    return name


class SpecFault(BadInput):
    """A fault at a place in a file. `what` is a message id with a {field}, and `given` its other values.

    Files and programs get the field's own name. A form translates `what` with the label of the field instead.
    """

    def __init__(self, file: YamlFile, line: int, place: Place, what: str, /, **facts: object) -> None:
        field = field_name(file, place) or _("the file")
        self.place, self.what, self.given = place, what, facts
        words = Words(what, field=field, **facts)
        super().__init__("{file}, line {line}: {fault}", file=file.path.name, line=line, field=field, fault=words)


def fault(file: YamlFile, loc: Sequence[str | int], message: str, **facts: object) -> SpecFault:
    line, place = file.locate(loc)
    return SpecFault(file, line, place, message, **facts)


def spec_faults(file: YamlFile, error: ValidationError, models: Iterable[type[BaseModel]]) -> list[SpecFault]:
    """Return a fault for each error, by line. For an unknown field it suggests names of fields of `models`."""
    known = sorted({name for model in models for name in model.model_fields})
    errors = [entry for entry in error.errors() if not _is_other_member(entry)]
    faults = [_describe(file, entry, known) for entry in errors]
    return sorted(faults, key=lambda fault: int(str(fault.facts["line"])))


def _is_other_member(entry: Any) -> bool:
    """Return whether an error is about a union's member that was not written. Pydantic reports every member."""
    last = str(entry["loc"][-1]) if entry["loc"] else ""
    wrote_mapping = isinstance(entry["input"], dict)
    return (last.startswith("literal[") and wrote_mapping) or (last == "LadderSpec" and not wrote_mapping)


def _describe(file: YamlFile, entry: Any, known: list[str]) -> SpecFault:
    kind, loc, context, given = entry["type"], entry["loc"], entry.get("ctx", {}), entry["input"]
    line, place = file.locate(loc)

    def fault_at(place: Place, message: str, **facts: object) -> SpecFault:
        return SpecFault(file, line, place, message, **facts)

    if kind == "missing":
        return fault_at((*place, loc[-1]), _MISSING)
    if kind == "union_tag_not_found":
        return fault_at((*place, context["discriminator"].strip("'")), _MISSING)
    if kind == "extra_forbidden":
        near = difflib.get_close_matches(str(loc[-1]), known, n=3, cutoff=0.5) or known
        return fault_at(place, _UNKNOWN_FIELD, right=", ".join(near))
    value = shorten(given)
    if kind in ("enum", "literal_error"):
        return fault_at(place, _NOT_ONE_OF, value=value, right=listed(context["expected"]))
    if kind == "union_tag_invalid":
        return fault_at(place, _NOT_ONE_OF, value=shorten(context["tag"]), right=listed(context["expected_tags"]))
    if kind.startswith("date"):
        return fault_at(place, _NO_DATE, value=value)
    if kind == "string_type":
        return fault_at(place, _NO_TEXT, value=value)
    if isinstance(given, dict | list) or given == "":
        return fault_at(place, _WRONG_WHOLE, problem=fault_words(entry))
    return fault_at(place, _WRONG, value=value, problem=fault_words(entry))
