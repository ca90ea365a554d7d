"""A small ministry whose tasks have the history a test gives them, and a count of the statements a session sends."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import event
from sqlmodel import Session

from models.database.ids import ZERO_ID, new_id
from models.directives.directive import Directive, Duty, DutyKind
from models.directives.launch import Launch
from models.directives.template import TemplateState, TemplateVersion
from models.organization.person import Person
from models.organization.unit import Unit, UnitKind
from models.tasks.history import History
from models.tasks.task import Task
from models.text.localtime import at_local

CUTOFF = date(2004, 6, 30)


def day(number: int, month: int = 6) -> date:
    return date(2004, month, number)


@dataclass
class Ministry:
    """Two directives, three duties, three units; tasks with the history a test gives them."""

    session: Session
    units: dict[str, Unit] = field(default_factory=dict)
    duties: dict[str, Duty] = field(default_factory=dict)
    launches: dict[UUID, Launch] = field(default_factory=dict)
    versions: dict[UUID, TemplateVersion] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for order, (code, name) in enumerate([("AN", "Công ty An"), ("DUNG", "Công ty Dũng"), ("DAI", "Công ty Đại")]):
            self.units[code] = Unit(
                code=code, name=name, name_folded=code.lower(), sort_key=str(order), kind=UnitKind.ENTERPRISE
            )
        self.person = Person(code="p", full_name="Lê Thị Bình", name_folded="le thi binh", sort_key="binh")
        self._add(*self.units.values(), self.person)
        for code, number, paths in (("ct06", "06/2004/CT-BBCVT", ("2", "4")), ("kl", None, ("1",))):
            self._directive(code, number, paths)

    def _directive(self, code: str, number: str | None, paths: tuple[str, ...]) -> None:
        unit = self.units["AN"].id
        directive = Directive(
            code=code,
            number=number,
            issuer="Bộ",
            subject="kết luận giao ban",
            text="",
            coordinating_unit_id=unit,
            issuer_office_id=unit,
        )
        launch = Launch(
            directive_id=directive.id,
            launched_at=at_local(day(1)),
            assigner_unit_id=unit,
            coordinator_id=self.person.id,
        )
        self._add(directive)
        self._add(launch)
        self.launches[directive.id] = launch
        for position, path in enumerate(paths):
            duty = Duty(
                directive_id=directive.id,
                path=path,
                position=position,
                kind=DutyKind.ONE_OFF,
                title=f"Mục {path}",
                quote="…",
            )
            version = TemplateVersion(
                duty_id=duty.id,
                version=1,
                state=TemplateState.PUBLISHED,
                spec={},
                digest="0",
                created_at=at_local(day(1)),
                published_at=at_local(day(1)),
            )
            self._add(duty)
            self._add(version)
            self.duties[f"{code}/{path}"], self.versions[duty.id] = duty, version

    def _add(self, *rows: Any) -> None:
        self.session.add_all(rows)
        self.session.flush()

    def task(
        self,
        duty: str = "ct06/2",
        unit: str = "AN",
        due: date | None = CUTOFF,
        on: date = date(2004, 6, 1),
        **facts: bool,
    ) -> Task:
        lead = self.units[unit]
        task = self.bare_task(duty, unit, on=on)
        assigned = {"due_on": due and due.isoformat(), "unit": str(lead.id), "root": True, "drill": False} | facts
        self.happened(task, "assigned", on, "assigned", **assigned)
        return task

    def bare_task(
        self, duty: str, unit: str, *, occurrence: str = "", on: date = date(2004, 6, 1), parent: UUID = ZERO_ID
    ) -> Task:
        """A task without any history, not even of its assignment."""
        owner, lead = self.duties[duty], self.units[unit]
        task = Task(
            directive_id=owner.directive_id,
            duty_id=owner.id,
            launch_id=self.launches[owner.directive_id].id,
            template_version_id=self.versions[owner.id].id,
            assigned_unit_id=lead.id,
            lead_unit_id=lead.id,
            occurrence=occurrence or f"request:{new_id()}",
            parent_key=parent,
            assigner_unit_id=lead.id,
            coordinator_id=self.person.id,
            assigned_at=at_local(on),
            assigned_anchor_id=new_id(),
        )
        self._add(task)
        return task

    def happened(self, task: Task, name: str, on: date, status: str | None = None, /, **facts: Any) -> History:
        row = History(
            recorded_at=at_local(on),
            occurred_on=on,
            directive_id=task.directive_id,
            task_id=task.id,
            event=name,
            relation="system",
            to_status=status,
            facts=facts,
        )
        self._add(row)
        return row

    def done(self, task: Task, on: date, approved: date | None = None) -> None:
        self.happened(task, "submitted", on, "submitted")
        self.happened(task, "approved", approved or on, "approved", counts_on=on.isoformat())


class Counted:
    """The statements a session sends inside the block."""

    def __init__(self, session: Session) -> None:
        self.bind, self.seen = session.get_bind(), list[str]()

    def __enter__(self) -> list[str]:
        event.listen(self.bind, "before_cursor_execute", self._note)
        return self.seen

    def __exit__(self, *_error: object) -> None:
        event.remove(self.bind, "before_cursor_execute", self._note)

    def _note(self, _connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        self.seen.append(statement)
