"""Signing in where secrets are sealed: as ever with the key; without it, or after tampering, nobody comes in."""

from datetime import timedelta
from pathlib import Path

import pytest

from models.database.sealing import is_token, with_keys
from models.database.secret_keys import Keys
from models.database.session import transaction
from models.organization.account import Account
from tests.web.accounts.conftest import ADMINISTRATOR, HEAD, PASSWORD, House, sign_in
from web.app import create_app
from workflows.access.secret_upkeep import renew_link_key
from workflows.operations.setup import set_up


@pytest.fixture
def sealed(house: House, tmp_path: Path) -> House:
    """The house after an upgrade: its secrets are sealed."""
    keys = Keys(tmp_path / "secrets.key")
    house.office.engine = house.office.engine.execution_options(**with_keys(keys))
    set_up(house.office.engine, now=house.now)
    return opened_anew(house)


def opened_anew(house: House) -> House:
    """`serve` is started again."""
    app = create_app(house.office.engine, house.office.settings)
    app.state.site.now, app.state.site.nudge = (lambda: house.now), house.nudge
    house.app = app
    return house


def test_with_the_key_the_second_step_works_as_ever(sealed: House) -> None:
    sealed.give_password()
    app = sealed.turn_totp_on()
    account = sealed.account()
    assert account is not None and is_token((account.totp_secret or "").encode())
    browser = sealed.browser()
    assert sign_in(browser).headers["location"] == "/sign-in/second-step"
    assert browser.send("/sign-in/second-step", code="000000").status_code == 422
    assert browser.send("/sign-in/second-step", code=app.at(sealed.now)).status_code == 303
    assert browser.get("/account").status_code == 200


def test_a_key_that_was_just_made_is_shown_to_its_person(sealed: House) -> None:
    browser = sealed.signed_in()
    browser.follow(browser.send("/account/second-step", "/account/second-step/begin", current=PASSWORD))
    shown = browser.get("/account/second-step").text
    assert "gAAAAA" not in shown and "otpauth" in shown


@pytest.mark.parametrize("way", ["the key is gone", "another person's secret", "cut off"])
def test_a_secret_that_cannot_be_opened_lets_nobody_in(sealed: House, way: str) -> None:
    sealed.give_password()
    app, other = sealed.turn_totp_on(), sealed.turn_totp_on(ADMINISTRATOR)
    with transaction(sealed.office.engine) as session:
        mine = session.get_one(Account, sealed.office.person(HEAD).id)
        theirs = session.get_one(Account, sealed.office.person(ADMINISTRATOR).id)
        if way == "another person's secret":
            mine.totp_secret = theirs.totp_secret
        elif way == "cut off":
            mine.totp_secret = (mine.totp_secret or "")[:40]
    if way == "the key is gone":
        lost(sealed)
    browser = sealed.browser()
    assert sign_in(browser).headers["location"] == "/sign-in/second-step"
    for code in (app.at(sealed.now), other.at(sealed.now), "000000", ""):
        answer = browser.send("/sign-in/second-step", code=code)
        assert answer.status_code == 503, answer.text
        assert browser.get("/account").status_code == 303  # to the sign-in page
        sealed.now += timedelta(hours=1)
        sign_in(browser)


def lost(house: House) -> None:
    """The site goes on, but knows its own key only and no other secret: what a running program has read before."""
    site = house.app.state.site
    assert site.key
    site.engine = site.engine.execution_options(secret_keys=Keys(Path("/nowhere/secrets.key")))
    site._look_again = house.now + timedelta(days=1)


def test_a_changed_installation_key_is_gone_by_within_a_minute(sealed: House) -> None:
    site = sealed.app.state.site
    before = site.key
    browser = sealed.signed_in()
    with transaction(sealed.office.engine) as session:
        renew_link_key(session, now=sealed.now)
    assert site.key == before
    sealed.now += timedelta(minutes=1)
    assert site.key != before
    assert browser.get("/account").status_code == 200  # nobody is signed out
