"""The history of an inspection as message ids: its own events and those of its tasks."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select as columns
from sqlmodel import Session, col

from models.i18n import Words, _, _n
from models.inspections.inspection import InspectedUnit, Inspection, InspectionCorrection, Verdict
from models.organization.person import Person
from models.organization.unit import Unit
from models.tasks.history import NEWEST_FIRST, History, HistoryNote
from models.words import EVENT_WORDS

LINES = 200
"""Lines of the history that are shown, the newest first."""
_INSPECTION_EVENTS = {
    "inspection_planned": _("inspection planned: {units}, {questions}"),
    "inspection_begun": _("the first finding was recorded"),
    "visit_moved": _("visit to {unit} moved"),
    "finding_recorded": _("{unit}, question {question}: {verdict}"),
    "finding_settled": _("{unit}, question {question}: put right without a task"),
    "correction_demanded": _("{unit}, question {question}: correction demanded"),
    "findings_sent": _("findings sent to the units"),
    "inspection_closed": _("inspection closed"),
    "inspection_cancelled": _("inspection cancelled"),
}
_REPEATED_BY = {
    "inspection_findings": ("findings_sent",),
    "due_moved": ("visit_moved",),
    "withdrawn": ("findings_sent", "inspection_cancelled"),
}
"""Events of the visits' tasks, each with the events of the inspection that report the same at the same moment."""
EVERYBODY = frozenset({"inspection_planned", "findings_sent", "inspection_closed", "inspection_cancelled"})
"""Events that every inspected unit may read, beside the lines about itself."""


@dataclass(frozen=True)
class HistoryLine:
    """One line of the history.

    `unit_id` is None for a line about the whole inspection. `due_on` is the local day that the event set. `due_facts`
    say why the engine moved a date. `note` is what a person wrote.
    """

    recorded_at: datetime
    event: str
    words: Words
    who: str | None
    relation: str
    unit_id: UUID | None
    due_on: date | None
    due_facts: Sequence[Any]
    note: str


def read_history(session: Session, inspection: Inspection) -> list[HistoryLine]:
    """Return the newest lines of an inspection and of its tasks. Runs five queries."""
    rows = session.execute(
        columns(History, col(HistoryNote.text), col(Person.full_name))
        .outerjoin(HistoryNote, col(HistoryNote.history_id) == col(History.id))
        .outerjoin(Person, col(Person.id) == col(History.actor_id))
        .where(
            col(History.directive_id) == inspection.document_id,
            col(History.event).in_({*_INSPECTION_EVENTS, *EVENT_WORDS}),
        )
        .order_by(*NEWEST_FIRST)
        .limit(LINES)
    ).all()
    visits = _read_units_by_task(session, InspectedUnit, inspection)
    corrections = _read_units_by_task(session, InspectionCorrection, inspection)
    unit_names = _read_unit_names(session, inspection)
    lines = []
    recorded = {(row.event, row.recorded_at) for row, _note, _actor_name in rows}
    for row, note, actor_name in rows:
        if row.event == "assigned" or _is_repeated(row, is_visit=row.task_id in visits, recorded=recorded):
            continue
        unit_id = visits.get(row.task_id) or corrections.get(row.task_id) or _read_unit_id(row.facts)
        lines.append(
            HistoryLine(
                recorded_at=row.recorded_at,
                event=row.event,
                words=_describe(row, unit_names, unit_id, is_visit=row.task_id in visits),
                who=actor_name,
                relation=row.relation,
                unit_id=unit_id,
                due_on=_read_due_on(row.facts),
                due_facts=row.facts.get("due_facts", ()),
                note=note or "",
            )
        )
    return lines


def _is_repeated(row: History, *, is_visit: bool, recorded: Collection[tuple[str, datetime]]) -> bool:
    """Return whether a line of a task repeats what a line of the inspection itself says."""
    if row.task_id is None:
        return False
    if row.event in _INSPECTION_EVENTS:
        return True
    return is_visit and any((event, row.recorded_at) in recorded for event in _REPEATED_BY.get(row.event, ()))


def _describe(row: History, unit_names: Mapping[UUID, str], unit_id: UUID | None, *, is_visit: bool) -> Words:
    event, facts = row.event, row.facts
    unit = unit_names.get(unit_id, "–") if unit_id else "–"
    if event in _INSPECTION_EVENTS:
        verdict = Verdict(facts["verdict"]).label if "verdict" in facts else ""
        return Words(
            _INSPECTION_EVENTS[event],
            unit=unit,
            verdict=verdict,
            question=facts.get("question"),
            units=_n("{count} unit", "{count} units", count=facts.get("units")),
            questions=_n("{count} question", "{count} questions", count=facts.get("questions")),
        )
    subject = _("visit to {unit}: {event}") if is_visit else _("correction of {unit}: {event}")
    return Words(subject, unit=unit, event=EVENT_WORDS[event])


def _read_due_on(facts: Mapping[str, Any]) -> date | None:
    text = facts.get("due_on")
    return date.fromisoformat(text) if text else None


def _read_unit_id(facts: Mapping[str, Any]) -> UUID | None:
    return UUID(facts["unit"]) if facts.get("unit") else None


def _read_units_by_task(
    session: Session, table: type[InspectedUnit] | type[InspectionCorrection], inspection: Inspection
) -> dict[UUID, UUID]:
    rows = session.execute(
        columns(col(table.task_id), col(table.unit_id)).where(col(table.inspection_id) == inspection.id)
    )
    return {task_id: unit_id for task_id, unit_id in rows}


def _read_unit_names(session: Session, inspection: Inspection) -> dict[UUID, str]:
    rows = session.execute(
        columns(col(Unit.id), col(Unit.name))
        .join(InspectedUnit, col(InspectedUnit.unit_id) == col(Unit.id))
        .where(col(InspectedUnit.inspection_id) == inspection.id)
    )
    return {unit_id: name for unit_id, name in rows}
