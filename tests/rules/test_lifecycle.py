"""The transition table: every action, from every status, by every relation."""

from datetime import timedelta

import pytest

from models.errors import Refused
from models.tasks.task import OPEN_STATUSES, TaskStatus
from workflows.rules.tasks.actions import Action, Relation
from workflows.rules.tasks.lifecycle import SPECS, UNDO_WITHIN, allowed_actions, permit
from workflows.tasks.act import HANDLERS

EVERYONE = frozenset(Relation)
UNIT = {Relation.HEAD, Relation.STAND_IN, Relation.DEPUTY}


def may(action: Action, status: TaskStatus, relation: Relation) -> bool:
    try:
        return permit(action, status, frozenset({relation}), task="t", person="p") is relation
    except Refused:
        return False


def test_an_approval_can_be_undone_for_a_minute() -> None:
    assert timedelta(minutes=1) == UNDO_WITHIN


def test_every_action_has_one_transition_and_one_handler() -> None:
    assert set(SPECS) == set(HANDLERS) == set(Action)


@pytest.mark.parametrize("action", list(Action))
def test_an_action_is_allowed_where_the_table_says_and_refused_everywhere_else(action: Action) -> None:
    rule = SPECS[action].rule
    for status in TaskStatus:
        for relation in Relation:
            expected = status in rule.sources and relation in rule.by
            assert may(action, status, relation) == expected
            assert (action in allowed_actions(status, frozenset({relation}))) == expected


def test_a_closed_task_can_only_be_reopened_and_an_approval_undone() -> None:
    assert allowed_actions(TaskStatus.WITHDRAWN, EVERYONE) == [Action.REOPEN]
    assert allowed_actions(TaskStatus.APPROVED, EVERYONE) == [Action.UNDO_APPROVAL, Action.REOPEN]


def test_only_approval_makes_a_task_done_and_only_of_something_submitted() -> None:
    assert [action for action, spec in SPECS.items() if spec.rule.target is TaskStatus.APPROVED] == [Action.APPROVE]
    assert SPECS[Action.APPROVE].rule.sources == {TaskStatus.SUBMITTED}


def test_the_unit_never_decides_on_its_own_result_date_or_lead() -> None:
    deciding = {
        Action.APPROVE,
        Action.UNDO_APPROVAL,
        Action.RETURN,
        Action.GRANT_EXTENSION,
        Action.REFUSE_EXTENSION,
        Action.COUNTER_EXTENSION,
        Action.SET_DATE,
        Action.CHANGE_LEAD,
        Action.KEEP_LEAD,
        Action.WITHDRAW,
        Action.REOPEN,
        Action.REMIND,
        Action.CHANGE_COORDINATOR,
    }
    own = UNIT | {Relation.OFFICER, Relation.FOCAL_POINT, Relation.PARTNER}
    for action in deciding:
        assert not SPECS[action].rule.by & own, action


def test_the_unit_asks_and_the_assigner_does_not_ask_for_it() -> None:
    for action in (Action.ACCEPT, Action.SUBMIT, Action.ASK_EXTENSION, Action.RAISE_OBSTACLE, Action.NOT_OURS):
        assert SPECS[action].rule.by >= UNIT
        assert Relation.COORDINATOR not in SPECS[action].rule.by


def test_receipts_are_the_clerks_and_answers_the_authoritys() -> None:
    assert SPECS[Action.RECEIVE].rule.by == {Relation.CLERK}
    assert SPECS[Action.RECEIVE].rule.sources == OPEN_STATUSES, "a paper may arrive at any time"
    assert SPECS[Action.ANSWER_OBSTACLE].rule.by == {Relation.AUTHORITY}
    assert SPECS[Action.CONTRIBUTE].rule.by == {Relation.PARTNER}


def test_the_system_is_granted_no_action_of_its_own() -> None:
    assert all(Relation.SYSTEM not in rule.by for rule in (spec.rule for spec in SPECS.values()))


def test_a_refusal_names_the_action_the_status_and_what_is_possible() -> None:
    with pytest.raises(Refused) as refusal:
        permit(
            Action.APPROVE,
            TaskStatus.ACCEPTED,
            frozenset({Relation.COORDINATOR, Relation.RECEIVER}),
            task="abc",
            person="Cúc",
        )
    assert refusal.value.tell("en") == (
        "task abc: “Approve the result” is not possible while it is under way; possible now: Set or move the deadline, "
        "Change the lead unit, Keep the lead unit, Change the coordinator, Remind now, Record a telephone call, "
        "Grant the requested time, Refuse more time, Propose another deadline, Record a signed official reminder, "
        "Withdraw the task"
    )


def test_a_refusal_says_so_where_nothing_is_possible() -> None:
    with pytest.raises(Refused) as refusal:
        permit(Action.ACCEPT, TaskStatus.WITHDRAWN, frozenset({Relation.HEAD}), task="abc", person="Ngân")
    assert refusal.value.tell("en") == "task abc: “Accept” is not possible while it is withdrawn; possible now: –"


def test_the_status_is_told_only_to_whom_the_action_is_for() -> None:
    with pytest.raises(Refused, match="Ngân may not do “Approve the result”"):
        permit(Action.APPROVE, TaskStatus.RETURNED, frozenset({Relation.PARTNER}), task="abc", person="Ngân")


def test_a_refusal_of_a_person_names_them_and_whose_it_is() -> None:
    with pytest.raises(Refused) as refusal:
        permit(Action.APPROVE, TaskStatus.SUBMITTED, frozenset({Relation.HEAD}), task="abc", person="Ngân")
    assert refusal.value.tell("en") == (
        "task abc: Ngân may not do “Approve the result”; that is for: the unit that gets the result"
    )


def test_somebody_with_several_relations_acts_under_the_first_that_may() -> None:
    both = frozenset({Relation.COORDINATOR, Relation.OFFICER, Relation.STAND_IN})
    assert permit(Action.ACCEPT, TaskStatus.ASSIGNED, both, task="t", person="p") is Relation.STAND_IN
