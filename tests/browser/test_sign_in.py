"""Signing in and out, as anybody does it: with a name and a password, with JavaScript and without."""

import re
from datetime import timedelta

import pyotp
import pytest
from playwright.sync_api import Page, expect

from models.database.session import transaction
from models.organization.register_reads import resolve_person
from tests.browser import axe
from tests.browser.places import Place
from tests.browser.visits import PHONE, Visiting
from tests.browser.walks import code_of
from workflows.access.accounts.passwords import set_password

pytestmark = pytest.mark.long

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
        page.locator(".me summary").click()
        page.get_by_role("button", name="Đăng xuất").click()
        expect(page.get_by_role("status")).to_be_visible()
        page.goto(place.url + "/admin")
        expect(page).to_have_url(re.compile("/sign-in"))


@pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])
def test_a_code_by_mail_lets_in_who_has_no_password_and_the_device_is_remembered(
    place: Place, visit: Visiting, script: bool
) -> None:
    with visit(script=script, width=PHONE) as browser:
        page = browser.open("/sign-in?next=/account")
        page.get_by_label("Địa chỉ thư điện tử hoặc tên người dùng").fill("le.thi.c")
        page.get_by_label("Ghi nhớ thiết bị này trong 90 ngày").check()
        page.get_by_role("button", name="Gửi mã qua thư cho tôi").click()
        expect(page.get_by_role("heading", name="Nhập mã trong thư")).to_be_visible()
        place.tick(place.now + timedelta(seconds=10))
        page.get_by_label("Các chữ số của mã").fill("000000")
        page.get_by_role("button", name="Đăng nhập").click()
        expect(page.get_by_role("alert")).to_contain_text("không đúng các chữ số trong thư")
        page.get_by_label("Các chữ số của mã").fill(code_of(place.letter("le.thi.c").text))
        page.get_by_role("button", name="Đăng nhập").click()
        expect(page).to_have_url(place.url + "/account")
        for _ in range(2):
            place.now += timedelta(days=29)
            page.reload()
            expect(page).to_have_url(place.url + "/account")
        place.now += timedelta(days=30)
        page.reload()
        expect(page).to_have_url(re.compile("/sign-in"))


@pytest.mark.usefixtures("axe_core")
def test_the_second_step_is_set_up_and_asked_for(place: Place, visit: Visiting) -> None:
    _give_password(place, "le.thi.c")
    with visit() as browser:
        page = browser.open("/sign-in?next=/account/second-step")
        _sign_in(page, "le.thi.c", PASSWORD)
        page.get_by_label("Mật khẩu hiện tại").fill(PASSWORD)
        page.get_by_role("button", name="Cài đặt").click()
        app = pyotp.TOTP(page.locator("code.key").inner_text().replace(" ", ""))
        page.get_by_label("Sáu chữ số ứng dụng xác thực đang hiện").fill(app.at(place.now))
        page.get_by_role("button", name="Bật").click()
        expect(page.get_by_role("status")).to_contain_text("Đã bật xác thực hai bước")
        page.locator(".me summary").click()
        page.get_by_role("button", name="Đăng xuất").click()
        place.now += timedelta(minutes=2)
        _sign_in(page, "le.thi.c", PASSWORD)
        expect(page).to_have_url(place.url + "/sign-in/second-step")
        assert not axe.look(page)
        page.get_by_role("textbox").fill(app.at(place.now))
        page.get_by_role("button", name="Đăng nhập").click()
        expect(page.locator(".me")).to_contain_text("Lê Thị Cúc")


def test_a_forgotten_password_is_replaced_by_mail_once(place: Place, visit: Visiting) -> None:
    with visit() as browser:
        page = browser.open("/forgotten")
        page.get_by_role("textbox").fill("dinh.hoang.long@cty-l.example")
        page.locator("main form button").click()
    place.tick(place.now + timedelta(seconds=10))
    found = re.search(rf"{place.url}(/reset/\S+)", place.letter("dinh.hoang.long").text)
    assert found is not None
    with visit(width=PHONE) as browser:
        page = browser.open(found[1])
        page.get_by_label("Mật khẩu mới").fill(PASSWORD)
        page.get_by_role("button", name="Lưu mật khẩu và đăng nhập").click()
        expect(page.locator(".me")).to_contain_text("Đinh Hoàng Long")
        browser.open(found[1], 409)


def test_a_tab_left_open_after_signing_out_elsewhere_asks_to_sign_in(place: Place, visit: Visiting) -> None:
    with visit("dang.thu.thuy") as browser:
        page = browser.open("/admin")
        other = browser.context.new_page()
        other.goto(place.url + "/admin")
        other.locator(".me summary").click()
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
