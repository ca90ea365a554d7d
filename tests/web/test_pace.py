"""Nobody signed in takes the site from the others: so much in a minute, of pages and calls together."""

from datetime import timedelta

import pytest
from sqlmodel import func, select

from models.database.session import reading
from models.tasks.history import History
from tests.web.api.programs import Make
from tests.web.site import Office
from web.request.rate_limit import COSTLY

TOO_MUCH = "too much was asked for in your name within a minute: please wait {} seconds"


@pytest.fixture
def office(office: Office) -> Office:
    office.settings.requests_per_minute = 60
    return office


def test_who_asks_without_end_waits_and_nobody_else_does(office: Office) -> None:
    busy, other = office.sign_in("le.thi.c"), office.sign_in("ngo.van.loc")
    assert {busy.get("/work?lang=en").status_code for _ in range(60)} == {200}
    refused = busy.get("/work")
    assert (refused.status_code, refused.headers["retry-after"]) == (429, "10")
    assert TOO_MUCH.format(10) in refused.text.lower()
    assert other.get("/work").status_code == 200
    office.now += timedelta(seconds=10)
    assert busy.get("/work").status_code == 200


def test_another_browser_and_a_program_of_the_same_person_count_with_it(office: Office, program: Make) -> None:
    first, second, third = office.sign_in("le.thi.c"), office.sign_in("le.thi.c"), program("le.thi.c")
    for _ in range(20):
        assert [one.get(path).status_code for one, path in ((first, "/work"), (second, "/work"), (third, "/me"))] == [
            200,
            200,
            200,
        ]
    assert {first.get("/work").status_code, second.get("/work").status_code} == {429}
    refused = third.get("/me")
    assert (refused.status_code, refused.headers["retry-after"]) == (429, "10")
    assert refused.json()["detail"] == TOO_MUCH.format(10)


def test_an_ordinary_pace_is_never_slowed_down(office: Office) -> None:
    reader = office.sign_in("le.thi.c")
    for _ in range(150):
        assert reader.get("/work").status_code == 200
        office.now += timedelta(seconds=1)


@pytest.mark.parametrize("path", ["/reports", "/search?q=TCT-T", "/directives/ct-06-2004/briefing", "/scorecards"])
def test_what_costs_the_database_more_counts_as_ten(office: Office, path: str) -> None:
    reader = office.sign_in("le.thi.c")
    assert [reader.get(path).status_code for _ in range(7)] == [200] * 6 + [429]


def test_a_deed_that_was_too_soon_is_not_done_and_its_key_is_free_again(office: Office, program: Make) -> None:
    task = office.task("4")
    head, key = program(office.head(task).code), {"idempotency-key": "one"}
    for _ in range(60):
        assert head.get("/me").status_code == 200
    progress = f"/tasks/{task.id}/progress"
    with reading(office.engine) as session:
        before = session.exec(select(func.count()).select_from(History)).one()
    assert head.post(progress, {"note": "đang làm"}, headers=key).status_code == 429
    with reading(office.engine) as session:
        assert session.exec(select(func.count()).select_from(History)).one() == before
    office.now += timedelta(seconds=10)
    assert head.post(progress, {"note": "đang làm"}, headers=key).status_code == 200


def test_what_is_costly_is_known_by_its_path() -> None:
    costly = (
        "/api/v1/report",
        "/reports/xlsx",
        "/directives/ct-06-2004/archive",
        "/api/v1/search",
        "/admin/audit.csv",
        "/account/data",
        "/papers/make/results",
        "/reports/pictures",
        "/api/v1/register/files/units",
        "/tasks/csv",
        "/tasks/xlsx",
        "/tasks/ct-06-2004-2-vnpt/files/0192/view",
        "/launch/ct-06-2004/preview/0192/csv",
        "/intake",
        "/intake/tables",
        "/intake/0192/line",
        "/intake/0192/files/0193/view",
        "/api/v1/edxml/messages",
    )
    assert [one for one in costly if not COSTLY.fullmatch(one)] == []
    cheap = ("/work", "/tasks/1", "/directives/ct-06-2004", "/api/v1/me", "/account", "/admin/audit", "/papers")
    assert [one for one in cheap if COSTLY.fullmatch(one)] == []
