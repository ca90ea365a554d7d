"""The smallest world a task can live in."""

from datetime import UTC, date, datetime
from typing import NamedTuple

from sqlmodel import Session

from models.database.ids import new_id
from models.directives.directive import Directive, Duty, DutyKind
from models.directives.launch import Launch
from models.directives.template import TemplateState, TemplateVersion
from models.organization.person import Person
from models.organization.unit import Unit, UnitKind
from models.tasks.history import History
from models.tasks.task import DueFixedBy, Task

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)


class World(NamedTuple):
    """A directive with one duty, given to one unit."""

    unit: Unit
    person: Person
    other: Person
    directive: Directive
    duty: Duty
    template: TemplateVersion
    launch: Launch
    task: Task
    history: History


def a_unit(code: str = "vnpt", kind: UnitKind = UnitKind.ENTERPRISE) -> Unit:
    return Unit(code=code, name=code, name_folded=code, sort_key=code, kind=kind)


def a_person(code: str = "an") -> Person:
    return Person(code=code, full_name=code, name_folded=code, sort_key=code)


def a_history(world_task: Task, event: str = "assigned") -> History:
    return History(
        recorded_at=NOW,
        occurred_on=date(2026, 3, 2),
        directive_id=world_task.directive_id,
        task_id=world_task.id,
        event=event,
        relation="system",
    )


def a_task(like: Task, occurrence: str) -> Task:
    """Another task of the same duty, unit and launch."""
    return Task(
        **like.model_dump(
            include={
                "directive_id",
                "duty_id",
                "launch_id",
                "template_version_id",
                "assigned_unit_id",
                "lead_unit_id",
                "assigner_unit_id",
                "coordinator_id",
                "assigned_at",
            }
        ),
        occurrence=occurrence,
        assigned_anchor_id=new_id(),
    )


def make_world(session: Session) -> World:
    """Writes the world into the session's transaction, undated task and published template included."""
    unit, person, other = a_unit(), a_person(), a_person("binh")
    session.add_all([unit, person, other])
    session.flush()
    directive = Directive(
        code="000", issuer="Bộ", subject="s", text="t", coordinating_unit_id=unit.id, issuer_office_id=unit.id
    )
    session.add(directive)
    session.flush()
    duty = Duty(directive_id=directive.id, path="4", position=4, kind=DutyKind.ONE_OFF, title="t", quote="q")
    session.add(duty)
    session.flush()
    template = TemplateVersion(
        duty_id=duty.id,
        version=1,
        state=TemplateState.PUBLISHED,
        spec={"duty": "4"},
        digest="0" * 64,
        created_at=NOW,
        published_at=NOW,
    )
    launch = Launch(directive_id=directive.id, launched_at=NOW, assigner_unit_id=unit.id, coordinator_id=person.id)
    session.add_all([template, launch])
    session.flush()
    task = Task(
        directive_id=directive.id,
        duty_id=duty.id,
        launch_id=launch.id,
        template_version_id=template.id,
        assigned_unit_id=unit.id,
        lead_unit_id=unit.id,
        occurrence="once",
        assigner_unit_id=unit.id,
        coordinator_id=person.id,
        assigned_at=NOW,
        assigned_anchor_id=new_id(),
        due_fixed_by=DueFixedBy.ASSIGNER,
    )
    history = a_history(task)
    session.add_all([task, history])
    session.flush()
    return World(unit, person, other, directive, duty, template, launch, task, history)
