"""The administrator changes a template: by its form or a file, sees what publishing does, and publishes."""

import re
from datetime import date
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.places import Place
from tests.browser.visits import Visit, Visiting

pytestmark = pytest.mark.long

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


@pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])
def test_a_file_is_saved_and_comes_back_mended(visit: Visiting, tmp_path: Path, script: bool) -> None:
    with visit("dang.thu.thuy", script=script) as administrator:
        page = _to_the_editor(administrator)
        with page.expect_download() as saved:
            page.get_by_role("link", name="Tải mẫu quy trình về thành tệp").click()
        right, file = Path(saved.value.path()).read_text("utf-8"), tmp_path / "mau.yaml"
        for content in (right.replace("reports_to:", "report_to:"), right.replace("title: ", "title: Mới – ")):
            file.write_text(content, "utf-8")
            page.get_by_label("Tệp mẫu quy trình").set_input_files(file)
            page.get_by_role("button", name="Lưu tệp thành dự thảo").click()
            if "report_to:" in content:
                expect(page.get_by_role("alert")).to_be_visible()
                expect(page.get_by_text(re.compile(r"Dòng \d+: không có trường report_to"))).to_be_visible()
        expect(page.get_by_role("heading", name="So với phiên bản 1")).to_be_visible()


def test_two_administrators_at_once_do_not_overwrite_each_other(visit: Visiting) -> None:
    with visit("dang.thu.thuy") as one, visit("dang.thu.thuy") as other:
        first, second = _to_the_editor(one), _to_the_editor(other)
        for page, title in ((first, "Cơ chế giá cước"), (second, "Giá cước")):
            page.get_by_label("Tên gọn").fill(title)
            page.get_by_role("button", name="Lưu thành dự thảo", exact=True).click()
        expect(first.get_by_role("heading", name="So với phiên bản 1")).to_be_visible()
        expect(second.get_by_role("alert")).to_be_visible()


@pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])
def test_the_second_reminder_is_made_two_days_earlier_by_one_number(visit: Visiting, script: bool) -> None:
    with visit("dang.thu.thuy", script=script) as administrator:
        page = _to_the_editor(administrator)
        expect(page.get_by_role("img", name="Các mức đôn đốc theo thời gian")).to_be_visible()
        number = page.get_by_label("Thời điểm: mức 5")
        expect(number).to_have_value("3")
        expect(number).to_have_accessible_description("ngày làm việc trước thời hạn")
        expect(page.get_by_role("row").filter(has=number)).to_contain_text("lần 2")
        number.fill("5")
        if script:
            expect(page.get_by_label("Các mức đôn đốc", exact=True)).to_have_value("own")
            expect(page.get_by_role("status")).to_contain_text("dùng các mức đôn đốc riêng")
        page.get_by_role("button", name="Lưu thành dự thảo", exact=True).click()
        expect(page.get_by_role("insertion").filter(has_text="trước thời hạn 5 ngày làm việc")).to_be_visible()
        page.get_by_role("heading", name="Nguồn YAML").click()
        expect(page.get_by_role("insertion").filter(has_text="at: -5")).to_be_visible()


def test_the_usual_ladder_comes_back_when_it_is_chosen_after_a_change(visit: Visiting) -> None:
    with visit("dang.thu.thuy") as administrator:
        page = _to_the_editor(administrator)
        number = page.get_by_label("Thời điểm: mức 5")
        number.fill("5")
        page.get_by_label("Các mức đôn đốc", exact=True).select_option("contingency")
        expect(page.get_by_label("Thời điểm: mức 5")).to_have_value("4")
        page.get_by_label("Các mức đôn đốc", exact=True).select_option("default")
        expect(page.get_by_label("Thời điểm: mức 5")).to_have_value("3")
        expect(page.get_by_text("Nội dung giống phiên bản 1")).to_be_visible()


def test_a_wrong_number_is_told_at_its_field_as_soon_as_it_is_typed(visit: Visiting) -> None:
    with visit("dang.thu.thuy") as administrator:
        page = _to_the_editor(administrator)
        number = page.get_by_label("Thời điểm: mức 5")
        number.fill("ba")
        expect(number).to_have_attribute("aria-invalid", "true")
        expect(number).to_have_accessible_description(
            "ngày làm việc trước thời hạn Các mức đôn đốc, Mức 5, Lúc: 'ba' chưa đúng: phải là số nguyên"
        )
        page.get_by_label("Tên gọn").focus()
        page.get_by_role("link", name="Các mức đôn đốc, Mức 5").click()
        expect(number).to_be_focused()
        number.fill("5")
        expect(number).not_to_have_attribute("aria-invalid", "true")


def test_a_unit_is_chosen_by_keyboard_from_what_is_offered(visit: Visiting) -> None:
    with visit("dang.thu.thuy") as administrator:
        page = _to_the_editor(administrator)
        field = page.get_by_role("combobox", name="Đơn vị nhận kết quả")
        field.fill("")
        field.press_sequentially("ke hoach")
        offers = page.get_by_role("option", name="Vụ Kế hoạch – Tài chính")
        expect(offers).to_be_visible()
        field.press("ArrowDown")
        field.press("Enter")
        expect(field).to_have_value("Vụ Kế hoạch – Tài chính")
        expect(offers).to_be_hidden()
        several = page.get_by_role("combobox", name="Hoặc các đơn vị này 1").first
        several.focus()
        several.press("End")
        several.press_sequentially("; vu vien")
        page.get_by_role("option", name="Vụ Viễn thông VU-VT").click()
        expect(several).to_have_value("Vụ Kế hoạch – Tài chính; Vụ Viễn thông;")
