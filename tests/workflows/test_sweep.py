"""From the ladder's decisions to notices: who is told in which role, of what, once."""

from datetime import date, timedelta
from pathlib import Path
from threading import Thread

import pytest
from sqlalchemy import Engine, select, text, update
from sqlalchemy.exc import OperationalError
from sqlmodel import Session, col

from models.database.session import reading, transaction
from models.directives.directive import Directive, Urgency
from models.letters.letter import LetterKind, LetterState, NoticeState
from models.organization.person import Absence
from models.tasks.task import Task
from models.text.localtime import at_local
from tests.office import ON, Office, at, body, furnish
from workflows.escalation.sweep import sweep, sweep_batch

HEAD, DEPUTY, FOCAL = "luong.thi.ngan", "ta.ba.toan", "phan.ngoc.son"  # of Vụ Kế hoạch – Tài chính
COORDINATOR, SUPERVISOR = "le.thi.c", "le.thi.d"  # of Vụ Viễn thông
OFFICE_HEAD = "tran.duc.thinh"  # Văn phòng Bộ


@pytest.fixture
def office(engine: Engine, tmp_path: Path) -> Office:
    return furnish(engine, tmp_path)


def swept(office: Office, *moments: object) -> None:
    for now in moments:
        sweep(office.engine, now=now, calendar=office.calendar)  # type: ignore[arg-type]


def told(office: Office, path: str = "4", unit: str | None = None) -> set[tuple[str, int, str]]:
    notices = office.notices(office.task(path, unit), NoticeState.PENDING, NoticeState.SENT)
    return {(rung, offset, person) for rung, offset, person, _state in notices}


def absent(office: Office, who: str, stand_in: str, first: date, last: date) -> None:
    with transaction(office.engine) as session:
        person_id, stand_in_id = office.person(who).id, office.person(stand_in).id
        session.add(Absence(person_id=person_id, stand_in_id=stand_in_id, starts_on=first, ends_on=last))


# assigned


def test_assigned_at_launch_head_cc_deputy_in_charge_and_focal_point(office: Office) -> None:
    office.launch("4")
    assert told(office) == {("assigned", 0, HEAD), ("assigned", 0, DEPUTY), ("assigned", 0, FOCAL)}


def test_coordinating_units_are_informed_but_outside_contacts_never(office: Office) -> None:
    office.change_unit("CA-DP", head_id=office.person("ly.hai.dang").id)  # even if somebody wrote a head in
    office.launch("2")
    people = {person for _rung, _offset, person in told(office, "2", "T-LT")}
    assert people == {"duong.trong.nghia", "ly.gia.huy", "doan.thi.hanh"}


def test_cc_means_a_letter_of_ones_own_for_that_rung_only(office: Office) -> None:
    office.launch("4")
    office.days(ON, at(8, 7))
    for person in (DEPUTY, FOCAL):
        assert office.told(office.task(), person) == [("assigned", 0)]
        assert len(office.sent(person)) == 1
        assert office.sent(person)[0]["To"].addresses[0].addr_spec == office.person(person).email


# upward


def test_upward_rungs_go_to_the_head_of_the_units_supervising_unit(office: Office) -> None:
    office.launch("2")
    swept(office, at(9, 7))
    assert ("pressed_1", 7, SUPERVISOR) in told(office, "2", "T-LT")
    assert ("pressed_1", 7, "ly.ngoc.anh") in told(office, "2", "T-BC"), "postal enterprises: Vụ Bưu chính"


def test_parent_organisation_is_informed_at_pressed_2(office: Office) -> None:
    office.launch("2")
    swept(office, at(9, 7), at(21, 7))
    assert ("pressed_2", 15, "bui.thi.tam") in told(office, "2", "T-LT")
    assert not any(person == "bui.thi.tam" for _r, _o, person in told(office, "2", "CTY-E"))


def test_upward_rungs_go_to_the_issuers_office_if_lead_supervises(office: Office) -> None:
    office.change_unit("VU-VT", supervising_unit_id=None)
    office.launch("oversight", due=None)
    task = office.task("oversight", "VU-VT")
    office.change_task(task, next_check_at=ON)
    assert task.due_at is not None
    swept(office, task.due_at + timedelta(days=40))
    supervised = {p for rung, _o, p in told(office, "oversight", "VU-VT") if rung == "to_issuer"}
    assert supervised == {OFFICE_HEAD}


