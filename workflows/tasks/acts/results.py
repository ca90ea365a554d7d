"""Submit, receive, return and approve results. Only an approved result makes a task done.

The unit may take back or replace a result as long as nobody has decided on it.
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
from workflows.tasks.acts.child_tasks import (
    PARENT_IS_DONE,
    drop_parent_notices,
    ended_with_parent,
    refuse_open_children,
    tell_parent_when_last,
    withdraw_children,
)
from workflows.tasks.moves import TaskMove, last_event

_SENT = ("submitted", "corrected")
REPLACED = "taken back"
"""The reason for which the letter about a replaced result is dropped."""


def submit(move: TaskMove, arguments: Submission) -> None:
    """Submit a result document, with files or a link. For classified mail, only its number and date are recorded."""
    required = move.spec.result
    today = local_date(move.now)
    if arguments.date > today:
        raise BadInput(
            "date {date}: a document cannot be dated after today, {today}",
            date=write_date(arguments.date),
            today=write_date(today),
        )
    refuse_open_children(move)
    if required.classified_mail:
        if arguments.file or arguments.link or arguments.subject:
            raise Refused(
                "this result goes by classified mail: only its number and date are recorded, no subject, file or link"
            )
    elif not (arguments.subject and arguments.signer):
        raise BadInput("subject, signer: the result document's subject and signer are required")
    elif required.file_required and not (arguments.file or arguments.link):
        raise BadInput("file: this result needs a file or a link")
    assert move.settings is not None  # a person's own move
    _add_result(
        move,
        number=arguments.number,
        document_date=arguments.date,
        subject=arguments.subject,
        signer=arguments.signer,
        link=str(arguments.link) if arguments.link else None,
        is_classified=required.classified_mail,
        files=store_all(move.settings.evidence, arguments.file, max_bytes=move.settings.file_max_bytes),
    )
    move.changes["accepted_at"] = move.task.accepted_at or move.now
    move.changes["submitted_on"] = today
    move.facts |= {"number": arguments.number, "date": arguments.date.isoformat()}
    move.note = arguments.note
    move.notify_roles = ["decider"]


def receive(move: TaskMove, arguments: Receipt) -> None:
    """Record that the written report arrived, also while child tasks are open. The day of receipt counts."""
    today = local_date(move.now)
    if arguments.received_on > today or arguments.date > arguments.received_on:
        raise BadInput(
            "received on {received}, dated {date}: first the document's date, then its receipt, neither after {today}",
            received=write_date(arguments.received_on),
            date=write_date(arguments.date),
            today=write_date(today),
        )
    assignment = last_event(move.session, move.task.id, ("assigned", "lead_changed"))  # not a reopening
    if assignment is not None and arguments.received_on < local_date(assignment.recorded_at):
        raise BadInput(
            "received on {received}: before the task was assigned", received=write_date(arguments.received_on)
        )
    if move.task.status is TaskStatus.SUBMITTED:
        _note_receipt(move, arguments)
    else:
        classified = move.spec.result.classified_mail
        _add_result(
            move,
            number=arguments.number,
            document_date=arguments.date,
            subject="" if classified else arguments.subject,
            signer=arguments.signer,
            link=None,
            is_classified=classified,
            received_on=arguments.received_on,
        )
    earliest = min(arguments.received_on, move.task.submitted_on or arguments.received_on)
    move.changes["accepted_at"] = move.task.accepted_at or move.now
    move.changes["submitted_on"] = earliest
    move.occurred_on = arguments.received_on
    move.facts |= {"received_on": arguments.received_on.isoformat(), "number": arguments.number}
    move.facts["counts_on"] = earliest.isoformat()  # the paper may follow a result that was submitted before
    move.notify_roles = ["decider"]


def return_(move: TaskMove, arguments: Reason) -> None:
    _decide(move, "returned")
    move.changes["submitted_on"] = None
    move.note = arguments.note
    move.notify_roles = ["head", "officer"]


def approve(move: TaskMove, arguments: Note) -> None:
    """Approve the result. The day of the submission decides whether it was on time. Open children are withdrawn."""
    _decide(move, "approved")
    counts_on = move.task.submitted_on or local_date(move.now)
    move.changes["closed_at"] = move.now
    move.facts["counts_on"] = counts_on.isoformat()
    move.note = arguments.note
    move.notify_roles = ["head", "officer"]
    withdraw_children(move, PARENT_IS_DONE)
    tell_parent_when_last(move)


def undo_approval(move: TaskMove, arguments: Note) -> None:
    """Undo an approval: the result waits for a decision again. Only the approver can, and only within `UNDO_WITHIN`.

    Raise Refused once a letter of the approval has left or a child was withdrawn with it, as people were told.
    """
    approval = last_event(move.session, move.task.id, ("approved",))
    submission = last_event(move.session, move.task.id, ("submitted", "corrected", "received"))
    if approval is None or approval.actor_id != move.actor_id or approval.recorded_at < move.now - UNDO_WITHIN:
        raise Refused(
            "an approval can be undone by who gave it, within {count} seconds; reopen the task instead",
            count=int(UNDO_WITHIN.total_seconds()),
        )
    is_told = or_(col(Notice.state) != NoticeState.PENDING, col(Notice.letter_id).is_not(None))
    has_left = and_(is_told, col(Notice.reason) != SWITCHED_OFF)
    letters = move.session.exec(select(Notice.id).where(Notice.anchor_id == approval.id, has_left))
    children = select(Task.id).where(ended_with_parent(Task, move.task.id, move.task.closed_at))
    if letters.first() or move.session.exec(children).first():
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
    drop_parent_notices(move, approval)
    move.changes["closed_at"] = None
    move.wait_resumes = submission
    move.note = arguments.note


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
    give_back(move)  # older releases left a result waiting when they reopened a task
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


def _note_receipt(move: TaskMove, arguments: Receipt) -> None:
    changed = update_one(
        move.session,
        update(Result)
        .where(col(Result.task_id) == move.task.id, col(Result.decision).is_(None), col(Result.received_on).is_(None))
        .values(received_on=arguments.received_on),
    )
    if not changed:
        raise Refused("the receipt of this result is recorded already")


def give_back(move: TaskMove) -> bool:
    """Return a waiting result to the unit, which has to submit again. Return False if none waited."""
    return end_result(move, "returned")


def _decide(move: TaskMove, decision: str) -> None:
    if not end_result(move, decision):
        raise Refused("there is no result to decide on")


def end_result(move: TaskMove, decision: str) -> bool:
    """Write the decision on the waiting result. Return False if none waits."""
    return update_one(
        move.session,
        update(Result)
        .where(col(Result.task_id) == move.task.id, col(Result.decision).is_(None))
        .values(decision=decision, decided_at=move.now, decided_by=move.actor_id),
    )


def take_back(move: TaskMove, arguments: Note) -> None:
    """Take back a result on which nobody has decided. The decider is told only if they were told of the result."""
    submission = _read_undecided_submission(move)
    was_returned = _status_before(move, submission) is TaskStatus.RETURNED
    move.target = TaskStatus.RETURNED if was_returned else TaskStatus.ACCEPTED
    was_told = _drop_notices(move, submission)
    end_result(move, "taken_back")
    move.changes["submitted_on"] = None
    move.note = arguments.note
    move.notify_roles = ["decider"] if was_told else []


def correct(move: TaskMove, arguments: Submission) -> None:
    """Replace the result by another one, which counts as submitted today. The former one stays in the history."""
    submission = _read_undecided_submission(move)
    _drop_notices(move, submission)
    end_result(move, "replaced")
    submit(move, arguments)


def _read_undecided_submission(move: TaskMove) -> History:
    """Return the line that submitted the waiting result. Raise Refused if the clerk has recorded its receipt."""
    result = move.session.exec(
        select(Result).where(Result.task_id == move.task.id, col(Result.decision).is_(None))
    ).first()
    submission = last_event(move.session, move.task.id, _SENT)
    if result is None:
        raise Refused("there is no result to decide on")
    if result.received_on is not None or submission is None:
        raise Refused(
            "the records clerk has recorded this report as received on {day}: ask the coordinator to return it",
            day=write_date(result.received_on) if result.received_on else "–",
        )
    return submission


def _status_before(move: TaskMove, submission: History) -> TaskStatus | None:
    """Return the status before the result was first submitted; corrections do not count."""
    query = (
        select(History.from_status)
        .where(
            History.task_id == move.task.id, History.event == "submitted", History.recorded_at <= submission.recorded_at
        )
        .order_by(col(History.recorded_at).desc(), col(History.id).desc())
    )
    status = move.session.exec(query).first()
    return TaskStatus(status) if status else None


def _drop_notices(move: TaskMove, submission: History) -> bool:
    """Drop the notices of the result that have not left. Return whether one had left or is leaving."""
    of_result = (col(Notice.task_id) == move.task.id, col(Notice.anchor_id) == submission.id)
    rungs = [EVENT + event for event in _SENT]
    is_leaving = untell(move.session, *of_result, col(Notice.rung).in_(rungs), reason=REPLACED)
    sent = select(Notice.id).where(*of_result, col(Notice.state) == NoticeState.SENT)
    return is_leaving or move.session.exec(sent).first() is not None
