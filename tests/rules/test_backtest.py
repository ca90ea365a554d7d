"""How well warnings did: told from a lot where there is a cause, and not where there is none."""

from datetime import date, timedelta
from statistics import NormalDist

import pytest

from models.text.localtime import end_of_day
from tests.lives import Teller, generate
from workflows.reports.scorecards.risks import replay
from workflows.rules.calendar.workdays import WorkCalendar
from workflows.rules.escalation.backtest import Case, Verdict, by_month, score, verdict_words
from workflows.rules.escalation.risk import WARN_FROM

CALENDAR = WorkCalendar()
UNTIL = date(2026, 6, 30)


def cases(*counts: tuple[int, bool, bool]) -> list[Case]:
    """So many cases: late or not, warned of or not, each looked at once, two weeks before."""
    due = UNTIL - timedelta(days=30)
    return [Case(due, late, (2,), 9 if warned else None) for count, late, warned in counts for _ in range(count)]


def test_precision_recall_base_rate_and_how_early() -> None:
    found = score(cases((7, True, True), (3, False, True), (5, True, False), (85, False, False)))
    assert (found.cases, found.late, found.warned, found.warned_late) == (100, 12, 10, 7)
    assert [float(part) for part in (found.precision, found.recall, found.base_rate) if part] == [0.7, 7 / 12, 0.12]
    assert found.days_before == 9 and found.by_lot == pytest.approx(1.2)
    assert found.verdict is Verdict.BETTER
    assert verdict_words(found) == (
        "Of the 10 tasks that this rule warned of in the last 12 months, 7 became late (7 of 10); "
        "by lot it would have been 1. It missed 5 of 12 late tasks."
    )


def test_a_part_in_ten_is_rounded_half_up() -> None:
    found = score(cases((13, True, True), (7, False, True), (180, False, False)))
    assert found.verdict is Verdict.BETTER and "13 became late (7 of 10)" in verdict_words(found)


def test_how_far_a_lot_strays_by_itself() -> None:
    one_of_two = score([Case(UNTIL, True, (1,), 3), Case(UNTIL, False, (1,))])
    assert (one_of_two.by_lot, one_of_two.spread) == (0.5, 0.25)
    two_of_four = score([Case(UNTIL, late, (1,), 3 if late else None) for late in (True, True, False, False)])
    assert two_of_four.by_lot == 1 and two_of_four.spread == pytest.approx(2 / 4 * 2 / 3)
    alone = score([Case(UNTIL, True, (1,), 3)])
    assert (alone.by_lot, alone.spread, alone.chance) == (1, 0, 1), "of one task nothing can be told"


def test_warnings_that_find_what_a_lot_finds_are_called_chance() -> None:
    found = score(cases((3, True, True), (7, False, True), (27, True, False), (63, False, False)))
    assert found.by_lot == pytest.approx(3) and found.chance == pytest.approx(0.5)
    assert found.verdict is Verdict.CHANCE
    assert verdict_words(found) == (
        "The rule is no better than chance here: of the 10 tasks that it warned of in the last 12 months "
        "3 became late, and by lot it would have been 3. Do not act on a warning alone."
    )


def test_few_cases_say_nothing() -> None:
    nothing = score([])
    assert nothing.verdict is Verdict.TOO_FEW
    assert (nothing.precision, nothing.recall, nothing.base_rate, nothing.days_before) == (None, None, None, None)
    assert verdict_words(nothing) == (
        "The rule cannot be tested yet: in the last 12 months 0 dates came, and it warned of 0."
    )
    assert score(cases((4, True, True), (50, False, False))).verdict is Verdict.TOO_FEW
    assert verdict_words(score(cases((9, True, True)))) == (
        "The rule cannot be tested yet: in the last 12 months 9 dates came, and it warned of 9."
    )


@pytest.mark.parametrize(("dates", "warned"), [(20, 5), (21, 20), (200, 6)])
def test_from_twenty_dates_and_five_warnings_on_something_is_said(dates: int, warned: int) -> None:
    assert score(cases((warned, True, True), (dates - warned, False, False))).verdict is not Verdict.TOO_FEW


@pytest.mark.parametrize(("dates", "warned"), [(19, 5), (19, 15), (20, 4), (200, 4)])
def test_below_either_of_them_nothing_is(dates: int, warned: int) -> None:
    assert score(cases((warned, True, True), (dates - warned, False, False))).verdict is Verdict.TOO_FEW


@pytest.mark.parametrize("hits", range(2, 9))
def test_how_often_a_lot_would_do_as_well_is_read_from_the_bell_curve(hits: int) -> None:
    found = score(cases((hits, True, True), (10 - hits, False, True), (27, True, False), (63, False, False)))
    by_lot = NormalDist(found.by_lot, found.spread**0.5)
    assert found.chance == pytest.approx(1 - by_lot.cdf(hits))
    assert (found.verdict is Verdict.BETTER) is (found.chance < 1 / 100)


def test_to_be_open_shortly_before_the_date_is_no_merit_of_the_rule() -> None:
    """All that is still open in the last week is late, and the rule warns of half of it: a lot does as well."""
    done = [Case(UNTIL, False, (3, 2, 1)) for _ in range(80)]
    open_to_the_last = [Case(UNTIL, True, (3, 2, 1, 0), 2 if number % 2 else None) for number in range(20)]
    found = score([*done, *open_to_the_last])
    assert found.precision == 1 and found.base_rate is not None and found.base_rate < 1
    assert found.by_lot == 10 and found.verdict is Verdict.CHANCE


def test_by_month_adds_up() -> None:
    found = by_month(Case(date(2026, month, 5), True, (1,), 3) for month in (1, 1, 2))
    assert {month: one.cases for month, one in found.items()} == {"2026-01": 2, "2026-02": 1}


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_where_lateness_has_the_causes_that_the_rule_looks_at_it_is_found(seed: int) -> None:
    found = replay(list(generate(seed, UNTIL, is_random=False)), UNTIL, CALENDAR).whole
    assert found.verdict is Verdict.BETTER
    assert found.precision is not None and found.base_rate is not None and found.precision > 1.4 * found.base_rate
    assert found.recall is not None and found.recall > 0.5


@pytest.mark.parametrize("seed", [1, 2, 3, 4, 5, 6])
def test_where_lateness_is_by_lot_the_rule_is_no_better_than_chance(seed: int) -> None:
    found = replay(list(generate(seed, UNTIL, is_random=True)), UNTIL, CALENDAR).whole
    assert found.warned > 50, "it does warn"
    assert found.verdict is Verdict.CHANCE


def test_the_replay_knows_nothing_that_was_recorded_later() -> None:
    """The first warning of each task is the same, whatever happens afterwards."""
    tolds = list(generate(4, UNTIL, is_random=False))
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
