"""Each field of a template changes something that somebody sees who never opens the template.

A line of the table is a field and what it says instead. The same life is played with both; a field without a line
fails, and so does one whose life is the same.
"""

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, get_args

import pytest
from pydantic import BaseModel

from models.database.schema import migrate
from models.database.session import open_engine, reading
from models.directives.ladders import SpecPart
from models.directives.template import DeadlineRule, TemplateSpec
from tests.fields.lives import life, of_published
from tests.keys import KEYS
from tests.office import furnish

pytestmark = pytest.mark.long

QUARTER: dict[str, Any] = {
    "every": "quarter",
    "data_start": {"day": 15, "months_before": 3},
    "data_end": {"day": 14},
    "opens": {"day": 1, "months_before": 1},
    "sends": {"enterprise": {"day": 6}, "department": {"day": 8}},
    "compiled": {"day": 20},
}
TWO: dict[str, Any] = {"named": ["T-LT", "CTY-N"]}
POST: dict[str, Any] = {"tags": ["post"]}
FIXED = {"rule": "fixed", "on": "2004-06-26"}  # a Saturday
AFTER = {"rule": "relative", "amount": 12, "since": "assigned"}  # ends on Sunday, 13 June
VAGUE = {"rule": "vague", "within": "2004-06"}
RUNG: dict[str, Any] = {"rung": "due_soon", "at": -9, "to": ["coordinator"]}
TOLD: dict[str, Any] = {"rung": "assigned", "at": 0, "to": ["head"]}
"""Starting points, none of them the bundled template's own."""


def who(*selectors: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"audience": {"any": list(selectors)} | more}


def by(rule: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"deadline": rule | more}


def every(**more: Any) -> dict[str, Any]:
    return who(TWO) | {"period": QUARTER | more}


def result(**more: Any) -> dict[str, Any]:
    return {"result": {"description": "Báo cáo"} | more}


def rungs(*given: dict[str, Any], clock: str = "working_days") -> dict[str, Any]:
    return {"ladder": {"clock": clock, "rungs": list(given)}}


Case = tuple[str, dict[str, Any], dict[str, Any]]
"""The duty, what its template says in both lives, and what it says in one of them instead."""
CASES: dict[str, Case] = {
    "TemplateSpec.duty": ("4", {}, {"duty": "5"}),
    "TemplateSpec.title": ("4", {}, {"title": "Cơ chế giá cước"}),
    "TemplateSpec.kind": ("obstacles", who(TWO), {"kind": "one_off"}),
    "TemplateSpec.parent": ("4", {}, {"parent": "3"}),
    "TemplateSpec.quote": ("4", {}, {"quote": "nghiên cứu xây dựng cơ chế miễn, giảm giá cước"}),
    "TemplateSpec.steps": ("4", {}, {"steps": ["Một bước khác"]}),
    "TemplateSpec.audience": ("2", who(TWO), who({"named": ["T-LT"]})),
    "TemplateSpec.coordinating": ("4", {}, {"coordinating": {"any": [{"named": ["VU-PC"]}]}}),
    "TemplateSpec.deadline": ("4", {}, by(FIXED)),
    "TemplateSpec.period": ("3", every(), every(every="month")),
    "TemplateSpec.on_request": ("3", who(TWO), {"on_request": False}),
    "TemplateSpec.result": ("4", {}, result()),
    "TemplateSpec.ladder": ("4", {}, rungs(RUNG)),
    "TemplateSpec.reports_to": ("4", {}, {"reports_to": "VU-PC"}),
    "TemplateSpec.authority": ("4", {}, {"authority": "VU-PC"}),
    "TemplateSpec.authority_working_days": ("4", {}, {"authority_working_days": 9}),
    "TemplateSpec.max_extension_days": ("4", {}, {"max_extension_days": 3}),
    "TemplateSpec.reminders": ("4", {}, {"reminders": "0 14 * * 1-5"}),
    "AudienceRule.any": ("2", who(TWO), who({"named": ["CTY-N"]})),
    "AudienceRule.excluding": ("2", who(TWO), who(TWO, excluding=["CTY-N"])),
    "AudienceRule.says": ("2", who(TWO), who(TWO, says="Các doanh nghiệp bưu chính")),
    "Selector.kind": ("2", who(POST), who(POST | {"kind": "police"})),
    "Selector.tags": ("2", who(POST | {"kind": "enterprise"}), who({"kind": "enterprise"})),
    "Selector.parent": ("2", who(POST), who(POST | {"parent": "TCT-T"})),
    "Selector.named": ("2", who({"named": ["T-LT"]}), who({"named": ["T-SL"]})),
    "FixedDeadline.rule": ("4", by(FIXED), by({"rule": "none"})),
    "FixedDeadline.on": ("4", by(FIXED), by(FIXED, on="2004-06-25")),
    "FixedDeadline.before": ("4", by(FIXED), by(FIXED, before=True)),
    "FixedDeadline.move": ("4", by(FIXED), by(FIXED, move="forward")),
    "FixedDeadline.fixed_by": ("4", by(FIXED), by(FIXED, fixed_by="template")),
    "RelativeDeadline.rule": ("4", by(AFTER), by({"rule": "none"})),
    "RelativeDeadline.amount": ("4", by(AFTER), by(AFTER, amount=15)),
    "RelativeDeadline.unit": ("4", by(AFTER), by(AFTER, unit="working_days")),
    "RelativeDeadline.since": ("4", by(AFTER), by(AFTER, since="signed")),
    "RelativeDeadline.move": ("4", by(AFTER), by(AFTER, move="back")),
    "RelativeDeadline.fixed_by": ("4", by(AFTER), by(AFTER, fixed_by="template")),
    "VagueDeadline.rule": ("4", by(VAGUE), by({"rule": "none"})),
    "VagueDeadline.within": ("4", by(VAGUE), by(VAGUE, within="2004-Q3")),
    "VagueDeadline.move": ("4", by(VAGUE, within="2004-10"), by(VAGUE, within="2004-10", move="back")),
    "VagueDeadline.fixed_by": ("4", by(VAGUE), by(VAGUE, fixed_by="template")),
    "NoDeadline.rule": ("4", by({"rule": "none"}), by(VAGUE)),
    "HoursDeadline.rule": ("2.a", {}, by({"rule": "none"})),
    "HoursDeadline.hours": ("2.a", {}, by({"rule": "hours", "hours": 30})),
    "PeriodRule.every": ("3", every(), every(every="half_year")),
    "PeriodRule.data_start": ("3", every(), every(data_start={"day": 1, "months_before": 2})),
    "PeriodRule.data_end": ("3", every(), every(data_end={"day": 3})),
    "PeriodRule.opens": ("3", every(), every(opens={"day": 5})),
    "PeriodRule.sends": ("3", every(), every(sends={"enterprise": {"day": 9}})),
    "PeriodRule.compiled": ("3", every(), every(compiled={"day": 24})),
    "PeriodRule.move": ("3", every(), every(move="forward")),
    "DayOfPeriod.day": ("3", every(), every(sends={"enterprise": {"day": 11}})),
    "DayOfPeriod.months_before": ("3", every(), every(sends={"enterprise": {"day": 6, "months_before": -1}})),
    "DayOfPeriod.before": ("3", every(), every(sends={"enterprise": {"day": 10, "before": True}})),
    "RequiredResult.description": ("4", result(), result(description="Báo cáo nghiên cứu")),
    "RequiredResult.classified_mail": ("4", result(), result(classified_mail=True)),
    "RequiredResult.file_required": ("4", result(), result(file_required=True)),
    "LadderSpec.clock": ("4", rungs(RUNG), rungs(RUNG, clock="hours")),
    "LadderSpec.rungs": ("4", rungs(RUNG), rungs(RUNG, TOLD)),
    "RungSpec.rung": ("4", rungs(TOLD), rungs(TOLD | {"rung": "not_accepted"})),
    "RungSpec.at": ("4", rungs(RUNG), rungs(RUNG | {"at": -5})),
    "RungSpec.to": ("4", rungs(RUNG), rungs(RUNG | {"to": ["deputy"]})),
}
REFUSED = {"TemplateSpec.duty", "TemplateSpec.kind", "HoursDeadline.rule"}
"""What cannot be another one: which duty it is of, its kind once published, hours for an incident."""


