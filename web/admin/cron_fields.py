"""When something happens, as fields of a form: a time and weekdays first, an expression for what these do not say."""

from collections.abc import Mapping
from datetime import date, time

from models.text.cron import WeeklyTime, read_weekly
from web.admin.form_fields import Fields, one

WEEKDAYS = tuple((number, date(2024, 1, number)) for number in range(1, 8))
"""The numbers of weekdays, and a day of each: 1 January 2024 is a Monday."""


def cron_fields(cron: str | None, name: str) -> Fields:
    """Return an expression as the form shows it. `name`: of the field that has it, if it is more than a weekly time."""
    if not cron:
        return {"leaves": ["usual"]}
    weekly = read_weekly(cron)
    if weekly is None:
        return {"leaves": ["cron"], name: [cron]}
    days = [str(day) for day in weekly.weekdays]
    return {"leaves": ["weekly"], "leaves_at": [f"{weekly.hour:02d}:{weekly.minute:02d}"], "leaves_on": days}


def cron_of(fields: Mapping[str, list[str]], name: str) -> str:
    """Return the expression that the fields make; "" for the usual time, and where the weekly one is not said."""
    if one(fields, "leaves") in ("", "cron"):
        return one(fields, name)
    at, days = _at(fields), _days(fields)
    return WeeklyTime(at.hour, at.minute, days).cron if at and days and one(fields, "leaves") == "weekly" else ""


def unsaid_field(fields: Mapping[str, list[str]], name: str) -> str:
    """Return the field of the chosen kind of time that does not say it; "" where all do."""
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
