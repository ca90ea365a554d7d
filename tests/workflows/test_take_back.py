"""A launch is taken back before its first letter: nobody is told, and a launch on the right date tells everybody."""

from datetime import date, datetime, timedelta
from pathlib import Path
from threading import Barrier, Thread
from uuid import UUID

import pytest
from sqlalchemy import Engine
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from models.database.rows import table_of
from models.database.session import reading, transaction
from models.directives.directive import find_directive
from models.directives.launch import ArmedDuty, Launch
from models.errors import BadInput, Refused
from models.letters.letter import Letter, LetterKind, LetterState, Notice, NoticeState
from models.organization.register_reads import resolve_person
from models.tasks.history import History, HistoryNote
from models.tasks.task import Contribution, TaskStatus
from models.text.localtime import at_local, due_date
from tests.office import COORDINATOR, DUE, ON, Office, at, body, furnish
from workflows.launch.launch_plan import count_new, plan_launch
from workflows.launch.take_back import filter_unsent, find_launch, find_obstacle, take_back
from workflows.operations.setup import BUNDLED
from workflows.reports.report_figures import report
from workflows.rules.calendar.workdays import WorkCalendar
from workflows.tasks.moved_dates import moved_dates

WRONG = date(2005, 6, 30)
ON_A_SUNDAY = at(6)
"""No letter leaves before Monday."""


@pytest.fixture
def office(engine: Engine, tmp_path: Path) -> Office:
    return furnish(engine, tmp_path)


def back(
    office: Office,
    launch_id: UUID | None,
    *,
    now: datetime = ON_A_SUNDAY + timedelta(hours=1),
    reason: str = "Sai ngày",
) -> int:
    with transaction(office.engine) as session:
        launch = session.get_one(Launch, launch_id)
        return take_back(office.acting(session, resolve_person(session, COORDINATOR), now), launch, reason=reason)


def figures(office: Office, day: date) -> int:
    with reading(office.engine) as session:
        return report(session, cutoff=day, directive=BUNDLED).figures.total


def test_nobody_hears_of_a_launch_that_was_taken_back(office: Office) -> None:
    done = office.launch("2", "4", on=ON_A_SUNDAY, due=WRONG)
    assert back(office, done.launch_id) == 26
    assert office.task("4").status is TaskStatus.WITHDRAWN
    office.days(at(7), at(11))
    assert office.sender.letters == []


def test_a_new_launch_gives_its_tasks_anew_and_tells_everybody(office: Office) -> None:
    first = office.launch("2", "4", "2.a", on=ON_A_SUNDAY, due=WRONG)
    before = office.task("4")
    back(office, first.launch_id)
    second = office.launch("2", "4", "2.a", on=at(7), due=DUE)
    assert (second.created, second.existing, second.armed) == (26, 0, ("2.a",))
    task = office.task("4")
    assert (task.id, task.status, task.launch_id) == (before.id, TaskStatus.ASSIGNED, second.launch_id)
    assert task.due_at == task.original_due_at and due_date(task.due_at) == DUE  # type: ignore[arg-type]
    assert task.assigned_at == at(7) and task.closed_at is None and task.due_set_at == at(7)
    assert office.launch("2", "4", on=at(7), due=DUE).created == 0, "once more changes nothing"
    office.tick(at(7))
    (letter,) = office.sent("luong.thi.ngan")
    assert "30/06/2004" in body(letter) and "2005" not in body(letter)
    assert len({notice for notice in office.notices(task, NoticeState.SENT)}) >= 1
    office.days(at(8), at(30))
    assert ("due", 0) in office.told(task, "luong.thi.ngan")


def test_the_check_page_counts_what_a_launch_gives_anew(office: Office) -> None:
    first = office.launch("2", "4", on=ON_A_SUNDAY, due=WRONG)

    def new() -> dict[str, int]:
        with reading(office.engine) as session:
            directive = find_directive(session, BUNDLED)
            coordinator = resolve_person(session, COORDINATOR).id
            plan = plan_launch(
                session, directive, on=at(7), coordinator_id=coordinator, calendar=office.calendar, paths=["2", "4"]
            )
            return count_new(session, plan)

    assert new() == {"2": 0, "4": 0}
    back(office, first.launch_id)
    assert new() == {"2": 25, "4": 1}


