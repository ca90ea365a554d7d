"""Rankings: nobody is shown any before a leader of the issuer's office approves it, and never a unit."""

import re
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import text as sql
from sqlalchemy.exc import IntegrityError
from sqlmodel import select

from models.database.session import reading
from models.organization.audit import Audit
from models.organization.person import Absence
from models.organization.register_reads import resolve_person
from models.reports.ranking import RankingApproval
from tests.web.api.conftest import Program, program
from tests.web.conftest import LAUNCHED, Office
from tests.web.ranked import give_tasks

__all__ = ["program"]
DATABASES = ("sqlite", "postgresql")

LEADER, DEPUTY, STAFF = "tran.duc.thinh", "pham.thi.hanh", "hoang.quoc.bao"  # of the issuer's office
COORDINATOR, COORDINATING_HEAD, OBSERVER = "le.thi.c", "le.thi.d", "nguyen.minh.quan"
RANKINGS = "/scorecards/rankings"
NOVEMBER = {"period": "2026-11", "office": "VP", "directive": "", "cutoff": "", "note": "Hội nghị giao ban"}


@pytest.fixture
def december(office: Office) -> Office:
    office.now = LAUNCHED + timedelta(days=31)
    return office


def address(answer: Any) -> str:
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


def test_before_an_approval_there_is_no_ranking_for_anybody(december: Office) -> None:
    for who in (LEADER, COORDINATOR, OBSERVER):
        page = december.sign_in(who).get(f"{RANKINGS}?lang=en").text
        assert "No ranking is approved" in page
    assert "order=" not in december.sign_in(OBSERVER).get("/scorecards").text


@pytest.mark.parametrize("who", [COORDINATOR, COORDINATING_HEAD, STAFF])
def test_only_a_leader_of_the_issuers_office_approves(december: Office, who: str) -> None:
    """Not the coordinator, not the head of the coordinating unit, not the office's own staff."""
    reader = december.sign_in(who)
    assert "Approve publishing" not in reader.get(f"{RANKINGS}?lang=en").text
    leader_form = december.sign_in(who).send("/account", RANKINGS, **NOVEMBER)
    assert leader_form.status_code == 403
    with reading(december.engine) as session:
        assert session.exec(select(RankingApproval)).all() == []


def test_a_stand_in_does_not_approve_in_the_leaders_place(december: Office) -> None:
    def away(session: Any) -> None:
        first, last = date(2026, 12, 1), date(2026, 12, 31)
        ids = [resolve_person(session, code).id for code in (LEADER, "le.thi.d")]
        session.add(Absence(person_id=ids[0], stand_in_id=ids[1], starts_on=first, ends_on=last))

    december.change(away)
    assert december.sign_in("le.thi.d").send("/account", RANKINGS, **NOVEMBER).status_code == 403


@pytest.mark.parametrize("who", [LEADER, DEPUTY])
def test_an_approval_is_recorded_shown_and_withdrawn(december: Office, who: str) -> None:
    leader = december.sign_in(who)
    shown = address(leader.send(RANKINGS, **NOVEMBER))
    page = leader.get(f"{shown}?lang=en").text
    assert "Hội nghị giao ban" in page and "approved by" in page.lower()
    assert "Too few tasks to be ranked" in page and "To be fair" in page
    assert december.sign_in(OBSERVER).get(shown).status_code == 200
    again = leader.send(RANKINGS, **NOVEMBER)
    assert again.status_code == 409
    assert leader.send(shown, f"{shown}/withdraw").status_code == 303
    assert {december.sign_in(one).get(shown).status_code for one in (LEADER, OBSERVER)} == {404}
    assert leader.send(RANKINGS, f"{shown}/withdraw").status_code == 409
    with reading(december.engine) as session:
        rows = session.exec(select(Audit).where(Audit.action.in_(["ranking_approved", "ranking_withdrawn"]))).all()  # type: ignore[attr-defined]
        assert sorted((row.action, row.object, row.facts["period"]) for row in rows) == [
            ("ranking_approved", "VP", "2026-11"),
            ("ranking_withdrawn", "VP", "2026-11"),
        ]
        assert all(row.actor_id == resolve_person(session, who).id for row in rows)
    assert leader.send(RANKINGS, **NOVEMBER).status_code == 303, "what was withdrawn may be approved anew"


