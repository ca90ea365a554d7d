"""Webhooks as an administrator makes and watches them."""

from tests.rooms import of_room
from tests.web.site import Office

pytestmark = of_room("channels")

HOOK = {"name": "Trục liên thông", "url": "https://truc.example.vn/dondoc"}


def test_a_webhook_is_made_switched_off_and_on_again(office: Office) -> None:
    boss = office.sign_in("dang.thu.thuy")
    made = boss.send("/admin/webhooks", **HOOK, event=["approved"])
    page = made.headers["location"]
    assert "whsec_" in boss.get(page).text
    assert boss.send(page, f"{page}/switch", on="no").status_code == 303
    assert boss.send(page, f"{page}/switch", on="no").status_code == 409
    assert boss.send(page, f"{page}/switch", on="yes").status_code == 303


def test_a_wrong_address_keeps_what_was_typed(office: Office) -> None:
    boss = office.sign_in("dang.thu.thuy")
    answer = boss.send("/admin/webhooks", name="Trục", url="http://10.0.0.1/", event=["approved"])
    assert answer.status_code == 422
    assert 'value="Trục"' in answer.text
    assert "http://10.0.0.1/" in answer.text


def test_nobody_else_sees_or_makes_them(office: Office) -> None:
    coordinator = office.sign_in("le.thi.c")
    assert coordinator.get("/admin/webhooks").status_code == 403
    assert coordinator.send("/help", "/admin/webhooks", **HOOK).status_code == 403


def test_the_form_says_how_an_address_begins_and_takes_a_directive_by_number(office: Office) -> None:
    reader = office.sign_in("dang.thu.thuy")
    page = reader.get("/admin/webhooks").text
    assert '<p class="hint" id="h-url">https://…</p>' in page
    fields = {"name": "VT", "url": "https://vt.example/hook", "directive": "06/2004/CT-BBCVT"}
    assert reader.send("/admin/webhooks", **fields).status_code == 303
    assert "ct-06-2004" in reader.get("/admin/webhooks").text
    wrong = reader.send("/admin/webhooks", **fields | {"directive": "07/2004"})
    assert wrong.status_code == 404 and 'value="07/2004"' in wrong.text
