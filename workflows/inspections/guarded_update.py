"""Update an inspection's row only in a state that allows the action, and record it in the history."""

from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import ColumnElement, update
from sqlmodel import Session, col, select

from models.database.rows import update_one
from models.i18n import _
from models.inspections.inspection import Inspection, InspectionState
from workflows.access.actor_context import ActorContext
from workflows.access.conflict import CHANGED, Conflict
from workflows.history.record import record_act
from workflows.inspections.inspection_access import InspectionAccess
from workflows.rules.tasks.inspection_policy import STATES_BY_ACTION, InspectionAction


def update_if(
    session: Session,
    inspection: Inspection,
    action: InspectionAction,
    *conditions: ColumnElement[bool],
    seen: int | None = None,
    **changes: Any,
) -> bool:
    """Change the row if its state allows the action and the conditions hold. Return whether it was changed.

    `seen` is the revision on the person's page; None skips that check. Raises Conflict for an older revision.
    The row stays locked to the end of the transaction, so changes of one inspection follow each other. It is locked
    first, because PostgreSQL evaluates the conditions as of the moment at which an UPDATE begins to wait.
    """
    revision = session.exec(select(Inspection.revision).where(Inspection.id == inspection.id).with_for_update()).one()
    if seen is not None and revision != seen:
        raise Conflict(CHANGED, what=_("this inspection"))
    changed = update_one(
        session,
        update(Inspection)
        .where(col(Inspection.id) == inspection.id, col(Inspection.state).in_(STATES_BY_ACTION[action]), *conditions)
        .values(revision=Inspection.revision + 1, **changes)
        .execution_options(synchronize_session=False),
    )
    session.refresh(inspection)
    return bool(changed)


def begin_inspection(context: ActorContext, access: InspectionAccess) -> None:
    """Set a planned inspection under way, at its first finding."""
    inspection = access.inspection
    if inspection.state is not InspectionState.PLANNED:
        return
    if update_if(
        context.session, inspection, InspectionAction.FIND, state=InspectionState.UNDER_WAY, begun_at=context.now
    ):
        record_history(context, access, "inspection_begun")


def record_history(
    context: ActorContext, access: InspectionAccess, event: str, facts: Mapping[str, Any] | None = None, note: str = ""
) -> None:
    """Write a line in the history of the inspection's document."""
    record_act(
        context,
        event,
        access.inspection.document_id,
        relation=relation_of(access.parts),
        facts={"inspection": access.inspection.id.hex, **(facts or {})},
        note=note,
    )


def relation_of(parts: Collection[str]) -> str:
    """Return the relation to the inspection that the history names."""
    for part in ("lead", "member"):
        if part in parts:
            return f"inspection_{part}"
    return "coordinator"
