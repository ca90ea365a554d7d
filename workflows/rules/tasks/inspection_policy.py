"""Policy of inspections: who may do what in one, what a finding must say, what keeps one from its next state."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass

from models.errors import BadInput
from models.i18n import Labelled, Words, _
from models.inspections.inspection import InspectionState, Verdict
from models.tasks.task import TaskStatus


class InspectionPart(Labelled):
    COORDINATOR = "coordinator", _("the coordinator")  # of its document: who planned it, or another of their unit
    LEAD = "lead", _("the head of the team")  # trưởng đoàn
    MEMBER = "member", _("a member of the team")
    OBSERVER = "observer", _("an observer")  # sees everything everywhere
    INSPECTED = "inspected", _("the inspected unit")  # serves a unit that is inspected


class Deed(Labelled):
    SEE_ALL = "see-all", _("see the whole inspection")  # the matrix of all units
    SEE_OWN = "see-own", _("see its own part once it is sent")
    FIND = "find", _("record findings")
    CORRECT = "correct", _("demand a correction")
    SEND = "send", _("send the findings")
    CLOSE = "close", _("close the inspection")
    MOVE = "move", _("move a visit")
    CANCEL = "cancel", _("cancel the inspection")


_TEAM = frozenset({InspectionPart.COORDINATOR, InspectionPart.LEAD, InspectionPart.MEMBER})
_HEADS = frozenset({InspectionPart.COORDINATOR, InspectionPart.LEAD})
DEEDS: dict[Deed, frozenset[InspectionPart]] = {
    Deed.SEE_ALL: _TEAM | {InspectionPart.OBSERVER},
    Deed.SEE_OWN: frozenset({InspectionPart.INSPECTED}),
    Deed.FIND: _TEAM,
    Deed.CORRECT: _TEAM,
    Deed.SEND: _HEADS,
    Deed.CLOSE: _HEADS,
    Deed.MOVE: frozenset({InspectionPart.COORDINATOR}),
    Deed.CANCEL: frozenset({InspectionPart.COORDINATOR}),
}
S = InspectionState
WHILE: dict[Deed, frozenset[InspectionState]] = {
    Deed.FIND: frozenset({S.PLANNED, S.UNDER_WAY}),
    Deed.CORRECT: frozenset({S.UNDER_WAY, S.FINDINGS_SENT}),
    Deed.SEND: frozenset({S.UNDER_WAY}),
    Deed.CLOSE: frozenset({S.FINDINGS_SENT}),
    Deed.MOVE: frozenset({S.PLANNED, S.UNDER_WAY}),
    Deed.CANCEL: frozenset({S.PLANNED, S.UNDER_WAY}),
}
"""In which states each deed is done."""

SHORTCOMINGS = frozenset({Verdict.PARTLY, Verdict.NOT_MET})
ANSWERED = frozenset({TaskStatus.APPROVED, TaskStatus.WITHDRAWN})
"""A corrective task that keeps no inspection open: its result is approved, or it was withdrawn, with a reason."""
LONGEST_WORDS = 4000


@dataclass(frozen=True)
class QuestionAtUnit:
    """One question at one unit, as far as it was answered; `tasks` are those of its corrections."""

    unit: str
    question: int  # its number in the checklist
    verdict: Verdict | None = None
    settled: str = ""
    tasks: tuple[TaskStatus, ...] = ()

    @property
    def wants_correction(self) -> bool:
        """Whether it is a shortcoming that nobody has answered: neither put right on the spot nor demanded to be."""
        return self.verdict in SHORTCOMINGS and not self.settled and not self.tasks


def may(parts: Collection[InspectionPart], deed: Deed) -> bool:
    return not DEEDS[deed].isdisjoint(parts)


def possible(parts: Collection[InspectionPart], state: InspectionState) -> frozenset[Deed]:
    """Return what somebody may do now, as long as nothing of the matter stands against it."""
    return frozenset(deed for deed, states in WHILE.items() if state in states and may(parts, deed))


def check_finding(question: int, verdict: Verdict | None, words: str, settled: str) -> None:
    """BadInput where a finding lacks what it needs, or says what it cannot."""
    if verdict is None:
        raise BadInput("question {question}: choose met, partly met, not met or not applicable", question=question)
    if verdict in SHORTCOMINGS and not words:
        raise BadInput("question {question}: say in words what is lacking", question=question)
    if settled and verdict not in SHORTCOMINGS:
        raise BadInput("question {question}: only a shortcoming can be corrected on the spot", question=question)
    for said in (words, settled):
        if len(said) > LONGEST_WORDS:
            raise BadInput(
                "question {question}: {length} characters; expected at most {most}",
                question=question,
                length=len(said),
                most=LONGEST_WORDS,
            )


def unanswered(cells: Iterable[QuestionAtUnit]) -> list[Words]:
    """Return what keeps the findings from being sent: questions without an answer, unit by unit."""
    return _by_unit(cells, lambda cell: cell.verdict is None, _("{unit}: no answer yet to question {questions}"))


def open_points(cells: Iterable[QuestionAtUnit]) -> list[Words]:
    """Return what keeps an inspection from being closed, unit by unit."""
    known = list(cells)
    return [
        *unanswered(known),
        *_by_unit(
            known,
            lambda cell: cell.wants_correction,
            _("{unit}: question {questions} lacks a correction; demand one, or say how it was settled"),
        ),
        *_by_unit(
            known,
            lambda cell: not ANSWERED.issuperset(cell.tasks),
            _("{unit}: the correction of question {questions} is neither approved nor withdrawn"),
        ),
    ]


def _by_unit(cells: Iterable[QuestionAtUnit], is_open: Callable[[QuestionAtUnit], bool], message: str) -> list[Words]:
    found: dict[str, list[str]] = {}
    for cell in cells:
        if is_open(cell):
            found.setdefault(cell.unit, []).append(str(cell.question))
    return [Words(message, unit=unit, questions=", ".join(numbers)) for unit, numbers in found.items()]
