"""Single edits of the register keep the rules that an import keeps, and leave a line in the audit."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlmodel import Session, col, select

from models.errors import BadFields, BadInput, BadRows, Refused
from models.organization.audit import Audit
from models.organization.person import Absence, Person, Role
from models.organization.register_reads import resolve_person, resolve_unit
from models.organization.unit import Handover, Unit, UnitAlias
from models.text.vietnamese import person_sort_key
from workflows.access.audit_log import AuditActor
from workflows.launch.launch_plan import default_coordinator
from workflows.launch.launch_tasks import launch
from workflows.organization.register.absence import add_absence, end_absence
from workflows.organization.register.editing import (
    add_person,
    add_unit,
    add_unit_with_head,
    change_person,
    change_unit,
    row_digest,
)
from workflows.organization.register.handover import hand_over
from workflows.organization.register.retirement import leave_vacant, retire_person, trust_address
from workflows.organization.register.roles import give_role, take_role
from workflows.organization.register.spreadsheet.import_register import import_register, open_register
from workflows.organization.register.spreadsheet.merged import stored_register
from workflows.organization.working_calendar import load_calendar
from workflows.templates.packs import bundled_pack, import_directive
from workflows.templates.publish import publish_all

DEMO = Path(__file__).parents[2] / "workflows" / "directives" / "ct-06-2004" / "register"
NOW = datetime(2026, 11, 2, 1, tzinfo=UTC)
TODAY = date(2026, 11, 2)
HAND = AuditActor(NOW, address="192.0.2.7")


@pytest.fixture
def register(session: Session) -> Session:
    import_register(session, open_register(units=DEMO / "units.csv", people=DEMO / "people.csv"), now=NOW)
    return session


def deeds(session: Session) -> list[str]:
    """What the audit has beside the import that every test begins with."""
    return list(session.exec(select(Audit.action).order_by(col(Audit.id))))[1:]


def last_line(session: Session) -> Audit:
    return session.exec(select(Audit).order_by(Audit.id.desc())).first() or pytest.fail("no line in the audit")  # type: ignore[attr-defined]


def test_a_unit_is_added_with_all_that_a_form_gives(register: Session) -> None:
    cells = {
        "code": "SAIGONTEL",
        "name": "Công ty Viễn thông Sài Gòn",
        "kind": "enterprise",
        "tags": "telecom|internet",
        "aliases": "SGT|Saigontel",
        "supervising_unit": "Vụ Viễn thông",
        "email": "vp@sgt.example",
        "is_active": "yes",
    }
    add_unit(register, cells, HAND)
    unit = resolve_unit(register, "saigontel")
    assert unit.supervising_unit_id == resolve_unit(register, "VU-VT").id
    assert resolve_unit(register, "SGT") == unit
    line = last_line(register)
    assert (line.action, line.object, line.address) == ("unit_added", "SAIGONTEL", "192.0.2.7")
    assert line.facts["tags"] == [None, ["internet", "telecom"]]


def test_what_a_form_leaves_out_stays_as_it_is(register: Session) -> None:
    before = resolve_unit(register, "CTY-H").name
    change_unit(register, "CTY-H", {"phone": "028 1234"}, HAND)
    unit = resolve_unit(register, "CTY-H")
    assert (unit.name, unit.phone) == (before, "028 1234")
    assert last_line(register).facts == {"phone": ["(08) 000 0214", "028 1234"]}


def test_an_edit_that_changes_nothing_leaves_no_line(register: Session) -> None:
    change_unit(register, "CTY-H", {"name": resolve_unit(register, "CTY-H").name}, HAND)
    assert deeds(register) == []


@pytest.mark.parametrize(
    ("cells", "field"),
    [
        ({"name": ""}, "name"),
        ({"kind": "castle"}, "kind"),
        ({"email": "no address"}, "email"),
        ({"parent": "CTY-H"}, "parent"),
        ({"supervising_unit": "VU-XX"}, "supervising_unit"),
        ({"aliases": "Vụ Viễn thông"}, "aliases"),
        ({"kind": "police", "is_outside": "no"}, "is_outside"),
        ({"tags": "bưu chính viễn thông"}, "tags"),
        ({"phone": "1\n2"}, "phone"),
    ],
)
def test_a_wrong_field_is_told_by_its_label_and_nothing_is_written(
    register: Session, cells: dict[str, str], field: str
) -> None:
    with pytest.raises(BadFields) as caught:
        change_unit(register, "CTY-H", cells, HAND)
    assert list(caught.value.fields) == [field]
    assert ", row" not in caught.value.tell("en") and ", dòng" not in caught.value.tell("vi")
    assert deeds(register) == []


def test_several_faults_are_told_at_once(register: Session) -> None:
    with pytest.raises(BadFields) as caught:
        add_unit(register, {"code": "ă", "name": "", "kind": ""}, HAND)
    assert set(caught.value.fields) == {"code", "name", "kind"}
    assert "Mã: " in caught.value.tell("vi")


def test_a_code_that_is_taken_is_told_with_whose_it_is(register: Session) -> None:
    with pytest.raises(BadFields, match="Vụ Viễn thông"):
        add_unit(register, {"code": "VU-VT", "name": "Vụ Mới", "kind": "department"}, HAND)
    with pytest.raises(BadFields, match="only in capitals"):
        add_unit(register, {"code": "vu-vt", "name": "Vụ Mới", "kind": "department"}, HAND)


@pytest.mark.parametrize(
    ("name", "parent"), [("Vụ  viễn thông", "BO"), ("BỘ BƯU CHÍNH, VIỄN THÔNG", "BO"), ("Bộ Bưu chính, Viễn thông", "")]
)
def test_a_unit_is_not_called_as_one_beside_or_above_it(register: Session, name: str, parent: str) -> None:
    cells = {"code": "MOI", "name": name, "kind": "other", "parent": parent}
    with pytest.raises(BadFields, match="already the name of unit") as caught:
        add_unit(register, cells, HAND)
    assert list(caught.value.fields) == ["name"]
    add_unit(register, cells | {"name": "Đơn vị mới"}, HAND)
    with pytest.raises(BadFields, match="already the name of unit"):
        change_unit(register, "MOI", {"name": name}, HAND)


def test_units_elsewhere_or_retired_may_share_a_name(register: Session) -> None:
    cells = {"name": "Phòng Kế hoạch", "kind": "other"}
    add_unit(register, cells | {"code": "P1", "parent": "VU-VT"}, HAND)
    add_unit(register, cells | {"code": "P2", "parent": "VU-BC"}, HAND)
    change_unit(register, "P1", {"is_active": "no"}, HAND)
    add_unit(register, cells | {"code": "P3", "parent": "VU-VT"}, HAND)
    with pytest.raises(BadFields, match="P3"):
        change_unit(register, "P1", {"is_active": "yes"}, HAND)
    change_unit(register, "P2", {"phone": "1"}, HAND)


def test_a_new_unit_gets_its_head_at_once(register: Session) -> None:
    cells = {"code": "MOI", "name": "Đơn vị mới", "kind": "other"}
    add_unit_with_head(register, cells, {"head_name": "Trần Văn Mới", "head_email": "moi@mpt.example"}, HAND)
    unit, head = resolve_unit(register, "MOI"), resolve_person(register, "tran.van.moi")
    assert (unit.head_id, head.unit_id, head.email) == (head.id, unit.id, "moi@mpt.example")
    handover = register.exec(select(Handover)).one()
    assert (handover.office, handover.to_person_id, handover.effective_on) == ("head", head.id, TODAY)
    add_unit_with_head(register, cells | {"code": "HAI", "name": "Đơn vị hai"}, {"head": "Ngô Văn Lộc"}, HAND)
    assert resolve_unit(register, "HAI").head_id == resolve_person(register, "ngo.van.loc").id
    add_unit_with_head(register, cells | {"code": "BA", "name": "Đơn vị ba"}, {"head": " ", "head_name": ""}, HAND)
    assert resolve_unit(register, "BA").head_id is None


@pytest.mark.parametrize(
    ("head", "fields"),
    [
        ({"head": "le.thi.c", "head_name": "Trần Văn Mới"}, ["head"]),
        ({"head_email": "moi@mpt.example"}, ["head_name"]),
        ({"head_name": "Trần Văn Mới", "head_email": "moi"}, ["head_email"]),
    ],
)
def test_a_wrong_head_is_told_by_its_field(register: Session, head: dict[str, str], fields: list[str]) -> None:
    with pytest.raises(BadFields) as caught:
        add_unit_with_head(register, {"code": "MOI", "name": "Đơn vị mới", "kind": "other"}, head, HAND)
    assert list(caught.value.fields) == fields
    assert all(one.strip() for one in caught.value.tell("vi").splitlines())


def test_a_head_whose_code_is_nearly_taken_is_told_at_the_name(register: Session) -> None:
    add_person(register, {"code": "Tran.Van.Moi", "full_name": "Trần Văn Mới"}, HAND)
    with pytest.raises(BadFields, match="only in capitals") as caught:
        add_unit_with_head(
            register, {"code": "MOI", "name": "Đơn vị mới", "kind": "other"}, {"head_name": "Trần Văn Mới"}, HAND
        )
    assert list(caught.value.fields) == ["head_name"]


def test_an_edit_upon_what_is_no_longer_so_is_refused(register: Session) -> None:
    seen = row_digest(stored_register(register).units["CTY-H"].after)
    change_unit(register, "CTY-H", {"phone": "1"}, HAND, seen=seen)
    with pytest.raises(Refused, match="somebody else"):
        change_unit(register, "CTY-H", {"phone": "2"}, HAND, seen=seen)


def test_a_person_gets_a_code_of_their_name_that_nobody_has(register: Session) -> None:
    for code in ("do.thi.thu.ha", "do.thi.thu.ha2"):
        assert add_person(register, {"full_name": "Đỗ Thị Thu Hà", "unit": "CTY-H"}, HAND).code == code
    assert resolve_person(register, "do.thi.thu.ha2").sort_key == person_sort_key("Đỗ Thị Thu Hà")


def test_an_edited_address_may_be_written_to_again_and_the_same_one_by_hand(register: Session) -> None:
    person = resolve_person(register, "le.thi.c")
    person.email_refused_at = NOW
    register.flush()
    change_person(register, "le.thi.c", {"title": "Chuyên viên chính"}, HAND)
    assert resolve_person(register, "le.thi.c").email_refused_at == NOW
    trust_address(register, "le.thi.c", HAND)
    assert resolve_person(register, "le.thi.c").email_refused_at is None
    with pytest.raises(Refused):
        trust_address(register, "le.thi.c", HAND)


def test_roles_are_given_and_taken_back(register: Session) -> None:
    give_role(register, "le.thi.c", "observer", "Vụ Viễn thông", HAND)
    with pytest.raises(Refused):
        give_role(register, "le.thi.c", "observer", "VU-VT", HAND)
    take_role(register, "le.thi.c", "observer", "VU-VT", HAND)
    with pytest.raises(Refused):
        take_role(register, "le.thi.c", "observer", "VU-VT", HAND)
    with pytest.raises(BadInput):
        give_role(register, "le.thi.c", "king", "VU-VT", HAND)
    assert deeds(register) == ["person_changed", "person_changed"]


def test_the_last_administrator_stays(register: Session, tmp_path: Path) -> None:
    with pytest.raises(Refused, match="last administrator"):
        retire_person(register, "dang.thu.thuy", NOW)
    with pytest.raises(BadFields, match="last administrator"):
        take_role(register, "dang.thu.thuy", Role.ADMINISTRATOR, "VP", HAND)
    path = tmp_path / "people.csv"
    path.write_text("code,is_active\ndang.thu.thuy,no\n", encoding="utf-8")
    with pytest.raises(BadRows):
        import_register(register, open_register(people=path), now=NOW)
    give_role(register, "le.thi.c", Role.ADMINISTRATOR, "VP", HAND)
    retire_person(register, "dang.thu.thuy", NOW, HAND)
    assert not resolve_person(register, "dang.thu.thuy").is_active
    assert last_line(register).action == "person_retired"


def test_a_unit_with_open_tasks_does_not_retire_and_keeps_its_head(register: Session) -> None:
    directive = import_directive(register, bundled_pack("ct-06-2004"), now=NOW).directive
    publish_all(register, directive.id, now=NOW)
    coordinator = default_coordinator(register, directive)
    launch(
        register,
        directive,
        on=NOW,
        coordinator_id=coordinator,
        calendar=load_calendar(register),
        paths=["4"],
        due_on=TODAY + timedelta(days=18),
        override=True,
    )
    with pytest.raises(BadFields, match="leads 1 open task"):
        change_unit(register, "VU-KHTC", {"is_active": "no"}, HAND)
    with pytest.raises(Refused, match="a head is needed"):
        leave_vacant(register, "VU-KHTC", "head", HAND)
    change_unit(register, "CTY-H", {"is_active": "no"}, HAND)
    assert not resolve_unit(register, "CTY-H").is_active


def test_an_office_is_left_vacant_and_handed_over_with_a_line(register: Session) -> None:
    hand_over(
        register,
        unit_code="CTY-H",
        office="focal_point",
        to_code=_officer(register, "CTY-H"),
        effective_on=TODAY,
        now=NOW,
        audit_actor=HAND,
    )
    assert last_line(register).action == "office_handed_over"
    leave_vacant(register, "CTY-H", "focal_point", HAND)
    assert resolve_unit(register, "CTY-H").focal_point_id is None
    with pytest.raises(Refused, match="nothing to change"):
        leave_vacant(register, "CTY-H", "focal_point", HAND)


def _officer(session: Session, unit: str) -> str:
    return add_person(session, {"full_name": "Trần Thị Mơ", "unit": unit}, HAND).code


def test_somebody_comes_back_early_and_what_has_been_stays(register: Session) -> None:
    def away(first: date, last: date) -> Absence:
        return add_absence(
            register,
            person_code="le.thi.c",
            stand_in_code="ngo.van.loc",
            starts_on=first,
            ends_on=last,
            audit_actor=AuditActor(NOW),
        )

    running = away(TODAY - timedelta(days=2), TODAY + timedelta(days=5))
    assert end_absence(register, running.id, audit_actor=AuditActor(NOW)).ends_on == TODAY - timedelta(days=1)
    with pytest.raises(Refused, match="stays recorded"):
        end_absence(register, running.id, audit_actor=AuditActor(NOW))
    coming = away(TODAY + timedelta(days=9), TODAY + timedelta(days=9))
    end_absence(register, coming.id, audit_actor=AuditActor(NOW))
    assert register.get(Absence, coming.id) is None


def test_a_name_typed_by_hand_finds_its_unit(register: Session) -> None:
    add_person(register, {"full_name": "Lý Thị Na", "unit": "vu buu chinh"}, HAND)
    found = register.exec(select(Person).where(Person.code == "ly.thi.na")).one()
    assert found.unit_id == register.exec(select(Unit.id).where(Unit.code == "VU-BC")).one()
    assert register.exec(select(UnitAlias)).first() is not None
