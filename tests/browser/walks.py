"""Ways that people go again and again: in by a letter's link, a deed on a task, a look at what became of it."""

import re
from datetime import timedelta

from playwright.sync_api import Page, expect

from tests.browser.places import Place
from tests.browser.visits import Visit


def code_of(letter: str) -> str:
    """The digits on a line of their own in a letter."""
    found = re.search(r"^\s*(\d[\d ]+\d)\s*$", letter, re.MULTILINE)
    assert found is not None, letter
    return found[1].replace(" ", "")


def link_of(place: Place, who: str, about: str = "") -> str:
    """The path of the first link of somebody's newest letter with this in its subject."""
    letter = place.letter(who, about)
    found = re.search(rf"{re.escape(place.url)}(/v/\S+)", letter.text)
    assert found is not None, letter.text
    return found[1]


def come_in(visit: Visit, who: str) -> None:
    """From the page behind a link to the task: a code by mail, on a device that is remembered from then on."""
    page, place = visit.page, visit.place
    page.get_by_label("Ghi nhớ thiết bị này trong 90 ngày").check()
    page.get_by_role("button", name="Gửi mã đến địa chỉ đó").click()
    place.tick(place.now + timedelta(seconds=20))
    page.get_by_label("Các chữ số của mã").fill(code_of(place.letter(who).text))
    page.get_by_role("button", name="Đăng nhập").click()


def do(page: Page, deed: str, *, check: bool = False, **fields: str) -> None:
    """A deed on the page of a task: its form by the labels (`_` for a space), a look once more, its receipt."""
    page.get_by_role("link", name=deed, exact=True).or_(page.get_by_role("button", name=deed, exact=True)).click()
    for label, value in fields.items():
        field = page.get_by_label(label.replace("_", " "))
        if field.evaluate("one => one.tagName") == "SELECT":
            field.select_option(label=value)
        else:
            field.fill(value)
    if fields:
        finish(page, deed, check=check)
    expect(page.get_by_role("heading", name=f"Đã thực hiện: {deed}")).to_be_visible()


def choose_only(page: Page, *duties: str) -> None:
    """In the step of the launch that asks which duties: these, by their ordinal, and no others; goes on to the next.

    The button stands below the boxes: once it is there, so are all of them. A page that is still coming in has some.
    """
    go_on = page.get_by_role("button", name="Tiếp tục: đối tượng thực hiện")
    expect(go_on).to_be_visible()
    for box in page.get_by_role("checkbox").all():
        box.uncheck()
    for duty in duties:
        page.get_by_role("checkbox", name=re.compile(rf"^{re.escape(duty)}:")).check()
    go_on.click()


def finish(page: Page, deed: str, *, check: bool) -> None:
    """Sends a filled form."""
    if check:
        page.get_by_role("button", name="Tiếp tục").click()
        expect(page.get_by_role("heading", name="Kiểm tra")).to_be_visible()
    page.get_by_role("button", name=deed, exact=True).click()
