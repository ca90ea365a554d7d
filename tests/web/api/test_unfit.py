"""A character that no database text may hold is the sender's fault, not ours: told as such, by pages and API."""

import pytest

from tests.web.api.conftest import Make
from tests.web.conftest import Office

DATABASES = ("sqlite", "postgresql")

CODE = "ct-06-2004"
CALLS = (
    "/letters?q=a%00b", "/letters?person=%00", "/search?q=a%00", "/directives?q=%00",
    f"/directives/{CODE}/board?tag=%00",
    "/tasks?unit=%00", "/report?directive=%00", "/directives/%00", "/inbox?q=%00",
)  # fmt: skip
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
