"""An act of administration leaves exactly one line of the audit, by whichever page or call it is done."""

from collections.abc import Callable
from datetime import date

import pytest
from sqlmodel import col, select

from models.database.session import reading
from models.organization.audit import Audit
from models.organization.person import Absence
from tests.web.api.programs import Make
from tests.web.site import Office

ADMINISTRATOR, HEAD, STAND_IN = "dang.thu.thuy", "le.thi.d", "bui.cong.hoan"
DAYS = {"starts_on": "2026-11-03", "ends_on": "2026-11-10"}
Do = Callable[[Office, Make], int]


def actions(office: Office) -> list[str]:
    """What was done, but for signing in and the token that a test needs."""
    with reading(office.engine) as session:
        found = session.exec(select(Audit.action).order_by(col(Audit.id)))
        return [one for one in found if one not in ("signed_in", "token_made")]


def absence_by_page(office: Office, _program: Make) -> int:
    form = {"stand_in": STAND_IN, "reason": "", **DAYS}
    page = f"/admin/people/{HEAD}"
    return office.sign_in(ADMINISTRATOR).send(page, f"{page}/absences", **form).status_code


def absence_by_call(office: Office, program: Make) -> int:
    body = {"person": HEAD, "stand_in": STAND_IN, **DAYS}
    return program(ADMINISTRATOR).post("/absences", body).status_code


def letter_of_mail(office: Office, _program: Make) -> int:
    return office.sign_in(ADMINISTRATOR).send("/admin/mail", "/admin/mail/test").status_code


def letter_of_a_template(office: Office, _program: Make) -> int:
    page = "/admin/templates/ct-06-2004/4/1/letter"
    return office.sign_in(ADMINISTRATOR).send(page, rung="assigned").status_code


@pytest.mark.parametrize(
    ("do", "action"),
    [
        (absence_by_page, "absence_recorded"),
        (absence_by_call, "absence_recorded"),
        (letter_of_mail, "test_letter_sent"),
        (letter_of_a_template, "test_letter_sent"),
    ],
)
def test_an_act_leaves_one_line_whoever_calls(office: Office, program: Make, do: Do, action: str) -> None:
    before = len(actions(office))
    assert do(office, program) < 400
    assert actions(office)[before:] == [action]


@pytest.mark.parametrize("way", ["page", "call"])
def test_ending_an_absence_leaves_one_line(office: Office, program: Make, way: str) -> None:
    absence_by_page(office, program)
    with reading(office.engine) as session:
        absence = session.exec(select(Absence).where(Absence.starts_on == date(2026, 11, 3))).one()
    before = len(actions(office))
    page = f"/admin/people/{HEAD}"
    if way == "page":
        done = office.sign_in(ADMINISTRATOR).send(page, f"{page}/absences/{absence.id.hex}/end")
    else:
        done = program(ADMINISTRATOR).ask("DELETE", f"/absences/{absence.id}")
    assert done.status_code in (204, 303)
    assert actions(office)[before:] == ["absence_ended"]
