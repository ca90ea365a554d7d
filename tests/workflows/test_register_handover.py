"""Who holds an office, who stands in, and what becomes of the letters that wait for somebody who left."""

from datetime import UTC, date, datetime
from pathlib import Path
from uuid import UUID

import pytest
from sqlmodel import Session, select

from models.database.ids import new_id
from models.directives.directive import Directive, Duty, DutyKind
from models.directives.launch import Launch
from models.directives.template import TemplateVersion
from models.errors import BadInput, NotFound, Refused
from models.letters.letter import Letter, LetterKind, LetterState, Notice, NoticeState
from models.organization.person import Person
from models.organization.register_reads import absences_on, resolve_person, resolve_unit, stand_in_for
from models.organization.unit import Handover
from models.tasks.history import History
from models.tasks.task import Task
from workflows.access.audit_log import AuditActor
from workflows.organization.register.absence import add_absence
from workflows.organization.register.handover import hand_over
from workflows.organization.register.retirement import retire_person
from workflows.organization.register.spreadsheet.import_register import import_register, open_register

DEMO = Path(__file__).parents[2] / "workflows" / "directives" / "ct-06-2004" / "register"
NOW = datetime(2004, 5, 10, 1, tzinfo=UTC)
TODAY = date(2004, 5, 10)


@pytest.fixture
def register(session: Session) -> Session:
    import_register(session, open_register(units=DEMO / "units.csv", people=DEMO / "people.csv"), now=NOW)
    return session


def head_of(session: Session, unit: str) -> Person:
    head = session.get(Person, resolve_unit(session, unit).head_id)
    assert head is not None
    return head


def give_task(session: Session, unit_code: str, officer: Person | None = None) -> Task:
    """A task of the unit, with only as much of a launch as its keys need."""
    unit, office = resolve_unit(session, unit_code), resolve_unit(session, "VU-VT")
    coordinator = resolve_person(session, "le.thi.c")
    directive = Directive(
        code=str(new_id()),
        issuer="B",
        subject="S",
        text="T",
        coordinating_unit_id=office.id,
        issuer_office_id=office.id,
    )
    session.add(directive)
    session.flush()
    duty = Duty(directive_id=directive.id, path="2", position=1, kind=DutyKind.ONE_OFF, title="T", quote="Q")
    session.add(duty)
    session.flush()
    version = TemplateVersion(duty_id=duty.id, version=1, spec={}, digest="", created_at=NOW)
    launch = Launch(
        directive_id=directive.id, launched_at=NOW, assigner_unit_id=office.id, coordinator_id=coordinator.id
    )
    session.add_all([version, launch])
    session.flush()
    task = Task(
        directive_id=directive.id,
        duty_id=duty.id,
        launch_id=launch.id,
        template_version_id=version.id,
        assigned_unit_id=unit.id,
        lead_unit_id=unit.id,
        occurrence="once",
        assigner_unit_id=office.id,
        coordinator_id=coordinator.id,
        officer_id=officer.id if officer else None,
        assigned_at=NOW,
        assigned_anchor_id=new_id(),
    )
    session.add(task)
    session.flush()
    return task


def give_letter(session: Session, person: Person, state: LetterState = LetterState.QUEUED) -> Letter:
    letter = Letter(recipient_id=person.id, slot=NOW, kind=LetterKind.DIGEST, state=state, not_before=NOW)
    session.add(letter)
    session.flush()
    return letter


def give_notice(
    session: Session,
    task: Task,
    person: Person,
    role: str = "head",
    letter: Letter | None = None,
    anchor: UUID | None = None,
) -> Notice:
    notice = Notice(
        task_id=task.id,
        anchor_id=anchor or new_id(),
        rung="overdue",
        offset=1,
        role=role,
        recipient_id=person.id,
        fired_at=NOW,
        slot=NOW,
        kind=LetterKind.DIGEST,
        letter_id=letter.id if letter else None,
    )
    session.add(notice)
    session.flush()
    return notice


def change_head(session: Session, unit: str, to: str) -> Handover:
    return hand_over(session, unit_code=unit, office="head", to_code=to, effective_on=TODAY, now=NOW)


@pytest.mark.parametrize("text", ["VU-VT", "vu-vt", "Vụ Viễn thông", "vu vien thong", "VỤ VT", " Vụ  Viễn thông "])
def test_a_unit_is_found_by_code_name_or_alias(register: Session, text: str) -> None:
    assert resolve_unit(register, text).code == "VU-VT"


def test_an_unknown_unit_or_person_is_told_with_near_names(register: Session) -> None:
    with pytest.raises(NotFound, match="Vụ Viễn thông"):
        resolve_unit(register, "Vụ Viễn thôn")
    with pytest.raises(NotFound, match=r"le\.thi\.c"):
        resolve_person(register, "le.thi.cc")


