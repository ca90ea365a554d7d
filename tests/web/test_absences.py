"""One's own absences: recorded, acted on by the stand-in, ended early; nobody else's."""

from datetime import date, timedelta

import pytest
from sqlmodel import col, select

from models.database.session import reading
from models.organization.audit import Audit
from models.organization.person import Absence, Person
from models.tasks.task import Task, TaskStatus
from models.text.localtime import at_local
from tests.web.site import LAUNCHED, Office, Reader


@pytest.fixture
def colleague(office: Office) -> Person:
    """Somebody of the unit that leads the task of row 4."""
    task = office.task("4")
    person = Person(
        code="an",
        full_name="Lê An",
        name_folded="le an",
        sort_key="an",
        unit_id=task.lead_unit_id,
        email="an@mpt.example",
    )
    office.change(lambda session: session.add(person.model_copy()))
    return person


def head(office: Office) -> Reader:
    return office.sign_in(office.head(office.task("4")).code)


def absences(office: Office) -> list[tuple[date, date]]:
    with reading(office.engine) as session:
        return [(one.starts_on, one.ends_on) for one in session.exec(select(Absence).order_by(col(Absence.starts_on)))]


def test_a_head_names_a_stand_in_who_then_acts(office: Office, colleague: Person) -> None:
    reader, task = head(office), office.task("4")
    answer = reader.send("/absences", starts_on="2026-11-03", ends_on="10/11/2026", stand_in="an", reason="công tác")
    page = reader.follow(answer)
    assert "03/11/2026" in page.text and "Lê An" in page.text
    stand_in = office.sign_in("an")
    assert task.id.hex not in stand_in.get("/work").text
    office.now = at_local(date(2026, 11, 4))
    stand_in = office.sign_in("an")
    assert task.id.hex in stand_in.get("/work").text
    assert stand_in.send(f"/tasks/{task.id.hex}/accept").status_code == 303
    assert office.task("4").status is TaskStatus.ACCEPTED
    with reading(office.engine) as session:
        assert session.exec(select(Audit.action)).all().count("absence_recorded") == 1
        assert session.get_one(Task, task.id).accepted_at is not None


def test_who_is_back_early_acts_again_and_the_stand_in_no_more(office: Office, colleague: Person) -> None:
    reader = head(office)
    reader.send("/absences", starts_on="2026-11-02", ends_on="2026-11-20", stand_in="an")
    office.now = LAUNCHED + timedelta(days=3)
    with reading(office.engine) as session:
        absence = session.exec(select(Absence)).one()
    back = head(office)
    assert "Lê An" in back.get("/work").text
    assert back.send("/absences", f"/absences/{absence.id.hex}/end").status_code == 303
    assert absences(office) == [(date(2026, 11, 2), date(2026, 11, 4))]
    assert office.task("4").id.hex not in office.sign_in("an").get("/work").text
    assert back.send("/absences", f"/absences/{absence.id.hex}/end").status_code == 409


def test_an_absence_to_come_can_be_taken_back(office: Office, colleague: Person) -> None:
    reader = head(office)
    reader.send("/absences", starts_on="2026-12-01", ends_on="2026-12-04", stand_in="an")
    with reading(office.engine) as session:
        absence = session.exec(select(Absence)).one()
    assert reader.send("/absences", f"/absences/{absence.id.hex}/end").status_code == 303
    assert absences(office) == []


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"ends_on": "2026-11-01"}, "lies before"),
        ({"starts_on": "2026-10-30"}, "the day is past"),
        ({"starts_on": "tomorrow"}, "not a day of the calendar"),
        ({"stand_in": ""}, "choose who acts"),
        ({"stand_in": "le.thi.c"}, "somebody of your own unit"),
        ({"stand_in": "nobody"}, "there is no person"),
    ],
)
def test_what_cannot_be_recorded_says_why_and_keeps_what_was_typed(
    office: Office, colleague: Person, given: dict[str, str], words: str
) -> None:
    right = {"starts_on": "2026-11-03", "ends_on": "2026-11-10", "stand_in": "an", "reason": "đi công tác"}
    answer = head(office).send("/absences?lang=en", **right | given)
    assert answer.status_code in (404, 422)
    assert words in answer.text.lower()
    assert "đi công tác" in answer.text
    assert absences(office) == []


def test_a_second_absence_in_the_same_days_names_the_person_not_their_code(office: Office, colleague: Person) -> None:
    reader = head(office)
    reader.send("/absences", starts_on="05/11/2026", ends_on="10-11-2026", stand_in="an")
    again = reader.send("/absences", starts_on="2026-11-09", ends_on="2026-11-12", stand_in="an")
    assert again.status_code == 409
    assert f"{office.head(office.task('4')).full_name} đã vắng mặt từ 05/11/2026 đến 10/11/2026" in again.text


def test_nobody_ends_anothers_absence(office: Office, colleague: Person) -> None:
    head(office).send("/absences", starts_on="2026-11-03", ends_on="2026-11-10", stand_in="an")
    with reading(office.engine) as session:
        absence = session.exec(select(Absence)).one()
    for who in ("an", "le.thi.c"):
        assert office.sign_in(who).send("/absences", f"/absences/{absence.id.hex}/end").status_code == 404
    assert absences(office) == [(date(2026, 11, 3), date(2026, 11, 10))]
    assert "You stand in for" in office.sign_in("an").get("/absences?lang=en").text
