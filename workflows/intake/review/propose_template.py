"""A workflow template for each confirmed duty, from what was read and corrected: who, when, what, by which ladder."""

from collections.abc import Sequence
from functools import cache
from typing import Any

from pydantic import TypeAdapter, ValidationError

from models.directives.directive import DutyKind
from models.directives.template import (
    AudienceRule,
    DayOfPeriod,
    DeadlineRule,
    HoursDeadline,
    NoDeadline,
    PeriodRule,
    RequiredResult,
    TemplateSpec,
)
from models.errors import BadInput
from models.intake.intake import Intake, ProposedDuty
from models.words import duty_words
from workflows.intake.review.first_guess import OF_PERIOD
from workflows.intake.review.match import Matched, Matcher
from workflows.templates.new_document import RESULT, STEPS
from workflows.templates.pack_file import read_pack
from workflows.templates.packs import bundled
from workflows.templates.template_check import normalise, sensitive_phrase

PERIODIC = (DutyKind.STANDING, DutyKind.RECURRING, DutyKind.OVERSIGHT)
_DEADLINE: TypeAdapter[DeadlineRule] = TypeAdapter(DeadlineRule)


def propose(intake: Intake, duty: ProposedDuty, paths: frozenset[str], matcher: Matcher, follows: str) -> TemplateSpec:
    """Return the template of one duty; `paths` are those that will stand beside it, `follows` the code of the unit that
    follows the document up. BadInput names the duty and what is missing."""
    leads = matcher.all_of(duty.addressees)
    refuse_unknown(duty, leads)
    phrase = sensitive_phrase(duty.title)
    if phrase:
        raise BadInput(
            "{duty}: “{phrase}” may not be used in a title, which goes into subject lines",
            duty=duty_words(duty.path),
            phrase=phrase,
        )
    partners = [one for one in matcher.all_of(duty.partners, leading=False) if one.selectors]
    quote = normalise(intake.text[duty.begins : duty.ends])
    period = period_of_duty(duty) if duty.kind in PERIODIC else None
    if duty.kind in PERIODIC and period is None:
        raise BadInput("{duty}: say how often it comes again", duty=duty_words(duty.path))
    receiver = next((one for one in matcher.all_of([duty.reports_to]) if duty.reports_to and len(one.units) == 1), None)
    return TemplateSpec(
        duty=duty.path,
        title=duty.title,
        kind=duty.kind,
        parent=_parent(duty.path, paths),
        quote=quote,
        steps=STEPS,
        audience=AudienceRule(
            any=tuple(dict.fromkeys(selector for one in leads for selector in one.selectors)),
            says=leads[0].phrase if len(leads) == 1 and normalise(leads[0].phrase) in quote else "",
        ),
        coordinating=AudienceRule(any=tuple(dict.fromkeys(s for one in partners for s in one.selectors)))
        if partners
        else None,
        deadline=_deadline(duty),
        period=period,
        on_request=duty.kind is DutyKind.ON_REQUEST,
        result=RequiredResult(description=duty.result or RESULT),
        ladder="contingency" if duty.kind is DutyKind.CONTINGENCY else "default",
        reports_to=receiver.units[0].code if receiver else follows,
        authority=follows,
    )


def refuse_unknown(duty: ProposedDuty, named: Sequence[Matched]) -> None:
    """Raise BadInput where a duty names nobody, or somebody whom nobody knows."""
    unknown = [one.phrase for one in named if not one.selectors]
    if not named:
        raise BadInput("{duty}: it names nobody yet; say who must do it", duty=duty_words(duty.path))
    if unknown:
        raise BadInput(
            "{duty}: choose the unit in the register that this means: {names}",
            duty=duty_words(duty.path),
            names=unknown,
        )


@cache
def presets() -> dict[str, PeriodRule]:
    """Return the reporting presets that come with the product (Decree 09/2019/NĐ-CP), by how often."""
    return {rule.every: rule for folder in bundled() for rule in read_pack(folder).spec.presets.values()}


def period_of_duty(duty: ProposedDuty) -> PeriodRule | None:
    """Return how often it comes again, with the day that the document names in place of the preset's days.

    Its tasks are there a month before; a report due after its period tells of the whole of it.
    """
    preset, day = presets().get(duty.every), day_of_period(duty)
    if preset is None or day is None:
        return preset
    months = {"month": 1, "quarter": 3, "half_year": 6, "year": 12}[preset.every]
    whole = {"data_start": DayOfPeriod(day=1, months_before=months - 1), "data_end": DayOfPeriod(day=31)}
    return preset.model_copy(
        update={
            "opens": DayOfPeriod(day=day.day, months_before=max(0, min(day.months_before + 1, 13))),
            "sends": dict.fromkeys(preset.sends, day),
            "compiled": None,
        }
        | (whole if day.months_before < 0 else {})
    )


def day_of_period(duty: ProposedDuty) -> DayOfPeriod | None:
    """Return the day of each period on which it is due, where the document or somebody named one."""
    if duty.deadline.get("rule") != OF_PERIOD:
        return None
    return DayOfPeriod.model_validate({name: value for name, value in duty.deadline.items() if name != "rule"})


def read_rule(deadline: dict[str, Any]) -> DeadlineRule:
    return _DEADLINE.validate_python(deadline)


def _deadline(duty: ProposedDuty) -> DeadlineRule:
    if duty.kind is DutyKind.CONTINGENCY:
        return HoursDeadline()
    if not duty.deadline or duty.kind in PERIODIC:
        return NoDeadline()
    try:
        return read_rule(duty.deadline)
    except ValidationError as error:
        raise BadInput("{duty}: its deadline cannot be read; set it again", duty=duty_words(duty.path)) from error


def _parent(path: str, paths: frozenset[str]) -> str | None:
    """Return the nearest duty above it that is there too."""
    above = path
    while "." in above:
        above = above.rpartition(".")[0]
        if above in paths:
            return above
    return None