def test_the_stand_in_acts_on_the_days_of_absence_both_included(register: Session) -> None:
    head, deputy = head_of(register, "CTY-H"), register.get(Person, resolve_unit(register, "CTY-H").deputy_id)
    assert deputy is not None
    first, last = date(2004, 5, 3), date(2004, 5, 7)
    add_absence(
        register,
        person_code=head.code,
        stand_in_code=deputy.code,
        starts_on=first,
        ends_on=last,
        audit_actor=AuditActor(NOW),
    )
    answers = [stand_in_for(register, head.id, date(2004, 5, day)) for day in (2, 3, 7, 8)]
    assert answers == [None, deputy, deputy, None]
    assert absences_on(register, date(2004, 5, 7)) == {head.id: deputy.id}
    deputy.is_active = False
    register.flush()
    assert stand_in_for(register, head.id, date(2004, 5, 5)) is None
    assert absences_on(register, date(2004, 5, 5)) == {}


def test_an_absence_may_be_corrected_but_not_overlap_or_be_lent_on(register: Session) -> None:
    first, second = date(2004, 5, 3), date(2004, 5, 7)
    head, other = head_of(register, "CTY-H").code, head_of(register, "CTY-M").code
    third = head_of(register, "CTY-O").code
    one = add_absence(
        register, person_code=head, stand_in_code=other, starts_on=first, ends_on=second, audit_actor=AuditActor(NOW)
    )
    again = add_absence(
        register,
        person_code=head,
        stand_in_code=other,
        starts_on=first,
        ends_on=date(2004, 5, 6),
        audit_actor=AuditActor(NOW),
    )
    assert one.id == again.id
    with pytest.raises(Refused, match="absent already"):
        add_absence(
            register,
            person_code=head,
            stand_in_code=third,
            starts_on=date(2004, 5, 6),
            ends_on=second,
            audit_actor=AuditActor(NOW),
        )
    with pytest.raises(Refused, match="absent too"):
        add_absence(
            register, person_code=third, stand_in_code=head, starts_on=first, ends_on=first, audit_actor=AuditActor(NOW)
        )
    with pytest.raises(Refused, match="stands in for"):
        add_absence(
            register,
            person_code=other,
            stand_in_code=third,
            starts_on=first,
            ends_on=first,
            audit_actor=AuditActor(NOW),
        )
    with pytest.raises(BadInput, match="before"):
        add_absence(
            register,
            person_code=third,
            stand_in_code=other,
            starts_on=second,
            ends_on=first,
            audit_actor=AuditActor(NOW),
        )
    with pytest.raises(BadInput, match="themselves"):
        add_absence(
            register,
            person_code=third,
            stand_in_code=third,
            starts_on=first,
            ends_on=first,
            audit_actor=AuditActor(NOW),
        )


def test_waiting_notices_go_to_the_new_head_and_the_old_letter_never_leaves(register: Session) -> None:
    old, new = head_of(register, "CTY-H"), head_of(register, "CTY-M")
    task, elsewhere = give_task(register, "CTY-H"), give_task(register, "CTY-O")
    letter = give_letter(register, old)
    queued, loose = give_notice(register, task, old, letter=letter), give_notice(register, task, old)
    as_officer, foreign = give_notice(register, task, old, role="officer"), give_notice(register, elsewhere, old)
    handover = change_head(register, "CTY-H", new.code)
    assert (handover.from_person_id, handover.to_person_id) == (old.id, new.id)
    assert head_of(register, "CTY-H").id == new.id
    assert {queued.recipient_id, loose.recipient_id} == {new.id}
    assert queued.letter_id is None
    assert {as_officer.recipient_id, foreign.recipient_id} == {old.id}
    register.refresh(letter)
    assert letter.state is LetterState.EMPTY


@pytest.mark.parametrize("state", [LetterState.SENT, LetterState.UNCERTAIN])
def test_letters_that_are_on_their_way_are_left_alone(register: Session, state: LetterState) -> None:
    old = head_of(register, "CTY-H")
    notice = give_notice(register, give_task(register, "CTY-H"), old, letter=give_letter(register, old, state))
    change_head(register, "CTY-H", head_of(register, "CTY-M").code)
    assert notice.recipient_id == old.id


def test_nobody_is_told_the_same_thing_twice_after_a_handover(register: Session) -> None:
    old, new = head_of(register, "CTY-H"), head_of(register, "CTY-M")
    task, anchor = give_task(register, "CTY-H"), new_id()
    mine, theirs = (give_notice(register, task, person, anchor=anchor) for person in (old, new))
    change_head(register, "CTY-H", new.code)
    assert (mine.state, theirs.state) == (NoticeState.DROPPED, NoticeState.PENDING)
    assert mine.reason


