"""Signing in and out: by password, by a code from a real letter, with a second step; kept out when it is over."""

import asyncio
import hmac
from base64 import urlsafe_b64encode
from contextlib import ExitStack
from datetime import timedelta

import pytest
from anyio.to_thread import current_default_thread_limiter
from itsdangerous import Signer
from sqlmodel import col, select

from models.database.session import reading
from models.organization.account import MailedPurpose, MailedSecret, WebSession
from tests.accounts.people import HEAD, PASSWORD
from tests.web.accounts.house import ADMINISTRATOR, House, sign_in, wait
from tests.web.site import Reader
from workflows.access.accounts import passwords


def is_in(browser: Reader) -> bool:
    return browser.get("/account").status_code == 200


# by password


def test_the_right_password_leads_to_the_page_that_was_asked_for(house: House) -> None:
    house.give_password()
    browser = house.browser()
    assert browser.get("/account").headers["location"] == "/sign-in?next=/account"
    answer = sign_in(browser, next="/account")
    assert (answer.status_code, answer.headers["location"]) == (303, "/account")
    assert is_in(browser)
    assert house.deeds()[-1] == f"signed_in {HEAD}"


def test_a_wrong_name_and_a_wrong_password_get_the_same_answer(house: House) -> None:
    house.give_password()
    wrong = sign_in(house.browser(), password="không phải mật khẩu này")
    nobody = sign_in(house.browser(), name="khong.co.ai")
    without = sign_in(house.browser(), name="le.thi.c")
    assert wrong.status_code == nobody.status_code == without.status_code == 422

    def told(page: str) -> str:
        return page.partition('class="fault"')[2].partition("</div>")[0]

    assert told(wrong.text) == told(nobody.text) == told(without.text)
    assert "they do not match" in wrong.text
    assert HEAD in wrong.text and PASSWORD not in wrong.text


def test_too_many_failures_are_told_with_how_long_to_wait_and_a_code_still_lets_in(house: House) -> None:
    house.give_password()
    browser = house.browser()
    for _ in range(5):
        sign_in(browser, password="không phải mật khẩu này")
    refused = sign_in(browser)
    assert refused.status_code == 409 and "please wait 30 seconds" in refused.text
    browser.send("/sign-in", "/sign-in/code", name=HEAD)
    assert browser.send("/sign-in/code", "/sign-in/code/enter", code=house.code()).status_code == 303
    assert is_in(browser)


def test_busy_password_checks_make_one_wait_and_say_so(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "_LONGEST_WAIT", timedelta(milliseconds=10))
    house.give_password()
    browser = house.browser()
    with ExitStack() as flood:
        for _ in range(4):
            flood.enter_context(passwords._AT_ONCE)
        busy = sign_in(browser, next="/account")
        other = browser.send("/sign-in?lang=vi", "/sign-in", name=HEAD, password=PASSWORD)
    assert busy.status_code == 503
    assert "too many passwords are being checked at this moment: please try again in a few seconds" in busy.text.lower()
    assert HEAD in busy.text and PASSWORD not in busy.text and 'value="/account"' in busy.text
    assert "đang có quá nhiều mật khẩu được kiểm tra: đề nghị thử lại sau vài giây" in other.text.lower()
    assert sign_in(browser).status_code == 303


async def threads_of_pages() -> float:
    return current_default_thread_limiter().total_tokens


def test_waiting_password_checks_leave_room_for_pages(house: House) -> None:
    house.give_password()
    browser = house.browser()
    with ExitStack() as flood:
        for _ in range(passwords.IN_LINE):
            flood.enter_context(passwords._LINE)
        assert sign_in(browser).status_code == 503
    assert asyncio.run(threads_of_pages()) / 2 >= passwords.IN_LINE
    assert sign_in(browser).status_code == 303


