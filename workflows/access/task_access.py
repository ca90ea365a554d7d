"""What somebody is to one task, and how much of it they see."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import exists, or_
from sqlmodel import Session, col, select

from models.errors import NotFound, need
from models.inspections.inspection import Inspection, InspectionMember
from models.operations.logs import get_log
from models.tasks.task import Task
from workflows.access.relations import tied
from workflows.access.rights import Principal
from workflows.rules.rights_table import View, view
from workflows.rules.tasks.lifecycle import Relation

_log = get_log(__name__)


@dataclass(frozen=True)
class TaskAccess:
    task: Task
    view: View
    relations: frozenset[Relation]

    @property
    def is_whole(self) -> bool:
        """They see all of it, and not only what a coordinating unit is told."""
        return self.view is View.WHOLE

    def whole_task(self) -> Task:
        """NotFound for anybody who does not see all of it."""
        if not self.is_whole:
            raise NotFound("there is no such task")
        return self.task


def look_at(session: Session, principal: Principal, task_id: UUID, day: date) -> TaskAccess:
    """NotFound where the task is none of theirs, as if there were none."""
    task = need(session.get(Task, task_id), NotFound("there is no such task"))
    relations, ties = tied(session, task, principal.person, day)
    # who gave a task out goes on seeing it where it is their own unit's, and others decide
    gave_it = task.coordinator_id in principal.people or task.assigner_unit_id in principal.speaks_for
    seen = view(principal.standings, relations, is_above=gave_it or ties.lead.parent_id in principal.serves)
    if seen is View.NOTHING and _inspects(session, principal, task):
        seen = View.WHOLE
    if seen is View.NOTHING:
        _log.warning("not_theirs", person=str(principal.person.id), task=str(task.id))
        raise NotFound("there is no such task")
    return TaskAccess(task, seen, relations)


def _inspects(session: Session, principal: Principal, task: Task) -> bool:
    """The task belongs to an inspection of whose team they are."""
    me = principal.person.id
    member = exists().where(
        col(InspectionMember.inspection_id) == col(Inspection.id), col(InspectionMember.person_id) == me
    )
    mine = select(Inspection.id).where(
        Inspection.document_id == task.directive_id, or_(col(Inspection.lead_id) == me, member)
    )
    return session.exec(mine).first() is not None
