"""What somebody may see, as a condition in the database, is what the decision about a single task says."""

from datetime import timedelta
from pathlib import Path

from sqlalchemy import Engine
from sqlmodel import select

from models.database.session import reading, transaction
from models.errors import NotFound
from models.organization.person import Absence, Person
from models.tasks.task import Task
from models.text.localtime import local_date
from tests.office import ON, furnish
from workflows.access.rights import partner_tasks, read_principal, visible_tasks
from workflows.access.task_access import look_at
from workflows.rules.rights_table import View


def test_lists_show_what_may_be_opened_and_nothing_else(engine: Engine, tmp_path: Path) -> None:
    office = furnish(engine, tmp_path)
    office.launch("2", "3", "4", "oversight", override=True)
    day, seen = local_date(ON), set()
    with reading(engine) as session:
        tasks = [*session.exec(select(Task)).all()[::3], office.task("oversight", "VU-VT")]
        people = session.exec(select(Person).where(Person.is_active).order_by(Person.code)).all()
        for person in [*people[::7], office.person("le.thi.c"), office.person("le.thi.d")]:
            principal = read_principal(session, person, day)
            whole = set(session.exec(select(Task.id).where(visible_tasks(principal))))
            partly = set(session.exec(select(Task.id).where(partner_tasks(principal))))
            for task in tasks:
                try:
                    view = look_at(session, principal, task.id, day).view
                except NotFound:
                    view = View.NOTHING
                seen.add(view)
                assert (task.id in whole) == (view is View.WHOLE), (person.code, task.id)
                assert (task.id in whole | partly) == (view is not View.NOTHING), (person.code, task.id)
    assert {View.WHOLE, View.NOTHING} <= seen


def test_who_stands_in_for_a_coordinator_finds_the_tasks_in_lists_too(engine: Engine, tmp_path: Path) -> None:
    """They decide on them by their links; the board, the list and the search had not shown them (found by the fuzz)."""
    office = furnish(engine, tmp_path)
    office.launch("4")
    task, day = office.task("4"), local_date(ON)
    away = office.person("luong.thi.ngan")
    with reading(engine) as session:  # the head of an enterprise, who has nothing to do with it
        instead = session.get_one(Person, office.unit("CTY-P").head_id)
    office.change_task(task, coordinator_id=away.id)
    with transaction(engine) as session:
        session.add(Absence(person_id=away.id, stand_in_id=instead.id, starts_on=day, ends_on=day))
    with reading(engine) as session:
        for date, shown in ((day, True), (day + timedelta(days=1), False)):
            principal = read_principal(session, instead, date)
            assert (task.id in set(session.exec(select(Task.id).where(visible_tasks(principal))))) is shown
