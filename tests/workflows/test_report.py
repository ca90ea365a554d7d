"""The report at a cut-off: whole and by directive, duty and unit, the same whenever it is asked for."""

from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlmodel import Session

from models.database.rows import table_of
from models.errors import NotFound
from models.tasks.history import History, HistorySeal
from models.tasks.task import Task
from models.text.localtime import end_of_day
from tests.ministry import CUTOFF, Counted, Ministry, day
from workflows.reports.report_figures import report, report_json


@pytest.fixture
def ministry(session: Session) -> Ministry:
    return Ministry(session)


def small_world(ministry: Ministry) -> None:
    """One task of each kind, and three that stand outside."""
    ministry.done(ministry.task(due=day(10)), day(10), approved=day(20))
    ministry.done(ministry.task(due=day(10), unit="DAI"), day(11))
    ministry.task("ct06/4", due=None)
    ministry.task("kl/1", unit="DUNG", due=CUTOFF)
    late = ministry.task("ct06/4", unit="DUNG", due=day(20))
    ministry.happened(late, "due_moved", day(19), due_on="2004-06-29", reason="gia hạn", **{"from": "2004-06-20"})
    ministry.task(root=False)
    ministry.task(drill=True)
    ministry.happened(ministry.task(), "withdrawn", day(5), "withdrawn")


def test_the_two_by_two_stands_flat_at_the_top_of_the_json(ministry: Ministry) -> None:
    small_world(ministry)
    told = report_json(report(ministry.session, cutoff=CUTOFF))
    expected = {
        "cutoff": "2004-06-30",
        "total": 5,
        "done": 2,
        "done_on_time": 1,
        "done_late": 1,
        "open": 3,
        "open_in_time": 2,
        "open_overdue": 1,
        "no_deadline": 1,
        "rate_exact": "2/3",
        "rate_text": "66,67%",
    }
    assert expected.items() <= told.items()
    assert told["formula"]


def test_every_breakdown_adds_up_to_the_whole(ministry: Ministry) -> None:
    small_world(ministry)
    whole = report(ministry.session, cutoff=CUTOFF)
    for lines in (whole.by_directive, whole.by_duty, whole.by_unit):
        for name in ("total", "done_on_time", "done_late", "open_in_time", "open_overdue", "no_deadline"):
            assert sum(getattr(line.figures, name) for line in lines) == getattr(whole.figures, name)
    assert [(line.code, line.name) for line in whole.by_directive] == [
        ("ct06", "Chỉ thị 06/2004/CT-BBCVT"),
        ("kl", "Kết luận giao ban"),
    ]
    assert [(line.directive, line.code) for line in whole.by_duty] == [("ct06", "2"), ("ct06", "4"), ("kl", "1")]


def test_units_stand_in_vietnamese_order_and_are_not_ranked(ministry: Ministry) -> None:
    small_world(ministry)
    lines = report(ministry.session, cutoff=CUTOFF).by_unit
    assert [line.name for line in lines] == ["Công ty An", "Công ty Dũng", "Công ty Đại"]


def test_original_dates_stand_beside_the_current_ones(ministry: Ministry) -> None:
    task = ministry.task(due=day(20))
    ministry.happened(task, "due_moved", day(19), due_on="2004-07-15", reason="gia hạn", **{"from": "2004-06-20"})
    told = report(ministry.session, cutoff=CUTOFF)
    assert (told.figures.open_in_time, told.figures.open_overdue) == (1, 0)
    assert (told.on_original.open_in_time, told.on_original.open_overdue) == (0, 1)
    assert told.by_unit[0].on_original.open_overdue == 1


def test_a_task_counts_for_its_lead_at_the_cutoff(ministry: Ministry) -> None:
    task = ministry.task(unit="AN")
    to = str(ministry.units["DAI"].id)
    ministry.happened(task, "lead_changed", day(15), "assigned", to=to)
    before, after = (report(ministry.session, cutoff=on).by_unit for on in (day(14), day(15)))
    assert [line.code for line in before] == ["AN"]
    assert [line.code for line in after] == ["DAI"]


