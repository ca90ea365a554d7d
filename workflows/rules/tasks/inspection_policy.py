"""The rules of inspections: who may do what, what a finding must say, and what blocks the next state."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from models.errors import BadInput
from models.i18n import Labelled, Words, _
from models.inspections.inspection import InspectionState, Verdict
from models.tasks.task import TaskStatus


class InspectionPart(Labelled):
    """What a person is to an inspection."""

    COORDINATOR = "coordinator", _("the coordinator")  # the person who planned it, or a colleague of the same unit
    LEAD = "lead", _("the head of the team")  # trưởng đoàn
    MEMBER = "member", _("a member of the team")
    OBSERVER = "observer", _("an observer")  # sees every inspection
    INSPECTED = "inspected", _("the inspected unit")


class InspectionAction(Labelled):
    SEE_ALL = "see-all", _("see the whole inspection")  # the findings of all units
    SEE_OWN = "see-own", _("see its own part once it is sent")
    FIND = "find", _("record findings")
    CORRECT = "correct", _("demand a correction")
    SEND = "send", _("send the findings")
    CLOSE = "close", _("close the inspection")
    MOVE = "move", _("move a visit")
    CANCEL = "cancel", _("cancel the inspection")


_TEAM = frozenset({InspectionPart.COORDINATOR, InspectionPart.LEAD, InspectionPart.MEMBER})
_HEADS = frozenset({InspectionPart.COORDINATOR, InspectionPart.LEAD})
PARTS_BY_ACTION: dict[InspectionAction, frozenset[InspectionPart]] = {
    InspectionAction.SEE_ALL: _TEAM | {InspectionPart.OBSERVER},
    InspectionAction.SEE_OWN: frozenset({InspectionPart.INSPECTED}),
    InspectionAction.FIND: _TEAM,
    InspectionAction.CORRECT: _TEAM,
    InspectionAction.SEND: _HEADS,
    InspectionAction.CLOSE: _HEADS,
    InspectionAction.MOVE: frozenset({InspectionPart.COORDINATOR}),
    InspectionAction.CANCEL: frozenset({InspectionPart.COORDINATOR}),
}
S = InspectionState
STATES_BY_ACTION: dict[InspectionAction, frozenset[InspectionState]] = {
    InspectionAction.FIND: frozenset({S.PLANNED, S.UNDER_WAY}),
    InspectionAction.CORRECT: frozenset({S.UNDER_WAY, S.FINDINGS_SENT}),
    InspectionAction.SEND: frozenset({S.UNDER_WAY}),
    InspectionAction.CLOSE: frozenset({S.FINDINGS_SENT}),
    InspectionAction.MOVE: frozenset({S.PLANNED, S.UNDER_WAY}),
    InspectionAction.CANCEL: frozenset({S.PLANNED, S.UNDER_WAY}),
}
"""The states in which an action is possible. Seeing is possible in every state."""

SHORTCOMINGS = frozenset({Verdict.PARTLY, Verdict.NOT_MET})
SETTLED_STATUSES = frozenset({TaskStatus.APPROVED, TaskStatus.WITHDRAWN})
"""An inspection can be closed once each of its corrective tasks has one of these statuses."""
LONGEST_WORDS = 4000
"""The most characters of a finding."""


@dataclass(frozen=True)
class QuestionAtUnit:
    """One question of the checklist at one unit, with its answer so far.

    `settled` says how the unit corrected a shortcoming on the spot. `tasks` are the statuses of the corrective tasks.
    """

    unit: str
    question: int  # its number in the checklist
    verdict: Verdict | None = None
    settled: str = ""
    tasks: tuple[TaskStatus, ...] = ()

    @property
    def wants_correction(self) -> bool:
        """Return whether it is a shortcoming that was not corrected on the spot and has no corrective task."""
        return self.verdict in SHORTCOMINGS and not self.settled and not self.tasks


def may(parts: Collection[InspectionPart], action: InspectionAction) -> bool:
    return not PARTS_BY_ACTION[action].isdisjoint(parts)


def possible_actions(parts: Collection[InspectionPart], state: InspectionState) -> frozenset[InspectionAction]:
    """Return what somebody may do in a state. Open questions may still block an action."""
    return frozenset(action for action, states in STATES_BY_ACTION.items() if state in states and may(parts, action))


def check_finding(question: int, verdict: Verdict | None, words: str, settled: str) -> None:
    """Raise BadInput for a finding that is incomplete or contradicts itself."""
    if verdict is None:
        raise BadInput("question {question}: choose met, partly met, not met or not applicable", question=question)
    if verdict in SHORTCOMINGS and not words:
        raise BadInput("question {question}: say in words what is lacking", question=question)
    if settled and verdict not in SHORTCOMINGS:
        raise BadInput("question {question}: only a shortcoming can be corrected on the spot", question=question)
    for text in (words, settled):
        if len(text) > LONGEST_WORDS:
            raise BadInput(
                "question {question}: {length} characters; expected at most {most}",
                question=question,
                length=len(text),
                most=LONGEST_WORDS,
            )


def unanswered(questions: Iterable[QuestionAtUnit]) -> list[Words]:
    """Return what blocks the sending of the findings: one sentence per unit with unanswered questions."""
    return _list_by_unit(
        (question for question in questions if question.verdict is None),
        _("{unit}: no answer yet to question {questions}"),
    )


def open_points(questions: Iterable[QuestionAtUnit]) -> list[Words]:
    """Return what blocks the closing of an inspection, one sentence per kind of obstacle and unit."""
    questions = list(questions)
    uncorrected = [question for question in questions if question.wants_correction]
    unsettled = [question for question in questions if not SETTLED_STATUSES.issuperset(question.tasks)]
    return [
        *unanswered(questions),
        *_list_by_unit(
            uncorrected, _("{unit}: question {questions} lacks a correction; demand one, or say how it was settled")
        ),
        *_list_by_unit(
            unsettled, _("{unit}: the correction of question {questions} is neither approved nor withdrawn")
        ),
    ]


def _list_by_unit(questions: Iterable[QuestionAtUnit], message: str) -> list[Words]:
    numbers_by_unit: dict[str, list[str]] = {}
    for question in questions:
        numbers_by_unit.setdefault(question.unit, []).append(str(question.question))
    return [Words(message, unit=unit, questions=", ".join(numbers)) for unit, numbers in numbers_by_unit.items()]
