"""A task's date as a calendar entry: one per task, replaced when the date moves, cancelled when it is withdrawn."""

from datetime import datetime, timedelta

from icalendar import Calendar, Event, vCalAddress, vText

from models.localtime import due_date
from notifications.facts import Item
from notifications.keys import calendar_uid

_SUMMARY = {"vi": "Thời hạn: {item}", "en": "Deadline: {item}"}
_CANCELLED = {"vi": "Đã thu hồi: {item}", "en": "Withdrawn: {item}"}
ENDED = frozenset({"withdrawn", "incident_stood_down"})


def method(item: Item) -> str:
    """The iTIP method of an item's entry: PUBLISH, or CANCEL once the task is withdrawn."""
    return "CANCEL" if item.event in ENDED else "PUBLISH"


def calendar_entry(
    item: Item,
    name: str,
    *,
    slot: datetime,
    domain: str,
    organiser: str,
    language: str,
    is_drill: bool = False,
) -> bytes:
    """The .ics of an item that has a date.

    All day on the last permitted local day; a contingency's clock gives its instant instead. `name` is how subjects
    call the item ("mục 2, Chỉ thị …"): the duty's own words stay out, calendars are shown on many screens.
    SEQUENCE is the due revision, DTSTAMP the letter's slot, so the same facts give the same bytes.
    """
    if item.due_at is None:
        raise ValueError("an undated task has no calendar entry")
    cancelled = method(item) == "CANCEL"
    event = Event()
    event.add("uid", calendar_uid(item.task_id, domain))
    # A cancellation must outrank what it cancels (RFC 5546, 3.2.5).
    event.add("sequence", item.due_revision + cancelled)
    event.add("dtstamp", slot)
    if item.hours_left is None:
        last_day = due_date(item.due_at)
        event.add("dtstart", last_day)
        event.add("dtend", last_day + timedelta(days=1))
    else:
        event.add("dtstart", item.due_at)
    summary = (_CANCELLED if cancelled else _SUMMARY)[language].format(item=name)
    event.add("summary", f"[DIỄN TẬP] {summary}" if is_drill else summary)
    event.add("url", item.url)
    event.add("organizer", _organiser(organiser))
    event.add("status", "CANCELLED" if cancelled else "CONFIRMED")
    event.add("transp", "TRANSPARENT")  # a deadline does not make anybody busy
    calendar = Calendar()
    calendar.add("prodid", "-//Đôn đốc//dondoc//VI")
    calendar.add("version", "2.0")
    calendar.add("method", method(item))
    calendar.add_component(event)
    return bytes(calendar.to_ical())


def _organiser(address: str) -> vCalAddress:
    organiser = vCalAddress(f"mailto:{address}")
    organiser.params["cn"] = vText("Đôn đốc")
    return organiser