def test_a_letter_that_left_is_not_reopened_for_moved_notices(register: Session) -> None:
    old, new = head_of(register, "CTY-H"), head_of(register, "CTY-M")
    notice = give_notice(register, give_task(register, "CTY-H"), old)
    give_letter(register, new, LetterState.SENT)
    later = datetime(2004, 5, 10, 3, tzinfo=UTC)
    hand_over(register, unit_code="CTY-H", office="head", to_code=new.code, effective_on=TODAY, now=later)
    assert (notice.recipient_id, notice.slot) == (new.id, later)


def test_what_waits_for_the_old_heads_stand_in_goes_to_the_new_head(register: Session) -> None:
    old, new, stand_in = (head_of(register, unit) for unit in ("CTY-H", "CTY-M", "CTY-O"))
    add_absence(
        register,
        person_code=old.code,
        stand_in_code=stand_in.code,
        starts_on=TODAY,
        ends_on=TODAY,
        audit_actor=AuditActor(NOW),
    )
    notice = give_notice(register, give_task(register, "CTY-H"), stand_in)
    change_head(register, "CTY-H", new.code)
    assert notice.recipient_id == new.id


def test_a_new_head_of_the_supervising_unit_gets_its_upward_notices(register: Session) -> None:
    old, new = head_of(register, "VU-VT"), resolve_person(register, "le.thi.c")
    notice = give_notice(register, give_task(register, "CTY-H"), old, role="supervisor")
    change_head(register, "VU-VT", new.code)
    assert notice.recipient_id == new.id


def test_who_heads_two_units_keeps_the_upward_notices_of_the_other(register: Session) -> None:
    old, new = head_of(register, "VU-VT"), resolve_person(register, "le.thi.c")
    change_head(register, "VU-BC", old.code)
    telecom, postal = (
        give_notice(register, give_task(register, unit), old, role="supervisor") for unit in ("CTY-H", "CTY-R")
    )
    change_head(register, "VU-VT", new.code)
    assert (telecom.recipient_id, postal.recipient_id) == (new.id, old.id)


def test_an_officer_hands_over_the_open_tasks_of_the_unit(register: Session) -> None:
    spt = resolve_unit(register, "CTY-H").id
    old, new = register.exec(
        select(Person).where(Person.unit_id == spt, Person.code != head_of(register, "CTY-H").code)
    ).all()[:2]
    task, other = give_task(register, "CTY-H", old), give_task(register, "CTY-O", old)
    notice = give_notice(register, task, old, role="officer")
    hand_over(
        register, unit_code="CTY-H", office="officer", from_code=old.code, to_code=new.code, effective_on=TODAY, now=NOW
    )
    register.refresh(task)
    register.refresh(other)
    assert (task.officer_id, other.officer_id, notice.recipient_id) == (new.id, old.id, new.id)
    assert task.revision == 1
    assert register.exec(select(History)).one().event == "handed_over"


def test_handovers_that_do_not_fit_are_refused(register: Session) -> None:
    head, other = head_of(register, "CTY-H").code, head_of(register, "CTY-M").code
    given = {"unit_code": "CTY-H", "effective_on": TODAY, "now": NOW}
    with pytest.raises(Refused, match="already"):
        hand_over(register, office="head", to_code=head, **given)  # type: ignore[arg-type]
    with pytest.raises(Refused, match="is not the head"):
        hand_over(register, office="head", from_code=other, to_code=other, **given)  # type: ignore[arg-type]
    with pytest.raises(Refused, match="has not come"):
        hand_over(register, office="head", to_code=other, **{**given, "effective_on": date(2004, 5, 11)})  # type: ignore[arg-type]
    with pytest.raises(BadInput, match="head, deputy"):
        hand_over(register, office="minister", to_code=other, **given)  # type: ignore[arg-type]
    with pytest.raises(BadInput, match="does not belong"):
        hand_over(register, office="officer", from_code=head, to_code=other, **given)  # type: ignore[arg-type]


def test_a_head_retires_only_after_handing_over(register: Session) -> None:
    old, new = head_of(register, "CTY-H"), head_of(register, "CTY-M")
    with pytest.raises(Refused, match="CTY-H"):
        retire_person(register, old.code, NOW)
    change_head(register, "CTY-H", new.code)
    assert not retire_person(register, old.code, NOW).is_active
    assert not retire_person(register, old.code, NOW).is_active
    with pytest.raises(Refused, match="not active"):
        change_head(register, "CTY-H", old.code)
