"""The audit: a line with each deed, kept or lost with it, and never changed afterwards."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Delete, Engine, Update, delete, update
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session, select

from models.database.session import reading, transaction
from models.organization.audit import Audit
from tests.office import furnish
from workflows.access.audit_log import note

NOW = datetime(2026, 11, 25, 3, 0, tzinfo=UTC)


def lines(engine: Engine) -> list[Audit]:
    with reading(engine) as session:
        return list(session.exec(select(Audit)))


def test_a_line_says_who_did_what_to_what_from_where(engine: Engine, tmp_path: Path) -> None:
    person = furnish(engine, tmp_path).person("le.thi.c")
    with transaction(engine) as session:
        note(
            session,
            "unit_changed",
            now=NOW,
            actor_id=person.id,
            about="TCT-T",
            facts={"name": ["cũ", "mới"]},
            address="2001:db8::7",
        )
    (line,) = lines(engine)
    assert (line.recorded_at, line.actor_id, line.action, line.object) == (NOW, person.id, "unit_changed", "TCT-T")
    assert line.facts == {"name": ["cũ", "mới"]} and line.address == "2001:db8::7"


def test_what_is_too_long_for_its_column_is_cut_and_stops_no_deed(session: Session) -> None:
    note(session, "signed_in", now=NOW, about="x" * 300, address="y" * 300)
    line = session.exec(select(Audit)).one()
    assert (len(line.object), len(line.address)) == (200, 64)


def test_a_deed_that_is_taken_back_leaves_no_line(engine: Engine) -> None:
    def fail() -> None:
        with transaction(engine) as session:
            note(session, "settings_changed", now=NOW)
            raise LookupError

    with pytest.raises(LookupError):
        fail()
    assert lines(engine) == []


@pytest.mark.parametrize("change", [update(Audit).values(action="other"), delete(Audit)])
def test_a_line_can_be_neither_changed_nor_deleted(engine: Engine, change: Update | Delete) -> None:
    with transaction(engine) as session:
        note(session, "signed_in", now=NOW)
    with pytest.raises(DBAPIError, match="audit rows stay as they are"), transaction(engine) as session:
        session.execute(change)
    assert [line.action for line in lines(engine)] == ["signed_in"]
