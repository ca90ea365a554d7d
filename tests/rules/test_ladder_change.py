"""A ladder that changes under a task: no sense is told twice, and nothing that is still to come is lost."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.directives.ladders import LADDERS, LadderSpec, RecipientRole, RungName, RungSpec
from models.tasks.task import TaskStatus, WaitKind
from tests.rules.ladders import CALENDAR, DUE_ANCHOR, WAIT, at, facts, ladder, mornings, told_by, walk
from workflows.rules.escalation.ladder import (
    AlreadySent,
    FiredRung,
    LadderFacts,
    covers_rung,
    decide,
    decide_change,
    may_follow,
)

R = RungName
ROLES = (RecipientRole.HEAD, RecipientRole.OFFICER, RecipientRole.COORDINATOR, RecipientRole.SUPERVISOR)
ON_DATE = tuple(one for one in RungName if one not in (R.ASSIGNED, R.NOT_ACCEPTED))


def live(task: LadderFacts, looks: Iterable[datetime], already_sent: AlreadySent = frozenset()) -> AlreadySent:
    """All that has a notice after some looks."""
    for moment in looks:
        already_sent |= told_by(decide(task, now=moment, already_sent=already_sent, calendar=CALENDAR).fired)
    return already_sent


def told_until(task: LadderFacts, now: datetime) -> AlreadySent:
    """All that has a notice after a look every morning."""
    return live(task, [one for one in mornings(at(1), 60) if one <= now])


def every_look(task: LadderFacts, first: datetime, already_sent: AlreadySent = frozenset()) -> Iterator[FiredRung]:
    """What is told from a moment on, when somebody looks whenever the ladder asks for it."""
    now: datetime | None = first
    while now is not None:
        decision = decide(task, now=now, already_sent=already_sent, calendar=CALENDAR)
        already_sent |= told_by(decision.fired)
        yield from (one for one in decision.fired if not one.superseded)
        now = decision.next_check_at


def changed(
    task: LadderFacts, after: LadderSpec, now: datetime, already_sent: AlreadySent | None = None
) -> tuple[set[tuple[str, str, int]], set[tuple[str, str, int]]]:
    """(role, rung, offset) of what is told at the change, and of what is passed over."""
    known = told_until(task, now) if already_sent is None else already_sent
    fired = decide_change(replace(task, ladder=after), task.ladder, now=now, already_sent=known, calendar=CALENDAR)
    said = {(one.role, one.rung, one.offset) for one in fired if not one.superseded}
    return said, {(one.role, one.rung, one.offset) for one in fired if one.sent_before}


def soon(*days: int) -> LadderSpec:
    return ladder(*((R.DUE_SOON, -one) for one in days), (R.OVERDUE, 1))


def test_a_rung_moved_to_an_earlier_day_that_is_over_is_passed_over() -> None:
    said, passed = changed(facts(ladder=soon(7, 3, 1)), soon(10, 3, 1), at(22))
    assert (said, passed) == (set(), {("coordinator", "due_soon", -10)})


def test_a_rung_moved_to_a_later_day_that_is_over_is_passed_over() -> None:
    assert changed(facts(ladder=soon(7, 1)), soon(5, 1), at(24)) == (set(), {("coordinator", "due_soon", -5)})


def test_a_rung_moved_to_a_day_to_come_is_told_on_it() -> None:
    task = facts(ladder=soon(7, 1))
    assert changed(task, soon(4, 1), at(22)) == (set(), set())
    later = walk(replace(task, ladder=soon(4, 1)), mornings(at(22), 20), told_until(task, at(22)))
    assert [one.offset for _now, one in later] == [-4, -1, 1]


def test_a_sense_never_told_that_is_more_severe_is_told_at_the_change() -> None:
    before = ladder((R.OVERDUE, 1))
    after = ladder((R.OVERDUE, 1), (R.PRESSED_1, 3))
    assert changed(facts(ladder=before), after, at(7, 7)) == ({("coordinator", "pressed_1", 3)}, set())


def test_a_less_severe_rung_whose_day_is_over_is_passed_over() -> None:
    before = ladder((R.PRESSED_1, 2))
    after = ladder((R.OVERDUE, 1), (R.PRESSED_1, 7))
    assert changed(facts(ladder=before), after, at(6, 7)) == (set(), {("coordinator", "overdue", 1)})


def test_what_the_former_ladder_still_owes_stays_owed() -> None:
    task = facts(ladder=soon(7, 3))
    already_sent = frozenset({(DUE_ANCHOR, "due_soon", -7, "coordinator")})  # no tick since
    said, passed = changed(task, soon(10, 7, 3), at(28), already_sent)
    assert (said, passed) == ({("coordinator", "due_soon", -3)}, {("coordinator", "due_soon", -10)})


def test_a_rung_owed_since_this_very_moment_keeps_its_moment_at_a_change() -> None:
    task = facts(ladder=soon(10, 7, 3))
    already_sent = frozenset({(DUE_ANCHOR, "due_soon", -7, "coordinator")})
    passed, owed = decide_change(task, soon(7, 3), now=at(25), already_sent=already_sent, calendar=CALENDAR)
    assert passed == FiredRung(
        *("due_soon", -10, DUE_ANCHOR, "coordinator", at(25), 0), superseded=True, brought=True, sent_before=True
    )
    assert owed == FiredRung("due_soon", -3, DUE_ANCHOR, "coordinator", at(25), 4, superseded=False, brought=False)
    earlier = decide_change(task, soon(7, 3), now=at(28), already_sent=already_sent, calendar=CALENDAR)[1]
    assert earlier == owed, "told three days late, and counted from its day"


def test_a_former_ladder_that_cannot_be_read_owes_nothing() -> None:
    task, already_sent = facts(ladder=soon(7, 3)), frozenset({(DUE_ANCHOR, "due_soon", -7, "coordinator")})
    [fired] = decide_change(task, None, now=at(28), already_sent=already_sent, calendar=CALENDAR)
    assert (fired.offset, fired.sent_before) == (-3, True)
    [owed] = decide_change(task, soon(7, 3, 1), now=at(28), already_sent=already_sent, calendar=CALENDAR)
    assert (owed.offset, owed.superseded) == (-3, False), "one that can be read does"


def test_what_came_after_a_worse_rung_is_not_owed() -> None:
    task = facts(ladder=ladder((R.OVERDUE, 4), (R.OVERDUE, 1)))
    already_sent = told_until(task, at(5, 7))
    assert changed(task, ladder((R.OVERDUE, 1), (R.OVERDUE, 4)), at(6, 7), already_sent) == (
        set(),
        {("coordinator", "overdue", 4)},
    )


def test_a_rung_between_two_of_one_name_is_told_after_the_first_of_them() -> None:
    after = ladder((R.OVERDUE, 1), (R.PRESSED_1, 3), (R.OVERDUE, 9))
    assert changed(facts(ladder=ladder((R.OVERDUE, 1))), after, at(8, 7)) == ({("coordinator", "pressed_1", 3)}, set())


def test_a_role_that_was_never_told_is_told_at_the_change() -> None:
    spec = RungSpec(rung=R.DUE_SOON, at=-7, to=(RecipientRole.COORDINATOR, RecipientRole.HEAD))
    assert changed(facts(ladder=soon(7)), LadderSpec(rungs=(spec,)), at(22))[0] == {("head", "due_soon", -7)}


def test_a_wait_does_not_bring_back_what_was_told_before_it() -> None:
    head = ladder((R.DUE_SOON, -7), to=RecipientRole.HEAD)
    already_sent = told_until(facts(ladder=head), at(21))
    waiting = facts(ladder=head, wait_kind=WaitKind.DECISION, wait_since=at(21), wait_anchor=WAIT)
    after = ladder((R.DUE_SOON, -10), to=RecipientRole.HEAD)
    assert changed(waiting, after, at(22), already_sent) == (set(), {("head", "due_soon", -10)})


def test_what_a_change_tells_has_its_moment_at_the_change() -> None:
    task = facts(ladder=ladder((R.PRESSED_1, 3)))
    [fired] = decide_change(task, ladder((R.OVERDUE, 1)), now=at(8, 7), already_sent=frozenset(), calendar=CALENDAR)
    assert (fired.rung, fired.fired_at, fired.brought) == ("pressed_1", at(8, 7), True)


def test_closed_tasks_and_undated_ones_have_nothing_to_tell() -> None:
    assert changed(facts(ladder=soon(7), status=TaskStatus.APPROVED), soon(10), at(22)) == (set(), set())
    assert changed(facts(None, ladder=soon(7)), soon(10), at(2)) == (set(), set())


def test_a_ladder_may_not_follow_one_of_another_clock() -> None:
    assert not may_follow(LADDERS["contingency"], LADDERS["default"])
    assert may_follow(soon(3), LADDERS["default"])


@pytest.mark.parametrize(
    ("already_sent", "rung", "hears"),
    [
        (("due_soon", -7), ("due_soon", -10), True),
        (("overdue", 1), ("due_soon", -1), True),
        (("due_soon", -1), ("overdue", 1), False),
        (("pressed_2", 15), ("overdue", 1), True),  # not in the ladder
        (("not_accepted", 4), ("due_soon", -10), False),  # of another clock, though the later one
        (("overdue", 1), ("not_accepted", 2), False),
        (("assigned", 0), ("not_accepted", 2), False),
        (("decide", 3), ("due_soon", -1), False),
    ],
)
def test_which_rung_says_what_another_says(already_sent: tuple[str, int], rung: tuple[str, int], hears: bool) -> None:
    dated = (R.DUE_SOON, -10), (R.DUE_SOON, -1), (R.OVERDUE, 1)
    spec = ladder((R.NOT_ACCEPTED, 2), *dated, (R.NOT_ACCEPTED, 4))
    assert covers_rung(spec, *already_sent, *rung) is hears


def test_severity_is_the_order_of_the_ladder() -> None:
    turned = ladder((R.PRESSED_1, 1), (R.OVERDUE, 4))
    assert not covers_rung(turned, "pressed_1", 1, "overdue", 4)
    assert covers_rung(turned, "overdue", 4, "pressed_1", 1)


@st.composite
def ladders(draw: st.DrawFn) -> LadderSpec:
    keys = draw(
        st.lists(
            st.one_of(
                st.tuples(st.just(R.NOT_ACCEPTED), st.integers(0, 8)),
                st.tuples(st.just(R.DUE_SOON), st.integers(-12, -1)),
                st.tuples(st.sampled_from([one for one in ON_DATE if one is not R.DUE_SOON]), st.integers(0, 20)),
            ),
            min_size=1,
            max_size=7,
            unique=True,
        )
    )
    roles = st.lists(st.sampled_from(ROLES), min_size=1, max_size=3, unique=True).map(tuple)
    return LadderSpec(rungs=tuple(RungSpec(rung=rung, at=offset, to=draw(roles)) for rung, offset in keys))


@st.composite
def tasks(draw: st.DrawFn) -> LadderFacts:
    due = at(1).date() + timedelta(days=draw(st.integers(1, 40)))
    one_anchor = draw(st.booleans())
    task = facts(due, status=draw(st.sampled_from([TaskStatus.ASSIGNED, TaskStatus.ACCEPTED])), ladder=draw(ladders()))
    if draw(st.booleans()):
        kind = draw(st.sampled_from(list(WaitKind)))
        since = at(1) + draw(st.integers(1, 20)) * timedelta(days=1)
        task = replace(task, wait_kind=kind, wait_since=since, wait_anchor=WAIT)
    return replace(task, due_anchor=task.assigned_anchor) if one_anchor else task


LOOKS = st.lists(st.integers(0, 70), max_size=6).map(lambda days: [at(1) + timedelta(days=one) for one in sorted(days)])
CHANGES = st.integers(0, 70 * 24).map(lambda hours: at(1) + timedelta(hours=hours))


def keys(some: Iterable[FiredRung]) -> set[tuple[str, int, str]]:
    return {(one.rung, one.offset, one.role) for one in some}


@given(tasks(), st.lists(ladders(), min_size=1, max_size=3), LOOKS, st.lists(CHANGES, min_size=3, max_size=3))
@settings(max_examples=150, deadline=None)
def test_no_sense_is_told_again_however_often_the_ladder_changes(
    task: LadderFacts, later: list[LadderSpec], looks: list[datetime], changes: list[datetime]
) -> None:
    moments = sorted(changes)
    already_sent = live(task, [one for one in looks if one <= moments[0]])
    for after, now, until in zip(later, moments, [*moments[1:], at(30, 9)], strict=False):
        owed = keys(decide(task, now=now, already_sent=already_sent, calendar=CALENDAR).fired)
        former, task = task.ladder, replace(task, ladder=after)
        fired = decide_change(task, former, now=now, already_sent=already_sent, calendar=CALENDAR)
        for one in fired:
            heard = [
                key
                for key in already_sent
                if key[0] == one.anchor
                and key[3] == one.role
                and covers_rung(after, key[1], key[2], one.rung, one.offset)
            ]
            assert one.superseded or not heard or (one.rung, one.offset, one.role) in owed
        already_sent |= told_by(fired)
        if former != after:
            assert decide(task, now=now, already_sent=already_sent, calendar=CALENDAR).fired == (), (
                "the next sweep has nothing to add"
            )
        already_sent = live(task, [look for look in looks if now < look <= until], already_sent)


@given(tasks(), ladders(), LOOKS, CHANGES)
@settings(max_examples=150, deadline=None)
def test_what_the_new_ladder_tells_after_the_change_is_never_lost(
    task: LadderFacts, after: LadderSpec, looks: list[datetime], now: datetime
) -> None:
    already_sent = live(task, [one for one in looks if one <= now])
    moved = replace(task, ladder=after)
    already_sent |= told_by(decide_change(moved, task.ladder, now=now, already_sent=already_sent, calendar=CALENDAR))
    as_ever = {one for one in every_look(moved, at(1)) if one.fired_at > now and one.rung in set(RungName)}
    assert keys(as_ever) <= keys(every_look(moved, now, already_sent))


@given(tasks(), LOOKS, CHANGES)
@settings(max_examples=30, deadline=None)
def test_a_change_of_something_else_tells_nothing(task: LadderFacts, looks: list[datetime], now: datetime) -> None:
    already_sent = live(task, [one for one in looks if one <= now])
    assert decide_change(task, task.ladder, now=now, already_sent=already_sent, calendar=CALENDAR) == ()
