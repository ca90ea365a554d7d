"""A task's date in the reader's calendar: one entry that moves with the date."""

import email
from dataclasses import replace
from datetime import date
from email import policy
from email.message import EmailMessage
from typing import Any

import pytest
from icalendar import Calendar

from models.text.localtime import end_of_day
from notifications.composing.compose import compose
from notifications.composing.facts import LetterFacts
from tests.notifications import samples


def entry(facts: LetterFacts) -> tuple[EmailMessage, Any, str]:
    message = email.message_from_bytes(compose(facts).content, policy=policy.default)
    part = next(part for part in message.walk() if part.get_content_type() == "text/calendar")
    assert isinstance(part, EmailMessage)
    raw = part.get_payload(decode=True)
    assert isinstance(raw, bytes)
    calendar = Calendar.from_ical(raw)
    return part, calendar.walk("VEVENT")[0], raw.decode()


def test_a_new_date_comes_as_an_all_day_entry() -> None:
    part, event, raw = entry(samples.assigned())
    assert part.get_param("method") == "PUBLISH"
    assert "METHOD:PUBLISH" in raw
    assert (part.get_filename() or "").endswith(".ics")
    assert event["DTSTART"].dt == date(2004, 6, 30)
    assert event["DTEND"].dt == date(2004, 7, 1)
    assert event["SEQUENCE"] == 1
    assert event["DTSTAMP"].dt == samples.assigned().slot
    assert event["URL"] == "https://dondoc.example/v/3F7K-Q2"
    assert raw.count("\r\n") == raw.count("\n")


def test_a_moved_date_keeps_the_uid_and_raises_the_sequence() -> None:
    _, first, _ = entry(samples.assigned())
    moved = samples.event("due_moved", due_at=end_of_day(date(2004, 7, 15)), due_revision=2, attach_calendar=True)
    _, second, _ = entry(moved)
    assert second["UID"] == first["UID"]
    assert second["SEQUENCE"] > first["SEQUENCE"]
    assert second["DTSTART"].dt == date(2004, 7, 15)


@pytest.mark.parametrize("name", ["withdrawn", "incident_stood_down"])
def test_a_withdrawn_task_is_taken_out_of_the_calendar(name: str) -> None:
    _, first, _ = entry(samples.assigned())
    part, event, raw = entry(samples.event(name, attach_calendar=True))
    assert part.get_param("method") == "CANCEL"
    assert "METHOD:CANCEL" in raw
    assert event["STATUS"] == "CANCELLED"
    assert event["UID"] == first["UID"]
    assert event["SEQUENCE"] > first["SEQUENCE"]


@pytest.mark.parametrize("language", ["vi", "en"])
def test_the_summary_names_the_item_and_not_the_duty(language: str) -> None:
    _, event, raw = entry(samples.assigned(language))
    assert "06/2004/CT-BBCVT" in event["SUMMARY"]
    assert not any(word in raw.casefold() for word in (*samples.SENSITIVE, "phương án"))


def test_a_contingency_has_its_hour_and_a_drill_its_mark() -> None:
    facts = samples.incident(is_drill=True)
    one = replace(facts.items[0], attach_calendar=True)
    _, event, _ = entry(replace(facts, items=(one,)))
    assert event["DTSTART"].dt == one.due_at
    assert event["SUMMARY"].startswith("[DIỄN TẬP] ")


def test_an_undated_task_brings_no_calendar() -> None:
    facts = samples.event("returned", due_at=None, original_due_at=None, attach_calendar=True)
    assert b"text/calendar" not in compose(facts).content
