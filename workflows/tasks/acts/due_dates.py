"""Set a deadline, ask for more time, and decide on that. A trigger of the database keeps the original deadline."""

from datetime import date

from sqlmodel import col, select

from models.errors import BadInput, Refused
from models.i18n import _n
from models.tasks.act_inputs import AskExtension, CounterExtension, Note, Reason, SetDate
from models.tasks.task import DueFixedBy, Extension, Task, TaskStatus
from models.text.localtime import LAST_DAY, due_date, local_date, write_date
from workflows.rules.tasks.actions import Relation
from workflows.tasks.moves import TaskMove


def set_date(move: TaskMove, arguments: SetDate) -> None:
    """Set the first deadline of a task, or move its deadline with a reason."""
    task = move.task
    if task.status is TaskStatus.SUBMITTED:
        raise Refused("the result is submitted: decide on it before moving the deadline")
    _check_day(move, arguments.due)
    if task.due_at is not None:
        if task.due_fixed_by is DueFixedBy.DIRECTIVE and move.relation is not Relation.ISSUER_OFFICE:
            raise Refused("the directive itself fixes this deadline: only the issuer's side may move it")
        if due_date(task.due_at) == arguments.due:
            raise Refused("due {due}: that is the deadline already", due=write_date(arguments.due))
        if not arguments.note:
            raise BadInput("note: say why the deadline moves")
        move.facts["from"] = due_date(task.due_at).isoformat()
    move.event = "due_set" if task.due_at is None else "due_moved"
    move.facts["due_on"] = arguments.due.isoformat()
    move.new_due_on, move.note = arguments.due, arguments.note
    if task.due_at is not None and task.due_fixed_by is DueFixedBy.DIRECTIVE:
        move.new_due_by = DueFixedBy.DIRECTIVE  # the coordinator still may not move it
    move.notify_roles = ["head", "officer"]


def ask_extension(move: TaskMove, arguments: AskExtension) -> None:
    """Ask for a later deadline. A task has one open request at a time."""
    task = move.task
    if task.due_at is None:
        raise Refused("the task has no deadline yet: there is nothing to extend")
    if arguments.due <= due_date(task.due_at):
        raise BadInput(
            "due {due}: an extension asks for a day after {current}",
            due=write_date(arguments.due),
            current=write_date(due_date(task.due_at)),
        )
    _check_day(move, arguments.due)
    _check_length(move, arguments.due)
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
            asked_due_on=arguments.due,
            reason=arguments.note,
            by_issuer=by_issuer,
        )
    )
    move.facts["due_on"] = arguments.due.isoformat()
    move.note = arguments.note
    move.notify_roles = ["decider"]


def grant_extension(move: TaskMove, arguments: Note) -> None:
    extension = _read_open_request(move)
    current = due_date(move.task.due_at) if move.task.due_at else None
    if current is not None and extension.asked_due_on < current:
        raise Refused(
            "the deadline has moved to {current} since: more time than was asked for", current=write_date(current)
        )
    _decide(move, extension, "accepted", extension.asked_due_on, arguments.note)
    _move_date(move, extension.asked_due_on, arguments.note or extension.reason)


def refuse_extension(move: TaskMove, arguments: Reason) -> None:
    _decide(move, _read_open_request(move), "refused", None, arguments.note)
    move.note = arguments.note
    move.notify_roles = ["head", "officer"]


def counter_extension(move: TaskMove, arguments: CounterExtension) -> None:
    """Propose another deadline, to which the lead agrees or not."""
    extension = _read_open_request(move)
    _check_day(move, arguments.due)
    _decide(move, extension, "countered", arguments.due, arguments.note)
    move.facts["due_on"] = arguments.due.isoformat()
    move.note = arguments.note
    move.notify_roles = ["head", "officer"]


def agree_extension(move: TaskMove, arguments: Note) -> None:
    extension = _read_countered_request(move)
    if extension.decided_due_on is None:
        raise Refused("no other deadline was proposed")
    extension.state = "accepted"
    _move_date(move, extension.decided_due_on, arguments.note or extension.decision_reason)
    move.notify_roles.append("decider")


def decline_extension(move: TaskMove, arguments: Note) -> None:
    _read_countered_request(move).state = "refused"
    move.note = arguments.note
    move.notify_roles = ["decider"]


def _move_date(move: TaskMove, day: date, note: str) -> None:
    if day > LAST_DAY:  # older releases accepted such a request
        raise BadInput("due {due}: expected at the latest {last}", due=write_date(day), last=write_date(LAST_DAY))
    _check_within_parent(move, day)  # the parent's deadline may have moved since the request
    move.facts["due_on"] = day.isoformat()
    move.new_due_on, move.note = day, note
    move.new_due_by = move.task.due_fixed_by or DueFixedBy.ASSIGNER
    move.notify_roles = ["head", "officer"]


def _decide(move: TaskMove, extension: Extension, state: str, day: date | None, note: str) -> None:
    extension.state, extension.decided_due_on, extension.decision_reason = state, day, note
    extension.decided_at, extension.decided_by = move.now, move.actor_id


def _open_extension(move: TaskMove) -> Extension | None:
    return move.session.exec(
        select(Extension).where(Extension.task_id == move.task.id, col(Extension.state).in_(["open", "countered"]))
    ).first()


def _read_open_request(move: TaskMove) -> Extension:
    extension = _open_extension(move)
    if extension is None or extension.state != "open":
        raise Refused("no request for more time is open")
    if extension.by_issuer and move.relation is not Relation.ISSUER_OFFICE:
        raise Refused("this deadline is not the coordinator's to extend: it goes to the issuer's side")
    return extension


def _read_countered_request(move: TaskMove) -> Extension:
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
