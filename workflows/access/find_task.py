"""Find a task by its id, or by its last digits, as people type them."""

from uuid import UUID

from sqlmodel import Session, select

from models.errors import BadInput, NotFound
from models.tasks.task import Task
from models.tasks.task_reads import ends_in
from workflows.access.rights import Principal, partner_tasks, visible_tasks


def short(task_id: UUID) -> str:
    """Return the last eight hexadecimal digits, which name a task on the command line."""
    return task_id.hex[-8:]


def find_task(session: Session, name: str) -> Task:
    """`name` is its id, or the last six to twelve digits of it.

    Raises BadInput for a malformed name, and NotFound if no task or several fit.
    """
    wanted = name.replace("-", "").lower()
    if len(wanted) == 32:
        found = session.exec(select(Task).where(Task.id == _uuid(wanted, name))).all()
    else:
        if not 6 <= len(wanted) <= 12 or not all(char in "0123456789abcdef" for char in wanted):
            raise BadInput("task {task}: give its id, or the last six to twelve digits of it", task=name)
        found = session.exec(select(Task).where(ends_in(wanted)).limit(2)).all()
    if len(found) != 1:
        raise NotFound("task {task}: {count} tasks fit", task=name, count=len(found))
    return found[0]


def find_task_id(session: Session, principal: Principal, name: str) -> UUID:
    """`name` is the id, or its last digits. Raises NotFound.

    Digits find only a task that the principal may see. A whole id is not looked up: the caller checks it by `look_at`.
    """
    try:
        return UUID(name)
    except ValueError:
        pass
    try:
        task = find_task(session, name)
    except BadInput as error:
        raise NotFound("there is no such task") from error
    seen = visible_tasks(principal) | partner_tasks(principal)
    if session.exec(select(Task.id).where(Task.id == task.id, seen)).first() is None:
        raise NotFound("there is no such task")
    return task.id


def _uuid(text: str, name: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise BadInput("task {task}: give its id, or the last six to twelve digits of it", task=name) from error
