"""What becomes of the parts when something happens to the whole: an incident, its first date, another lead."""

from datetime import date, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlmodel import col, select

from models.database.session import reading
from models.directives.launch import Incident
from models.errors import BadInput, Refused
from models.organization.register_reads import resolve_person
from models.tasks.history import History
from models.tasks.task import DueFixedBy, Task, TaskStatus
from models.text.localtime import due_date, local_date
from tests.office import COORDINATOR, DUE, Office, at, body, furnish
from workflows.access.rights import read_principal
from workflows.launch.incidents.incident_view import list_incidents

pytestmark = pytest.mark.long

LEAD, OF_THE_PART = "duong.trong.nghia", "duong.minh.quan"
OF_THE_PARENT, OF_ANOTHER = "bui.thi.tam", "dinh.ngoc.son"


@pytest.fixture
def office(engine: Engine, tmp_path: Path) -> Office:
    return furnish(engine, tmp_path)


def again(office: Office, task: Task) -> Task:
    with reading(office.engine) as session:
        return session.get_one(Task, task.id)


def last_line(office: Office, task: Task) -> History:
    with reading(office.engine) as session:
        lines = select(History).where(History.task_id == task.id)
        return session.exec(lines.order_by(col(History.recorded_at).desc(), col(History.id).desc()).limit(1)).one()


def handed_on_in_a_drill(office: Office, **given: object) -> Task:
    """Declared for practice at 20:00, 24 hours for it; handed on to a centre ten minutes later."""
    office.launch("2.a")
    office.declare("T-LT", now=at(2, hour=20), is_drill=True)
    whole = office.task("2.a", "T-LT")
    office.act(whole, "cascade", LEAD, at(2, hour=20, minute=10), units=("T-LT-KV1",), **given)
    return office.task("2.a", "T-LT-KV1")


def test_a_part_of_a_drill_is_a_drill_to_whoever_it_is_handed_on_to(office: Office) -> None:
    part = handed_on_in_a_drill(office)
    assert part.is_drill and part.incident_id is not None
    office.tick(at(2, hour=20, minute=11))
    letter = office.sent(OF_THE_PART)[-1]
    assert "DIỄN TẬP" in str(letter["Subject"]) and "DIỄN TẬP" in body(letter)
    assert [one["Subject"] for one in office.sent(OF_THE_PART) if "DIỄN TẬP" not in str(one["Subject"])] == []


def test_a_part_in_an_incident_runs_by_the_hour_at_night_too(office: Office) -> None:
    handed_on_in_a_drill(office)
    for hour, minute in ((20, 11), (21, 11)):
        office.tick(at(2, hour=hour, minute=minute))
    assert len(office.sent(OF_THE_PART)) == 2, "the assignment at once, not accepted an hour later"


def test_the_last_day_of_a_part_in_an_incident_ends_at_the_hour_of_the_whole(office: Office) -> None:
    part = handed_on_in_a_drill(office, due=date(2004, 6, 3))
    assert part.due_at == at(3, hour=20)
    whole = office.task("2.a", "T-LT")
    with pytest.raises(BadInput, match="03/06/2004"):
        office.act(whole, "cascade", LEAD, at(2, hour=21), units=("T-LT-KV2",), due=date(2004, 6, 4))


def test_the_date_of_a_part_moved_to_the_last_day_of_the_whole_ends_with_the_whole(office: Office) -> None:
    part = handed_on_in_a_drill(office, due=date(2004, 6, 2))
    office.act(part, "set-date", LEAD, at(2, hour=21), due=date(2004, 6, 3), note="đủ thời gian")
    assert again(office, part).due_at == at(3, hour=20), "by the hour of the whole"


def test_an_incident_counts_its_tasks_and_takes_their_parts_back_with_them(office: Office) -> None:
    part = handed_on_in_a_drill(office)
    with reading(office.engine) as session:
        incident = session.get_one(Incident, part.incident_id)
        principal = read_principal(session, resolve_person(session, COORDINATOR), at(2).date())
        assert [one.tasks for one in list_incidents(session, principal, incident.directive_id)] == [1]
    assert office.stand_down(incident, at(2, hour=22)) == 1
    assert again(office, part).status is TaskStatus.WITHDRAWN
    office.tick(at(2, hour=22))
    assert "DIỄN TẬP" in str(office.sent(OF_THE_PART)[-1]["Subject"])


def handed_on(office: Office, due: date | None = DUE) -> tuple[Task, Task]:
    """A whole of T-LT and its part at a centre."""
    office.launch("2", due=due)
    whole = office.task("2", "T-LT")
    office.act(whole, "cascade", LEAD, at(1, hour=9), units=("T-LT-KV1",))
    return whole, office.task("2", "T-LT-KV1")


