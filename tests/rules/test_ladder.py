"""The ladder's sentences, one by one, on facts alone; and its promises over facts nobody thought of."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.ids import new_id
from models.localtime import at_local, end_of_day, local
from models.task import TaskStatus, WaitKind
from models.template import LADDERS, RecipientRole, RungName
from workflows.rules.ladder import Decision, Fired, LadderFacts, Told, decide, is_applicable
from workflows.rules.workdays import WorkCalendar

CALENDAR = WorkCalendar()
ASSIGNED, DUE_ANCHOR, WAIT = new_id(), new_id(), new_id()
HOURS = timedelta(hours=1)


def at(day: int, month: int = 6, hour: int = 8) -> datetime:
    return at_local(date(2004, month, day), time(hour))


def facts(due: date | None = date(2004, 6, 30), **changes: object) -> LadderFacts:
    """A task assigned on Tuesday 1 June 2004, accepted, due on Wednesday 30 June."""
    made = LadderFacts(
        status=TaskStatus.ACCEPTED,
        assigned_at=at(1),
        assigned_anchor=ASSIGNED,
        due_at=end_of_day(due) if due else None,
        due_set_at=at(1) if due else None,
        due_anchor=DUE_ANCHOR if due else None,
        wait_kind=None,
        wait_since=None,
        wait_anchor=None,
        ladder=LADDERS["default"],
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def told_by(fired: Iterable[Fired]) -> Told:
    return frozenset((one.anchor, one.rung, one.offset, one.role) for one in fired)


def walk(task: LadderFacts, moments: Iterable[datetime], told: Told = frozenset()) -> list[tuple[datetime, Fired]]:
    """What is told at each moment, all that fired being remembered."""
    said = []
    for now in moments:
        decision = decide(task, now=now, told=told, calendar=CALENDAR)
        told |= told_by(decision.fired)
        said += [(now, one) for one in decision.fired if not one.superseded]
    return said


def mornings(first: datetime, days: int) -> list[datetime]:
    return [first + timedelta(days=offset) for offset in range(days)]


def said(task: LadderFacts, role: str, days: int = 75) -> dict[tuple[str, int], str]:
    """The day on which each rung is told to a role when somebody looks every morning."""
    return {
        (one.rung, one.offset): f"{local(now):%d/%m %H:%M}"
        for now, one in walk(task, mornings(at(1), days))
        if one.role == role
    }


def at_once(task: LadderFacts, now: datetime, told: Told = frozenset()) -> set[tuple[str, str, int]]:
    """(role, rung, offset) told at a moment."""
    fired = decide(task, now=now, told=told, calendar=CALENDAR).fired
    return {(one.role, one.rung, one.offset) for one in fired if not one.superseded}


# the rows of the table


def test_not_accepted_2_after_assignment_again_at_4_to_the_head_at_4_also_the_coordinator() -> None:
    task = facts(status=TaskStatus.ASSIGNED, due=None)
    assert said(task, "head", 20) == {("not_accepted", 2): "03/06 08:00", ("not_accepted", 4): "07/06 08:00"}
    assert said(task, "coordinator", 20)[("not_accepted", 4)] == "07/06 08:00"
    assert ("not_accepted", 2) not in said(task, "coordinator", 20)
    assert said(facts(due=None), "head", 20) == {}, "an accepted task is not asked to be accepted"


@pytest.mark.parametrize("role", ["head", "officer"])
def test_due_soon_7_3_1_before_and_due_on_the_day_to_head_and_officer(role: str) -> None:
    rungs = said(facts(), role, 30)
    assert rungs == {
        ("due_soon", -7): "21/06 08:00",
        ("due_soon", -3): "25/06 08:00",
        ("due_soon", -1): "29/06 08:00",
        ("due", 0): "30/06 08:00",
    }


def test_overdue_1_and_4_after_to_head_officer_and_coordinator() -> None:
    for role in ("head", "officer", "coordinator"):
        rungs = said(facts(), role)
        assert (rungs["overdue", 1], rungs["overdue", 4]) == ("01/07 08:00", "06/07 08:00")


def test_pressed_1_7_after_to_the_supervising_unit_head_informed() -> None:
    for role in ("supervisor", "head"):
        assert said(facts(), role)["pressed_1", 7] == "09/07 08:00"


def test_pressed_2_15_after_parent_organisation_informed() -> None:
    for role in ("supervisor", "head", "parent_organisation"):
        assert said(facts(), role)["pressed_2", 15] == "21/07 08:00"
    assert set(said(facts(), "parent_organisation")) == {("pressed_2", 15)}


def test_to_the_issuer_22_after_to_the_head_of_the_supervising_unit_alone() -> None:
    assert said(facts(), "supervisor")["to_issuer", 22] == "30/07 08:00"
    assert ("to_issuer", 22) not in said(facts(), "head")


def test_day_rungs_fire_at_08_00_and_not_before() -> None:
    assert at_once(facts(), at(21) - timedelta(seconds=1)) == set()
    assert ("head", "due_soon", -7) in at_once(facts(), at(21))


def test_contingency_ladder_in_elapsed_hours_from_the_declaration() -> None:
    declared = at(5, hour=22)  # a Saturday night
    task = facts(
        status=TaskStatus.ASSIGNED, ladder=LADDERS["contingency"], assigned_at=declared, due_set_at=declared,
        due_at=declared + 24 * HOURS,
    )  # fmt: skip
    seen = {(one.role, one.rung): now for now, one in walk(task, [declared + n * HOURS for n in range(40)])}
    assert seen["head", "not_accepted"] == seen["coordinator", "not_accepted"] == declared + HOURS
    assert seen["head", "due"] == declared + 24 * HOURS
    assert seen["coordinator", "overdue"] == declared + 25 * HOURS
    assert seen["supervisor", "upward"] == seen["head", "upward"] == declared + 28 * HOURS


# the bullets


def test_only_the_most_severe_rung_that_is_crossed_and_true_is_sent_the_others_are_superseded() -> None:
    fired = decide(facts(), now=at(6, 7), told=frozenset(), calendar=CALENDAR).fired
    head = [one for one in fired if one.role == "head"]
    assert [(one.rung, one.offset) for one in head if not one.superseded] == [("overdue", 4)]
    assert {(one.rung, one.offset) for one in head if one.superseded} == {
        ("due_soon", -7), ("due_soon", -3), ("due_soon", -1), ("due", 0), ("overdue", 1),
    }  # fmt: skip


def test_a_crossed_rung_that_is_not_true_is_not_sent() -> None:
    task = facts(status=TaskStatus.ASSIGNED)
    assert ("head", "not_accepted", 4) in at_once(task, at(8))
    assert at_once(replace(task, status=TaskStatus.ACCEPTED), at(8)) == set()


def test_rungs_already_past_at_assignment_are_not_applicable() -> None:
    task = facts(due=date(2004, 6, 4), assigned_at=at(2, hour=10), due_set_at=at(2, hour=10))
    rungs = said(task, "head", 8)
    assert set(rungs) == {("due_soon", -1), ("due", 0), ("overdue", 1)}, "7 and 3 days before were over"
    fired = decide(task, now=at(7), told=frozenset(), calendar=CALENDAR).fired
    assert not any(one.offset in (-7, -3) for one in fired), "not applicable is not superseded either"


def test_a_rung_at_the_very_moment_of_assignment_is_past() -> None:
    rung = next(rung for rung in LADDERS["default"].rungs if rung.rung is RungName.DUE)
    assert not is_applicable(rung, at(2), assigned_at=at(2), due_set_at=at(2))
    assert is_applicable(rung, at(3), assigned_at=at(2), due_set_at=at(2))


def test_what_the_former_lead_missed_is_not_applicable_to_the_new_lead() -> None:
    changed = facts(status=TaskStatus.ASSIGNED, assigned_at=at(2, 7, 10), assigned_anchor=new_id())
    assert at_once(changed, at(2, 7, 11)) == set()
    assert ("head", "overdue", 4) in at_once(changed, at(6, 7))


def test_a_changed_date_is_a_new_due_revision_with_fresh_rungs() -> None:
    told = told_by(one for _now, one in walk(facts(), mornings(at(1), 32)))
    moved = facts(due=date(2004, 7, 15), due_anchor=new_id(), due_set_at=at(1, 7, 9))
    rungs = {(one.rung, one.offset) for now, one in walk(moved, mornings(at(2, 7), 20), told) if one.role == "head"}
    assert rungs == {("due_soon", -7), ("due_soon", -3), ("due_soon", -1), ("due", 0), ("overdue", 1), ("overdue", 4)}


@pytest.mark.parametrize("kind", list(WaitKind))
def test_waiting_silences_only_the_heads_and_officers_rungs_upward_rungs_go_on(kind: WaitKind) -> None:
    waiting = facts(wait_kind=kind, wait_since=at(28), wait_anchor=WAIT)
    roles = {role for role, rung, _ in at_once(waiting, at(9, 7)) if rung == "pressed_1"}
    assert roles == {"supervisor"}
    assert said(waiting, "head") == said(waiting, "officer") == {}
    assert ("overdue", 1) in said(waiting, "coordinator")


def test_the_one_who_must_decide_is_reminded_after_3_working_days_their_superior_after_5() -> None:
    waiting = facts(status=TaskStatus.SUBMITTED, wait_kind=WaitKind.DECISION, wait_since=at(10), wait_anchor=WAIT)
    assert said(waiting, "decider", 25) == {("decide", 3): "15/06 08:00"}  # a weekend lies between
    assert said(waiting, "decider_superior", 25) == {("decide", 5): "17/06 08:00"}


def test_a_new_wait_has_its_own_clock() -> None:
    first = facts(wait_kind=WaitKind.EXTENSION, wait_since=at(2), wait_anchor=WAIT)
    told = told_by(one for _now, one in walk(first, mornings(at(2), 8)))
    again = replace(first, wait_since=at(10), wait_anchor=new_id())
    assert ("decider", "decide", 3) in at_once(again, at(15), told)


def test_when_the_wait_ends_the_head_hears_what_is_still_true() -> None:
    waiting = facts(wait_kind=WaitKind.OBSTACLE, wait_since=at(28), wait_anchor=WAIT)
    told = told_by(one for _now, one in walk(waiting, mornings(at(28), 6)))
    assert ("head", "overdue", 1) in at_once(facts(), at(5, 7), told)


def test_tasks_without_a_date_get_only_assigned_and_not_accepted() -> None:
    assert said(facts(due=None, status=TaskStatus.ASSIGNED), "head", 200).keys() == {
        ("not_accepted", 2), ("not_accepted", 4),
    }  # fmt: skip
    assert said(facts(due=None), "supervisor", 200) == {}


def test_the_coordinator_is_asked_to_set_a_date_after_2_working_days_once() -> None:
    assert said(facts(due=None), "coordinator", 90) == {("set_date", 2): "03/06 08:00"}
    assert said(facts(due=None, asks_for_date=False), "coordinator", 90) == {}
    assert ("set_date", 2) not in said(facts(), "coordinator", 90)


@pytest.mark.parametrize("status", [TaskStatus.APPROVED, TaskStatus.WITHDRAWN])
def test_a_closed_task_says_nothing_and_waits_for_nothing(status: TaskStatus) -> None:
    assert decide(facts(status=status), now=at(9, 7), told=frozenset(), calendar=CALENDAR) == Decision((), None)


# promises over any facts

MOMENTS = st.integers(0, 24 * 100).map(lambda hours: at(1) + hours * HOURS)


@st.composite
def any_facts(draw: st.DrawFn) -> LadderFacts:
    hours = draw(st.booleans())
    due_in = draw(st.one_of(st.none(), st.integers(0, 60)))
    assigned_at = at(1) + draw(st.integers(0, 72)) * HOURS
    due_at = None
    if due_in is not None:
        due_at = (
            assigned_at + due_in * HOURS if hours else end_of_day((local(assigned_at)).date()) + due_in * 24 * HOURS
        )
    wait = draw(st.one_of(st.none(), st.sampled_from(list(WaitKind))))
    return LadderFacts(
        status=draw(st.sampled_from(list(TaskStatus))),
        assigned_at=assigned_at,
        assigned_anchor=ASSIGNED,
        due_at=due_at,
        due_set_at=assigned_at + draw(st.integers(0, 48)) * HOURS if due_at else None,
        due_anchor=DUE_ANCHOR if due_at else None,
        wait_kind=wait,
        wait_since=assigned_at + draw(st.integers(0, 300)) * HOURS if wait else None,
        wait_anchor=WAIT if wait else None,
        ladder=LADDERS["contingency" if hours else "default"],
    )


@given(any_facts(), st.lists(MOMENTS, max_size=12).map(sorted))
@settings(max_examples=150, deadline=None)
def test_no_rung_is_told_twice_and_none_of_a_clock_after_a_more_severe_one(
    task: LadderFacts, moments: list[datetime]
) -> None:
    told = [one for _now, one in walk(task, moments)]
    keys = [(one.anchor, one.rung, one.offset, one.role) for one in told]
    assert len(keys) == len(set(keys))
    rungs = [one for one in told if one.rung not in ("decide", "set_date")]  # these have clocks of their own
    for clock in {(one.role, one.anchor) for one in rungs}:
        ladder = [one.severity for one in rungs if (one.role, one.anchor) == clock]
        assert ladder == sorted(ladder)


@given(any_facts(), MOMENTS)
@settings(max_examples=150, deadline=None)
def test_at_most_one_rung_is_told_per_role_and_a_repeat_says_nothing(task: LadderFacts, now: datetime) -> None:
    decision = decide(task, now=now, told=frozenset(), calendar=CALENDAR)
    roles = [one.role for one in decision.fired if not one.superseded]
    assert len(roles) == len(set(roles))
    assert all(one.fired_at <= now for one in decision.fired)
    repeat = decide(task, now=now, told=told_by(decision.fired), calendar=CALENDAR)
    assert repeat == Decision((), decision.next_check_at)


@given(any_facts(), MOMENTS)
@settings(max_examples=150, deadline=None)
def test_the_next_look_lies_ahead_and_nothing_fires_before_it(task: LadderFacts, now: datetime) -> None:
    decision = decide(task, now=now, told=frozenset(), calendar=CALENDAR)
    told = told_by(decision.fired)
    if decision.next_check_at is None:
        later = now + timedelta(days=400)
    else:
        assert decision.next_check_at > now
        later = decision.next_check_at - timedelta(microseconds=1)
    missed = decide(task, now=later, told=told, calendar=CALENDAR).fired
    assert [one for one in missed if not one.superseded] == []


@given(any_facts(), st.integers(1, 100))
@settings(max_examples=100, deadline=None)
def test_after_downtime_one_look_says_the_most_severe_of_what_daily_looks_would_have_ended_with(
    task: LadderFacts, days: int
) -> None:
    start = at(1)
    last = start + timedelta(days=days)
    daily = walk(task, mornings(start, days + 1))
    once = {one.role: one for _now, one in walk(task, [last])}
    for role, one in once.items():
        before = [other.severity for _now, other in daily if other.role == role and other.anchor == one.anchor]
        assert before and max(before) == one.severity, (role, one.rung)


def test_every_role_of_the_default_ladder_is_one_the_roster_knows() -> None:
    for ladder in LADDERS.values():
        for rung in ladder.rungs:
            assert set(rung.to) <= set(RecipientRole)
