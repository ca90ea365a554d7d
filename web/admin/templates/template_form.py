"""Converts a template to flat fields of a form, and such fields back to the template's data."""

from collections.abc import Iterator, Mapping
from typing import Any

from models.directives.ladders import LADDERS
from models.directives.template import AudienceRule, PeriodRule, TemplateSpec
from models.organization.unit import UnitKind
from web.admin.form_fields import (
    Fields,
    TracedFields,
    cron_fields,
    cron_of,
    field_text,
    joined,
    number_or_text,
    rows,
    split_list,
)
from web.admin.templates.ladder_form import ladder_data, ladder_fields
from web.request.given_values import int_or_none

SPARE_SELECTORS = 1
"""Empty rows below those that are filled."""
PERIOD_DAYS = ("data_start", "data_end", "opens", "compiled")
SENDERS = tuple(kind for kind in UnitKind if kind not in (UnitKind.POLICE, UnitKind.OTHER))
_DEADLINES = {
    "none": (),
    "fixed": ("on", "before", "move", "fixed_by"),
    "relative": ("amount", "unit", "since", "move", "fixed_by"),
    "vague": ("within", "move", "fixed_by"),
    "hours": ("hours",),
}
_IN_NO_FORM = frozenset(UnitKind) - set(SENDERS)
_PLAIN = ("title", "quote", "kind", "reports_to", "authority")
_NUMBERS = ("authority_working_days", "max_extension_days")


def spec_fields(spec: TemplateSpec) -> Fields:
    stored = spec.model_dump(mode="json")
    fields: Fields = {name: _texts(stored[name]) for name in (*_PLAIN, *_NUMBERS)}
    fields |= {"steps": ["\n".join(spec.steps)], "on_request": _box(spec.on_request)}
    fields |= {"description": [spec.result.description]}
    fields |= {name: _box(getattr(spec.result, name)) for name in ("classified_mail", "file_required")}
    fields |= _audience_fields("who", spec.audience)
    if spec.coordinating is not None:
        fields |= _audience_fields("with", spec.coordinating)
    deadline = stored["deadline"]
    fields["deadline"] = [deadline["rule"]]
    fields |= {name: _texts(deadline[name]) for name in _DEADLINES[deadline["rule"]]}
    if spec.period is not None:
        fields |= _period_fields(spec.period)
    return fields | ladder_fields(spec.ladder, spec.rungs) | cron_fields(spec.reminders, "reminders")


def blank_fields() -> Fields:
    fields: Fields = {"deadline": ["none"], "kind": ["one_off"]}
    return fields | ladder_fields("default", LADDERS["default"]) | cron_fields(None, "reminders")


def without_effect(fields: Mapping[str, list[str]], shown: Mapping[str, list[str]]) -> Iterator[tuple[str | int, ...]]:
    """Yield the places of fields that somebody filled in, but that have no effect with the other choices.

    `shown`: the fields as the form showed them. Deadlines are left out: the page hides the fields of other rules.
    """
    traced = TracedFields(fields)
    form_data(traced, {})
    for name, values in fields.items():
        place = _dependent_place(name)
        was_filled = any(values) and sorted(values) != sorted(shown.get(name, []))
        if place and was_filled and name not in traced.names_read:
            yield place


def form_data(
    fields: Mapping[str, list[str]], base: Mapping[str, Any], shown: Mapping[str, list[str]] | None = None
) -> dict[str, Any]:
    """Return the template data of a form. Wrong numbers stay text, so that the check names them.

    `base`: saved data that the form does not show. `shown`: the fields as the form showed them; recipients that nobody
    changed keep their order.
    """
    data = {name: base[name] for name in ("duty", "parent") if base.get(name) is not None}
    data |= {name: field_text(fields, name) for name in _PLAIN if field_text(fields, name)}
    data |= {name: number_or_text(field_text(fields, name)) for name in _NUMBERS if field_text(fields, name)}
    data["steps"] = [step for step in map(str.strip, field_text(fields, "steps").splitlines()) if step]
    if fields.get("on_request"):
        data["on_request"] = True
    data["result"] = {"description": field_text(fields, "description")}
    data["result"] |= {name: True for name in ("classified_mail", "file_required") if fields.get(name)}
    data["audience"] = _audience_data("who", fields) or {"any": []}
    if coordinating := _audience_data("with", fields):
        data["coordinating"] = coordinating
    if (rule := field_text(fields, "deadline")) not in ("", "none"):
        data["deadline"] = {"rule": rule} | _deadline_data(rule, fields)
    if field_text(fields, "every"):
        data["period"] = _period_data(fields, base.get("sends", {}))
    ladder = field_text(fields, "ladder")
    if ladder == "own":
        data["ladder"] = ladder_data(fields, shown or {})
    elif ladder not in ("", "default"):
        data["ladder"] = ladder
    if reminders := cron_of(fields, "reminders"):
        data["reminders"] = reminders
    return data


