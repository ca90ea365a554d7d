"""A directive over time: bars that count what they lead to, and where they stand on the picture."""

import re
from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

from models.tasks.task import TaskStatus, WaitKind
from models.text.localtime import at_local, end_of_day
from tests.web.more_tasks import more
from tests.web.site import DUE, LAUNCHED, Office
from web.directives.timeline_pages import MOST_TICKS, NAMES, WIDTH, draw_timeline
from workflows.rules.tasks.actions import Action
from workflows.worklists.directive_timeline import TimelineBar, gather_bars

DATABASES = ("sqlite", "postgresql")
PAGE = "/directives/ct-06-2004/timeline"
TODAY = date(2026, 11, 20)


def row(due: date | None, count: int = 1, **given: Any) -> Any:
    usual = {
        **{"position": 1, "path": "2", "title": "Hai", "occurrence": "once", "is_drill": False, "tasks": count},
        **{"due_at": end_of_day(due) if due else None, "original_due_at": end_of_day(due) if due else None},
        **{"status": TaskStatus.ACCEPTED, "wait_kind": None, "wait_since": None},
        "assigned_at": at_local(date(2026, 11, 2)),
    }
    return SimpleNamespace(**usual | given)


def test_a_bar_counts_the_tasks_of_one_duty_and_one_date() -> None:
    past, soon = TODAY - timedelta(days=3), TODAY + timedelta(days=3)
    waits = {"wait_kind": WaitKind.DECISION, "wait_since": at_local(TODAY - timedelta(days=1))}
    rows = [
        row(past, 4, status=TaskStatus.APPROVED),
        row(past, 2),
        row(past, 1, status=TaskStatus.SUBMITTED, **waits),
        row(soon, 5, original_due_at=end_of_day(past)),
        row(None, 3),
        row(None, 9, status=TaskStatus.APPROVED),
    ]
    late, moved, undated = gather_bars(rows, at_local(TODAY))
    assert (late.count, late.done, late.late, late.soon, late.waiting) == (7, 4, 3, 0, 1)
    assert late.waiting_from == TODAY - timedelta(days=1) and late.first_dates == ()
    assert (moved.count, moved.soon, moved.first_dates) == (5, 5, (past,))
    assert (undated.due_on, undated.count) == (None, 3), "closed tasks without a deadline are in no list of open ones"


def bar(begins: date, due: date | None, **given: Any) -> TimelineBar:
    usual: dict[str, Any] = {"path": "2", "title": "Hai", "periods": ("once",), "count": 4, "done": 1, "late": 0}
    usual |= {"soon": 0, "waiting": 0, "waiting_from": None, "first_dates": ()}
    return TimelineBar(begins_on=begins, due_on=due, **usual | given)


def test_periods_stand_side_by_side_and_what_overlaps_one_below_the_other() -> None:
    first, second = date(2026, 1, 5), date(2026, 4, 6)
    apart = draw_timeline([bar(first, date(2026, 3, 1)), bar(second, date(2026, 6, 1))], TODAY)
    assert len({one.y for one in apart.rows[0].bars}) == 1
    over = draw_timeline([bar(first, date(2026, 5, 1)), bar(second, date(2026, 6, 1))], TODAY)
    assert len({one.y for one in over.rows[0].bars}) == 2
    assert over.rows[0].height > apart.rows[0].height


def test_everything_stands_within_the_picture_and_what_is_late_reaches_today() -> None:
    bars = [
        bar(date(2023, 1, 2), date(2023, 6, 1), late=2),
        bar(date(2026, 11, 2), None),
        bar(date(2026, 11, 2), date(2027, 1, 4), first_dates=(date(2026, 12, 1),), waiting_from=date(2026, 11, 10)),
    ]
    drawing = draw_timeline(bars, TODAY)
    late, undated, moved = drawing.rows[0].bars
    assert late.tail == drawing.today and late.done == late.width / 4
    assert undated.x + undated.width <= WIDTH and moved.x < moved.first[0] < moved.x + moved.width
    assert moved.wait_x + moved.wait_width == drawing.today
    assert late.x >= NAMES and 1 < len(drawing.ticks) <= MOST_TICKS


def test_the_number_of_late_tasks_stands_beside_bars_and_never_on_one() -> None:
    first, due = date(2026, 8, 3), date(2026, 9, 4)
    bars = [bar(first, due, late=2), bar(first, date(2026, 10, 1)), bar(date(2026, 9, 1), due, late=12)]
    drawing = draw_timeline([*bars, bar(TODAY, TODAY + timedelta(days=9))], TODAY)
    drawn = drawing.rows[0].bars
    for one in (drawn[0], drawn[2]):
        assert one.late_x > max(one.tail, one.x + one.width)
        beside = [other for other in drawn if other.y == one.y and other is not one]
        assert all(one.late_x + 20 <= other.x or one.late_x > other.x + other.width for other in beside)
        assert one.late_x + 20 <= WIDTH
    assert drawn[2].late_x > drawn[2].label_x > drawn[2].tail


def test_each_bar_leads_to_exactly_the_tasks_it_counts(office: Office) -> None:
    more(office, office.task("4"), 5, status=TaskStatus.ACCEPTED)
    reader = office.sign_in("le.thi.c")
    text = reader.get(f"{PAGE}?lang=en").text
    found = re.findall(r'<a href="(/tasks\?[^"]+)"><title>[^<]*?(\d+) of (\d+) done', text)
    assert found
    for href, _done, count in found:
        tasks = reader.get(href.replace("&amp;", "&") + "&lang=en").text
        assert tasks.count('<th scope="row">') == int(count), href


def test_a_moved_date_shows_the_first_one(office: Office) -> None:
    task = office.task("4")
    later = DUE + timedelta(days=14)
    office.act(task, Action.SET_DATE, task.coordinator_id, LAUNCHED, due=later.isoformat(), note="chờ số liệu")
    text = office.sign_in("le.thi.c").get(f"{PAGE}?lang=en").text
    assert f"original deadline {DUE.day} November 2026" in text and 'class="first"' in text


def test_only_who_sees_the_board_sees_the_timeline(office: Office) -> None:
    assert office.get(PAGE).status_code == 303
    assert office.sign_in(office.head(office.task("2")).code).get(PAGE).status_code == 404
