"""How well warnings did: correct ones and missed tasks, counted from what was known on each past day."""

from datetime import date, timedelta

import pytest

from models.text.localtime import end_of_day
from tests.lives import Teller, generate
from workflows.reports.scorecards.risks import replay
from workflows.rules.calendar.workdays import WorkCalendar
from workflows.rules.escalation.backtest import Case, Score, by_month, score, score_words
from workflows.rules.escalation.risk import WARN_FROM

CALENDAR = WorkCalendar()
UNTIL = date(2026, 6, 30)


def cases(*counts: tuple[int, bool, bool]) -> list[Case]:
    """So many cases: late or not, warned of or not."""
    due = UNTIL - timedelta(days=30)
    return [Case(due, late, warned) for count, late, warned in counts for _ in range(count)]


def test_correct_warnings_and_missed_tasks_are_counted() -> None:
    found = score(cases((7, True, True), (3, False, True), (5, True, False), (85, False, False)))
    assert found == Score(cases=100, late=12, warned=10, warned_late=7) and found.missed == 5
    assert score_words(found) == (
        "In the last 12 months, correct warnings: 7 of 10; late tasks that were missed: 5 of 12."
    )


def test_without_a_case_nothing_is_said() -> None:
    assert score_words(score([])) == "The rule cannot be tested yet: no deadline fell in the last 12 months."


def test_by_month_adds_up() -> None:
    found = by_month(Case(date(2026, month, 5), True, True) for month in (1, 1, 2))
    assert {month: one.cases for month, one in found.items()} == {"2026-01": 2, "2026-02": 1}


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_where_lateness_has_the_causes_that_the_rule_looks_at_it_is_found(seed: int) -> None:
    found = replay(list(generate(seed, UNTIL)), UNTIL, CALENDAR).whole
    assert found.warned_late / found.warned > 1.4 * found.late / found.cases
    assert found.missed < found.warned_late


def test_the_replay_knows_nothing_that_was_recorded_later() -> None:
    """The first warning of each task is the same, whatever happens afterwards."""
    tolds = list(generate(4, UNTIL))
    earlier = UNTIL - timedelta(days=7 * 26)
    cut = [
        told._replace(rows=tuple(row for row in told.rows if row.recorded_at < end_of_day(earlier))) for told in tolds
    ]
    known = {told.task_id: told for told in cut if told.rows}
    whole, part = replay(tolds, UNTIL, CALENDAR), replay(list(known.values()), earlier, CALENDAR)
    months = sorted(set(whole.months) & set(part.months))[:-3]  # of the newest dates not all results were in by then
    assert len(months) >= 2
    for month in months:
        assert (whole.months[month].warned, whole.months[month].cases) == (
            part.months[month].warned,
            part.months[month].cases,
        )


def test_waiting_result_is_no_case_and_moved_date_is_judged_anew() -> None:
    given, due = date(2026, 3, 2), date(2026, 3, 27)
    waiting = Teller().assigned(given, due).then("accepted", given).then("submitted", date(2026, 3, 26))
    assert replay([waiting.told], UNTIL, CALENDAR).whole.cases == 0
    moved = Teller().assigned(given, due)  # never accepted, so that it is warned of before the first date
    moved.then("due_moved", date(2026, 3, 26), due_on="2026-06-19").then("accepted", date(2026, 3, 26))
    moved.then("progress", date(2026, 4, 20)).done(date(2026, 6, 18))
    found = replay([moved.told], UNTIL, CALENDAR).whole
    assert (found.cases, found.late, found.warned) == (1, 0, 0)


def test_the_threshold_is_within_reach_of_two_signs_and_not_of_the_weakest_one() -> None:
    assert 1 < WARN_FROM <= 4
