"""Scorecards: what counts for whom, in which period, and what is kept apart so that it is fair."""

from dataclasses import asdict
from datetime import date, timedelta
from fractions import Fraction
from itertools import pairwise
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.directives.directive import DutyKind
from tests.lives import AN, BA, Teller
from workflows.rules.calendar.periods import Period, parse
from workflows.rules.calendar.workdays import WorkCalendar
from workflows.rules.figures.scorecard_figures import Card, Dues, Every, periods_until, quartiles, whole_of, write_share
from workflows.rules.figures.tally import UnitTally
from workflows.rules.tasks.classification import AsOf, Bucket, classify

CALENDAR = WorkCalendar()
CUTOFF = date(2026, 9, 30)
QUARTERS = (parse("2026-Q2"), parse("2026-Q3"))


def day(number: int, month: int = 9) -> date:
    return date(2026, month, number)


def card(*tellers: Teller, unit: object = AN, period: int = -1, cutoff: date = CUTOFF) -> Card:
    """A unit's card, of both quarters together where no period is named."""
    count = UnitTally(QUARTERS, cutoff, CALENDAR)
    for teller in tellers:
        count.add(teller.told.life(), teller.kind)
    return count.cards().get(unit, (Card(),) * 3)[period]  # type: ignore[call-overload, no-any-return]


def given_task(due: date | None = day(10), unit: UUID = AN) -> Teller:
    return Teller().assigned(day(1), due, unit)


def test_a_task_stands_in_the_period_of_its_date_and_by_the_official_places() -> None:
    tasks = [given_task().done(day(10)), given_task().done(day(11)), given_task(), given_task(CUTOFF)]
    tasks.append(Teller().assigned(day(1, 6), day(30, 6)).done(day(29, 6)))
    assert card(*tasks, period=0).due == Dues(on_time=1)
    assert card(*tasks, period=1).due == Dues(on_time=1, late=1, overdue=1, today=1)
    assert card(*tasks).due.rate == Fraction(2, 4)


def test_a_date_still_to_come_is_in_no_rate_even_where_the_result_is_in() -> None:
    early = Teller().assigned(day(1), day(5, 10)).done(day(20))
    assert card(early).due == Dues() and card(early).running == 0
    assert card(Teller().assigned(day(1), day(5, 10))).running == 1


def test_what_waits_for_a_decision_counts_neither_for_nor_against_the_unit() -> None:
    waiting = given_task().then("submitted", day(9))
    found = card(waiting)
    assert found.due == Dues(overdue=1, pending=1) and found.due.rate is None and found.days_late is None
    assert found.kinds == ()
    late = given_task().then("submitted", day(11))
    assert card(late).due == Dues(overdue=1) and card(late).due.rate == 0
    assert card(waiting, late, waiting, late).due == Dues(overdue=4, pending=2)


def test_on_the_original_date_a_result_waits_only_if_it_was_sent_in_by_that_date() -> None:
    moved = {"due_on": "2026-09-20"}
    by_it = given_task().then("submitted", day(9)).then("due_moved", day(9), **moved)
    after_it = given_task().then("due_moved", day(9), **moved).then("submitted", day(15))
    never = given_task().then("due_moved", day(9), **moved)
    done = given_task().then("due_moved", day(9), **moved).done(day(9))
    assert card(by_it).on_original == Dues(overdue=1, pending=1)
    assert card(after_it).on_original == Dues(overdue=1) and card(after_it).due == Dues(overdue=1, pending=1)
    assert card(never).on_original == Dues(overdue=1)
    assert card(done).on_original == Dues(on_time=1)


def test_a_period_begins_and_ends_with_its_own_days() -> None:
    for due in (day(1, 7), CUTOFF):
        assert card(Teller().assigned(day(1, 6), due), period=1).due.total == 1
        assert card(Teller().assigned(day(1, 6), due), period=0).due.total == 0


def test_who_leads_a_task_is_known_even_where_nothing_fell_due() -> None:
    count = UnitTally(QUARTERS, CUTOFF, CALENDAR)
    count.add(Teller().assigned(day(1), None).told.life(), DutyKind.ONE_OFF)
    count.add(Teller().assigned(day(1), day(5), BA, drill=True).told.life(), DutyKind.ONE_OFF)
    assert count.leads == {AN}


