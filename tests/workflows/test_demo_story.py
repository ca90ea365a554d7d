"""The demo's head of a unit: at the end late, returned, new and accepted tasks wait for them at once."""

from collections import Counter
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlmodel import select

from models.database.session import reading
from models.organization.person import Person
from models.organization.unit import Unit
from models.tasks.task import Task, TaskStatus
from models.text.localtime import at_local
from tests.office import Office, furnish
from workflows.launch.coverage import Coverage
from workflows.launch.launch_tasks import LaunchOutcome
from workflows.operations.demo_accounts import HEAD
from workflows.operations.demo_story import LATE_STARTER, Story, _last_morning, _Player

LAUNCHED, LAST = date(2026, 11, 23), date(2026, 11, 27)


@pytest.fixture
def office(engine: Engine, tmp_path: Path) -> Office:
    return furnish(engine, tmp_path)


def own(office: Office) -> Counter[TaskStatus]:
    with reading(office.engine) as session:
        lead = session.exec(select(Unit).where(Unit.code == LATE_STARTER)).one()
        return Counter(task.status for task in session.exec(select(Task).where(Task.lead_unit_id == lead.id)))


def test_the_late_starter_is_the_unit_of_the_head_that_the_demo_prints(office: Office) -> None:
    with reading(office.engine) as session:
        lead = session.exec(select(Unit).where(Unit.code == LATE_STARTER)).one()
        assert lead.head_id == session.exec(select(Person.id).where(Person.code == HEAD)).one()


def test_on_the_last_two_mornings_it_begins_and_one_result_comes_back(office: Office) -> None:
    office.launch("1", "2", "3", "5", on=at_local(LAUNCHED), due=date(2026, 12, 18))
    story = Story(LAUNCHED, LaunchOutcome(0, 0, (), Coverage()))
    play = _Player(office.engine, office.settings, office.sender, office.calendar, story, last=LAST)
    before = own(office)
    assert set(before) == {TaskStatus.ASSIGNED}
    for day in (25, 26, 27):
        play.play_day(date(2026, 11, day), 0)
        if day == 25:
            assert own(office) == before, "silent until then"
    after = own(office)
    assert (after[TaskStatus.RETURNED], after[TaskStatus.ACCEPTED]) == (1, 1)
    assert after[TaskStatus.ASSIGNED] == before.total() - 2


@pytest.mark.parametrize(("hour", "day"), [(9, 26), (10, 27)])
def test_the_last_morning_is_one_on_which_units_still_act(office: Office, hour: int, day: int) -> None:
    now = at_local(LAST).replace(hour=hour - 7, minute=0)
    assert _last_morning(office.calendar, now) == date(2026, 11, day)
