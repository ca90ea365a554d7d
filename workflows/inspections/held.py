"""The inspection's row held by whoever writes: a guarded UPDATE, so that nothing is written past its state."""

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
from workflows.inspections.seeing import InspectionAccess
from workflows.rules.tasks.inspection_policy import WHILE, Deed


def hold(
    session: Session,
    inspection: Inspection,
    deed: Deed,
    *conditions: ColumnElement[bool],
    seen: int | None = None,
    **changes: Any,
) -> bool:
    """Change the row where its state still lets the deed be done and the conditions hold; whether it did.

    `seen`: the revision that the person knew of, None unasked; Conflict where the inspection has gone on since.

    The row is locked to the end of the transaction: two who write to one inspection follow each other. It is locked
    first, for PostgreSQL would ask the conditions of the moment at which an UPDATE began to wait.
    """
    revision = session.exec(select(Inspection.revision).where(Inspection.id == inspection.id).with_for_update()).one()
    if seen is not None and revision != seen:
        raise Conflict(CHANGED, what=_("this inspection"))
    changed = update_one(
        session,
        update(Inspection)
        .where(col(Inspection.id) == inspection.id, col(Inspection.state).in_(WHILE[deed]), *conditions)
        .values(revision=Inspection.revision + 1, **changes)
        .execution_options(synchronize_session=False),
    )
    session.refresh(inspection)
    return bool(changed)


def begin(context: ActorContext, sight: InspectionAccess) -> None:
    """With its first finding an inspection is under way."""
    inspection = sight.inspection
    if inspection.state is not InspectionState.PLANNED:
        return
    if hold(context.session, inspection, Deed.FIND, state=InspectionState.UNDER_WAY, begun_at=context.now):
        tell_history(context, sight, "inspection_begun")


def tell_history(
    context: ActorContext, sight: InspectionAccess, event: str, facts: Mapping[str, Any] | None = None, note: str = ""
) -> None:
    """Write a line in the history of the inspection's document."""
    record_act(
        context,
        event,
        sight.inspection.document_id,
        relation=relation_of(sight.parts),
        facts={"inspection": sight.inspection.id.hex, **(facts or {})},
        note=note,
    )


def relation_of(parts: Collection[str]) -> str:
    """Return the relation that the history names: the first that fits."""
    return next((f"inspection_{part}" for part in ("lead", "member") if part in parts), "coordinator")
