"""Two people change the register in the same moment: neither undoes what the other did, and the rules hold for both."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from threading import Thread

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, col, select

from models.database.session import reading, transaction
from models.errors import Refused
from models.organization.person import Absence
from models.text.localtime import local_date
from tests.office import ON, Office, furnish
from tests.postgres import start_and_wait
from workflows.access.audit_log import AuditActor
from workflows.organization.register.absence import add_absence
from workflows.organization.register.editing import change_person, change_unit
from workflows.organization.register.handover import hand_over
from workflows.organization.register.retirement import retire_person

pytestmark = pytest.mark.both

HAND, ONE, OTHER, UNIT = AuditActor(ON), "ta.ba.toan", "chu.bich.dao", "VU-KHTC"
FIRST, LAST = date(2004, 6, 7), date(2004, 6, 9)
Change = Callable[[Session], object]


@pytest.fixture
def office(engine: Engine, tmp_path: Path) -> Office:
    return furnish(engine, tmp_path)


def at_once(office: Office, first: Change, second: Change) -> list[Exception]:
    """The second begins before the first is committed; what it was refused."""
    refused: list[Exception] = []

    def change() -> None:
        try:
            with transaction(office.engine) as session:
                second(session)
        except Refused as error:
            refused.append(error)

    waiting = Thread(target=change)
    with transaction(office.engine) as session:
        first(session)
        start_and_wait(waiting, office.engine)
    waiting.join()
    return refused


def edit(**cells: str) -> Change:
    return lambda session: change_person(session, ONE, cells, HAND)


def absence(of: str, stand_in: str) -> Change:
    return lambda session: add_absence(
        session, person_code=of, stand_in_code=stand_in, starts_on=FIRST, ends_on=LAST, audit_actor=AuditActor(ON)
    )


def test_of_two_edits_of_a_person_both_stay(office: Office) -> None:
    at_once(office, edit(email="toan.moi@mpt.example"), edit(phone="024 1234"))
    person = office.person(ONE)
    assert (person.email, person.phone) == ("toan.moi@mpt.example", "024 1234")


def test_who_is_retired_while_their_row_is_edited_stays_retired(office: Office) -> None:
    at_once(office, lambda session: retire_person(session, ONE, ON), edit(phone="024 1234"))
    assert not office.person(ONE).is_active


def test_an_office_handed_over_while_its_unit_is_edited_stays_with_the_new_head(office: Office) -> None:
    at_once(
        office,
        lambda session: hand_over(
            session, unit_code=UNIT, office="head", to_code=OTHER, effective_on=local_date(ON), now=ON
        ),
        lambda session: change_unit(session, UNIT, {"phone": "024 1234"}, HAND),
    )
    assert office.unit(UNIT).head_id == office.person(OTHER).id


def test_two_who_name_each_other_as_stand_in_are_not_both_away(office: Office) -> None:
    refused = at_once(office, absence(ONE, OTHER), absence(OTHER, ONE))
    assert len(refused) == 1
    with reading(office.engine) as session:
        assert len(session.exec(select(Absence).where(col(Absence.starts_on) == FIRST)).all()) == 1
