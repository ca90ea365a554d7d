"""Short letters: at most 20 items and counts with their lists, short links, and the way to fewer letters."""

import quopri
import re
from dataclasses import replace
from datetime import date, timedelta
from email import message_from_bytes, policy
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.errors import NotFound
from models.letters.letter import LetterKind
from notifications.composing.compose import Composed, compose
from notifications.composing.facts import LetterFacts, LetterItem, LetterSection
from notifications.composing.item_order import MOST_NAMED, shorten
from notifications.composing.keys import CODE_BITS, link_code, read_code, read_fewer, sign_fewer, write_code
from tests.notifications.samples import COORDINATOR, DUE_AT, item, letter, task_id

LISTS = {section: f"https://dondoc.example/tasks?of={section}" for section in LetterSection}
SECRET = "a secret of the installation"


def many(section: LetterSection, count: int, first: int = 1000, **changes: Any) -> tuple[LetterItem, ...]:
    """Tasks of as many units, each a day later than the one before."""
    return tuple(
        item(
            section,
            task_id=task_id(first + number),
            lead_unit=f"Công ty {first + number}",
            due_at=DUE_AT + timedelta(days=number),
            role="coordinator",
            duty_path=str(number),
            **changes,
        )
        for number in range(count)
    )


def digest(
    *items: LetterItem, language: str = "vi", kind: LetterKind = LetterKind.DIGEST
) -> tuple[LetterFacts, Composed]:
    facts = shorten(letter(kind, *items, to=COORDINATOR, language=language), LISTS)
    return facts, compose(facts)


@pytest.mark.parametrize("language", ["vi", "en"])
def test_a_digest_of_178_names_20_and_counts_the_rest(language: str) -> None:
    late, soon = many(LetterSection.OVERDUE, 5), many(LetterSection.DUE_SOON, 173, first=2000)
    facts, composed = digest(*late, *soon, language=language)
    assert len(facts.items) == MOST_NAMED and facts.more_tasks == 158
    words = {"vi": "Và 158 nhiệm vụ sắp đến hạn khác", "en": "And 158 more tasks due soon"}[language]
    assert words in composed.text and words in composed.html
    assert composed.text.count(LISTS[LetterSection.DUE_SOON]) == composed.html.count(LISTS[LetterSection.DUE_SOON]) == 1
    assert "173" in composed.subject and "178" in composed.text, "the counts are of all of them"
    assert len(composed.content) < 60_000


def test_twenty_items_with_all_their_facts_stay_far_below_what_gmail_cuts() -> None:
    facts: dict[str, Any] = {
        "duty_title": "Kiểm tra, hướng dẫn đại lý; cung cấp số liệu khi có yêu cầu",
        "pressed_on": (date(2004, 7, 1), date(2004, 7, 6)),
        "last_word": "Đang triển khai, đã hoàn thành dự thảo",
        "waiting_for": "decision",
        "waiting_since": DUE_AT + timedelta(days=5),
        "days_left": -7,
    }
    _facts, composed = digest(*many(LetterSection.OVERDUE, 60, **facts))
    html = composed.html.encode()
    assert html.count(b'class="item"') == html.count(b'class="button"') == MOST_NAMED
    assert len(html) <= 26_000, "Gmail cuts at 102 kB"
    assert len(quopri.encodestring(html)) <= 40_000, "as it is sent"
    page, styles = composed.html.partition("</head>")[2], re.compile(r' style="[^"]*"')
    assert len(styles.findall(page)) <= MOST_NAMED + 3, "an item has one style of its own: its button's"


def test_what_must_be_decided_is_named_before_what_is_only_watched() -> None:
    asked = many(LetterSection.DECIDE, 3, event="submitted", waiting_for="decision")
    facts, composed = digest(*many(LetterSection.DUE_SOON, 60, first=2000), *asked)
    assert [one.section for one in facts.items[:3]] == [LetterSection.DECIDE] * 3 or all(
        one in facts.items for one in asked
    )
    assert "03 kết quả đề nghị phê duyệt, 60 nhiệm vụ sắp đến hạn" in composed.subject


def test_a_section_that_is_only_counted_keeps_its_heading() -> None:
    facts, composed = digest(
        *many(LetterSection.OVERDUE, 30), *many(LetterSection.NEWS, 4, first=2000, event="approved")
    )
    assert {one.section for one in facts.items} == {LetterSection.OVERDUE}
    assert "THÔNG BÁO" in composed.text and "04 thông báo:" in composed.text
    assert "30 nhiệm vụ quá hạn, 04 kết quả được phê duyệt" in composed.subject


def test_twenty_items_are_all_named() -> None:
    facts, composed = digest(*many(LetterSection.DUE_SOON, MOST_NAMED))
    assert not facts.counted_items and "khác" not in composed.subject


