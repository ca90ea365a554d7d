"""A person's relations to one task, and how much of it they see."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import exists, or_
from sqlmodel import Session, col, select

from models.errors import NotFound, need
from models.inspections.inspection import Inspection, InspectionMember
from models.operations.logs import get_log
from models.tasks.task import Task
from workflows.access.relations import relations_with_ties
from workflows.access.rights import Principal
from workflows.rules.rights_table import View, view
from workflows.rules.tasks.actions import Relation

_log = get_log(__name__)


@dataclass(frozen=True)
class TaskAccess:
    task: Task
    view: View
    relations: frozenset[Relation]

    @property
    def is_whole(self) -> bool:
        return self.view is View.WHOLE

    def whole_task(self) -> Task:
        """Raise NotFound for anybody who does not see the whole task."""
        if not self.is_whole:
            raise NotFound("there is no such task")
        return self.task


def look_at(session: Session, principal: Principal, task_id: UUID, day: date) -> TaskAccess:
    """Raise NotFound for a task that the person may not see, as if there were none."""
    task = need(session.get(Task, task_id), NotFound("there is no such task"))
    relations, ties = relations_with_ties(session, task, principal.person, day)
    # the assigner still sees a task of their own unit, on which others decide
    is_assigner = task.coordinator_id in principal.people or task.assigner_unit_id in principal.speaks_for
    task_view = view(principal.standings, relations, is_above=is_assigner or ties.lead.parent_id in principal.serves)
    if task_view is View.NOTHING and _inspects(session, principal, task):
        task_view = View.WHOLE
    if task_view is View.NOTHING:
        _log.warning("not_theirs", person=str(principal.person.id), task=str(task.id))
        raise NotFound("there is no such task")
    return TaskAccess(task, task_view, relations)


def _inspects(session: Session, principal: Principal, task: Task) -> bool:
    """Tell whether the person is in the team of the inspection to which the task belongs."""
    person_id = principal.person.id
    is_member = exists().where(
        col(InspectionMember.inspection_id) == col(Inspection.id), col(InspectionMember.person_id) == person_id
    )
    query = select(Inspection.id).where(
        Inspection.document_id == task.directive_id, or_(col(Inspection.lead_id) == person_id, is_member)
    )
    return session.exec(query).first() is not None
