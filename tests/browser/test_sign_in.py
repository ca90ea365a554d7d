"""Signing in and out, as anybody does it: with a name and a password, with JavaScript and without."""

import re

import pytest
from playwright.sync_api import Page, expect

from models.register_reads import resolve_person
from models.session import transaction
from tests.browser.conftest import Visiting
from tests.browser.places import Place
from workflows.accounts.passwords import set_password

PASSWORD = "một câu đủ dài để nhớ"


def _give_password(place: Place, who: str) -> None:
    with transaction(place.story.engine) as session:
        set_password(session, resolve_person(session, who).id, PASSWORD, now=place.now)


def _sign_in(page: Page, name: str, password: str) -> None:
    page.get_by_label("Địa chỉ thư điện tử hoặc tên người dùng").fill(name)
    page.get_by_label("Mật khẩu").fill(password)
    page.get_by_role("button", name="Đăng nhập").click()


@pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])
def test_the_administrator_signs_in_to_the_page_that_was_asked_for_and_out(
    place: Place, visit: Visiting, script: bool
) -> None:
    _give_password(place, "dang.thu.thuy")
    with visit(script=script) as browser:
        page = browser.open("/admin")
        expect(page).to_have_url(re.compile("/sign-in"))
        _sign_in(page, "dang.thu.thuy@mpt.example", "không phải mật khẩu này")
        expect(page.get_by_role("alert")).to_be_visible()
        expect(page.get_by_label("Địa chỉ thư điện tử hoặc tên người dùng")).to_have_value("dang.thu.thuy@mpt.example")
        _sign_in(page, "dang.thu.thuy@mpt.example", PASSWORD)
        expect(page).to_have_url(place.url + "/admin")
        page.get_by_role("button", name="Đăng xuất").click()
        expect(page.get_by_role("status")).to_be_visible()
        page.goto(place.url + "/admin")
        expect(page).to_have_url(re.compile("/sign-in"))


def test_a_tab_left_open_after_signing_out_elsewhere_asks_to_sign_in(place: Place, visit: Visiting) -> None:
    with visit("dang.thu.thuy") as browser:
        page = browser.open("/admin")
        other = browser.context.new_page()
        other.goto(place.url + "/admin")
        other.get_by_role("button", name="Đăng xuất").click()
        page.reload()
        expect(page).to_have_url(re.compile("/sign-in"))


def test_the_language_is_kept_from_page_to_page(visit: Visiting) -> None:
    with visit() as browser:
        page = browser.open("/sign-in")
        page.get_by_role("link", name="English").click()
        expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
        browser.open("/sign-in")
        expect(page.locator("html")).to_have_attribute("lang", "en")
