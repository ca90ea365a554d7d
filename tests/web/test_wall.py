"""A directive on a wall screen."""

from datetime import date

from models.text.localtime import at_local
from models.text.vietnamese import sort_key
from tests.web.conftest import Office


def test_the_wall_shows_the_reports_figures_and_who_is_overdue_by_name(office: Office) -> None:
    office.now = at_local(date(2026, 11, 26))
    page = office.sign_in("nguyen.minh.quan").get("/directives/ct-06-2004/wall?lang=en").text
    assert "not done, overdue" in page
    assert "alphabetical order" in page
    listed = [one.split("</strong>")[0] for one in page.split('class="overdue"')[1].split("<strong>")[1:]]
    assert len(listed) > 10
    assert listed == sorted(listed, key=sort_key)


def test_it_is_for_those_who_oversee(office: Office) -> None:
    head = office.head(office.task("2"))
    assert office.sign_in(head.code).get("/directives/ct-06-2004/wall").status_code == 404
