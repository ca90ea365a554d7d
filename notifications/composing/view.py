"""Prepares a letter's facts for its templates: numbers and counts its items, and answers questions about them."""

from collections.abc import Mapping, Sequence
from itertools import groupby

from models.text.localtime import due_date, local_date
from notifications.composing import ics
from notifications.composing.facts import CollectedItem, CountedItems, LetterFacts, LetterItem, LetterSection
from notifications.composing.item_order import ASKING, MOST_NAMED, count_items, is_mine
from notifications.composing.texts import originals
from notifications.composing.troubles import read_trouble

_COPIED = frozenset({"deputy", "focal_point", "parent_organisation"})
STOOD_DOWN = "incident_stood_down"
_ENDED = frozenset({STOOD_DOWN, "withdrawn"})
_CLOSED = _ENDED | {"approved", "received"}
_CAME = ("missing", "late", "returned", "not_due", "on_time")
NEW_TASKS = frozenset({LetterSection.ASSIGNED, LetterSection.COORDINATING})
_FOR_DECISION = frozenset({LetterSection.DECIDE, LetterSection.NEWS})
_BUNDLED = frozenset({LetterSection.DUE_TODAY, LetterSection.DUE_SOON, LetterSection.SET_DATE, LetterSection.OPEN})
_BUNDLE_FROM = 3
"""From this number on, units with the same share of a duty stand in one paragraph."""

Numbered = tuple[int, LetterItem]


class LetterView:
    """A letter as its templates see it. Macros of words take it as their first argument."""

    def __init__(self, facts: LetterFacts) -> None:
        self.facts = facts
        self.to = facts.recipient
        self.language = facts.recipient.language
        self.account = facts.account
        self.texts = originals(self.language) | {name: own for name, own in facts.texts.items() if own}
        self._view_items(facts.items, {counted.section: counted for counted in facts.counted_items})
        self._view_report()
        self._view_troubles()

    def _view_items(self, items: tuple[LetterItem, ...], counted: Mapping[LetterSection, CountedItems]) -> None:
        self.items, self.counted_items = items, counted
        self.sections = _sections(list(enumerate(items, 1)), counted)
        self.counts = [
            (section, count_items([item for _, item in members]) + _count(counted, section))
            for section, members in self.sections
        ]
        self.one_event = {
            section: event
            for section, members in self.sections
            if (event := _single_event(members, counted.get(section)))
        }
        self.item_count = len(items) + sum(group.count for group in counted.values())
        self.task_count = len({item.task_id for item in items}) + self.facts.more_tasks
        self.is_drill = self.facts.is_drill or any(item.is_drill for item in items)
        self.is_copy = bool(items) and all(item.role in _COPIED for item in items)
        self.all_mine = all(map(self.is_mine, items))
        self.only_new = all(section in NEW_TASKS for section, _members in self.sections)
        self.only_news = all(section is LetterSection.NEWS for section, _members in self.sections)
        self.only_asked = all(section in _FOR_DECISION for section, _members in self.sections)
        self.is_asking = any(item.section is LetterSection.DECIDE or item.event in ASKING for item in items)
        self.is_stood_down = all(item.event == STOOD_DOWN for item in items)
        self.is_ended = all(item.event in _ENDED for item in items)
        self.by_the_hour = any(item.hours_left is not None for item in items)
        self.told_at_length = MOST_NAMED
        self.follow_ups = _distinct_follow_ups(items)
        self.follow_up_unit = self.follow_ups[0].follow_up_unit if len(self.follow_ups) == 1 else ""
        self.duty_paths = list(dict.fromkeys(item.duty_path for item in items))
        self.directives = list(dict.fromkeys(item.directive for item in items))
        self.nearest = min((item.due_at for item in items if item.due_at), default=None)
        self.several_dates = len({item.due_at for item in items}) > 1
        undated_count = sum(item.due_at is None for item in items)
        self.undated_count = undated_count + sum(group.undated for group in counted.values())
        self.calendars = [item for item in items if has_calendar(item)]
        self.cancelled = all(ics.method(item) == "CANCEL" for item in self.calendars)
        late = [item for item in items if item.section is LetterSection.OVERDUE]
        self.overdue_count = len(late) + _count(counted, LetterSection.OVERDUE)
        self.others_count = len(items) - len(late)
        self.late_units_count = len({item.lead_unit for item in late})
        self.least_late = min(map(_lateness, late), default=0)

    def _view_report(self) -> None:
        self.compiled = self.facts.compiled
        self.collected: dict[str, list[CollectedItem]] = {name: [] for name in _CAME}
        for collected in self.compiled.units if self.compiled else ():
            self.collected[collected.came].append(collected)
        self.sent_count = len(self.collected["on_time"]) + len(self.collected["late"])

    def _view_troubles(self) -> None:
        """List the troubles that last before those that have ended."""
        self.troubles = sorted(
            (read_trouble(alert, self.language) for alert in self.facts.alerts),
            key=lambda trouble: (trouble.ended is not None, trouble.since),
        )
        self.trouble_kinds = list(dict.fromkeys(trouble.kind for trouble in self.troubles))
        self.trouble_count = len(self.troubles) + self.facts.more_alerts
        self.ended_count = sum(trouble.ended is not None for trouble in self.troubles)

    def is_mine(self, item: LetterItem) -> bool:
        return is_mine(self.facts, item)

    def is_late(self, item: LetterItem) -> bool:
        if self.is_closed(item):
            return False
        return item.section is LetterSection.OVERDUE or (item.days_left or 0) < 0 or (item.hours_left or 0) < 0

    def is_closed(self, item: LetterItem) -> bool:
        return item.event in _CLOSED

    def is_moved(self, item: LetterItem) -> bool:
        return bool(item.due_at and item.original_due_at) and item.due_at != item.original_due_at

    def is_today(self, item: LetterItem) -> bool:
        return item.due_at is not None and due_date(item.due_at) == local_date(self.facts.slot)

    def by_directive(self, numbered: Sequence[Numbered]) -> list[list[Numbered]]:
        groups: dict[str, list[Numbered]] = {}
        for number, item in numbered:
            groups.setdefault(item.directive, []).append((number, item))
        return list(groups.values())

    def bundles(self, members: Sequence[Numbered]) -> list[list[Numbered]]:
        """Put neighbours together that differ only by their unit, if the recipient only watches.

        Items about the same unsent letters always stand together.
        """
        bundles: list[list[Numbered]] = []
        for _share, group in groupby(members, key=self._share):
            pairs = list(group)
            is_bundle = len(pairs) >= _BUNDLE_FROM or pairs[0][1].unsent
            bundles += [pairs] if is_bundle else [[pair] for pair in pairs]
        return bundles

    def _share(self, pair: Numbered) -> tuple[object, ...]:
        number, item = pair
        if item.unsent:
            return item.unsent
        if self.is_mine(item) or item.section not in _BUNDLED or item.waiting_for == "decision":
            return (number,)
        dates = (item.due_at, item.original_due_at, item.due_reason, item.due_facts)
        return item.directive, item.duty_path, item.occurrence, item.follow_up_name, *dates


