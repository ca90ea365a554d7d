"""What has disappeared as far as what is left can tell: tasks that the history speaks of, rows and letters that others
point at. It is how a row that was deleted before it was sealed is found."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from models.letters.letter import Letter, Notice
from models.tasks.history import History, HistoryNote, HistorySeal
from models.tasks.task import Task


@dataclass(frozen=True)
class Lost:
    """`fault` as in `verify_history.Fault`; the row is the one that is lost, or the one that speaks of it."""

    fault: str
    row_id: UUID | None
    task_id: UUID | None


def first_lost(session: Session) -> Lost | None:
    """Return the first thing that is spoken of and is not there. Each look is one pass by primary keys."""
    for fault, query in _looks():
        found = session.execute(query.limit(1)).first()
        if found is not None:
            return Lost(fault, found[0], found[1])
    return None


def _looks() -> list[tuple[str, Select[Any]]]:
    pointed_at = aliased(History)

    def anchors(column: Any, task: Any) -> Select[Any]:
        lost = select(column, task).outerjoin(pointed_at, col(pointed_at.id) == column)
        return lost.where(column.is_not(None), col(pointed_at.id).is_(None)).order_by(column)

    of_row = select(col(History.id), col(History.task_id)).order_by(col(History.id))
    return [
        # a seal that is gone at the chain's end leaves rows that name it
        (
            "seal_missing",
            of_row.outerjoin(HistorySeal, col(HistorySeal.id) == col(History.seal_id)).where(
                col(History.seal_id).is_not(None), col(HistorySeal.id).is_(None)
            ),
        ),
        (
            "task_missing",
            of_row.outerjoin(Task, col(Task.id) == col(History.task_id)).where(
                col(History.task_id).is_not(None), col(Task.id).is_(None)
            ),
        ),
        *(
            ("row_missing", anchors(col(column), col(Task.id)))
            for column in (Task.assigned_anchor_id, Task.due_anchor_id, Task.wait_anchor_id)
        ),
        ("row_missing", anchors(col(Notice.anchor_id), col(Notice.task_id))),
        (
            "row_missing",
            select(col(HistoryNote.history_id), col(History.task_id))
            .outerjoin(History, col(History.id) == col(HistoryNote.history_id))
            .where(col(History.id).is_(None)),
        ),
        (
            "letter_missing",
            select(col(Notice.anchor_id), col(Notice.task_id))
            .outerjoin(Letter, col(Letter.id) == col(Notice.letter_id))
            .where(col(Notice.letter_id).is_not(None), col(Letter.id).is_(None)),
        ),
    ]
