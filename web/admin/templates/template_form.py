"""The form beside a template's YAML: the same truth as flat fields, there and back."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from starlette.datastructures import FormData

from models.directives.template import AudienceRule, LadderSpec, PeriodRule, TemplateSpec
from models.organization.unit import UnitKind
from web.request.numbers import whole
from web.request.single_value import single_value
from workflows.templates.yaml_lines import YamlFile

Fields = dict[str, list[str]]
"""Values by field name, as a browser sends them: several for a group of boxes, none for a box left empty."""
SPARE_SELECTORS, SPARE_RUNGS = 1, 2
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
_PLAIN = ("title", "quote", "kind", "reports_to", "authority", "reminders")
_NUMBERS = ("authority_working_days", "max_extension_days")


class _Asked(dict[str, list[str]]):
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


def spec_fields(spec: TemplateSpec) -> Fields:
    """Return a specification as the form shows it."""
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
    return fields | _ladder_fields(spec.ladder, spec.rungs)


def blank_fields() -> Fields:
    """Return the form of a duty without a template."""
    return {"deadline": ["none"], "ladder": ["default"], "kind": ["one_off"]}


def without_effect(fields: Mapping[str, list[str]], shown: Mapping[str, list[str]]) -> Iterator[tuple[str | int, ...]]:
    """Give the places of fields that somebody filled in and that count for nothing as the rest is chosen.

    `shown`: what the form showed. Dates are left out: the page hides the fields of another rule.
    """
    asked = _Asked(fields)
    form_data(asked, {})
    for name, values in fields.items():
        place = _place(name)
        if place and any(values) and sorted(values) != sorted(shown.get(name, [])) and name not in asked.names:
            yield place


def takes_own_rungs(fields: Mapping[str, list[str]], shown: Mapping[str, list[str]]) -> bool:
    """Return whether somebody changed rungs while a ladder of the program stays chosen."""
    named = one(fields, "ladder")
    return named not in ("", "own") and named == one(shown, "ladder") and _rungs(fields) != _rungs(shown)


def drops_rungs(fields: Mapping[str, list[str]], shown: Mapping[str, list[str]]) -> bool:
    """Return whether somebody changed rungs and chose another ladder of the program at once."""
    named = one(fields, "ladder")
    return named not in ("", "own") and named != one(shown, "ladder") and _rungs(fields) != _rungs(shown)


def form_data(
    fields: Mapping[str, list[str]], base: Mapping[str, Any], shown: Mapping[str, list[str]] | None = None
) -> dict[str, Any]:
    """Template data of a form, laid over data that may hold more than the form shows. Wrong numbers stay text.

    `shown`: what the form showed; recipients that nobody changed stay in their order.
    """
    data = {name: base[name] for name in ("duty", "parent") if base.get(name) is not None}
    data |= {name: one(fields, name) for name in _PLAIN if one(fields, name)}
    data |= {name: _number(one(fields, name)) for name in _NUMBERS if one(fields, name)}
    data["steps"] = [step for step in map(str.strip, one(fields, "steps").splitlines()) if step]
    if fields.get("on_request"):
        data["on_request"] = True
    data["result"] = {"description": one(fields, "description")}
    data["result"] |= {name: True for name in ("classified_mail", "file_required") if fields.get(name)}
    data["audience"] = _audience_data("who", fields) or {"any": []}
    if coordinating := _audience_data("with", fields):
        data["coordinating"] = coordinating
    if (rule := one(fields, "deadline")) not in ("", "none"):
        data["deadline"] = {"rule": rule} | _deadline_data(rule, fields)
    if one(fields, "every"):
        data["period"] = _period_data(fields, base.get("sends", {}))
    ladder = one(fields, "ladder")
    if ladder == "own":
        data["ladder"] = _ladder_data(fields, shown or {})
    elif ladder not in ("", "default"):
        data["ladder"] = ladder
    return data


def base_data(file: YamlFile | None, saved: TemplateSpec | None, duty: str) -> dict[str, Any]:
    """Return what the form is laid over: the YAML as it stands, else what was saved."""
    data = file.data if file is not None else saved.model_dump(mode="json") if saved is not None else {}
    period = data.get("period")
    sends = period.get("sends") if isinstance(period, dict) else None
    kept = {kind: day for kind, day in sends.items() if kind in _IN_NO_FORM} if isinstance(sends, dict) else {}
    return {"parent": data.get("parent"), "duty": duty, "sends": kept}


def _audience_fields(prefix: str, rule: AudienceRule) -> Fields:
    fields: Fields = {f"{prefix}-excluding": [_joined(rule.excluding)], f"{prefix}-says": [rule.says]}
    for number, selector in enumerate(rule.any):
        fields[f"{prefix}-{number}-kind"] = _texts(selector.kind.value if selector.kind else None)
        fields[f"{prefix}-{number}-parent"] = _texts(selector.parent)
        fields[f"{prefix}-{number}-tags"] = [_joined(selector.tags)]
        fields[f"{prefix}-{number}-named"] = [_joined(selector.named)]
    return fields


def _audience_data(prefix: str, fields: Mapping[str, list[str]]) -> dict[str, Any]:
    selectors = []
    for number in rows(fields, f"{prefix}-", 0):
        plain = {name: one(fields, f"{prefix}-{number}-{name}") for name in ("kind", "parent")}
        lists = {name: _split(one(fields, f"{prefix}-{number}-{name}")) for name in ("tags", "named")}
        if selector := {name: value for name, value in (plain | lists).items() if value}:
            selectors.append(selector)
    excluding, says = _split(one(fields, f"{prefix}-excluding")), one(fields, f"{prefix}-says")
    if not (selectors or excluding or says):
        return {}
    return {"any": selectors} | ({"excluding": excluding} if excluding else {}) | ({"says": says} if says else {})


def _deadline_data(rule: str, fields: Mapping[str, list[str]]) -> dict[str, Any]:
    given: dict[str, Any] = {name: one(fields, name) for name in _DEADLINES.get(rule, ()) if one(fields, name)}
    if "before" in given:
        given["before"] = True
    return {name: _number(value) if name in ("amount", "hours") else value for name, value in given.items()}


def _period_fields(period: PeriodRule) -> Fields:
    fields: Fields = {"every": [period.every], "period_move": [period.move.value]}
    days = {name: getattr(period, name) for name in PERIOD_DAYS} | {
        f"sends-{kind.value}": day for kind, day in period.sends.items()
    }
    for name, day in days.items():
        if day is not None:
            fields[f"{name}-day"] = [str(day.day)]
            fields[f"{name}-before"] = [str(day.months_before or "")]
    return fields


def _period_data(fields: Mapping[str, list[str]], others: Mapping[str, Any]) -> dict[str, Any]:
    def day(name: str) -> dict[str, Any] | None:
        of_month, before = one(fields, f"{name}-day"), one(fields, f"{name}-before")
        if not (of_month or before):
            return None
        return {"day": _number(of_month)} | ({"months_before": _number(before)} if before else {})

    sends = {kind.value: found for kind in SENDERS if (found := day(f"sends-{kind.value}"))}
    data = {"every": one(fields, "every")} | {name: found for name in PERIOD_DAYS if (found := day(name))}
    return (
        data
        | {"sends": sends | dict(others)}
        | ({"move": one(fields, "period_move")} if one(fields, "period_move") else {})
    )


def _ladder_fields(ladder: str | LadderSpec, rungs: LadderSpec) -> Fields:
    fields: Fields = {"ladder": [ladder if isinstance(ladder, str) else "own"], "clock": [rungs.clock]}
    for number, rung in enumerate(rungs.rungs):
        fields[f"rung-{number}"], fields[f"at-{number}"] = [rung.rung.value], [str(rung.at)]
        fields[f"to-{number}"] = [role.value for role in rung.to]
    return fields


def _ladder_data(fields: Mapping[str, list[str]], shown: Mapping[str, list[str]]) -> dict[str, Any]:
    def told(name: str) -> list[str]:
        roles, before = fields.get(name, []), shown.get(name, [])
        return before if set(roles) == set(before) else roles

    rungs = [
        {"rung": name, "at": _number(one(fields, f"at-{number}")), "to": told(f"to-{number}")}
        for number in rows(fields, "rung-", 0)
        if (name := one(fields, f"rung-{number}"))
    ]
    return {"clock": one(fields, "clock") or "working_days", "rungs": rungs}


def _rungs(fields: Mapping[str, list[str]]) -> dict[str, Any]:
    """Return the rungs for comparing: recipients in no order."""
    data = _ladder_data(fields, {})
    return data | {"rungs": [rung | {"to": set(rung["to"])} for rung in data["rungs"]]}


def _place(name: str) -> tuple[str | int, ...]:
    """Return where in a template a field stands that counts only beside another choice; () for any other field."""
    part, _dash, rest = name.partition("-")
    number = whole(rest)
    if part in ("at", "to") and number is not None:
        return ("ladder", "rungs", number, part)
    if name == "period_move":
        return ("period", "move")
    inner = {"day": "day", "before": "months_before"}.get(name.rpartition("-")[2])
    if inner and part == "sends":
        return ("period", "sends", rest.rpartition("-")[0], inner)
    return ("period", part, inner) if inner and part in PERIOD_DAYS else ()


def _number(text: str) -> int | str:
    """Return a whole number; what is none stays text, for the check to name it."""
    sign, digits = text[:1], text.lstrip("+-−")
    number = whole(digits)
    return text if number is None else -number if sign in "-−" else number


def _texts(value: object) -> list[str]:
    return [] if value is None or value is False else ["on" if value is True else str(value)]


def _box(checked: bool) -> list[str]:
    return ["on"] if checked else []


def _joined(values: Iterable[str]) -> str:
    """Return values in a row: with commas, or with semicolons where a name has a comma itself."""
    listed = list(values)
    return "; ".join([*listed, ""]).rstrip() if any("," in one for one in listed) else ", ".join(listed)


def _split(text: str) -> list[str]:
    return [part for part in (piece.strip() for piece in text.split(";" if ";" in text else ",")) if part]
