"""A template's deadline rule and what its launch creates, in words (message ids with their facts)."""

from collections.abc import Iterator
from functools import reduce

from models.directives.directive import DutyKind
from models.directives.template import (
    DayOfPeriod,
    DeadlineRule,
    FixedDeadline,
    HoursDeadline,
    NoDeadline,
    PeriodRule,
    RelativeDeadline,
    TemplateSpec,
    VagueDeadline,
)
from models.i18n import Words, _, _n
from models.organization.unit import UnitKind
from notifications.composing.wording import Words as Write
from web.request.template_words import CHOICES
from web.request.word_filters import period_words

EVERY_WORDS = CHOICES["every"]
MONTH_WORDS = {
    "0": _("the last month of the period"),
    "-1": _("the month after the period"),
    "1": _("one month before the last"),
    "2": _("two months before the last"),
    "-2": _("the second month after the period"),
}
"""Months before the last of a period, as a form offers them."""
SENSE_WORDS = {"by": _("by that day"), "before": _("before that day")}
"""Whether the day itself still counts."""
_EACH_PERIOD = _("one task for each unit in each period; a period open on the day of the launch begins at once")
_CREATES = {
    DutyKind.ONE_OFF: _("one task for each unit, at once"),
    DutyKind.STANDING: _EACH_PERIOD,
    DutyKind.RECURRING: _EACH_PERIOD,
    DutyKind.OVERSIGHT: _EACH_PERIOD,
    DutyKind.CONTINGENCY: _("no task now: ready until an incident is declared"),
    DutyKind.ON_REQUEST: _("no task now: ready until somebody asks"),
}


def deadline_words(spec: TemplateSpec, language: str) -> Words:
    """ "within 15 days of the day of signing", "every quarter: enterprise by day 6 of its last month"."""
    if spec.period is not None:
        return preset_words(spec.period)
    if spec.kind is DutyKind.ON_REQUEST:
        return _("the deadline is set with each request")
    return rule_words(spec.deadline, language)


def preset_words(rule: PeriodRule) -> Words:
    days = reduce(lambda some, day: Words("{some}; {day}", some=some, day=day), _sending_days(rule))
    return Words("{every}, {days}", every=EVERY_WORDS[rule.every], days=days)


def rule_words(rule: DeadlineRule, language: str) -> Words:
    if isinstance(rule, FixedDeadline):
        return Words(_("before {day}") if rule.before else _("by {day}"), day=Write(language).day(rule.on))
    if isinstance(rule, RelativeDeadline):
        return Words(
            _("within {amount} {unit} of {since}"),
            amount=rule.amount,
            unit=CHOICES["unit"][rule.unit],
            since=CHOICES["since"][rule.since],
        )
    if isinstance(rule, VagueDeadline):
        within = period_words(rule.within)
        return Words(_("by the last day of {period}"), period=Words(within[0], **within[1]) if within else rule.within)
    if isinstance(rule, HoursDeadline):
        return _n(
            "{count} hour after an incident is declared",
            "{count} hours after an incident is declared",
            count=rule.hours,
        )
    return _("no deadline of its own: it gets the one you set at launch, or none yet")


def sense_of(day: DayOfPeriod) -> str:
    return "before" if day.before else "by"


def creates_words(spec: TemplateSpec) -> Words:
    words = _CREATES[spec.kind]
    if spec.on_request and spec.kind is not DutyKind.ON_REQUEST:
        return Words(_("{what}; it can be asked for at any time as well"), what=words)
    return words


def takes_a_date(spec: TemplateSpec) -> bool:
    """Return whether the date set at launch is the duty's."""
    return spec.kind is DutyKind.ONE_OFF and isinstance(spec.deadline, NoDeadline)


def _sending_days(rule: PeriodRule) -> Iterator[Words]:
    by_day: dict[DayOfPeriod, list[Words]] = {}
    for kind in (one for one in UnitKind if one in rule.sends):  # PostgreSQL keeps no order of a JSON object's names
        by_day.setdefault(rule.sends[kind], []).append(kind.label)
    for day in sorted(by_day, key=lambda one: (-one.months_before, one.day - one.before)):
        words = Words(_("before {day_of_month}") if day.before else _("by {day_of_month}"), day_of_month=_day(day))
        yield words if len(by_day) == 1 else Words(_("{words} ({kinds})"), words=words, kinds=by_day[day])


def _day(day: DayOfPeriod) -> Words:
    if day.months_before == 0:
        return Words(_("day {day} of its last month"), day=day.day)
    if day.months_before == 1:
        return Words(_("day {day} of the month before its last"), day=day.day)
    if day.months_before == -1:
        return Words(_("day {day} of the month after it"), day=day.day)
    if day.months_before < 0:
        return Words(_("day {day}, {count} months after its last"), day=day.day, count=-day.months_before)
    return _n(
        "day {day}, {count} month before its last",
        "day {day}, {count} months before its last",
        day=day.day,
        count=day.months_before,
    )
