"""A task as a line in time: what stands on it, in which order, and who sees the rungs."""

import re
from datetime import date, datetime, timedelta

from models.text.localtime import at_local
from tests.web.site import LAUNCHED, Office
from workflows.rules.tasks.actions import Action
from workflows.worklists.task_path import PathKind, PathPoint, PathStep, lay_out

DATABASES = ("sqlite", "postgresql")
NOW = at_local(date(2026, 11, 12))


def point(day: int, kind: PathKind = PathKind.MOVE, hours: int = 0) -> PathPoint:
    return PathPoint(at_local(date(2026, 11, day)) + timedelta(hours=hours), kind, "words")


def drawn(
    *points: PathPoint,
    waits: tuple[tuple[datetime, datetime], ...] = (),
    is_open: bool = True,
    by_the_hour: bool = False,
) -> tuple[PathStep, ...]:
    return lay_out(points, waits, NOW, is_open=is_open, by_the_hour=by_the_hour)


def test_points_of_one_day_are_one_step_and_today_stands_between() -> None:
    steps = drawn(point(20), point(2, hours=1), point(2))
    assert [len(step.points) for step in steps] == [2, 0, 1]
    assert [step.is_past for step in steps] == [True, True, False]
    assert [step.is_today for step in steps] == [False, True, False]
    assert steps[0].points[0].at < steps[0].points[1].at


def test_a_contingency_has_a_step_for_each_moment() -> None:
    assert len(drawn(point(2, hours=1), point(2), by_the_hour=True, is_open=False)) == 2


def test_a_closed_task_has_no_today() -> None:
    assert not any(step.is_today for step in drawn(point(2), point(20), is_open=False))


def test_a_wait_lies_between_the_steps_that_begin_and_end_it() -> None:
    begins, ends = point(3), point(9)
    steps = drawn(point(2), begins, point(5), ends, point(20), waits=((begins.at, ends.at),))
    assert [step.waits for step in steps] == [False, True, True, False, False, False]


def line(office: Office, who: str) -> str:
    text = office.sign_in(who).get(f"/tasks/{office.task('4').id}?lang=en").text
    found = re.search(r'<section class="path".*?</section>', text, re.DOTALL)
    return found.group() if found else ""


def test_the_line_has_moves_dates_and_for_leaders_the_rungs_with_their_readers(office: Office) -> None:
    task = office.task("4")
    head = office.head(task)
    office.act(task, Action.ACCEPT, head.id, LAUNCHED + timedelta(hours=1))
    office.act(task, Action.ASK_EXTENSION, head.id, LAUNCHED + timedelta(hours=2), due="2026-12-10", note="chờ số liệu")
    office.now = LAUNCHED + timedelta(days=2)
    coordinator, unit = line(office, "le.thi.c"), line(office, head.code)
    for words in ("Assigned to the unit", "Accepted", "More time asked for", "10 December 2026", "Deadline", "Today"):
        assert words in coordinator and words in unit
    assert "Overdue" in coordinator and "the unit&#39;s head" in coordinator
    assert "Overdue" not in unit, "who is told by which rule is for those who follow the task up"
    assert '<li class="past waits">' in unit


def test_a_moved_date_keeps_its_first_one_on_the_line(office: Office) -> None:
    task = office.task("4")
    office.act(task, Action.SET_DATE, task.coordinator_id, LAUNCHED, due="2026-12-04", note="chờ số liệu")
    found = line(office, "le.thi.c")
    assert "Original deadline" in found and "4 December 2026" in found and "p-first" in found