def test_parts_without_a_date_get_the_first_date_of_the_whole(office: Office) -> None:
    whole, part = handed_on(office, due=None)
    assert part.due_at is None
    office.act(whole, "set-date", COORDINATOR, at(2, hour=9), due=DUE)
    dated = again(office, part)
    assert dated.due_at is not None and due_date(dated.due_at) == DUE
    assert (dated.due_fixed_by, dated.original_due_at) == (DueFixedBy.PARENT, dated.due_at)
    line = last_line(office, part)
    assert (line.event, line.facts["due_on"], line.relation) == ("due_set", "2004-06-30", "system")
    office.tick(at(2, hour=14))
    assert ("event:due_set", 0) in office.told(part, OF_THE_PART)


def test_a_closed_part_without_a_date_stays_as_it_is(office: Office) -> None:
    whole, part = handed_on(office, due=None)
    office.act(part, "withdraw", LEAD, at(1, hour=10), note="nhầm")
    office.act(whole, "set-date", COORDINATOR, at(2, hour=9), due=DUE)
    assert again(office, part).due_at is None
    office.act(part, "reopen", LEAD, at(2, hour=10), note="làm tiếp")
    reopened = again(office, part)
    assert reopened.due_at is not None and due_date(reopened.due_at) == DUE


def submit_classified(office: Office, task: Task, by: str, now: datetime) -> None:
    office.act(task, "submit", by, now, number="12/BC", date=local_date(now), signer="Lương Thị Ngân")


def to_the_parent(office: Office) -> tuple[Task, Task]:
    """The lead goes to the corporation, which the part's unit is below as well."""
    whole, part = handed_on(office)
    office.act(whole, "change-lead", COORDINATOR, at(2, hour=9), to="TCT-T", note="đúng chức năng")
    return whole, part


def to_another_enterprise(office: Office) -> tuple[Task, Task]:
    whole, part = handed_on(office)
    office.act(whole, "change-lead", COORDINATOR, at(2, hour=9), to="T-QT", note="đúng chức năng")
    return whole, part


def test_with_another_lead_above_it_a_part_is_that_leads_to_decide_on(office: Office) -> None:
    whole, part = to_the_parent(office)
    handed_over = again(office, part)
    assert handed_over.assigner_unit_id == office.unit("TCT-T").id
    assert handed_over.coordinator_id == office.person(OF_THE_PARENT).id
    submit_classified(office, part, OF_THE_PART, at(3, hour=9))
    with pytest.raises(Refused):
        office.act(part, "approve", LEAD, at(3, hour=10))
    office.act(part, "approve", OF_THE_PARENT, at(3, hour=10))
    submit_classified(office, whole, OF_THE_PARENT, at(3, hour=11))
    assert again(office, whole).status is TaskStatus.SUBMITTED


def test_the_new_lead_and_the_former_are_told_of_the_parts(office: Office) -> None:
    _whole, part = to_the_parent(office)
    line = last_line(office, part)
    assert (line.event, line.relation) == ("coordinator_changed", "system")
    assert line.facts == {"from": office.person(LEAD).id.hex, "to": office.person(OF_THE_PARENT).id.hex}
    office.tick(at(3))
    for person in (OF_THE_PARENT, LEAD):
        assert ("event:coordinator_changed", 0) in office.told(part, person)


def test_a_late_part_is_reported_upward_to_the_new_lead(office: Office) -> None:
    _whole, part = to_the_parent(office)
    office.days(at(1, 7), at(12, 7))
    assert ("pressed_1", 7) in office.told(part, OF_THE_PARENT)
    assert not [rung for rung, _offset in office.told(part, LEAD) if rung.startswith("pressed")]


def test_a_part_that_was_closed_is_the_new_leads_to_reopen(office: Office) -> None:
    whole, part = handed_on(office)
    office.act(part, "withdraw", LEAD, at(1, hour=10), note="nhầm")
    office.act(whole, "change-lead", COORDINATOR, at(2, hour=9), to="TCT-T", note="đúng chức năng")
    office.act(part, "reopen", OF_THE_PARENT, at(2, hour=10), note="vẫn cần")
    assert again(office, part).status is TaskStatus.ASSIGNED


def test_no_enterprise_is_told_how_another_ones_units_stand_because_it_leads_now(office: Office) -> None:
    whole, part = to_another_enterprise(office)
    assert again(office, part).status is TaskStatus.WITHDRAWN
    assert last_line(office, part).relation == "system"
    office.days(at(2, hour=9), at(12, 7))
    assert ("event:withdrawn", 0) in office.told(part, OF_THE_PART)
    assert office.told(part, OF_ANOTHER) == []
    with pytest.raises(Refused, match="another unit now"):
        office.act(part, "reopen", LEAD, at(12, 7, hour=9), note="vẫn cần")
    submit_classified(office, whole, OF_ANOTHER, at(12, 7, hour=10))


def test_who_had_a_part_and_gets_the_whole_has_only_the_whole(office: Office) -> None:
    whole, part = handed_on(office)
    office.act(whole, "change-lead", COORDINATOR, at(2, hour=9), to="T-LT-KV1", note="đúng chức năng")
    assert again(office, part).status is TaskStatus.WITHDRAWN
    submit_classified(office, whole, OF_THE_PART, at(3, hour=9))
