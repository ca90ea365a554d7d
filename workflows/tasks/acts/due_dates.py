"""Dates: set one, ask for more time, decide. The original date is kept for ever (the database sees to it)."""

from datetime import date

from sqlmodel import col, select

from models.errors import BadInput, Refused
from models.i18n import _n
from models.tasks.act_inputs import AskExtension, CounterExtension, Note, Reason, SetDate
from models.tasks.task import DueFixedBy, Extension, Task, TaskStatus
from models.text.localtime import LAST_DAY, due_date, local_date, write_date
from workflows.rules.tasks.lifecycle import Relation
from workflows.tasks.moves import TaskMove


def set_date(move: TaskMove, given: SetDate) -> None:
    """Set the first date of an undated task, or move it with a reason."""
    task = move.task
    if task.status is TaskStatus.SUBMITTED:
        raise Refused("the result is submitted: decide on it before moving the deadline")
    _check_day(move, given.due)
    if task.due_at is not None:
        if task.due_fixed_by is DueFixedBy.DIRECTIVE and move.relation is not Relation.ISSUER_OFFICE:
            raise Refused("the directive itself fixes this deadline: only the issuer's side may move it")
        if due_date(task.due_at) == given.due:
            raise Refused("due {due}: that is the deadline already", due=write_date(given.due))
        if not given.note:
            raise BadInput("note: say why the deadline moves")
        move.facts["from"] = due_date(task.due_at).isoformat()
    move.event = "due_set" if task.due_at is None else "due_moved"
    move.facts["due_on"] = given.due.isoformat()
    move.new_due_on, move.note = given.due, given.note
    if task.due_at is not None and task.due_fixed_by is DueFixedBy.DIRECTIVE:
        move.new_due_by = DueFixedBy.DIRECTIVE  # what the issuer's side has moved is not the coordinator's from then on
    move.notify_roles = ["head", "officer"]


def ask_extension(move: TaskMove, given: AskExtension) -> None:
    """The lead asks whoever set the date for another; one request at a time."""
    task = move.task
    if task.due_at is None:
        raise Refused("the task has no deadline yet: there is nothing to extend")
    if given.due <= due_date(task.due_at):
        raise BadInput(
            "due {due}: an extension asks for a day after {current}",
            due=write_date(given.due),
            current=write_date(due_date(task.due_at)),
        )
    _check_day(move, given.due)
    _check_length(move, given.due)
    if _open_extension(move) is not None:
        raise Refused("a request for more time is open already: wait for its decision")
    by_issuer = task.parent_id is None and (
        task.due_fixed_by is DueFixedBy.DIRECTIVE or task.assigner_unit_id == task.lead_unit_id
    )
    move.session.add(
        Extension(
            task_id=task.id,
            asked_at=move.now,
            asked_by=move.actor_id,
            asked_due_on=given.due,
            reason=given.note,
            by_issuer=by_issuer,
        )
    )
    move.facts["due_on"] = given.due.isoformat()
    move.note = given.note
    move.notify_roles = ["decider"]


def grant_extension(move: TaskMove, given: Note) -> None:
    extension = _to_decide(move)
    current = due_date(move.task.due_at) if move.task.due_at else None
    if current is not None and extension.asked_due_on < current:
        raise Refused(
            "the deadline has moved to {current} since: more time than was asked for", current=write_date(current)
        )
    _close(move, extension, "accepted", extension.asked_due_on, given.note)
    _move_date(move, extension.asked_due_on, given.note or extension.reason)


def refuse_extension(move: TaskMove, given: Reason) -> None:
    _close(move, _to_decide(move), "refused", None, given.note)
    move.note = given.note
    move.notify_roles = ["head", "officer"]


def counter_extension(move: TaskMove, given: CounterExtension) -> None:
    """Propose another date; the lead agrees or declines."""
    extension = _to_decide(move)
    _check_day(move, given.due)
    extension.state, extension.decided_due_on, extension.decision_reason = "countered", given.due, given.note
    extension.decided_at, extension.decided_by = move.now, move.actor_id
    move.facts["due_on"] = given.due.isoformat()
    move.note = given.note
    move.notify_roles = ["head", "officer"]


def agree_extension(move: TaskMove, given: Note) -> None:
    extension = _countered(move)
    if extension.decided_due_on is None:
        raise Refused("no other deadline was proposed")
    extension.state = "accepted"
    _move_date(move, extension.decided_due_on, given.note or extension.decision_reason)
    move.notify_roles.append("decider")


def decline_extension(move: TaskMove, given: Note) -> None:
    """The current date stays."""
    _countered(move).state = "refused"
    move.note = given.note
    move.notify_roles = ["decider"]


def _move_date(move: TaskMove, day: date, note: str) -> None:
    if day > LAST_DAY:  # asked for before there was a check
        raise BadInput("due {due}: expected at the latest {last}", due=write_date(day), last=write_date(LAST_DAY))
    _check_within_parent(move, day)  # whose date may have moved since it was asked for
    move.facts["due_on"] = day.isoformat()
    move.new_due_on, move.note = day, note
    move.new_due_by = move.task.due_fixed_by or DueFixedBy.ASSIGNER
    move.notify_roles = ["head", "officer"]


def _close(move: TaskMove, extension: Extension, state: str, day: date | None, note: str) -> None:
    extension.state, extension.decided_due_on, extension.decision_reason = state, day, note
    extension.decided_at, extension.decided_by = move.now, move.actor_id


def _open_extension(move: TaskMove) -> Extension | None:
    return move.session.exec(
        select(Extension).where(Extension.task_id == move.task.id, col(Extension.state).in_(["open", "countered"]))
    ).first()


def _to_decide(move: TaskMove) -> Extension:
    extension = _open_extension(move)
    if extension is None or extension.state != "open":
        raise Refused("no request for more time is open")
    if extension.by_issuer and move.relation is not Relation.ISSUER_OFFICE:
        raise Refused("this deadline is not the coordinator's to extend: it goes to the issuer's side")
    return extension


def _countered(move: TaskMove) -> Extension:
    extension = _open_extension(move)
    if extension is None or extension.state != "countered":
        raise Refused("no other deadline was proposed")
    return extension


def _check_day(move: TaskMove, day: date) -> None:
    today = local_date(move.now)
    if day < today:
        raise BadInput("due {due}: the day is past; today is {today}", due=write_date(day), today=write_date(today))
    _check_within_parent(move, day)


def _check_within_parent(move: TaskMove, day: date) -> None:
    if move.task.parent_id is not None:
        parent = move.session.get_one(Task, move.task.parent_id)
        if parent.due_at is not None and day > due_date(parent.due_at):
            raise BadInput(
                "due {due}: after the parent task's deadline, {parent}",
                due=write_date(day),
                parent=write_date(due_date(parent.due_at)),
            )


def _check_length(move: TaskMove, day: date) -> None:
    longest = move.spec.max_extension_days
    if longest is not None and move.task.due_at is not None and (day - due_date(move.task.due_at)).days > longest:
        raise BadInput(
            _n(
                "due {due}: the longest single extension is {count} day",
                "due {due}: the longest single extension is {count} days",
            ),
            due=write_date(day),
            count=longest,
        )
