"""What a person reads who is sent a code, an invitation, a reset, a test; and what stands on the outside of it."""

from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest

from models.database.ids import new_id
from models.errors import BadInput, NotFound
from models.text.localtime import at_local
from notifications.composing.compose import compose
from notifications.composing.keys import mailed_code, read_link, read_mailed, sign_mailed
from tests.notifications.letter_words import visible
from tests.notifications.samples import account
from tests.old_links import sign_link

every_purpose = pytest.mark.parametrize("purpose", ["sign_in", "invitation", "reset", "test"])
both_languages = pytest.mark.parametrize("language", ["vi", "en"])
ID = UUID("018f0000-0000-7000-8000-00000abcdef1")


@every_purpose
@both_languages
def test_text_and_html_say_the_same(purpose: str, language: str) -> None:
    composed = compose(account(language, purpose))
    seen = visible(composed.html).replace(" ", "")
    for line in composed.text.splitlines():
        told = line.strip().removeprefix("--").partition(": https://")[0]
        assert told.replace(" ", "") in seen, line
    assert "None" not in composed.text and "{" not in composed.text and "!" not in composed.text


@both_languages
def test_the_code_stands_in_the_letter_and_never_in_its_subject(language: str) -> None:
    composed = compose(account(language))
    assert "048 291" in composed.text and "048 291" in composed.html
    assert "048" not in composed.subject and "291" not in composed.subject


@pytest.mark.parametrize("purpose", ["invitation", "reset"])
@both_languages
def test_a_link_is_a_button_or_text_and_never_in_the_subject(purpose: str, language: str) -> None:
    facts = account(language, purpose)
    assert facts.account is not None
    composed = compose(facts)
    assert composed.html.count(facts.account.url) == 1
    assert facts.account.url in composed.text
    assert "https" not in composed.subject


def test_how_long_it_is_good_for_is_said() -> None:
    assert "có hiệu lực đến 08 giờ 10 ngày 06/07/2004" in compose(account("vi")).text
    assert "valid until 08:10 on 6 July 2004" in compose(account("en")).text


def test_the_form_of_address_is_the_persons_own() -> None:
    facts = account("vi", "invitation")
    assert "Tài khoản của Ông trên" in compose(facts).text
    nameless = replace(facts, recipient=replace(facts.recipient, address_form=""))
    assert "Tài khoản của quý vị trên" in compose(nameless).text


def test_without_anything_to_carry_there_is_no_letter() -> None:
    with pytest.raises(BadInput, match="nothing in it"):
        compose(replace(account(), account=None))


def test_a_code_has_six_digits_and_is_the_same_each_time_it_is_made() -> None:
    codes = {mailed_code("key", new_id()) for _ in range(200)}
    assert len(codes) > 190
    assert all(len(code) == 6 and code.isdigit() for code in codes)
    assert mailed_code("key", ID) == mailed_code("key", ID) != mailed_code("another", ID)


def test_a_mailed_link_names_its_secret_and_nothing_else_will_do() -> None:
    token = sign_mailed("key", ID)
    assert read_mailed("key", token) == ID
    task_link = sign_link("key", ID, ID, at_local(date(2026, 11, 2)))
    for forged in (token[:-1], token + "x", sign_mailed("another", ID), "", "x.y", "ü", task_link):
        with pytest.raises(NotFound):
            read_mailed("key", forged)
    with pytest.raises(NotFound):
        read_link("key", token)
