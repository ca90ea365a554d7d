"""How many clicks it takes, counted from the first page after signing in; what is typed into a form is not counted."""

import re
from datetime import date, timedelta

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.places import Place
from tests.browser.season import moment
from tests.browser.visits import Visiting
from workflows.rules.tasks.lifecycle import UNDO_WITHIN

pytestmark = pytest.mark.long

COORDINATOR, HEAD = "le.thi.c", "luong.thi.ngan"
DUE = date(2026, 10, 9)


class Clicks:
    """Clicks, and counts them."""

    count = 0

    def __call__(self, target: Locator) -> None:
        target.click()
        self.count += 1


def test_a_unit_head_submits_a_result_in_five(place: Place, visit: Visiting) -> None:
    place.story.launch("4", due=DUE, on=place.now)
    task = place.story.task("4", "VU-KHTC")
    place.story.act(task, "accept", HEAD, place.now)
    place.now = moment(15, 9)
    click = Clicks()
    with visit(HEAD) as head:
        page = head.open("/")
        click(page.get_by_role("link", name=re.compile("^Gửi kết quả")).first)
        page.get_by_label("Số, ký hiệu văn bản").fill("12/TTr-KHTC")
        expect(page.get_by_label("Ngày văn bản")).to_have_value("2026-09-15")
        page.get_by_label("Trích yếu").fill("Tờ trình cơ chế miễn, giảm giá cước")
        expect(page.get_by_label("Người ký")).to_have_value("Lương Thị Ngân")
        click(page.get_by_role("button", name="Tiếp tục"))
        click(page.get_by_role("button", name="Gửi kết quả", exact=True))
        expect(page.get_by_role("heading", name="Đã thực hiện: Gửi kết quả")).to_be_visible()
    assert click.count <= 5


def test_a_coordinator_calls_the_head_of_the_latest_unit_in_two(place: Place, visit: Visiting) -> None:
    place.story.launch("2", due=DUE, on=place.now)
    place.now = moment(19)
    click = Clicks()
    with visit(COORDINATOR) as coordinator:
        page = coordinator.open("/")
        call = page.get_by_role("region", name=re.compile("Quá hạn")).locator("a[href^='tel:']").first
        expect(call).to_be_in_viewport()
        click.count += 1  # a number that is called is a click
    assert click.count <= 2


def test_ten_results_are_approved_in_four_and_undone_in_one_more(place: Place, visit: Visiting) -> None:
    place.story.launch("2", due=DUE, on=place.now)
    tasks = place.story.tasks("2")[:10]
    for task in tasks:
        place.story.act(task, "accept", place.story.head(task), place.now)
        place.story.submit_classified(task, place.story.head(task), place.now + timedelta(hours=1))
    place.now = moment(15, 9)
    click = Clicks()
    with visit(COORDINATOR) as coordinator:
        page = coordinator.open("/")
        click(page.get_by_role("link", name=re.compile("10 kết quả")))
        click(page.get_by_label("Tất cả kết quả"))
        click(page.get_by_role("button", name="Phê duyệt đã chọn…"))
        click(page.get_by_role("button", name="Phê duyệt các kết quả đã chọn"))
        expect(page.get_by_text("Đã phê duyệt 10 kết quả.")).to_be_visible()
        assert click.count <= 4
        assert {place.story.again(task).status.value for task in tasks} == {"approved"}
        place.now += UNDO_WITHIN / 2
        click(page.get_by_role("button", name="Hoàn tác"))
        expect(page.get_by_text("Đã hoàn tác 10 phê duyệt.")).to_be_visible()
    assert {place.story.again(task).status.value for task in tasks} == {"submitted"}


def test_the_letters_of_tomorrow_are_one_click_away(place: Place, visit: Visiting) -> None:
    place.story.launch("4", due=DUE, on=place.now)
    click = Clicks()
    with visit(COORDINATOR) as coordinator:
        page = coordinator.open("/")
        click(page.get_by_role("link", name=re.compile("thư gửi ngày mai", re.IGNORECASE)))
        expect(page.get_by_role("heading", name=re.compile("Thư sắp gửi"))).to_be_visible()
    assert click.count <= 1


