"""Asking for a code or a new password tells no stranger whether a name is known: the same work, answers and limits.

Work is counted in statements, the words of each compared, not in time: what is the same to the database takes as long.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import event
from sqlmodel import select

from models.database.session import reading
from models.letters.letter import Letter
from models.organization.account import MailedSecret
from tests.accounts.people import HEAD, PASSWORD
from tests.web.accounts.conftest import house  # noqa: F401
from tests.web.accounts.house import House, sign_in
from tests.web.site import Reader

pytestmark = pytest.mark.long

UNKNOWN, RETIRED, WITHOUT_ADDRESS = "khong.co.ai.het", "ta.ba.toan", "le.thi.c"
STRANGERS = (UNKNOWN, RETIRED, WITHOUT_ADDRESS)


@pytest.fixture
def quiet(house: House) -> House:  # noqa: F811
    """Nobody sends the letters meanwhile: that is another process's work."""
    house.office.change_person(RETIRED, is_active=False)
    house.office.change_person(WITHOUT_ADDRESS, email=None)
    return house


@contextmanager
def counted(house: House) -> Iterator[list[str]]:  # noqa: F811
    """The statements of a while, without their values; how many values a list holds is not looked at."""
    found: list[str] = []

    def keep(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        found.append(re.sub(r"\((?:\?|%\(\w+\)s(?:::\w+)?)(?:, (?:\?|%\(\w+\)s(?:::\w+)?))*\)", "(…)", statement))

    event.listen(house.office.engine, "before_cursor_execute", keep)
    yield found
    event.remove(house.office.engine, "before_cursor_execute", keep)


def seen(answer: httpx.Response, name: str) -> tuple[int, str, str, list[str]]:
    """What a stranger sees of an answer, but for the name that they gave and what is made anew each time."""
    text = re.sub(r'name="csrf" value="[^"]+"', "", answer.text.replace(name, "NAME"))
    cookies = [re.sub(r"=[^;]*|expires=[^;]*; ", "", one, count=2) for one in answer.headers.get_list("set-cookie")]
    return answer.status_code, answer.headers.get("location", ""), text, cookies


def alike(quiet: House, do: Callable[[Reader, str], httpx.Response], browsers: dict[str, Reader]) -> None:
    """Do the same for each name, and find no difference."""
    work, answers = {}, {}
    quiet.browser().get("/sign-in")  # the site has its key, which it reads once a minute
    for name, browser in browsers.items():
        with counted(quiet) as statements:
            answers[name] = seen(do(browser, name), name)
        work[name] = list(statements)
    for name in STRANGERS:
        assert work[name] == work[HEAD], name
        assert answers[name] == answers[HEAD], name


def strange(quiet: House) -> dict[str, Reader]:
    """A strange browser for each name, which has a page's form already."""
    return {name: quiet.browser() for name in (HEAD, *STRANGERS)}


def ask_for_code(browser: Reader, name: str) -> httpx.Response:
    return browser.send("/sign-in", "/sign-in/code", name=name)


def test_asking_for_a_code_does_the_same_for_every_name(quiet: House) -> None:
    browsers = strange(quiet)
    for _again in range(8):  # past where codes get longer, and past where one asks too often
        alike(quiet, ask_for_code, browsers)
        alike(quiet, lambda browser, _name: browser.get("/sign-in/code"), browsers)
    with reading(quiet.office.engine) as session:
        asked = session.exec(select(MailedSecret)).all()
        letters = session.exec(select(Letter)).all()
    assert {one.person_id for one in asked} == {quiet.office.person(HEAD).id}  # and it works
    assert len(letters) == len(asked) == 5


def test_asking_for_a_new_password_does_the_same_for_every_name(quiet: House) -> None:
    browsers = strange(quiet)
    for _again in range(8):
        alike(quiet, lambda browser, name: browser.send("/forgotten", name=name), browsers)
    with reading(quiet.office.engine) as session:
        assert len(session.exec(select(MailedSecret)).all()) == 5


@pytest.mark.parametrize("minutes", [0, 11])
def test_guessing_at_a_code_ends_the_same_for_every_name(quiet: House, minutes: int) -> None:
    """Soon, and after a real code would have lapsed."""
    browsers = strange(quiet)
    for name, browser in browsers.items():
        ask_for_code(browser, name)
        browser.get("/sign-in/code")
    quiet.now += timedelta(minutes=minutes)
    cookies = {name: dict(browser.cookies) for name, browser in browsers.items()}
    for _again in range(7):
        for name, browser in browsers.items():  # a browser that gives up no cookie, whatever it is told
            for key, value in cookies[name].items():
                browser.cookies.set(key, value, domain="dondoc.example")
        alike(quiet, lambda browser, _name: browser.send("/sign-in/code", "/sign-in/code/enter", code="1"), browsers)


def test_a_code_that_another_browser_has_voided_ends_as_one_of_nobodys(quiet: House) -> None:
    browsers = strange(quiet)
    for name, browser in browsers.items():
        ask_for_code(browser, name)
    assert quiet.letters()  # the first code leaves before the second is asked for
    own = quiet.browser()
    ask_for_code(own, HEAD)
    assert own.send("/sign-in/code", "/sign-in/code/enter", code=quiet.code()).status_code == 303
    alike(quiet, lambda browser, _name: browser.send("/sign-in/code", "/sign-in/code/enter", code="1"), browsers)


def test_when_strangers_have_asked_for_all_the_letters_of_a_day_it_shows_on_no_name(quiet: House) -> None:
    quiet.office.settings.mail.letters_per_day = 10
    for name in ("dang.thu.thuy", "ngo.van.loc"):
        ask_for_code(quiet.browser(), name)
    browsers = strange(quiet)
    for _again in range(2):
        alike(quiet, ask_for_code, browsers)


def test_a_wrong_password_does_the_same_for_every_name(quiet: House) -> None:
    quiet.give_password(HEAD, PASSWORD)
    browsers = strange(quiet)
    for _again in range(7):  # past where one has to wait
        alike(quiet, lambda browser, name: sign_in(browser, name, "một câu khác"), browsers)
