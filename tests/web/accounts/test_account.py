"""One's own account: language, password, second step, sessions, links; and links of invitations and resets."""

import io
import json
import re
import zipfile

import pyotp
import pytest

from models.database.session import transaction
from models.organization.account import Account, MailedPurpose
from tests.accounts.people import HEAD, PASSWORD
from tests.page import Page
from tests.rooms import of_room
from tests.web.accounts.house import House, by_code, sign_in, wait
from tests.web.site import Reader
from workflows.access.accounts.mailed import invite, issue

ANOTHER = "một câu khác cũng đủ dài"


def is_in(browser: Reader) -> bool:
    return browser.get("/account").status_code == 200


# one's own page


@pytest.mark.parametrize("path", ["/account", "/account/second-step"])
def test_ones_own_pages_ask_to_sign_in(house: House, path: str) -> None:
    assert house.browser().get(path).headers["location"] == f"/sign-in?next={path}"


def test_the_page_tells_who_one_is_and_nobody_else(house: House) -> None:
    page = house.signed_in().get("/account").text
    assert "Lương Thị Ngân" in page and "Vụ Kế hoạch" in page and "luong.thi.ngan@mpt.example" in page
    assert "Lê Thị C" not in page


def test_the_language_is_kept_for_letters_and_pages(house: House) -> None:
    browser = house.signed_in()
    browser.send("/account", "/account/language", language="en")
    assert house.office.person(HEAD).language == "en"
    other = house.signed_in()
    other.cookies.delete("dondoc_language")
    assert 'lang="en"' in other.get("/account").text
    assert browser.send("/account", "/account/language", language="fr").status_code == 422


def test_what_is_kept_of_one_is_saved_by_whoever_has_just_signed_in(house: House) -> None:
    browser = house.signed_in()
    saved = browser.send("/account", "/account/data")
    assert saved.headers["content-type"] == "application/zip" and f"{HEAD}.zip" in saved.headers["content-disposition"]
    with zipfile.ZipFile(io.BytesIO(saved.content)) as packed:
        (me,) = json.loads(packed.read("person.json"))
        assert me["code"] == HEAD and b"argon2" not in packed.read("account.json")
    assert f"personal_data_exported {HEAD}" in house.deeds()
    wait(house, minutes=15)
    assert browser.send("/account", "/account/data").status_code == 409
    assert house.deeds().count(f"personal_data_exported {HEAD}") == 1
    assert house.browser().send("/sign-in", "/account/data").status_code in (303, 403)


# the password


def test_another_password_wants_the_present_one_and_ends_other_sessions(house: House) -> None:
    browser, other = house.signed_in(), house.signed_in()
    wrong = browser.send("/account", "/account/password", current="không phải nó", password=ANOTHER)
    assert wrong.status_code == 422 and "it is another one" in wrong.text
    weak = browser.send("/account", "/account/password", current=PASSWORD, password="Lương Thị Ngân")
    assert weak.status_code == 422 and "your own name" in weak.text
    assert is_in(other)
    assert browser.send("/account", "/account/password", current=PASSWORD, password=ANOTHER).status_code == 303
    assert is_in(browser) and not is_in(other)
    assert sign_in(house.browser()).status_code == 422
    assert sign_in(house.browser(), password=ANOTHER).status_code == 303
    assert house.deeds().count(f"password_set {HEAD}") == 3  # two sign-ins of this test set one each
    assert f"sessions_ended {HEAD}" in house.deeds()


def test_the_first_password_is_chosen_by_whoever_has_just_signed_in(house: House) -> None:
    browser = by_code(house)
    assert "No password is set" in browser.get("/account").text
    wait(house, minutes=15)
    assert browser.send("/account", "/account/password", password=PASSWORD).status_code == 409
    assert house.account() is None
    browser = by_code(house)
    assert browser.send("/account", "/account/password", password=PASSWORD).status_code == 303
    assert sign_in(house.browser()).status_code == 303


def test_guessing_the_present_password_is_slowed_down_too(house: House) -> None:
    browser = house.signed_in()
    for _ in range(5):
        browser.send("/account", "/account/password", current="sai", password=ANOTHER)
    assert browser.send("/account", "/account/password", current=PASSWORD, password=ANOTHER).status_code == 409


# the second step


