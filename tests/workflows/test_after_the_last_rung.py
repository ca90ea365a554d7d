"""After the last rung nothing of the ladder is due any more; the task stays in what is told every week."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

from models.directives.ladders import LADDERS
from models.letters.letter import LetterKind
from models.words import after_the_last_rung
from tests.office import COORDINATOR, ON, Office, at, body, furnish

HEAD = "luong.thi.ngan"
DUE = date(2004, 6, 4)


@pytest.fixture
def office(engine: Engine, tmp_path: Path) -> Office:
    made = furnish(engine, tmp_path)
    made.launch("4", due=DUE)
    made.tick(ON)
    made.act(made.task(), "accept", HEAD, at(1, hour=9))
    return made


def test_no_rung_comes_after_the_last_but_each_week_names_the_task(office: Office) -> None:
    last = office.calendar.add(DUE, max(rung.at for rung in LADDERS["default"].rungs))
    office.days(at(2), at(last.day, last.month) + timedelta(days=1))
    told, letters = office.notices(office.task()), len(office.letters())
    first = at(last.day, last.month) + timedelta(days=2)
    office.days(first, first + timedelta(days=13))
    assert office.notices(office.task()) == told and office.next_check(office.task()) is None
    more = office.letters()[letters:]
    for person in (HEAD, COORDINATOR):
        own = [one for one in more if one.recipient_id == office.person(person).id]
        assert [one.kind for one in own] == [LetterKind.SUMMARY] * 2, person
        assert "giá cước" in body(office.sent(person)[-1])


def test_the_pages_say_what_goes_on() -> None:
    assert "weekly summary" in after_the_last_rung(hours=False).message
    assert "stood down" in after_the_last_rung(hours=True).message
