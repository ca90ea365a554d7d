"""The bundled directive comes in as a file, is confirmed duty by duty beside its words, and goes out to its units."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.places import Place
from tests.browser.visits import PHONE, Visiting
from tests.browser.walks import choose_only
from workflows.templates.packs import bundled

pytestmark = pytest.mark.long

COORDINATOR = "le.thi.c"
SHORT = """CHỈ THỊ
Về việc bảo đảm an toàn mạng lưới

Bộ trưởng yêu cầu các đơn vị thực hiện:

1. Vụ Viễn thông rà soát mạng lưới trước ngày 30/10/2026.
"""
SEED = bundled()[0] / "directive.txt"


@pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])
def test_the_bundled_directive_is_read_confirmed_and_launched(place: Place, visit: Visiting, script: bool) -> None:
    with visit(COORDINATOR, script=script) as desk:
        page = desk.open("/launch")
        page.get_by_role("link", name="Đọc một văn bản mới").click()
        page.get_by_label("Tệp").set_input_files(SEED)
        page.get_by_role("button", name="Đọc văn bản").click()
        expect(page.get_by_text("Đã xác nhận 0 trong 10 nhiệm vụ")).to_be_visible()

        page.get_by_role("region", name="Nhiệm vụ của văn bản").get_by_role("link", name=re.compile("^Mục 4:")).click()
        expect(page.get_by_role("region", name="Toàn văn").locator(".text mark.f-addressees")).to_have_text(
            "Vụ Kế hoạch – Tài chính"
        )
        page.get_by_label("Tên nhiệm vụ, ngắn gọn").fill("Nghiên cứu cơ chế miễn, giảm giá cước")
        page.get_by_role("button", name="Lưu và xác nhận").click()
        expect(page.get_by_text("Đã xác nhận 1 trong 10 nhiệm vụ")).to_be_visible()

        page.get_by_role("region", name="Nhiệm vụ của văn bản").get_by_role(
            "link", name=re.compile("^Đoạn kết 1:")
        ).first.click()
        page.get_by_text("Tách làm hai").click()
        page.get_by_label("Những chữ đầu của nhiệm vụ thứ hai").fill("Trong quá trình thực hiện")
        page.get_by_role("button", name="Tách", exact=True).click()
        expect(page.get_by_text("Đã xác nhận 1 trong 11 nhiệm vụ")).to_be_visible()

        page.get_by_role("button", name=re.compile("nhiệm vụ chắc chắn")).click()
        page.get_by_role("button", name="Xác nhận tất cả phần còn lại").click()
        page.get_by_role("button", name="Lập văn bản chỉ đạo, chọn nhiệm vụ để giao").click()
        expect(page.get_by_text("Nghiên cứu cơ chế miễn, giảm giá cước")).to_be_visible()
        code = page.url.rpartition("/")[2].partition("?")[0]
        choose_only(page, "Mục 4")
        expect(page.get_by_text("Vụ Kế hoạch – Tài chính").first).to_be_visible()
        page.get_by_role("button", name="Tiếp tục: thời hạn").click()
        page.get_by_role("button", name="Tiếp tục: xem trước").click()
        page.get_by_role("link", name="Tiếp tục, không xem trước").click()
        page.get_by_role("button", name="Giao ngay").click()
        expect(page.get_by_text("Đã giao: 1 nhiệm vụ mới.")).to_be_visible()
        assert code != "ct-06-2004"


def test_by_keys_alone(place: Place, visit: Visiting) -> None:
    """j and k go from duty to duty, a confirms."""
    with visit(COORDINATOR) as desk:
        page = desk.open("/intake")
        page.get_by_label("Hoặc dán toàn văn").fill(SEED.read_text(encoding="utf-8"))
        page.get_by_role("button", name="Đọc văn bản").click()
        chosen = page.locator("#chosen a[aria-current]")
        expect(chosen).to_contain_text("Mục 1:")
        desk.press("j")
        expect(chosen).not_to_contain_text("Mục 1:")
        desk.press("k")
        expect(chosen).to_contain_text("Mục 1:")
        desk.press("a")
        expect(page.get_by_text("Đã xác nhận 1 trong 10 nhiệm vụ")).to_be_visible()
        expect(chosen).not_to_contain_text("Mục 1:")
        desk.press("s")
        expect(page.get_by_role("button", name=re.compile("nhiệm vụ chắc chắn"))).to_have_count(0)


def test_on_a_phone_nothing_scrolls_sideways(place: Place, visit: Visiting, tmp_path: Path) -> None:
    with visit(COORDINATOR, width=PHONE) as phone:
        page = phone.open("/intake")
        file = tmp_path / "van-ban.txt"
        file.write_text(SHORT, encoding="utf-8")
        page.get_by_label("Tệp").set_input_files(file)
        page.get_by_role("button", name="Đọc văn bản").click()
        expect(page.get_by_text("Đã xác nhận 0 trong 1 nhiệm vụ")).to_be_visible()
        assert phone.overhang() == 0