def has_calendar(item: LetterItem) -> bool:
    """Return whether the letter encloses the item's date as a file."""
    return item.attach_calendar and item.due_at is not None


def _sections(
    numbered: Sequence[Numbered], counted: Mapping[LetterSection, CountedItems]
) -> list[tuple[LetterSection, list[Numbered]]]:
    """Return the items by section, in their order. A section whose items are all counted has an empty list."""
    named = {section: list(members) for section, members in groupby(numbered, key=lambda pair: pair[1].section)}
    if named.keys() >= counted.keys():
        return list(named.items())
    return [(section, named.get(section, [])) for section in LetterSection if section in named or section in counted]


def _count(counted: Mapping[LetterSection, CountedItems], section: LetterSection) -> int:
    return counted[section].count if section in counted else 0


def _lateness(item: LetterItem) -> int:
    """Return by how many hours (incidents) or working days a late item is late."""
    return int(abs(item.hours_left)) if item.hours_left is not None else abs(item.days_left or 0)


def _single_event(members: Sequence[Numbered], counted: CountedItems | None) -> str | None:
    """Return the event that all items of a section tell, None if there are several or none."""
    events = {item.event for _number, item in members} | ({counted.event} if counted else set())
    return events.pop() if len(events) == 1 else None


def _distinct_follow_ups(items: Sequence[LetterItem]) -> list[LetterItem]:
    """Return one item for each person who follows tasks up. If there is only one, that person signs the letter."""
    items_by_person: dict[tuple[str, str, str], LetterItem] = {}
    for item in items:
        if item.follow_up_name or item.follow_up_unit:
            items_by_person.setdefault((item.follow_up_name, item.follow_up_phone, item.follow_up_unit), item)
    return list(items_by_person.values())
