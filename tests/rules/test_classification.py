"""The official two by two, against the domain's sentences and the published figures."""

from collections import Counter
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.database.ids import new_id
from models.tasks.task import TaskStatus
from models.text.localtime import at_local, end_of_day
from workflows.rules.tasks.classification import (
    COUNTED_EVENTS,
    AsOf,
    Bucket,
    Figures,
    HistoryRow,
    classify,
    fold,
    percent,
)

CUTOFF = date(2016, 8, 31)
UNIT, OTHER = str(new_id()), str(new_id())


def row(event: str, day: date, status: str | None = None, /, **facts: Any) -> HistoryRow:
    return HistoryRow(at_local(day), event, day, status, facts)


def assigned(due: date | None = date(2016, 8, 20), *, day: date = date(2016, 8, 1), **more: Any) -> HistoryRow:
    facts = {"due_on": due and due.isoformat(), "unit": UNIT, "root": True, "drill": False} | more
    return row("assigned", day, "assigned", **facts)


def submitted(day: date) -> HistoryRow:
    return row("submitted", day, "submitted")


def approved(day: date, counts_on: date) -> HistoryRow:
    return row("approved", day, "approved", counts_on=counts_on.isoformat())


def moved(day: date, due: date) -> HistoryRow:
    return row("due_moved", day, due_on=due.isoformat(), reason="gia hạn", **{"from": "2016-08-20"})


def bucket(*rows: HistoryRow, on_original: bool = False) -> Bucket | None:
    task = fold(rows, CUTOFF)
    return classify(task, AsOf.close(CUTOFF), on_original=on_original) if task.counts else None


def d(day: int, month: int = 8) -> date:
    return date(2016, month, day)


def test_a_result_that_met_the_date_is_on_time_however_slow_the_approval() -> None:
    assert bucket(assigned(d(20)), submitted(d(20)), approved(d(30), d(20))) is Bucket.DONE_ON_TIME


def test_a_result_one_day_after_the_date_is_done_late() -> None:
    assert bucket(assigned(d(20)), submitted(d(21)), approved(d(21), d(21))) is Bucket.DONE_LATE


def test_the_clerks_receipt_counts_for_on_time() -> None:
    received = row("received", d(20), "submitted", received_on="2016-08-20")._replace(recorded_at=at_local(d(25)))
    assert bucket(assigned(d(20)), received, approved(d(26), d(20))) is Bucket.DONE_ON_TIME


def test_the_day_on_the_receipt_counts_and_not_the_day_it_was_written_down() -> None:
    received = row("received", d(25), "submitted", received_on="2016-08-20")
    assert fold([assigned(d(20)), received], CUTOFF).submitted_on == d(20)
    assert bucket(assigned(d(20)), received, row("approved", d(26), "approved")) is Bucket.DONE_ON_TIME
    follows = row("received", d(25), "submitted", received_on="2016-08-25", counts_on="2016-08-19")
    assert fold([assigned(d(20)), submitted(d(19)), follows], CUTOFF).submitted_on == d(19), "the paper came after it"
    without = row("received", d(25), "submitted")
    assert fold([assigned(d(20)), without], CUTOFF).submitted_on == d(25)


def test_an_approval_without_its_day_counts_by_the_submission() -> None:
    rows = assigned(d(20)), submitted(d(19)), row("approved", d(30), "approved")
    assert bucket(*rows) is Bucket.DONE_ON_TIME


def test_submitted_but_not_approved_is_not_done() -> None:
    assert bucket(assigned(d(20)), submitted(d(10))) is Bucket.OPEN_OVERDUE


def test_returned_is_not_done() -> None:
    assert bucket(assigned(d(20)), submitted(d(10)), row("returned", d(12), "returned")) is Bucket.OPEN_OVERDUE


def test_a_task_due_on_the_cutoff_day_itself_is_in_time() -> None:
    assert bucket(assigned(CUTOFF)) is Bucket.OPEN_IN_TIME
    assert bucket(assigned(CUTOFF - timedelta(days=1))) is Bucket.OPEN_OVERDUE


def test_without_a_date_a_task_is_open_in_time_and_done_on_time() -> None:
    assert bucket(assigned(None)) is Bucket.OPEN_IN_TIME
    assert bucket(assigned(None), submitted(d(30)), approved(d(30), d(30))) is Bucket.DONE_ON_TIME


