"""Reads what a message may say of a letter: the number of tasks, the directives, and a link to a page of the site."""

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
_OF_TASKS = col(Notice.rung).not_in(sorted(f"{EVENT}{event}" for event in DIRECTIVE_EVENTS))
"""Leaves out a directive's own conversation: its notices hang on a task that the reader may not see."""


def read_message_facts(session: Session, letter: Letter | None, language: str, now: datetime) -> MessageFacts:
    """Read the facts in one query. Without a letter the message is a test."""
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
        late=sum(is_late(task.status, task.due_at, now) for task in tasks.values()),
        directives=tuple(dict.fromkeys(named)),
        told=f"{single[0].rung}@{single[0].offset}" if single else "",
        duty_path=single[2] if single else "",
        unit=single[4] if single else "",
    )


def _name(directive: Directive) -> str:
    """Return "Chỉ thị 06/2004/CT-BBCVT", or the kind alone. The subject must not leave the house."""
    return f"{directive.kind} {directive.number or ''}".strip()


def find_link(session: Session, letter: Letter | None, base_url: str) -> str:
    """Return the page of the letter's only task, else the page of notifications. Both need a sign-in."""
    if letter is None:
        return f"{base_url}/notifications"
    told = select(Notice.task_id).where(col(Notice.letter_id) == letter.id, col(Notice.state).in_(_TOLD), _OF_TASKS)
    tasks = session.exec(told.distinct().limit(2)).all()
    return f"{base_url}/tasks/{tasks[0].hex[-12:]}" if len(tasks) == 1 else f"{base_url}/notifications"
