"""A browser left open is not enough to take an account over, or to have the mail password sent elsewhere."""

import pytest
from pydantic import SecretStr

from models.settings import MailSettings
from tests.accounts.people import HEAD, PASSWORD
from tests.page import Page
from tests.web.accounts.house import ADMINISTRATOR, House, by_code, wait
from tests.web.site import Reader

ELSEWHERE = "thief@elsewhere.example"


@pytest.fixture
def left_open(house: House, monkeypatch: pytest.MonkeyPatch) -> Reader:
    """The browser of an administrator with a password who has been away from it for an hour."""
    monkeypatch.setenv("DONDOC_DATA", str(house.office.settings.data))
    browser = house.signed_in(ADMINISTRATOR)
    wait(house, hours=1)
    return browser


def edited(page: str, **changed: str) -> dict[str, str]:
    """What the form of a person gives, with something changed."""
    return {
        "full_name": "Lương Thị Ngân",
        "title": "Vụ trưởng",
        "unit": "VU-KHTC",
        "email": "luong.thi.ngan@mpt.example",
        "address_form": "Đồng chí",
        "unit_address": "Vụ",
        "language": "vi",
        "seen": Page(page).value("seen"),
    } | changed


@pytest.mark.parametrize("who", [ADMINISTRATOR, HEAD])
def test_another_address_wants_the_password_of_whoever_changes_it(house: House, left_open: Reader, who: str) -> None:
    path, before = f"/admin/people/{who}/edit", house.office.person(who).email
    given = edited(left_open.get(path).text, email=ELSEWHERE, full_name="Đỗ Thị Mới")
    for current in ({}, {"current": "không phải nó"}):
        refused = left_open.send(path, **given, **current)
        assert refused.status_code == 422 and "Present password: it is another one" in refused.text
        assert f'value="{ELSEWHERE}"' in refused.text and 'value="Đỗ Thị Mới"' in refused.text, "what was typed stays"
        assert house.office.person(who).email == before
    assert left_open.send(path, **given, current=PASSWORD).status_code == 303
    assert house.office.person(who).email == ELSEWHERE


def test_what_else_is_corrected_of_a_person_asks_for_nothing(house: House, left_open: Reader) -> None:
    path = f"/admin/people/{HEAD}/edit"
    assert left_open.send(path, **edited(left_open.get(path).text, title="Quyền Vụ trưởng")).status_code == 303
    assert house.office.person(HEAD).title == "Quyền Vụ trưởng"


def test_without_a_password_another_address_is_set_soon_after_signing_in(house: House) -> None:
    browser, path = by_code(house, ADMINISTRATOR), f"/admin/people/{HEAD}/edit"
    wait(house, minutes=15)
    form = browser.get(path).text
    assert "sign out and in again first" in form
    given = edited(form, email=ELSEWHERE)
    assert browser.send(path, **given).status_code == 409
    assert by_code(house, ADMINISTRATOR).send(path, **given).status_code == 303


def test_the_second_step_is_ended_by_who_proves_once_more_who_they_are(house: House, left_open: Reader) -> None:
    house.turn_totp_on()
    page = f"/admin/people/{HEAD}"
    for current in ({}, {"current": "không phải nó"}):
        refused = left_open.send(page, f"{page}/second-step/end", **current)
        assert refused.status_code == 422 and "Present password: it is another one" in refused.text
    account = house.account()
    assert account is not None and account.totp_confirmed_at is not None
    assert left_open.send(page, f"{page}/second-step/end", current=PASSWORD).status_code == 303
    account = house.account()
    assert account is not None and account.totp_confirmed_at is None


def test_an_invitation_is_sent_by_who_proves_once_more_who_they_are(house: House, left_open: Reader) -> None:
    page, letters = f"/admin/people/{HEAD}", len(house.letters())
    assert left_open.send(page, f"{page}/invite").status_code == 422
    assert len(house.letters()) == letters
    assert left_open.send(page, f"{page}/invite", current=PASSWORD).status_code == 303
    assert len(house.letters()) == letters + 1


