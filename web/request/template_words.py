"""Templates in words: their fields and choices, their faults, their deadlines, and what a launch creates.

All words are message ids, with their facts.
"""

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
from models.words import period_words
from notifications.composing.wording import WrittenWords

CHOICES = {
    "deadline": {
        "none": _("no date yet, or by period"),
        "fixed": _("a fixed day"),
        "relative": _("so many days from a day"),
        "vague": _("within a month, quarter or year"),
        "hours": _("hours from the declaration of an incident"),
    },
    "unit": {"days": _("days"), "working_days": _("working days"), "months": _("months")},
    "since": {"signed": _("the day of signing"), "assigned": _("the day of assignment")},
    "move": {"stays": _("stays"), "forward": _("moves forward"), "back": _("moves back")},
    "fixed_by": {"directive": _("by the directive itself"), "template": _("by this template")},
    "every": {
        "month": _("every month"),
        "quarter": _("every quarter"),
        "half_year": _("every half-year"),
        "year": _("every year"),
    },
    "ladder": {
        "default": _("the usual one"),
        "contingency": _("the one for incidents, by the hour"),
        "own": _("its own, as below"),
    },
    "leaves": {
        "usual": _("at 08:00 of working days"),
        "weekly": _("at a time of its own, on weekdays of its own"),
        "cron": _("by a rule that only an expression says"),
    },
    "clock": {"working_days": _("working days"), "hours": _("elapsed hours")},
}
FIELD_WORDS = {
    "title": _("Short name"),
    "kind": _("Kind"),
    "parent": _("The duty it belongs under"),
    "quote": _("The directive's sentence, word for word"),
    "steps": _("Steps"),
    "audience": _("Audience"),
    "coordinating": _("Coordinating units"),
    "deadline": _("The deadline"),
    "period": _("Its reporting period"),
    "on_request": _("It may also be asked for singly"),
    "result": _("The result"),
    "ladder": _("The ladder"),
    "reports_to": _("Unit that gets the result"),
    "authority": _("Unit that answers obstacles"),
    "authority_working_days": _("In how many working days"),
    "max_extension_days": _("Longest extension, in days"),
    "reminders": _("When reminders leave"),
}
"""The names of a template's fields."""
DAY_WORDS = {
    "data_start": _("its data begin"),
    "data_end": _("its data end"),
    "opens": _("it opens"),
    "compiled": _("the coordinating unit sends its own"),
}
INNER_WORDS = {
    "rule": _("Rule of the deadline"),
    "on": _("Day"),
    "before": _("Before this day, so that it ends the day before"),
    "amount": _("How many"),
    "unit": _("Unit of time"),
    "since": _("Counted from"),
    "within": _("Within"),
    "hours": _("Hours"),
    "move": _("A deadline on a day off"),
    "fixed_by": _("The deadline is set"),
    "every": _("How often"),
    "day": _("Day"),
    "months_before": _("Months before"),
    "any": _("the rows of units"),
    "kind": _("Kind of unit"),
    "tags": _("Tags"),
    "parent": _("Directly under"),
    "named": _("Or these units"),
    "excluding": _("Except"),
    "says": _("In the directive's own words"),
    "description": _("Content to send"),
    "classified_mail": _("It goes by classified mail: number and date are recorded, no file is taken"),
    "file_required": _("A file must be attached"),
    "clock": _("Counted in"),
    "rungs": _("The rungs"),
    "rung": _("Rung"),
    "at": _("When"),
    "to": _("To"),
    "sends": _("Sending days"),
} | DAY_WORDS
"""The names of the fields inside those."""
PROBLEM_WORDS = {
    "a selector gives at least one of kind, tags, parent, named": _("say which units in at least one column"),
    "rung {rung} at {at}: due_soon, and nothing else, lies before the deadline": _(
        "only what is due soon lies before the deadline, with a minus, and nothing else does"
    ),
    "kind {kind}: period is required": _("this kind of duty needs a reporting period"),
    "kind {kind}: period is not allowed": _("this kind of duty has no reporting period"),
    "kind {kind}: a deadline in hours belongs to contingency duties, and only to them": _(
        "a deadline in hours is for duties in an incident, and only for these"
    ),
    "kind {kind}: its dates come from period, deadline must be none": _(
        "the deadlines of this kind of duty come from its reporting period: it has no deadline of its own"
    ),
    "{cron}: no moment from 07:00 to 18:00; right would be such as 0 14 * * 1-5": _(
        "letters leave from 07:00 to 18:00 only"
    ),
    "must be of the form {pattern}": _("must be such as 2027-09, 2027-Q4, 2027-H1 or 2027"),  # that of `within`
}
"""The faults of a template in the words of its form, by the message that names fields as files do."""
EVERY_WORDS = CHOICES["every"]
MONTH_WORDS = {
    "0": _("the last month of the period"),
    "-1": _("the month after the period"),
    "1": _("one month before the last"),
    "2": _("two months before the last"),
    "-2": _("the second month after the period"),
}
"""The months in which a form lets a day lie, by their number before the period's last month."""
SENSE_WORDS = {"by": _("by that day"), "before": _("before that day")}
"""The two senses of a day: it still counts, or the time ends before it."""
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
    """Return words such as "within 15 days of the day of signing"."""
    if spec.period is not None:
        return preset_words(spec.period)
    if spec.kind is DutyKind.ON_REQUEST:
        return _("the deadline is set with each request")
    return rule_words(spec.deadline, language)


def preset_words(rule: PeriodRule) -> Words:
    days = reduce(lambda before, day: Words("{some}; {day}", some=before, day=day), _sending_days(rule))
    return Words("{every}, {days}", every=EVERY_WORDS[rule.every], days=days)


def rule_words(rule: DeadlineRule, language: str) -> Words:
    if isinstance(rule, FixedDeadline):
        return Words(_("before {day}") if rule.before else _("by {day}"), day=WrittenWords(language).day(rule.on))
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
    return spec.kind is DutyKind.ONE_OFF and isinstance(spec.deadline, NoDeadline)


def _sending_days(rule: PeriodRule) -> Iterator[Words]:
    kinds_by_day: dict[DayOfPeriod, list[Words]] = {}
    for kind in UnitKind:  # in this order, as PostgreSQL does not keep the order of names in JSON
        if kind in rule.sends:
            kinds_by_day.setdefault(rule.sends[kind], []).append(kind.label)
    for day in sorted(kinds_by_day, key=lambda day: (-day.months_before, day.day - day.before)):
        message = _("before {day_of_month}") if day.before else _("by {day_of_month}")
        words = Words(message, day_of_month=_day_words(day))
        yield words if len(kinds_by_day) == 1 else Words(_("{words} ({kinds})"), words=words, kinds=kinds_by_day[day])


def _day_words(day: DayOfPeriod) -> Words:
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
