"""A demo shows its accounts at its sign-in page; no other installation shows or has any."""

import pytest

from models.database.run import DEMO, Installation
from models.database.session import transaction
from tests.web.accounts.house import House
from tests.web.site import ADDRESS
from workflows.operations.demo_accounts import PASSWORD, RUNNING, demo_accounts, make_demo_accounts


def mark(house: House, value: str) -> None:
    with transaction(house.office.engine) as session:
        session.add(Installation(name=DEMO, value=value))


def make(house: House) -> None:
    with transaction(house.office.engine) as session:
        make_demo_accounts(session, now=house.now)


@pytest.mark.parametrize("value", ["", RUNNING])
def test_outside_a_finished_demo_nobody_is_given_a_password_and_none_is_shown(house: House, value: str) -> None:
    if value:
        mark(house, value)
    make(house)
    assert house.account("dang.thu.thuy") is None
    page = house.browser().get("/sign-in").text
    assert PASSWORD not in page and "dang.thu.thuy" not in page


def test_each_of_the_demos_five_accounts_is_signed_in_to_by_its_button(house: House) -> None:
    mark(house, "2026-07-28")
    make(house)
    house.office.settings.base_url = "http://127.0.0.1:8000"
    page = house.browser().get("/sign-in", headers={"host": "127.0.0.1:8000"}).text
    house.office.settings.base_url = ADDRESS
    with transaction(house.office.engine) as session:
        accounts = demo_accounts(session)
    assert [str(one.place) for one in accounts] == [
        "head of a unit",
        "coordinator",
        "records clerk",
        "observer",
        "administrator",
    ]
    for one in accounts:
        assert f"Sign in as {one.code}" in page
        browser = house.browser()
        assert browser.send("/sign-in", name=one.code, password=one.password).status_code == 303
        assert one.name in browser.get("/account").text


def test_making_them_again_changes_no_password_that_was_chosen_since(house: House) -> None:
    mark(house, "2026-07-28")
    house.give_password("dang.thu.thuy", "một câu khác cũng đủ dài")
    before = house.account("dang.thu.thuy")
    make(house)
    make(house)
    after = house.account("dang.thu.thuy")
    assert before is not None and after is not None and before.password_hash == after.password_hash