def test_the_history_says_who_took_it_back_and_why(office: Office) -> None:
    done = office.launch("4", "2.a", on=ON_A_SUNDAY)
    back(office, done.launch_id)
    with reading(office.engine) as session:
        row = session.exec(select(History).where(History.event == "launch_taken_back")).one()
        note = session.exec(select(HistoryNote.text).where(HistoryNote.history_id == row.id)).one()
        armed = session.exec(select(ArmedDuty)).all()
    assert done.launch_id is not None
    assert row.facts == {"launch": done.launch_id.hex, "withdrawn": 1, "disarmed": ["2.a"]}
    assert (note, row.actor_id) == ("Sai ngày", office.person(COORDINATOR).id) and armed == []


def test_the_report_counts_a_task_given_anew_once_and_by_its_new_date(office: Office) -> None:
    first = office.launch("4", on=ON_A_SUNDAY, due=WRONG)
    back(office, first.launch_id, now=at(8))
    assert figures(office, date(2004, 6, 8)) == 0
    office.launch("4", on=at(7), due=DUE)  # dated back to the day before it was taken back
    assert figures(office, date(2004, 6, 9)) == 1
    task = office.task("4")
    office.act(task, "accept", "luong.thi.ngan", at(9))
    assert office.task("4").status is TaskStatus.ACCEPTED


def test_an_edit_of_the_calendar_counts_from_the_later_assignment(office: Office) -> None:
    """Periods that a taken-back launch had opened are the new launch's."""
    first = office.launch("3", on=ON_A_SUNDAY - timedelta(days=20))
    back(office, first.launch_id, now=ON_A_SUNDAY - timedelta(days=20))
    office.launch("3", on=ON_A_SUNDAY - timedelta(days=19))
    with reading(office.engine) as session:
        assert moved_dates(session, office.calendar, WorkCalendar(), ON) == []


@pytest.mark.parametrize("state", ["claimed", "sent", "uncertain", "failed", "held"])
def test_a_launch_of_which_a_letter_has_left_or_is_leaving_stays(office: Office, state: str) -> None:
    done = office.launch("2", "4", on=at(1))
    office.tick(at(1))
    with transaction(office.engine) as session:
        letter = session.exec(select(Letter).limit(1)).one()
        kept = select(Letter.id).where(Letter.id == letter.id)
        session.execute(table_of(Notice).update().values(state="pending"))
        rest = table_of(Letter).update().where(col(Letter.id).not_in(kept))
        session.execute(rest.values(state="queued"))
        letter.state = LetterState(state)
        letter.lease_until = at(2) if state == "claimed" else None
    with pytest.raises(Refused, match="have left, or are leaving"):
        back(office, done.launch_id, now=at(1, hour=9))
    assert office.task("4").status is TaskStatus.ASSIGNED
    with reading(office.engine) as session:
        launch = session.get_one(Launch, done.launch_id)
        assert launch.taken_back_at is None and filter_unsent(session, [launch.id]) == set()
        assert find_obstacle(session, launch) is not None


def test_what_waits_in_a_queued_letter_is_kept_back(office: Office) -> None:
    """A digest that is still in the queue leaves without it."""
    done = office.launch("4", on=ON_A_SUNDAY)
    with transaction(office.engine) as session:
        head = resolve_person(session, "luong.thi.ngan")
        letter = Letter(recipient_id=head.id, slot=at(7), kind=LetterKind.DIGEST, not_before=at(7))
        session.add(letter)
        session.flush()
        session.execute(table_of(Notice).update().values(letter_id=letter.id))
    back(office, done.launch_id)
    office.tick(at(7))
    assert office.sender.letters == []


