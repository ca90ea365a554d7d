"""Who follows up what a unit has handed on: whoever holds the office in it now, and not who once acted for it."""

from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlmodel import col, select

from models.database.session import reading, transaction
from models.tasks.history import History
from models.tasks.task import Task
from tests.office import COORDINATOR, Office, at, furnish
from workflows.access.audit_log import AuditActor
from workflows.organization.register.absence import add_absence
from workflows.organization.register.handover import hand_over

pytestmark = pytest.mark.long

HEAD, DEPUTY, OF_THE_PART = "duong.trong.nghia", "ly.gia.huy", "duong.minh.quan"
RESULT = {"number": "12/BC", "date": date(2004, 6, 3)}


@pytest.fixture
def office(engine: Engine, tmp_path: Path) -> Office:
    """T-LT leads item 2."""
    office = furnish(engine, tmp_path)
    office.launch("2")
    return office


def handed_on(office: Office, by: str = HEAD) -> Task:
    whole = office.task("2", "T-LT")
    office.act(whole, "cascade", by, at(1, hour=9), units=("T-LT-KV1",), due=date(2004, 6, 15))
    return part(office)


def part(office: Office) -> Task:
    return office.task("2", "T-LT-KV1")


def replace_head(office: Office, now: int = 2, hour: int = 9) -> None:
    with transaction(office.engine) as session:
        hand_over(
            session,
            unit_code="T-LT",
            office="head",
            to_code=DEPUTY,
            effective_on=date(2004, 6, now),
            now=at(now, hour=hour),
        )


def told(office: Office, person: str) -> set[str]:
    return {rung for rung, _offset in office.told(part(office), person)}


def test_a_new_head_is_asked_for_the_decisions_on_what_the_former_one_handed_on(office: Office) -> None:
    handed_on(office)
    replace_head(office)
    office.act(part(office), "submit", OF_THE_PART, at(3, hour=9), **RESULT)
    office.days(at(3, hour=10), at(9, hour=10))
    assert told(office, HEAD) == set()
    assert told(office, DEPUTY) == {"event:submitted", "decide"}
    assert [one for one in office.notices(part(office)) if one[0] == "undeliverable"] == []


def test_what_waits_to_be_told_to_the_former_head_goes_to_the_new_one(office: Office) -> None:
    office.act(handed_on(office), "submit", OF_THE_PART, at(3, hour=19), **RESULT)
    replace_head(office, now=3, hour=20)
    office.tick(at(4))
    assert (told(office, HEAD), told(office, DEPUTY)) == (set(), {"event:submitted"})


def test_the_history_says_who_follows_it_up_since_the_handover(office: Office) -> None:
    handed_on(office)
    replace_head(office)
    with reading(office.engine) as session:
        lines = select(History).where(History.task_id == part(office).id)
        line = session.exec(lines.order_by(col(History.recorded_at).desc()).limit(1)).one()
    assert (line.event, line.relation) == ("coordinator_changed", "system")
    assert line.facts == {"from": office.person(HEAD).id.hex, "to": office.person(DEPUTY).id.hex}


def test_a_coordinator_who_is_no_head_keeps_following_when_the_head_changes(office: Office) -> None:
    with transaction(office.engine) as session:
        now = at(2, hour=9)
        hand_over(
            session, unit_code="VU-VT", office="head", to_code="ho.thi.mai", effective_on=date(2004, 6, 2), now=now
        )
    assert office.task("2", "T-LT").coordinator_id == office.person(COORDINATOR).id


def test_what_a_stand_in_handed_on_is_the_heads_to_decide_afterwards(office: Office) -> None:
    with transaction(office.engine) as session:
        first, last = date(2004, 6, 1), date(2004, 6, 2)
        add_absence(
            session,
            person_code=HEAD,
            stand_in_code="trinh.ba.toan",
            starts_on=first,
            ends_on=last,
            audit_actor=AuditActor(at(1)),
        )
    handed_on(office, by="trinh.ba.toan")
    office.act(part(office), "submit", OF_THE_PART, at(3, hour=9), **RESULT)
    office.tick(at(4))
    assert (told(office, "trinh.ba.toan"), told(office, HEAD)) == (set(), {"event:submitted"})


def test_a_result_of_a_part_is_put_to_whoever_leads_the_whole_by_the_morning(office: Office) -> None:
    office.act(handed_on(office), "submit", OF_THE_PART, at(3, hour=19), **RESULT)
    office.act(office.task("2", "T-LT"), "change-lead", COORDINATOR, at(3, hour=20), to="TCT-T", note="chuyển")
    office.tick(at(4))
    assert "event:submitted" not in told(office, HEAD)
    assert {"event:submitted", "event:coordinator_changed"} <= told(office, "bui.thi.tam")
