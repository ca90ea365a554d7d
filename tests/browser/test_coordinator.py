"""What comes back to the coordinator's desk: more time, difficulties, incidents, many tasks at once."""

import re
from datetime import date, timedelta

import pytest
from playwright.sync_api import expect

from models.text.localtime import end_of_day
from tests.browser.places import Place
from tests.browser.season import moment
from tests.browser.visits import PHONE, Visiting
from tests.browser.walks import come_in, do, finish, link_of

pytestmark = pytest.mark.long

COORDINATOR, HEAD = "le.thi.c", "nguyen.thanh.tung"
DUE = date(2026, 10, 30)


def _launched(place: Place, *units: str) -> None:
    """Item 2 is out, and these units have accepted it."""
    place.story.launch("2", due=DUE, on=place.now)
    place.tick(place.now)
    for unit in units:
        task = place.story.task("2", unit)
        place.story.act(task, "accept", place.story.head(task), place.now)


def _entry(place: Place, unit: str, duty: str = "2") -> str:
    """The page of a unit's task."""
    return f"/tasks/{place.story.task(duty, unit).id.hex}"


@pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])
def test_more_time_is_asked_for_another_date_proposed_and_agreed_to(
    place: Place, visit: Visiting, script: bool
) -> None:
    _launched(place, "CTY-E")
    place.now = moment(20, 10, 9)
    with visit(HEAD, width=PHONE, script=script) as phone, visit(COORDINATOR, script=script) as desk:
        page = phone.open(_entry(place, "CTY-E"))
        why = "Chờ thống nhất với Công an địa phương"
        do(page, "Đề nghị gia hạn", Thời_hạn_đề_nghị="2026-11-27", Lý_do_cần_thêm_thời_gian=why)

        at_desk = desk.open("/inbox")
        expect(at_desk.get_by_text(why)).to_be_visible()
        at_desk.get_by_role("link", name="Đề xuất thời hạn khác").click()
        at_desk.get_by_label("Thời hạn đề xuất").fill("2026-11-13")
        at_desk.get_by_label("Lý do").fill("Phải báo cáo Bộ trước ngày 20/11")
        at_desk.get_by_role("button", name="Đề xuất thời hạn khác").click()
        expect(at_desk.get_by_role("heading", name="Đã thực hiện")).to_be_visible()

        page = phone.open(_entry(place, "CTY-E"))
        expect(page.get_by_text("Phải báo cáo Bộ trước ngày 20/11").first).to_be_visible()
        page.get_by_role("link", name="Đồng ý thời hạn được đề xuất", exact=True).click()
        page.get_by_role("button", name="Đồng ý thời hạn được đề xuất").click()
        page.get_by_role("link", name="Xem nhiệm vụ").click()
        expect(page.get_by_text("13/11/2026").first).to_be_visible()
        expect(page.get_by_text("30/10/2026").first).to_be_visible()
        expect(desk.open("/inbox").get_by_text("Không có việc nào chờ")).to_be_visible()


def test_a_difficulty_is_answered_by_the_authority_and_the_unit_is_told(place: Place, visit: Visiting) -> None:
    _launched(place, "CTY-E")
    with visit(HEAD, width=PHONE) as phone, visit("le.thi.d") as authority:
        page = phone.open(_entry(place, "CTY-E"))
        do(page, "Báo cáo khó khăn, vướng mắc", Nội_dung_khó_khăn="Chưa có hướng dẫn về mẫu biểu số liệu")

        page = authority.open("/inbox")
        page.get_by_label("Nội dung trả lời").fill("Áp dụng mẫu biểu kèm theo Chỉ thị")
        page.get_by_role("button", name="Trả lời khó khăn, vướng mắc").click()
        expect(page.get_by_role("status")).to_be_visible()
        place.tick(place.now + timedelta(minutes=1))
        assert "Áp dụng mẫu biểu kèm theo Chỉ thị" in place.letter(HEAD, "vướng mắc").text
        expect(phone.open(_entry(place, "CTY-E")).get_by_text("Áp dụng mẫu biểu").first).to_be_visible()


@pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])
def test_a_drill_says_so_everywhere_and_ends(place: Place, visit: Visiting, script: bool) -> None:
    place.story.launch("2.a", "2.c", on=place.now)
    with visit(COORDINATOR, script=script) as desk:
        page = desk.open("/directives/ct-06-2004")
        page.get_by_role("link", name="Tình huống, diễn tập").click()
        page.get_by_role("link", name="Công bố tình huống hoặc diễn tập").first.click()
        page.get_by_label("Nội dung công bố, ngắn gọn").fill("Đứt cáp quang trục Bắc – Nam")
        page.get_by_role("radio", name="Diễn tập").check()
        page.get_by_role("checkbox", name="Mục 2.a").check()
        for unit in ("Công ty Truyền thông M", "Công ty Viễn thông E"):
            page.get_by_role("checkbox", name=unit, exact=True).check()
        page.get_by_role("button", name="Tiếp tục").click()
        expect(page.get_by_text("2 nhiệm vụ, 6 người nhận thư ngay")).to_be_visible()
        page.get_by_role("button", name=re.compile("^Công bố")).click()
        place.tick(place.now + timedelta(minutes=1))
        assert "Đứt cáp quang" in place.letter(HEAD, "[DIỄN TẬP]").text
        page.get_by_text("Ghi lại cuộc gọi – Công ty Truyền thông M").click()
        calls = page.get_by_role("group").filter(has_text="Ghi lại cuộc gọi – Công ty Truyền thông M")
        calls.get_by_label("Người nghe máy").fill("Tạ Chí Thanh")
        calls.get_by_role("button").click()
        with visit(HEAD, width=PHONE) as phone:
            seen = phone.open(f"/tasks/{place.story.task('2.a', 'CTY-E').id.hex}")
            expect(seen.get_by_text("DIỄN TẬP").first).to_be_visible()
        page = desk.open("/directives/ct-06-2004/incidents")
        page.get_by_role("link", name="Đứt cáp quang trục Bắc – Nam").click()
        expect(page.get_by_text("Tạ Chí Thanh").first).to_be_visible()
        page.get_by_label("Lý do kết thúc").fill("Kết thúc diễn tập")
        page.get_by_role("button", name="Kết thúc").click()
        expect(page.get_by_text("đã kết thúc").first).to_be_visible()
    assert not place.story.tasks("2.a", is_open=True)
    assert place.story.figures(date(2026, 12, 31)).total == 0, "a drill is in no report"


