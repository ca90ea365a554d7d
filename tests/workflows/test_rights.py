"""What somebody may see, as a condition in the database, is what the decision about a single task says."""

from pathlib import Path

from sqlalchemy import Engine
from sqlmodel import select

from models.errors import NotFound
from models.localtime import local_date
from models.person import Person
from models.session import reading
from models.task import Task
from tests.office import ON, furnish
from workflows.rights import look_at, partner_tasks, read_place, visible_tasks
from workflows.rules.rights import View


def test_lists_show_what_may_be_opened_and_nothing_else(engine: Engine, tmp_path: Path) -> None:
    office = furnish(engine, tmp_path)
    office.launch("2", "3", "4", "oversight", override=True)
    day, seen = local_date(ON), set()
    with reading(engine) as session:
        tasks = [*session.exec(select(Task)).all()[::3], office.task("oversight", "VU-VT")]
        people = session.exec(select(Person).where(Person.is_active).order_by(Person.code)).all()
        for person in [*people[::7], office.person("le.thi.c"), office.person("le.thi.d")]:
            place = read_place(session, person, day)
            whole = set(session.exec(select(Task.id).where(visible_tasks(place))))
            partly = set(session.exec(select(Task.id).where(partner_tasks(place))))
            for task in tasks:
                try:
                    view = look_at(session, place, task.id, day).view
                except NotFound:
                    view = View.NOTHING
                seen.add(view)
                assert (task.id in whole) == (view is View.WHOLE), (person.code, task.id)
                assert (task.id in whole | partly) == (view is not View.NOTHING), (person.code, task.id)
    assert {View.WHOLE, View.NOTHING} <= seen
