"""The flat fields of a form: what a browser sends, and single values and rows of it."""

from collections.abc import Iterable, Mapping
from typing import Any

from starlette.datastructures import FormData

from web.request.given_values import single_value, whole

Fields = dict[str, list[str]]
"""Values by field name, as a browser sends them: several for a group of boxes, none for a box left empty."""


class AskedFields(dict[str, list[str]]):
    """Fields that remember which of them were asked for."""

    def __init__(self, fields: Mapping[str, list[str]]) -> None:
        super().__init__(fields)
        self.names: set[str] = set()

    def get(self, name: str, otherwise: Any = None) -> Any:
        self.names.add(name)
        return super().get(name, otherwise)


def posted_fields(form: FormData) -> Fields:
    """Return what a browser sent, the line ends of text areas made plain."""
    found: Fields = {}
    for name, value in form.multi_items():
        if isinstance(value, str):
            found.setdefault(name, []).append(value.replace("\r\n", "\n").strip())
    return found


def one(fields: Mapping[str, list[str]], name: str) -> str:
    """Return a field's single value; "" where it is not there. BadInput where it was sent several times."""
    return next(iter(single_value(name, fields.get(name, ()))), "")


def rows(fields: Mapping[str, list[str]], prefix: str, spare: int) -> range:
    """Return the rows of a group such as rung-0, rung-1 …, filled ones and spare ones."""
    filled = [
        number
        for name in fields
        for number in [whole(name.removeprefix(prefix).partition("-")[0])]
        if name.startswith(prefix) and number is not None and any(fields[name])
    ]
    return range(min(max(filled, default=-1) + 1 + spare, 60))


def number_or_text(text: str) -> int | str:
    """Return a whole number; what is none stays text, for the check to name it."""
    sign, digits = text[:1], text.lstrip("+-−")
    number = whole(digits)
    return text if number is None else -number if sign in "-−" else number


def joined(values: Iterable[str]) -> str:
    """Return values in a row: with commas, or with semicolons where a name has a comma itself."""
    listed = list(values)
    return "; ".join([*listed, ""]).rstrip() if any("," in one for one in listed) else ", ".join(listed)


def split_list(text: str) -> list[str]:
    """Return the values of such a row."""
    return [part for part in (piece.strip() for piece in text.split(";" if ";" in text else ",")) if part]
