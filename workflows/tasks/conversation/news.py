"""What letters say of conversations: which notices are about one, who has read it since, and the one that is told."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from models.letters.letter import Notice
from models.tasks.task import Task
from workflows.history.record import EVENT
from workflows.rules.conversation_policy import CONVERSATION_EVENTS, DIRECTIVE_EVENTS, news_rank
from workflows.tasks.conversation.read_marks import marks_of

Marks = dict[tuple[UUID, UUID], datetime]
"""How far people have read, by person and task or directive."""


def event_of(notice: Notice) -> str | None:
    """Return the event of a notice about a conversation; None for any other."""
    event = notice.rung.removeprefix(EVENT) if notice.rung.startswith(EVENT) else ""
    return event if event in CONVERSATION_EVENTS else None


def is_of_directive(event: str | None) -> bool:
    """Return whether it is about a directive's own conversation."""
    return event in DIRECTIVE_EVENTS


def subject_of(notice: Notice, task: Task) -> tuple[UUID, UUID]:
    """Return whose notice it is, and the task or directive whose conversation it tells of."""
    return notice.recipient_id, task.directive_id if is_of_directive(event_of(notice)) else task.id


def read_marks(session: Session, notices: Iterable[Notice], tasks: Mapping[UUID, Task]) -> Marks:
    """Return how far the recipients of notices about conversations have read. No query where there is none."""
    of_tasks: set[tuple[UUID, UUID]] = set()
    of_directives: set[tuple[UUID, UUID]] = set()
    for notice in notices:
        if (event := event_of(notice)) is not None:
            (of_directives if is_of_directive(event) else of_tasks).add(subject_of(notice, tasks[notice.task_id]))
    return dict(marks_of(session, sorted(of_tasks), sorted(of_directives)))


def is_read(notice: Notice, task: Task, marks: Marks) -> bool:
    """Return whether the recipient of a notice has read the conversation since it was written."""
    upto = marks.get(subject_of(notice, task)) if event_of(notice) is not None else None
    return upto is not None and upto >= notice.fired_at


def told_of(notices: Sequence[Notice], tasks: Mapping[UUID, Task]) -> tuple[list[Notice], dict[UUID, Notice]]:
    """Return the notices to tell, one for each conversation, and those that it stands for, by id.

    The most urgent is told, of equal ones the newest.
    """
    told: dict[tuple[UUID, UUID], Notice] = {}
    covered: dict[UUID, Notice] = {}
    for notice in sorted(notices, key=lambda one: (-news_rank(event_of(one) or ""), one.fired_at, one.id)):
        key = subject_of(notice, tasks[notice.task_id])
        if (former := told.get(key)) is not None:
            covered[former.id] = former
        told[key] = notice
    return list(told.values()), covered
