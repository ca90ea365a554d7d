"""The tasks that a letter was about, with their numbers in it and their names."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlmodel import Session, col

from models.directives.directive import Directive, Duty
from models.directives.template import TemplateVersion
from models.letters.letter import Letter, Notice
from models.letters.letter_reads import letter_content
from models.organization.unit import Unit
from models.tasks.history import NEWEST_FIRST, History
from models.tasks.task import Task
from notifications.composing.facts import AnswerTask
from notifications.composing.keys import TASKS_HEADER
from notifications.replies.message_parts import one_field, read_head


def tasks_of(session: Session, letter: Letter) -> list[UUID]:
    """Return the tasks in the order of their numbers in the letter as it was sent.

    A task that has two numbers stands twice in the list. Where the letter's text is not kept any more, the tasks of its
    notices are returned.
    """
    content = letter_content(session, letter)
    head = read_head(content) if content is not None else None
    task_ids = [UUID(hex=task_id) for task_id in one_field(head, TASKS_HEADER).split()] if head is not None else []
    if task_ids:
        return task_ids
    noticed = select(col(Notice.task_id)).where(col(Notice.letter_id) == letter.id)
    return list(dict.fromkeys(session.scalars(noticed.order_by(col(Notice.fired_at), col(Notice.id)))))


def name_tasks(session: Session, task_ids: Sequence[UUID], url: str = "") -> list[AnswerTask]:
    """Return each task once with its first number. The page of a task is `url`, or `url/number` of several."""
    query = (
        select(Task, Duty, Directive, Unit)
        .join(Duty, col(Duty.id) == col(Task.duty_id))
        .join(Directive, col(Directive.id) == col(Task.directive_id))
        .join(Unit, col(Unit.id) == col(Task.lead_unit_id))
        .where(col(Task.id).in_(task_ids))
    )
    rows = {task.id: (task, duty, directive, unit) for task, duty, directive, unit in session.execute(query)}
    tasks = []
    for number, task_id in enumerate(task_ids, 1):
        if task_id not in rows or task_id in task_ids[: number - 1]:
            continue
        task, duty, directive, unit = rows[task_id]
        name = f"{directive.kind[:1].upper()}{directive.kind[1:]} {directive.number or directive.code}"
        page = f"{url}/{number}" if url and len(task_ids) > 1 else url
        tasks.append(AnswerTask(number, duty.path, duty.title, name, task.occurrence, unit.name, page))
    return tasks


def has_classified(session: Session, task_ids: Sequence[UUID]) -> bool:
    """Return whether the result of one of these tasks goes by classified mail."""
    versions = select(col(Task.template_version_id)).where(col(Task.id).in_(task_ids))
    query = select(TemplateVersion).where(col(TemplateVersion.id).in_(versions))
    return any(version.read_spec().result.classified_mail for version in session.scalars(query))


def newest_history(session: Session, task_id: UUID) -> UUID | None:
    return session.scalars(
        select(col(History.id)).where(col(History.task_id) == task_id).order_by(*NEWEST_FIRST)
    ).first()
