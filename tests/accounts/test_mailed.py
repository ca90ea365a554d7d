"""Codes and links by mail: used once, good for a while, and nobody is kept out by who asks too often."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlmodel import col, select

from models.database.ids import new_id
from models.database.session import reading, transaction
from models.errors import NotFound, Refused
from models.organization.account import MailedPurpose, MailedSecret, Proof
from models.organization.audit import Audit
from models.organization.person import Person
from notifications.composing.keys import mailed_code, sign_mailed
from tests.accounts.people import HEAD
from tests.office import Office, at, body
from tests.old_links import sign_link
from workflows.access.accounts.mailed import Redeemed, ask, code_of, invite, open_link, redeem_code, use_link
from workflows.access.accounts.sessions import open_session
from workflows.access.accounts.throttle import RequestOrigin
from workflows.rules.throttle_policy import LETTER_ASKS

NOW = at(2, hour=9)
HOME, ELSEWHERE = RequestOrigin("203.0.113.5"), RequestOrigin("198.51.100.7")
CODE, RESET, INVITATION = MailedPurpose.SIGN_IN, MailedPurpose.RESET, MailedPurpose.INVITATION


def ask_for(
    office: Office, purpose: MailedPurpose = CODE, name: str = HEAD, caller: RequestOrigin = HOME, now: datetime = NOW
) -> UUID:
    with transaction(office.engine) as session:
        return ask(session, name, purpose, caller, now=now)


def mailed(office: Office) -> list[UUID]:
    with reading(office.engine) as session:
        return [one.id for one in session.exec(select(MailedSecret).order_by(MailedSecret.id))]  # type: ignore[arg-type]


def redeem(office: Office, key: str, secret: UUID, code: str, now: datetime = NOW) -> Redeemed:
    with transaction(office.engine) as session:
        return redeem_code(session, key, secret, code, now=now)


def use(office: Office, key: str, secret: UUID, purpose: MailedPurpose, now: datetime = NOW) -> str:
    with transaction(office.engine) as session:
        return use_link(session, key, sign_mailed(key, secret), purpose, now=now).code


@pytest.mark.parametrize("written", ["{}{}{}{}{}{}", " {}{}{} {}{}{} ", "{}{}{}-{}{}{}"])
def test_a_code_opens_once(office: Office, link_key: str, written: str) -> None:
    secret = ask_for(office)
    code = written.format(*mailed_code(link_key, secret))
    found = redeem(office, link_key, secret, code)
    assert found.person is not None and found.person.code == HEAD
    assert redeem(office, link_key, secret, code) == Redeemed(None)


def test_a_code_is_void_after_five_wrong_ones_however_right_the_next_is(office: Office, link_key: str) -> None:
    secret = ask_for(office)
    code = mailed_code(link_key, secret)
    wrong = f"{(int(code) + 1) % 10**6:06d}"
    ends = [redeem(office, link_key, secret, wrong).is_void for _ in range(5)]
    assert ends == [False] * 4 + [True]
    assert redeem(office, link_key, secret, code) == Redeemed(None, is_void=True)


def test_a_code_is_good_for_ten_minutes(office: Office, link_key: str) -> None:
    secret = ask_for(office)
    code = mailed_code(link_key, secret)
    assert redeem(office, link_key, secret, code, NOW + timedelta(minutes=10)) == Redeemed(None)
    assert redeem(office, link_key, secret, code, NOW + timedelta(minutes=9, seconds=59)).person is not None


def test_a_code_of_a_name_that_is_nobodys_ends_as_a_real_one_does(office: Office, link_key: str) -> None:
    secret = ask_for(office, name="khong.co.ai")
    assert mailed(office) == []
    assert [redeem(office, link_key, secret, "123456").is_void for _ in range(6)] == [False] * 4 + [True] * 2


def test_the_code_of_a_made_up_id_opens_nothing(office: Office, link_key: str) -> None:
    made_up = new_id()
    assert redeem(office, link_key, made_up, mailed_code(link_key, made_up)).person is None


@pytest.mark.parametrize("given", ["", "abc", "１２３４５６", "123456789" * 50, "\x00"])
def test_whatever_is_typed_is_no_error(office: Office, link_key: str, given: str) -> None:
    assert redeem(office, link_key, ask_for(office), given).person is None


def test_what_others_ask_for_under_the_same_name_voids_no_code_and_spends_no_try(office: Office, link_key: str) -> None:
    mine = ask_for(office)
    for _ in range(4):
        theirs = ask_for(office, caller=ELSEWHERE)
        for _ in range(5):
            redeem(office, link_key, theirs, "000000")
    assert redeem(office, link_key, mine, mailed_code(link_key, mine)).person is not None


def test_signing_in_with_one_code_voids_the_others(office: Office, link_key: str) -> None:
    first, second = ask_for(office), ask_for(office)
    assert redeem(office, link_key, second, mailed_code(link_key, second)).person is not None
    assert redeem(office, link_key, first, mailed_code(link_key, first)).person is None


def test_retired_or_without_address_gets_no_mailed_code(office: Office) -> None:
    office.change_person(HEAD, is_active=False)
    office.change_person("le.thi.c", email=None)
    assert isinstance(ask_for(office), UUID) and isinstance(ask_for(office, name="le.thi.c"), UUID)
    assert mailed(office) == []


def test_one_who_retires_meanwhile_is_let_in_no_more(office: Office, link_key: str) -> None:
    code, link = ask_for(office), ask_for(office, RESET)
    office.change_person(HEAD, is_active=False)
    assert redeem(office, link_key, code, mailed_code(link_key, code)).person is None
    with pytest.raises(Refused):
        use(office, link_key, link, RESET)


# guessed


def guess(office: Office, key: str, times: int, now: datetime = NOW) -> None:
    """So many wrong codes, from browsers all over the world."""
    for number in range(times):
        secret = ask_for(office, caller=RequestOrigin(f"192.0.2.{number}"), now=now + timedelta(minutes=6 * number))
        redeem(office, key, secret, "x", now + timedelta(minutes=6 * number))


def test_codes_that_somebody_guesses_at_become_longer_for_strange_browsers_only(office: Office, link_key: str) -> None:
    mine = RequestOrigin("198.51.100.99", browser="m4rk", known_to=frozenset({office.person(HEAD).id}))
    guess(office, link_key, 9)
    later = NOW + timedelta(minutes=60)
    with reading(office.engine) as session:
        assert len(code_of(session.get_one(MailedSecret, ask_for(office, now=later)), link_key)) == 6
    guess(office, link_key, 1, later)
    strange, own = ask_for(office, now=later), ask_for(office, caller=mine, now=later)
    with reading(office.engine) as session:
        codes = [code_of(session.get_one(MailedSecret, one), link_key) for one in (strange, own)]
        assert [len(code) for code in codes] == [10, 6]
        assert [one.action for one in session.exec(select(Audit))] == ["codes_guessed"]
    office.tick(later)
    assert any(f"{codes[0][:5]} {codes[0][5:]}" in body(letter) for letter in office.sent(HEAD))
    assert redeem(office, link_key, strange, codes[0][:6], later).person is None
    assert redeem(office, link_key, strange, codes[0], later + timedelta(minutes=19)).person is not None


def length(office: Office, key: str, secret: UUID) -> int:
    with reading(office.engine) as session:
        return len(code_of(session.get_one(MailedSecret, secret), key))


def test_several_codes_share_ten_tries_at_six_digits(office: Office, link_key: str) -> None:
    codes = [ask_for(office, caller=caller) for caller in (HOME, ELSEWHERE) for _ in range(5)]
    assert codes == mailed(office)
    short = [one for one in codes if length(office, link_key, one) == 6]
    tries = 0
    for secret in short:
        while not redeem(office, link_key, secret, "x").is_void:
            tries += 1
        tries += 1
    assert (len(short), tries) == (2, 10)
    assert length(office, link_key, ask_for(office, now=NOW + timedelta(hours=5))) == 10


def test_repeated_code_has_six_digits(office: Office, link_key: str) -> None:
    asked = [NOW, NOW + timedelta(minutes=1), NOW + timedelta(minutes=11)]
    assert [length(office, link_key, ask_for(office, now=now)) for now in asked] == [6, 6, 6]


def test_what_others_ask_for_makes_no_code_of_a_known_browser_longer(office: Office, link_key: str) -> None:
    mine = RequestOrigin("198.51.100.99", browser="m4rk", known_to=frozenset({office.person(HEAD).id}))
    for number in range(5):
        ask_for(office, caller=RequestOrigin(f"192.0.2.{number}"))
    assert length(office, link_key, ask_for(office, caller=mine)) == 6


def test_who_sits_behind_an_address_of_the_person_guesses_at_no_more_short_codes(office: Office, link_key: str) -> None:
    with transaction(office.engine) as session:
        open_session(session, office.person(HEAD), Proof.CODE, now=NOW - timedelta(days=1), address=HOME.address)
    assert [length(office, link_key, ask_for(office)) for _ in range(5)] == [6, 6, 10, 10, 10]


def test_who_goes_on_guessing_has_longer_codes_for_longer(office: Office, link_key: str) -> None:
    guess(office, link_key, 12)  # the last after 66 minutes
    later = NOW + timedelta(hours=24)
    assert length(office, link_key, ask_for(office, now=later)) == 10
    assert length(office, link_key, ask_for(office, now=later + timedelta(hours=2))) == 6


def test_after_a_quiet_while_codes_are_short_again(office: Office, link_key: str) -> None:
    guess(office, link_key, 10)
    quiet = NOW + timedelta(hours=7, minutes=30)
    with reading(office.engine) as session:
        assert len(code_of(session.get_one(MailedSecret, ask_for(office, now=quiet)), link_key)) == 6


# how often


def test_five_letters_at_once_and_then_one_in_a_while(office: Office) -> None:
    for _ in range(8):
        ask_for(office)
    assert len(mailed(office)) == 5
    ask_for(office, now=NOW + timedelta(minutes=11))
    assert len(mailed(office)) == 5
    ask_for(office, now=NOW + timedelta(minutes=12))
    ask_for(office, now=NOW + timedelta(minutes=12))
    assert len(mailed(office)) == 6


def test_a_mailbox_is_not_flooded_from_many_places(office: Office) -> None:
    for number in range(30):
        ask_for(office, caller=RequestOrigin(f"192.0.2.{number}"))
    assert len(mailed(office)) == 10


def test_a_flood_from_elsewhere_leaves_a_known_browser_its_own_letters(office: Office) -> None:
    for number in range(30):
        ask_for(office, caller=RequestOrigin(f"192.0.2.{number}"))
    before = len(mailed(office))
    mine = RequestOrigin("198.51.100.99", browser="m4rk", known_to=frozenset({office.person(HEAD).id}))
    secret = ask_for(office, caller=mine)
    assert len(mailed(office)) == before + 1 and secret in mailed(office)


QUOTA = 120  # letters a day: strangers together get twelve at once, and one in two hours


@pytest.fixture
def everybody(office: Office) -> list[str]:
    """The names of twenty people."""
    with reading(office.engine) as session:
        wanted = select(Person.code).where(col(Person.email).is_not(None), Person.code != HEAD)
        found = list(session.exec(wanted.order_by(Person.code).limit(20)))
    assert len(found) == 20
    return found


def ask_under_quota(office: Office, name: str, caller: RequestOrigin, now: datetime = NOW, **more: Any) -> UUID:
    with transaction(office.engine) as session:
        purpose = more.pop("purpose", CODE)
        return ask(session, name, purpose, caller, now=now, letters_per_day=QUOTA, **more)


def ask_from_everywhere(office: Office, names: list[str], now: datetime = NOW) -> None:
    for number, name in enumerate(names):
        ask_under_quota(office, name, RequestOrigin(f"192.0.2.{number}"), now)


def test_letters_that_strangers_ask_for_under_many_names_from_many_places_end(
    office: Office, everybody: list[str]
) -> None:
    ask_from_everywhere(office, everybody)
    assert len(mailed(office)) == 12
    ask_from_everywhere(office, everybody, NOW + timedelta(hours=2))
    assert len(mailed(office)) == 13


@pytest.mark.parametrize("purpose", [CODE, RESET])
def test_then_known_browsers_and_who_has_a_letter_of_ours_still_get_theirs(
    office: Office, everybody: list[str], purpose: MailedPurpose
) -> None:
    mine = RequestOrigin("198.51.100.99", browser="m4rk", known_to=frozenset({office.person(HEAD).id}))
    ask_from_everywhere(office, everybody)
    strange = ask_under_quota(office, HEAD, HOME, purpose=purpose)
    known = ask_under_quota(office, HEAD, mine, purpose=purpose)
    by_letter = ask_under_quota(office, HEAD, ELSEWHERE, purpose=purpose, scopes=LETTER_ASKS)
    assert strange not in mailed(office) and {known, by_letter} <= set(mailed(office))


def test_names_that_are_nobodys_take_nothing_from_the_letters_of_others(office: Office, everybody: list[str]) -> None:
    ask_from_everywhere(office, [f"khong.co.{number}" for number in range(20)])
    assert ask_under_quota(office, HEAD, HOME) in mailed(office)


# links


@pytest.mark.parametrize(("purpose", "lasts"), [(RESET, timedelta(hours=1)), (INVITATION, timedelta(days=7))])
def test_a_link_is_used_once_and_good_for_a_while(
    office: Office, link_key: str, purpose: MailedPurpose, lasts: timedelta
) -> None:
    secret = ask_for(office, purpose)
    with pytest.raises(Refused, match="too old"):
        use(office, link_key, secret, purpose, NOW + lasts)
    assert use(office, link_key, secret, purpose, NOW + lasts - timedelta(seconds=1)) == HEAD
    with pytest.raises(Refused, match="has been used"):
        use(office, link_key, secret, purpose)


def test_looking_at_a_link_uses_nothing_up(office: Office, link_key: str) -> None:
    secret = ask_for(office, RESET)
    for _ in range(20):
        with reading(office.engine) as session:
            assert open_link(session, link_key, sign_mailed(link_key, secret), RESET, now=NOW)[1].code == HEAD
    assert use(office, link_key, secret, RESET) == HEAD


def test_a_link_of_one_kind_is_none_of_another(office: Office, link_key: str) -> None:
    secret, code = ask_for(office, RESET), ask_for(office)
    for wrong in (
        sign_mailed(link_key, code),
        sign_mailed(link_key, new_id()),
        sign_link(link_key, secret, secret, NOW),
    ):
        with pytest.raises(NotFound), reading(office.engine) as session:
            open_link(session, link_key, wrong, RESET, now=NOW)
    with pytest.raises(NotFound), reading(office.engine) as session:
        open_link(session, link_key, sign_mailed(link_key, secret), INVITATION, now=NOW)


def test_asking_for_another_reset_leaves_the_first_and_using_either_voids_both(office: Office, link_key: str) -> None:
    first, second = ask_for(office, RESET), ask_for(office, RESET, caller=ELSEWHERE)
    assert use(office, link_key, first, RESET) == HEAD
    with pytest.raises(Refused):
        use(office, link_key, second, RESET)


def test_a_newer_invitation_voids_the_older_one(office: Office, link_key: str) -> None:
    with transaction(office.engine) as session:
        first = invite(session, office.person(HEAD), now=NOW).id
        second = invite(session, office.person(HEAD), now=NOW + timedelta(hours=1)).id
    with pytest.raises(Refused):
        use(office, link_key, first, INVITATION)
    assert use(office, link_key, second, INVITATION) == HEAD


def test_nobody_can_be_invited_without_an_address(office: Office) -> None:
    office.change_person(HEAD, email=None)
    with pytest.raises(Refused, match="no mail address"), transaction(office.engine) as session:
        invite(session, office.person(HEAD), now=NOW)