def test_a_launch_is_not_taken_back_twice_nor_without_a_reason(office: Office) -> None:
    done = office.launch("4", on=ON_A_SUNDAY)
    with pytest.raises(BadInput):
        back(office, done.launch_id, reason=" ")
    back(office, done.launch_id)
    with pytest.raises(Refused, match="taken back before"):
        back(office, done.launch_id)


def test_tasks_that_somebody_acts_on_are_not_taken_back(office: Office) -> None:
    done = office.launch("4", on=ON_A_SUNDAY)
    office.act(office.task("4"), "accept", "luong.thi.ngan", ON_A_SUNDAY)
    with pytest.raises(Refused, match="acted on already: 1 task of this launch"):
        back(office, done.launch_id)


def test_a_task_withdrawn_for_its_own_sake_is_not_given_anew(office: Office) -> None:
    office.launch("4", on=ON_A_SUNDAY)
    office.act(office.task("4"), "withdraw", COORDINATOR, ON_A_SUNDAY, note="Không cần nữa")
    assert office.launch("4", on=at(7)).existing == 1
    assert office.task("4").status is TaskStatus.WITHDRAWN


def test_the_original_date_of_any_other_task_is_still_kept(office: Office) -> None:
    office.launch("4", on=ON_A_SUNDAY, due=DUE)
    with pytest.raises(IntegrityError):
        office.change_task(office.task("4"), original_due_at=at_local(WRONG))


def test_partners_are_those_of_the_new_launch(office: Office) -> None:
    first = office.launch("2", on=ON_A_SUNDAY)
    with reading(office.engine) as session:
        before = set(session.exec(select(Contribution.task_id, Contribution.unit_id)))
    back(office, first.launch_id)
    office.launch("2", on=at(7))
    with reading(office.engine) as session:
        assert set(session.exec(select(Contribution.task_id, Contribution.unit_id))) == before


@pytest.mark.parametrize("turn", range(3))
def test_a_delivery_at_the_same_moment_leaves_nobody_half_told(office: Office, turn: int) -> None:
    """Whichever wins: all letters leave and the launch stays, or none leaves and it is taken back."""
    done = office.launch("2", "4", on=at(7))
    refused, barrier = list[Refused](), Barrier(2)

    def take() -> None:
        barrier.wait()
        try:
            back(office, done.launch_id, now=at(7))
        except Refused as error:
            refused.append(error)

    other = Thread(target=take)
    other.start()
    barrier.wait()
    office.tick(at(7))
    other.join()
    office.tick(at(7, minute=5))
    assert bool(office.sender.letters) is bool(refused)
    assert (office.task("4").status is TaskStatus.WITHDRAWN) is not bool(refused)


def test_a_letter_that_somebody_else_holds_counts_as_leaving(office: Office) -> None:
    if office.engine.dialect.name == "sqlite":
        pytest.skip("writers queue there: nobody holds a letter meanwhile")
    done = office.launch("4", on=ON_A_SUNDAY)
    with transaction(office.engine) as session:
        head = resolve_person(session, "luong.thi.ngan")
        letter = Letter(recipient_id=head.id, slot=at(7), kind=LetterKind.DIGEST, not_before=at(7))
        session.add(letter)
        session.flush()
        session.execute(table_of(Notice).update().values(letter_id=letter.id))
    with transaction(office.engine) as session:
        session.exec(select(Letter.id).with_for_update()).all()
        with pytest.raises(Refused, match="are leaving"):
            back(office, done.launch_id)
    assert back(office, done.launch_id) == 1


def test_a_launch_is_found_by_its_last_digits(office: Office) -> None:
    done = office.launch("4", on=ON_A_SUNDAY)
    assert done.launch_id is not None

    def find(session: Session, name: str) -> Launch:
        return find_launch(session, find_directive(session, BUNDLED), name)

    with reading(office.engine) as session:
        assert find(session, done.launch_id.hex[-8:]).id == find(session, str(done.launch_id)).id == done.launch_id
        with pytest.raises(BadInput, match=done.launch_id.hex[-8:]):
            find(session, "00000000")