def test_who_sees_a_part_sees_no_ranking_of_it_and_a_unit_never_does(december: Office) -> None:
    whole = address(december.sign_in(LEADER).send(RANKINGS, **NOVEMBER))
    of_one = address(december.sign_in(LEADER).send(RANKINGS, **NOVEMBER | {"directive": "ct-06-2004"}))
    assert december.sign_in(COORDINATOR).get(of_one).status_code == 200, "their own directive, of which they see all"
    assert december.sign_in(COORDINATOR).get(whole).status_code == 404
    for who in ("ly.ngoc.anh", "tran.manh.cuong", "ho.anh.kiet", "luong.thi.ngan"):
        reader = december.sign_in(who)
        assert {reader.get(path).status_code for path in (whole, of_one)} <= {403, 404}
        assert whole not in reader.get(RANKINGS).text


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"period": "2026-12"}, "not over at the cut-off"),
        ({"cutoff": "2026-12-03"}, "not over yet"),
        ({"cutoff": "2026-11-29"}, "not over at the cut-off"),
        ({"period": ""}, "choose one that is over"),
        ({"period": "2026-13"}, "2026-13"),
    ],
)
def test_what_is_not_over_cannot_be_approved(december: Office, given: dict[str, str], words: str) -> None:
    answer = december.sign_in(LEADER).send(f"{RANKINGS}?lang=en", RANKINGS, **NOVEMBER | given)
    assert answer.status_code == 422 and words in answer.text


def test_the_database_keeps_an_approval_as_it_was_given(december: Office) -> None:
    december.sign_in(LEADER).send(RANKINGS, **NOVEMBER)
    for statement in (
        "DELETE FROM ranking_approval",
        "UPDATE ranking_approval SET cutoff = '2026-12-01'",
        "UPDATE ranking_approval SET note = 'x'",
        "UPDATE ranking_approval SET withdrawn_at = '2026-12-02'",
        "INSERT INTO ranking_approval SELECT * FROM ranking_approval",
    ):
        with pytest.raises(IntegrityError):
            december.change(lambda session, statement=statement: session.execute(sql(statement)))  # type: ignore[misc]


def test_a_program_does_the_same(december: Office, program: Any) -> None:
    leader: Program = program(LEADER)
    assert program(COORDINATOR).post("/rankings", {"period": "2026-11"}).status_code == 403
    made = leader.post("/rankings", {"period": "2026-11", "note": "Hội nghị"}).json()
    assert (made["period"], made["cutoff"], made["directive"]) == ("2026-11", "2026-12-02", None)
    told = program(OBSERVER).get(f"/rankings/{made['id']}").json()
    assert {unit["place"] for unit in told["units"]} == {None} and told["notes"] and told["formula"]
    assert [one["id"] for one in program(OBSERVER).get("/rankings").json()] == [made["id"]]
    assert program(OBSERVER).ask("DELETE", f"/rankings/{made['id']}").status_code == 403
    assert leader.ask("DELETE", f"/rankings/{made['id']}").status_code == 204
    assert program(OBSERVER).get("/rankings").json() == []


def test_equal_rates_share_a_place_and_few_tasks_have_none(december: Office, program: Any) -> None:
    """Five more tasks each for two units, all overdue: both are first among their kind, the rest is not ranked."""
    give_tasks(december, {"VIETTEL": 5, "FPT": 5, "ETC": 3})
    leader: Program = program(LEADER)
    made = leader.post("/rankings", {"period": "2026-11"}).json()
    told = leader.get(f"/rankings/{made['id']}").json()["units"]
    placed = {unit["code"]: unit["place"] for unit in told if unit["place"] is not None}
    assert placed == {"VIETTEL": 1, "FPT": 1}
    names = [unit["code"] for unit in told if unit["kind"] == "enterprise"]
    assert set(names[:2]) == {"VIETTEL", "FPT"}
    page = december.sign_in(LEADER).get(f"{RANKINGS}/{made['id']}").text
    assert len(re.findall(r'<th scope="row">1\. ', page)) == 2
