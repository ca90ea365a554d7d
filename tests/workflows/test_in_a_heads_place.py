"""Who stands in for a head does what the head does: puts difficulties, declares incidents, asks for figures."""

from datetime import date, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlmodel import select

from models.database.session import reading, transaction
from models.directives.directive import Duty, find_directive
from models.errors import Refused
from models.organization.register_reads import resolve_person
from models.tasks.task import Task
from tests.office import Office, at, furnish
from workflows.access.audit_log import AuditActor
from workflows.launch.incidents.declare_incident import declare
from workflows.launch.on_request import ask_addressed_units, obstacle_addressees, report_obstacle_to
from workflows.operations.setup import BUNDLED
from workflows.organization.register.absence import add_absence

HEAD, STAND_IN = "ta.chi.thanh", "quach.manh.cuong"
OF_THE_DIRECTIVE, IN_THEIR_PLACE = "le.thi.d", "duong.thanh.tung"
AWAY, BACK = at(2, hour=9), at(7, hour=9)


@pytest.fixture
def office(engine: Engine, tmp_path: Path) -> Office:
    """CTY-M's head and the head of the coordinating unit are away from 2 to 4 June."""
    office = furnish(engine, tmp_path)
    office.launch("obstacles", "2.a", "3", due=None)
    with transaction(engine) as session:
        days = (date(2004, 6, 2), date(2004, 6, 4))
        for person, stand_in in ((HEAD, STAND_IN), (OF_THE_DIRECTIVE, IN_THEIR_PLACE)):
            add_absence(
                session,
                person_code=person,
                stand_in_code=stand_in,
                starts_on=days[0],
                ends_on=days[1],
                audit_actor=AuditActor(at(1)),
            )
    return office


def put(office: Office, now: datetime) -> None:
    with transaction(office.engine) as session:
        report_obstacle_to(office.acting(session, resolve_person(session, STAND_IN), now), BUNDLED, "Thiếu mẫu biểu")


def test_a_general_difficulty_is_put_in_the_heads_place_and_is_the_heads_afterwards(office: Office) -> None:
    put(office, AWAY)
    task = office.task("obstacles")
    assert task.assigner_unit_id == office.unit("CTY-M").id
    assert task.coordinator_id == office.person(HEAD).id
    office.submit(task, OF_THE_DIRECTIVE, at(7))
    with pytest.raises(Refused):
        office.act(task, "approve", STAND_IN, BACK)
    office.act(task, "approve", HEAD, BACK)


def test_once_the_head_is_back_it_is_not_the_stand_ins_to_put(office: Office) -> None:
    with reading(office.engine) as session:
        person = resolve_person(session, STAND_IN)
        assert [bool(obstacle_addressees(session, person, now.date())) for now in (AWAY, BACK)] == [True, False]
    with pytest.raises(Exception, match="cannot report an obstacle"):
        put(office, BACK)


def test_an_incident_is_declared_in_the_place_of_the_head_who_is_away(office: Office) -> None:
    def attempt(now: datetime) -> None:
        with transaction(office.engine) as session:
            declare(
                office.acting(session, resolve_person(session, IN_THEIR_PLACE), now),
                find_directive(session, BUNDLED),
                title="Sự cố",
                unit_ids=[office.unit("T-LT").id],
                is_drill=True,
            )

    with pytest.raises(Refused, match="may not declare"):
        attempt(BACK)
    attempt(AWAY)
    with reading(office.engine) as session:
        task = session.exec(select(Task).where(Task.is_drill)).one()
    assert task.coordinator_id == office.person(OF_THE_DIRECTIVE).id


def test_figures_are_asked_for_in_the_place_of_the_head_who_is_away(office: Office) -> None:
    with transaction(office.engine) as session:
        directive = find_directive(session, BUNDLED)
        duty = session.exec(select(Duty).where(Duty.path == "3")).one()
        done = ask_addressed_units(
            office.acting(session, resolve_person(session, IN_THEIR_PLACE), AWAY),
            directive,
            duty,
            unit_ids=[office.unit("T-LT").id],
            note="số liệu",
            due_on=None,
        )
        assert done.created == 1
