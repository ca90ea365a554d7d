"""What the briefing list proposes as the next step for a task."""

from itertools import combinations

import pytest

from models.directives.ladders import RungName
from models.tasks.task import WaitKind
from workflows.rules.figures.next_step import next_step, stage_of


def step(
    *, is_overdue: bool = False, has_date: bool = True, stage: RungName | None = None, wait: WaitKind | None = None
) -> str:
    return next_step(is_overdue=is_overdue, has_date=has_date, stage=stage, wait=wait, signed=1)


@pytest.mark.parametrize(("milder", "graver"), list(combinations(RungName, 2)))
def test_the_more_severe_of_two_rungs_stands_in_whichever_order_they_come(milder: RungName, graver: RungName) -> None:
    assert stage_of(milder, graver) is stage_of(graver, milder) is graver


def test_the_first_rung_stands_while_there_is_no_other() -> None:
    assert stage_of(None, RungName.DUE) is RungName.DUE
    assert stage_of(RungName.DUE, RungName.DUE) is RungName.DUE


@pytest.mark.parametrize(
    ("wait", "words"),
    [
        (WaitKind.DECISION, "approve the result"),
        (WaitKind.EXTENSION, "more time"),
        (WaitKind.OBSTACLE, "obstacle"),
        (WaitKind.LEAD_CHANGE, "lead unit"),
    ],
)
def test_what_only_we_can_do_comes_before_what_the_ladder_has_come_to(wait: WaitKind, words: str) -> None:
    assert words in step(wait=wait)
    assert step(wait=wait, is_overdue=True, stage=RungName.TO_ISSUER) == step(wait=wait)


def test_the_leaders_hear_of_it_once_the_ladder_has_come_to_the_issuer() -> None:
    assert step(is_overdue=True, stage=RungName.TO_ISSUER) == "put it to the leaders of the Ministry"


@pytest.mark.parametrize("stage", [RungName.PRESSED_1, RungName.PRESSED_2])
def test_the_pressing_letter_is_the_one_after_those_signed(stage: RungName) -> None:
    assert step(is_overdue=True, stage=stage) == "sign official reminder number 2"


@pytest.mark.parametrize("stage", [None, RungName.OVERDUE])
def test_a_late_task_that_is_not_pressed_yet_is_a_telephone_call(stage: RungName | None) -> None:
    assert step(is_overdue=True, stage=stage) == "telephone the unit, and agree on a day"


def test_a_task_in_time_is_watched_and_one_without_a_date_gets_one() -> None:
    assert step(stage=RungName.DUE_SOON) == "continue to follow up"
    assert step(has_date=False) == "set a deadline"
