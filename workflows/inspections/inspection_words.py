"""The history of an inspection in words (message ids): its own moves and those of its tasks."""

from collections.abc import Mapping, Sequence
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
"""So many lines of the history are shown, the newest first."""
_OWN = {
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
_ITS_OWN_LINE = {
    "inspection_findings": ("findings_sent",),
    "due_moved": ("visit_moved",),
    "withdrawn": ("findings_sent", "inspection_cancelled"),
}
"""Events of the visits' tasks that the inspection's own line of the same moment tells already."""
EVERYBODY = frozenset({"inspection_planned", "findings_sent", "inspection_closed", "inspection_cancelled"})
"""The lines that an inspected unit reads beside those of its own."""


@dataclass(frozen=True)
class HistoryLine:
    """One line. `unit_id`: whose it is, None for the inspection's own; `due_on`: the local day that it set.

    `due_facts`: why the engine moved a date; `note`: what a person said.
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
    """Return the newest lines of an inspection and of its tasks. Five queries."""
    rows = session.execute(
        columns(History, col(HistoryNote.text), col(Person.full_name))
        .outerjoin(HistoryNote, col(HistoryNote.history_id) == col(History.id))
        .outerjoin(Person, col(Person.id) == col(History.actor_id))
        .where(col(History.directive_id) == inspection.document_id, col(History.event).in_({*_OWN, *EVENT_WORDS}))
        .order_by(*NEWEST_FIRST)
        .limit(LINES)
    ).all()
    visits = _tasks(session, InspectedUnit, inspection)
    corrections = _tasks(session, InspectionCorrection, inspection)
    units = _unit_names(session, inspection)
    lines = []
    told = {(row.event, row.recorded_at) for row, _note, _who in rows}
    for row, note, who in rows:
        own = _ITS_OWN_LINE.get(row.event, ()) if row.task_id in visits else ()
        if row.event == "assigned" or any((event, row.recorded_at) in told for event in own):
            continue
        unit_id = visits.get(row.task_id) or corrections.get(row.task_id) or _unit_of(row.facts)
        if row.task_id is not None and row.event in _OWN:  # what a unit was told of is the inspection's own line
            continue
        words = _words(row.event, row.facts, units, unit_id, of_visit=row.task_id in visits)
        lines.append(
            HistoryLine(
                row.recorded_at,
                row.event,
                words,
                who,
                row.relation,
                unit_id,
                _day(row.facts),
                row.facts.get("due_facts", ()),  # assignments are left out above
                note or "",
            )
        )
    return lines


def _words(
    event: str, facts: Mapping[str, Any], units: Mapping[UUID, str], unit_id: UUID | None, of_visit: bool
) -> Words:
    unit = units.get(unit_id, "–") if unit_id else "–"
    if event in _OWN:
        verdict = Verdict(facts["verdict"]).label if "verdict" in facts else ""
        return Words(
            _OWN[event],
            unit=unit,
            verdict=verdict,
            question=facts.get("question"),
            units=_n("{count} unit", "{count} units", count=facts.get("units")),
            questions=_n("{count} question", "{count} questions", count=facts.get("questions")),
        )
    subject = _("visit to {unit}: {event}") if of_visit else _("correction of {unit}: {event}")
    return Words(subject, unit=unit, event=EVENT_WORDS[event])


def _day(facts: Mapping[str, Any]) -> date | None:
    given = facts.get("due_on")
    return date.fromisoformat(given) if given else None


def _unit_of(facts: Mapping[str, Any]) -> UUID | None:
    return UUID(facts["unit"]) if facts.get("unit") else None


def _tasks(
    session: Session, table: type[InspectedUnit] | type[InspectionCorrection], inspection: Inspection
) -> dict[UUID, UUID]:
    rows = session.execute(
        columns(col(table.task_id), col(table.unit_id)).where(col(table.inspection_id) == inspection.id)
    )
    return {task_id: unit_id for task_id, unit_id in rows}


def _unit_names(session: Session, inspection: Inspection) -> dict[UUID, str]:
    rows = session.execute(
        columns(col(Unit.id), col(Unit.name))
        .join(InspectedUnit, col(InspectedUnit.unit_id) == col(Unit.id))
        .where(col(InspectedUnit.inspection_id) == inspection.id)
    )
    return {unit_id: name for unit_id, name in rows}
