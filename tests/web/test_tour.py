"""The first steps: offered on the first day, shown on real pages, left for good, and seen again from the help."""

import pytest

from tests.page import Page, words_of
from tests.web.site import Office

PEOPLE = {
    "luong.thi.ngan": 4,  # heads a unit
    "le.thi.c": 5,  # coordinator
    "nguyen.minh.quan": 4,  # observer
    "ngo.van.loc": 2,  # clerk
    "dang.thu.thuy": 5,  # administrator
}


@pytest.mark.parametrize(("who", "many"), PEOPLE.items())
def test_each_role_is_led_through_real_pages_to_the_end(office: Office, who: str, many: int) -> None:
    reader = office.sign_in(who)
    steps = Page(reader.get("/?lang=en").text).links("aside.tour li a")
    assert len(steps) == many
    onward, card = steps[0], ""
    for place in range(1, many + 1):
        page = reader.get(f"{onward}&lang=en")
        assert page.status_code == 200, onward
        (card,) = Page(page.text).words("aside.tour")
        assert f"Step {place} of {many}" in card
        onward = "".join(one.get("href") for one in Page(page.text).all("aside.tour a") if "Next step" in words_of(one))
    assert not onward and "Finish the first steps" in card


def test_they_are_left_for_good_and_seen_again_from_the_help(office: Office) -> None:
    reader = office.sign_in("le.thi.c")
    assert "First steps" in reader.get("/?lang=en").text
    answer = reader.send("/", "/tour/leave")
    assert answer.headers["location"] == "/"
    assert "First steps" not in reader.get("/?lang=en").text
    assert "First steps" not in office.sign_in("le.thi.c").get("/?lang=en").text, "kept with the person"
    assert "First steps" in office.sign_in("le.thi.d").get("/?lang=en").text
    answer = reader.send("/help", "/tour/again")
    assert answer.headers["location"] == "/?step=1"
    assert "Step 1 of 5" in reader.get("/?step=1&lang=en").text
    assert "First steps" in reader.get("/?lang=en").text


@pytest.mark.parametrize(
    "address", ["/?step=2", "/inbox?step=1", "/?step=0", "/?step=9", "/?step=x", "/?step=²", "/?step="]
)
def test_a_page_shows_no_card_but_its_own(office: Office, address: str) -> None:
    assert "Step " not in office.sign_in("le.thi.c").get(f"{address}&lang=en").text


def test_a_stranger_is_offered_nothing(office: Office) -> None:
    assert "first steps" not in office.get("/help?step=1&lang=en").text
