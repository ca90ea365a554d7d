"""Units in a template's form: shown by their names, typed by name or code, kept by code."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence

from sqlmodel import Session

from models.errors import DondocError
from models.organization.register_reads import resolve_unit, unit_names
from web.admin.form_fields import Fields, joined, split_list

_SINGLE, _SEVERAL = ("reports_to", "authority"), ("named", "excluding")


class NamedUnits:
    """The units that a form shows, by code and by name. One query."""

    def __init__(self, session: Session, shown: Mapping[str, list[str]]) -> None:
        written = {part for name, values in shown.items() if _is_of_units(name) for part in _parts(name, values)}
        self._shown = shown
        names = unit_names(session, written)
        called = Counter(names.values())
        self._names = {code: name for code, name in names.items() if called[name] == 1}
        self._codes = {name: code for code, name in self._names.items()}

    def named(self, name: str, value: str) -> str:
        if not value or not _is_of_units(name):
            return value
        return _together(name, [self._names.get(part, part) for part in _parts(name, [value])])

    def coded(self, session: Session, fields: Fields) -> tuple[Fields, list[tuple[str, DondocError]]]:
        """Put codes for names, and give by field what is no unit. What nobody changed stays as it is."""
        found: Fields = dict(fields)
        faults: list[tuple[str, DondocError]] = []
        for name, values in fields.items():
            if _is_of_units(name) and any(values):
                kept = list(_parts(name, self._shown.get(name, [])))
                parts = []
                for part in _parts(name, values):
                    try:
                        parts.append(self._code(session, part, kept))
                    except DondocError as error:
                        faults.append((name, error))
                        parts.append(part)
                found[name] = [_together(name, parts)]
        return found, faults

    def _code(self, session: Session, part: str, kept: Collection[str]) -> str:
        if part in kept or self._codes.get(part) in kept:
            return part if part in kept else self._codes[part]
        return resolve_unit(session, part).code


def place_of(name: str) -> tuple[str | int, ...]:
    """Where in a template a field with units stands."""
    prefix, _dash, rest = name.partition("-")
    audience = {"who": "audience", "with": "coordinating"}.get(prefix)
    if audience is None:
        return (name,)
    number, _dash, last = rest.partition("-")
    return (audience, "any", int(number), last) if last else (audience, rest)


def _is_of_units(name: str) -> bool:
    last = name.rpartition("-")[2]
    return name in _SINGLE or (name.startswith(("who-", "with-")) and (last == "parent" or last in _SEVERAL))


def _together(name: str, parts: Sequence[str]) -> str:
    return joined(parts) if name.endswith(_SEVERAL) else "".join(parts)


def _parts(name: str, values: Collection[str]) -> Iterator[str]:
    """Most fields have one unit, whose name may have a comma."""
    for value in values:
        yield from split_list(value) if name.endswith(_SEVERAL) else [value] if value else []
