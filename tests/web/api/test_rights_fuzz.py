"""Random people in random offices ask for random tasks: nobody sees or moves what docs/rights.md does not give them.

What somebody is to a task is worked out here in plain words over rows, apart from the product's own two ways (a
condition in the database, a decision about one task): where either is wrong, the three differ.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

import pytest
from sqlmodel import Session, SQLModel, col, func, select

from models.database.session import reading
from models.directives.directive import Directive
from models.organization.person import Absence, Person, PersonRole, Role
from models.organization.unit import Unit
from models.tasks.history import History
from models.tasks.task import Contribution, Obstacle, Task
from tests.web.api.programs import Make
from tests.web.api.routes import BODY
from tests.web.site import Office
from workflows.rules.tasks.actions import Action, Relation
from workflows.rules.tasks.lifecycle import SPECS

pytestmark = pytest.mark.long

R = Relation
TASKS, PEOPLE, CALLS = 14, 12, 80


@dataclass
class Everything:
    """All rows that rights come from."""

    day: date
    units: dict[UUID, Unit]
    directives: dict[UUID, Directive]
    roles: set[tuple[UUID, Role, UUID]]
    absences: list[Absence]
    contributions: list[Contribution]
    obstacles: list[Obstacle]

    @classmethod
    def read(cls, session: Session, day: date) -> "Everything":
        """As it stands now."""
        return cls(
            day,
            {one.id: one for one in session.exec(select(Unit))},
            {one.id: one for one in session.exec(select(Directive))},
            {(one.person_id, one.role, one.unit_id) for one in session.exec(select(PersonRole))},
            list(session.exec(select(Absence))),
            list(session.exec(select(Contribution))),
            [one for one in session.exec(select(Obstacle)) if one.answered_at is None],
        )

    def speaks(self, person: UUID, unit: UUID | None) -> bool:
        """Head, deputy or coordinator of a unit."""
        if unit is None:
            return False
        one = self.units[unit]
        return person in (one.head_id, one.deputy_id) or (person, Role.COORDINATOR, unit) in self.roles

    def serves(self, person: UUID, unit: UUID | None) -> bool:
        """The same, or the focal point."""
        return self.speaks(person, unit) or (unit is not None and self.units[unit].focal_point_id == person)

    def relations(self, person: UUID, task: Task) -> set[Relation]:
        """What somebody is to a task in person."""
        lead, office = self.units[task.lead_unit_id], self.directives[task.directive_id].issuer_office_id
        own = task.parent_id is None and task.assigner_unit_id == task.lead_unit_id
        decides = self.speaks(person, office if own else task.assigner_unit_id)
        found = {
            R.HEAD: lead.head_id == person,
            R.DEPUTY: lead.deputy_id == person,
            R.FOCAL_POINT: lead.focal_point_id == person,
            R.OFFICER: task.officer_id == person,
            R.PARTNER: any(self.serves(person, one.unit_id) for one in self.contributions if one.task_id == task.id),
            R.AUTHORITY: any(
                self.serves(person, one.authority_unit_id) for one in self.obstacles if one.task_id == task.id
            ),
            R.ISSUER_OFFICE: self.speaks(person, office),
            R.SUPERVISOR: self.speaks(person, lead.supervising_unit_id),
            R.COORDINATOR: decides or (task.coordinator_id == person and not own),
            R.CLERK: any((person, Role.CLERK, unit) in self.roles for unit in (task.assigner_unit_id, office)),
        }
        return {relation for relation, holds in found.items() if holds}

    def is_to(self, person: UUID, task: Task) -> set[Relation]:
        """And through those they stand in for on the day: a head's stand-in is told apart from a head."""
        found = self.relations(person, task)
        for one in self.absences:
            if one.stand_in_id == person and self._lasts(one):
                found |= {R.STAND_IN if is_ is R.HEAD else is_ for is_ in self.relations(one.person_id, task)}
        return found

    def sees_whole(self, person: UUID, task: Task) -> bool:
        """Whether all of a task is shown to somebody."""
        if any(held == person and role in (Role.ADMINISTRATOR, Role.OBSERVER) for held, role, _unit in self.roles):
            return True
        mine = [person, *(one.person_id for one in self.absences if one.stand_in_id == person and self._lasts(one))]
        above = self.units[task.lead_unit_id].parent_id
        return (
            bool(self.is_to(person, task) - {R.PARTNER})
            or task.coordinator_id == person
            or any(self.speaks(one, task.assigner_unit_id) or self._answers_for(one, above) for one in mine)
        )

    def _lasts(self, absence: Absence) -> bool:
        return absence.starts_on <= self.day <= absence.ends_on

    def _answers_for(self, person: UUID, unit: UUID | None) -> bool:
        if unit is None or not self.units[unit].is_active:
            return False
        one = self.units[unit]
        return person in (one.head_id, one.deputy_id, one.focal_point_id)


