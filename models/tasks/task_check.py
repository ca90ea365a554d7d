"""When the sweep looks at a task next: a narrow table beside the tasks, so that moving on touches no task."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index, delete
from sqlmodel import Field, Session, SQLModel

from models.database.columns import UtcDateTime
from models.database.rows import AsRead, one_of, table_of, update_where


class TaskCheck(SQLModel, table=True):
    """One row for each task that is to be looked at; none where nothing is to be told unless somebody moves it.

    Rows come, change and go with `task.next_check_at`, by triggers (`check_triggers.py`): whoever launches or
    moves a task says there when it wants a look. From then on the sweep alone moves `at` on, by `look_again`.
    """

    __tablename__ = "task_check"
    __table_args__ = (Index("ix_task_check_at", "at", "task_id"), {"sqlite_with_rowid": False})

    task_id: UUID = Field(primary_key=True)  # no foreign key: the triggers see to it, for a tenth of what one costs
    at: datetime = Field(sa_type=UtcDateTime)


def look_again(
    session: Session, task_ids: Sequence[AsRead], moments: Sequence[datetime | None], *, now: datetime
) -> None:
    """The next looks (UTC) of tasks that were due by `now`, in the same order; None: no more of them.

    The caller holds their rows. A check that is no longer due was set by somebody else, and stays as that one set it.
    """
    table: Any = table_of(TaskCheck)
    if None in moments:
        over = [one for one, moment in zip(task_ids, moments, strict=True) if moment is None]
        session.execute(delete(table).where(one_of(session, table.c.task_id, over), table.c.at <= now))
        task_ids = [one for one, moment in zip(task_ids, moments, strict=True) if moment is not None]
        moments = [moment for moment in moments if moment is not None]
    update_where(session, table, {"at": moments}, {"task_id": task_ids}, up_to=("at", now))