def test_days_late_are_working_days_and_their_median() -> None:
    # due on Thursday the 10th; Monday the 14th is two working days late, Friday the 11th one, the 18th six
    tasks = [given_task().done(day(late)) for late in (11, 14, 18)]
    assert card(*tasks).days_late == 2
    assert card(*tasks[:2]).days_late == 1.5
    overdue = given_task()
    assert card(overdue).days_late == CALENDAR.between(day(10), CUTOFF)


def test_a_date_moved_at_the_units_request_is_told_from_one_moved_by_others() -> None:
    asked = given_task().then("extension_asked", day(5), due_on="2026-09-20").then("extension_accepted", day(6))
    asked.then("due_moved", day(6), due_on="2026-09-20").done(day(15))
    moved = given_task().then("due_moved", day(6), due_on="2026-09-20").done(day(15))
    refused = given_task().then("extension_asked", day(5)).then("extension_refused", day(6)).done(day(10))
    assert (card(refused).asked, card(refused).granted, card(refused).refused) == (1, 0, 1)
    found = card(asked, moved)
    assert found.refused == 0
    assert (found.asked, found.granted, found.moved_on_request, found.moved_by_others) == (1, 1, 1, 1)
    assert found.due == Dues(on_time=2)
    assert found.on_original == Dues(late=2), "the original date is not forgotten"


def test_an_obstacle_without_an_answer_is_the_authoritys_lateness_and_told_apart() -> None:
    left = given_task().then("obstacle_raised", day(3), respond_on="2026-09-08").done(day(15))
    answered = given_task().then("obstacle_raised", day(3), respond_on="2026-09-08")
    answered.then("obstacle_answered", day(8)).done(day(9))
    slow = given_task().then("obstacle_raised", day(3), respond_on="2026-09-08")
    slow.then("obstacle_answered", day(9)).done(day(10))
    found = card(left, answered, slow)
    assert (found.obstacles, found.unanswered, found.late_while_waiting) == (3, 2, 1)
    in_time = given_task().then("obstacle_raised", day(3), respond_on="2026-09-08").done(day(10))
    late_by_itself = given_task().done(day(15))
    assert card(in_time, late_by_itself).late_while_waiting == 0


def test_the_followers_own_slowness_is_measured_beside() -> None:
    tasks = [given_task().done(day(7), approved=day(approved)) for approved in (8, 9, 14)]
    returned = given_task().then("submitted", day(7)).then("returned", day(8)).done(day(9), approved=day(10))
    found = card(*tasks, returned)
    assert found.decision_days == 1 and (found.decided, found.returned) == (5, 1)


def test_change_of_lead_leaves_the_past_with_the_old_lead() -> None:
    task = given_task().then("submitted", day(2)).then("returned", day(3))
    task.then("lead_changed", day(4), to=BA.hex).done(day(15))
    before, after = card(task), card(task, unit=BA)
    assert before.due == Dues() and before.returned == 1
    assert after.due == Dues(late=1) and after.returned == 0 and after.taken_over == 1
    assert card(task, task, given_task(unit=BA), unit=BA).taken_over == 2


def test_withdrawn_tasks_drills_and_children_stay_outside() -> None:
    withdrawn = given_task().then("withdrawn", day(20))
    child = Teller().assigned(day(1), day(10), root=False)
    drill = Teller().assigned(day(1), day(10), drill=True)
    assert card(withdrawn, child, drill) == Card()


def test_whatever_became_of_it_each_task_that_fell_due_is_in_the_total_once() -> None:
    assert Dues(on_time=5, late=3, overdue=2, today=1, pending=1).total == 11


def test_of_a_unit_whose_one_task_runs_on_quietly_nothing_is_told_but_that() -> None:
    told = asdict(card(Teller().assigned(day(1), day(5, 10))))
    assert {name: number for name, number in told.items() if isinstance(number, int) and number} == {"running": 1}
    assert (told["days_late"], told["decision_days"], told["kinds"]) == (None, None, ())


def test_tasks_without_a_date_are_said_and_in_no_rate() -> None:
    found = card(given_task(None))
    assert (found.undated, found.running, found.due.total, found.due.rate) == (1, 0, 0, None)
    assert card(given_task(None), given_task(None)).undated == 2


def test_kinds_of_duty_stand_apart() -> None:
    study = given_task().done(day(15))
    report = given_task().done(day(9))
    report.kind = DutyKind.RECURRING
    found = card(study, report, study, report, given_task(CUTOFF))
    assert [(one.kind, one.measured, one.on_time) for one in found.kinds] == [
        (DutyKind.ONE_OFF, 2, 0),
        (DutyKind.RECURRING, 2, 2),
    ]


