"""Signing in by a real OpenID provider: to the right person, once, and in the browser that began it."""

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from pydantic import SecretStr
from sqlmodel import select

from models.database.session import reading
from models.organization.account import WebSession
from models.settings import OidcSettings
from tests.accounts.people import HEAD
from tests.oidc.provider import ACCOUNTS, Provider
from tests.web.accounts.house import House
from tests.web.site import Reader
from workflows.sign_on import oidc

pytestmark = pytest.mark.long


@pytest.fixture(autouse=True)
def today(trusting: House) -> None:
    """The provider's clock is the real one, so ours is too."""
    trusting.now = datetime.now(UTC)


def begin(browser: Reader, next: str = "/account") -> str:
    answer = browser.get(f"/sign-in/oidc?next={next}")
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


def come_back(browser: Reader, address: str) -> httpx.Response:
    assert address.startswith("http://dondoc.example/sign-in/oidc/back?")
    return browser.get(address.removeprefix("http://dondoc.example"))


def go_through(house: House, provider: Provider, account: str) -> tuple[Reader, httpx.Response]:
    browser = house.browser()
    return browser, come_back(browser, provider.sign_in(begin(browser), account))


def is_in(browser: Reader) -> bool:
    return browser.get("/account").status_code == 200


def test_the_button_stands_on_the_sign_in_page_and_leads_to_the_provider(trusting: House, issuer: str) -> None:
    page = trusting.browser().get("/sign-in?next=/account").text
    assert "Sign in with Cổng đăng nhập Bộ" in page and 'href="/sign-in/oidc?next=/account"' in page
    asked = parse_qs(urlsplit(begin(trusting.browser())).query)
    assert asked["code_challenge_method"] == ["S256"] and asked["response_type"] == ["code"]
    assert len(asked["state"][0]) > 30 and len(asked["nonce"][0]) > 30
    other = parse_qs(urlsplit(begin(trusting.browser())).query)
    assert all(asked[name] != other[name] for name in ("state", "nonce", "code_challenge"))


@pytest.mark.parametrize("led_from", ["cross-site", "same-site"])
def test_sign_in_from_another_site_waits_for_the_button(trusting: House, led_from: str) -> None:
    browser = trusting.browser()
    answer = browser.get("/sign-in/oidc?next=/account", headers={"sec-fetch-site": led_from})
    assert answer.status_code == 200 and 'href="/sign-in/oidc?next=/account"' in answer.text
    assert "dondoc-oidc" not in browser.cookies
    for own in ("same-origin", "none"):
        assert browser.get("/sign-in/oidc", headers={"sec-fetch-site": own}).status_code == 303


def test_a_verified_address_signs_in_the_one_person_who_has_it_and_links_them(
    trusting: House, provider: Provider
) -> None:
    browser, answer = go_through(trusting, provider, "ngan")
    assert (answer.status_code, answer.headers["location"]) == (303, "/account")
    assert is_in(browser) and "Lương Thị Ngân" in browser.get("/account").text
    account = trusting.account()
    assert account is not None and account.oidc_subject == f"{provider.issuer}#ngan"
    assert trusting.deeds() == [f"oidc_linked {HEAD}", f"signed_in {HEAD}"]
    with reading(trusting.office.engine) as session:
        assert [row.proof for row in session.exec(select(WebSession))] == ["oidc"]


def test_from_then_on_the_subject_counts_and_not_the_address(trusting: House, provider: Provider) -> None:
    go_through(trusting, provider, "ngan")
    trusting.office.change_person(HEAD, email="moi@mpt.example")
    trusting.office.change_person("le.thi.c", email=str(ACCOUNTS["ngan"]["email"]))
    browser, _answer = go_through(trusting, provider, "ngan")
    assert "Lương Thị Ngân" in browser.get("/account").text


def test_another_identity_with_the_same_address_is_not_let_in(trusting: House, provider: Provider) -> None:
    go_through(trusting, provider, "ngan")
    browser, answer = go_through(trusting, provider, "impostor")
    assert answer.status_code == 409 and "another identity" in answer.text and not is_in(browser)


@pytest.mark.parametrize(
    ("account", "told"),
    [
        ("unverified", "has not verified your e-mail address"),
        ("without", "has not verified your e-mail address"),
        ("stranger", "o one person in the register has the address ai.do@noi.khac.example"),
    ],
)
def test_who_cannot_be_told_for_sure_is_told_what_to_do(
    trusting: House, provider: Provider, account: str, told: str
) -> None:
    browser, answer = go_through(trusting, provider, account)
    assert answer.status_code == 409 and told in answer.text
    assert not is_in(browser) and trusting.account() is None


def test_an_address_that_two_people_share_is_nobodys(trusting: House, provider: Provider) -> None:
    trusting.office.change_person("le.thi.c", email=str(ACCOUNTS["ngan"]["email"]))
    _browser, answer = go_through(trusting, provider, "ngan")
    assert "o one person" in answer.text


def test_the_retired_are_not_let_in(trusting: House, provider: Provider) -> None:
    go_through(trusting, provider, "ngan")
    trusting.office.change_person(HEAD, is_active=False)
    browser, answer = go_through(trusting, provider, "ngan")
    assert answer.status_code == 409 and not is_in(browser)


def test_what_somebody_else_began_does_not_end_in_this_browser(trusting: House, provider: Provider) -> None:
    theirs, mine = trusting.browser(), trusting.browser()
    address = provider.sign_in(begin(theirs), "ngan")
    assert "started in another browser" in come_back(mine, address).text
    begin(mine)
    assert "started in another browser" in come_back(mine, address).text
    assert not is_in(mine)


