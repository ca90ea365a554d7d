"""Who reads, writes, asks, answers, publishes and changes a message."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.errors import Refused
from models.words import EVENT_WORDS
from workflows.rules.conversation_policy import (
    CONVERSATION_EVENTS,
    DIRECTIVE_EVENTS,
    EDIT_WITHIN,
    MessageStanding,
    News,
    Standing,
    may_edit,
    may_read,
    news_rank,
    of_directive,
    refuse_edit,
    refuse_files,
    refuse_publishing,
    refuse_writing,
)
from workflows.rules.rights_table import View

NOW = datetime(2026, 11, 30, 2, tzinfo=UTC)
PEOPLE, UNITS = [UUID(int=n) for n in range(1, 5)], [UUID(int=n) for n in range(11, 15)]
people, units = st.sampled_from(PEOPLE), st.sampled_from(UNITS)
standings = st.builds(
    Standing,
    person_id=people,
    view=st.sampled_from(View),
    units=st.frozensets(units),
    runs=st.booleans(),
    publishes=st.booleans(),
    takes_part=st.booleans(),
    is_directive=st.booleans(),
    is_classified=st.booleans(),
)
messages = st.builds(
    MessageStanding,
    author_id=people,
    unit_id=st.none() | units,
    written_at=st.datetimes(min_value=datetime(2026, 11, 1), max_value=datetime(2026, 12, 1), timezones=st.just(UTC)),
    is_for_all=st.booleans(),
    asked_by=st.none() | people,
    asked_for=st.none() | units,
)


def standing(
    view: View = View.WHOLE, *, runs: bool = False, takes_part: bool = True, is_directive: bool = False
) -> Standing:
    return Standing(
        PEOPLE[0], view, frozenset({UNITS[0]}), runs, runs, takes_part, is_directive=is_directive, is_classified=False
    )


@given(standings, messages)
def test_nobody_reads_who_may_not_open_and_who_sees_whole_reads_all(one: Standing, said: MessageStanding) -> None:
    if one.view is View.NOTHING:
        assert not may_read(one, said)
    if one.view is View.WHOLE:
        assert may_read(one, said)


@given(standings, messages)
def test_a_coordinating_unit_reads_its_own_answers_to_it_and_what_is_for_all(
    one: Standing, said: MessageStanding
) -> None:
    if one.view is not View.PARTNER:
        return
    own = said.author_id == one.person_id or said.unit_id in one.units
    answered = said.asked_by == one.person_id or said.asked_for in one.units
    assert may_read(one, said) == (own or answered or said.is_for_all)


@given(standings, messages, st.booleans(), st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=1)))
def test_a_change_is_offered_exactly_where_it_is_not_refused(
    one: Standing, said: MessageStanding, is_published: bool, later: timedelta
) -> None:
    now = said.written_at + later
    try:
        refuse_edit(one, said, is_published=is_published, now=now)
        refused = False
    except Refused:
        refused = True
    assert may_edit(one, said, is_published=is_published, now=now) is (not refused)
    assert refused or (said.author_id == one.person_id and later <= EDIT_WITHIN)


def test_a_message_is_changed_up_to_the_last_moment_of_ten_minutes() -> None:
    mine, end = MessageStanding(PEOPLE[0], None, NOW), NOW + timedelta(minutes=10)
    refuse_edit(standing(), mine, is_published=False, now=end)
    assert may_edit(standing(), mine, is_published=False, now=end) is True
    late = end + timedelta(microseconds=1)
    assert may_edit(standing(), mine, is_published=False, now=late) is False
    theirs = MessageStanding(PEOPLE[1], None, NOW)
    assert may_edit(standing(), theirs, is_published=False, now=NOW) is False
    for said, is_published, now, words in (
        (theirs, False, NOW, "a message is changed only by the person who wrote it"),
        (mine, False, late, "a message can be changed for 10 minutes after it was written; write another one instead"),
        (mine, True, NOW, "this message has been published with its answer; write another one instead"),
    ):
        with pytest.raises(Refused) as refused:
            refuse_edit(standing(), said, is_published=is_published, now=now)
        assert refused.value.tell("en") == words


@pytest.mark.parametrize(
    ("one", "given", "words"),
    [
        (
            standing(View.PARTNER),
            {"to_all": True},
            "a message for all units is for those who see the whole conversation; leave that choice out",
        ),
        (
            standing(is_directive=True),
            {"to_all": True, "question": True},
            "a message for all units of a directive is for whoever coordinates it; leave that choice out",
        ),
        (
            standing(takes_part=False),
            {},
            "who only looks on writes nothing here: this conversation is for those who have to do with it",
        ),
        (standing(), {"answers": True}, "a question is answered by the coordinator; write a message instead"),
        (
            standing(runs=True),
            {"question": True},
            "a question goes to the coordinator, and that is you; write a message instead",
        ),
        (standing(runs=True), {"question": True, "answers": True}, "a message is a question or an answer, not both"),
        (
            standing(View.PARTNER, is_directive=True),
            {},
            "on a directive a unit writes questions to the coordinator: mark your message as a question",
        ),
    ],
)
def test_a_message_that_is_not_theirs_to_write_is_refused_with_a_sentence(
    one: Standing, given: dict[str, bool], words: str
) -> None:
    with pytest.raises(Refused) as refused:
        refuse_writing(one, **{"question": False, "answers": False, "to_all": False, **given})
    assert refused.value.tell("en") == words


def test_a_message_is_for_those_who_see_the_whole_unless_it_says_otherwise() -> None:
    theirs = MessageStanding(PEOPLE[1], UNITS[1], NOW)
    assert may_read(standing(), theirs) and not may_read(standing(View.PARTNER), theirs)
    assert may_read(standing(View.PARTNER), replace(theirs, is_for_all=True))


def test_what_everybody_may_write_passes() -> None:
    for one in (standing(), standing(View.PARTNER), standing(runs=True, is_directive=True), standing(runs=True)):
        refuse_writing(one, question=False, answers=False, to_all=False)
    refuse_writing(standing(View.PARTNER, is_directive=True), question=True, answers=False, to_all=False)
    refuse_writing(standing(runs=True), question=False, answers=True, to_all=True)


def test_no_file_comes_with_a_message_about_classified_work() -> None:
    classified = replace(standing(), is_classified=True)
    refuse_files(classified, files=0)
    refuse_files(standing(), files=3)
    with pytest.raises(Refused) as refused:
        refuse_files(classified, files=1)
    told = "this result goes by classified mail: no file may be given with a message about it"
    assert refused.value.tell("en") == told


def test_an_answer_is_published_by_the_coordinator_once() -> None:
    refuse_publishing(standing(runs=True), is_answer=True, is_published=False)
    for one, is_answer, is_published, words in (
        (standing(), True, False, "an answer is published by the coordinator"),
        (standing(runs=True), False, False, "only an answer to a question can be published; answer the question first"),
        (standing(runs=True), True, True, "this question has been published with an answer already"),
    ):
        with pytest.raises(Refused) as refused:
            refuse_publishing(one, is_answer=is_answer, is_published=is_published)
        assert refused.value.tell("en") == words


def test_every_event_of_a_conversation_has_words_and_a_rank() -> None:
    assert set(EVENT_WORDS) >= CONVERSATION_EVENTS
    assert {*News, *DIRECTIVE_EVENTS} == CONVERSATION_EVENTS and DIRECTIVE_EVENTS.isdisjoint(News)
    assert {of_directive(one) for one in News} == DIRECTIVE_EVENTS
    assert sorted(News, key=news_rank) == list(News)
    assert [news_rank(of_directive(one)) for one in News] == list(range(len(News)))
