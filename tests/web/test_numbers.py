"""Numbers that are none, or without end, in forms and addresses: told as a slip by the page, never a fault of ours."""

import pytest

from tests.review.sheets import csv
from tests.rooms import of_room
from tests.web.follow_up_tables import TWO, send_in
from tests.web.forms import fill, press
from tests.web.site import Office
from web.request.given_values import int_or_none

STRANGE = ("²", "٣", "9" * 5000, "-1", "1e3", "")


@pytest.mark.parametrize("given", STRANGE)
def test_only_a_few_plain_digits_are_a_number(given: str) -> None:
    assert int_or_none(given) is None
    assert (int_or_none("0"), int_or_none("007"), int_or_none("999999999")) == (0, 7, 999_999_999)


@pytest.mark.parametrize("given", STRANGE[:-1])
def test_a_page_asked_for_by_such_a_number_says_so(office: Office, given: str) -> None:
    answer = office.sign_in("le.thi.c").get(f"/directives/ct-06-2004?page={given}")
    assert answer.status_code == 422


@of_room("papers")
@pytest.mark.parametrize("given", STRANGE)
def test_a_form_that_says_it_saw_such_a_version_is_too_old(office: Office, given: str) -> None:
    coordinator = office.sign_in("le.thi.c")
    made = coordinator.send(
        "/papers/schedules/new", kind="directive", collects="ct-06-2004/results", language="vi", own_day=""
    )
    scheduled = made.headers["location"]
    assert coordinator.send(scheduled, seen=given, language="vi", own_day="", own_months="").status_code == 409
    drafted = coordinator.send("/papers", kind="directive", directive="ct-06-2004").headers["location"]
    assert coordinator.send(drafted, seen=given, general="x").status_code == 409


@of_room("intake")
@pytest.mark.parametrize("given", STRANGE)
def test_a_row_of_such_a_number_is_not_ticked(office: Office, given: str) -> None:
    reader, here = send_in(office, csv(*TWO))
    ticked = press(reader, fill(reader, here, "ticks"), shown=f"2,{given}", row=[given, "2"])
    assert ticked.status_code == 303


def test_words_without_end_are_not_looked_for(office: Office) -> None:
    """SQLite compares with no pattern of 50,000 bytes."""
    boss = office.sign_in("dang.thu.thuy")
    for page in ("/admin/units?q", "/admin/people?q", "/admin/audit?about"):
        answer = boss.get(f"{page}={'x' * 50_001}")
        assert answer.status_code == 422, page
