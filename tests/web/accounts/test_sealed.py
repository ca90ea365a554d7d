"""Signing in where secrets are sealed: as ever with the key; without it, or after tampering, nobody comes in."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from models.database.secret_keys import Keys
from models.database.session import open_engine, transaction
from tests.accounts.people import PASSWORD
from tests.web.accounts.house import ADMINISTRATOR, House, sign_in
from workflows.operations.secret_upkeep import renew_link_key


def test_with_the_key_the_second_step_works_as_ever(house: House) -> None:
    house.give_password()
    app = house.turn_totp_on()
    browser = house.browser()
    assert sign_in(browser).headers["location"] == "/sign-in/second-step"
    assert browser.send("/sign-in/second-step", code="000000").status_code == 422
    assert browser.send("/sign-in/second-step", code=app.at(house.now)).status_code == 303
    assert browser.get("/account").status_code == 200


def test_a_key_that_was_just_made_is_shown_to_its_person(house: House) -> None:
    browser = house.signed_in()
    browser.follow(browser.send("/account/second-step", "/account/second-step/begin", current=PASSWORD))
    shown = browser.get("/account/second-step").text
    assert "gAAAAA" not in shown and "otpauth" in shown


_BROKEN = {
    "another column's secret": "UPDATE account SET totp_secret = (SELECT secret FROM installation WHERE secret > '')",
    "cut off": "UPDATE account SET totp_secret = substr(totp_secret, 1, 40)",
    "in clear": "UPDATE account SET totp_secret = 'JBSWY3DPEHPK3PXP'",
}


@pytest.mark.parametrize("way", ["the key is gone", *_BROKEN])
def test_a_secret_that_cannot_be_opened_lets_nobody_in(house: House, way: str) -> None:
    house.give_password()
    app, other = house.turn_totp_on(), house.turn_totp_on(ADMINISTRATOR)
    if way in _BROKEN:
        with transaction(house.office.engine) as session:
            session.execute(text(_BROKEN[way]))
    if way == "the key is gone":
        lost(house)
    browser = house.browser()
    assert sign_in(browser).headers["location"] == "/sign-in/second-step"
    for code in (app.at(house.now), other.at(house.now), "000000", ""):
        answer = browser.send("/sign-in/second-step", code=code)
        assert answer.status_code == 503, answer.text
        assert browser.get("/account").status_code == 303  # to the sign-in page
        house.now += timedelta(hours=1)
        sign_in(browser)


def lost(house: House) -> None:
    """The site goes on, but knows its own key only and no other secret: what a running program has read before."""
    site = house.app.state.site
    assert site.key
    url = site.engine.url.render_as_string(hide_password=False)
    site.engine = open_engine(url, Keys(Path("/nowhere/secrets.key")))
    site._read_key_again_at = house.now + timedelta(days=1)


def test_a_changed_installation_key_is_gone_by_within_a_minute(house: House) -> None:
    site = house.app.state.site
    before = site.key
    browser = house.signed_in()
    with transaction(house.office.engine) as session:
        renew_link_key(session, now=house.now)
    assert site.key == before
    house.now += timedelta(minutes=1)
    assert site.key != before
    assert browser.get("/account").status_code == 200  # nobody is signed out
