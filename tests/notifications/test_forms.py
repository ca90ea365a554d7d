"""Letters worded once for many: each says to the letter what it would say if it had been worded by itself."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from notifications.composing import forms
from notifications.composing.compose import _worded, compose
from notifications.composing.facts import LetterFacts
from notifications.composing.forms import Worded, word_shared
from tests.notifications import samples

KINDS: dict[str, Callable[[str], LetterFacts]] = {
    "assigned": samples.assigned,
    "digest": samples.digest,
    "incident": samples.incident,
    "drill": lambda language: samples.incident(language, is_drill=True),
    "summary": samples.summary,
    "returned": lambda language: samples.event("returned", language),
    "due_moved": lambda language: samples.event("due_moved", language),
    "submitted": lambda language: samples.event("submitted", language),
    "lead_changed": lambda language: samples.event("lead_changed", language),
}
AWKWARD = (
    "Trần Văn B",
    "trần văn b",
    "TCT-T Hà Nội",
    "Vụ Viễn thông",
    "Văn phòng Bộ",
    "Công ty <b> & “A”",
    "O'Brien",
    "  hai  dấu ",
    "Ⱥⱥ",
    "\ue000",
    "Lê Thị C",
    "Giám đốc",
    "đơn vị",
    "A\xa0B",
    "%s {who} {{ to }}",
    "=?utf-8?b?QQ==?=",
    "",
    "1",
)
NAMES = st.sampled_from(AWKWARD) | st.text(
    st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp"), exclude_characters="\x85"), max_size=30
)


@pytest.fixture(autouse=True)
def _anew() -> Iterator[None]:
    forms._forms.clear()
    forms._met.clear()
    yield
    forms._forms.clear()


def alone(facts: LetterFacts) -> Worded:
    return _worded(facts)[0]


def shared(facts: LetterFacts) -> Worded | None:
    """As the third of its like is worded."""
    for _ in range(2):
        word_shared(facts, alone)
    return word_shared(facts, alone)


def to(facts: LetterFacts, number: int, **recipient: Any) -> LetterFacts:
    """The same for somebody else."""
    items = tuple(
        replace(
            item,
            lead_unit=recipient.get("unit_name", item.lead_unit),
            url=f"https://d.example/v/{number}-{place}",
            task_id=samples.task_id(1000 + 10 * number + place),
        )
        for place, item in enumerate(facts.items)
    )
    return replace(facts, items=items, recipient=replace(facts.recipient, **recipient))


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize("kind", KINDS)
def test_shared_wording_says_the_same_as_single_wording(kind: str, language: str) -> None:
    facts = KINDS[kind](language)
    for number, unit in enumerate(("Công ty A", "Tổng công ty <B> & C", "Công ty D")):
        one = to(facts, number, name=f"Nguyễn Văn {unit[-1]}", unit_name=unit)
        told = shared(one)
        assert told is not None and told == alone(one)
    assert len(forms._forms) == 1


@pytest.mark.parametrize("title", ["Báo cáo Ⱥⱥ\ue000", "Báo cáo Ⱥⱥ\uf8ff"])
def test_a_duty_whose_own_words_look_like_a_mark_is_told_as_it_is_written(title: str) -> None:
    facts = samples.assigned("vi")
    facts = replace(facts, items=tuple(replace(item, duty_title=title) for item in facts.items))
    one = to(facts, 1, name="Nguyễn Văn A", unit_name="Công ty A")
    assert shared(one) in (None, alone(one)) and title.split()[-1] in alone(one).text


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize("kind", KINDS)
@hypothesis_settings(max_examples=25)
@given(data=st.data())
def test_whatever_a_person_or_a_unit_is_called(kind: str, language: str, data: st.DataObject) -> None:
    facts = KINDS[kind](language)
    facts = to(facts, 1, name=data.draw(NAMES), title=data.draw(NAMES), unit_name=data.draw(NAMES))
    items = tuple(replace(item, lead_unit=data.draw(NAMES | st.just(item.lead_unit))) for item in facts.items)
    facts = replace(facts, items=items)
    told = shared(facts)
    assert told is None or told == alone(facts)


def test_the_bytes_are_those_of_a_letter_worded_by_itself() -> None:
    facts = samples.assigned()
    first = compose(facts)
    assert [compose(facts) for _ in range(3)] == [first] * 3 and forms._forms


def test_what_is_told_to_one_person_only_is_not_kept() -> None:
    assert word_shared(samples.assigned(), alone) is None
    assert not forms._forms


def test_template_that_computes_with_a_name_words_each_letter() -> None:
    def small(facts: LetterFacts) -> Worded:
        return replace(alone(facts), text=facts.recipient.name.lower())

    for _ in range(3):
        assert word_shared(samples.assigned(), small) is None


def test_no_more_forms_are_kept_than_a_few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forms, "_MOST_FORMS", 3)
    for number in range(20):
        assert shared(replace(samples.assigned(), base_url=f"https://{number}.example")) is not None
        assert len(forms._forms) <= 4