def test_the_second_step_is_set_up_from_a_picture_confirmed_and_turned_off(house: House) -> None:
    browser = house.signed_in()
    page = "/account/second-step"
    assert browser.send(page, f"{page}/begin", current="sai").status_code == 422
    assert 'class="qr"' not in browser.get(page).text
    shown = browser.follow(browser.send(page, f"{page}/begin", current=PASSWORD)).text
    assert 'class="qr"' in shown and "style=" not in shown and "QR code" in shown
    account = house.account()
    assert account is not None and account.totp_secret is not None
    key = " ".join(re.findall("....", account.totp_secret))
    assert key in shown and f"secret={account.totp_secret}" in shown
    assert key not in house.signed_in().get(page).text, "another browser of the same person"
    app = pyotp.TOTP(account.totp_secret)
    assert browser.send(page, f"{page}/confirm", code="000000").status_code == 422
    assert browser.send(page, f"{page}/confirm", code=app.at(house.now)).status_code == 303
    assert key not in browser.get(page).text
    wait(house, minutes=2)
    assert browser.send(page, f"{page}/off", code="000000").status_code == 422
    assert browser.send(page, f"{page}/off", code=app.at(house.now)).status_code == 303
    assert house.deeds()[-1] == f"totp_off {HEAD}"


def test_without_a_password_it_is_set_up_just_after_signing_in_only(house: House) -> None:
    browser = by_code(house)
    wait(house, minutes=20)
    assert browser.send("/account/second-step", "/account/second-step/begin").status_code == 409
    assert by_code(house).send("/account/second-step", "/account/second-step/begin").status_code == 303


# sessions


def test_sessions_are_listed_and_ended_one_by_one_or_all_at_once(house: House) -> None:
    browser, second, third = house.signed_in(), house.signed_in(), house.signed_in()
    page = browser.get("/account").text
    others = listed(page)
    assert len(others) == 2 and page.count("</strong> <span") == 1
    answer = browser.send("/account", "/account/sessions", session=others[0], current=PASSWORD)
    assert "Sessions ended: 1" in browser.follow(answer).text
    assert [is_in(one) for one in (browser, second, third)].count(True) == 2
    browser.send("/account", "/account/sessions", session="others", current=PASSWORD)
    assert [is_in(one) for one in (browser, second, third)] == [True, False, False]
    assert browser.send("/account", "/account/sessions", session="x", current=PASSWORD).status_code == 422


def listed(page: str) -> list[str]:
    """The sessions that the page of one's account offers to end."""
    return [one for one in Page(page).values("session") if one != "others"]


@pytest.mark.parametrize("current", [{}, {"current": ""}, {"current": "không phải nó"}])
def test_who_ends_other_sessions_gives_the_password_once_more(house: House, current: dict[str, str]) -> None:
    browser, other = house.signed_in(), house.signed_in()
    for session in ("others", *listed(browser.get("/account").text)):
        answer = browser.send("/account", "/account/sessions", session=session, **current)
        assert answer.status_code == 422 and "it is another one" in answer.text
    assert is_in(other)
    assert f"sessions_ended {HEAD}" not in house.deeds()


def test_without_a_password_other_sessions_are_ended_just_after_signing_in_only(house: House) -> None:
    browser = by_code(house)
    wait(house, minutes=2)
    other = by_code(house)
    wait(house, minutes=15)
    assert browser.send("/account", "/account/sessions", session="others").status_code == 409
    assert "Sign out the chosen session" not in browser.get("/account").text
    assert is_in(other)
    fresh = by_code(house)
    assert fresh.send("/account", "/account/sessions", session="others").status_code == 303
    assert not is_in(other) and not is_in(browser)


@of_room("sign_on")
def test_removing_the_sign_in_link_asks_for_proof(house: House) -> None:
    with transaction(house.office.engine) as session:
        session.add(Account(person_id=house.office.person(HEAD).id, oidc_subject="https://id.example 7"))
    browser = by_code(house)
    wait(house, minutes=15)
    assert browser.send("/account", "/account/oidc").status_code == 409
    house.give_password()
    assert browser.send("/account", "/account/oidc", current="không phải nó").status_code == 422
    account = house.account()
    assert account is not None and account.oidc_subject is not None
    assert browser.send("/account", "/account/oidc", current=PASSWORD).status_code == 303
    account = house.account()
    assert account is not None and account.oidc_subject is None


def test_a_token_is_made_by_who_proves_once_more_who_they_are(house: House) -> None:
    wanted = {"name": "Bảng tính", "scope": "read", "days": "30"}
    browser = by_code(house)
    wait(house, minutes=15)
    assert browser.send("/account/tokens", **wanted).status_code == 409
    assert "Create the token" not in browser.get("/account/tokens").text
    house.give_password()
    wrong = browser.send("/account/tokens", **wanted, current="không phải nó")
    assert wrong.status_code == 422 and "dondoc_" not in wrong.text
    assert "dondoc_" in browser.send("/account/tokens", **wanted, current=PASSWORD).text


def test_the_session_of_another_person_cannot_be_ended_by_its_id(house: House) -> None:
    theirs, mine = house.signed_in("le.thi.c"), house.signed_in()
    house.signed_in("le.thi.c")
    (other,) = listed(theirs.get("/account").text)
    mine.send("/account", "/account/sessions", session=other, current=PASSWORD)
    assert listed(theirs.get("/account").text) == [other]


