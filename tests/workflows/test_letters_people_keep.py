"""News gathered by its reader's choice, on real databases: what is told, when, and that no rung is touched."""

import shutil
from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.exc import IntegrityError
from sqlmodel import col

from models.database.session import open_engine, reading, transaction
from models.directives.directive import Duty
from models.errors import BadInput
from models.letters.letter import SWITCHED_OFF, Letter, LetterKind, LetterLink, LetterState, Notice, NoticeState
from models.letters.letter_preference import LetterPreference, Matter, Pace
from models.organization.person import Absence, Person
from models.organization.unit import Unit
from models.tasks.task import Task
from models.text.localtime import at_local, local_date
from notifications.composing.keys import read_code
from tests.keys import KEYS
from tests.office import Office, at, body, furnish
from workflows.access.letter_choices import choose_letters, fewer_letters, read_choices
from workflows.delivery.letters.letter_forecast import MatterCount, read_last_month
from workflows.delivery.letters.letter_links import expire_links
from workflows.history.record import EVENT
from workflows.rules.letter_pace import CHOICES, NO_CHOICE, PaceChoice

HEAD, COORDINATOR = "luong.thi.ngan", "le.thi.c"


@pytest.fixture
def office(engine: Engine, tmp_path: Path) -> Office:
    made = furnish(engine, tmp_path)
    made.launch("4", due=date(2004, 8, 31))
    made.tick(at(1))
    made.act(made.task(), "accept", HEAD, at(1, hour=9))
    return made


def slots(office: Office, event: str) -> list[tuple[str, datetime, LetterKind, NoticeState]]:
    with reading(office.engine) as session:
        query = (
            select(col(Person.code), col(Notice.slot), col(Notice.kind), col(Notice.state))
            .join(Person, col(Person.id) == col(Notice.recipient_id))
            .where(col(Notice.rung) == EVENT + event)
            .order_by(col(Notice.fired_at), col(Person.code))
        )
        return [tuple(row) for row in session.execute(query)]


def test_a_submission_waits_for_the_coordinators_morning(office: Office) -> None:
    office.submit(office.task(), HEAD, at(2, hour=9))
    office.tick(at(2, hour=10))
    assert not office.sent(COORDINATOR)
    office.tick(at(3))
    (digest,) = office.sent(COORDINATOR)
    assert digest["Subject"].startswith("[Đề nghị xem xét] 01 kết quả đề nghị phê duyệt")
    assert digest["List-Unsubscribe"] is None, "what else the morning's letter holds is forced"


