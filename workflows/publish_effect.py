"""What publishing a template does to its duty: the fields that change and the open tasks they would reach."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement
from sqlalchemy import select as select_columns
from sqlmodel import Session, col, select

from models.directive import Duty
from models.task import OPEN_STATUSES, Task, TaskStatus
from models.template import TemplateVersion
from models.unit import Unit

REACHES_OPEN_TASKS = frozenset(
    {"title", "steps", "ladder", "result", "reports_to", "authority", "authority_working_days", "max_extension_days"}
)
"""Fields a migrated task takes on. Audience, partners and dates were settled when it was created, and stay."""


@dataclass(frozen=True)
class FieldChange:
    """One field that differs from the version replaced: "result.description"."""

    field: str
    before: object
    after: object

    @property
    def reaches_open_tasks(self) -> bool:
        """Whether a migrated task would follow it; everything else counts for later tasks only."""
        return self.field.split(".")[0] in REACHES_OPEN_TASKS


@dataclass(frozen=True)
class OpenTask:
    """An open task on an earlier version, and the fields that would change for it if it were migrated."""

    task_id: UUID
    unit: str  # code of the lead
    occurrence: str
    status: TaskStatus
    from_version: int
    would_change: tuple[str, ...]


@dataclass(frozen=True)
class PublishEffect:
    """What publishing does, or did. `migrated` counts the open tasks moved to the version."""

    version_id: UUID
    duty: str
    version: int
    replaces: int | None
    changes: tuple[FieldChange, ...]
    open_tasks: tuple[OpenTask, ...]
    migrated: int = 0


def differences(before: Any, after: Any, field: str = "") -> Iterator[FieldChange]:
    """The fields in which two stored specifications differ, lists taken whole."""
    if not (isinstance(before, dict) and isinstance(after, dict)):
        if before != after:
            yield FieldChange(field, before, after)
        return
    for name in sorted(before.keys() | after.keys()):
        yield from differences(before.get(name), after.get(name), f"{field}.{name}" if field else name)


def on_earlier_version(duty: Duty, version: TemplateVersion) -> tuple[ColumnElement[bool], ...]:
    """Open tasks of the duty that another version made: what a migration moves."""
    return (
        col(Task.duty_id) == duty.id,
        col(Task.status).in_(OPEN_STATUSES),
        col(Task.template_version_id) != version.id,
    )


def open_tasks(session: Session, duty: Duty, version: TemplateVersion) -> Iterator[OpenTask]:
    """Those tasks, by unit and occurrence, each with what the version would change for it."""
    versions = session.exec(select(TemplateVersion).where(TemplateVersion.duty_id == duty.id)).all()
    numbers = {earlier.id: earlier.version for earlier in versions}
    changes = {
        earlier.id: tuple(
            change.field for change in differences(earlier.spec, version.spec) if change.reaches_open_tasks
        )
        for earlier in versions
    }
    query = (
        select_columns(
            *(col(Task.id), col(Unit.code), col(Task.occurrence), col(Task.status), col(Task.template_version_id))
        )
        .join(Unit, col(Unit.id) == Task.lead_unit_id)
        .where(*on_earlier_version(duty, version))
        .order_by(col(Unit.code), col(Task.occurrence), col(Task.id))
    )
    for task_id, unit, occurrence, status, from_id in session.execute(query):
        yield OpenTask(task_id, unit, occurrence, status, numbers[from_id], changes[from_id])