def parts_of(kind: type[BaseModel]) -> Iterator[type[BaseModel]]:
    """A specification and all that it is made of."""
    seen, left = set(), [kind]
    while left:
        one = left.pop()
        if one in seen:
            continue
        seen.add(one)
        yield one
        left += [part for info in one.model_fields.values() for part in _named(info.annotation)]
    yield from (rule for rule in get_args(get_args(DeadlineRule)[0]) if rule not in seen)


def _named(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, SpecPart):
        yield annotation
    for part in get_args(annotation):
        yield from _named(part)


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The office before anything is launched, to be copied."""
    folder = tmp_path_factory.mktemp("stage")
    engine = open_engine(f"sqlite:///{folder / 'dondoc.sqlite'}", KEYS)
    migrate(engine)
    furnish(engine, folder)
    engine.dispose()
    return folder / "dondoc.sqlite"


def test_no_field_is_without_a_life() -> None:
    fields = {f"{part.__name__}.{name}" for part in parts_of(TemplateSpec) for name in part.model_fields}
    assert fields == CASES.keys()


@cache
def _first_life(stage: Path, path: str, base: str) -> list[str]:
    """Many fields begin from the same one."""
    return life(stage, path, json.loads(base))


@pytest.mark.parametrize("field", CASES)
def test_the_field_changes_what_somebody_sees(stage: Path, field: str) -> None:
    path, base, changed = CASES[field]
    one, other = _first_life(stage, path, json.dumps(base)), life(stage, path, base | changed)
    assert one != other
    assert other[0].startswith("created ") != (field in REFUSED), "a refusal is a difference that says nothing"


def test_the_same_template_twice_is_the_same_life(stage: Path) -> None:
    """Else any difference would do."""
    for path, base in {path: base for path, base, _changed in CASES.values()}.items():
        assert life(stage, path, base) == life(stage, path, base), path


def test_the_lives_begin_from_what_is_published(stage: Path) -> None:
    engine = open_engine(f"sqlite:///{stage}", KEYS)
    with reading(engine) as session:
        assert of_published(session, "4")["reports_to"] == "VU-VT"
    engine.dispose()
