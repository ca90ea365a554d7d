"""What goes on beside the tasks: somebody is away, a letter finds no mailbox, a report comes on paper."""

from datetime import date, timedelta

import pytest
from playwright.sync_api import expect

from tests.acceptance.story import tell_as_it_happens
from tests.browser.places import Place
from tests.browser.season import moment
from tests.browser.visits import PHONE, Visiting
from tests.browser.walks import do

pytestmark = pytest.mark.long

HEAD, DEPUTY = "nguyen.thanh.tung", "tran.minh.chau"
DUE = date(2026, 10, 30)


@pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])
def test_who_is_away_names_a_stand_in_who_gets_the_letters_and_acts(
    place: Place, visit: Visiting, script: bool
) -> None:
    with visit(HEAD, width=PHONE, script=script) as phone:
        page = phone.open("/work")
        page.get_by_role("link", name="Tôi sắp vắng mặt").click()
        page.get_by_label("Ngày đầu vắng mặt").fill("2026-09-14")
        page.get_by_label("Ngày cuối vắng mặt").fill("2026-09-18")
        page.get_by_label("Người được uỷ quyền").select_option(label="Trần Minh Châu")
        page.get_by_role("button", name="Ghi nhận").click()
        expect(page.get_by_text("14/09/2026 đến 18/09/2026")).to_be_visible()
    place.story.launch("2", due=DUE, on=place.now)
    place.tick(place.now)
    assert "mục 2" in place.letter(DEPUTY, "[Giao nhiệm vụ]").subject
    with visit(DEPUTY, width=PHONE, script=script) as stand_in:
        page = stand_in.open("/work")
        page.get_by_role("link", name="Mục 2:").click()
        do(page, "Tiếp nhận")
        page.get_by_role("link", name="Xem nhiệm vụ").click()
        expect(page.get_by_role("main").get_by_text("Trần Minh Châu").first).to_be_visible()
    with visit(HEAD, script=script) as back:
        page = back.open("/absences")
        page.get_by_role("button", name="Tôi đã trở lại").click()
        expect(page.get_by_role("status")).to_be_visible()


@pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])
def test_a_letter_that_found_no_mailbox_goes_out_again(place: Place, visit: Visiting, script: bool) -> None:
    place.story.launch("4", due=DUE, on=place.now)
    place.sender.unknown = {"luong.thi.ngan@mpt.example"}
    place.tick(place.now)
    place.sender.unknown = set()
    with visit("dang.thu.thuy", script=script) as administrator:
        page = administrator.open("/admin")
        page.get_by_role("link", name="thư cần xử lý").first.click()
        expect(page.get_by_text("Lương Thị Ngân").first).to_be_visible()
        page.get_by_role("checkbox", name="Lương Thị Ngân").check()
        page.get_by_role("button", name="Gửi lại các thư đã chọn").click()
        expect(page.get_by_role("status")).to_be_visible()
    place.tick(place.now + timedelta(minutes=2))
    assert "mục 4" in place.letter("luong.thi.ngan", "[Giao nhiệm vụ]").subject


@pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])
def test_the_clerk_finds_the_task_and_records_what_came_on_paper(place: Place, visit: Visiting, script: bool) -> None:
    tell_as_it_happens(place.story.engine)
    place.story.launch("4", due=DUE, on=place.now)
    place.now = moment(29, 10, 9)
    with visit("ngo.van.loc", script=script) as clerk:
        page = clerk.open("/")
        page.get_by_role("main").get_by_role("searchbox").fill("ke hoach tai chinh 4")
        page.keyboard.press("Enter")
        # the one task that fits is opened at once
        page.get_by_label("Số, ký hiệu văn bản").fill("77/BC-KHTC")
        page.get_by_label("Ngày văn bản").fill("2026-10-28")
        page.get_by_label("Ngày đến").fill("2026-10-29")
        page.get_by_label("Người ký").fill("Lương Thị Ngân")
        page.get_by_role("button", name="Ghi nhận").click()
        expect(page.get_by_role("status")).to_be_visible()
    place.tick(place.now + timedelta(minutes=1))
    assert "báo cáo đã nhận" in place.letter("le.thi.c", "mục 4").subject
