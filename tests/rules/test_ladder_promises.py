"""The ladder's promises over facts that nobody thought of."""

from datetime import datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from models.directives.ladders import LADDERS, RecipientRole
from models.tasks.task import TaskStatus, WaitKind
from models.text.localtime import end_of_day, local
from tests.rules.ladders import ASSIGNED, CALENDAR, DUE_ANCHOR, HOURS, WAIT, at, mornings, told_by, walk
from workflows.rules.escalation.ladder import Decision, LadderFacts, decide

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
@settings(max_examples=150)
def test_no_rung_is_told_twice_and_none_of_a_clock_after_a_more_severe_one(
    task: LadderFacts, moments: list[datetime]
) -> None:
    already_sent = [one for _now, one in walk(task, moments)]
    keys = [(one.anchor, one.rung, one.offset, one.role) for one in already_sent]
    assert len(keys) == len(set(keys))
    rungs = [one for one in already_sent if one.rung not in ("decide", "set_date")]  # these have clocks of their own
    for clock in {(one.role, one.anchor) for one in rungs}:
        ladder = [one.severity for one in rungs if (one.role, one.anchor) == clock]
        assert ladder == sorted(ladder)


@given(any_facts(), MOMENTS)
@settings(max_examples=150)
def test_at_most_one_rung_is_told_per_role_and_a_repeat_says_nothing(task: LadderFacts, now: datetime) -> None:
    decision = decide(task, now=now, already_sent=frozenset(), calendar=CALENDAR)
    roles = [one.role for one in decision.fired if not one.superseded]
    assert len(roles) == len(set(roles))
    assert all(one.fired_at <= now for one in decision.fired)
    repeat = decide(task, now=now, already_sent=told_by(decision.fired), calendar=CALENDAR)
    assert repeat == Decision((), decision.next_check_at)


@given(any_facts(), MOMENTS)
@settings(max_examples=150)
def test_the_next_look_lies_ahead_and_nothing_fires_before_it(task: LadderFacts, now: datetime) -> None:
    decision = decide(task, now=now, already_sent=frozenset(), calendar=CALENDAR)
    already_sent = told_by(decision.fired)
    if decision.next_check_at is None:
        later = now + timedelta(days=400)
    else:
        assert decision.next_check_at > now
        later = decision.next_check_at - timedelta(microseconds=1)
    missed = decide(task, now=later, already_sent=already_sent, calendar=CALENDAR).fired
    assert [one for one in missed if not one.superseded] == []


@given(any_facts(), st.integers(1, 100))
@settings(max_examples=100)
def test_look_after_downtime_says_the_most_severe_rung(task: LadderFacts, days: int) -> None:
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
