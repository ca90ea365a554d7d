"""The ladder's sentences, one by one, on facts alone."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from models.database.ids import new_id
from models.directives.ladders import LADDERS, RecipientRole, RungName
from models.tasks.task import TaskStatus, WaitKind
from models.text.localtime import end_of_day
from tests.rules.ladders import ASSIGNED, CALENDAR, HOURS, WAIT, at, at_once, facts, mornings, said, told_by, walk
from workflows.rules.escalation.ladder import SET_DATE, Decision, decide, fire_moment, is_applicable, is_silenced

# the rows of the table


def test_not_accepted_is_told_after_2_and_4_days() -> None:
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


def test_first_rungs_count_from_assignment_the_rest_from_the_date() -> None:
    ladder, due_at = LADDERS["default"], end_of_day(date(2004, 6, 30))
    moments = {
        rung.rung: fire_moment(rung, ladder, assigned_at=at(1, hour=14), due_at=due_at, calendar=CALENDAR)
        for rung in ladder.rungs
    }
    assert (moments[RungName.ASSIGNED], moments[RungName.NOT_ACCEPTED]) == (at(1), at(7))
    assert (moments[RungName.DUE], moments[RungName.OVERDUE]) == (at(30), at(6, 7))
    undated = {
        rung.rung: fire_moment(rung, ladder, assigned_at=at(1), due_at=None, calendar=CALENDAR) for rung in ladder.rungs
    }
    assert {rung for rung, moment in undated.items() if moment} == {RungName.ASSIGNED, RungName.NOT_ACCEPTED}


def test_day_rungs_fire_at_08_00_and_not_before() -> None:
    assert at_once(facts(), at(21) - timedelta(seconds=1)) == set()
    assert ("head", "due_soon", -7) in at_once(facts(), at(21))


def test_the_assignment_itself_is_told_at_launch_and_not_by_the_clock() -> None:
    early = facts(due=None, assigned_at=at(1, hour=6))
    assert decide(early, now=at(1), already_sent=frozenset(), calendar=CALENDAR).fired == ()


def test_working_days_count_from_the_local_day_of_an_assignment_at_midnight() -> None:
    task = facts(status=TaskStatus.ASSIGNED, due=None, assigned_at=at(1, hour=0))
    assert said(task, "head", 20)["not_accepted", 2] == "03/06 08:00"


def test_contingency_ladder_in_elapsed_hours_from_the_declaration() -> None:
    declared = at(5, hour=22)  # a Saturday night
    task = facts(
        status=TaskStatus.ASSIGNED,
        ladder=LADDERS["contingency"],
        assigned_at=declared,
        due_set_at=declared,
        due_at=declared + 24 * HOURS,
    )
    seen = {(one.role, one.rung): now for now, one in walk(task, [declared + n * HOURS for n in range(40)])}
    assert seen["head", "not_accepted"] == seen["coordinator", "not_accepted"] == declared + HOURS
    assert seen["head", "due"] == declared + 24 * HOURS
    assert seen["coordinator", "overdue"] == declared + 25 * HOURS
    assert seen["supervisor", "upward"] == seen["head", "upward"] == declared + 28 * HOURS


# the bullets


def test_only_the_most_severe_true_rung_is_sent() -> None:
    fired = decide(facts(), now=at(6, 7), already_sent=frozenset(), calendar=CALENDAR).fired
    head = [one for one in fired if one.role == "head"]
    assert [(one.rung, one.offset) for one in head if not one.superseded] == [("overdue", 4)]
    assert {(one.rung, one.offset) for one in head if one.superseded} == {
        ("due_soon", -7),
        ("due_soon", -3),
        ("due_soon", -1),
        ("due", 0),
        ("overdue", 1),
    }


def test_a_crossed_rung_that_is_not_true_is_not_sent() -> None:
    task = facts(status=TaskStatus.ASSIGNED)
    assert ("head", "not_accepted", 4) in at_once(task, at(8))
    assert at_once(replace(task, status=TaskStatus.ACCEPTED), at(8)) == set()


def test_rungs_already_past_at_assignment_are_not_applicable() -> None:
    task = facts(due=date(2004, 6, 4), assigned_at=at(2, hour=10), due_set_at=at(2, hour=10))
    rungs = said(task, "head", 8)
    assert set(rungs) == {("due_soon", -1), ("due", 0), ("overdue", 1)}, "7 and 3 days before were over"
    fired = decide(task, now=at(7), already_sent=frozenset(), calendar=CALENDAR).fired
    assert not any(one.offset in (-7, -3) for one in fired), "not applicable is not superseded either"


def test_rungs_already_past_when_the_date_was_set_are_not_applicable() -> None:
    assert set(said(facts(due_set_at=at(28, hour=10)), "head", 30)) == {("due_soon", -1), ("due", 0)}


def test_a_date_set_later_takes_nothing_from_the_reminder_to_accept() -> None:
    task = facts(status=TaskStatus.ASSIGNED, due_set_at=at(4))
    assert ("head", "not_accepted", 2) in at_once(task, at(4))


def test_a_rung_at_the_very_moment_of_assignment_is_past() -> None:
    rung = next(rung for rung in LADDERS["default"].rungs if rung.rung is RungName.DUE)
    assert not is_applicable(rung, at(2), assigned_at=at(2), due_set_at=at(2))
    assert is_applicable(rung, at(3), assigned_at=at(2), due_set_at=at(2))


def test_what_the_former_lead_missed_is_not_applicable_to_the_new_lead() -> None:
    changed = facts(status=TaskStatus.ASSIGNED, assigned_at=at(2, 7, 10), assigned_anchor=new_id())
    assert at_once(changed, at(2, 7, 11)) == set()
    assert ("head", "overdue", 4) in at_once(changed, at(6, 7))


def test_a_changed_date_is_a_new_due_revision_with_fresh_rungs() -> None:
    already_sent = told_by(one for _now, one in walk(facts(), mornings(at(1), 32)))
    moved = facts(due=date(2004, 7, 15), due_anchor=new_id(), due_set_at=at(1, 7, 9))
    rungs = {
        (one.rung, one.offset) for now, one in walk(moved, mornings(at(2, 7), 20), already_sent) if one.role == "head"
    }
    assert rungs == {("due_soon", -7), ("due_soon", -3), ("due_soon", -1), ("due", 0), ("overdue", 1), ("overdue", 4)}


@pytest.mark.parametrize("kind", list(WaitKind))
def test_waiting_silences_only_the_heads_and_officers_rungs_upward_rungs_go_on(kind: WaitKind) -> None:
    waiting = facts(wait_kind=kind, wait_since=at(28), wait_anchor=WAIT)
    roles = {role for role, rung, _ in at_once(waiting, at(9, 7)) if rung == "pressed_1"}
    assert roles == {"supervisor"}
    assert said(waiting, "head") == said(waiting, "officer") == {}
    assert ("overdue", 1) in said(waiting, "coordinator")


@pytest.mark.parametrize("role", list(RecipientRole))
def test_waiting_silences_all_of_the_units_own_people_and_nobody_else(role: RecipientRole) -> None:
    own = {RecipientRole.HEAD, RecipientRole.DEPUTY, RecipientRole.OFFICER, RecipientRole.FOCAL_POINT}
    assert is_silenced(role.value, facts(wait_kind=WaitKind.OBSTACLE)) is (role in own)
    assert not is_silenced(role.value, facts())


def test_decider_is_reminded_after_3_days_and_superior_after_5() -> None:
    waiting = facts(status=TaskStatus.SUBMITTED, wait_kind=WaitKind.DECISION, wait_since=at(10), wait_anchor=WAIT)
    assert said(waiting, "decider", 25) == {("decide", 3): "15/06 08:00"}  # a weekend lies between
    assert said(waiting, "decider_superior", 25) == {("decide", 5): "17/06 08:00"}


def test_a_new_wait_has_its_own_clock() -> None:
    first = facts(wait_kind=WaitKind.EXTENSION, wait_since=at(2), wait_anchor=WAIT)
    already_sent = told_by(one for _now, one in walk(first, mornings(at(2), 8)))
    again = replace(first, wait_since=at(10), wait_anchor=new_id())
    assert ("decider", "decide", 3) in at_once(again, at(15), already_sent)


def test_when_the_wait_ends_the_head_hears_what_is_still_true() -> None:
    waiting = facts(wait_kind=WaitKind.OBSTACLE, wait_since=at(28), wait_anchor=WAIT)
    already_sent = told_by(one for _now, one in walk(waiting, mornings(at(28), 6)))
    assert ("head", "overdue", 1) in at_once(facts(), at(5, 7), already_sent)


def test_tasks_without_a_date_get_only_assigned_and_not_accepted() -> None:
    assert said(facts(due=None, status=TaskStatus.ASSIGNED), "head", 200).keys() == {
        ("not_accepted", 2),
        ("not_accepted", 4),
    }
    assert said(facts(due=None), "supervisor", 200) == {}


def test_the_coordinator_is_asked_to_set_a_date_after_2_working_days_once() -> None:
    assert said(facts(due=None), "coordinator", 90) == {("set_date", 2): "03/06 08:00"}
    assert said(facts(due=None, asks_for_date=False), "coordinator", 90) == {}
    assert ("set_date", 2) not in said(facts(), "coordinator", 90)


def test_the_request_for_a_date_hangs_on_the_assignment() -> None:
    fired = [one for _now, one in walk(facts(due=None), mornings(at(1), 5)) if one.rung == SET_DATE]
    assert [one.anchor for one in fired] == [ASSIGNED]


@pytest.mark.parametrize("status", [TaskStatus.APPROVED, TaskStatus.WITHDRAWN])
def test_a_closed_task_says_nothing_and_waits_for_nothing(status: TaskStatus) -> None:
    assert decide(facts(status=status), now=at(9, 7), already_sent=frozenset(), calendar=CALENDAR) == Decision((), None)
