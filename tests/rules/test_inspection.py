"""Who may do what in an inspection, what a finding must say, and what keeps one open."""

import pytest

from models.errors import BadInput
from models.inspections.inspection import InspectionState, Verdict
from models.tasks.task import TaskStatus
from workflows.rules.tasks.inspection_policy import (
    LONGEST_WORDS,
    PARTS_BY_ACTION,
    InspectionAction,
    InspectionPart,
    QuestionAtUnit,
    check_finding,
    may,
    open_points,
    possible_actions,
    unanswered,
)


@pytest.mark.parametrize("action", list(InspectionAction))
def test_one_part_of_several_is_enough_and_none_gives_nothing(action: InspectionAction) -> None:
    for part in InspectionPart:
        assert may([part], action) is (part in PARTS_BY_ACTION[action])
    assert may(list(InspectionPart), action) and not may([], action)


@pytest.mark.parametrize(
    ("state", "part", "actions"),
    [
        (
            InspectionState.PLANNED,
            InspectionPart.COORDINATOR,
            {InspectionAction.FIND, InspectionAction.MOVE, InspectionAction.CANCEL},
        ),
        (InspectionState.PLANNED, InspectionPart.LEAD, {InspectionAction.FIND}),
        (InspectionState.PLANNED, InspectionPart.MEMBER, {InspectionAction.FIND}),
        (
            InspectionState.UNDER_WAY,
            InspectionPart.COORDINATOR,
            {
                InspectionAction.FIND,
                InspectionAction.CORRECT,
                InspectionAction.SEND,
                InspectionAction.MOVE,
                InspectionAction.CANCEL,
            },
        ),
        (
            InspectionState.UNDER_WAY,
            InspectionPart.LEAD,
            {InspectionAction.FIND, InspectionAction.CORRECT, InspectionAction.SEND},
        ),
        (InspectionState.UNDER_WAY, InspectionPart.MEMBER, {InspectionAction.FIND, InspectionAction.CORRECT}),
        (InspectionState.FINDINGS_SENT, InspectionPart.COORDINATOR, {InspectionAction.CORRECT, InspectionAction.CLOSE}),
        (InspectionState.FINDINGS_SENT, InspectionPart.LEAD, {InspectionAction.CORRECT, InspectionAction.CLOSE}),
        (InspectionState.FINDINGS_SENT, InspectionPart.MEMBER, {InspectionAction.CORRECT}),
    ],
)
def test_what_coordinator_head_and_member_of_the_team_do_from_the_plan_to_its_end(
    state: InspectionState, part: InspectionPart, actions: set[InspectionAction]
) -> None:
    assert possible_actions([part], state) == actions


@pytest.mark.parametrize("state", list(InspectionState))
def test_who_is_inspected_or_looks_on_changes_nothing(state: InspectionState) -> None:
    assert possible_actions([InspectionPart.INSPECTED, InspectionPart.OBSERVER], state) == frozenset()


def test_the_team_and_observers_see_all_units_and_an_inspected_unit_its_own_part() -> None:
    sees_all = {part for part in InspectionPart if may([part], InspectionAction.SEE_ALL)}
    assert sees_all == {InspectionPart.COORDINATOR, InspectionPart.LEAD, InspectionPart.MEMBER, InspectionPart.OBSERVER}
    assert {part for part in InspectionPart if may([part], InspectionAction.SEE_OWN)} == {InspectionPart.INSPECTED}


def test_inspection_closes_only_after_its_findings_were_sent() -> None:
    for state in set(InspectionState) - {InspectionState.FINDINGS_SENT}:
        assert InspectionAction.CLOSE not in possible_actions(list(InspectionPart), state)
    assert possible_actions(list(InspectionPart), InspectionState.FINDINGS_SENT).isdisjoint(
        {InspectionAction.FIND, InspectionAction.SEND, InspectionAction.CANCEL}
    )


def test_a_closed_inspection_lets_nobody_do_anything() -> None:
    for state in (InspectionState.CLOSED, InspectionState.CANCELLED):
        assert possible_actions(list(InspectionPart), state) == frozenset()


@pytest.mark.parametrize(
    ("verdict", "words", "settled"),
    [
        (Verdict.MET, "", ""),
        (Verdict.NOT_APPLICABLE, "", ""),
        (Verdict.MET, "well done", ""),
        (Verdict.PARTLY, "two of five", ""),
        (Verdict.NOT_MET, "none", "put right at once"),
        (Verdict.NOT_MET, "w" * LONGEST_WORDS, "s" * LONGEST_WORDS),
    ],
)
def test_a_finding_that_says_what_it_must_is_taken(verdict: Verdict, words: str, settled: str) -> None:
    check_finding(3, verdict, words, settled)


@pytest.mark.parametrize(
    ("verdict", "words", "settled", "why"),
    [
        (None, "", "", "question 3: choose met, partly met, not met or not applicable"),
        (Verdict.PARTLY, "", "", "question 3: say in words what is lacking"),
        (Verdict.NOT_MET, "", "at once", "question 3: say in words what is lacking"),
        (Verdict.MET, "fine", "at once", "question 3: only a shortcoming can be corrected on the spot"),
        (Verdict.NOT_MET, "w" * (LONGEST_WORDS + 1), "", "question 3: 4001 characters; expected at most 4000"),
        (Verdict.NOT_MET, "none", "s" * (LONGEST_WORDS + 2), "question 3: 4002 characters; expected at most 4000"),
    ],
)
def test_a_finding_that_lacks_something_is_refused_with_the_reason(
    verdict: Verdict | None, words: str, settled: str, why: str
) -> None:
    with pytest.raises(BadInput) as refusal:
        check_finding(3, verdict, words, settled)
    assert refusal.value.tell("en") == why
    assert refusal.value.tell("vi") != why


MET = Verdict.MET


def test_questions_without_an_answer_are_told_unit_by_unit() -> None:
    cells = [
        QuestionAtUnit("Vụ A", 1),
        QuestionAtUnit("Vụ A", 2, MET),
        QuestionAtUnit("Vụ B", 1, MET),
        QuestionAtUnit("Vụ A", 4),
        QuestionAtUnit("Vụ C", 1),
    ]
    assert unanswered(cells) == ["Vụ A: no answer yet to question 1, 4", "Vụ C: no answer yet to question 1"]
    assert unanswered([QuestionAtUnit("Vụ A", 1, MET)]) == []


def test_an_inspection_stays_open_for_each_of_three_reasons() -> None:
    cells = [
        QuestionAtUnit("Vụ A", 1),
        QuestionAtUnit("Vụ A", 2, Verdict.PARTLY),
        QuestionAtUnit("Vụ B", 3, Verdict.NOT_MET, tasks=(TaskStatus.APPROVED, TaskStatus.ACCEPTED)),
    ]
    assert open_points(iter(cells)) == [
        "Vụ A: no answer yet to question 1",
        "Vụ A: question 2 lacks a correction; demand one, or say how it was settled",
        "Vụ B: the correction of question 3 is neither approved nor withdrawn",
    ]


def test_what_was_met_settled_or_corrected_keeps_no_inspection_open() -> None:
    cells = [
        QuestionAtUnit("Vụ A", 1, MET),
        QuestionAtUnit("Vụ A", 2, Verdict.NOT_APPLICABLE),
        QuestionAtUnit("Vụ A", 3, Verdict.PARTLY, settled="put right at once"),
        QuestionAtUnit("Vụ A", 4, Verdict.NOT_MET, tasks=(TaskStatus.APPROVED, TaskStatus.WITHDRAWN)),
    ]
    assert open_points(cells) == []
