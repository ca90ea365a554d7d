"""Results: submit, receive (the records clerk), return, approve. Only an approved result makes a task done.

One that waits for its decision may be taken back or replaced by the unit that sent it. A decision comes first.
"""

import datetime as dt

from sqlalchemy import and_, or_, update
from sqlmodel import col, select

from models.database.rows import update_one
from models.errors import BadInput, Refused
from models.letters.letter import SWITCHED_OFF, Notice, NoticeState
from models.tasks.act_inputs import Note, Reason, Receipt, Submission
from models.tasks.evidence_files import StoredFile, store_all
from models.tasks.history import History
from models.tasks.task import Evidence, Result, Task, TaskStatus
from models.text.localtime import local_date, write_date
from workflows.history.notify import untell
from workflows.history.record import EVENT
from workflows.rules.tasks.lifecycle import UNDO_WITHIN
from workflows.tasks.acts.task_parts import (
    WHOLE_IS_DONE,
    ended_with_whole,
    refuse_open_parts,
    tell_whole_when_last,
    untell_whole,
    withdraw_parts,
)
from workflows.tasks.moves import TaskMove, last_event

_SENT = ("submitted", "corrected")
REPLACED = "taken back"
"""Why the letter about a result does not leave any more."""


def submit(move: TaskMove, given: Submission) -> None:
    """The unit submits its result document, with files or a link, or number and date alone for classified mail."""
    required = move.spec.result
    today = local_date(move.now)
    if given.date > today:
        raise BadInput(
            "date {date}: a document cannot be dated after today, {today}",
            date=write_date(given.date),
            today=write_date(today),
        )
    refuse_open_parts(move)
    if required.classified_mail:
        if given.file or given.link or given.subject:
            raise Refused(
                "this result goes by classified mail: only its number and date are recorded, no subject, file or link"
            )
    elif not (given.subject and given.signer):
        raise BadInput("subject, signer: the result document's subject and signer are required")
    elif required.file_required and not (given.file or given.link):
        raise BadInput("file: this result needs a file or a link")
    assert move.settings is not None  # a person's own move
    _add_result(
        move,
        number=given.number,
        document_date=given.date,
        subject=given.subject,
        signer=given.signer,
        link=str(given.link) if given.link else None,
        is_classified=required.classified_mail,
        files=store_all(move.settings.evidence, given.file, max_bytes=move.settings.file_max_bytes),
    )
    move.changes["accepted_at"] = move.task.accepted_at or move.now
    move.changes["submitted_on"] = today
    move.facts |= {"number": given.number, "date": given.date.isoformat()}
    move.note = given.note
    move.notify_roles = ["decider"]


def receive(move: TaskMove, given: Receipt) -> None:
    """The records clerk notes that the written report arrived: the day of receipt is the one that counts.

    Also while parts are open: it did arrive, and the unit must not be late for want of theirs.
    """
    today = local_date(move.now)
    if given.received_on > today or given.date > given.received_on:
        raise BadInput(
            "received on {received}, dated {date}: first the document's date, then its receipt, neither after {today}",
            received=write_date(given.received_on),
            date=write_date(given.date),
            today=write_date(today),
        )
    given_out = last_event(move.session, move.task.id, ("assigned", "lead_changed"))  # a reopening is neither
    if given_out is not None and given.received_on < local_date(given_out.recorded_at):
        raise BadInput("received on {received}: before the task was assigned", received=write_date(given.received_on))
    if move.task.status is TaskStatus.SUBMITTED:
        _note_receipt(move, given)
    else:
        classified = move.spec.result.classified_mail
        _add_result(
            move,
            number=given.number,
            document_date=given.date,
            subject="" if classified else given.subject,
            signer=given.signer,
            link=None,
            is_classified=classified,
            received_on=given.received_on,
        )
    earliest = min(given.received_on, move.task.submitted_on or given.received_on)
    move.changes["accepted_at"] = move.task.accepted_at or move.now
    move.changes["submitted_on"] = earliest
    move.occurred_on = given.received_on
    move.facts |= {"received_on": given.received_on.isoformat(), "number": given.number}
    move.facts["counts_on"] = earliest.isoformat()  # the paper may follow a result that was sent here
    move.notify_roles = ["decider"]


