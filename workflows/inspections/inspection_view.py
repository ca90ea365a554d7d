"""Read one inspection as a person may see it, as plain data (`inspection_rows.py`).

The data leaves out what the person may not see. An inspected unit sees only itself, and its findings only once they
were sent. It never sees the conclusion, which may mention other units; it gets that on paper.
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
from workflows.inspections.inspection_access import InspectionAccess
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
from workflows.inspections.inspection_words import EVERYBODY, HistoryLine, read_history
from workflows.rules.tasks.inspection_policy import QuestionAtUnit, open_points


def read_inspection_sheet(session: Session, access: InspectionAccess, *, now: datetime) -> InspectionSheet:
    """Return the sheet as of `now` (UTC). The number of queries does not depend on the number of units."""
    inspection, document = access.inspection, access.document
    directive = session.get_one(Directive, inspection.directive_id)
    follow_up_unit = session.get_one(Unit, document.coordinating_unit_id)
    questions = _read_questions(session, inspection)
    shows_findings = access.sees_all or inspection.state in SHOWN
    units = _read_units(session, access, questions, now, shows_findings=shows_findings)
    history = read_history(session, inspection)
    if not access.sees_all:
        history = _filter_history(history, access.units if shows_findings else frozenset())
    return InspectionSheet(
        id=inspection.id,
        title=inspection.title,
        state=inspection.state,
        directive_code=directive.code,
        directive_name=directive_name(directive.kind, directive.number, directive.subject),
        directive_subject=directive.subject,
        directive_issued_on=directive.issued_on,
        issuer=directive.issuer,
        document_code=document.code,
        decision_number=inspection.decision_number,
        decision_on=inspection.decision_on,
        unit=follow_up_unit.name,
        unit_code=follow_up_unit.code,
        starts_on=inspection.starts_on,
        ends_on=inspection.ends_on,
        planned_at=inspection.planned_at,
        planned_by=session.get_one(Person, inspection.planned_by).full_name,
        begun_at=inspection.begun_at,
        sent_at=inspection.sent_at,
        ended_at=inspection.ended_at,
        summary=inspection.summary if access.sees_all else "",
        reason=inspection.reason,
        team=_read_team(session, inspection),
        questions=tuple(questions.values()),
        units=units,
        shows_findings=shows_findings,
        points=tuple(open_points(_list_questions_at_units(units))) if access.sees_all else (),
        history=tuple(history),
    )


def _filter_history(history: list[HistoryLine], shown_units: frozenset[UUID]) -> list[HistoryLine]:
    """Return the lines that an inspected unit may read: common ones without their notes, and those of its units."""
    lines = []
    for line in history:
        if line.event in EVERYBODY:
            lines.append(replace(line, note=""))
        elif line.unit_id in shown_units:
            lines.append(line)
    return lines


def _list_questions_at_units(units: tuple[InspectedSheet, ...]) -> list[QuestionAtUnit]:
    return [
        QuestionAtUnit(
            unit=unit.name,
            question=answer.question.number,
            verdict=answer.verdict,
            settled=answer.settled,
            tasks=tuple(correction.status for correction in answer.corrections),
        )
        for unit in units
        for answer in unit.answers
    ]


def _read_team(session: Session, inspection: Inspection) -> tuple[TeamMember, ...]:
    member_ids = columns(col(InspectionMember.person_id)).where(col(InspectionMember.inspection_id) == inspection.id)
    rows = session.execute(
        columns(Person, col(Unit.name))
        .outerjoin(Unit, col(Unit.id) == col(Person.unit_id))
        .where((col(Person.id) == inspection.lead_id) | col(Person.id).in_(member_ids))
        .order_by(col(Person.code))
    ).all()
    members = [
        TeamMember(
            person.code, person.full_name, person.title, unit_name or "", is_lead=person.id == inspection.lead_id
        )
        for person, unit_name in rows
    ]
    return tuple(sorted(members, key=lambda member: not member.is_lead))


def _read_questions(session: Session, inspection: Inspection) -> dict[UUID, Question]:
    rows = session.execute(
        columns(InspectionItem, Duty)
        .outerjoin(Duty, col(Duty.id) == col(InspectionItem.duty_id))
        .where(col(InspectionItem.inspection_id) == inspection.id)
        .order_by(col(InspectionItem.position))
    )
    questions = {}
    for item, duty in rows:
        if duty is None:
            questions[item.id] = Question(item.position, item.text)
        else:
            questions[item.id] = Question(item.position, item.text, duty.path, duty.title, duty.quote)
    return questions


def _read_units(
    session: Session, access: InspectionAccess, questions: dict[UUID, Question], now: datetime, *, shows_findings: bool
) -> tuple[InspectedSheet, ...]:
    inspection, head = access.inspection, aliased(Person)
    query = (
        columns(Unit, Task, col(head.full_name), col(head.title))
        .join(InspectedUnit, col(InspectedUnit.unit_id) == col(Unit.id))
        .join(Task, col(Task.id) == col(InspectedUnit.task_id))
        .outerjoin(head, col(head.id) == col(Unit.head_id))
        .where(col(InspectedUnit.inspection_id) == inspection.id)
        .order_by(col(Unit.sort_key), col(Unit.code))
    )
    if not access.sees_all:
        query = query.where(col(Unit.id).in_(access.units))
    rows = session.execute(query).all()
    answers = _read_answers(session, inspection, questions, now) if shows_findings else {}
    reports = _read_last_documents(session, [task.id for _unit, task, _head, _title in rows])
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


def _read_answers(
    session: Session, inspection: Inspection, questions: dict[UUID, Question], now: datetime
) -> dict[tuple[UUID, UUID], InspectionAnswer]:
    """Return the answers by unit and checklist item."""
    files: dict[tuple[UUID, UUID], list[FindingPhoto]] = {}
    query = select(InspectionFile).where(InspectionFile.inspection_id == inspection.id)
    for file in session.exec(query.order_by(col(InspectionFile.id))):
        photo = FindingPhoto(file.id, file.filename, file.media_type, file.size, file.sha256)
        files.setdefault((file.unit_id, file.item_id), []).append(photo)
    corrections = _read_corrections(session, inspection, now)
    rows = session.execute(
        columns(InspectionFinding, col(Person.full_name))
        .join(Person, col(Person.id) == col(InspectionFinding.found_by))
        .where(col(InspectionFinding.inspection_id) == inspection.id)
    )
    answers = {}
    for finding, inspector_name in rows:
        key = (finding.unit_id, finding.item_id)
        answers[key] = InspectionAnswer(
            question=questions[finding.item_id],
            verdict=finding.verdict,
            words=finding.words,
            settled=finding.settled,
            found_by=inspector_name,
            found_at=finding.found_at,
            revision=finding.revision,
            files=tuple(files.get(key, ())),
            corrections=tuple(corrections.get(key, ())),
        )
    return answers


def _read_corrections(
    session: Session, inspection: Inspection, now: datetime
) -> dict[tuple[UUID, UUID], list[Correction]]:
    rows = session.execute(
        columns(InspectionCorrection, Task, Duty, TemplateVersion)
        .join(Task, col(Task.id) == col(InspectionCorrection.task_id))
        .join(Duty, col(Duty.id) == col(Task.duty_id))
        .join(TemplateVersion, col(TemplateVersion.id) == col(Task.template_version_id))
        .where(col(InspectionCorrection.inspection_id) == inspection.id)
        .order_by(col(InspectionCorrection.id))
    ).all()
    documents = _read_last_documents(session, [task.id for _correction, task, _duty, _version in rows])
    corrections: dict[tuple[UUID, UUID], list[Correction]] = {}
    for row, task, duty, version in rows:
        corrections.setdefault((row.unit_id, row.item_id), []).append(
            Correction(
                task_id=task.id,
                title=duty.title,
                text=duty.quote,
                product=version.read_spec().result.description,
                status=task.status,
                due_on=due_date(task.due_at) if task.due_at else None,
                original_due_on=due_date(task.original_due_at) if task.original_due_at else None,
                closed_at=task.closed_at,
                is_late=is_late(task.status, task.due_at, now),
                result=documents.get(task.id),
            )
        )
    return corrections


def _read_last_documents(session: Session, task_ids: list[UUID]) -> dict[UUID, SentDocument]:
    """Return the last document that came for each task."""
    rows = session.execute(
        columns(col(Result.task_id), col(Result.number), col(Result.document_date))
        .where(col(Result.task_id).in_(task_ids))
        .order_by(col(Result.submitted_at))
    )
    return {task_id: SentDocument(number, day) for task_id, number, day in rows}


def open_inspection_file(
    session: Session, access: InspectionAccess, file_id: UUID, settings: Settings
) -> tuple[InspectionFile, Path]:
    """Return a finding's file and its path. NotFound where the person may not see it, or not yet."""
    file = session.get(InspectionFile, file_id)
    inspection = access.inspection
    if file is None or file.inspection_id != inspection.id:
        raise NotFound("there is no such file")
    if not access.sees_all and (inspection.state not in SHOWN or file.unit_id not in access.units):
        raise NotFound("there is no such file")
    return file, kept_file(settings.evidence, file.sha256, file.filename)