@pytest.mark.parametrize(
    "told",
    [
        row("due_set", d(2), due_on="2016-09-15"),
        row("due_moved", d(2), due_on="2016-09-15"),
        row("lead_changed", d(2), "assigned", to=OTHER),
        row("submitted", d(2), "submitted"),
        row("received", d(2), "submitted"),
        row("returned", d(2), "returned"),
        row("approved", d(2), "approved"),
        row("withdrawn", d(2), "withdrawn"),
    ],
    ids=lambda told: told.event,
)
def test_no_event_that_changes_a_tasks_place_is_left_in_the_database(told: HistoryRow) -> None:
    assert fold([assigned(), told], CUTOFF) != fold([assigned()], CUTOFF)
    assert told.event in COUNTED_EVENTS


def test_a_first_date_is_also_the_original_one() -> None:
    task = fold([assigned(None), row("due_set", d(2), due_on="2016-08-15")], CUTOFF)
    assert task.due_on == task.original_due_on == d(15)


def test_an_extension_cannot_hide_lateness_from_the_original_date() -> None:
    rows = assigned(d(20)), moved(d(19), d(30)), submitted(d(25)), approved(d(26), d(25))
    assert bucket(*rows) is Bucket.DONE_ON_TIME
    assert bucket(*rows, on_original=True) is Bucket.DONE_LATE
    assert fold(rows, CUTOFF).original_due_on == d(20)


def test_a_withdrawn_task_leaves_the_total_and_a_reopened_one_comes_back() -> None:
    withdrawn = row("withdrawn", d(10), "withdrawn")
    assert bucket(assigned(), withdrawn) is None
    assert bucket(assigned(), withdrawn, row("reopened", d(12), "accepted")) is Bucket.OPEN_OVERDUE
    assert fold([assigned(), withdrawn], d(9)).counts, "before its withdrawal it counted"


def test_reopening_an_approved_task_makes_it_not_done() -> None:
    rows = assigned(d(20)), submitted(d(5)), approved(d(6), d(5)), row("reopened", d(12), "accepted")
    assert bucket(*rows) is Bucket.OPEN_OVERDUE
    assert fold(rows, CUTOFF).counts_on is None


@pytest.mark.parametrize("event", ["due_set", "due_moved"])
def test_a_new_date_recorded_beside_a_reopening_does_not_close_the_task_again(event: str) -> None:
    reopened = row("reopened", d(12), "accepted"), row(event, d(12), "withdrawn", due_on="2016-09-15")
    assert bucket(assigned(d(20)), row("withdrawn", d(10), "withdrawn"), *reopened) is Bucket.OPEN_IN_TIME


def test_only_root_tasks_count_and_drills_stay_outside() -> None:
    assert bucket(assigned(root=False)) is None
    assert bucket(assigned(drill=True)) is None


def test_a_change_of_lead_moves_the_task_to_its_new_lead() -> None:
    task = fold([assigned(), row("lead_changed", d(3), "assigned", **{"from": UNIT, "to": OTHER})], CUTOFF)
    assert str(task.lead_unit) == OTHER


def test_the_cutoff_is_midnight_local_of_its_day() -> None:
    last = end_of_day(CUTOFF) - timedelta(microseconds=1)
    done = approved(CUTOFF, d(20))
    assert bucket(assigned(d(20)), done._replace(recorded_at=last)) is Bucket.DONE_ON_TIME
    assert bucket(assigned(d(20)), done._replace(recorded_at=end_of_day(CUTOFF))) is Bucket.OPEN_OVERDUE


def test_a_task_assigned_after_the_cutoff_is_not_there() -> None:
    assert not fold([assigned(day=d(1, 9))], CUTOFF).exists


PUBLISHED = [  # domain.md: total, done, on time, late, open, in time, overdue, rate and its complement
    ((3_726, 1_739, 1_310, 429, 1_987, 1_812, 175), "90,86%", "9,14%"),
    ((21_914, 16_051, 14_068, 1_983, 5_863, 5_640, 223), "98,63%", "1,37%"),
]


