"""The flat fields of a form: what a browser sends, single values and rows of it, and when something happens."""

from collections.abc import Iterable, Mapping
from datetime import date, time
from typing import Any

from starlette.datastructures import FormData

from models.text.cron import WeeklyTime, read_weekly
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
    """The line ends of text areas are made plain."""
    found: Fields = {}
    for name, value in form.multi_items():
        if isinstance(value, str):
            found.setdefault(name, []).append(value.replace("\r\n", "\n").strip())
    return found


def one(fields: Mapping[str, list[str]], name: str) -> str:
    """A field's single value; "" where it is not there. BadInput where it was sent several times."""
    return next(iter(single_value(name, fields.get(name, ()))), "")


def rows(fields: Mapping[str, list[str]], prefix: str, spare: int) -> range:
    """The rows of a group such as rung-0, rung-1 …, filled ones and spare ones."""
    filled = [
        number
        for name in fields
        for number in [whole(name.removeprefix(prefix).partition("-")[0])]
        if name.startswith(prefix) and number is not None and any(fields[name])
    ]
    return range(min(max(filled, default=-1) + 1 + spare, 60))


def number_or_text(text: str) -> int | str:
    """What is no whole number stays text, for the check to name it."""
    sign, digits = text[:1], text.lstrip("+-−")
    number = whole(digits)
    return text if number is None else -number if sign in "-−" else number


def joined(values: Iterable[str]) -> str:
    """With commas, or with semicolons where a name has a comma itself."""
    listed = list(values)
    return "; ".join([*listed, ""]).rstrip() if any("," in one for one in listed) else ", ".join(listed)


def split_list(text: str) -> list[str]:
    """Undo `joined`."""
    return [part for part in (piece.strip() for piece in text.split(";" if ";" in text else ",")) if part]


WEEKDAYS = tuple((number, date(2024, 1, number)) for number in range(1, 8))
"""The numbers of weekdays, and a day of each: 1 January 2024 is a Monday."""


def cron_fields(cron: str | None, name: str) -> Fields:
    """As the form shows it. `name`: of the field that has it, if it is more than a weekly time."""
    if not cron:
        return {"leaves": ["usual"]}
    weekly = read_weekly(cron)
    if weekly is None:
        return {"leaves": ["cron"], name: [cron]}
    days = [str(day) for day in weekly.weekdays]
    return {"leaves": ["weekly"], "leaves_at": [f"{weekly.hour:02d}:{weekly.minute:02d}"], "leaves_on": days}


def cron_of(fields: Mapping[str, list[str]], name: str) -> str:
    """ "" for the usual time, and where the weekly one is not said."""
    if one(fields, "leaves") in ("", "cron"):
        return one(fields, name)
    at, days = _at(fields), _days(fields)
    return WeeklyTime(at.hour, at.minute, days).cron if at and days and one(fields, "leaves") == "weekly" else ""


def unsaid_field(fields: Mapping[str, list[str]], name: str) -> str:
    """The field that the chosen kind of time lacks; "" where it lacks none."""
    rule = one(fields, "leaves")
    if rule == "weekly":
        return "leaves_at" if _at(fields) is None else "" if _days(fields) else "leaves_on"
    return name if rule == "cron" and not one(fields, name) else ""


def _at(fields: Mapping[str, list[str]]) -> time | None:
    try:
        return time.fromisoformat(one(fields, "leaves_at"))
    except ValueError:
        return None


def _days(fields: Mapping[str, list[str]]) -> tuple[int, ...]:
    return tuple(day for day in range(1, 8) if str(day) in fields.get("leaves_on", []))
