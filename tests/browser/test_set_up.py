"""From nothing to a directive that can be launched: the first set-up, walked by whoever read the code."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from models.database.session import open_engine, transaction
from models.text.localtime import at_local
from tests.browser.places import open_place
from tests.browser.season import moment
from tests.browser.visits import PHONE, visiting
from tests.keys import KEYS
from workflows.operations.first_steps import ensure_code
from workflows.operations.setup import set_up
from workflows.templates.packs import bundled

pytestmark = pytest.mark.long

PASSWORD = "một câu ngắn dễ nhớ"


def prepared(folder: Path) -> str:
    """An installation as `dondoc serve` makes it on an empty folder; the code that it prints."""
    engine = open_engine(f"sqlite:///{folder / 'dondoc.sqlite'}", KEYS)
    set_up(engine, now=at_local(moment(1, 9).date()))
    with transaction(engine) as session:
        code = ensure_code(session)
    engine.dispose()
    assert code is not None
    return code


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


@pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])
def test_whoever_has_the_code_sets_everything_up(
    browser: Browser, tmp_path: Path, script: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DONDOC_DATA", str(tmp_path))
    code = prepared(tmp_path)
    register = bundled()[0] / "register"
    with open_place(tmp_path, moment(2, 9, 9)) as place, visiting(browser, place, width=PHONE, script=script) as visit:
        page = visit.open("/work")
        page.get_by_label("Mã thiết lập").fill(code.lower())
        press(page, "Bắt đầu")
        page.get_by_role("link", name="Tiếp tục: Cơ quan").click()
        page.get_by_label("Tên đơn vị").nth(0).fill("Bộ Bưu chính, Viễn thông")
        page.get_by_label("Tên đơn vị").nth(2).fill("Vụ Viễn thông")
        page.get_by_label("Mã", exact=True).nth(2).fill("VU-VT")
        press(page, "Lưu và tiếp tục")

        page.get_by_label("Họ và tên").fill("Lý Thị Khởi")
        page.get_by_label("Địa chỉ thư điện tử").fill("khoi@mpt.example")
        page.get_by_label("Mật khẩu", exact=True).fill(PASSWORD)
        page.get_by_label("Nhập lại mật khẩu").fill(PASSWORD)
        press(page, "Lưu và tiếp tục")
        expect(page.get_by_text("đã hoàn thành")).to_have_count(2)

        page.get_by_role("link", name="Tiếp tục: Đơn vị và người dùng").click()
        page.get_by_label("Đơn vị (không bắt buộc)").set_input_files(register / "units.csv")
        page.get_by_label("Người dùng (không bắt buộc)").set_input_files(register / "people.csv")
        press(page, "Xem trước thay đổi")
        expect(page.get_by_role("heading", name="Xem trước thay đổi")).to_be_visible()
        page.get_by_label("Mật khẩu hiện tại").fill(PASSWORD)
        press(page, "Thực hiện")

        page.get_by_role("link", name="Tiếp tục: Thư điện tử").click()
        press(page, "Gửi thư thử cho tôi")
        place.tick(place.now)
        assert place.letter("khoi").to == "khoi@mpt.example"
        page.get_by_role("link", name="Xem lại").click()
        expect(page.get_by_text("đã hoàn thành")).to_have_count(4)

        visit.open("/setup/directive")
        press(page, "Dùng văn bản này")
        expect(page.get_by_role("status")).to_contain_text("11")
        press(page, "Hoàn thành")
        expect(page).to_have_url(f"{place.url}/launch")