def test_upward_rungs_of_child_tasks_go_to_the_parents_lead(office: Office) -> None:
    office.launch("2")
    parent = office.task("2", "T-LT")
    office.act(parent, "cascade", "duong.trong.nghia", at(2), units=["T-LT-KV1"], due=date(2004, 6, 15))
    swept(office, at(24), at(6, 7))
    rungs = told(office, "2", "T-LT-KV1")
    assert ("pressed_1", 7, "duong.trong.nghia") in rungs
    assert not any(person in (SUPERVISOR, "bui.thi.tam") for _r, _o, person in rungs)


def test_the_coordinator_is_the_person_named_on_the_launch(office: Office) -> None:
    office.launch("4")
    swept(office, at(7))
    assert ("not_accepted", 4, COORDINATOR) in told(office)
    assert "ho.thi.mai" not in {person for _r, _o, person in told(office)}, "not their colleague"


# officers and stand-ins


def test_due_soon_goes_to_head_and_officer(office: Office) -> None:
    office.launch("4")
    office.act(office.task(), "assign", HEAD, at(2), to="chu.bich.dao")
    swept(office, at(21))
    assert {p for rung, _o, p in told(office) if rung == "due_soon"} == {HEAD, "chu.bich.dao"}


def test_the_stand_in_gets_the_letters_during_a_heads_absence(office: Office) -> None:
    office.launch("4")
    absent(office, HEAD, DEPUTY, date(2004, 6, 20), date(2004, 6, 24))
    office.act(office.task(), "accept", HEAD, at(2))
    swept(office, at(21), at(25))
    assert ("due_soon", -7, DEPUTY) in told(office) and ("due_soon", -7, HEAD) not in told(office)
    assert ("due_soon", -3, HEAD) in told(office) and ("due_soon", -3, DEPUTY) not in told(office)


# what cannot be delivered


@pytest.mark.parametrize(
    ("trouble", "why"),
    [({"email": None}, "no_address"), ({"is_active": False}, "retired"), ({"email_refused_at": ON}, "refused")],
)
def test_when_a_rung_cannot_be_delivered_the_coordinator_is_told(
    office: Office, trouble: dict[str, object], why: str
) -> None:
    office.launch("4")
    office.tick(ON)
    office.change_person(HEAD, **trouble)
    office.tick(at(3))
    assert ("not_accepted", 2, HEAD) not in told(office)
    assert ("not_accepted", 2) in office.told(office.task(), COORDINATOR)
    assert "Lương Thị Ngân" not in office.sent(COORDINATOR)[-1]["To"]
    assert len(office.sent(COORDINATOR)) == 1, why


def test_a_unit_without_a_head_is_the_coordinators_news(office: Office) -> None:
    office.launch("4")
    office.change_unit("VU-KHTC", head_id=None)
    swept(office, at(3))
    assert ("not_accepted", 2, COORDINATOR) in told(office)


def test_returned_coordinator_hears_no_rung_told_to_a_stand_in(office: Office) -> None:
    office.launch("4")
    office.act(office.task(), "accept", HEAD, at(2))
    office.change_person(HEAD, is_active=False)
    absent(office, COORDINATOR, "ho.thi.mai", date(2004, 7, 5), date(2004, 7, 6))
    office.days(at(2), at(6, 7))
    office.act(office.task(), "progress", DEPUTY, at(7, 7, 9), note="đang làm")  # after a move the ladder looks again
    office.days(at(7, 7, 10), at(8, 7, 10))
    assert ("overdue", 4) in office.told(office.task(), "ho.thi.mai")
    assert ("overdue", 4) not in office.told(office.task(), COORDINATOR)


# once


def test_the_most_severe_is_pending_and_the_others_recorded_superseded(office: Office) -> None:
    office.launch("4")
    office.act(office.task(), "accept", HEAD, at(2))
    swept(office, at(2), at(6, 7))
    head = {(r, o): state for r, o, p, state in office.notices(office.task()) if p == HEAD and r != "assigned"}
    assert head.pop(("overdue", 4)) == "pending"
    assert set(head.values()) == {"superseded"} and ("due", 0) in head


def test_rungs_not_applicable_leave_no_row(office: Office) -> None:
    office.launch("4", due=date(2004, 6, 4))
    swept(office, at(8))
    assert not any(rung == "due_soon" and offset in (-7, -3) for rung, offset, _p, _s in office.notices(office.task()))


