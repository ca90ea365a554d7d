"""The fields of a template's form that name units: shown by name, typed by name or code, kept by code."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence

from sqlmodel import Session

from models.errors import DondocError
from models.organization.register_reads import resolve_unit, unit_names
from web.admin.form_fields import Fields, joined, split_list

_SINGLE, _SEVERAL = ("reports_to", "authority"), ("named", "excluding")


class UnitFields:
    """Translates between the codes of units and the names that a form shows. It makes one query.

    A name that two units share is not used: these are shown by code.
    """

    def __init__(self, session: Session, shown: Mapping[str, list[str]]) -> None:
        codes = {part for field, values in shown.items() if _names_units(field) for part in _parts(field, values)}
        self._shown = shown
        names = unit_names(session, codes)
        uses = Counter(names.values())
        self._names = {code: name for code, name in names.items() if uses[name] == 1}
        self._codes = {name: code for code, name in self._names.items()}

    def with_names(self, field: str, value: str) -> str:
        """Return the value of a field as the form shows it."""
        if not value or not _names_units(field):
            return value
        return _joined(field, [self._names.get(code, code) for code in _parts(field, [value])])

    def with_codes(self, session: Session, fields: Fields) -> tuple[Fields, list[tuple[str, DondocError]]]:
        """Replace names by codes, and return the faults by field. A unit that nobody changed is not looked up."""
        coded: Fields = dict(fields)
        faults: list[tuple[str, DondocError]] = []
        for field, values in fields.items():
            if not _names_units(field) or not any(values):
                continue
            shown_codes = list(_parts(field, self._shown.get(field, [])))
            parts = []
            for part in _parts(field, values):
                try:
                    parts.append(self._code(session, part, shown_codes))
                except DondocError as error:
                    faults.append((field, error))
                    parts.append(part)
            coded[field] = [_joined(field, parts)]
        return coded, faults

    def _code(self, session: Session, part: str, shown_codes: Collection[str]) -> str:
        if part in shown_codes:
            return part
        code = self._codes.get(part)
        if code is not None and code in shown_codes:
            return code
        return resolve_unit(session, part).code


def place_of(name: str) -> tuple[str | int, ...]:
    """Return the place in a template of a field that names units."""
    prefix, _dash, rest = name.partition("-")
    audience = {"who": "audience", "with": "coordinating"}.get(prefix)
    if audience is None:
        return (name,)
    number, _dash, last = rest.partition("-")
    return (audience, "any", int(number), last) if last else (audience, rest)


def _names_units(name: str) -> bool:
    last = name.rpartition("-")[2]
    return name in _SINGLE or (name.startswith(("who-", "with-")) and (last == "parent" or last in _SEVERAL))


def _joined(name: str, parts: Sequence[str]) -> str:
    return joined(parts) if name.endswith(_SEVERAL) else "".join(parts)


def _parts(name: str, values: Collection[str]) -> Iterator[str]:
    """Yield the units of a field. A field for one unit is not split, as a name may contain a comma."""
    for value in values:
        if name.endswith(_SEVERAL):
            yield from split_list(value)
        elif value:
            yield value
