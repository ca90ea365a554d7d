"""To whom a difficulty goes: somebody who can answer it."""

from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlmodel import select

from models.database.session import reading, transaction
from models.errors import Refused
from models.tasks.task import Obstacle
from tests.office import Office, at, furnish
from workflows.tasks.acts.obstacles import answering_unit

HEAD = "luong.thi.ngan"


@pytest.fixture
def office(engine: Engine, tmp_path: Path) -> Office:
    office = furnish(engine, tmp_path)
    office.launch("4")
    return office


def test_no_difficulty_is_put_to_a_contact_outside_who_is_never_written_to(office: Office) -> None:
    with pytest.raises(Refused, match="cannot answer"):
        office.act(office.task(), "raise-obstacle", HEAD, at(2), note="thiếu số liệu", to="CA-NV")
    assert office.task().wait_kind is None


def test_no_difficulty_is_put_to_a_unit_that_is_closed(office: Office) -> None:
    office.change_unit("VU-PC", is_active=False)
    with pytest.raises(Refused, match="cannot answer"):
        office.act(office.task(), "raise-obstacle", HEAD, at(2), note="thiếu số liệu", to="VU-PC")


def test_where_nobody_is_named_it_goes_to_the_unit_that_follows_the_directive(office: Office) -> None:
    office.act(office.task(), "raise-obstacle", HEAD, at(2), note="thiếu số liệu")
    with reading(office.engine) as session:
        assert session.exec(select(Obstacle)).one().authority_unit_id == office.unit("VU-VT").id


def test_an_authority_of_the_template_that_was_closed_since_is_passed_over(office: Office) -> None:
    with transaction(office.engine) as session:
        assert answering_unit(session, "VU-PC") == office.unit("VU-PC")
    office.change_unit("VU-PC", is_active=False)
    with transaction(office.engine) as session:
        assert answering_unit(session, "VU-PC") is None
        assert answering_unit(session, None) is None