def base_data(saved: TemplateSpec | None, duty: str) -> dict[str, Any]:
    """Return the saved data that no field of the form shows."""
    data = saved.model_dump(mode="json") if saved is not None else {}
    sends = (data.get("period") or {}).get("sends", {})
    hidden_sends = {kind: day for kind, day in sends.items() if kind in _IN_NO_FORM}
    return {"parent": data.get("parent"), "duty": duty, "sends": hidden_sends}


def _audience_fields(prefix: str, rule: AudienceRule) -> Fields:
    fields: Fields = {f"{prefix}-excluding": [joined(rule.excluding)], f"{prefix}-says": [rule.says]}
    for number, selector in enumerate(rule.any):
        fields[f"{prefix}-{number}-kind"] = _texts(selector.kind.value if selector.kind else None)
        fields[f"{prefix}-{number}-parent"] = _texts(selector.parent)
        fields[f"{prefix}-{number}-tags"] = [joined(selector.tags)]
        fields[f"{prefix}-{number}-named"] = [joined(selector.named)]
    return fields


def audience_rows(prefix: str, fields: Mapping[str, list[str]]) -> list[int]:
    return [number for number in rows(fields, f"{prefix}-", 0) if _selector(f"{prefix}-{number}", fields)]


def _audience_data(prefix: str, fields: Mapping[str, list[str]]) -> dict[str, Any]:
    selectors = [_selector(f"{prefix}-{number}", fields) for number in audience_rows(prefix, fields)]
    excluding, says = split_list(field_text(fields, f"{prefix}-excluding")), field_text(fields, f"{prefix}-says")
    if not (selectors or excluding or says):
        return {}
    data: dict[str, Any] = {"any": selectors}
    if excluding:
        data["excluding"] = excluding
    if says:
        data["says"] = says
    return data


def _selector(row: str, fields: Mapping[str, list[str]]) -> dict[str, Any]:
    plain = {name: field_text(fields, f"{row}-{name}") for name in ("kind", "parent")}
    lists = {name: split_list(field_text(fields, f"{row}-{name}")) for name in ("tags", "named")}
    return {name: value for name, value in (plain | lists).items() if value}


def _deadline_data(rule: str, fields: Mapping[str, list[str]]) -> dict[str, Any]:
    data: dict[str, Any] = {}
    for name in _DEADLINES.get(rule, ()):
        if value := field_text(fields, name):
            data[name] = number_or_text(value) if name in ("amount", "hours") else value
    if "before" in data:
        data["before"] = True
    return data


def _period_fields(period: PeriodRule) -> Fields:
    fields: Fields = {"every": [period.every], "period_move": [period.move.value]}
    days = {name: getattr(period, name) for name in PERIOD_DAYS} | {
        f"sends-{kind.value}": day for kind, day in period.sends.items()
    }
    for name, day in days.items():
        if day is not None:
            fields[f"{name}-day"] = [str(day.day)]
            fields[f"{name}-before"] = [str(day.months_before or "")]
            fields[f"{name}-ends"] = _box(day.before)
    return fields


def _period_data(fields: Mapping[str, list[str]], hidden_sends: Mapping[str, Any]) -> dict[str, Any]:
    data: dict[str, Any] = {"every": field_text(fields, "every")}
    for name in PERIOD_DAYS:
        if day := _day_data(name, fields):
            data[name] = day
    sends = {kind.value: day for kind in SENDERS if (day := _day_data(f"sends-{kind.value}", fields))}
    data["sends"] = sends | dict(hidden_sends)
    if move := field_text(fields, "period_move"):
        data["move"] = move
    return data


def _day_data(name: str, fields: Mapping[str, list[str]]) -> dict[str, Any]:
    day, months_before = field_text(fields, f"{name}-day"), field_text(fields, f"{name}-before")
    ends_before = bool(fields.get(f"{name}-ends"))
    if not (day or months_before or ends_before):
        return {}
    data: dict[str, Any] = {"day": number_or_text(day)}
    if months_before:
        data["months_before"] = number_or_text(months_before)
    if ends_before:
        data["before"] = True
    return data


def _dependent_place(name: str) -> tuple[str | int, ...]:
    """Return the place of a field that has an effect only with another choice; () for any other field."""
    part, _dash, rest = name.partition("-")
    number = int_or_none(rest)
    if part in ("at", "to") and number is not None:
        return ("ladder", "rungs", number, part)
    if name == "period_move":
        return ("period", "move")
    inner = {"day": "day", "before": "months_before", "ends": "before"}.get(name.rpartition("-")[2])
    if inner and part == "sends":
        return ("period", "sends", rest.rpartition("-")[0], inner)
    return ("period", part, inner) if inner and part in PERIOD_DAYS else ()


def _texts(value: object) -> list[str]:
    if value is None or value is False:
        return []
    return ["on" if value is True else str(value)]


def _box(checked: bool) -> list[str]:
    return ["on"] if checked else []
