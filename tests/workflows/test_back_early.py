"""Somebody is back before the day that was recorded: what waits for their stand-in in their place is theirs again."""

from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlmodel import select

from models.database.session import transaction
from models.organization.person import Absence
from tests.office import COORDINATOR, ON, Office, at, furnish
from workflows.access.audit_log import AuditActor
from workflows.organization.register.absence import add_absence, end_absence

HEAD, STAND_IN, COLLEAGUE = "luong.thi.ngan", "chu.bich.dao", "ho.thi.mai"


@pytest.fixture
def office(engine: Engine, tmp_path: Path) -> Office:
    office = furnish(engine, tmp_path)
    office.launch("4")
    office.tick(ON)
    return office


def away(office: Office, who: str, stand_in: str) -> None:
    with transaction(office.engine) as session:
        first, last = date(2004, 6, 2), date(2004, 6, 11)
        add_absence(
            session,
            person_code=who,
            stand_in_code=stand_in,
            starts_on=first,
            ends_on=last,
            audit_actor=AuditActor(at(1)),
        )


def back(office: Office, who: str, day: int, hour: int) -> None:
    with transaction(office.engine) as session:
        absence = session.exec(select(Absence).where(Absence.person_id == office.person(who).id)).one()
        end_absence(session, absence.id, audit_actor=AuditActor(at(day, hour=hour)))


def test_an_evenings_news_goes_to_the_head_who_is_back_by_the_morning(office: Office) -> None:
    away(office, HEAD, STAND_IN)
    office.act(office.task(), "set-date", COORDINATOR, at(3, hour=19), due=date(2004, 7, 9), note="Bộ đồng ý")
    back(office, HEAD, 3, 20)
    office.tick(at(4))
    assert ("event:due_moved", 0) in office.told(office.task(), HEAD)
    assert office.sent(STAND_IN) == []


def test_what_waits_for_a_coordinator_goes_to_them_again(office: Office) -> None:
    away(office, COORDINATOR, COLLEAGUE)
    office.submit(office.task(), HEAD, at(3, hour=19))
    back(office, COORDINATOR, 3, 20)
    office.tick(at(4))
    assert ("event:submitted", 0) in office.told(office.task(), COORDINATOR)
    assert office.sent(COLLEAGUE) == []


def test_what_is_the_stand_ins_own_stays_theirs(office: Office) -> None:
    away(office, HEAD, STAND_IN)
    office.act(office.task(), "assign", "ta.ba.toan", at(2, hour=9), to=STAND_IN, note="phân công")
    office.tick(at(2, hour=10))
    office.act(office.task(), "set-date", COORDINATOR, at(3, hour=19), due=date(2004, 7, 9), note="Bộ đồng ý")
    back(office, HEAD, 3, 20)
    office.tick(at(4))
    assert ("event:due_moved", 0) in office.told(office.task(), STAND_IN)