def test_no_quartiles_of_fewer_than_five_units() -> None:
    assert quartiles([0.1, 0.2, 0.3, 0.4]) is None
    found = quartiles([0.0, 0.25, 0.5, 0.75, 1.0])
    assert found is not None and (found.units, found.lower, found.middle, found.upper) == (5, 0.25, 0.5, 0.75)


@pytest.mark.parametrize(("every", "first", "count"), [(Every.MONTH, "2025-10", 12), (Every.QUARTER, "2025-Q2", 6)])
def test_periods_end_with_the_one_of_the_cut_off(every: Every, first: str, count: int) -> None:
    found = periods_until(CUTOFF, every)
    assert (found[0].key, len(found)) == (first, count)
    assert found[-1].first_day <= CUTOFF <= found[-1].last_day
    assert all(one.last_day + timedelta(days=1) == two.first_day for one, two in pairwise(found))


@pytest.mark.parametrize("month", range(1, 13))
def test_a_quarter_begins_with_january_april_july_or_october(month: int) -> None:
    newest = periods_until(date(2026, month, 15), Every.QUARTER)[-1]
    assert newest.first_day <= date(2026, month, 15) <= newest.last_day


def test_the_whole_reaches_from_the_first_day_to_the_last_and_has_no_name() -> None:
    periods = periods_until(CUTOFF, Every.MONTH)
    assert whole_of(periods) == Period("", date(2025, 10, 1), CUTOFF)


moves = st.lists(
    st.tuples(
        st.sampled_from(["accepted", "submitted", "returned", "approved", "due_moved", "lead_changed", "withdrawn"]),
        st.integers(2, 29),
    ),
    max_size=7,
)


@given(st.lists(st.tuples(st.integers(2, 30), moves), min_size=1, max_size=6))
def test_whatever_happened_the_cards_add_up_to_the_reports_own_places(
    given_tasks: list[tuple[int, list[tuple[str, int]]]],
) -> None:
    tellers = []
    for due, happened in given_tasks:
        teller = given_task(day(due))
        for event, on in sorted(happened, key=lambda one: one[1]):
            teller.then(event, day(on), due_on=day(due).isoformat(), to=BA.hex)
        tellers.append(teller)
    lives = [teller.told.life() for teller in tellers]
    expected = [classify(life, AsOf.close(CUTOFF)) for life in lives if life.counts]
    dues = [card(*tellers, unit=unit).due for unit in (AN, BA)]
    assert sum(one.on_time for one in dues) == expected.count(Bucket.DONE_ON_TIME)
    assert sum(one.late for one in dues) == expected.count(Bucket.DONE_LATE)
    assert sum(one.overdue for one in dues) == expected.count(Bucket.OPEN_OVERDUE)
    assert all(0 <= one.pending <= one.overdue for one in dues)


@pytest.mark.parametrize(
    ("dues", "low", "high"),
    [
        (Dues(on_time=5), 0.566, 1.0),
        (Dues(overdue=5), 0.0, 0.434),
        (Dues(on_time=8, late=2), 0.490, 0.943),
        (Dues(on_time=80, late=20), 0.711, 0.867),
        (Dues(on_time=8, late=2, overdue=3, pending=3), 0.490, 0.943),
    ],
)
def test_a_rate_of_few_tasks_is_less_certain(dues: Dues, low: float, high: float) -> None:
    """Published values of Wilson's interval at 95%."""
    assert dues.interval == pytest.approx((low, high), abs=0.001)


@pytest.mark.parametrize("tasks", range(1, 12))
def test_no_rate_lies_below_none_or_above_all(tasks: int) -> None:
    for dues in (Dues(on_time=tasks), Dues(overdue=tasks)):
        low, high = dues.interval or (-1, 2)
        assert 0 <= low <= high <= 1


def test_a_rate_of_nothing_has_no_interval() -> None:
    assert Dues(today=3).interval is None


@pytest.mark.parametrize(
    ("share", "words"), [(0.0, "0%"), (0.004, "0%"), (0.005, "1%"), (0.825, "83%"), (0.994, "99%"), (1.0, "100%")]
)
def test_a_share_is_written_in_whole_percent_half_up(share: float, words: str) -> None:
    assert write_share(share) == words
