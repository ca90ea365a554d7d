"""Two people of one name, in two enterprises: what is kept of one, or erased, is nothing of the other's."""

import json
import zipfile
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlmodel import col, select

from models.database.session import reading, transaction
from models.organization.register_reads import resolve_person
from models.tasks.history import History, HistoryNote
from models.tasks.task import TelephoneNote
from tests.office import COORDINATOR, Office, at, furnish
from workflows.access.audit_log import AuditActor
from workflows.operations.personal.erase import erase_person
from workflows.operations.personal.export_person import export_person
from workflows.organization.register.editing import add_person
from workflows.organization.register.retirement import retire_person

NAME, CODE, OTHER = "Lương Thị Ngân", "luong.thi.ngan", "ngan.fpt"


@pytest.fixture
def office(engine: Engine, tmp_path: Path) -> Office:
    """The head of VU-KHTC has signed a result and answered the telephone; CTY-M has somebody of the same name."""
    office = furnish(engine, tmp_path)
    office.launch("4")
    task = office.task("4")
    office.act(task, "accept", CODE, at(2))
    office.act(task, "telephone", COORDINATOR, at(2, hour=9), answered_by=NAME, note="sẽ gửi trong tuần")
    office.act(
        task, "submit", CODE, at(3), number="12/BC", date=date(2004, 6, 3), subject="Chuyện riêng của Vụ", signer=NAME
    )
    with transaction(engine) as session:
        add_person(
            session, {"full_name": NAME, "code": OTHER, "email": "n@cty-m.example", "unit": "CTY-M"}, AuditActor(at(1))
        )
    return office


def taken(office: Office, code: str, path: Path) -> dict[str, list[dict[str, object]]]:
    with reading(office.engine) as session:
        person = resolve_person(session, code)
    export_person(office.engine, person, path, now=at(4))
    with zipfile.ZipFile(path) as packed:
        return {name: json.loads(packed.read(f"{name}.json")) for name in ("result", "telephone_note")}


def test_what_is_kept_of_somebody_holds_nothing_that_a_namesake_signed_or_answered(
    office: Office, tmp_path: Path
) -> None:
    assert taken(office, OTHER, tmp_path / "other.zip") == {"result": [], "telephone_note": []}
    own = taken(office, CODE, tmp_path / "own.zip")
    assert own["result"][0]["subject"] == "Chuyện riêng của Vụ" and len(own["telephone_note"]) == 1


def test_erasing_somebody_leaves_a_namesakes_words_alone(office: Office, tmp_path: Path) -> None:
    with transaction(office.engine) as session:
        retire_person(session, OTHER, at(4))
        erase_person(session, resolve_person(session, OTHER), AuditActor(at(5)), folder=None)
    with reading(office.engine) as session:
        assert session.scalars(select(TelephoneNote.answered_by)).one() == NAME
        told = select(HistoryNote.text).join(History, col(History.id) == col(HistoryNote.history_id))
        assert any(text.startswith(NAME) for text in session.scalars(told.where(History.event == "telephone")))
