"""The second step: set up, asked for, counted once, and taken away for somebody who lost the telephone."""

from datetime import datetime, timedelta

import pyotp
import pytest
from sqlmodel import col, select

from models.database.session import reading, transaction
from models.errors import Refused
from models.organization.account import Account
from models.organization.audit import Audit
from tests.accounts.people import HEAD
from tests.office import Office, at
from workflows.access.accounts.passwords import count_second_step
from workflows.access.accounts.throttle import RequestOrigin, TooOften, forgive
from workflows.access.accounts.totp import begin_totp, confirm_totp, has_totp, is_totp_code, remove_totp

NOW = at(2, hour=9)
STEP = timedelta(seconds=30)


def app_of(office: Office) -> pyotp.TOTP:
    with reading(office.engine) as session:
        return pyotp.TOTP(session.get_one(Account, office.person(HEAD).id).totp_secret or "")


def begin(office: Office) -> str:
    with transaction(office.engine) as session:
        return begin_totp(session, office.person(HEAD))


def confirm(office: Office, code: str, now: datetime = NOW) -> bool:
    with transaction(office.engine) as session:
        return confirm_totp(session, office.person(HEAD), code, now=now)


def check(office: Office, code: str, now: datetime = NOW) -> bool:
    with transaction(office.engine) as session:
        return is_totp_code(session, office.person(HEAD).id, code, now=now)


@pytest.fixture
def app(office: Office) -> pyotp.TOTP:
    begin(office)
    app = app_of(office)
    assert confirm(office, app.at(NOW))
    return app


def asked_for(office: Office) -> bool:
    with reading(office.engine) as session:
        return has_totp(session, office.person(HEAD).id)


def test_the_app_is_given_an_address_that_names_the_house_and_the_person(office: Office) -> None:
    parsed = pyotp.parse_uri(begin(office))
    assert parsed.issuer == "Đôn đốc" and parsed.name == office.person(HEAD).email


def test_it_is_asked_for_only_once_a_code_has_shown_that_the_app_has_the_key(office: Office) -> None:
    begin(office)
    assert not asked_for(office) and not check(office, app_of(office).at(NOW))
    assert not confirm(office, "000000")
    assert not asked_for(office)
    assert confirm(office, app_of(office).at(NOW))
    assert asked_for(office)


def test_beginning_anew_before_it_is_on_gives_another_key_and_after_that_is_refused(office: Office) -> None:
    assert begin(office) != begin(office)
    confirm(office, app_of(office).at(NOW))
    with pytest.raises(Refused, match="on already"):
        begin(office)


def test_a_code_counts_once_and_no_older_one_after_it(office: Office, app: pyotp.TOTP) -> None:
    assert not check(office, app.at(NOW)), "it was spent on confirming"
    later = NOW + 3 * STEP
    assert check(office, app.at(later), later)
    assert not check(office, app.at(later), later)
    assert not check(office, app.at(later - STEP), later)


@pytest.mark.parametrize(("steps", "right"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_the_telephones_clock_may_be_half_a_minute_off(
    office: Office, app: pyotp.TOTP, steps: int, right: bool
) -> None:
    later = NOW + 10 * STEP
    assert check(office, app.at(later + steps * STEP), later) is right


@pytest.mark.parametrize("given", ["", "abc", "12345", "１２３４５６", "1" * 500])
def test_whatever_is_typed_is_no_error(office: Office, app: pyotp.TOTP, given: str) -> None:
    assert not check(office, given, NOW + 5 * STEP)


def test_spaces_do_not_matter(office: Office, app: pyotp.TOTP) -> None:
    later = NOW + 5 * STEP
    code = app.at(later)
    assert check(office, f" {code[:3]} {code[3:]} ", later)


def test_an_administrator_takes_it_away_from_somebody_who_lost_the_telephone(office: Office, app: pyotp.TOTP) -> None:
    administrator = office.person("dang.thu.thuy")
    with transaction(office.engine) as session:
        assert remove_totp(session, office.person(HEAD), now=NOW, by=administrator.id)
        assert not remove_totp(session, office.person(HEAD), now=NOW, by=administrator.id)
    assert not asked_for(office)
    assert not check(office, app.at(NOW + 5 * STEP), NOW + 5 * STEP)
    with reading(office.engine) as session:
        deeds = session.exec(select(Audit).where(col(Audit.action).startswith("totp")).order_by(col(Audit.id))).all()
    assert [(deed.action, deed.actor_id, deed.object) for deed in deeds] == [
        ("totp_on", office.person(HEAD).id, HEAD),
        ("totp_off", administrator.id, HEAD),
    ]


def test_tries_are_slowed_down_and_a_right_password_forgives_none(office: Office) -> None:
    here = RequestOrigin("203.0.113.5")
    for _ in range(5):
        with transaction(office.engine) as session:
            counted = count_second_step(session, office.person(HEAD), here, NOW)
    with pytest.raises(TooOften), transaction(office.engine) as session:
        count_second_step(session, office.person(HEAD), here, NOW)
    with transaction(office.engine) as session:
        forgive(session, counted, NOW)
        count_second_step(session, office.person(HEAD), here, NOW)
