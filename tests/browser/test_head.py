"""A unit's head, from the letter on the telephone to the approved result; and the coordinator on the other side."""

from datetime import date, timedelta

import pytest
from playwright.sync_api import Page, expect

from tests.acceptance.story import tell_as_it_happens
from tests.browser.places import Place
from tests.browser.season import PDF, moment
from tests.browser.visits import PHONE, Visit, Visiting
from tests.browser.walks import come_in, do, finish, link_of

pytestmark = pytest.mark.long

HEAD, COORDINATOR = "luong.thi.ngan", "le.thi.c"
DUE = date(2026, 10, 30)


def _submit(page: Page, number: str, file: str, day: date) -> None:
    page.get_by_role("link", name="Gửi kết quả", exact=True).click()
    page.get_by_label("Số, ký hiệu văn bản").fill(number)
    page.get_by_label("Ngày văn bản").fill(day.isoformat())
    page.get_by_label("Trích yếu").fill("Tờ trình cơ chế miễn, giảm giá cước")
    page.get_by_label("Người ký").fill("Lương Thị Ngân")
    page.get_by_label("Chọn tệp").set_input_files({"name": file, "mimeType": "application/pdf", "buffer": PDF})
    page.get_by_role("button", name="Tiếp tục").click()
    expect(page.get_by_text(file)).to_be_visible()
    page.get_by_role("button", name="Gửi kết quả", exact=True).click()
    expect(page.get_by_role("heading", name="Đã thực hiện: Gửi kết quả")).to_be_visible()


def _open_link(place: Place, someone: Visit, who: str, about: str) -> Page:
    """What came by mail in the next hour, followed on a device that is remembered."""
    place.tick(place.now + timedelta(minutes=61))
    return someone.open(link_of(place, who, about))


@pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])
def test_from_the_letter_to_the_approved_result(place: Place, visit: Visiting, script: bool) -> None:
    tell_as_it_happens(place.story.engine)
    place.story.launch("4", due=DUE, on=place.now)
    place.tick(place.now)
    with visit(width=PHONE, script=script) as phone, visit(COORDINATOR, script=script) as desk:
        page = phone.open(link_of(place, HEAD, "[Giao nhiệm vụ]"))
        assert "giá cước" not in page.content(), "a link alone gives nothing away"
        come_in(phone, HEAD)
        expect(page.get_by_role("heading", name="Mục 4")).to_be_visible()
        do(page, "Tiếp nhận")
        page.get_by_role("link", name="Xem nhiệm vụ").click()
        place.now = moment(5, 10, 9)
        _submit(page, "12/TTr-KHTC", "to-trinh.pdf", date(2026, 10, 5))

        at_desk = _open_link(place, desk, COORDINATOR, "[Đề nghị xem xét]")
        with at_desk.expect_download() as got:
            at_desk.get_by_role("link", name="to-trinh.pdf").click()
        assert got.value.path().read_bytes() == PDF
        do(at_desk, "Trả lại, đề nghị bổ sung", Nội_dung_cần_bổ_sung="Bổ sung số liệu về các đại lý")

        page = _open_link(place, phone, HEAD, "đề nghị bổ sung kết quả")
        expect(page.get_by_text("Bổ sung số liệu về các đại lý").first).to_be_visible()
        place.now = moment(12, 10, 9)
        _submit(page, "15/TTr-KHTC", "to-trinh-bo-sung.pdf", date(2026, 10, 12))

        at_desk = _open_link(place, desk, COORDINATOR, "[Đề nghị xem xét]")
        expect(at_desk.get_by_text("to-trinh-bo-sung.pdf")).to_be_visible()
        at_desk.get_by_role("link", name="Phê duyệt kết quả").click()
        finish(at_desk, "Phê duyệt kết quả", check=False)
        page = _open_link(place, phone, HEAD, "kết quả được phê duyệt")
        expect(page.get_by_text("Hoàn thành").first).to_be_visible()
    figures = place.story.figures(date(2026, 10, 31))
    assert (figures.total, figures.done_on_time) == (1, 1)


def test_a_link_that_was_forwarded_shows_a_stranger_nothing(place: Place, visit: Visiting) -> None:
    place.story.launch("4", due=DUE, on=place.now)
    place.tick(place.now)
    path = link_of(place, HEAD)
    with visit("dinh.hoang.long") as stranger:
        page = stranger.open(path, 404)
        assert "giá cước" not in page.content()
    place.now += timedelta(days=200)
    with visit() as late:
        page = late.open(path, 410)
        assert "giá cước" not in page.content()


def test_two_people_at_once_the_second_is_told_and_loses_nothing(place: Place, visit: Visiting) -> None:
    place.story.launch("4", due=DUE, on=place.now)
    task = place.story.task("4", "VU-KHTC")
    place.story.act(task, "accept", HEAD, place.now)
    with visit("ta.ba.toan") as deputy:
        page = deputy.open(f"/tasks/{task.id.hex}/ask-extension")
        page.get_by_label("Thời hạn đề nghị").fill("2026-11-13")
        page.get_by_label("Lý do cần thêm thời gian").fill("Chờ số liệu của các doanh nghiệp")
        place.story.act(task, "ask-extension", HEAD, place.now, due=date(2026, 11, 20), note="Chờ ý kiến")
        page.get_by_role("button", name="Đề nghị gia hạn").click()
        expect(page.get_by_role("alert")).to_be_visible()
        expect(page.get_by_text("Chờ số liệu của các doanh nghiệp")).to_be_visible()