def test_roles_are_given_and_taken_by_who_proves_once_more_who_they_are(house: House, left_open: Reader) -> None:
    page, role = f"/admin/people/{HEAD}", {"role": "administrator", "unit": "VP"}
    refused = left_open.send(page, f"{page}/roles", **role)
    assert refused.status_code == 422 and 'value="VP"' in refused.text
    assert house.signed_in().get("/admin/people").status_code == 403
    assert left_open.send(page, f"{page}/roles", **role, current=PASSWORD).status_code == 303
    assert left_open.send(page, f"{page}/roles/administrator/VP/end").status_code == 422
    assert house.signed_in().get("/admin/people").status_code == 200
    assert left_open.send(page, f"{page}/roles/administrator/VP/end", current=PASSWORD).status_code == 303


def test_a_page_that_would_be_refused_offers_no_button_for_it(house: House) -> None:
    browser = by_code(house, ADMINISTRATOR)
    assert "Invite by mail" in browser.get(f"/admin/people/{HEAD}").text
    wait(house, minutes=15)
    page = browser.get(f"/admin/people/{HEAD}").text
    assert "Invite by mail" not in page and "Give this role" not in page and "sign out and in again first" in page
    assert ">Save<" not in browser.get("/admin/mail/edit").text


def test_mail_settings_are_changed_by_who_proves_once_more_who_they_are(house: House, left_open: Reader) -> None:
    house.office.settings.mail = MailSettings(
        mode="smtp", host="mail.mpt.example", security="tls", user="dondoc", password=SecretStr("very secret")
    )
    page = left_open.get("/admin/mail/edit").text
    given = {
        "mode": "smtp",
        "host": "mail.mpt.example",
        "port": "2525",
        "security": "tls",
        "user": "dondoc",
        "sender": "vp@mpt.example",
        "sender_name": "Văn phòng Bộ",
        "letters_per_connection": "200",
        "connections": "2",
        "timeout_seconds": "120",
        "dot_seconds": "600",
        "resend_uncertain": "yes",
        "seen": Page(page).value("seen"),
    }
    for current in ({}, {"current": "không phải nó"}):
        refused = left_open.send("/admin/mail/edit", **given, **current)
        assert refused.status_code == 422 and "Present password: it is another one" in refused.text
        assert 'value="Văn phòng Bộ"' in refused.text, "what was typed stays"
    elsewhere = given | {"host": "mail.thief.example", "current": PASSWORD}
    refused = left_open.send("/admin/mail/edit", **elsewhere)
    assert refused.status_code == 422 and "Mail server: the stored password is not carried over" in refused.text
    assert 'value="mail.thief.example"' in refused.text and "very secret" not in refused.text
    assert house.office.settings.mail.host == "mail.mpt.example"
    assert left_open.send("/admin/mail/edit", **given, current=PASSWORD).status_code == 303
    assert house.office.settings.mail.sender_name == "Văn phòng Bộ"
    assert left_open.send("/admin/mail/edit", **elsewhere, no_password="1").status_code == 409, "it is an older page"


def test_spreadsheet_with_addresses_or_roles_asks_for_proof(house: House, left_open: Reader) -> None:
    def looked_at(people: str) -> tuple[str, str]:
        files = {"people": ("people.csv", people.encode(), "text/csv")}
        page = left_open.send("/admin/register", files=files).headers["location"]
        return page, Page(left_open.get(page).text).value("seen")

    for people in (f"code,email\n{HEAD},{ELSEWHERE}\n", f"code,roles\n{HEAD},administrator@VP\n"):
        page, seen = looked_at(people)
        refused = left_open.send(page, seen=seen)
        assert refused.status_code == 422 and "Present password: it is another one" in refused.text
        assert left_open.send(page, seen=seen, current=PASSWORD).status_code == 303
    assert house.office.person(HEAD).email == ELSEWHERE
    page, seen = looked_at(f"code,phone\n{HEAD},0281\n")
    assert left_open.send(page, seen=seen).status_code == 303, "a telephone opens nothing"