def return_(move: TaskMove, given: Reason) -> None:
    """Not good enough yet: back to the unit with the reason."""
    _decide(move, "returned")
    move.changes["submitted_on"] = None
    move.note = given.note
    move.notify_roles = ["head", "officer"]


def approve(move: TaskMove, given: Note) -> None:
    """Done. On time is judged by the day of the approved submission, however slow the approval.

    Parts that are open still, as where the report came on paper, end with it: nobody is chased for them any more.
    """
    _decide(move, "approved")
    counts_on = move.task.submitted_on or local_date(move.now)
    move.changes["closed_at"] = move.now
    move.facts["counts_on"] = counts_on.isoformat()
    move.note = given.note
    move.notify_roles = ["head", "officer"]
    withdraw_parts(move, WHOLE_IS_DONE)
    tell_whole_when_last(move)


def undo_approval(move: TaskMove, given: Note) -> None:
    """Wait for the decision again, as if it had not been given: within `UNDO_WITHIN`, by who gave it.

    The letters of the approval must still be here, and no part may have ended with it: those units were told.
    """
    approval = last_event(move.session, move.task.id, ("approved",))
    began = last_event(move.session, move.task.id, ("submitted", "corrected", "received"))
    if approval is None or approval.actor_id != move.actor_id or approval.recorded_at < move.now - UNDO_WITHIN:
        raise Refused(
            "an approval can be undone by who gave it, within {count} seconds; reopen the task instead",
            count=int(UNDO_WITHIN.total_seconds()),
        )
    is_told = or_(col(Notice.state) != NoticeState.PENDING, col(Notice.letter_id).is_not(None))
    has_left = and_(is_told, col(Notice.reason) != SWITCHED_OFF)
    letters = move.session.exec(select(Notice.id).where(Notice.anchor_id == approval.id, has_left))
    ended = select(Task.id).where(ended_with_whole(Task, move.task.id, move.task.closed_at))
    if letters.first() or move.session.exec(ended).first():
        raise Refused("others have been told of the approval already; reopen the task instead")
    move.session.execute(
        update(Result)
        .where(
            col(Result.task_id) == move.task.id,
            col(Result.decided_at) == move.task.closed_at,
            col(Result.decision) == "approved",
        )
        .values(decision=None, decided_at=None, decided_by=None)
    )
    untell_whole(move, approval)
    move.changes["closed_at"] = None
    move.wait_resumes = began
    move.note = given.note


def _add_result(
    move: TaskMove,
    *,
    number: str,
    document_date: dt.date,
    subject: str,
    signer: str,
    link: str | None,
    is_classified: bool,
    received_on: dt.date | None = None,
    files: list[StoredFile] | None = None,
) -> None:
    give_back(move)  # of a task reopened by a version that left it waiting
    result = Result(
        task_id=move.task.id,
        number=number,
        document_date=document_date,
        subject=subject,
        signer=signer,
        link=link,
        is_classified=is_classified,
        submitted_at=move.now,
        submitted_by=move.actor_id,
        received_on=received_on,
    )
    move.session.add(result)
    move.session.flush()
    for file in files or []:
        move.session.add(
            Evidence(
                result_id=result.id,
                sha256=file.sha256,
                filename=file.filename,
                media_type=file.media_type,
                size=file.size,
            )
        )
    move.facts["result"] = result.id.hex


def _note_receipt(move: TaskMove, given: Receipt) -> None:
    changed = update_one(
        move.session,
        update(Result)
        .where(col(Result.task_id) == move.task.id, col(Result.decision).is_(None), col(Result.received_on).is_(None))
        .values(received_on=given.received_on),
    )
    if not changed:
        raise Refused("the receipt of this result is recorded already")


def give_back(move: TaskMove) -> bool:
    """Give a result that still waits back to the unit, which has to submit again. False where none did."""
    return end_result(move, "returned")


def _decide(move: TaskMove, decision: str) -> None:
    if not end_result(move, decision):
        raise Refused("there is no result to decide on")


def end_result(move: TaskMove, decision: str) -> bool:
    """Write what became of the result that waits. False where none does."""
    return update_one(
        move.session,
        update(Result)
        .where(col(Result.task_id) == move.task.id, col(Result.decision).is_(None))
        .values(decision=decision, decided_at=move.now, decided_by=move.actor_id),
    )


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
