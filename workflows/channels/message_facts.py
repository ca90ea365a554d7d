"""What a message says of its letter, and where its link leads."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select as select_columns
from sqlmodel import Session, col, select

from models.directives.directive import Directive, Duty
from models.letters.letter import Letter, LetterKind, Notice, NoticeState
from models.organization.unit import Unit
from models.tasks.late import is_late
from models.tasks.task import Task
from notifications.channels.message_text import MessageFacts
from workflows.history.record import EVENT
from workflows.rules.conversation_policy import DIRECTIVE_EVENTS

_TOLD = (NoticeState.PENDING, NoticeState.SENT)
_OF_TASKS = col(Notice.rung).not_in(sorted(f"{EVENT}{one}" for one in DIRECTIVE_EVENTS))
"""Not of a directive's own conversation: its notices hang on some task, which may be nobody's business."""


def message_facts(session: Session, letter: Letter | None, language: str, now: datetime) -> MessageFacts:
    """Return how many tasks a letter tells of, and which directives; of a test, that it is one. One query."""
    if letter is None:
        return MessageFacts(LetterKind.ACCOUNT, language, is_test=True)
    query: Any = select_columns(Notice, Task, col(Duty.path), Directive, col(Unit.name))
    rows = session.execute(
        query.join(Task, col(Task.id) == col(Notice.task_id))
        .join(Duty, col(Duty.id) == col(Task.duty_id))
        .join(Directive, col(Directive.id) == col(Task.directive_id))
        .join(Unit, col(Unit.id) == col(Task.lead_unit_id))
        .where(col(Notice.letter_id) == letter.id, col(Notice.state).in_(_TOLD), _OF_TASKS)
        .order_by(col(Notice.fired_at).desc(), col(Notice.id).desc())
    ).all()
    tasks: dict[UUID, Task] = {task.id: task for _notice, task, *_facts in rows}
    named = (_name(directive) for _notice, _task, _path, directive, _unit in rows)
    single = rows[0] if len(tasks) == 1 else None
    return MessageFacts(
        kind=letter.kind,
        language=language,
        is_drill=letter.is_drill,
        tasks=len(tasks),
        late=sum(is_late(one.status, one.due_at, now) for one in tasks.values()),
        directives=tuple(dict.fromkeys(named)),
        told=f"{single[0].rung}@{single[0].offset}" if single else "",
        duty_path=single[2] if single else "",
        unit=single[4] if single else "",
    )


def _name(directive: Directive) -> str:
    """Return "Chỉ thị 06/2004/CT-BBCVT"; the kind alone without a number, for a subject does not leave the house."""
    return f"{directive.kind} {directive.number or ''}".strip()


def link_of(session: Session, letter: Letter | None, base_url: str) -> str:
    """Return the page that a message leads to: that of its only task, else the notifications. It needs a sign-in."""
    if letter is None:
        return f"{base_url}/notifications"
    told = select(Notice.task_id).where(col(Notice.letter_id) == letter.id, col(Notice.state).in_(_TOLD), _OF_TASKS)
    tasks = session.exec(told.distinct().limit(2)).all()
    return f"{base_url}/tasks/{tasks[0].hex[-12:]}" if len(tasks) == 1 else f"{base_url}/notifications"