def test_the_links_in_letters_are_made_void(house: House) -> None:
    browser = house.signed_in()
    assert "are void" in browser.follow(browser.send("/account", "/account/links")).text
    account = house.account()
    assert account is not None and account.links_from == house.now


# links by mail


def test_an_invitation_is_a_real_letter_whose_link_sets_the_first_password_once(house: House) -> None:
    with transaction(house.office.engine) as session:
        invite(session, house.office.person(HEAD), now=house.now)
    link, browser = house.link(), house.browser()
    for _ in range(3):
        page = browser.get(link)
        assert page.status_code == 200 and "Lương Thị Ngân" in page.text
    assert house.account() is None
    assert browser.send(link, password="ngắn").status_code == 422
    assert browser.send(link, password=PASSWORD).headers["location"] == "/"
    assert is_in(browser)
    assert house.browser().get(link).status_code == 409
    assert sign_in(house.browser()).status_code == 303
    assert [one for one in house.deeds() if HEAD in one][:3] == [
        f"invited {HEAD}",
        f"password_set {HEAD}",
        f"signed_in {HEAD}",
    ]


def test_a_forgotten_password_is_replaced_through_a_letter_and_every_session_ends(house: House) -> None:
    old = house.signed_in()
    browser = house.browser()
    answer = browser.send("/forgotten", name=HEAD)
    assert answer.headers["location"] == "/sign-in"
    assert f"If {HEAD} is known here" in browser.follow(answer).text
    link = house.link()
    assert is_in(old), "nothing has happened yet"
    browser.send(link, password=ANOTHER)
    assert is_in(browser) and not is_in(old)
    assert sign_in(house.browser()).status_code == 422


def test_a_reset_ends_access_tokens_too_and_its_page_says_so(house: House) -> None:
    program, headers = house.browser(), bearer(house)
    another = bearer(house, "le.thi.c")
    browser = house.browser()
    browser.send("/forgotten", name=HEAD)
    link = house.link()
    assert "so do your access tokens" in browser.get(link).text
    assert "mã truy cập API" in house.browser().get(f"{link}?lang=vi").text
    assert browser.send(link, password="ngắn").status_code == 422
    assert program.get("/api/v1/me", headers=headers).status_code == 200, "nothing has happened yet"
    browser.send(link, password=ANOTHER)
    assert program.get("/api/v1/me", headers=headers).status_code == 401
    assert program.get("/api/v1/me", headers=another).status_code == 200
    assert f"tokens_ended {HEAD}" in house.deeds()


def test_own_new_password_leaves_access_tokens(house: House) -> None:
    headers, browser = bearer(house), house.signed_in()
    page = browser.get("/account").text
    assert re.search(r'A new password does not affect access tokens[^<]*<a href="/account/tokens">', page)
    assert browser.send("/account", "/account/password", current=PASSWORD, password=ANOTHER).status_code == 303
    assert house.browser().get("/api/v1/me", headers=headers).status_code == 200


def test_another_password_of_ones_own_voids_links_that_were_mailed(house: House) -> None:
    browser, stranger = house.signed_in(), house.browser()
    stranger.send("/forgotten", name=HEAD)
    link = house.link()
    assert browser.send("/account", "/account/password", current=PASSWORD, password=ANOTHER).status_code == 303
    assert stranger.get(link).status_code == 409


def bearer(house: House, who: str = HEAD) -> dict[str, str]:
    """What a program of somebody sends along."""
    made = house.signed_in(who).send("/account/tokens", name="Bảng tính", scope="read", days="30", current=PASSWORD)
    found = re.search(r"dondoc_[\w-]+", made.text)
    assert found is not None
    return {"authorization": f"Bearer {found[0]}"}


def test_for_a_name_that_is_nobodys_the_answer_is_the_same_and_no_letter_leaves(house: House) -> None:
    browser = house.browser()
    assert "If khong.co.ai is known here" in browser.follow(browser.send("/forgotten", name="khong.co.ai")).text
    assert house.letters() == []


def test_with_a_second_step_a_reset_alone_does_not_let_in(house: House) -> None:
    app = house.turn_totp_on()
    browser = house.browser()
    browser.send("/forgotten", name=HEAD)
    assert browser.send(house.link(), password=ANOTHER).headers["location"] == "/sign-in/second-step"
    assert not is_in(browser)
    browser.send("/sign-in/second-step", code=app.at(house.now))
    assert is_in(browser)


@pytest.mark.parametrize("path", ["/invitation/made-up", "/reset/made-up", "/reset/"])
def test_a_link_of_nobodys_opens_nothing(house: House, path: str) -> None:
    assert house.browser().get(path).status_code == 404


def test_an_old_link_says_what_to_do(house: House) -> None:
    with transaction(house.office.engine) as session:
        issue(session, house.office.person(HEAD), MailedPurpose.RESET, now=house.now)
    assert house.letters()
    wait(house, hours=1)
    answer = house.browser().get(house.link())
    assert answer.status_code == 409 and "ask for another" in answer.text