def test_a_changed_date_starts_its_rungs_afresh(office: Office) -> None:
    office.launch("4")
    office.act(office.task(), "accept", HEAD, at(2))
    office.days(at(21), at(2, 7))
    office.act(office.task(), "set-date", COORDINATOR, at(2, 7, 9), due=date(2004, 7, 15), note="Bộ đồng ý")
    office.days(at(5, 7), at(16, 7))
    rungs = [rung for rung in office.told(office.task(), HEAD) if rung[0] in ("due_soon", "due", "overdue")]
    first = [("due_soon", -7), ("due_soon", -3), ("due_soon", -1), ("due", 0), ("overdue", 1)]
    assert rungs == first * 2
    assert office.task().original_due_at != office.task().due_at


def test_sweeping_again_at_any_later_moment_repeats_nothing(office: Office) -> None:
    office.launch("4")
    swept(office, at(6, 7))
    before = office.rows()
    office.change_task(office.task(), next_check_at=at(6, 7))  # as after any move
    swept(office, at(6, 7, 9))
    assert office.rows() == before, "no notice, and no digest for a role that nobody holds"


def test_a_person_in_two_roles_hears_a_rung_once(office: Office) -> None:
    office.change_unit("VU-KHTC", head_id=office.person(COORDINATOR).id)
    office.launch("4")
    office.days(at(7), at(9))
    assert office.told(office.task(), COORDINATOR).count(("not_accepted", 4)) == 1