def test_an_answer_is_used_once_and_within_ten_minutes(trusting: House, provider: Provider) -> None:
    browser = trusting.browser()
    address = provider.sign_in(begin(browser), "ngan")
    assert come_back(browser, address).status_code == 303
    assert come_back(browser, address).status_code == 409
    late = trusting.browser()
    address = provider.sign_in(begin(late), "ngan")
    trusting.now += timedelta(minutes=11)
    assert come_back(late, address).status_code == 409 and not is_in(late)


def test_a_code_without_what_this_browser_kept_for_it_opens_nothing(trusting: House, provider: Provider) -> None:
    """PKCE: whoever caught the address on its way has no verifier."""
    victim, thief = trusting.browser(), trusting.browser()
    caught = parse_qs(urlsplit(provider.sign_in(begin(victim), "ngan")).query)
    own = parse_qs(urlsplit(begin(thief)).query)
    forged = httpx.URL(
        "http://dondoc.example/sign-in/oidc/back",
        params={"code": caught["code"][0], "state": own["state"][0], "iss": provider.issuer},
    )
    answer = come_back(thief, str(forged))
    assert answer.status_code == 409 and "did not confirm who you are" in answer.text and not is_in(thief)


def test_an_answer_of_another_issuer_is_refused(trusting: House, provider: Provider) -> None:
    browser = trusting.browser()
    address = httpx.URL(provider.sign_in(begin(browser), "ngan"))
    answer = come_back(browser, str(address.copy_set_param("iss", "https://evil.example")))
    assert answer.status_code == 409 and not is_in(browser)


def test_who_declines_at_the_provider_is_back_at_the_sign_in_page(trusting: House, issuer: str) -> None:
    browser = trusting.browser()
    state = parse_qs(urlsplit(begin(browser)).query)["state"][0]
    answer = browser.get(f"/sign-in/oidc/back?error=access_denied&state={state}&iss={issuer}")
    assert answer.status_code == 409 and "sign in another way" in answer.text


def test_the_second_step_is_the_providers_matter(trusting: House, provider: Provider) -> None:
    trusting.turn_totp_on()
    trusting.now = datetime.now(UTC)
    browser, _answer = go_through(trusting, provider, "ngan")
    assert is_in(browser)


def test_the_link_is_removed_and_made_anew(trusting: House, provider: Provider) -> None:
    browser, _answer = go_through(trusting, provider, "ngan")
    assert "linked with Cổng đăng nhập Bộ" in browser.get("/account").text
    assert browser.send("/account", "/account/oidc").status_code == 303
    account = trusting.account()
    assert account is not None and account.oidc_subject is None
    go_through(trusting, provider, "ngan")
    account = trusting.account()
    assert account is not None and account.oidc_subject is not None


def test_a_wrong_secret_lets_nobody_in(trusting: House, provider: Provider) -> None:
    assert trusting.office.settings.oidc is not None
    trusting.office.settings.oidc.client_secret = SecretStr("another")
    browser, answer = go_through(trusting, provider, "ngan")
    assert answer.status_code == 409 and not is_in(browser)


@pytest.mark.parametrize("issuer_given", ["http://127.0.0.1:9", "http://sso.example"])
def test_a_provider_that_does_not_answer_or_is_not_safe_leaves_the_other_ways(
    trusting: House, issuer_given: str
) -> None:
    trusting.office.settings.oidc = OidcSettings(issuer=issuer_given, client_id="x", client_secret=SecretStr("x"))
    answer = trusting.browser().get("/sign-in/oidc")
    assert answer.status_code == 409 and 'name="password"' in answer.text
    assert "sign out on its own page" in trusting.browser().get("/sign-out/oidc").text


def test_without_a_provider_there_is_no_such_page(trusting: House) -> None:
    trusting.office.settings.oidc = None
    assert trusting.browser().get("/sign-in/oidc").status_code == 404
    assert trusting.browser().get("/sign-in/oidc/back").status_code == 404
    assert "/sign-in/oidc" not in trusting.browser().get("/sign-in").text
    assert trusting.browser().get("/sign-out/oidc").status_code == 404


def test_sign_out_offers_to_leave_the_provider_too(trusting: House, provider: Provider) -> None:
    browser, _answer = go_through(trusting, provider, "ngan")
    signed_out = browser.send("/account", "/sign-out")
    assert signed_out.headers["location"] == "/sign-in?left=1" and not is_in(browser)
    page = browser.get("/sign-in?left=1").text
    assert "Cổng đăng nhập Bộ still knows you" in page and 'href="/sign-out/oidc"' in page
    assert not provider.asks_who_it_is(begin(browser)), "without a word somebody else would be in"
    assert "Sign-out Success" in provider.sign_out(str(browser.get("/sign-out/oidc").headers["location"]))
    assert provider.asks_who_it_is(begin(browser))


def test_who_came_by_a_password_is_not_told_of_the_provider(trusting: House) -> None:
    browser = trusting.signed_in()
    assert browser.send("/account", "/sign-out").headers["location"] == "/sign-in"


def test_a_provider_that_cannot_be_left_from_here_says_so(trusting: House, monkeypatch: pytest.MonkeyPatch) -> None:
    get = oidc._get_json
    monkeypatch.setattr(
        oidc, "_get_json", lambda url: {k: v for k, v in get(url).items() if k != "end_session_endpoint"}
    )
    answer = trusting.browser().get("/sign-out/oidc")
    assert answer.status_code == 409 and "sign out on its own page" in answer.text
