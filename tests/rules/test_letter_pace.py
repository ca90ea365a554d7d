"""When news leaves: within sending hours, gathered, never past the day on which somebody must act."""

from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.letters.letter_preference import Matter, Pace
from models.organization.calendar import DayKind
from models.text.localtime import MORNING, at_local, end_of_day, local, local_date, read_instant
from workflows.rules.calendar.workdays import WorkCalendar
from workflows.rules.letter_pace import (
    CHOICES,
    NO_CHOICE,
    SENDING_TIMES,
    PaceChoice,
    default_pace,
    has_summary,
    matter_of,
    plan_departure,
)
from workflows.rules.tasks.lifecycle import SPECS

PLAIN = WorkCalendar()
EVENTS = sorted({*(spec.rule.event for spec in SPECS.values()), "due_set", "children_closed", "message"})
ROLES = ("head", "officer", "coordinator", "decider", "supervisor", "coordinating", "named")
days = st.dates(date(2026, 1, 1), date(2026, 12, 20))
calendars = st.dictionaries(days, st.sampled_from(DayKind), max_size=6).map(WorkCalendar)
moments = st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 20)).map(lambda naive: read_instant(naive.isoformat()))
quiets = st.none() | st.tuples(st.integers(420, 1079), st.integers(1, 660)).map(
    lambda one: (one[0], min(one[0] + one[1], 1080))
)
paces = st.fixed_dictionaries({}, optional={matter: st.sampled_from(possible) for matter, possible in CHOICES.items()})
choices = st.builds(PaceChoice, paces, quiets)
dues = st.none() | days.map(end_of_day)
events, roles = st.sampled_from(EVENTS), st.sampled_from(ROLES)


def next_morning(moment: datetime, calendar: WorkCalendar) -> datetime:
    """The first 08:00 of a working day at or after a moment."""
    day = local_date(moment)
    if calendar.is_working(day) and at_local(day) >= moment:
        return at_local(day)
    return at_local(calendar.add(day, 1))


@given(events, roles, moments, dues, choices, calendars)
def test_news_leaves_in_sending_hours_by_the_next_morning(
    event: str, role: str, moment: datetime, due: datetime | None, choice: PaceChoice, calendar: WorkCalendar
) -> None:
    leaving = plan_departure(event, role, moment, due, choice, calendar)
    if leaving is None:
        matter = matter_of(event)
        assert matter is not None and choice.paces[matter] is Pace.OFF
        return
    assert calendar.in_sending_hours(leaving.slot)
    assert moment <= leaving.slot <= max(next_morning(moment, calendar), calendar.event_slot(moment))
    if leaving.with_digest:
        assert local(leaving.slot).time() == MORNING


@given(events, roles, moments, dues, choices, calendars)
def test_no_choice_delays_what_must_be_acted_on_past_its_day(
    event: str, role: str, moment: datetime, due: datetime | None, choice: PaceChoice, calendar: WorkCalendar
) -> None:
    leaving = plan_departure(event, role, moment, due, choice, calendar)
    if matter_of(event) is not Matter.CHANGES or due is None:
        return
    assert leaving is not None
    soonest = calendar.event_slot(moment)
    assert leaving.slot == soonest or end_of_day(local_date(leaving.slot)) < due


@given(st.lists(st.tuples(events, moments), max_size=30), roles, calendars)
def test_usual_choice_is_two_letters_a_day_at_most(
    told: list[tuple[str, datetime]], role: str, calendar: WorkCalendar
) -> None:
    by_day: dict[date, set[datetime]] = {}
    for event, moment in told:
        if matter_of(event) is None:
            continue
        leaving = plan_departure(event, role, moment, None, NO_CHOICE, calendar)
        assert leaving is not None
        by_day.setdefault(local_date(leaving.slot), set()).add(leaving.slot)
    assert all(len(slots) <= 2 for slots in by_day.values())


