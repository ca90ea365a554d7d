"""From a validator's errors to faults a person can mend: file, line, field, the wrong value, what would be right."""

import difflib
import reprlib
from collections.abc import Iterable, Sequence
from typing import Any

from pydantic import BaseModel, ValidationError

from models.errors import BadInput
from models.faults import fault_words, listed
from models.i18n import _
from workflows.yaml_lines import YamlFile

_MISSING = _("{file}, line {line}: {field} is missing")
_UNKNOWN_FIELD = _("{file}, line {line}: {field} is no field; known here or nearby: {right}")
_NOT_ONE_OF = _("{file}, line {line}: {field}: {value} is unknown; right would be {right}")
_NO_DATE = _("{file}, line {line}: {field}: {value} is not a date of the calendar; write it as YYYY-MM-DD")
_NO_TEXT = _("{file}, line {line}: {field}: {value} is not text; put it in quotes")
_WRONG = _("{file}, line {line}: {field}: {value} is wrong: {problem}")
_SHORT = reprlib.Repr()
_SHORT.maxstring, _SHORT.maxother, _SHORT.maxlevel = 80, 60, 2


def shorten(value: object) -> str:
    """A value as an error shows it; long or nested ones are clipped."""
    return _SHORT.repr(value)


def field_name(file: YamlFile, loc: Sequence[str | int]) -> str:
    """ "templates[2.a].deadline.on": list items by their duty where they have one, else by position from 1."""
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


def fault(file: YamlFile, loc: Sequence[str | int], message: str, **facts: object) -> BadInput:
    """A fault at a place of the file; `message` has {file}, {line} and {field}."""
    line, found = file.locate(loc)
    return BadInput(message, file=file.path.name, line=line, field=field_name(file, found), **facts)


def spec_faults(file: YamlFile, error: ValidationError, models: Iterable[type[BaseModel]]) -> list[BadInput]:
    """One fault per error, in the order of lines; `models` give the field names to suggest for unknown ones."""
    known = sorted({name for model in models for name in model.model_fields})
    errors = [entry for entry in error.errors() if not _is_other_member(entry)]
    faults = [_describe(file, entry, known) for entry in errors]
    return sorted(faults, key=lambda bad: int(str(bad.facts["line"])))


def _is_other_member(entry: Any) -> bool:
    """A union reports every member; keep the one that fits the shape of what was written."""
    last = str(entry["loc"][-1]) if entry["loc"] else ""
    wrote_mapping = isinstance(entry["input"], dict)
    return (last.startswith("literal[") and wrote_mapping) or (last == "LadderSpec" and not wrote_mapping)


def _describe(file: YamlFile, entry: Any, known: list[str]) -> BadInput:
    kind, loc, context = entry["type"], entry["loc"], entry.get("ctx", {})
    line, found = file.locate(loc)
    facts: dict[str, object] = {"file": file.path.name, "line": line, "field": field_name(file, found) or "the file"}
    value = shorten(entry["input"])
    if kind == "missing":
        return BadInput(_MISSING, **facts | {"field": field_name(file, (*found, loc[-1]))})
    if kind == "union_tag_not_found":
        return BadInput(_MISSING, **facts | {"field": f"{facts['field']}.{context['discriminator'].strip(chr(39))}"})
    if kind == "extra_forbidden":
        near = difflib.get_close_matches(str(loc[-1]), known, n=3, cutoff=0.5) or known
        return BadInput(_UNKNOWN_FIELD, **facts, right=", ".join(near))
    if kind in ("enum", "literal_error"):
        return BadInput(_NOT_ONE_OF, **facts, value=value, right=listed(context["expected"]))
    if kind == "union_tag_invalid":
        return BadInput(_NOT_ONE_OF, **facts, value=shorten(context["tag"]), right=listed(context["expected_tags"]))
    if kind.startswith("date"):
        return BadInput(_NO_DATE, **facts, value=value)
    if kind == "string_type":
        return BadInput(_NO_TEXT, **facts, value=value)
    return BadInput(_WRONG, **facts, value=value, problem=fault_words(entry))