@given(
    st.lists(st.sampled_from(list(LetterSection)), min_size=1, max_size=70),
    st.sampled_from([LetterKind.DIGEST, LetterKind.SUMMARY, LetterKind.EVENT]),
)
def test_nothing_is_lost_between_the_named_and_the_counted(sections: list[LetterSection], kind: LetterKind) -> None:
    items = [item(section, task_id=task_id(number)) for number, section in enumerate(sections)]
    whole = letter(kind, *items)
    short = shorten(whole, LISTS)
    assert len(short.items) == min(len(items), MOST_NAMED)
    assert len(short.items) + sum(one.count for one in short.counted_items) == len(items)
    assert len({one.task_id for one in short.items}) + short.more_tasks == len(items)
    urgent = {LetterSection.UNDELIVERABLE, LetterSection.UNCERTAIN, LetterSection.OVERDUE, LetterSection.DUE_TODAY}
    if any(one.section not in urgent for one in short.items):
        assert not any(one.section in urgent for one in short.counted_items), "nothing urgent gives way to what is not"


def test_an_upward_letter_and_an_assignment_name_everything() -> None:
    for kind in (LetterKind.UPWARD, LetterKind.ASSIGNED, LetterKind.INCIDENT):
        whole = letter(kind, *many(LetterSection.OVERDUE, 40))
        assert shorten(whole, LISTS) is whole


def test_a_digest_of_news_alone_is_called_news() -> None:
    _facts, composed = digest(*many(LetterSection.NEWS, 2, event="approved"))
    assert composed.subject.startswith("[Thông báo] 02 kết quả được phê duyệt")
    _facts, composed = digest(*many(LetterSection.DECIDE, 2, event="submitted"))
    assert composed.subject.startswith("[Đề nghị xem xét] 02 kết quả đề nghị phê duyệt")


@pytest.mark.parametrize(
    ("section", "event"), [(LetterSection.NEWS, "returned"), (LetterSection.DECIDE, "extension_asked")]
)
def test_a_digest_of_news_alone_is_not_to_be_disregarded(section: LetterSection, event: str) -> None:
    items = (replace(one, role="head") for one in many(section, 2, event=event))
    _facts, composed = digest(*items)
    assert "đề nghị bỏ qua thư này" not in composed.text + composed.html


def test_plain_text_has_no_long_line_of_a_link() -> None:
    url = f"https://dondoc.example/v/{write_code(link_code(SECRET, task_id(1), task_id(2)))}"
    composed = compose(letter(LetterKind.DIGEST, *(replace(one, url=url) for one in many(LetterSection.DUE_SOON, 2))))
    assert max(len(word) for line in composed.text.splitlines() for word in line.split()) <= 50
    assert url in composed.text
    shown = re.sub(r"<[^>]*>", "", composed.html)
    assert url not in shown, "HTML has the button alone"


@given(st.integers(0, 2**CODE_BITS - 1))
def test_a_code_is_read_however_it_is_typed(code: int) -> None:
    written = write_code(code)
    assert re.fullmatch(r"[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}", written)
    assert read_code(written) == read_code(written.lower()) == read_code(written.replace("-", "")) == code
    assert read_code(written.replace("0", "O").replace("1", "l")) == code


@pytest.mark.parametrize("token", ["", "3F7K", "3F7K-Q2MP-9TXU", "3F7K-Q2MP-9TXW-1", "ê" * 12, "x" * 64])
def test_anything_else_is_no_code(token: str) -> None:
    assert read_code(token) is None


@given(st.uuids(), st.uuids(), st.uuids())
def test_each_letter_and_task_has_its_own_code_and_keeps_it(one: UUID, other: UUID, task: UUID) -> None:
    code = link_code(SECRET, one, task)
    assert code == link_code(SECRET, one, task) and 0 <= code < 2**CODE_BITS
    assert (link_code(SECRET, other, task) == code) is (one == other)
    assert link_code("another", one, task) != code


def test_a_mail_readers_button_is_offered_where_it_applies() -> None:
    url = f"https://dondoc.example/fewer/{sign_fewer(SECRET, COORDINATOR.person_id, LetterKind.EVENT)}"
    facts = letter(LetterKind.EVENT, item(LetterSection.NEWS, event="approved"), fewer_url=url)
    read = message_from_bytes(compose(facts).content, policy=policy.default)
    assert read["List-Unsubscribe"] == f"<{url}>"
    assert read["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    forced = message_from_bytes(
        compose(letter(LetterKind.DIGEST, item(LetterSection.OVERDUE))).content, policy=policy.default
    )
    assert forced["List-Unsubscribe"] is None and forced["List-Unsubscribe-Post"] is None


def test_the_buttons_token_names_one_person_and_one_kind_and_cannot_be_forged() -> None:
    person = uuid4()
    token = sign_fewer(SECRET, person, LetterKind.SUMMARY)
    assert read_fewer(SECRET, token) == (person, LetterKind.SUMMARY)
    for forged in (
        token[:-1] + ("A" if token[-1] != "A" else "B"),
        "",
        token + "x",
        sign_fewer("other", person, LetterKind.EVENT),
    ):
        with pytest.raises(NotFound):
            read_fewer(SECRET, forged)


def test_letters_that_are_chosen_lead_to_the_choice() -> None:
    url = "https://dondoc.example/account/letters"
    composed = compose(letter(LetterKind.DIGEST, item(LetterSection.OVERDUE), choose_url=url))
    assert f"Chọn cách nhận thư: {url}" in composed.text and f'href="{url}"' in composed.html