def shuffle(chance: random.Random, some: list[Person]) -> Callable[[Session], None]:
    """Gives some people offices, roles, absences, tasks and contributions at random."""

    def do(session: Session) -> None:
        units = list(session.exec(select(Unit).where(Unit.is_active).order_by(Unit.code)))
        tasks = list(session.exec(select(Task).order_by(col(Task.id))))

        def somebody() -> UUID:
            return chance.choice(some).id

        tied = {one for task in tasks for one in (task.lead_unit_id, task.assigner_unit_id)}
        tied |= {one for unit in units if unit.id in tied for one in (unit.parent_id, unit.supervising_unit_id) if one}
        tied |= {one.issuer_office_id for one in session.exec(select(Directive))}
        units = [unit for unit in units if unit.id in tied]  # those through which somebody is something to a task
        above = [unit for unit in units if unit.id not in {task.lead_unit_id for task in tasks}]
        for unit in [*above, *chance.sample(units, len(units) // 2)]:
            for office in ("deputy_id", "focal_point_id"):
                setattr(unit, office, somebody() if chance.random() < 0.5 else None)
            if unit.head_id is not None and chance.random() < 0.3:
                unit.head_id = somebody()
        held = {(one.person_id, one.role, one.unit_id) for one in session.exec(select(PersonRole))}
        for _role in range(12):
            role = chance.choice([*[Role.COORDINATOR] * 3, *[Role.CLERK] * 3, Role.OBSERVER])
            key = (somebody(), role, chance.choice([*units, *above * 3]).id)
            if key not in held:
                held.add(key)
                session.add(PersonRole(person_id=key[0], role=key[1], unit_id=key[2]))
        for _absence in range(8):
            away, instead = chance.sample(some, 2)
            first = chance.choice([date(2026, 10, 1), date(2026, 11, 2), date(2026, 11, 3)])
            session.add(Absence(person_id=away.id, stand_in_id=instead.id, starts_on=first, ends_on=date(2026, 11, 20)))
        helped = set(session.exec(select(Contribution.task_id)))
        for task in chance.sample(tasks, min(TASKS, len(tasks))):
            task.officer_id = somebody() if chance.random() < 0.5 else None
            if chance.random() < 0.4:
                task.coordinator_id = somebody()
            if task.id not in helped and chance.random() < 0.4:
                session.add(Contribution(task_id=task.id, unit_id=chance.choice(units).id))

    return do


def rows(session: Session) -> dict[str, int]:
    """How many rows of each table a deed could add to."""
    kept = ("history", "notice", "letter", "result", "extension", "obstacle", "task", "contribution", "evidence")
    return {
        name: session.scalar(select(func.count()).select_from(SQLModel.metadata.tables[name])) or 0 for name in kept
    }


@pytest.mark.parametrize("seed", range(3))
def test_random_people_see_and_do_exactly_what_the_rights_table_says(office: Office, program: Make, seed: int) -> None:
    chance = random.Random(seed)
    with reading(office.engine) as session:
        people = list(session.exec(select(Person).where(Person.is_active).order_by(Person.code)))
    asking = chance.sample(people, PEOPLE)
    office.change(shuffle(chance, asking))
    with reading(office.engine) as session:
        known = Everything.read(session, date(2026, 11, 2))
        tasks = list(session.exec(select(Task).order_by(col(Task.id))))
    seen = {True: 0, False: 0}
    done = 0
    for _call in range(CALLS):
        person = chance.choice(asking)
        # half of the calls about a task that they are something to, half of these for what they may do
        near = [one for one in tasks if known.is_to(person.id, one)] if chance.random() < 0.5 else []
        task = chance.choice(near or tasks)
        theirs = [one for one in Action if SPECS[one].rule.by & known.is_to(person.id, task)]
        action = chance.choice(theirs if theirs and chance.random() < 0.5 else list(Action))
        caller = program(person.code)
        with reading(office.engine) as session:
            task = session.get_one(Task, task.id)
            known = Everything.read(session, known.day)
            before = rows(session), task.revision
        whole = known.sees_whole(person.id, task)
        there = whole or R.PARTNER in known.is_to(person.id, task)
        seen[there] += 1
        story = (seed, person.code, action.value, str(task.id), sorted(known.is_to(person.id, task)))
        assert (story, caller.get(f"/tasks/{task.id}").status_code) == (story, 200 if there else 404)
        listed = {one["id"] for one in caller.get("/tasks", params={"limit": 200}).json()["items"]}
        assert (story, str(task.id) in listed) == (story, whole)
        answer = caller.post(f"/tasks/{task.id}/{action.value}", BODY[action])
        may = bool(SPECS[action].rule.by & known.is_to(person.id, task))
        hidden = answer.status_code == 404 and "its.officer" not in answer.text  # a colleague of that name is not there
        assert (story, hidden) == (story, not there)
        if answer.status_code == 200:
            assert (story, may) == (story, True)
            done += 1
            continue
        assert (story, answer.status_code) in [(story, status) for status in (403, 404, 409, 422)]
        with reading(office.engine) as session:
            assert (story, rows(session), session.get_one(Task, task.id).revision) == (story, *before)
    assert min(seen.values()) > 2 and done > 2, (seen, done)
    with reading(office.engine) as session:  # and what was done is told of whoever did it
        actors = {one for one in session.exec(select(History.actor_id).distinct()) if one is not None}
        assert actors & {one.id for one in asking}
