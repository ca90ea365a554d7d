"""The administrator changes a template: edits it beside its YAML, sees what publishing does, and publishes."""

from datetime import date

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Visiting
from tests.browser.places import Place
from tests.browser.visits import Visit

STEP = "Lấy ý kiến Vụ Pháp chế"


def _to_the_editor(administrator: Visit) -> Page:
    page = administrator.open("/admin")
    page.get_by_role("link", name="Mẫu quy trình").click()
    page.get_by_role("link", name="Mục 4", exact=True).click()
    page.wait_for_load_state()  # what is typed is heard once the script runs
    return page


@pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])
def test_a_change_of_the_steps_is_published_and_reaches_the_open_task(
    place: Place, visit: Visiting, script: bool
) -> None:
    place.story.launch("4", due=date(2026, 10, 30), on=place.now)
    with visit("dang.thu.thuy", script=script) as administrator:
        page = _to_the_editor(administrator)
        steps = page.get_by_label("Các bước, mỗi bước một dòng")
        steps.fill(f"{steps.input_value()}\n{STEP}")
        page.get_by_role("button", name="Lưu thành dự thảo", exact=True).click()
        expect(page.get_by_role("heading", name="Đối chiếu từng dòng")).to_be_visible()
        expect(page.get_by_role("insertion").filter(has_text=STEP).first).to_be_visible()
        page.get_by_role("link", name="Xem ảnh hưởng khi ban hành").click()
        expect(page.get_by_role("row", name="Vụ Kế hoạch – Tài chính")).to_be_visible()
        page.get_by_label("Chuyển cả các nhiệm vụ đang thực hiện sang phiên bản này").check()
        page.get_by_role("button", name="Ban hành phiên bản 2").click()
        expect(page.get_by_role("status")).to_contain_text("Số nhiệm vụ đang thực hiện được chuyển sang: 1")
    with visit("luong.thi.ngan", script=script) as head:
        page = head.open("/work")
        page.get_by_role("link", name="Mục 4:").click()
        page.get_by_text("phiên bản 2").click()
        expect(page.get_by_text(STEP)).to_be_visible()


def test_what_is_typed_is_checked_beside_it_and_a_fault_names_its_line(visit: Visiting) -> None:
    with visit("dang.thu.thuy") as administrator:
        page = _to_the_editor(administrator)
        text = page.get_by_label("Toàn bộ mẫu quy trình")
        right = text.input_value()
        text.fill(right.replace("reports_to:", "report_to:"))
        fault = page.get_by_role("button", name="không có trường report_to")
        expect(fault).to_be_visible()
        fault.click()
        expect(text).to_be_focused()
        page.get_by_role("button", name="Lưu YAML thành dự thảo").click()
        expect(page.get_by_role("alert")).to_be_visible()
        text.fill(right)
        expect(page.get_by_text("Không có lỗi.")).to_be_visible()


def test_two_administrators_at_once_do_not_overwrite_each_other(visit: Visiting) -> None:
    with visit("dang.thu.thuy") as one, visit("dang.thu.thuy") as other:
        first, second = _to_the_editor(one), _to_the_editor(other)
        for page, title in ((first, "Cơ chế giá cước"), (second, "Giá cước")):
            page.get_by_label("Tên gọn").fill(title)
            page.get_by_role("button", name="Lưu thành dự thảo", exact=True).click()
        expect(first.get_by_role("heading", name="Đối chiếu từng dòng")).to_be_visible()
        expect(second.get_by_role("alert")).to_be_visible()
