"""The page behind a letter's link: what it shows to whom, in which language, and that it only reads."""

from datetime import date, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import func
from sqlmodel import Session, SQLModel, select

from models.localtime import at_local
from models.person import Person
from models.session import reading
from models.task import Task
from models.unit import Unit
from tests.web.conftest import LAUNCHED, Office
from workflows.rules.lifecycle import Action


def test_the_head_sees_the_duty_quoted_the_date_and_who_follows_it_up(office: Office) -> None:
    task = office.task("2")
    answer = office.get(office.link(task.id, office.head(task).id) + "?lang=en")
    assert answer.status_code == 200
    for words in ("xây dựng phương án hành động", "20 November 2026", "14 working days left", "Not accepted yet",
                  "Send it by classified mail", "Who follows it up"):  # fmt: skip
        assert words in answer.text


def test_the_page_speaks_the_persons_language_unless_another_is_asked_for(office: Office) -> None:
    task = office.task("4")
    head = office.head(task)
    link = office.link(task.id, head.id)
    assert '<html lang="vi">' in office.get(link).text
    assert "20/11/2026" in office.get(link).text
    assert '<html lang="en">' in office.get(link + "?lang=en").text

    def speak_english(session: Session) -> None:
        session.get_one(Person, head.id).language = "en"

    office.change(speak_english)
    assert '<html lang="en">' in office.get(link).text
    assert '<html lang="vi">' in office.get(link + "?lang=vi").text


def test_a_late_task_says_by_how_many_working_days(office: Office) -> None:
    task = office.task("4")
    office.now = at_local(date(2026, 11, 25))  # 24 November is a holiday since 2025
    assert "2 working days late" in office.get(office.link(task.id, office.head(task).id) + "?lang=en").text


def test_a_moved_date_keeps_the_first_one_in_sight_with_the_reason(office: Office) -> None:
    task = office.task("4")
    office.act(task, Action.SET_DATE, task.coordinator_id, LAUNCHED + timedelta(hours=1),
               due=date(2026, 12, 4), note="Chờ số liệu quý III")  # fmt: skip
    text = office.get(office.link(task.id, office.head(task).id) + "?lang=en").text
    assert "4 December 2026" in text
    assert "first set for 20 November 2026" in text
    assert "Chờ số liệu quý III" in text


def test_what_happened_stands_in_order_newest_first(office: Office) -> None:
    task = office.task("4")
    head = office.head(task)
    office.act(task, Action.ACCEPT, head.id, LAUNCHED + timedelta(days=1))
    text = office.get(office.link(task.id, head.id) + "?lang=en").text
    assert "Under way" in text
    assert 0 < text.index("<strong>Accepted</strong>") < text.index("<strong>Assigned to the unit</strong>")


@pytest.mark.parametrize("token", ["", "x", "a" * 60, "%00", "../../etc/passwd"])
def test_a_made_up_link_opens_nothing(office: Office, token: str) -> None:
    answer = office.get(f"/v/{token}")
    assert answer.status_code == 404
    assert "blockquote" not in answer.text


def test_a_link_altered_by_one_letter_opens_nothing(office: Office) -> None:
    task = office.task("4")
    link = office.link(task.id, office.head(task).id)
    forged = link[:-1] + ("A" if link[-1] != "A" else "B")
    elsewhere = link[:10] + ("A" if link[10] != "A" else "B") + link[11:]
    assert [office.get(one).status_code for one in (forged, elsewhere)] == [404, 404]


def test_a_link_to_a_task_that_is_not_there_opens_nothing(office: Office) -> None:
    head = office.head(office.task("4"))
    assert office.get(office.link(uuid4(), head.id)).status_code == 404


def test_a_retired_head_sees_nothing(office: Office) -> None:
    task = office.task("4")
    head = office.head(task)

    def retire(session: Session) -> None:
        session.get_one(Person, head.id).is_active = False

    office.change(retire)
    assert office.get(office.link(task.id, head.id)).status_code == 404


def test_the_head_of_another_unit_sees_neither_date_nor_state_nor_history(office: Office) -> None:
    """A task that went to another lead: the old head's link must not show how the new unit fares."""
    task = office.task("2")
    with reading(office.engine) as session:
        mine = session.get_one(Unit, task.lead_unit_id)
        others = select(Unit).where(Unit.kind == mine.kind, Unit.id != mine.id, Unit.head_id != None)  # noqa: E711
        stranger = next(unit for unit in session.exec(others) if unit.id != mine.parent_id)
        assert stranger.head_id is not None
    text = office.get(office.link(task.id, stranger.head_id) + "?lang=en").text
    assert "no longer with you" in text
    for kept in ("20 November 2026", mine.name, "not accepted", "xây dựng phương án"):
        assert kept not in text


def test_opening_a_link_changes_nothing(office: Office) -> None:
    task = office.task("4")
    link = office.link(task.id, office.head(task).id)

    def rows() -> dict[str, int]:
        with reading(office.engine) as session:
            tables = SQLModel.metadata.tables
            return {
                name: session.scalar(select(func.count()).select_from(table)) or 0 for name, table in tables.items()
            }

    with reading(office.engine) as session:
        revision = session.get_one(Task, task.id).revision
    before = rows()
    office.get(link)
    assert office.reader.ask("HEAD", link).status_code == 200
    assert [office.reader.ask(verb, link).status_code for verb in ("POST", "PUT", "DELETE")] == [405, 405, 405]
    assert rows() == before
    with reading(office.engine) as session:
        assert session.get_one(Task, task.id).revision == revision


def test_a_drill_says_so(office: Office) -> None:
    task = office.task("4")

    def practise(session: Session) -> None:
        session.get_one(Task, task.id).is_drill = True

    office.change(practise)
    assert "DIỄN TẬP" in office.get(office.link(task.id, office.head(task).id)).text
