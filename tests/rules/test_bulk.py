"""Which of many chosen tasks an action is not for, and the reason told before it is asked for."""

from datetime import date

import pytest

from models.tasks.task import TaskStatus, WaitKind
from models.text.localtime import at_local, end_of_day
from workflows.rules.figures.board_cells import judge
from workflows.rules.figures.bulk_choice import BULK_ACTIONS, left_out
from workflows.rules.tasks.actions import Action, Relation
from workflows.rules.tasks.lifecycle import SPECS

TODAY = date(2026, 11, 5)


def why(
    action: Action, status: TaskStatus, wait: WaitKind | None = None, *, fixed_elsewhere: bool = False
) -> str | None:
    judged = judge(status, end_of_day(TODAY), None, None, wait, now=at_local(TODAY))
    return left_out(action, judged, fixed_elsewhere=fixed_elsewhere)


@pytest.mark.parametrize(
    ("what_happened", "action"),
    [
        ("the meeting is next week, and twenty units are silent", Action.REMIND),
        ("the Minister gave everybody a week more", Action.SET_DATE),
        ("what was ordered has become needless", Action.WITHDRAW),
        ("a department was merged into another", Action.CHANGE_LEAD),
        ("the coordinator moves to another post", Action.CHANGE_COORDINATOR),
    ],
)
def test_what_concerns_many_tasks_alike_is_done_to_all_at_once(what_happened: str, action: Action) -> None:
    assert action in BULK_ACTIONS, what_happened
    assert Relation.COORDINATOR in SPECS[action].rule.by


def test_what_a_unit_sent_in_or_asked_for_is_decided_on_one_by_one() -> None:
    decisions = {Action.APPROVE, Action.RETURN, Action.GRANT_EXTENSION, Action.REFUSE_EXTENSION, Action.KEEP_LEAD}
    assert decisions.isdisjoint(BULK_ACTIONS)


@pytest.mark.parametrize("action", BULK_ACTIONS)
def test_a_task_that_the_action_cannot_be_done_to_says_how_it_stands(action: Action) -> None:
    for status in set(TaskStatus) - SPECS[action].rule.sources:
        assert why(action, status) == status.label
    assert why(action, TaskStatus.ACCEPTED) is None


@pytest.mark.parametrize(
    ("wait", "reason"),
    [
        (WaitKind.EXTENSION, "waiting for a decision on more time"),
        (WaitKind.OBSTACLE, "waiting for the answer to an obstacle"),
        (WaitKind.LEAD_CHANGE, "waiting for a decision on another lead unit"),
    ],
)
def test_who_waits_for_us_is_not_reminded(wait: WaitKind, reason: str) -> None:
    assert why(Action.REMIND, TaskStatus.ACCEPTED, wait) == reason
    assert why(Action.WITHDRAW, TaskStatus.ACCEPTED, wait) is None
    assert why(Action.SET_DATE, TaskStatus.ACCEPTED, wait) is None


def test_a_task_not_accepted_yet_is_reminded() -> None:
    assert why(Action.REMIND, TaskStatus.ASSIGNED) is None


def test_a_result_that_waits_for_approval_gets_no_other_date() -> None:
    assert why(Action.SET_DATE, TaskStatus.SUBMITTED) == TaskStatus.SUBMITTED.label
    assert why(Action.WITHDRAW, TaskStatus.SUBMITTED) is None


def test_bulk_move_passes_over_dates_that_the_directive_fixes() -> None:
    reason = "the directive itself fixes its deadline: only the issuer's side may move it"
    assert why(Action.SET_DATE, TaskStatus.ACCEPTED, fixed_elsewhere=True) == reason
    in_work = judge(TaskStatus.ACCEPTED, end_of_day(TODAY), None, None, None, now=at_local(TODAY))
    assert left_out(Action.SET_DATE, in_work) is None, "theirs to move unless it is said that it is not"
    for action in set(BULK_ACTIONS) - {Action.SET_DATE}:
        assert why(action, TaskStatus.ACCEPTED, fixed_elsewhere=True) is None