def test_a_unit_with_its_head_is_added_in_four(visit: Visiting) -> None:
    click = Clicks()
    with visit("dang.thu.thuy") as administrator:
        page = administrator.open("/")
        click(page.get_by_role("link", name="Quản trị").first)
        click(page.get_by_role("link", name="Đơn vị", exact=True))
        click(page.get_by_role("link", name="Thêm đơn vị"))
        page.get_by_label("Mã", exact=True).fill("SGT")
        page.get_by_label("Tên đơn vị").fill("Công ty Viễn thông Sài Gòn")
        page.get_by_label("Loại").select_option("enterprise")
        page.get_by_label("Họ và tên").fill("Lý Văn Sài")
        page.get_by_role("group", name="Thủ trưởng").get_by_label("Địa chỉ thư điện tử").fill("sai@sgt.example")
        click(page.get_by_role("button", name="Lưu"))
        expect(page.get_by_role("heading", name="Công ty Viễn thông Sài Gòn")).to_be_visible()
        expect(page.get_by_role("listitem").filter(has_text="Thủ trưởng:").first).to_contain_text("Lý Văn Sài")
        expect(page.get_by_text("Chưa có thủ trưởng")).to_be_hidden()
    assert click.count <= 4


EIGHT = """BỘ BƯU CHÍNH, VIỄN THÔNG
Số: 08/CT-BBCVT

Hà Nội, ngày 01 tháng 9 năm 2026

CHỈ THỊ
Về việc rà soát công tác bảo đảm an toàn mạng lưới

Bộ trưởng Bộ Bưu chính, Viễn thông chỉ thị:

1. Vụ Viễn thông rà soát quy hoạch mạng lưới, hoàn thành trước ngày 30/10/2026.
2. Vụ Bưu chính kiểm tra các điểm phục vụ, hoàn thành trước ngày 30/10/2026.
3. Vụ Pháp chế rà soát hệ thống văn bản, hoàn thành trước ngày 13/11/2026.
4. Vụ Kế hoạch – Tài chính bố trí kinh phí, hoàn thành trước ngày 13/11/2026.
5. Vụ Khoa học – Công nghệ xây dựng tiêu chuẩn, hoàn thành trước ngày 20/11/2026.
6. Vụ Tổ chức cán bộ xây dựng kế hoạch đào tạo, hoàn thành trước ngày 20/11/2026.
7. Vụ Hợp tác quốc tế tổng hợp kinh nghiệm các nước, hoàn thành trước ngày 27/11/2026.
8. Vụ Công nghiệp công nghệ thông tin đánh giá năng lực doanh nghiệp, hoàn thành trước ngày 27/11/2026.
"""


def test_a_directive_of_eight_duties_is_launched_in_twelve(place: Place, visit: Visiting) -> None:
    click = Clicks()
    with visit(COORDINATOR) as coordinator:
        page = coordinator.open("/")
        click(page.get_by_role("link", name="Giao nhiệm vụ").first)
        click(page.get_by_role("link", name="Đọc một văn bản mới").first)
        page.get_by_label("Tệp", exact=False).first.set_input_files(
            {"name": "chi-thi-08.txt", "mimeType": "text/plain", "buffer": EIGHT.encode()}
        )
        click.count += 1
        click(page.get_by_role("button", name="Đọc văn bản"))
        click(page.get_by_role("button", name=re.compile("nhiệm vụ chắc chắn")))
        click(page.get_by_role("button", name="Xác nhận tất cả phần còn lại"))
        expect(page.get_by_text("Đã xác nhận 8 trong 8 nhiệm vụ")).to_be_visible()
        click(page.get_by_role("button", name=re.compile("Lập văn bản chỉ đạo")))
        click(page.get_by_role("button", name="Tiếp tục: đối tượng thực hiện"))
        click(page.get_by_role("button", name="Tiếp tục: thời hạn"))
        click(page.get_by_role("button", name=re.compile("^Tiếp tục: xem trước")))
        click(page.get_by_role("link", name="Tiếp tục, không xem trước"))
        click(page.get_by_role("button", name="Giao ngay"))
        expect(page.get_by_text("8 nhiệm vụ").first).to_be_visible()
    assert click.count <= 12