@given(moments, moments, calendars)
def test_requests_to_decide_are_two_hours_apart_at_least(
    one: datetime, another: datetime, calendar: WorkCalendar
) -> None:
    often = PaceChoice({Matter.REQUESTS: Pace.TWO_HOURS})
    slots = [plan_departure("submitted", "decider", moment, None, often, calendar) for moment in (one, another)]
    assert slots[0] and slots[1]
    apart = abs(slots[0].slot - slots[1].slot)
    assert not apart or apart >= timedelta(hours=2)


@given(moments, choices, calendars)
def test_what_somebody_was_given_or_reminded_of_is_told_at_once(
    moment: datetime, choice: PaceChoice, calendar: WorkCalendar
) -> None:
    for event in ("assigned_on", "lead_changed", "reminded"):
        leaving = plan_departure(event, "head", moment, None, choice, calendar)
        assert leaving and leaving.slot == calendar.event_slot(moment)


def test_only_what_no_ladder_forces_can_be_off() -> None:
    assert {matter for matter, possible in CHOICES.items() if Pace.OFF in possible} == set(Matter) - {Matter.CHANGES}
    assert matter_of("returned") is Matter.CHANGES and matter_of("something new") is Matter.CHANGES
    assert matter_of("submitted") is Matter.REQUESTS and matter_of("approved") is Matter.NEWS
    assert all(default_pace(matter, role) in CHOICES[matter] for matter in Matter for role in ROLES)


@pytest.mark.parametrize(
    ("event", "role", "at", "leaves", "with_digest"),
    [
        ("submitted", "decider", "2026-11-05T09:30", "2026-11-06T08:00", True),
        ("submitted", "decider", "2026-11-06T09:30", "2026-11-09T08:00", True),  # over a weekend
        ("returned", "head", "2026-11-05T09:30", "2026-11-05T14:00", False),
        ("returned", "head", "2026-11-05T14:01", "2026-11-06T08:00", True),
        ("approved", "head", "2026-11-05T07:10", "2026-11-05T08:00", True),
        ("reminded", "head", "2026-11-05T09:30", "2026-11-05T09:30", False),
    ],
)
def test_news_by_the_usual_choice(event: str, role: str, at: str, leaves: str, with_digest: bool) -> None:
    leaving = plan_departure(event, role, read_instant(f"{at}+07:00"), None, NO_CHOICE, PLAIN)
    assert leaving == (read_instant(f"{leaves}+07:00"), with_digest)


def test_on_the_last_day_a_returned_result_is_told_at_once() -> None:
    moment, due = read_instant("2026-11-05T14:30+07:00"), end_of_day(date(2026, 11, 6))
    leaving = plan_departure("returned", "head", moment, due, NO_CHOICE, PLAIN)
    assert leaving == (moment, False)
    asked = plan_departure("extension_asked", "decider", moment, due, NO_CHOICE, PLAIN)
    assert asked == (read_instant("2026-11-05T16:00+07:00"), False)


def test_quiet_hours_hold_back_all_but_the_morning_and_what_is_pressing() -> None:
    noon = PaceChoice({Matter.NEWS: Pace.AT_ONCE, Matter.CHANGES: Pace.TWO_HOURS}, (11 * 60 + 30, 13 * 60 + 30))
    moment = read_instant("2026-11-05T11:45+07:00")
    after = (read_instant("2026-11-05T13:30+07:00"), False)
    assert plan_departure("approved", "head", moment, None, noon, PLAIN) == after
    assert plan_departure("returned", "head", moment, None, noon, PLAIN) == after
    assert plan_departure("returned", "head", moment, end_of_day(date(2026, 11, 5)), noon, PLAIN) == (moment, False)
    early = PaceChoice(quiet=(7 * 60, 18 * 60))
    assert plan_departure("approved", "head", moment, None, early, PLAIN) == (
        read_instant("2026-11-06T08:00+07:00"),
        True,
    )


