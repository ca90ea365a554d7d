"""A character that no database text may hold is the sender's fault, not ours: told as such, by pages and API."""

import pytest

from tests.rooms import of_room
from tests.web.api.programs import Make
from tests.web.site import Office

DATABASES = ("sqlite", "postgresql")

CODE = "ct-06-2004"
CALLS = (
    "/letters?q=a%00b",
    "/letters?person=%00",
    "/search?q=a%00",
    "/directives?q=%00",
    f"/directives/{CODE}/board?tag=%00",
    "/tasks?unit=%00",
    "/report?directive=%00",
    "/directives/%00",
    "/inbox?q=%00",
)
PAGES = ("/letters?q=%00", "/search?q=a%00", f"/directives/{CODE}?tag=%00", "/directives/%00", "/tasks/%00")


@pytest.mark.parametrize("path", CALLS)
def test_a_call_with_such_a_character_is_told_so(office: Office, program: Make, path: str) -> None:
    answer = program("le.thi.c").get(path)
    assert answer.status_code in (200, 404, 422)
    if answer.status_code == 422:
        assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("path", PAGES)
def test_a_page_with_such_a_character_is_told_so(office: Office, path: str) -> None:
    assert office.sign_in("le.thi.c").get(path).status_code in (200, 404, 422)


def test_nothing_is_kept_of_it_and_the_key_is_free_again(office: Office, program: Make) -> None:
    task = office.task("4")
    head, key = program(office.head(task).code), {"idempotency-key": "one"}
    sent = head.post(f"/tasks/{task.id}/progress", {"note": "a\0b"}, headers=key)
    assert sent.status_code in (200, 422)
    if sent.status_code == 422:
        assert head.post(f"/tasks/{task.id}/progress", {"note": "ab"}, headers=key).status_code == 200


FAR = ("0001-01-01", "9999-12-31")


@pytest.mark.parametrize("day", FAR)
def test_a_day_at_the_end_of_time_is_a_slip_of_the_keyboard(office: Office, program: Make, day: str) -> None:
    """There is no local zone to count in; nothing is computed from it, and nobody sees a fault of ours."""
    task, mine = office.task("4"), program("le.thi.c")
    head = program(office.head(task).code)
    typed = {"lead": "TCT-T", "title": "x", "quote": "x", "result": "x", "follows": "VU-VT", "subject": "x"}
    home = f"/directives/{CODE}"
    for caller, path, body in (
        (mine, f"/tasks/{task.id}/set-date", {"due": day, "note": "x"}),
        (head, f"/tasks/{task.id}/ask-extension", {"due": day, "note": "x"}),
        (head, f"/tasks/{task.id}/submit", {"number": "1", "date": day, "subject": "x", "signer": "x"}),
        (mine, f"{home}/plan", {"duties": ["5"], "override": True, "due": day}),
        (mine, f"{home}/previews", {"duties": ["5"], "override": True, "on": day}),
        (mine, "/typed-tasks", typed | {"issuer": "x", "due_on": day}),
        (mine, f"{home}/duties/3/requests", {"units": ["TCT-T"], "due": day}),
        (mine, "/absences", {"stand_in": "ngo.van.loc", "starts_on": day, "ends_on": day}),
    ):
        assert (path, caller.post(path, body).status_code) == (path, 422)
    for asked in (f"/letters?first={day}", f"/letters?last={day}", f"/report?cutoff={day}"):
        assert (asked, mine.get(asked).status_code) == (asked, 422)


@pytest.mark.parametrize("day", FAR)
def test_no_page_counts_from_the_end_of_time(office: Office, day: str) -> None:
    reader, boss = office.sign_in("le.thi.c"), office.sign_in("dang.thu.thuy")
    for path in (f"/letters?first={day}", f"/letters?last={day}", f"/reports?cutoff={day}"):
        assert (path, reader.get(path).status_code) == (path, 422)
    for path in (f"/admin/audit?first={day}", f"/admin/audit?last={day}"):
        assert (path, boss.get(path).status_code) == (path, 422)


@of_room("papers")
@pytest.mark.parametrize("day", FAR)
def test_no_chart_is_drawn_of_the_end_of_time(office: Office, day: str) -> None:
    assert office.sign_in("le.thi.c").get(f"/reports/pictures?cutoff={day}").status_code == 422
