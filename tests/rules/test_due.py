"""A task's date: every deadline rule, what moves it, and the reason that is always given when something did."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.directives.template import DayOffMove, TemplateSpec
from models.errors import BadInput
from models.organization.calendar import DayKind, OffBecause, OffDay
from models.organization.unit import UnitKind
from models.tasks.due_facts import (
    BeforeDay,
    CountedFrom,
    CutToWhole,
    DateMovedTo,
    DateOfWhole,
    HoursFromAssignment,
    OnDayOff,
    WithinPeriod,
)
from models.tasks.task import DueFixedBy
from models.text.localtime import due_date, end_of_day, local_date, read_instant
from workflows.rules.calendar.due import DueDecision, compute_due, kept_day_off, moves_with_calendar
from workflows.rules.calendar.periods import parse
from workflows.rules.calendar.workdays import WorkCalendar

PLAIN = WorkCalendar()
SIGNED = date(2004, 5, 7)  # a Friday
QUARTERLY = {
    "every": "quarter",
    "data_start": {"day": 15, "months_before": 3},
    "data_end": {"day": 14},
    "opens": {"day": 1, "months_before": 1},
    "sends": {"enterprise": {"day": 6}, "department": {"day": 8}},
}


def template(kind: str = "one_off", **given: Any) -> TemplateSpec:
    return TemplateSpec.model_validate(
        {
            "duty": "2",
            "title": "Phương án phối hợp",
            "kind": kind,
            "quote": "…",
            "steps": ["Lập phương án"],
            "audience": {"any": [{"kind": "enterprise"}]},
            "result": {"description": "Văn bản"},
            **given,
        }
    )


def decide(spec: TemplateSpec, **given: Any) -> DueDecision:
    facts: dict[str, Any] = {
        "unit_kind": UnitKind.ENTERPRISE,
        "issued_on": SIGNED,
        "assigned_at": read_instant("2004-05-10"),
        "occurrence": None,
        "launch_due_on": None,
        "parent_due_at": None,
        "calendar": PLAIN,
    }
    return compute_due(spec, **{**facts, **given})


def fell(day: date, moved: DateMovedTo, *, is_report: bool = False) -> OnDayOff:
    """A weekend that a date fell on."""
    return OnDayOff(off=OffDay(day=day, because=OffBecause.WEEKEND), moved=moved, is_report=is_report)


def last_day(decision: DueDecision) -> date | None:
    return due_date(decision.due_at) if decision.due_at else None


def test_no_date_yet_is_ordinary() -> None:
    assert decide(template()) == DueDecision(None, None)


def test_coordinators_date_applies_and_stays_on_a_day_off() -> None:
    decision = decide(template(), launch_due_on=date(2004, 6, 6))
    assert decision == DueDecision(end_of_day(date(2004, 6, 6)), DueFixedBy.ASSIGNER)


def test_the_coordinators_date_does_not_replace_the_directives_own() -> None:
    spec = template(deadline={"rule": "fixed", "on": "2004-06-30"})
    decision = decide(spec, launch_due_on=date(2004, 7, 31))
    assert (last_day(decision), decision.fixed_by) == (date(2004, 6, 30), DueFixedBy.DIRECTIVE)


def test_the_last_permitted_day_lasts_until_midnight() -> None:
    decision = decide(template(deadline={"rule": "fixed", "on": "2004-06-30"}))
    assert decision.due_at == read_instant("2004-07-01 00:00")
    assert decision.facts == ()


def test_before_a_day_ends_with_the_day_before_it() -> None:
    decision = decide(template(deadline={"rule": "fixed", "on": "2004-06-30", "before": True}))
    assert last_day(decision) == date(2004, 6, 29)
    assert decision.facts == (BeforeDay(day=date(2004, 6, 30)),)
    assert decision.moved_from is None


def test_before_a_day_of_each_period_ends_with_the_day_before_it() -> None:
    named = {"day": 6, "before": True}
    spec = template("recurring", period=QUARTERLY | {"sends": {"enterprise": named, "department": {"day": 6}}})
    decision = decide(spec, occurrence=parse("2004-Q4"))
    assert last_day(decision) == date(2004, 12, 3), "Sunday the 5th is a day off: reports come before it"
    before = BeforeDay(day=date(2004, 12, 6))
    assert decision.facts == (before, fell(date(2004, 12, 5), DateMovedTo.BACK, is_report=True))
    assert decide(spec, occurrence=parse("2004-Q4"), unit_kind=UnitKind.DEPARTMENT).facts == ()


def test_a_fixed_date_stays_on_a_day_off_unless_the_template_says_otherwise() -> None:
    fixed = {"rule": "fixed", "on": "2004-06-06"}
    assert last_day(decide(template(deadline=fixed))) == date(2004, 6, 6)
    moved = decide(template(deadline={**fixed, "move": "forward"}))
    assert (last_day(moved), moved.moved_from) == (date(2004, 6, 7), date(2004, 6, 6))
    assert moved.facts == (fell(date(2004, 6, 6), DateMovedTo.FORWARD),)
    back = decide(template(deadline={**fixed, "move": "back"}))
    assert (last_day(back), back.facts) == (date(2004, 6, 4), (fell(date(2004, 6, 6), DateMovedTo.BACK),))


@pytest.mark.parametrize(
    ("day", "why"),
    [
        (date(2026, 12, 19), OffDay(day=date(2026, 12, 19), because=OffBecause.WEEKEND)),
        (date(2027, 2, 28), OffDay(day=date(2027, 2, 28), because=OffBecause.WEEKEND)),
        (date(2026, 9, 2), OffDay(day=date(2026, 9, 2), because=OffBecause.HOLIDAY, name="Quốc khánh")),
        (date(2026, 12, 18), None),
    ],
)
def test_a_date_kept_on_a_day_off_says_why_that_day_is_off(day: date, why: OffDay | None) -> None:
    assert kept_day_off(end_of_day(day), PLAIN) == why


def test_a_calendar_edit_changes_whether_a_kept_date_is_on_a_day_off() -> None:
    friday, saturday = date(2026, 12, 18), date(2026, 12, 19)
    edited = WorkCalendar({friday: DayKind.OFF, saturday: DayKind.WORKING}, {friday: "Nghỉ bù"})
    assert kept_day_off(end_of_day(friday), edited) == OffDay(day=friday, because=OffBecause.EDIT, name="Nghỉ bù")
    assert kept_day_off(end_of_day(saturday), edited) is None


def test_no_date_and_a_date_by_the_hour_are_not_kept_on_a_day_off() -> None:
    assert kept_day_off(None, PLAIN) is None
    assert kept_day_off(read_instant("2026-12-19 17:00"), PLAIN) is None


@pytest.mark.parametrize(
    ("amount", "unit", "last", "fell_on"),
    [
        (14, "days", "2004-05-21", None),
        (15, "days", "2004-05-24", date(2004, 5, 22)),
        (15, "working_days", "2004-05-28", None),
        (1, "months", "2004-06-07", None),
    ],
)
def test_a_relative_date_counts_from_the_day_after_signing(
    amount: int, unit: Any, last: str, fell_on: date | None
) -> None:
    decision = decide(template(deadline={"rule": "relative", "amount": amount, "unit": unit}))
    counted = CountedFrom(amount=amount, unit=unit, since="signed", day=SIGNED)
    moved = (fell(fell_on, DateMovedTo.FORWARD),) if fell_on else ()
    assert (f"{last_day(decision)}", decision.facts) == (last, (counted, *moved))
    assert decision.fixed_by is DueFixedBy.DIRECTIVE


def test_months_are_clipped_to_the_end_of_the_month() -> None:
    spec = template(deadline={"rule": "relative", "amount": 1, "unit": "months", "move": "stays"})
    assert last_day(decide(spec, issued_on=date(2004, 1, 31))) == date(2004, 2, 29)


def test_working_days_pass_over_tet() -> None:
    spec = template(deadline={"rule": "relative", "amount": 2, "unit": "working_days"})
    assert last_day(decide(spec, issued_on=date(2004, 1, 19))) == date(2004, 1, 27)


def test_a_date_may_count_from_the_assignment() -> None:
    spec = template(deadline={"rule": "relative", "amount": 30, "since": "assigned", "fixed_by": "template"})
    decision = decide(spec, issued_on=None, assigned_at=read_instant("2004-05-10 23:30"))
    assert (last_day(decision), decision.fixed_by) == (date(2004, 6, 9), DueFixedBy.TEMPLATE)
    assert decision.facts == (CountedFrom(amount=30, unit="days", since="assigned", day=date(2004, 5, 10)),)


def test_counting_from_a_signing_that_has_no_date_is_refused_by_name() -> None:
    with pytest.raises(BadInput) as refusal:
        decide(template(deadline={"rule": "relative", "amount": 15}), issued_on=None)
    assert refusal.value.tell("en") == (
        "duty 2: deadline counts from the signing date, but issued_on of the directive is empty;"
        " give the date or count from assignment (since: assigned)"
    )


@pytest.mark.parametrize(
    ("within", "last"),
    [
        ("2003-09", "2003-09-30"),
        ("2003-Q1", "2003-03-31"),
        ("2003-Q2", "2003-06-30"),
        ("2003-Q3", "2003-09-30"),
        ("2003-Q4", "2003-12-31"),
        ("2003-H1", "2003-06-30"),
        ("2003-H2", "2003-12-31"),
        ("2003", "2003-12-31"),
    ],
)
def test_a_vague_date_is_its_last_day(within: str, last: str) -> None:
    decision = decide(template(deadline={"rule": "vague", "within": within}))
    assert (f"{last_day(decision)}", decision.facts) == (last, (WithinPeriod(period=within),))


def test_a_report_due_on_a_day_off_moves_back() -> None:
    decision = decide(template("standing", period=QUARTERLY), occurrence=parse("2004-Q2"))
    assert (last_day(decision), decision.fixed_by) == (date(2004, 6, 4), DueFixedBy.TEMPLATE)
    assert decision.moved_from == date(2004, 6, 6)
    assert decision.facts == (fell(date(2004, 6, 6), DateMovedTo.BACK, is_report=True),)


def test_each_kind_of_unit_has_its_own_sending_date() -> None:
    spec = template("standing", period=QUARTERLY)
    decision = decide(spec, occurrence=parse("2004-Q2"), unit_kind=UnitKind.DEPARTMENT)
    assert decision == DueDecision(end_of_day(date(2004, 6, 8)), DueFixedBy.TEMPLATE), "a working day: no reason"


@pytest.mark.parametrize("assigned", ["2004-06-05 09:00", "2004-06-06 09:00"])
def test_a_report_never_moves_back_to_before_it_was_assigned(assigned: str) -> None:
    spec = template("standing", period=QUARTERLY)
    decision = decide(spec, occurrence=parse("2004-Q2"), assigned_at=read_instant(assigned))
    assert last_day(decision) == date(2004, 6, 7)
    assert decision.facts == (fell(date(2004, 6, 6), DateMovedTo.FORWARD_AFTER_ALL, is_report=True),)


def test_a_report_may_move_back_to_the_very_day_it_was_assigned_on() -> None:
    spec = template("standing", period=QUARTERLY)
    decision = decide(spec, occurrence=parse("2004-Q2"), assigned_at=read_instant("2004-06-04 09:00"))
    assert last_day(decision) == date(2004, 6, 4)


def test_a_standing_duty_asked_for_singly_takes_the_date_it_is_given() -> None:
    spec = template("standing", period=QUARTERLY, on_request=True)
    assert decide(spec) == DueDecision(None, None)
    assert last_day(decide(spec, launch_due_on=date(2004, 6, 1))) == date(2004, 6, 1)


def test_a_contingency_runs_in_elapsed_hours_through_night_and_holiday() -> None:
    spec = template("contingency", deadline={"rule": "hours"}, ladder="contingency")
    decision = decide(spec, assigned_at=read_instant("2004-01-22 02:30"), launch_due_on=date(2004, 6, 1))
    assert decision.due_at == read_instant("2004-01-23 02:30")
    assert decision.facts == (HoursFromAssignment(hours=24, assigned_at=read_instant("2004-01-22 02:30")),)
    assert decision.fixed_by is DueFixedBy.TEMPLATE


def test_a_child_tasks_date_is_cut_to_its_parents() -> None:
    spec = template(deadline={"rule": "fixed", "on": "2004-06-30"})
    decision = decide(spec, parent_due_at=end_of_day(date(2004, 6, 15)))
    assert (last_day(decision), decision.fixed_by) == (date(2004, 6, 15), DueFixedBy.PARENT)
    own, due = end_of_day(date(2004, 6, 30)), end_of_day(date(2004, 6, 15))
    assert decision.facts == (CutToWhole(own_due_at=own, due_at=due),)
    assert decision.moved_from == date(2004, 6, 30)


def test_a_child_tasks_own_reason_stands_before_the_cut() -> None:
    spec = template(deadline={"rule": "fixed", "on": "2004-06-30", "before": True})
    decision = decide(spec, parent_due_at=end_of_day(date(2004, 6, 15)))
    own, due = end_of_day(date(2004, 6, 29)), end_of_day(date(2004, 6, 15))
    assert decision.facts == (BeforeDay(day=date(2004, 6, 30)), CutToWhole(own_due_at=own, due_at=due))


def test_a_parents_date_in_the_middle_of_a_day_is_told_with_its_hour() -> None:
    hour = read_instant("2004-06-15 14:30")
    assert decide(template(), parent_due_at=hour).facts == (DateOfWhole(due_at=hour),)


def test_a_child_task_within_its_parents_date_keeps_its_own() -> None:
    decision = decide(template(), launch_due_on=date(2004, 6, 1), parent_due_at=end_of_day(date(2004, 6, 15)))
    assert (last_day(decision), decision.fixed_by) == (date(2004, 6, 1), DueFixedBy.ASSIGNER)


def test_a_child_task_without_a_date_has_its_parents() -> None:
    decision = decide(template(), parent_due_at=end_of_day(date(2004, 6, 15)))
    assert (last_day(decision), decision.fixed_by) == (date(2004, 6, 15), DueFixedBy.PARENT)
    assert decision.facts == (DateOfWhole(due_at=end_of_day(date(2004, 6, 15))),)


def test_an_impossible_year_is_refused() -> None:
    with pytest.raises(BadInput, match="1975 to 2099"):
        decide(template(deadline={"rule": "fixed", "on": "2204-06-30"}))


def test_only_dates_the_calendar_reaches_move_with_it() -> None:
    assert not moves_with_calendar(template())
    assert not moves_with_calendar(template(deadline={"rule": "fixed", "on": "2004-06-06"}))
    assert moves_with_calendar(template(deadline={"rule": "fixed", "on": "2004-06-06", "move": "forward"}))
    relative = {"rule": "relative", "amount": 15}
    assert moves_with_calendar(template(deadline=relative))
    assert not moves_with_calendar(template(deadline={**relative, "move": "stays"}))
    assert moves_with_calendar(template(deadline={**relative, "move": "stays", "unit": "working_days"}))
    assert moves_with_calendar(template("standing", period=QUARTERLY))


days = st.dates(date(2003, 1, 1), date(2010, 12, 31))
calendars = st.dictionaries(days, st.sampled_from(DayKind), max_size=8).map(WorkCalendar)
instants = st.datetimes(datetime(2003, 1, 1), datetime(2010, 12, 31)).map(lambda naive: read_instant(naive.isoformat()))
relative = st.fixed_dictionaries(
    {
        "rule": st.just("relative"),
        "amount": st.integers(1, 120),
        "unit": st.sampled_from(["days", "working_days", "months"]),
        "since": st.just("assigned"),
        "move": st.sampled_from(DayOffMove),
    }
)


@given(relative, calendars, instants)
def test_relative_date_is_after_assignment_and_on_no_day_off(
    rule: dict[str, Any], calendar: WorkCalendar, assigned_at: datetime
) -> None:
    decision = decide(template(deadline=rule), calendar=calendar, assigned_at=assigned_at)
    assert decision.due_at
    assert decision.due_at > assigned_at
    if rule["move"] is not DayOffMove.STAYS or rule["unit"] == "working_days":
        assert calendar.is_working(due_date(decision.due_at))
    assert (decision.moved_from is not None) == any(isinstance(one, OnDayOff) for one in decision.facts)


@given(calendars, instants, st.sampled_from(["2004-Q1", "2005-Q2", "2006-Q3", "2007-Q4"]), st.sampled_from(UnitKind))
def test_a_report_is_never_due_on_a_day_off_and_moves_only_with_a_reason(
    calendar: WorkCalendar, assigned_at: datetime, key: str, kind: UnitKind
) -> None:
    spec = template("standing", period=QUARTERLY)
    raw = decide(template("standing", period={**QUARTERLY, "move": "stays"}), occurrence=parse(key), unit_kind=kind)
    decision = decide(spec, calendar=calendar, assigned_at=assigned_at, occurrence=parse(key), unit_kind=kind)
    assert decision.due_at
    assert raw.due_at
    assert calendar.is_working(due_date(decision.due_at))
    assert bool(decision.facts) == (decision.due_at != raw.due_at)
    if raw.due_at > assigned_at:
        assert decision.due_at > assigned_at


@given(relative, calendars, instants, st.one_of(st.none(), days), days)
def test_no_child_passes_its_parent(
    rule: dict[str, Any], calendar: WorkCalendar, assigned_at: datetime, given_on: date | None, parent_on: date
) -> None:
    facts: dict[str, Any] = {"calendar": calendar, "assigned_at": assigned_at, "launch_due_on": given_on}
    for spec in (template(), template(deadline=rule)):
        decision = decide(spec, parent_due_at=end_of_day(parent_on), **facts)
        assert decision.due_at
        assert decision.due_at <= end_of_day(parent_on)
        alone = decide(spec, **facts)
        assert (decision.fixed_by is DueFixedBy.PARENT) == (decision.due_at != alone.due_at)


def test_local_dates_are_what_counts() -> None:
    # 23:30 on the 10th in Hà Nội is still the 10th in UTC, 06:30 is the 9th there
    spec = template(deadline={"rule": "relative", "amount": 1, "unit": "days", "since": "assigned", "move": "stays"})
    early = read_instant("2004-05-10 06:30")
    assert early.date() != local_date(early)
    assert last_day(decide(spec, assigned_at=early)) == date(2004, 5, 10) + timedelta(days=1)