def test_one_directive_alone_and_an_unknown_one(ministry: Ministry) -> None:
    small_world(ministry)
    told = report(ministry.session, cutoff=CUTOFF, directive="kl")
    assert told.figures.total == 1
    assert [line.code for line in told.by_directive] == ["kl"]
    with pytest.raises(NotFound, match="ct99"):
        report(ministry.session, cutoff=CUTOFF, directive="ct99")


def test_no_tasks_at_all_is_a_report_of_zeros(ministry: Ministry) -> None:
    told = report_json(report(ministry.session, cutoff=CUTOFF))
    assert (told["total"], told["rate"], told["rate_text"]) == (0, None, "–")


def test_it_is_provisional_until_the_sealer_has_passed_the_cutoff(ministry: Ministry) -> None:
    ministry.task()
    session = ministry.session
    assert report(session, cutoff=CUTOFF).provisional, "nothing is sealed"

    def seal(on: date, after: HistorySeal | None = None) -> HistorySeal:
        number, before = (after.number + 1, after.id) if after else (1, None)
        moment = end_of_day(on)
        mark = HistorySeal(number=number, previous_id=before, sealed_at=moment, upto=moment, row_count=0, digest="0")
        session.add(mark)
        session.flush()
        session.connection().execute(
            table_of(History).update().where(table_of(History).c.seal_id.is_(None)).values(seal_id=mark.id)
        )
        return mark

    first = seal(day(10))
    assert report(session, cutoff=CUTOFF).provisional, "more may be recorded before the cut-off"
    ministry.happened(ministry.task(), "progress", day(20))
    seal(CUTOFF, first)
    assert not report(session, cutoff=CUTOFF).provisional
    ministry.task("kl/1")
    assert report(session, cutoff=CUTOFF).provisional, "a row before the cut-off is not sealed"
    assert not report(session, cutoff=CUTOFF, directive="ct06").provisional


def test_the_number_of_queries_does_not_grow_with_the_tasks(ministry: Ministry) -> None:
    def queries() -> int:
        with Counted(ministry.session) as seen:
            report(ministry.session, cutoff=CUTOFF)
        return len(seen)

    small_world(ministry)
    few = queries()
    small_world(ministry)
    assert queries() == few <= 5


later_moves = st.lists(
    st.tuples(
        st.integers(0, 4),
        st.sampled_from(["approved", "withdrawn", "reopened", "due_moved", "lead_changed", "returned", "new task"]),
        st.integers(1, 60),
    ),
    min_size=1,
    max_size=8,
)


@settings(max_examples=25)
@given(moves=later_moves)
def test_asked_again_later_it_comes_out_the_same(ministry: Ministry, moves: list[tuple[int, str, int]]) -> None:
    for _ in _undone(ministry.session):
        tasks = [ministry.task(due=due) for due in (day(10), day(20), None, CUTOFF, day(10, 7))]
        ministry.done(tasks[0], day(9))
        ministry.done(tasks[1], day(25))
        then = report(ministry.session, cutoff=CUTOFF)
        for index, name, after in sorted(moves, key=lambda move: move[2]):
            on = CUTOFF + timedelta(days=after)
            if name == "new task":
                ministry.task(on=on)
            else:
                _later(ministry, tasks[index], name, on)
        assert report(ministry.session, cutoff=CUTOFF) == then


def _later(ministry: Ministry, task: Task, name: str, on: date) -> None:
    status = {"reopened": "accepted", "lead_changed": "assigned", "due_moved": None}.get(name, name)
    to = str(ministry.units["DAI"].id)
    ministry.happened(task, name, on, status, due_on="2004-01-01", counts_on="2004-01-01", to=to)


def _undone(session: Session) -> Iterator[None]:
    """One example's rows, taken back at its end."""
    savepoint = session.begin_nested()
    yield
    savepoint.rollback()
    session.expunge_all()
