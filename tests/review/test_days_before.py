"""However a document words "trước ngày 5 tháng sau", the reading keeps the 5th, and the task is due on the 4th."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from itertools import product

import pytest

from models.database.ids import new_id
from models.directives.directive import DutyKind
from models.intake.intake import ProposedDuty
from models.organization.unit import UnitKind
from tests.intake.passages import duties, passage
from workflows.intake.review.first_guess import deadline_of, every_of, unread_times
from workflows.intake.review.propose_template import period_of_duty
from workflows.intake.times.deadlines import read_deadlines
from workflows.rules.calendar.periods import parse, sending_date

REPORTS = duties("1. Vụ Viễn thông báo cáo Bộ.")["1"]
DAYS = ("ngày ", "mùng ", "mồng ", "ngày mùng ", "ngày mồng ")
MONTHLY = ("hằng tháng", "hàng tháng", "mỗi tháng", "định kỳ hằng tháng")
NEXT = (
    " của tháng sau",
    " tháng sau",
    " tháng liền sau",
    " của tháng kế tiếp",
    " tháng tiếp theo",
    " của tháng liền kề",
)
FORMS = (
    "{each} báo cáo Bộ trước {day}",
    "{each}, trước {day}, báo cáo Bộ",
    "báo cáo Bộ {each} (trước {day})",
    "{each}, Vụ Viễn thông báo cáo kết quả thực hiện trước {day}.",
    "Vụ Viễn thông báo cáo kết quả {each}, trước {day}",
    "báo cáo Bộ {each} trước {day}",
)
BEHIND = (
    "báo cáo Bộ trước {day} {each}",
    "trước {day} của {each}, Vụ Viễn thông báo cáo",
    "gửi báo cáo về Vụ Viễn thông trước {day} {each}.",
)
OF_QUARTER = (
    ("{each}, trước {day} tháng cuối quý, báo cáo Bộ", "2026-06-04"),
    ("báo cáo Bộ {each} (trước {day} tháng cuối quý)", "2026-06-04"),
    ("{each}, báo cáo Bộ trước {day} của tháng đầu quý sau", "2026-07-04"),
    ("báo cáo quý trước {day} của tháng sau", "2026-07-04"),
)


def wordings() -> Iterator[tuple[str, str, str]]:
    """Each wording, the period that it is asked in, and the last day on which it may be done."""
    for day, each, form in product(DAYS, MONTHLY, FORMS):
        yield form.format(each=each, day=f"{day}5"), "2026-06", "2026-06-04"
        for tail in NEXT:
            yield form.format(each=each, day=f"{day}05{tail}"), "2026-06", "2026-07-04"
    for day, each, form in product(DAYS, MONTHLY[:3], BEHIND):
        yield form.format(each=each, day=f"{day}05"), "2026-06", "2026-06-04"
    for day, each, (form, due) in product(DAYS, ("hằng quý", "hàng quý", "mỗi quý"), OF_QUARTER):
        yield form.format(each=each, day=f"{day}5"), "2026-Q2", due


@pytest.mark.parametrize("day", DAYS)
def test_a_day_before_which_it_is_due_is_due_the_day_before(day: str) -> None:
    told = {words: due_of(words, key) for words, key, _due in wordings() if f"trước {day}" in words}
    assert told == {words: due for words, _key, due in wordings() if f"trước {day}" in words}


def due_of(words: str, key: str) -> str:
    """The last day in a period of what the words ask for; else what they were read as."""
    found = replace(REPORTS, deadlines=read_deadlines(passage(words), date(2026, 5, 12)))
    deadline = deadline_of(found)
    if len(found.deadlines) != 1 or unread_times(replace(found, passage=passage("x"))) or not deadline:
        return str([one.rule for one in found.deadlines])
    assert (deadline["day"], deadline["before"]) == (5, True), "the reading keeps the day that is named"
    proposed = ProposedDuty(
        intake_id=new_id(), path="1", begins=0, ends=1, title="Báo cáo", kind=DutyKind.RECURRING, deadline=deadline
    )
    proposed.every = every_of(found)
    period = period_of_duty(proposed)
    assert period is not None
    return str(sending_date(period, parse(key), UnitKind.ENTERPRISE))