def test_fifteen_submissions_are_one_letter_in_two_hours(engine: Engine, tmp_path: Path) -> None:
    office = furnish(engine, tmp_path)
    office.launch("3", due=date(2004, 8, 31))
    office.tick(at(1))
    office.choose(COORDINATOR, requests=Pace.TWO_HOURS)
    with reading(office.engine) as session:
        heads = select(Task, col(Person.code)).join(Unit, col(Unit.id) == col(Task.lead_unit_id))
        found = session.execute(heads.join(Person, col(Person.id) == col(Unit.head_id)).order_by(col(Task.id))).all()
    tasks = [tuple(row) for row in found[:6]]
    for minute, (task, head) in enumerate(tasks):
        now = at(2, hour=9, minute=minute)
        office.act(task, "accept", head, now)
        office.submit(task, head, now)
    before = len(office.sent(COORDINATOR))
    for hour in (9, 10, 11, 12):
        office.tick(at(2, hour=hour, minute=30))
    letters = office.sent(COORDINATOR)[before:]
    assert len(letters) == 1 and f"0{len(tasks)} kết quả đề nghị phê duyệt" in letters[0]["Subject"]
    assert letters[0]["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_a_returned_result_is_told_the_same_afternoon(office: Office) -> None:
    office.submit(office.task(), HEAD, at(2, hour=9))
    office.act(office.task(), "return", COORDINATOR, at(3, hour=9), note="bổ sung")
    assert slots(office, "returned") == [(HEAD, at(3, hour=14), LetterKind.EVENT, NoticeState.PENDING)]
    office.tick(at(3, hour=14))
    assert "đề nghị bổ sung kết quả" in office.sent(HEAD)[-1]["Subject"].lower()


def test_who_wants_it_at_once_has_it_at_once_but_not_in_quiet_hours(office: Office) -> None:
    office.choose(HEAD, (12 * 60, 13 * 60 + 30), changes=Pace.AT_ONCE)
    office.submit(office.task(), HEAD, at(2, hour=9))
    office.act(office.task(), "return", COORDINATOR, at(3, hour=9, minute=7), note="bổ sung")
    office.submit(office.task(), HEAD, at(3, hour=10))
    office.act(office.task(), "return", COORDINATOR, at(3, hour=12, minute=7), note="bổ sung nữa")
    assert [slot for _who, slot, *_ in slots(office, "returned")] == [
        at(3, hour=9, minute=7),
        at(3, hour=13, minute=30),
    ]


def test_news_that_is_switched_off_is_recorded_as_dropped_with_the_reason(office: Office) -> None:
    office.choose(HEAD, news=Pace.OFF)
    office.submit(office.task(), HEAD, at(2, hour=9))
    office.act(office.task(), "approve", COORDINATOR, at(3, hour=9))
    ((who, _slot, _kind, state),) = slots(office, "approved")
    assert (who, state) == (HEAD, NoticeState.DROPPED)
    with reading(office.engine) as session:
        notice = session.execute(select(Notice).where(col(Notice.rung) == "event:approved")).scalar_one()
        assert notice.reason == SWITCHED_OFF
    sent = len(office.sent(HEAD))
    office.days(at(3), at(6))
    assert len(office.sent(HEAD)) == sent


def test_whoever_is_back_by_the_day_of_the_letter_gets_it_themselves(office: Office) -> None:
    with transaction(office.engine) as session:
        session.add(
            Absence(
                person_id=office.person(COORDINATOR).id,
                stand_in_id=office.person("le.thi.d").id,
                starts_on=date(2004, 6, 1),
                ends_on=date(2004, 6, 2),
            )
        )
    office.submit(office.task(), HEAD, at(2, hour=9))
    assert [who for who, *_ in slots(office, "submitted")] == [COORDINATOR]


_Rung = tuple[str, str, str, int, str, str]
"""A rung of a task for somebody: the duty, the unit that leads, rung, offset, role, person."""


def play_rungs(office: Office, choice: dict[Matter, Pace] | None) -> dict[_Rung, list[tuple[datetime, NoticeState]]]:
    """Two months in which people act; return the slots of all rungs, with what became of each. Everybody chooses."""
    with transaction(office.engine) as session:
        for person_id in session.execute(select(col(Person.id))).scalars().all() if choice else ():
            choose_letters(session, person_id, choice or {}, (11 * 60, 14 * 60), now=at(1))
    office.launch("1", "4", "5", due=date(2004, 6, 30))
    task = office.task("4")
    deeds: dict[int, Callable[[], object]] = {
        4: lambda: office.act(task, "accept", HEAD, at(4, hour=9)),
        8: lambda: office.act(task, "ask-extension", HEAD, at(8, hour=11), due=date(2004, 7, 9), note="chờ góp ý"),
        14: lambda: office.act(task, "grant-extension", COORDINATOR, at(14, hour=15)),
        21: lambda: office.submit(task, HEAD, at(21, hour=9)),
        24: lambda: office.act(task, "return", COORDINATOR, at(24, hour=16), note="thiếu phụ lục"),
    }
    for day in range(1, 46):
        office.tick(at_local(date(2004, 6, 1) + timedelta(days=day - 1)))
        deeds.get(day, lambda: None)()
    with reading(office.engine) as session:
        rows = session.execute(
            select(
                *(col(Duty.path), col(Unit.code), col(Notice.rung), col(Notice.offset), col(Notice.role)),
                *(col(Person.code), col(Notice.slot), col(Notice.state)),
            )
            .join(Task, col(Task.id) == col(Notice.task_id))
            .join(Duty, col(Duty.id) == col(Task.duty_id))
            .join(Unit, col(Unit.id) == col(Task.lead_unit_id))
            .join(Person, col(Person.id) == col(Notice.recipient_id))
            .where(~col(Notice.rung).startswith(EVENT))
            .order_by(col(Notice.slot))
        )
        found: dict[_Rung, list[tuple[datetime, NoticeState]]] = defaultdict(list)
        for path, unit, rung, offset, role, person, slot, state in rows:
            found[path, unit, rung, offset, role, person].append((slot, state))
    return found


@pytest.fixture(scope="module")
def rungs_without_choice(
    migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[_Rung, list[tuple[datetime, NoticeState]]]]:
    folder = tmp_path_factory.mktemp("unchosen")
    shutil.copyfile(migrated_sqlite, folder / "test.sqlite")
    engine = open_engine(f"sqlite:///{folder / 'test.sqlite'}", KEYS)
    yield play_rungs(furnish(engine, folder), None)
    engine.dispose()


@pytest.mark.long
@pytest.mark.parametrize("which", [-1, 0], ids=["fewest", "most"])
def test_no_choice_moves_any_rung(
    engine: Engine, tmp_path: Path, which: int, rungs_without_choice: dict[_Rung, list[tuple[datetime, NoticeState]]]
) -> None:
    """Slot by slot beside the same two months in which nobody chose anything."""
    office = furnish(engine, tmp_path)
    rungs = play_rungs(office, {matter: possible[which] for matter, possible in CHOICES.items()})
    assert len(rungs) > 100 and rungs.keys() == rungs_without_choice.keys()
    for rung, before in rungs_without_choice.items():
        assert [state for _slot, state in rungs[rung]] == [state for _slot, state in before], rung
        for (slot, _state), (unmoved, _same) in zip(rungs[rung], before, strict=True):
            assert slot <= unmoved or local_date(slot) == local_date(unmoved), rung
    with reading(office.engine) as session:
        told = session.execute(
            select(col(Notice.slot), col(Letter.sent_at))
            .join(Letter, col(Letter.id) == col(Notice.letter_id))
            .where(col(Notice.state) == NoticeState.SENT, ~col(Notice.rung).startswith(EVENT))
        ).all()
    assert told and all(local_date(sent) == local_date(slot) for slot, sent in told)


def test_weekly_summary_ends_for_whoever_switched_it_off(office: Office) -> None:
    office.choose(HEAD, summary=Pace.OFF)
    office.tick(at(7))
    kinds = {(one.kind, one.recipient_id) for one in office.letters()}
    assert (LetterKind.SUMMARY, office.person(COORDINATOR).id) in kinds
    assert (LetterKind.SUMMARY, office.person(HEAD).id) not in kinds


@pytest.mark.parametrize(
    "values",
    [
        {"changes": "off"},
        {"requests": "at_once"},
        {"summary": "at_once"},
        {"quiet_from": 600},
        {"quiet_from": 700, "quiet_until": 600},
        {"quiet_from": -1, "quiet_until": 600},
    ],
    ids=str,
)
def test_the_database_itself_refuses_what_nobody_may_choose(office: Office, values: dict[str, object]) -> None:
    row = LetterPreference(person_id=office.person(HEAD).id, changed_at=at(1))
    for name, value in values.items():
        setattr(row, name, Pace(value) if isinstance(value, str) else value)
    with pytest.raises(IntegrityError), transaction(office.engine) as session:
        session.add(row)


def test_a_choice_that_cannot_be_is_refused_by_name_and_nothing_is_stored(office: Office) -> None:
    for quiet, paces in (((600, 600), {}), ((0, 600), {}), (None, {Matter.CHANGES: Pace.OFF})):
        with pytest.raises(BadInput), transaction(office.engine) as session:
            choose_letters(session, office.person(HEAD).id, paces, quiet, now=at(1))
    with reading(office.engine) as session:
        assert read_choices(session, [office.person(HEAD).id]) == {}


def test_one_press_puts_news_into_the_digest_and_ends_the_summary(office: Office) -> None:
    office.choose(HEAD, (660, 720), news=Pace.OFF, changes=Pace.AT_ONCE)
    me = office.person(HEAD).id
    for _twice in range(2):
        with transaction(office.engine) as session:
            fewer_letters(session, me, LetterKind.EVENT, now=at(2))
    with reading(office.engine) as session:
        found = read_choices(session, [me])[me]
    assert found.paces == {
        Matter.CHANGES: Pace.MORNING,
        Matter.REQUESTS: Pace.MORNING,
        Matter.NEWS: Pace.OFF,
        Matter.MESSAGES: Pace.MORNING,
    }
    assert found.quiet == (660, 720)
    with transaction(office.engine) as session:
        fewer_letters(session, me, LetterKind.SUMMARY, now=at(2))
        assert read_choices(session, [me])[me].paces[Matter.SUMMARY] is Pace.OFF


def test_each_link_that_left_is_stored_once_and_let_go_long_after(office: Office) -> None:
    office.tick(at(1, hour=9))
    first = office.sent(HEAD)[0]
    codes = [word.rsplit("/", 1)[1] for word in body(first).split() if "/v/" in word]
    assert codes
    with reading(office.engine) as session:
        for code in codes:
            link = session.get_one(LetterLink, read_code(code))
            assert link.task_id == office.task().id
        stored = len(session.execute(select(LetterLink)).all())
        sent = [one for one in office.letters() if one.state is LetterState.SENT]
    assert stored >= len(sent)
    assert expire_links(office.engine, before=at(1)) == 0
    assert expire_links(office.engine, before=at(2)) == stored


def test_last_month_tells_what_a_choice_would_have_meant(office: Office) -> None:
    for day, hour in ((2, 9), (3, 9), (4, 9)):
        office.submit(office.task(), HEAD, at(day, hour=hour))
        office.act(office.task(), "return", COORDINATOR, at(day, hour=hour + 1), note="bổ sung")
        office.tick(at(day, hour=14))
    office.tick(at(5, hour=9))
    with reading(office.engine) as session:
        month = read_last_month(session, office.person(HEAD).id, now=at(5, hour=10))
    assert month.sent == len(office.sent(HEAD))
    assert month.count_letters(NO_CHOICE, office.calendar) == month.sent
    counts = {count.matter: count for count in month.count_matters(NO_CHOICE, office.calendar)}
    assert set(counts) == set(Matter)
    assert counts[Matter.CHANGES] == MatterCount(Matter.CHANGES, letters=3, events=3, letters_by_choice=3)
    assert counts[Matter.MESSAGES] == MatterCount(Matter.MESSAGES, letters=0, events=0, letters_by_choice=0)
    without_summary = month.count_matters(PaceChoice({Matter.SUMMARY: Pace.OFF}), office.calendar)
    by_choice = {count.matter: count.letters_by_choice for count in without_summary}
    assert by_choice[Matter.SUMMARY] == 0 and by_choice[Matter.CHANGES] == 3
    often = PaceChoice({Matter.CHANGES: Pace.AT_ONCE})
    assert month.count_letters(often, office.calendar) >= month.count_letters(
        PaceChoice({Matter.CHANGES: Pace.MORNING}), office.calendar
    )
