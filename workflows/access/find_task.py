"""Find a task by its id, or by the last digits that its page and its letters show."""

from uuid import UUID

from sqlmodel import Session, select

from models.errors import BadInput, NotFound
from models.tasks.search_reads import ends_in
from models.tasks.task import Task
from workflows.access.rights import Principal, partner_tasks, visible_tasks


def short(task_id: UUID) -> str:
    """Return the last eight hexadecimal digits of an id, which name a task on the command line."""
    return task_id.hex[-8:]


def find_task(session: Session, name: str) -> Task:
    """Return a task by its id, or by at least its last six digits. NotFound if none or several fit."""
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


def find_visible_task(session: Session, principal: Principal, name: str) -> UUID:
    """Return a task's id by its id or last digits, if somebody may see it. NotFound as if there were none."""
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
