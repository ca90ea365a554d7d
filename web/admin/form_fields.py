"""Flat fields of a form as a browser sends them: single values, rows of a group, and fields for a weekly time."""

from collections.abc import Iterable, Mapping
from datetime import date, time
from typing import Any

from starlette.datastructures import FormData

from models.text.cron import WeeklyTime, read_weekly
from web.request.given_values import int_or_none, single_value

MOST_ROWS = 60
Fields = dict[str, list[str]]
"""Values by field name. A group of boxes has several values, an empty box has none."""


class TracedFields(dict[str, list[str]]):
    """Fields that remember which of their names were read."""

    def __init__(self, fields: Mapping[str, list[str]]) -> None:
        super().__init__(fields)
        self.names_read: set[str] = set()

    def get(self, name: str, default: Any = None) -> Any:
        self.names_read.add(name)
        return super().get(name, default)


def posted_fields(form: FormData) -> Fields:
    """Return the text fields of a form, with plain line ends."""
    fields: Fields = {}
    for name, value in form.multi_items():
        if isinstance(value, str):
            fields.setdefault(name, []).append(value.replace("\r\n", "\n").strip())
    return fields


def field_text(fields: Mapping[str, list[str]], name: str) -> str:
    """Return a field's single value, or "" if it is missing. BadInput if it was sent several times."""
    return next(iter(single_value(name, fields.get(name, ()))), "")


def rows(fields: Mapping[str, list[str]], prefix: str, spare: int) -> range:
    """Return the numbers of a group's rows, such as rung-0, rung-1: up to the last filled one, and spare ones."""
    last = -1
    for name in fields:
        if name.startswith(prefix) and any(fields[name]):
            number = int_or_none(name.removeprefix(prefix).partition("-")[0])
            last = last if number is None else max(last, number)
    return range(min(last + 1 + spare, MOST_ROWS))


def number_or_text(text: str) -> int | str:
    """Return a whole number; any other text as it is, so that the check can quote it."""
    number = int_or_none(text.lstrip("+-−"))
    if number is None:
        return text
    return -number if text[:1] in "-−" else number


def joined(values: Iterable[str]) -> str:
    """Join with commas; with semicolons, also at the end, if a value contains a comma."""
    listed = list(values)
    if any("," in value for value in listed):
        return "; ".join([*listed, ""]).rstrip()
    return ", ".join(listed)


def split_list(text: str) -> list[str]:
    """Undo `joined`."""
    parts = text.split(";" if ";" in text else ",")
    return [part.strip() for part in parts if part.strip()]


WEEKDAYS = tuple((number, date(2024, 1, number)) for number in range(1, 8))
"""The numbers of weekdays, and a day of each: 1 January 2024 is a Monday."""


def cron_fields(cron: str | None, name: str) -> Fields:
    """Return the fields that show a cron expression. `name`: the field for one that is not a weekly time."""
    if not cron:
        return {"leaves": ["usual"]}
    weekly = read_weekly(cron)
    if weekly is None:
        return {"leaves": ["cron"], name: [cron]}
    days = [str(day) for day in weekly.weekdays]
    return {"leaves": ["weekly"], "leaves_at": [f"{weekly.hour:02d}:{weekly.minute:02d}"], "leaves_on": days}


def cron_of(fields: Mapping[str, list[str]], name: str) -> str:
    """Return the cron expression that the fields mean; "" for the usual time or an incomplete weekly one."""
    if field_text(fields, "leaves") in ("", "cron"):
        return field_text(fields, name)
    at, days = _time(fields), _weekdays(fields)
    if field_text(fields, "leaves") != "weekly" or at is None or not days:
        return ""
    return WeeklyTime(at.hour, at.minute, days).cron


def missing_time_field(fields: Mapping[str, list[str]], name: str) -> str:
    """Return the field that is still empty for the chosen kind of time, or "".

    `name`: the field of the cron expression.
    """
    kind = field_text(fields, "leaves")
    if kind == "weekly" and _time(fields) is None:
        return "leaves_at"
    if kind == "weekly" and not _weekdays(fields):
        return "leaves_on"
    return name if kind == "cron" and not field_text(fields, name) else ""


def _time(fields: Mapping[str, list[str]]) -> time | None:
    try:
        return time.fromisoformat(field_text(fields, "leaves_at"))
    except ValueError:
        return None


def _weekdays(fields: Mapping[str, list[str]]) -> tuple[int, ...]:
    return tuple(day for day in range(1, 8) if str(day) in fields.get("leaves_on", []))