def test_an_incident_in_the_night_is_taken_up_climbs_by_the_hour_and_is_stood_down(
    place: Place, visit: Visiting
) -> None:
    """In earnest: one unit does it from its letter, the other is silent, is telephoned, and its task withdrawn."""
    place.story.launch("2.a", on=place.now)
    place.now = moment(3, 10, 22, 30)  # a Saturday
    with visit(COORDINATOR) as desk, visit(width=PHONE) as phone:
        page = desk.open("/directives/ct-06-2004/incidents")
        page.get_by_role("link", name="Công bố tình huống hoặc diễn tập").first.click()
        page.get_by_label("Nội dung công bố, ngắn gọn").fill("Bão số 9 gây mất liên lạc")
        page.get_by_role("radio", name="Tình huống thật").check()
        page.get_by_role("checkbox", name="Mục 2.a").check()
        for unit in ("Công ty Truyền thông M", "Công ty Viễn thông E"):
            page.get_by_role("checkbox", name=unit, exact=True).check()
        page.get_by_role("button", name="Tiếp tục").click()
        page.get_by_role("button", name=re.compile("^Công bố")).click()
        expect(page.get_by_text("đang diễn ra").first).to_be_visible()
        incident = page.url.removeprefix(place.url)

        place.tick(place.now + timedelta(minutes=1))
        assert "DIỄN TẬP" not in place.letter(HEAD, "[Tình huống]").text
        page = phone.open(link_of(place, HEAD, "[Tình huống]"))
        come_in(phone, HEAD)
        do(page, "Tiếp nhận")

        place.tick(moment(3, 10, 23, 30))
        assert "01 nhiệm vụ chưa tiếp nhận" in place.letter(COORDINATOR).subject
        page = desk.open(incident)
        expect(page.get_by_text("Nguyễn Thanh Tùng tiếp nhận lúc")).to_be_visible()
        page.get_by_text("Ghi lại cuộc gọi – Công ty Truyền thông M").click()
        calls = page.get_by_role("group").filter(has_text="Ghi lại cuộc gọi – Công ty Truyền thông M")
        calls.get_by_label("Người nghe máy").fill("Trực ban CTY-M")
        calls.get_by_role("button").click()

        place.now = moment(4, 10, 9)
        place.story.submit_classified(place.story.task("2.a", "CTY-E"), HEAD, place.now)
        page = desk.open(_entry(place, "CTY-E", "2.a"))
        page.get_by_role("link", name="Phê duyệt kết quả").click()
        finish(page, "Phê duyệt kết quả", check=False)

        page = desk.open(incident)
        page.get_by_label("Lý do kết thúc").fill("Bão đã tan, liên lạc đã thông")
        page.get_by_role("button", name="Kết thúc").click()
        expect(page.get_by_text("Bão đã tan, liên lạc đã thông")).to_be_visible()
        place.tick(place.now + timedelta(minutes=1))
        assert "kết thúc" in place.letter("ta.chi.thanh", "[Tình huống]").subject
    figures = place.story.figures(date(2026, 12, 31))
    assert (figures.total, figures.done_on_time) == (1, 1), "what was withdrawn has left the total"


@pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])
def test_many_tasks_get_another_date_at_once(place: Place, visit: Visiting, script: bool) -> None:
    _launched(place, "CTY-E", "CTY-M")
    with visit(COORDINATOR, script=script) as desk:
        page = desk.open("/directives/ct-06-2004?select=1")
        for unit in ("Công ty Viễn thông E", "Công ty Truyền thông M"):
            page.get_by_role("row", name=unit).get_by_role("checkbox").first.check()
        page.get_by_role("button", name="Ấn định, điều chỉnh thời hạn").click()
        page.get_by_label("Thời hạn mới").fill("2026-11-20")
        page.get_by_label("Lý do").fill("Theo kết luận giao ban")
        page.get_by_role("button", name="2 nhiệm vụ").click()
        expect(page.get_by_role("main")).to_contain_text("Công ty Truyền thông M")
    for unit, day in (("CTY-E", date(2026, 11, 20)), ("CTY-M", date(2026, 11, 20)), ("CTY-N", DUE)):
        assert place.story.task("2", unit).due_at == end_of_day(day)
