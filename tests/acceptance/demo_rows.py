"""The eleven rows of the bundled directive in a played demo: who submitted, who decided, which letters left.

Units stand for their people. A letter counts once for each row that it speaks of.
"""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, func, select
from sqlmodel import Session, col

from models.directives.directive import Directive, Duty
from models.inspections.inspection import Inspection, InspectionFinding, InspectionItem, Verdict
from models.letters.letter import Letter, LetterKind, LetterState, Notice
from models.organization.person import Person
from models.organization.unit import Unit
from models.settings import Settings
from models.tasks.history import History
from models.tasks.task import Task
from workflows.delivery.mail_lines import open_sender
from workflows.operations.demo_story import play, prepare
from workflows.operations.setup import BUNDLED

_SENT, _DECIDED = ("submitted", "received", "corrected"), ("approved", "returned")


@dataclass
class Row:
    """One duty: its tasks by status, how many were asked for singly or by an incident, and what happened to them."""

    tasks: Counter[str] = field(default_factory=Counter)
    asked: Counter[str] = field(default_factory=Counter)  # once and period, request, incident
    submitted: Counter[str] = field(default_factory=Counter)  # by the unit of who sent it, or of the clerk
    decided: Counter[str] = field(default_factory=Counter)  # likewise, with what was decided
    letters: Counter[LetterKind] = field(default_factory=Counter)
    inspections: int = 0
    findings: int = 0  # shortcomings under this row


def play_demo(engine: Engine, settings: Settings, *, now: datetime) -> None:
    """Plays it whole, each letter through real SMTP."""
    prepare(engine, now=now)
    with open_sender(settings) as sender:
        for _day in play(engine, settings, sender, now=now):
            pass


def read_rows(session: Session) -> dict[str, Row]:
    """By the path of the duty, in the order of the directive."""
    directive = session.execute(select(Directive).where(col(Directive.code) == BUNDLED)).scalar_one()
    duties = session.execute(
        select(Duty).where(col(Duty.directive_id) == directive.id).order_by(col(Duty.position))
    ).scalars()
    rows = {duty.path: Row() for duty in duties}
    of_duty: Any = select(col(Duty.path), col(Task.status), col(Task.occurrence)).join(
        Task, col(Task.duty_id) == col(Duty.id)
    )
    for path, status, occurrence in session.execute(of_duty.where(col(Duty.directive_id) == directive.id)):
        rows[path].tasks[status.value] += 1
        rows[path].asked[occurrence.partition(":")[0] if ":" in occurrence else "planned"] += 1
    done: Any = (
        select(col(Duty.path), col(History.event), func.coalesce(col(Unit.code), "–"), func.count())
        .join(Task, col(Task.id) == col(History.task_id))
        .join(Duty, col(Duty.id) == col(Task.duty_id))
        .outerjoin(Person, col(Person.id) == col(History.actor_id))
        .outerjoin(Unit, col(Unit.id) == col(Person.unit_id))
        .where(col(Duty.directive_id) == directive.id, col(History.event).in_((*_SENT, *_DECIDED)))
        .group_by(col(Duty.path), col(History.event), col(Unit.code))
    )
    for path, event, unit, count in session.execute(done):
        if event in _SENT:
            rows[path].submitted[unit] += count
        else:
            rows[path].decided[f"{unit} {event}"] += count
    told: Any = (
        select(col(Duty.path), col(Letter.id), col(Letter.kind))
        .join(Notice, col(Notice.letter_id) == col(Letter.id))
        .join(Task, col(Task.id) == col(Notice.task_id))
        .join(Duty, col(Duty.id) == col(Task.duty_id))
        .where(col(Duty.directive_id) == directive.id, col(Letter.state) == LetterState.SENT)
        .distinct()
    )
    for path, _letter, kind in session.execute(told):
        rows[path].letters[kind] += 1
    inspected: Any = (
        select(col(Duty.path), col(InspectionItem.inspection_id), col(InspectionFinding.verdict))
        .join(InspectionItem, col(InspectionItem.duty_id) == col(Duty.id))
        .join(Inspection, col(Inspection.id) == col(InspectionItem.inspection_id))
        .outerjoin(InspectionFinding, col(InspectionFinding.item_id) == col(InspectionItem.id))
        .where(col(Inspection.directive_id) == directive.id)
    )
    seen = set()
    for path, inspection_id, verdict in session.execute(inspected):
        seen.add((path, inspection_id))
        rows[path].findings += verdict in (Verdict.PARTLY, Verdict.NOT_MET)
    for path, _inspection in seen:
        rows[path].inspections += 1
    return rows


def outside_letters(session: Session) -> int:
    """How many letters went to people of outside units, as the police are."""
    query = select(func.count()).select_from(Letter).join(Person, col(Person.id) == col(Letter.recipient_id))
    query = query.join(Unit, col(Unit.id) == col(Person.unit_id)).where(col(Unit.is_outside))
    return int(session.execute(query).scalar_one())
