"""What must be decided before a date is pressed before it."""

from datetime import date, datetime, time, timedelta

import pytest

from models.directives.ladders import LADDERS
from models.tasks.task import WaitKind
from models.text.localtime import at_local, local
from tests.rules.ladders import CALENDAR, HOURS, WAIT, at, facts, mornings, said, walk
from workflows.rules.escalation.ladder import DECIDER, DECIDER_SUPERIOR, LadderFacts, decide_moments

WEDNESDAY, SUNDAY = date(2004, 6, 30), date(2004, 6, 27)
_DECIDER, _SUPERIOR = ("decide", 3), ("decide", 5)


def asked(since: datetime, due: date | None = WEDNESDAY, kind: WaitKind = WaitKind.EXTENSION) -> LadderFacts:
    return facts(due=due, wait_kind=kind, wait_since=since, wait_anchor=WAIT)


@pytest.mark.parametrize(
    ("since", "due", "decider", "superior"),
    [
        (at(10), WEDNESDAY, "15/06", "17/06"),  # long before: 3 and 5 working days after
        (at(23, hour=10), WEDNESDAY, "28/06", "30/06"),
        (at(24, hour=10), WEDNESDAY, "29/06", "30/06"),
        (at(25, hour=10), WEDNESDAY, "29/06", "30/06"),
        (at(28, hour=10), WEDNESDAY, "29/06", "30/06"),
        (at(29, hour=7), WEDNESDAY, "29/06", "30/06"),
        (at(29, hour=8), WEDNESDAY, "30/06", "30/06"),  # that morning's letters have left
        (at(30, hour=7), WEDNESDAY, "30/06", "30/06"),
        (at(30, hour=8), WEDNESDAY, "05/07", "07/07"),  # no morning is left before the date
        (at(2, month=7), WEDNESDAY, "07/07", "09/07"),  # the date was over
        (at(28, hour=10), None, "01/07", "05/07"),
        (at(22, hour=10), SUNDAY, "24/06", "25/06"),  # the last working day before the date
        (at(25, hour=7), SUNDAY, "25/06", "25/06"),
        (at(25, hour=10), SUNDAY, "30/06", "02/07"),
    ],
)
def test_a_request_is_pressed_before_the_date(since: datetime, due: date | None, decider: str, superior: str) -> None:
    task = asked(since, due)
    assert said(task, DECIDER) == {_DECIDER: f"{decider} 08:00"}
    assert said(task, DECIDER_SUPERIOR) == {_SUPERIOR: f"{superior} 08:00"}


@pytest.mark.parametrize("kind", list(WaitKind))
def test_whatever_is_waited_for_is_pressed_before_the_date(kind: WaitKind) -> None:
    task = asked(at(28, hour=10), kind=kind)
    assert said(task, DECIDER) == {_DECIDER: "29/06 08:00"}
    assert said(task, DECIDER_SUPERIOR) == {_SUPERIOR: "30/06 08:00"}


@pytest.mark.parametrize(
    ("after", "decider", "superior"),
    [
        (0, "22:00", "23:00"),  # two hours and one hour before the hour
        (21, "22:00", "23:00"),
        (21.5, "22:30", "23:00"),  # an hour after it was asked, at the earliest
        (22.5, "23:30", "23:30"),
    ],
)
def test_on_a_clock_of_hours_it_is_pressed_in_the_last_two(after: float, decider: str, superior: str) -> None:
    declared = at_local(date(2004, 6, 5), time(0))  # a Saturday: such a clock runs on
    since = declared + after * HOURS
    moments = decide_moments(since, declared + 24 * HOURS, clock="hours", calendar=CALENDAR)
    assert {role: f"{local(moment):%d %H:%M}" for role, moment in moments.items()} == {
        DECIDER: f"05 {decider}",
        DECIDER_SUPERIOR: f"05 {superior}",
    }


@pytest.mark.parametrize("after", [23, 30])
def test_in_the_last_hour_and_after_it_days_are_counted(after: int) -> None:
    declared = at(7, hour=10)
    moments = decide_moments(declared + after * HOURS, declared + 24 * HOURS, clock="hours", calendar=CALENDAR)
    assert moments == {DECIDER: at(11), DECIDER_SUPERIOR: at(15)}


def test_a_long_clock_of_hours_does_not_put_the_reminder_off() -> None:
    moments = decide_moments(at(7, hour=10), at(7, hour=10) + 240 * HOURS, clock="hours", calendar=CALENDAR)
    assert moments == {DECIDER: at(10), DECIDER_SUPERIOR: at(14)}


def test_a_date_that_moves_while_it_is_waited_for_brings_no_second_reminder() -> None:
    task = asked(at(28, hour=10))
    told = frozenset((one.anchor, one.rung, one.offset, one.role) for _now, one in walk(task, mornings(at(28), 3)))
    later = walk(asked(at(28, hour=10), date(2004, 7, 20)), mornings(at(1, month=7), 30), told)
    assert not [one for _now, one in later if one.rung == "decide"]


def test_a_missed_morning_is_made_up_while_it_is_waited_for() -> None:
    task = asked(at(28, hour=10))
    late = walk(task, [at(5, month=7)])
    assert {(one.role, one.rung) for _now, one in late if one.rung == "decide"} == {
        (DECIDER, "decide"),
        (DECIDER_SUPERIOR, "decide"),
    }
    assert not [one for _now, one in walk(facts(), [at(5, month=7)]) if one.rung == "decide"]


def test_contingency_presses_through_the_ladder_too() -> None:
    declared = at(7, hour=10)
    task = facts(
        ladder=LADDERS["contingency"],
        assigned_at=declared,
        due_set_at=declared,
        due_at=declared + 24 * HOURS,
        wait_kind=WaitKind.OBSTACLE,
        wait_since=declared + HOURS,
        wait_anchor=WAIT,
    )
    pressed = {
        one.role: now for now, one in walk(task, [declared + n * HOURS for n in range(26)]) if one.rung == "decide"
    }
    assert pressed == {DECIDER: declared + 22 * HOURS, DECIDER_SUPERIOR: declared + timedelta(hours=23)}
