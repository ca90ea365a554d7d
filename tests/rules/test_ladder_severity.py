"""Which of several rungs is told, on ladders of one's own, and when what a rung says is true."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from models.directives.ladders import LADDERS, RungName
from models.tasks.task import TaskStatus, WaitKind
from models.text.localtime import end_of_day
from tests.rules.ladders import CALENDAR, WAIT, at, at_once, facts, ladder, said
from workflows.rules.escalation.ladder import DECIDE, SET_DATE, decide, is_true


def test_any_rung_is_more_severe_than_the_request_for_a_date() -> None:
    task = facts(due=None, status=TaskStatus.ASSIGNED, ladder=ladder((RungName.NOT_ACCEPTED, 2)))
    assert at_once(task, at(3)) == {("coordinator", "not_accepted", 2)}


def test_less_severe_rung_is_never_told_after_a_more_severe_one() -> None:
    task = facts(ladder=ladder((RungName.OVERDUE, 4), (RungName.OVERDUE, 1)))
    assert said(task, "coordinator") == {("overdue", 1): "01/07 08:00"}


def test_each_clock_has_its_own_most_severe_rung() -> None:
    two_clocks = ladder((RungName.NOT_ACCEPTED, 4), (RungName.OVERDUE, 1))
    task = facts(status=TaskStatus.ASSIGNED, due=date(2004, 6, 2), ladder=two_clocks)
    assert said(task, "coordinator", 10) == {("overdue", 1): "03/06 08:00", ("not_accepted", 4): "07/06 08:00"}


def test_to_decide_is_more_severe_than_to_accept_and_less_than_the_date() -> None:
    waiting = facts(status=TaskStatus.ASSIGNED, wait_kind=WaitKind.LEAD_CHANGE, wait_since=at(2), wait_anchor=WAIT)
    fired = decide(waiting, now=at(30), already_sent=frozenset(), calendar=CALENDAR).fired
    not_waiting = decide(
        facts(status=TaskStatus.ASSIGNED), now=at(30), already_sent=frozenset(), calendar=CALENDAR
    ).fired
    [decider] = {one.severity for one in fired if one.rung == DECIDE}
    accepting = {one.severity for one in not_waiting if one.rung == RungName.NOT_ACCEPTED}
    dated = {one.severity for one in not_waiting if one.rung in (RungName.DUE_SOON, RungName.DUE)}
    assert accepting and dated and max(accepting) < decider < min(dated)


def test_deciding_is_no_more_severe_than_the_first_rung() -> None:
    waiting = facts(
        ladder=ladder((RungName.DUE_SOON, -7)), wait_kind=WaitKind.OBSTACLE, wait_since=at(2), wait_anchor=WAIT
    )
    fired = decide(waiting, now=at(30), already_sent=frozenset(), calendar=CALENDAR).fired
    severities = {one.rung: one.severity for one in fired}
    assert severities[DECIDE] <= severities[RungName.DUE_SOON]


@pytest.mark.parametrize(
    ("rung", "before", "at_the_date"),
    [
        (RungName.DUE_SOON, True, False),
        (RungName.DUE, True, False),
        (RungName.OVERDUE, False, True),
        (RungName.PRESSED_1, False, True),
        (RungName.PRESSED_2, False, True),
        (RungName.TO_ISSUER, False, True),
        (RungName.UPWARD, False, True),
        (RungName.ASSIGNED, True, True),
        (RungName.NOT_ACCEPTED, True, True),
        (SET_DATE, False, False),
        (DECIDE, True, True),
    ],
)
def test_what_a_rung_says_holds_before_or_from_the_instant_of_the_date(
    rung: str, before: bool, at_the_date: bool
) -> None:
    task = facts(status=TaskStatus.ASSIGNED, wait_kind=WaitKind.LEAD_CHANGE)
    due_at = end_of_day(date(2004, 6, 30))
    assert is_true(rung, task, due_at - timedelta(seconds=1)) is before
    assert is_true(rung, task, due_at) is at_the_date
    assert not is_true(rung, replace(task, status=TaskStatus.APPROVED), due_at - timedelta(seconds=1))
    assert not is_true(rung, replace(task, status=TaskStatus.APPROVED), due_at)


def test_what_needs_a_date_is_untrue_without_one_and_a_decision_without_a_wait() -> None:
    undated = facts(due=None, status=TaskStatus.ASSIGNED)
    already_sent = {str(rung) for rung in (*RungName, SET_DATE, DECIDE) if is_true(rung, undated, at(9))}
    assert already_sent == {"assigned", "not_accepted", "set_date"}


def test_in_hours_the_date_itself_is_told_as_it_comes() -> None:
    task = facts(ladder=LADDERS["contingency"])
    assert is_true(RungName.DUE, task, end_of_day(date(2004, 6, 30)))
    assert not is_true(RungName.DUE, replace(task, due_at=None), at(9))