def test_weekly_summary_is_there_until_it_is_switched_off() -> None:
    assert has_summary(NO_CHOICE) and not has_summary(PaceChoice({Matter.SUMMARY: Pace.OFF}))


MONDAY = date(2026, 3, 2)
SOON = {Matter.CHANGES: Pace.TWO_HOURS}


def leaves(hour: int, minute: int = 0, *, role: str = "head", choice: PaceChoice = NO_CHOICE) -> tuple[date, str]:
    """When the news of a moved date leaves that happened on a Monday at this hour."""
    leaving = plan_departure("due_moved", role, at_local(MONDAY, time(hour, minute)), None, choice, PLAIN)
    assert leaving is not None
    return local_date(leaving.slot), f"{local(leaving.slot):%H:%M}"


@pytest.mark.parametrize(
    ("quiet", "at"),
    [((600, 660), "11:00"), ((540, 600), "10:00"), ((605, 620), "10:00"), ((540, 630), "10:30"), (None, "10:00")],
)
def test_what_would_leave_in_quiet_hours_leaves_at_their_end(quiet: tuple[int, int] | None, at: str) -> None:
    assert leaves(9, choice=PaceChoice(SOON, quiet)) == (MONDAY, at)


def test_what_happens_at_a_mark_leaves_at_it() -> None:
    assert leaves(10, choice=PaceChoice(SOON)) == (MONDAY, "10:00")
    assert leaves(10, 1, choice=PaceChoice(SOON)) == (MONDAY, "12:00")


def test_who_must_act_hears_of_a_change_the_same_day_others_in_the_morning() -> None:
    assert leaves(9) == (MONDAY, "14:00")
    assert leaves(9, role="coordinator") == (MONDAY + timedelta(days=1), "08:00")


def test_messages_are_a_matter_of_their_own() -> None:
    assert matter_of("message") is matter_of("directive_question_asked") is Matter.MESSAGES
    assert matter_of("mentioned") is matter_of("lead_changed") is None


def test_the_moments_of_a_day_and_what_may_be_chosen() -> None:
    assert [f"{at:%H:%M}" for at in SENDING_TIMES[Pace.TWO_HOURS]] == ["08:00", "10:00", "12:00", "14:00", "16:00"]
    every = set(Pace)
    assert {matter: every - set(possible) for matter, possible in CHOICES.items()} == {
        Matter.CHANGES: {Pace.OFF},
        Matter.REQUESTS: {Pace.AT_ONCE},
        Matter.NEWS: set(),
        Matter.MESSAGES: set(),
        Matter.SUMMARY: {Pace.AT_ONCE, Pace.TWO_HOURS, Pace.TWICE},
    }


@pytest.mark.parametrize(
    ("matter", "told"),
    [
        (None, "assigned_on lead_changed reminded mentioned directive_mentioned"),
        (Matter.REQUESTS, "submitted corrected extension_asked obstacle_raised lead_change_asked"),
        (Matter.NEWS, "approved received contributed template_changed lead_kept approval_undone taken_back"),
        (Matter.CHANGES, "returned due_moved obstacle_answered withdrawn reopened"),
    ],
)
def test_each_event_is_of_its_matter(matter: Matter | None, told: str) -> None:
    assert {matter_of(event) for event in told.split()} == {matter}


@pytest.mark.parametrize("role", ["coordinator", "supervisor", "parent_organisation", "decider", "decider_superior"])
def test_who_follows_tasks_up_hears_of_changes_in_the_morning(role: str) -> None:
    assert default_pace(Matter.CHANGES, role) is Pace.MORNING
    assert default_pace(Matter.CHANGES, "officer") is Pace.TWICE


def test_a_corrected_result_waits_for_the_morning_even_on_the_tasks_last_day() -> None:
    day = end_of_day(MONDAY)
    for event in ("submitted", "corrected"):
        leaving = plan_departure(event, "coordinator", at_local(MONDAY, time(9)), day, NO_CHOICE, PLAIN)
        assert leaving is not None and leaving.with_digest
