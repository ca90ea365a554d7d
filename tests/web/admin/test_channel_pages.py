"""Channels beside mail on pages: made, changed, switched and tested by administrators; chosen by each person."""

import re
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlmodel import Session, select, update

from models.channels.channel import (
    ChannelAttempt,
    ChannelMessage,
    Gateway,
    GatewayConsent,
    MessageState,
    PushSubscription,
)
from models.database.ids import new_id
from models.database.session import reading
from models.letters.letter import Letter
from models.organization.audit import Audit
from models.organization.person import Person
from models.organization.register_reads import resolve_person
from tests.web.site import LAUNCHED, Office, Reader
from tests.workflows.channels.browsers import Browser, encoded
from workflows.jobs.simulate import RecordedSender
from workflows.jobs.tick import tick

BOSS, HEAD, COORDINATOR = "dang.thu.thuy", "luong.thi.ngan", "le.thi.c"
FIELDS: dict[str, Any] = {
    "name": "SMS của Bộ",
    "url": "https://gateway.example.vn/sms",
    "body_form": "json",
    "body": '{"to": "{phone}", "message": "{text} {link}"}',
    "headers": "Authorization: Bearer mat-khau",
    "kind": ["digest", "incident"],
    "longest": "160",
}


@pytest.fixture
def boss(office: Office) -> Reader:
    office.change(lambda session: session.execute(update(Person).values(phone="0909 111 222")))
    return office.sign_in(BOSS)


def made(office: Office, boss: Reader, **more: Any) -> Gateway:
    answer = boss.send("/admin/channels/new", **FIELDS | more)
    assert answer.status_code == 303, answer.text
    with reading(office.engine) as session:
        return session.exec(select(Gateway)).one()


def switched_on(office: Office, boss: Reader) -> Gateway:
    gateway = made(office, boss)
    page = f"/admin/channels/{gateway.id}"
    assert boss.send(page, f"{page}/switch", on="yes").status_code == 303
    return gateway


def test_a_gateway_is_made_changed_switched_and_tested(office: Office, boss: Reader) -> None:
    gateway = switched_on(office, boss)
    page = f"/admin/channels/{gateway.id}"
    shown = boss.get(f"{page}?lang=en").text
    assert "SMS của Bộ" in shown and "Authorization" in shown and "mat-khau" not in shown and "whsec_" in shown
    assert boss.send(page, f"{page}/test").status_code == 303
    answer = boss.send(f"{page}/edit", **FIELDS | {"name": "Zalo", "headers": "", "knows_repeats": "on"})
    assert answer.status_code == 303 and "Zalo" in boss.follow(answer).text
    with reading(office.engine) as session:
        kept = session.get_one(Gateway, gateway.id)
        assert kept.knows_repeats and kept.kinds == ["digest", "incident"]
        assert session.exec(select(ChannelMessage.recipient_id)).one() == resolve_person(session, BOSS).id
        deeds = set(session.exec(select(Audit.action)))
    assert {"gateway_made", "gateway_changed", "gateway_switched_on", "gateway_tested"} <= deeds
    assert "Zalo" in boss.get("/admin/channels").text


@pytest.mark.parametrize(
    ("field", "value"), [("body", "{"), ("url", "http://127.0.0.1/"), ("longest", "x"), ("kind", ["account"])]
)
def test_bad_input_keeps_what_was_typed(office: Office, boss: Reader, field: str, value: Any) -> None:
    answer = boss.send("/admin/channels/new", **FIELDS | {field: value})
    assert answer.status_code == 422 and "SMS của Bộ" in answer.text and 'role="alert"' in answer.text
    with reading(office.engine) as session:
        assert session.exec(select(Gateway)).first() is None


def test_only_administrators_come_here(office: Office, boss: Reader) -> None:
    gateway = made(office, boss)
    pages = ("", "/new", f"/{gateway.id}", f"/{gateway.id}/edit")
    for who in (COORDINATOR, HEAD, "nguyen.minh.quan", "ngo.van.loc"):
        reader = office.sign_in(who)
        assert {reader.get(f"/admin/channels{page}").status_code for page in pages} == {403}
        for deed in ("new", f"{gateway.id}/edit", f"{gateway.id}/switch", f"{gateway.id}/test", "browsers"):
            assert reader.send("/notifications", f"/admin/channels/{deed}", on="yes", **FIELDS).status_code == 403, deed
    assert boss.get(f"/admin/channels/{new_id()}").status_code == 404


