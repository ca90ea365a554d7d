"""A result that waits for its decision, taken back or replaced by the unit that sent it. A decision comes first."""

from sqlmodel import col, select

from models.errors import Refused
from models.letters.letter import Notice, NoticeState
from models.tasks.act_inputs import Note, Submission
from models.tasks.history import History
from models.tasks.task import Result, TaskStatus
from models.text.localtime import write_date
from workflows.history.notify import untell
from workflows.history.record import EVENT
from workflows.tasks.acts.results import end_result, submit
from workflows.tasks.moves import TaskMove, last_event

_SENT = ("submitted", "corrected")
REPLACED = "taken back"
"""Why the letter about a result does not leave any more."""


def take_back(move: TaskMove, given: Note) -> None:
    """Take the result back, as long as nobody has decided on it; the task is again where it was before.

    Whoever decides hears of it only if they heard of the result.
    """
    sent = _refuse_decided(move)
    move.target = TaskStatus.RETURNED if _came_from(move, sent) is TaskStatus.RETURNED else TaskStatus.ACCEPTED
    was_told = _untell(move, sent)
    end_result(move, "taken_back")
    move.changes["submitted_on"] = None
    move.note = given.note
    move.notify_roles = ["decider"] if was_told else []


def correct(move: TaskMove, given: Submission) -> None:
    """Replace the result by another one, which counts as sent today; the former stays in the history as replaced."""
    sent = _refuse_decided(move)
    _untell(move, sent)
    end_result(move, "replaced")
    submit(move, given)


def _refuse_decided(move: TaskMove) -> History:
    """Return the line that sent the result. Refused where a paper of it is recorded: that is not the unit's to undo."""
    waits = move.session.exec(
        select(Result).where(Result.task_id == move.task.id, col(Result.decision).is_(None))
    ).first()
    sent = last_event(move.session, move.task.id, _SENT)
    if waits is None:
        raise Refused("there is no result to decide on")
    if waits.received_on is not None or sent is None:
        raise Refused(
            "the records clerk has recorded this report as received on {day}: ask the coordinator to return it",
            day=write_date(waits.received_on) if waits.received_on else "–",
        )
    return sent


def _came_from(move: TaskMove, sent: History) -> TaskStatus | None:
    """Return the status before the result was sent; that of a corrected one, before the first was."""
    query = (
        select(History.from_status)
        .where(History.task_id == move.task.id, History.event == "submitted", History.recorded_at <= sent.recorded_at)
        .order_by(col(History.recorded_at).desc(), col(History.id).desc())
    )
    found = move.session.exec(query).first()
    return TaskStatus(found) if found else None


def _untell(move: TaskMove, sent: History) -> bool:
    """Drop the notices of the result that have not left. Return whether one had."""
    of_result = (col(Notice.task_id) == move.task.id, col(Notice.anchor_id) == sent.id)
    rungs = [EVENT + event for event in _SENT]
    under_way = untell(move.session, *of_result, col(Notice.rung).in_(rungs), reason=REPLACED)
    told = select(Notice.id).where(*of_result, col(Notice.state) == NoticeState.SENT)
    return under_way or move.session.exec(told).first() is not None