def test_who_chooses_a_password_while_many_sign_in_keeps_the_one_they_have(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(passwords, "_LONGEST_WAIT", timedelta(milliseconds=10))
    browser = house.signed_in()
    with ExitStack() as flood:
        for _ in range(4):
            flood.enter_context(passwords._AT_ONCE)
        busy = browser.send("/account", "/account/password", current=PASSWORD, password="một câu khác hẳn câu trước")
    assert busy.status_code == 503 and "too many passwords are being checked" in busy.text.lower()
    assert sign_in(house.browser()).status_code == 303


def test_a_new_key_at_each_sign_in_and_the_old_one_opens_nothing(house: House) -> None:
    browser = house.signed_in()
    old = browser.cookies["dondoc"]
    stale = Reader(house.app, old)
    assert is_in(stale)
    browser.send("/account", "/sign-out")
    assert not is_in(browser) and not is_in(stale)
    sign_in(browser)
    assert browser.cookies["dondoc"] != old


def test_session_ends_with_the_day_and_remembered_after_ninety(house: House) -> None:
    short, long = house.signed_in(), house.signed_in(remember="on")
    for _ in range(5):
        wait(house, hours=2)
        assert is_in(short)
    wait(house, hours=1, minutes=59)
    assert is_in(short) and is_in(long)
    wait(house, minutes=1)
    assert not is_in(short)
    for _ in range(4):
        wait(house, days=21)
        assert is_in(long)
    wait(house, days=6)
    assert not is_in(long)


def test_only_a_remembered_sign_in_outlives_the_browser(house: House) -> None:
    house.give_password()
    (short,) = [one for one in sign_in(house.browser()).headers.get_list("set-cookie") if one.startswith("dondoc=")]
    long_answer = sign_in(house.browser(), remember="on").headers.get_list("set-cookie")
    (long,) = [one for one in long_answer if one.startswith("dondoc=")]
    assert "max-age" not in short.lower() and f"Max-Age={90 * 86400}" in long
    for cookie in (short, long):
        assert "HttpOnly" in cookie and "SameSite=lax" in cookie and "Path=/" in cookie


def test_over_https_every_cookie_is_one_that_only_a_secure_page_of_this_host_can_set(house: House) -> None:
    house.give_password()
    house.office.settings.base_url = "https://dondoc.example"
    answer = sign_in(house.browser())
    cookies = [one for one in answer.headers.get_list("set-cookie") if "dondoc" in one]
    assert {one.partition("=")[0] for one in cookies} >= {"__Host-dondoc", "__Host-dondoc-browser"}
    for cookie in cookies:
        assert cookie.startswith("__Host-") and "Secure" in cookie and "Domain" not in cookie, cookie


def test_the_retired_are_out_at_once(house: House) -> None:
    browser = house.signed_in()
    house.office.change_person(HEAD, is_active=False)
    assert not is_in(browser)
    assert sign_in(house.browser()).status_code == 422


def test_a_form_without_its_mark_lets_nobody_in(house: House) -> None:
    house.give_password()
    given = {"name": HEAD, "password": PASSWORD}
    assert house.browser().ask("POST", "/sign-in", data=given).status_code == 409
    for path in ("/sign-in/code", "/sign-in/code/enter", "/sign-in/second-step", "/forgotten"):
        assert house.browser().ask("POST", path, data=given).status_code == 409, path


# by a code


def test_a_code_by_mail_lets_in_without_any_password(house: House) -> None:
    browser = house.browser()
    answer = browser.send("/sign-in", "/sign-in/code", name=HEAD.upper(), next="/account", remember="on")
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in/code")
    assert house.letters()[-1].to == house.office.person(HEAD).email
    answer = browser.send("/sign-in/code", "/sign-in/code/enter", code=house.code())
    assert (answer.status_code, answer.headers["location"]) == (303, "/account")
    assert is_in(browser)
    with reading(house.office.engine) as session:
        (row,) = session.exec(select(WebSession)).all()
    assert row.is_remembered and row.proof == "code"


def test_the_answer_is_the_same_for_a_name_that_is_nobodys(house: House) -> None:
    real, none = house.browser(), house.browser()
    answers = [
        one.send("/sign-in", "/sign-in/code", name=name) for one, name in ((real, HEAD), (none, "khong.co.ai.het"))
    ]
    assert answers[0].status_code == answers[1].status_code
    assert answers[0].headers["location"] == answers[1].headers["location"]
    pages = [one.get("/sign-in/code").text for one in (real, none)]
    assert pages[0].count(HEAD) == pages[1].count("khong.co.ai.het") > 0
    assert len(house.letters()) == 1
    for _ in range(5):
        ends = [one.send("/sign-in/code", "/sign-in/code/enter", code="12345") for one in (real, none)]
        assert ends[0].status_code == ends[1].status_code
    assert ends[0].status_code == 409 and "ask for another" in ends[0].text and "ask for another" in ends[1].text


def test_letters_that_strangers_ask_for_leave_most_of_the_days_quota_to_others(house: House) -> None:
    house.office.settings.mail.letters_per_day = 20
    browser = house.browser()
    for name in ("ta.ba.toan", "dang.thu.thuy", "le.thi.c"):
        browser.send("/sign-in", "/sign-in/code", name=name)
        browser.send("/forgotten", name=name)
    with reading(house.office.engine) as session:
        mailed = session.exec(select(MailedSecret.purpose).order_by(col(MailedSecret.id))).all()
    assert mailed == [MailedPurpose.SIGN_IN, MailedPurpose.RESET]


def test_a_code_opens_only_in_the_browser_that_asked_for_it(house: House) -> None:
    mine, theirs = house.browser(), house.browser()
    mine.send("/sign-in", "/sign-in/code", name=HEAD)
    code = house.code()
    assert "too old" in theirs.send("/sign-in", "/sign-in/code/enter", code=code).text
    theirs.send("/sign-in", "/sign-in/code", name=HEAD)
    assert theirs.send("/sign-in/code", "/sign-in/code/enter", code=code).status_code == 422
    assert mine.send("/sign-in/code", "/sign-in/code/enter", code=code).status_code == 303


def test_a_code_opens_once_and_not_after_ten_minutes(house: House) -> None:
    browser = house.browser()
    browser.send("/sign-in", "/sign-in/code", name=HEAD)
    code = house.code()
    wait(house, minutes=10)
    assert "too old" in browser.send("/sign-in", "/sign-in/code/enter", code=code).text
    assert not is_in(browser)
    with reading(house.office.engine) as session:
        assert [one.used_at for one in session.exec(select(MailedSecret))] == [None]


def test_without_a_name_no_code_is_asked_for(house: House) -> None:
    assert house.browser().send("/sign-in", "/sign-in/code", name="  ").status_code == 422
    assert house.letters() == []


def test_a_browser_keeps_nothing_that_it_could_change(house: House) -> None:
    browser = house.browser()
    browser.send("/sign-in", "/sign-in/code", name=HEAD)
    sealed = browser.cookies["dondoc-code"]
    for cookie, value, page in (
        ("dondoc-code", sealed[:9] + ("A" if sealed[9] != "A" else "B") + sealed[10:], "/sign-in/code"),
        ("dondoc-second-step", sealed, "/sign-in/second-step"),
    ):
        other = house.browser()
        other.cookies.set(cookie, value, domain="dondoc.example")
        assert other.get(page).headers["location"] == "/sign-in"


def test_a_browser_left_alone_signs_in_anew_and_one_that_is_used_does_not(house: House) -> None:
    used, left, remembered = house.signed_in(), house.signed_in(), house.signed_in(remember="on")
    wait(house, hours=3)
    assert is_in(used)
    wait(house, hours=1)
    assert [is_in(one) for one in (used, left, remembered)] == [True, False, True]
    assert left.get("/account").headers["location"] == "/sign-in?next=/account"
    wait(house, days=29)
    assert is_in(remembered)
    wait(house, days=30)
    assert not is_in(remembered)


def test_what_a_page_asks_by_itself_keeps_nobody_signed_in(house: House) -> None:
    browser = house.signed_in()
    wait(house, hours=3)
    for path in ("/work", "/help"):
        assert browser.get(path, headers={"dondoc-by-itself": "1"}).status_code == 200
        assert browser.get(f"{path}?dondoc-by-itself=1").status_code == 200, "a wall screen turns so"
    wait(house, hours=1)
    assert not is_in(browser)


def test_cookies_are_signed_by_hmac_sha_256_only(house: House) -> None:
    browser = house.browser()
    browser.send("/sign-in", "/sign-in/code", name=HEAD)
    told, _dot, signature = browser.cookies["dondoc-code"].rpartition(".")
    key = house.app.state.site.key

    def made(purpose: str, how: str) -> bytes:
        own = hmac.digest(key.encode(), purpose.encode(), how)
        return urlsafe_b64encode(hmac.digest(own, told.encode(), how)).rstrip(b"=")

    assert signature.encode() == made("browser.code", "sha256")
    for weaker in (made("browser.code", "sha1"), Signer(key, salt="browser.code").get_signature(told)):
        browser.cookies.set("dondoc-code", f"{told}.{weaker.decode()}", domain="dondoc.example")
        assert browser.get("/sign-in/code").headers["location"] == "/sign-in"


# the second step


@pytest.mark.parametrize("way", ["password", "code"])
def test_with_a_second_step_neither_way_is_enough(house: House, way: str) -> None:
    house.give_password()
    app = house.turn_totp_on()
    browser = house.browser()
    if way == "password":
        answer = sign_in(browser, next="/account", remember="on")
    else:
        browser.send("/sign-in", "/sign-in/code", name=HEAD, next="/account", remember="on")
        answer = browser.send("/sign-in/code", "/sign-in/code/enter", code=house.code())
    assert answer.headers["location"] == "/sign-in/second-step"
    assert not is_in(browser)
    assert browser.send("/sign-in/second-step", code="000000").status_code == 422
    answer = browser.send("/sign-in/second-step", code=app.at(house.now))
    assert (answer.status_code, answer.headers["location"]) == (303, "/account")
    assert is_in(browser)
    with reading(house.office.engine) as session:
        (row,) = session.exec(select(WebSession)).all()
    assert row.is_remembered and row.proof == way


def test_the_second_step_waits_five_minutes_and_is_slowed_down_as_the_first_is(house: House) -> None:
    house.give_password()
    app = house.turn_totp_on()
    browser = house.browser()
    sign_in(browser)
    for _ in range(5):
        browser.send("/sign-in/second-step", code="000000")
    assert browser.send("/sign-in/second-step", code=app.at(house.now)).status_code == 409
    wait(house, minutes=5)
    assert "took too long" in browser.send("/sign-in", "/sign-in/second-step", code=app.at(house.now)).text
    assert not is_in(browser)


def test_an_administrator_who_must_have_one_can_do_nothing_else_first(house: House) -> None:
    house.office.settings.require_totp_for_administrators = True
    browser = house.signed_in(ADMINISTRATOR)
    for path in ("/admin", "/account", "/"):
        assert browser.get(path).headers["location"] == "/account/second-step", path
    assert browser.get("/account/second-step").status_code == 200
    assert is_in(house.signed_in(HEAD))
    assert browser.send("/account/second-step", "/sign-out").headers["location"] == "/sign-in"


def test_storms_from_everywhere_spare_a_persons_own_browser(house: House) -> None:
    browser = house.signed_in()
    browser.send("/account", "/sign-out")
    wait(house, days=100)  # long after the address was forgotten
    strange = house.browser()
    for _ in range(5):
        sign_in(strange, password="không phải mật khẩu này")
    assert sign_in(strange).status_code == 409
    assert sign_in(browser).status_code == 303
