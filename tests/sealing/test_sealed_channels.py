"""What channels beside mail keep secret is sealed, goes over to another key, and is given up with a lost one."""

import json

from sqlalchemy import text
from sqlmodel import select

from models.channels.channel import Gateway, PushSubscription
from models.database.ids import new_id
from models.database.run import WEB_PUSH_KEY
from models.database.secret_keys import Keys
from models.database.session import open_engine, reading, transaction
from models.text.localtime import local_date
from tests.office import ON
from tests.sealing.safe import ADMINISTRATOR, HEAD, NOW, Safe, url_of
from tests.workflows.channels.browsers import Browser, encoded
from workflows.access.rights import read_principal
from workflows.channels.choices import is_push_on, push_key, subscribe
from workflows.channels.gateways import GatewayInput, gateway_headers, make_gateway, switch_gateway
from workflows.operations.secret_upkeep import give_up, rotate

SECRET = "Bearer mat-khau-cong-tin-nhan"


def use(safe: Safe) -> Browser:
    """A gateway with a password in its headers, and a browser that is subscribed."""
    browser = Browser("https://push.example.com/rieng-tu")
    given = GatewayInput(
        name="SMS",
        url="https://gateway.example.vn/",
        body_form="json",
        body='{"to": "{phone}", "text": "{text}"}',
        headers=f"Authorization: {SECRET}",
        kinds=["digest"],
        longest=160,
        is_unmarked=False,
        knows_repeats=False,
    )
    with transaction(safe.engine) as session:
        principal = read_principal(session, safe.office.person(ADMINISTRATOR), local_date(NOW))
        made = make_gateway(session, principal, given, settings=safe.office.settings, now=NOW)
        switch_gateway(session, principal, made.id, on=True, now=NOW)
        subscribe(
            session,
            safe.office.person(HEAD),
            endpoint=browser.endpoint,
            p256dh=browser.p256dh,
            auth=encoded(browser.auth),
            session_id=new_id(),
            device="",
            settings=safe.office.settings,
            now=ON,
        )
    return browser


def test_nothing_of_channels_stands_in_clear(safe: Safe) -> None:
    browser = use(safe)
    with reading(safe.engine) as session:
        key = push_key(session) or ""
        stored = json.dumps(
            [
                [str(part) for part in row]
                for table in ("gateway", "push_subscription", "installation")
                for row in session.execute(text(f"SELECT * FROM {table}"))
            ]
        )
    for clear in (SECRET, "rieng-tu", encoded(browser.auth), key):
        assert clear and clear not in stored


def test_another_key_seals_them_and_everything_still_opens(safe: Safe) -> None:
    use(safe)
    with reading(safe.engine) as session:
        before = push_key(session)
    rotate(safe.engine, now=NOW)
    engine = open_engine(url_of(safe.engine), Keys(safe.keys.file))
    with reading(engine) as session:
        assert push_key(session) == before
        assert gateway_headers(session.exec(select(Gateway)).one()) == {"Authorization": SECRET}
    engine.dispose()


def test_with_a_lost_key_channels_are_off_and_browsers_forgotten(safe: Safe) -> None:
    use(safe)
    safe.keys.file.unlink()
    lost = open_engine(url_of(safe.engine), Keys(safe.keys.file))
    with transaction(lost) as session:
        counts = give_up(session, now=NOW)
    assert (counts["gateway"], counts["push_subscription"], counts["installation"]) == (2, 1, 2)
    with reading(lost) as session:
        gateway, browser = session.exec(select(Gateway)).one(), session.exec(select(PushSubscription)).one()
        assert not gateway.is_active and gateway_headers(gateway) == {}
        assert browser.keys is None and browser.ended_at == NOW
        assert not is_push_on(session) and push_key(session) is None
        assert WEB_PUSH_KEY not in session.execute(text("SELECT name FROM installation")).scalars().all()
    lost.dispose()
