"""The figures behind the pictures: every week is the report of that week's end, and nothing is counted twice."""

from dataclasses import fields
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlmodel import Session

from models.errors import NotFound
from models.tasks.task import Task
from tests.ministry import CUTOFF, Counted, Ministry, day
from workflows.papers.charts.chart_figures import LOAD_AFTER, WEEKS, ChartFigures, read_chart_figures
from workflows.reports.counted_places import CountQuery
from workflows.reports.report_figures import report
from workflows.reports.report_tasks import Figure, ReportPart, page_behind
from workflows.rules.figures.lateness import BANDS, band_of
from workflows.rules.tasks.classification import Figures


@pytest.fixture
def ministry(session: Session) -> Ministry:
    return Ministry(session)


def a_busy_june(ministry: Ministry) -> None:
    """Dates kept and missed, moved and never set, a change of lead, a return, a withdrawal taken back, a drill."""
    ministry.done(ministry.task(due=day(10)), day(9), approved=day(21))
    ministry.done(ministry.task(due=day(10), unit="DAI"), day(14))
    ministry.task("ct06/4", due=None)
    ministry.task("ct06/4", unit="DUNG", due=day(13))  # a Sunday
    moved = ministry.task("ct06/4", unit="DUNG", due=day(16))
    ministry.happened(moved, "due_moved", day(15), due_on="2004-07-20", **{"from": "2004-06-16"})
    passed_on = ministry.task(unit="AN", due=day(18))
    ministry.happened(passed_on, "lead_changed", day(22), "assigned", to=ministry.units["DAI"].id.hex)
    returned = ministry.task("kl/1", due=day(20), on=day(8))
    ministry.done(returned, day(12))
    ministry.happened(returned, "returned", day(17), "returned")
    taken_back = ministry.task("kl/1", unit="DAI", due=day(29))
    ministry.happened(taken_back, "withdrawn", day(10), "withdrawn")
    ministry.happened(taken_back, "reopened", day(25), "assigned")
    ministry.task(drill=True)
    ministry.task(root=False)


def assert_agrees_with_the_report(session: Session, pictures: ChartFigures) -> None:
    """Week by week, unit by unit, and in sum."""
    for stand in pictures.completion:
        told = report(session, cutoff=stand.ends_on, directive=pictures.directive)
        assert stand.figures == (told.on_original if pictures.on_original else told.figures), stand.ends_on
    told = report(session, cutoff=pictures.cutoff, directive=pictures.directive)
    assert pictures.figures == (told.on_original if pictures.on_original else told.figures)
    assert pictures.provisional == told.provisional
    assert [(unit.code, unit.name, unit.figures) for unit in pictures.by_unit] == [
        (line.code, line.name, line.on_original if pictures.on_original else line.figures) for line in told.by_unit
    ]
    load = pictures.load
    assert added(*(week.figures for week in load.weeks), load.earlier, load.later, load.undated) == pictures.figures


def added(*parts: Figures) -> Figures:
    return Figures(**{one.name: sum(getattr(part, one.name) for part in parts) for one in fields(Figures)})


@pytest.mark.parametrize("on_original", [False, True])
@pytest.mark.parametrize("directive", [None, "ct06"])
@pytest.mark.parametrize("cutoff", [day(13), day(16), CUTOFF, day(25, 7)])
def test_every_week_is_the_report_of_its_end(
    ministry: Ministry, cutoff: date, directive: str | None, on_original: bool
) -> None:
    a_busy_june(ministry)
    told = read_chart_figures(ministry.session, cutoff=cutoff, directive=directive, on_original=on_original)
    assert_agrees_with_the_report(ministry.session, told)


@pytest.mark.parametrize("on_original", [False, True])
@pytest.mark.parametrize("cutoff", [day(13), CUTOFF, day(25, 7), date(2005, 1, 31)])
def test_what_is_late_is_counted_by_how_late_and_each_number_has_its_tasks(
    ministry: Ministry, cutoff: date, on_original: bool
) -> None:
    a_busy_june(ministry)
    told = read_chart_figures(ministry.session, cutoff=cutoff, on_original=on_original)
    assert sum(told.ages) == told.figures.open_overdue
    for band, count in zip(BANDS, told.ages, strict=True):
        part = ReportPart(due_from=band.first_due(cutoff), due_to=band.last_due(cutoff))
        late, n = page_behind(ministry.session, CountQuery(cutoff), Figure.OPEN_OVERDUE, part, on_original=on_original)
        assert len(late) == n == count
        for one in late:
            due_on = one.at.original_due_on if on_original else one.at.due_on
            assert due_on is not None and band_of((cutoff - due_on).days) is band


def test_a_weeks_number_has_its_tasks(ministry: Ministry) -> None:
    a_busy_june(ministry)
    told = read_chart_figures(ministry.session, cutoff=CUTOFF)
    assert told.load.weeks
    for week in told.load.weeks:
        part = ReportPart(due_from=week.monday, due_to=week.monday + timedelta(days=6))
        _tasks, count = page_behind(ministry.session, CountQuery(CUTOFF), Figure.TOTAL, part)
        assert count == week.figures.total


