"""Read one inspection as somebody may see it, as plain data (`inspection_rows.py`). What somebody may not see
is not in it: an inspected unit finds itself alone, what was found of it only once that was sent, and never the
conclusion, which may speak of other units: they get it on paper.
"""

from dataclasses import replace
from datetime import datetime
from pathlib import Path
from uuid import UUID

from sqlalchemy import select as columns
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from models.directives.directive import Directive, Duty, directive_name
from models.directives.template import TemplateVersion
from models.errors import NotFound
from models.inspections.inspection import (
    InspectedUnit,
    Inspection,
    InspectionCorrection,
    InspectionFile,
    InspectionFinding,
    InspectionItem,
    InspectionMember,
)
from models.organization.person import Person
from models.organization.unit import Unit
from models.settings import Settings
from models.tasks.evidence_files import kept_file
from models.tasks.late import is_late
from models.tasks.task import Result, Task
from models.text.localtime import due_date
from workflows.inspections.inspection_rows import (
    SHOWN,
    Correction,
    FindingPhoto,
    InspectedSheet,
    InspectionAnswer,
    InspectionSheet,
    Question,
    SentDocument,
    TeamMember,
)
from workflows.inspections.inspection_words import EVERYBODY, read_history
from workflows.inspections.seeing import InspectionAccess
from workflows.rules.tasks.inspection_policy import QuestionAtUnit, open_points


def read_inspection_sheet(session: Session, sight: InspectionAccess, *, now: datetime) -> InspectionSheet:
    """`now` is UTC. The number of queries is fixed."""
    one, document = sight.inspection, sight.document
    directive = session.get_one(Directive, one.directive_id)
    follows = session.get_one(Unit, document.coordinating_unit_id)
    questions = _questions(session, one)
    shows = sight.sees_all or one.state in SHOWN
    units = _units(session, sight, questions, now, shows=shows)
    ids = sight.units
    history = [
        line if sight.sees_all or line.event not in EVERYBODY else replace(line, note="")
        for line in read_history(session, one)
        if sight.sees_all or line.event in EVERYBODY or (shows and line.unit_id in ids)
    ]
    return InspectionSheet(
        id=one.id,
        title=one.title,
        state=one.state,
        directive_code=directive.code,
        directive_name=directive_name(directive.kind, directive.number, directive.subject),
        directive_subject=directive.subject,
        directive_issued_on=directive.issued_on,
        issuer=directive.issuer,
        document_code=document.code,
        decision_number=one.decision_number,
        decision_on=one.decision_on,
        unit=follows.name,
        unit_code=follows.code,
        starts_on=one.starts_on,
        ends_on=one.ends_on,
        planned_at=one.planned_at,
        planned_by=session.get_one(Person, one.planned_by).full_name,
        begun_at=one.begun_at,
        sent_at=one.sent_at,
        ended_at=one.ended_at,
        summary=one.summary if sight.sees_all else "",
        reason=one.reason,
        team=_team(session, one),
        questions=tuple(questions.values()),
        units=units,
        shows_findings=shows,
        points=tuple(open_points(_cells(units))) if sight.sees_all else (),
        history=tuple(history),
    )


def _cells(units: tuple[InspectedSheet, ...]) -> list[QuestionAtUnit]:
    return [
        QuestionAtUnit(
            unit.name, one.question.number, one.verdict, one.settled, tuple(fix.status for fix in one.corrections)
        )
        for unit in units
        for one in unit.answers
    ]


def _team(session: Session, one: Inspection) -> tuple[TeamMember, ...]:
    members = columns(col(InspectionMember.person_id)).where(col(InspectionMember.inspection_id) == one.id)
    rows = session.execute(
        columns(Person, col(Unit.name))
        .outerjoin(Unit, col(Unit.id) == col(Person.unit_id))
        .where((col(Person.id) == one.lead_id) | col(Person.id).in_(members))
        .order_by(col(Person.code))
    ).all()
    found = [TeamMember(p.code, p.full_name, p.title, unit or "", p.id == one.lead_id) for p, unit in rows]
    return tuple(sorted(found, key=lambda member: not member.is_lead))


def _questions(session: Session, one: Inspection) -> dict[UUID, Question]:
    rows = session.execute(
        columns(InspectionItem, Duty)
        .outerjoin(Duty, col(Duty.id) == col(InspectionItem.duty_id))
        .where(col(InspectionItem.inspection_id) == one.id)
        .order_by(col(InspectionItem.position))
    )
    return {
        item.id: Question(item.position, item.text, duty.path, duty.title, duty.quote)
        if duty
        else Question(item.position, item.text)
        for item, duty in rows
    }


