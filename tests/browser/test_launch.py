"""The coordinator launches a directive: from the list of directives to the letters in the heads' mailboxes."""

from datetime import date, timedelta

import pytest
from playwright.sync_api import Page, expect

from tests.browser.places import Place
from tests.browser.visits import PHONE, Visit, Visiting
from tests.browser.walks import choose_only

pytestmark = pytest.mark.long

DUE = date(2026, 10, 30)


def _to_the_dates(page: Page, *duties: str) -> None:
    """Directive, duties, addressees: up to the step of the dates."""
    page.get_by_role("link", name="Giao nhiệm vụ", exact=True).first.click()
    page.get_by_role("main").get_by_role("link", name="06/2004/CT-BBCVT").click()
    choose_only(page, *duties)
    expect(page.get_by_role("heading", name="Mục 4")).to_be_visible()
    page.get_by_text("25 đơn vị", exact=True).click()
    expect(page.get_by_text("Công ty Internet N").first).to_be_visible()
    expect(page.get_by_text("Vụ Kế hoạch – Tài chính").first).to_be_visible()
    page.get_by_role("button", name="Tiếp tục: thời hạn").click()


def _to_the_board(coordinator: Visit) -> Page:
    """All of the wizard, with a look at the preview."""
    page = coordinator.open("/")
    _to_the_dates(page, "Mục 2", "Mục 4")
    page.get_by_label("Thời hạn cho các mục chưa có thời hạn riêng").fill(DUE.isoformat())
    page.get_by_role("button", name="Tiếp tục: xem trước").click()
    page.get_by_role("button", name="Lập bản xem trước").click()
    page.get_by_role("link", name="Xem theo từng ngày").click()
    expect(page.get_by_role("row", name="30/10/2026")).to_contain_text("26")
    page.get_by_role("link", name="14/09/2026").click()
    expect(page.get_by_role("row", name="Nguyễn Thanh Tùng")).to_contain_text("[Giao nhiệm vụ]")
    page.go_back()
    page.get_by_role("link", name="Tiếp tục: kiểm tra và giao").click()
    expect(page.get_by_text("26 nhiệm vụ mới")).to_be_visible()
    page.get_by_role("button", name="Giao ngay").click()
    expect(page.get_by_text("Đã giao: 26 nhiệm vụ mới.")).to_be_visible()
    page.get_by_role("link", name="Mở bảng theo dõi").click()
    return page


@pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])
def test_a_directive_is_launched_after_a_look_at_every_letter(place: Place, visit: Visiting, script: bool) -> None:
    with visit("le.thi.c", script=script) as coordinator:
        page = _to_the_board(coordinator)
        expect(page.get_by_text("26 chưa tiếp nhận")).to_be_visible()
        expect(
            page.get_by_role("link", name="Công ty Internet N Mục 2: Trong hạn 30/10/2026, chưa tiếp nhận")
        ).to_be_visible()
        assert not place.story.news(), "before the launch has been told, nobody has a letter"
        place.tick(place.now + timedelta(minutes=1))
        letters = {letter.to.split("@")[0]: letter.subject for letter in place.story.news()}
        for who, item in (("nguyen.thanh.tung", 2), ("luong.thi.ngan", 4)):
            assert letters[who].startswith("[Giao nhiệm vụ] 01 nhiệm vụ chủ trì, ")
            assert f"(mục {item}, " in letters[who]
        assert not any("cand.example" in address for address in letters)


def test_launching_again_changes_nothing(place: Place, visit: Visiting) -> None:
    place.story.launch("2", "4", due=DUE, on=place.now)
    with visit("le.thi.c", width=PHONE) as coordinator:
        page = coordinator.open("/")
        _to_the_dates(page, "Mục 2", "Mục 4")
        page.get_by_role("button", name="Tiếp tục: xem trước").click()
        page.get_by_role("link", name="Tiếp tục, không xem trước").click()
        expect(page.get_by_text("Không còn gì để giao")).to_be_visible()
        expect(page.get_by_role("button", name="Giao")).to_have_count(0)
        page.get_by_role("link", name="Mở bảng theo dõi").click()
        expect(page.get_by_text("26 chưa tiếp nhận")).to_be_visible()


def test_a_launch_for_another_day_waits_and_can_be_cancelled(place: Place, visit: Visiting) -> None:
    with visit("le.thi.c") as coordinator:
        page = coordinator.open("/")
        _to_the_dates(page, "Mục 2", "Mục 4")
        page.get_by_label("Ngày giao nhiệm vụ").fill("2026-09-21")
        page.get_by_role("button", name="Tiếp tục: xem trước").click()
        page.get_by_role("link", name="Tiếp tục, không xem trước").click()
        page.get_by_role("button", name="21/09/2026").click()
        expect(page.get_by_text("08 giờ 00")).to_be_visible()
        assert not place.story.tasks("2")
        page.get_by_role("button", name="Huỷ").click()
        place.now += timedelta(days=8)
        place.run_background_jobs()
        assert not place.story.tasks("2")
