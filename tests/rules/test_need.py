"""The action that brings a task on, as the person's list offers it."""

import pytest

from models.directives.ladders import LADDERS, RungName
from models.tasks.task import OPEN_STATUSES, TaskStatus
from workflows.rules.tasks.actions import Action
from workflows.rules.tasks.need import SOON, Need, next_step

OURS = [need for need in Need if need is not Need.WAITING]


@pytest.mark.parametrize("need", OURS)
def test_a_new_task_is_accepted_and_any_other_brought_to_its_result(need: Need) -> None:
    for status in OPEN_STATUSES:
        expected = Action.ACCEPT if status is TaskStatus.ASSIGNED else Action.SUBMIT
        assert next_step(need, status, is_countered=False) is expected


@pytest.mark.parametrize("need", OURS)
def test_a_proposed_date_is_answered_first(need: Need) -> None:
    assert next_step(need, TaskStatus.ACCEPTED, is_countered=True) is Action.AGREE_EXTENSION


def test_what_the_ladder_reminds_of_before_its_date_stands_among_what_is_due_soon() -> None:
    before = [-rung.at for rung in LADDERS["default"].rungs if rung.rung is RungName.DUE_SOON]
    assert max(before) == SOON


def test_nothing_is_asked_of_who_waits_for_somebody_else() -> None:
    for is_countered in (True, False):
        assert next_step(Need.WAITING, TaskStatus.ACCEPTED, is_countered=is_countered) is None