@pytest.mark.parametrize(("published", "rate", "overdue_rate"), PUBLISHED, ids=["8/2016", "2017"])
def test_the_published_figures(published: tuple[int, ...], rate: str, overdue_rate: str) -> None:
    *_, on_time, late, _open, in_time, overdue = published
    stories = [
        ([assigned(d(20)), submitted(d(18)), approved(d(25), d(18))], on_time),
        ([assigned(d(20)), submitted(d(22)), approved(d(25), d(22))], late),
        ([assigned(d(15, 9))], in_time),
        ([assigned(d(20))], overdue),
    ]
    buckets = Counter(classify(fold(rows, CUTOFF), AsOf.close(CUTOFF)) for rows, count in stories for _ in range(count))
    figures = Figures.counted(buckets)
    assert published == (
        figures.total,
        figures.done,
        figures.done_on_time,
        figures.done_late,
        figures.open,
        figures.open_in_time,
        figures.open_overdue,
    )
    assert (percent(figures.rate), percent(figures.overdue_rate)) == (rate, overdue_rate)
    assert figures.rate == Fraction(figures.done, figures.done + figures.open_overdue)


def test_the_rate_is_a_dash_while_there_is_nothing_to_measure() -> None:
    assert Figures(open_in_time=3).rate is Figures(open_in_time=3).overdue_rate is None
    assert percent(None) == "–"
    assert percent(Fraction(1)) == "100,00%"
    assert percent(Fraction(873, 1000), "en") == "87.30%"


def test_a_rate_is_rounded_half_up_from_the_exact_fraction() -> None:
    assert [percent(Fraction(part, 100_000)) for part in (4, 5, 6, 14, 15)] == [
        "0,00%",
        "0,01%",
        "0,01%",
        "0,01%",
        "0,02%",
    ]


def test_as_much_done_as_overdue_is_a_rate_of_one_half() -> None:
    assert Figures(done_late=5, open_overdue=5).rate == Fraction(1, 2)


def test_the_share_of_all_counts_open_tasks_in_time_too() -> None:
    assert Figures(done_on_time=2, done_late=1, open_in_time=9).completion.of_all == Fraction(1, 4)
    assert Figures().completion.of_all is None


def test_tasks_without_a_date_are_counted_beside() -> None:
    assert Figures.counted(Counter()) == Figures()
    assert Figures.counted(Counter({Bucket.OPEN_IN_TIME: 3}), 2) == Figures(open_in_time=3, no_deadline=2)


days = st.dates(date(2016, 8, 1), date(2016, 9, 30))
moves = st.one_of(
    days.map(submitted),
    st.builds(approved, days, days),
    st.builds(moved, days, days),
    days.map(lambda day: row("returned", day, "returned")),
    days.map(lambda day: row("withdrawn", day, "withdrawn")),
    days.map(lambda day: row("reopened", day, "accepted")),
    days.map(lambda day: row("received", day, "submitted", received_on=day.isoformat())),
    days.map(lambda day: row("lead_changed", day, "assigned", **{"from": UNIT, "to": OTHER})),
    days.map(lambda day: row("accepted", day, "accepted")),
    days.map(lambda day: row("telephone", day)),
)
histories = st.builds(
    lambda start, rest: [start, *sorted(rest, key=lambda one: one.recorded_at)],
    st.builds(assigned, st.none() | days),
    st.lists(moves, max_size=12),
)


@given(histories, days)
def test_history_after_the_cutoff_changes_nothing(history: list[HistoryRow], cutoff: date) -> None:
    known = [one for one in history if one.recorded_at < end_of_day(cutoff)]
    assert fold(history, cutoff) == fold(known, cutoff)


@given(histories, days)
def test_events_left_in_the_database_would_change_no_bucket(history: list[HistoryRow], cutoff: date) -> None:
    whole = fold(_lawful(history), cutoff)
    read = fold([one for one in _lawful(history) if one.event in COUNTED_EVENTS], cutoff)
    assert whole.counts == read.counts
    assert classify(whole, AsOf.close(cutoff)) is classify(read, AsOf.close(cutoff))


def _lawful(history: list[HistoryRow]) -> list[HistoryRow]:
    """Without acceptances of tasks that are not waiting for one: the transition table refuses them."""
    kept: list[HistoryRow] = []
    for one in history:
        if one.event != "accepted" or fold(kept, date(2017, 1, 1)).status is TaskStatus.ASSIGNED:
            kept.append(one)
    return kept


@given(histories, days)
def test_figures_add_up(history: list[HistoryRow], cutoff: date) -> None:
    task = fold(history, cutoff)
    figures = Figures.counted(Counter([classify(task, AsOf.close(cutoff))] if task.counts else []))
    assert figures.total == figures.done + figures.open == int(task.counts)


def test_a_corrected_result_came_in_on_the_day_of_its_correction() -> None:
    corrected = row("corrected", d(21), "submitted")
    assert fold([assigned(d(20)), submitted(d(19)), corrected], CUTOFF).submitted_on == d(21)