def _units(
    session: Session, sight: InspectionAccess, questions: dict[UUID, Question], now: datetime, *, shows: bool
) -> tuple[InspectedSheet, ...]:
    one, head = sight.inspection, aliased(Person)
    query = (
        columns(Unit, Task, col(head.full_name), col(head.title))
        .join(InspectedUnit, col(InspectedUnit.unit_id) == col(Unit.id))
        .join(Task, col(Task.id) == col(InspectedUnit.task_id))
        .outerjoin(head, col(head.id) == col(Unit.head_id))
        .where(col(InspectedUnit.inspection_id) == one.id)
        .order_by(col(Unit.sort_key), col(Unit.code))
    )
    if not sight.sees_all:
        query = query.where(col(Unit.id).in_(sight.units))
    rows = session.execute(query).all()
    answers = _answers(session, one, questions, now) if shows else {}
    reports = _results(session, [task.id for _unit, task, _head, _title in rows])
    return tuple(
        InspectedSheet(
            code=unit.code,
            name=unit.name,
            head=name or "",
            head_title=title or "",
            visit_on=due_date(task.due_at) if task.due_at else None,
            first_visit_on=due_date(task.original_due_at) if task.original_due_at else None,
            task_id=task.id,
            task_status=task.status,
            report=reports.get(task.id),
            answers=tuple(
                answers.get((unit.id, item), InspectionAnswer(question)) for item, question in questions.items()
            ),
        )
        for unit, task, name, title in rows
    )


def _answers(
    session: Session, one: Inspection, questions: dict[UUID, Question], now: datetime
) -> dict[tuple[UUID, UUID], InspectionAnswer]:
    files: dict[tuple[UUID, UUID], list[FindingPhoto]] = {}
    kept = select(InspectionFile).where(InspectionFile.inspection_id == one.id).order_by(col(InspectionFile.id))
    for file in session.exec(kept):
        shown = FindingPhoto(file.id, file.filename, file.media_type, file.size, file.sha256)
        files.setdefault((file.unit_id, file.item_id), []).append(shown)
    fixes = _corrections(session, one, now)
    rows = session.execute(
        columns(InspectionFinding, col(Person.full_name))
        .join(Person, col(Person.id) == col(InspectionFinding.found_by))
        .where(col(InspectionFinding.inspection_id) == one.id)
    )
    return {
        (found.unit_id, found.item_id): InspectionAnswer(
            questions[found.item_id],
            found.verdict,
            found.words,
            found.settled,
            who,
            found.found_at,
            found.revision,
            tuple(files.get((found.unit_id, found.item_id), ())),
            tuple(fixes.get((found.unit_id, found.item_id), ())),
        )
        for found, who in rows
    }


def _corrections(session: Session, one: Inspection, now: datetime) -> dict[tuple[UUID, UUID], list[Correction]]:
    rows = session.execute(
        columns(InspectionCorrection, Task, Duty, TemplateVersion)
        .join(Task, col(Task.id) == col(InspectionCorrection.task_id))
        .join(Duty, col(Duty.id) == col(Task.duty_id))
        .join(TemplateVersion, col(TemplateVersion.id) == col(Task.template_version_id))
        .where(col(InspectionCorrection.inspection_id) == one.id)
        .order_by(col(InspectionCorrection.id))
    ).all()
    results = _results(session, [task.id for _fix, task, _duty, _version in rows])
    found: dict[tuple[UUID, UUID], list[Correction]] = {}
    for fix, task, duty, version in rows:
        late = is_late(task.status, task.due_at, now)
        found.setdefault((fix.unit_id, fix.item_id), []).append(
            Correction(
                task_id=task.id,
                title=duty.title,
                text=duty.quote,
                product=version.read_spec().result.description,
                status=task.status,
                due_on=due_date(task.due_at) if task.due_at else None,
                original_due_on=due_date(task.original_due_at) if task.original_due_at else None,
                closed_at=task.closed_at,
                is_late=late,
                result=results.get(task.id),
            )
        )
    return found


def _results(session: Session, task_ids: list[UUID]) -> dict[UUID, SentDocument]:
    """Return the last document that came for each task."""
    rows = session.execute(
        columns(col(Result.task_id), col(Result.number), col(Result.document_date))
        .where(col(Result.task_id).in_(task_ids))
        .order_by(col(Result.submitted_at))
    )
    return {task_id: SentDocument(number, day) for task_id, number, day in rows}


def open_inspection_file(
    session: Session, sight: InspectionAccess, file_id: UUID, settings: Settings
) -> tuple[InspectionFile, Path]:
    """NotFound unless the file is theirs, and sent."""
    file = session.get(InspectionFile, file_id)
    one = sight.inspection
    if file is None or file.inspection_id != one.id:
        raise NotFound("there is no such file")
    if not sight.sees_all and (one.state not in SHOWN or file.unit_id not in sight.units):
        raise NotFound("there is no such file")
    return file, kept_file(settings.evidence, file.sha256, file.filename)
