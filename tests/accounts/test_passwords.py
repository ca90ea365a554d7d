"""A name and a password: right, wrong, too often; and that nobody else's failures keep a person out."""

import logging
import unicodedata
from datetime import datetime, timedelta
from typing import Any

import pytest
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher
from sqlmodel import col, select

from models.database.session import reading, transaction
from models.errors import BadInput
from models.organization.account import Account, Proof, Throttle
from models.organization.audit import Audit
from models.organization.person import Person
from tests.accounts.people import HEAD, PASSWORD
from tests.office import Office, at
from workflows.access.accounts import passwords
from workflows.access.accounts.passwords import Try, begin_try, end_try, set_password
from workflows.access.accounts.sign_in import admit
from workflows.access.accounts.throttle import RequestOrigin, TooOften, find_by_name

NOW = at(2, hour=9)
HOME, ELSEWHERE = RequestOrigin("203.0.113.5"), RequestOrigin("198.51.100.7")


@pytest.fixture(autouse=True)
def password(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    quick = PasswordHash((Argon2Hasher(time_cost=1, memory_cost=64, parallelism=1),))
    monkeypatch.setattr(passwords, "_HASH", quick)
    passwords._nobodys_hash.cache_clear()
    with transaction(office.engine) as session:
        set_password(session, office.person(HEAD).id, PASSWORD, now=NOW)


def give(
    office: Office, given: str, name: str = HEAD, caller: RequestOrigin = HOME, now: datetime = NOW
) -> Person | None:
    with transaction(office.engine) as session:
        try_ = begin_try(session, name, caller, now)
    checked = try_.check(given)
    with transaction(office.engine) as session:
        return end_try(session, try_, checked, caller, now)


def fail(office: Office, times: int, **more: Any) -> None:
    for _ in range(times):
        assert give(office, "không phải mật khẩu này", **more) is None


def lines(office: Office, action: str) -> list[Audit]:
    with reading(office.engine) as session:
        return list(session.exec(select(Audit).where(Audit.action == action).order_by(col(Audit.id))))


@pytest.mark.parametrize("name", [HEAD, HEAD.upper(), f"  {HEAD} ", "luong.thi.ngan@mpt.example"])
def test_the_right_password_is_the_persons_under_their_code_and_their_address(office: Office, name: str) -> None:
    found = give(office, PASSWORD, name)
    assert found is not None and found.code == HEAD


def test_it_does_not_matter_how_a_keyboard_puts_marks_on_letters(office: Office) -> None:
    decomposed = unicodedata.normalize("NFD", PASSWORD)
    assert decomposed != PASSWORD
    assert give(office, decomposed) is not None


@pytest.mark.parametrize("given", ["", "sai", PASSWORD + " ", PASSWORD.upper()])
def test_another_password_is_not(office: Office, given: str) -> None:
    assert give(office, given) is None


@pytest.mark.parametrize("name", ["", "khong.co.ai", "le.thi.c", "'; --", "x" * 5000])
def test_nobody_and_one_without_a_password_are_refused_alike(office: Office, name: str) -> None:
    assert give(office, PASSWORD, name) is None


def test_checking_for_somebody_who_is_not_there_takes_a_hash_as_well(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    verified: list[str] = []

    class Counting(PasswordHash):
        def verify_and_update(self, password: Any, hash: Any) -> tuple[bool, str | None]:
            verified.append(hash)
            return super().verify_and_update(password, hash)

    monkeypatch.setattr(passwords, "_HASH", Counting((Argon2Hasher(time_cost=1, memory_cost=64, parallelism=1),)))
    for name in (HEAD, "khong.co.ai", "le.thi.c"):
        give(office, "sai", name)
    assert len(verified) == 3


def test_the_retired_do_not_sign_in(office: Office) -> None:
    office.change_person(HEAD, is_active=False)
    assert give(office, PASSWORD) is None


def test_an_address_that_two_people_share_is_nobodys_name(office: Office) -> None:
    office.change_person("le.thi.c", email=office.person(HEAD).email)
    with reading(office.engine) as session:
        assert find_by_name(session, str(office.person(HEAD).email)) is None
        found = find_by_name(session, HEAD)
    assert found is not None and found.code == HEAD


def test_a_hash_under_older_parameters_is_made_anew_at_the_next_sign_in(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    def kept() -> str | None:
        with reading(office.engine) as session:
            return session.get_one(Account, office.person(HEAD).id).password_hash

    before = kept()
    stronger = PasswordHash((Argon2Hasher(time_cost=2, memory_cost=64, parallelism=1),))
    monkeypatch.setattr(passwords, "_HASH", stronger)
    fail(office, 1)
    assert kept() == before
    assert give(office, PASSWORD) is not None
    assert kept() != before and "t=2" in str(kept())
    assert give(office, PASSWORD) is not None


def test_a_password_that_may_not_be_chosen_is_not_kept(office: Office) -> None:
    def choose(given: str) -> None:
        with transaction(office.engine) as session:
            set_password(session, office.person(HEAD).id, given, now=NOW)

    for given in ("ngắn", "Lương Thị Ngân", "luong.thi.ngan@"):
        with pytest.raises(BadInput):
            choose(given)
    assert give(office, PASSWORD) is not None
    assert len(lines(office, "password_set")) == 1


# throttled


def test_after_five_failures_one_waits_longer_with_each(office: Office) -> None:
    fail(office, 5)
    with pytest.raises(TooOften) as told:
        give(office, PASSWORD)
    assert told.value.until == NOW + timedelta(seconds=30)
    assert "30 seconds" in str(told.value)
    later = NOW + timedelta(seconds=30)
    fail(office, 1, now=later)
    with pytest.raises(TooOften) as told:
        give(office, PASSWORD, now=later)
    assert told.value.until == later + timedelta(seconds=60)
    assert give(office, PASSWORD, now=later + timedelta(seconds=60)) is not None


def test_tries_that_are_turned_away_do_not_make_it_longer(office: Office) -> None:
    fail(office, 5)
    for second in range(29):
        with pytest.raises(TooOften):
            give(office, "sai", now=NOW + timedelta(seconds=second))
    assert give(office, PASSWORD, now=NOW + timedelta(seconds=30)) is not None


def test_success_forgets_the_failures_before_it(office: Office) -> None:
    fail(office, 4)
    assert give(office, PASSWORD) is not None
    fail(office, 4)
    assert give(office, PASSWORD) is not None
    with reading(office.engine) as session:
        left = {row.key: row.failures for row in session.exec(select(Throttle))}
    assert all(not key.startswith("pair:") for key in left)
    assert all(row == 8 for row in left.values()), left


def test_no_number_of_tries_at_once_is_one_too_many(office: Office) -> None:
    begun: list[Try] = []
    for _ in range(5):
        with transaction(office.engine) as session:
            begun.append(begin_try(session, HEAD, HOME, NOW))
    with pytest.raises(TooOften), transaction(office.engine) as session:
        begin_try(session, HEAD, HOME, NOW)


def test_a_name_that_is_nobodys_is_slowed_down_alike(office: Office) -> None:
    fail(office, 5, name="khong.co.ai")
    with pytest.raises(TooOften) as told:
        give(office, PASSWORD, "Khong.Co.Ai")
    assert told.value.until == NOW + timedelta(seconds=30)


def test_one_ipv6_network_is_one_place(office: Office) -> None:
    for number in range(5):
        fail(office, 1, caller=RequestOrigin(f"2001:db8:1:2::{number}"))
    with pytest.raises(TooOften):
        give(office, PASSWORD, caller=RequestOrigin("2001:db8:1:2:ffff::1"))
    assert give(office, PASSWORD, caller=RequestOrigin("2001:db8:1:3::1")) is not None


def test_one_place_that_tries_many_names_is_slowed_down(office: Office) -> None:
    for number in range(40):
        fail(office, 1, name=f"ten.{number}")
    with pytest.raises(TooOften):
        give(office, PASSWORD)
    assert give(office, PASSWORD, caller=ELSEWHERE) is not None


# not to be abused as a lock-out


def a_storm(office: Office, now: datetime = NOW) -> None:
    """A name tried from everywhere."""
    for number in range(20):
        fail(office, 1, caller=RequestOrigin(f"192.0.2.{number}"), now=now)


def enter(office: Office, caller: RequestOrigin, now: datetime = NOW - timedelta(days=1)) -> None:
    with transaction(office.engine) as session:
        admit(session, office.person(HEAD), Proof.PASSWORD, caller, office.settings, now=now)


def test_storm_of_failures_slows_down_unknown_places(office: Office) -> None:
    a_storm(office)
    with pytest.raises(TooOften):
        give(office, PASSWORD, caller=ELSEWHERE)


def test_a_storm_does_not_keep_the_person_out_where_they_have_signed_in_before(office: Office) -> None:
    enter(office, HOME)
    a_storm(office)
    assert give(office, PASSWORD, caller=HOME) is not None


def test_storm_of_failures_spares_a_known_browser(office: Office) -> None:
    a_storm(office)
    mine = RequestOrigin("198.51.100.99", browser="m4rk", known_to=frozenset({office.person(HEAD).id}))
    assert give(office, PASSWORD, caller=mine) is not None


def test_a_colleague_behind_the_same_address_keeps_nobody_out(office: Office) -> None:
    enter(office, HOME)
    for number in range(40):
        fail(office, 1, name=f"ten.{number}", caller=HOME)
    assert give(office, PASSWORD, caller=HOME) is not None


def test_a_browser_known_to_another_person_is_a_new_one_to_this_one(office: Office) -> None:
    a_storm(office)
    others = RequestOrigin("198.51.100.99", browser="m4rk", known_to=frozenset({office.person("le.thi.c").id}))
    with pytest.raises(TooOften):
        give(office, PASSWORD, caller=others)


def test_a_known_browser_guesses_no_faster_than_others(office: Office) -> None:
    mine = RequestOrigin("198.51.100.99", browser="m4rk", known_to=frozenset({office.person(HEAD).id}))
    fail(office, 5, caller=mine)
    with pytest.raises(TooOften):
        give(office, PASSWORD, caller=mine)


# what is kept of it


def test_a_flood_of_failures_is_a_few_lines_of_the_audit(office: Office) -> None:
    now = NOW
    for _ in range(20):
        fail(office, 1, now=now)
        now += timedelta(minutes=16)
    assert [line.facts["in_a_row"] for line in lines(office, "sign_in_failed")] == [1, 2, 4, 8, 16]
    assert {line.object for line in lines(office, "sign_in_failed")} == {HEAD}


def test_what_was_typed_as_a_name_is_kept_nowhere(office: Office) -> None:
    fail(office, 1, name=PASSWORD)
    (line,) = lines(office, "sign_in_failed")
    assert line.object == ""
    with reading(office.engine) as session:
        assert not [row for row in session.exec(select(Throttle)) if "câu" in row.key or "cau" in row.key]


def test_a_password_is_in_no_log(office: Office, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        give(office, PASSWORD)
        fail(office, 1)
    assert PASSWORD not in caplog.text and "mật khẩu này" not in caplog.text