def test_two_sweeps_at_once_write_each_notice_once(office: Office) -> None:
    office.launch("2")
    threads = [Thread(target=swept, args=(office, at(9, 7))) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    keys = [row for row in office.notices(office.task("2", "T-LT"))]
    assert len(keys) == len({row[:3] for row in keys})
    assert ("pressed_1", 7, SUPERVISOR) in told(office, "2", "T-LT")


def test_a_week_of_downtime_is_made_up_in_one_tick_with_what_is_still_true(office: Office) -> None:
    office.launch("4")
    office.tick(ON)
    office.act(office.task(), "accept", HEAD, at(1, hour=9))
    outcome = office.tick(at(6, 7))
    assert outcome.checked == 1
    assert office.told(office.task(), HEAD) == [("assigned", 0), ("overdue", 4)]


def test_the_cost_is_of_what_is_due_never_of_what_exists(office: Office) -> None:
    office.launch("2")
    assert sweep(office.engine, now=at(2), calendar=office.calendar).checked == 0


# undated tasks


def test_undated_tasks_ask_the_coordinator_for_a_date(office: Office) -> None:
    office.launch("4", due=None)
    swept(office, at(3), at(7), at(30), at(30, 8))
    rungs = told(office)
    assert {rung for rung, _o, person in rungs if person == HEAD} == {"assigned", "not_accepted"}
    assert ("set_date", 2, COORDINATOR) in rungs
    assert office.next_check(office.task()) is None, "nothing to wait for costs nothing"


def test_asked_to_set_a_date_then_in_their_summary(office: Office) -> None:
    office.launch("4", due=None)
    office.act(office.task(), "accept", HEAD, at(1, hour=9))
    office.days(at(1), at(14))
    letters = [body(letter) for letter in office.sent(COORDINATOR)]
    assert len(letters) == 3, "asked on 3 June, then the summaries of 7 and 14 June"
    assert all("ấn định" in letter for letter in letters)


# waits


def test_submitted_silences_the_head_and_upward_rungs_state_the_wait(office: Office) -> None:
    office.launch("4")
    office.submit(office.task(), HEAD, at(29, hour=9))
    office.days(at(29), at(9, 7))
    assert not {r for r, _o in office.told(office.task(), HEAD)} & {"due", "overdue", "pressed_1"}
    assert ("pressed_1", 7) in office.told(office.task(), SUPERVISOR)
    upward = next(letter for letter in office.sent(SUPERVISOR) if "[Báo cáo]" in letter["Subject"])
    assert "chờ" in body(upward)


def test_decider_is_reminded_after_3_working_days_superior_after_5(office: Office) -> None:
    office.launch("4")
    office.submit(office.task(), HEAD, at(10, hour=9))
    office.days(at(10), at(18))
    assert ("decide", 3) in office.told(office.task(), COORDINATOR)
    assert ("decide", 5) in office.told(office.task(), SUPERVISOR), "the head of the coordinator's unit"


def test_waiting_reminds_the_authority_or_the_issuers_office(office: Office) -> None:
    office.launch("4", "2")
    office.act(office.task(), "raise-obstacle", HEAD, at(10, hour=9), note="Thiếu số liệu", to="VU-PC")
    task = office.task("2", "T-LT")
    office.change_task(task, due_fixed_by="directive")
    office.act(task, "ask-extension", "duong.trong.nghia", at(10, hour=9), due=date(2004, 7, 9), note="cần thêm")
    swept(office, at(15))
    assert ("decide", 3, "quach.viet.hung") in told(office)
    assert ("decide", 3, OFFICE_HEAD) in told(office, "2", "T-LT")
    assert ("decide", 3, COORDINATOR) not in told(office, "2", "T-LT")


def test_what_a_wait_silenced_before_the_letter_left_is_told_once_the_wait_is_over(office: Office) -> None:
    task = late_and_waiting(office)
    assert ("overdue", 1, HEAD, "dropped") in office.notices(task)
    assert ("overdue", 1) not in office.told(task, HEAD)
    office.act(task, "refuse-extension", COORDINATOR, at(2, 7, 10), note="không")
    office.days(at(2, 7, 11), at(5, 7, 11))
    assert office.told(task, HEAD).count(("overdue", 1)) == 1
    assert task.due_at is not None and "quá hạn" in office.sent(HEAD)[-1]["Subject"]


def test_what_a_wait_silenced_is_not_told_where_the_date_moved(office: Office) -> None:
    task = late_and_waiting(office)
    office.act(task, "grant-extension", COORDINATOR, at(2, 7, 10))
    office.days(at(2, 7, 11), at(7, 7, 11))
    assert ("overdue", 1) not in office.told(task, HEAD)


def test_what_a_wait_silenced_is_told_to_who_holds_the_seat_afterwards(office: Office) -> None:
    task = late_and_waiting(office)
    absent(office, HEAD, DEPUTY, date(2004, 7, 2), date(2004, 7, 9))
    office.act(task, "refuse-extension", COORDINATOR, at(2, 7, 10), note="không")
    office.days(at(2, 7, 11), at(5, 7, 11))
    assert ("overdue", 1) in office.told(task, DEPUTY)
    assert ("overdue", 1) not in office.told(task, HEAD)


def late_and_waiting(office: Office) -> Task:
    """The rung is noticed in the evening of 1 July, and more time is asked for before the morning's letter."""
    office.launch("4")
    task = office.task()
    office.act(task, "accept", HEAD, at(2))
    office.days(ON, at(30))
    office.tick(at(1, 7, 19))
    office.act(task, "ask-extension", HEAD, at(1, 7, 20), due=date(2004, 7, 9), note="cần thêm")
    office.tick(at(2, 7))
    return task


# contingency and drills


def test_contingency_rungs_by_the_hour_at_night_and_at_the_weekend(office: Office) -> None:
    office.launch("2.a", due=None)
    declared = at(5, hour=22)  # a Saturday
    office.declare("T-LT", now=declared)
    for hours in (0, 1, 24, 25, 28):
        office.tick(declared + timedelta(hours=hours))
    rungs = office.told(office.task("2.a"), "duong.trong.nghia")
    assert rungs == [("assigned", 0), ("not_accepted", 1), ("due", 0), ("overdue", 1), ("upward", 4)]
    assert ("upward", 4) in office.told(office.task("2.a"), SUPERVISOR)
    assert {letter.kind for letter in office.letters()} == {LetterKind.INCIDENT}


def test_standing_down_withdraws_what_is_open_and_silences_its_ladder(office: Office) -> None:
    office.launch("2.a", due=None)
    incident = office.declare("T-LT", now=at(2, hour=9))
    office.tick(at(2, hour=9))
    assert office.stand_down(incident, at(2, hour=9, minute=30)) == 1
    office.tick(at(2, hour=11))
    assert office.told(office.task("2.a"), "duong.trong.nghia") == [("assigned", 0), ("event:withdrawn", 0)]


# sending hours


def test_an_assignment_in_the_evening_joins_the_next_08_00_digest(office: Office) -> None:
    office.launch("4", on=at(4, hour=19))  # a Friday
    assert office.tick(at(4, hour=19)).letters == 0
    assert office.tick(at(5)).letters == office.tick(at(6)).letters == 0
    office.tick(at(7))
    sent = [letter for letter in office.letters() if letter.state is LetterState.SENT]
    assert [letter.kind for letter in sent].count(LetterKind.DIGEST) == 3
    assert {letter.slot for letter in sent} == {at(7)}


def test_only_hoa_toc_assignments_bypass_the_sending_hours(office: Office) -> None:
    with transaction(office.engine) as session:
        session.execute(update(Directive).values(urgency=Urgency.EXPRESS))
    office.launch("4", on=at(4, hour=22))
    assert office.tick(at(4, hour=22)).sent == 3
    office.act(office.task(), "progress", HEAD, at(4, hour=23), note="đang làm")
    office.act(office.task(), "withdraw", COORDINATOR, at(4, hour=23, minute=10), note="nhầm")
    assert office.tick(at(4, hour=23, minute=30)).sent == 0, "other letters wait even then"


def test_tet_and_make_up_days_count_as_the_calendar_says(office: Office) -> None:
    office.launch("4", on=at_local(date(2004, 12, 1)), due=date(2005, 2, 7))  # Tết 2005: 8 to 11 February
    office.act(office.task(), "accept", HEAD, at_local(date(2004, 12, 2)))
    swept(office, at_local(date(2005, 2, 7)), at_local(date(2005, 2, 13)))
    assert ("overdue", 1, HEAD) not in told(office)
    swept(office, at_local(date(2005, 2, 14)))
    assert ("overdue", 1, HEAD) in told(office)


def test_a_sweep_tells_and_looks_ahead_without_changing_a_task(office: Office) -> None:
    office.launch("2")
    version = ", ctid, xmin" if office.engine.dialect.name == "postgresql" else ""

    def tasks() -> list[object]:
        with reading(office.engine) as session:
            return list(session.execute(text(f"SELECT task.*{version} FROM task ORDER BY id")).all())

    before, first = tasks(), office.next_check(office.task("2", "T-LT"))
    swept(office, at(9, 7))
    assert ("pressed_1", 7, SUPERVISOR) in told(office, "2", "T-LT")
    later = office.next_check(office.task("2", "T-LT"))
    assert first is not None and later is not None and later > at(9, 7) > first
    assert tasks() == before, "its indexes are many, and on pages that nobody has looked at"


def test_sweep_passes_over_a_task_being_moved(office: Office) -> None:
    if office.engine.dialect.name != "postgresql":
        pytest.skip("on SQLite one waits for the other, whatever they write")
    launched = office.launch("2")
    one = office.task("2", "T-LT")
    with Session(office.engine) as moving:
        moving.execute(select(col(Task.id)).where(col(Task.id) == one.id).with_for_update())
        with transaction(office.engine) as session:
            swept_meanwhile = sweep_batch(session, now=at(9, 7), calendar=office.calendar)
            moving.execute(text("SET lock_timeout = '5s'"))
            moving.execute(update(Task).where(col(Task.id) == one.id).values(next_check_at=at(9, 7)))
            moving.commit()
    assert swept_meanwhile.checked == launched.created - 1
    assert office.next_check(one) == at(9, 7) and {rung for rung, _o, _p in told(office, "2", "T-LT")} == {"assigned"}


def test_a_move_that_comes_while_a_sweep_holds_its_task_has_the_last_word(office: Office) -> None:
    if office.engine.dialect.name != "postgresql":
        pytest.skip("on SQLite one waits for the other, whatever they write")
    office.launch("2")
    one = office.task("2", "T-LT")

    def move() -> None:
        with transaction(office.engine) as session:
            session.execute(update(Task).where(col(Task.id) == one.id).values(next_check_at=at(9, 8)))

    with transaction(office.engine) as session:
        sweep_batch(session, now=at(9, 7), calendar=office.calendar)
        thread = Thread(target=move)
        thread.start()
        with pytest.raises(OperationalError), transaction(office.engine) as other:  # the move is waiting, or would
            other.execute(select(col(Task.id)).where(col(Task.id) == one.id).with_for_update(nowait=True))
    thread.join()
    assert office.next_check(one) == at(9, 8)