def test_a_person_chooses_a_gateway_and_ends_it(office: Office, boss: Reader) -> None:
    gateway, reader = switched_on(office, boss), office.sign_in(HEAD)
    page = reader.get("/account/letters?lang=en").text
    assert "0909111222" in page and "3 tasks, 1 of them overdue" in page.replace("Don doc", "Đôn đốc")
    assert "digest" in page.partition("It tells of")[2][:60] and "/account/letters" in reader.get("/notifications").text
    for on, count in (("yes", 1), ("yes", 1), ("no", 0)):
        answer = reader.send("/notifications", f"/notifications/gateways/{gateway.id.hex}", on=on)
        assert answer.status_code == 303
        with reading(office.engine) as session:
            assert len(session.exec(select(GatewayConsent)).all()) == count
    assert reader.send("/notifications", f"/notifications/gateways/{new_id().hex}", on="yes").status_code == 404
    office.change(lambda session: session.execute(update(Person).values(phone=None)))
    assert reader.send("/notifications", f"/notifications/gateways/{gateway.id.hex}", on="yes").status_code == 409


def test_a_browser_is_subscribed_by_its_script_and_ended_by_a_form(office: Office, boss: Reader) -> None:
    reader, browser = office.sign_in(HEAD), Browser("https://push.example.com/abc")
    keys = {"endpoint": browser.endpoint, "p256dh": browser.p256dh, "auth": encoded(browser.auth)}
    assert "data-push-key" not in reader.get("/account/letters").text
    assert reader.send("/notifications", "/notifications/browsers", **keys).status_code == 409
    assert boss.send("/admin/channels", "/admin/channels/browsers", on="yes").status_code == 303
    page = reader.get("/account/letters").text
    found = re.search(r'data-push-key="([\w-]{87})"', page)
    assert found and "/static/push-worker.js" in page and "/static/notifications.js" in page
    assert reader.send("/notifications", "/notifications/browsers", **keys).status_code == 303
    with reading(office.engine) as session:
        row = session.exec(select(PushSubscription)).one()
        assert row.person_id == resolve_person(session, HEAD).id and row.host == "push.example.com"
    stranger = office.sign_in(COORDINATOR)
    assert stranger.send("/notifications", f"/notifications/browsers/{row.id.hex}/end").status_code == 404
    assert reader.send("/notifications", f"/notifications/browsers/{row.id.hex}/end").status_code == 303
    assert reader.send("/notifications", "/notifications/browsers", **keys | {"auth": "x"}).status_code == 422
    assert ended(office, row.id)


def ended(office: Office, subscription_id: UUID) -> bool:
    with reading(office.engine) as session:
        return session.get_one(PushSubscription, subscription_id).keys is None


def test_the_script_and_its_worker_are_files_of_ours_within_the_policy(office: Office, boss: Reader) -> None:
    boss.send("/admin/channels", "/admin/channels/browsers", on="yes")
    page = office.sign_in(HEAD).get("/notifications")
    assert "script-src 'self'" in page.headers["content-security-policy"]
    assert not re.search(r"<script(?![^>]*src=)", page.text) and "onclick" not in page.text
    for name in ("push-worker.js", "notifications.js"):
        answer = office.get(f"/static/{name}")
        assert answer.status_code == 200 and "javascript" in answer.headers["content-type"]


def test_a_letters_page_and_the_channels_page_show_each_attempt(office: Office, boss: Reader) -> None:
    gateway = switched_on(office, boss)
    tick(office.engine, office.settings, now=LAUNCHED + timedelta(minutes=1), sender=RecordedSender())

    def tell(session: Session) -> None:
        head = resolve_person(session, HEAD).id
        letter = session.exec(select(Letter.id).where(Letter.recipient_id == head)).one()
        message = ChannelMessage(
            letter_id=letter,
            recipient_id=head,
            gateway_id=gateway.id,
            state=MessageState.FAILED,
            queued_at=LAUNCHED,
            not_before=LAUNCHED,
            address="0909111222",
            error="số máy sai",
        )
        session.add(message)
        session.flush()
        attempt: dict[str, Any] = {"ended_at": LAUNCHED, "outcome": "permanent", "status": 400, "reply": "số máy sai"}
        session.add(ChannelAttempt(message_id=message.id, lease_token=1, started_at=LAUNCHED, **attempt))

    office.change(tell)
    with reading(office.engine) as session:
        letter_id = session.exec(select(ChannelMessage.letter_id)).one()
    assert letter_id is not None
    for page in (f"/letters/{letter_id.hex}?lang=en", f"/admin/channels/{gateway.id}?lang=en"):
        text = boss.get(page).text
        assert "HTTP 400" in text and "số máy sai" in text and "0909111222" in text and "efused for good" in text, page
    assert "SMS của Bộ" in office.sign_in(COORDINATOR).get(f"/letters/{letter_id.hex}").text
    office.change(lambda session: session.execute(update(ChannelMessage).values(error="switched off")))
    for page in (f"/letters/{letter_id.hex}?lang=vi", f"/admin/channels/{gateway.id}?lang=vi"):
        assert "kênh đã bị tắt" in boss.get(page).text and "switched off" not in boss.get(page).text, page