def test_weeks_end_on_sundays_and_the_last_at_the_cutoff(ministry: Ministry) -> None:
    a_busy_june(ministry)
    ends = [stand.ends_on for stand in read_chart_figures(ministry.session, cutoff=CUTOFF).completion]
    assert ends == [day(6), day(13), day(20), day(27), CUTOFF]
    ends = [stand.ends_on for stand in read_chart_figures(ministry.session, cutoff=day(27)).completion]
    assert ends == [day(6), day(13), day(20), day(27)], "a Sunday ends its own week"


def test_a_long_story_is_cut_to_its_last_weeks(ministry: Ministry) -> None:
    ministry.task()
    told = read_chart_figures(ministry.session, cutoff=date(2006, 1, 4))
    assert len(told.completion) == WEEKS
    assert told.figures.open_overdue == 1
    assert told.load.weeks == ()
    assert told.load.earlier.open_overdue == 1


def test_what_falls_due_after_the_drawn_weeks_is_counted_apart(ministry: Ministry) -> None:
    monday = date(2004, 6, 28)
    last = monday + timedelta(weeks=LOAD_AFTER, days=6)
    ministry.task(due=last)
    ministry.task("ct06/4", due=last + timedelta(days=1))
    load = read_chart_figures(ministry.session, cutoff=CUTOFF).load
    assert [week.monday for week in load.weeks] == [last - timedelta(days=6)]
    assert load.later.open_in_time == 1


def test_load_stands_in_the_week_of_the_date_weeks_without_any_included(ministry: Ministry) -> None:
    late, kept = ministry.task(due=day(13)), ministry.task(due=day(14))
    ministry.done(late, day(14))
    ministry.done(kept, day(14))
    ministry.task(due=CUTOFF)
    weeks = read_chart_figures(ministry.session, cutoff=CUTOFF).load.weeks
    assert [(week.monday, week.figures) for week in weeks] == [
        (day(7), Figures(done_late=1)),
        (day(14), Figures(done_on_time=1)),
        (day(21), Figures()),
        (day(28), Figures(open_in_time=1)),
    ]


def test_a_units_pictures_hold_what_it_led_and_nothing_of_others(ministry: Ministry) -> None:
    a_busy_june(ministry)
    unit = ministry.units["DAI"]
    told = read_chart_figures(ministry.session, cutoff=CUTOFF, units=[unit.id])
    line = next(line for line in report(ministry.session, cutoff=CUTOFF).by_unit if line.code == "DAI")
    assert told.figures == line.figures
    assert [one.code for one in told.by_unit] == ["DAI"]
    before, after = told.completion[-3:-1]
    assert before.figures.open_overdue == 0, "overdue with its former lead, whose affair that was"
    assert after.figures.open_overdue == 1
    assert read_chart_figures(ministry.session, cutoff=CUTOFF, units=[]).figures == Figures()


def test_nothing_recorded_is_one_week_of_zeros(ministry: Ministry) -> None:
    told = read_chart_figures(ministry.session, cutoff=CUTOFF)
    assert [(stand.ends_on, stand.figures) for stand in told.completion] == [(CUTOFF, Figures())]
    assert told.by_unit == ()
    assert told.load.weeks == ()


def test_an_unknown_directive_is_named(ministry: Ministry) -> None:
    with pytest.raises(NotFound, match="ct99"):
        read_chart_figures(ministry.session, cutoff=CUTOFF, directive="ct99")


def test_the_number_of_queries_does_not_grow_with_the_tasks(ministry: Ministry) -> None:
    def queries() -> int:
        with Counted(ministry.session) as seen:
            read_chart_figures(ministry.session, cutoff=CUTOFF, directive="ct06", units=[ministry.units["AN"].id])
        return len(seen)

    a_busy_june(ministry)
    few = queries()
    a_busy_june(ministry)
    assert queries() == few <= 5


moves = st.lists(
    st.tuples(
        st.sampled_from(
            ["approved", "submitted", "withdrawn", "reopened", "due_moved", "due_lost", "lead_changed", "returned"]
        ),
        st.integers(0, 50),
        st.integers(0, 50),
    ),
    max_size=6,
)


@settings(max_examples=20)
@given(stories=st.lists(st.tuples(st.integers(0, 40) | st.none(), moves), max_size=4), cutoff=st.integers(0, 60))
def test_whatever_happens_it_agrees_with_the_report(
    ministry: Ministry, stories: list[tuple[int | None, list[tuple[str, int, int]]]], cutoff: int
) -> None:
    savepoint = ministry.session.begin_nested()
    for due, happened in stories:
        task = ministry.task(due=None if due is None else day(1) + timedelta(days=due))
        for name, after, to in sorted(happened, key=lambda move: move[1]):
            happen(ministry, task, name, day(1) + timedelta(days=after), day(1) + timedelta(days=to))
    for on_original in (False, True):
        told = read_chart_figures(ministry.session, cutoff=day(1) + timedelta(days=cutoff), on_original=on_original)
        assert_agrees_with_the_report(ministry.session, told)
    savepoint.rollback()
    ministry.session.expunge_all()


def happen(ministry: Ministry, task: Task, name: str, on: date, due: date) -> None:
    unit = ministry.units["DAI"].id.hex
    if name == "due_lost":
        ministry.happened(task, "due_moved", on, due_on=None)
    elif name == "due_moved":
        ministry.happened(task, name, on, due_on=due.isoformat())
    else:
        status = {"reopened": "accepted", "lead_changed": "assigned"}.get(name, name)
        ministry.happened(task, name, on, status, counts_on=due.isoformat(), to=unit)
