"""What the templates of one letter see: its items numbered, counted, and questions to ask of an item."""

from collections.abc import Mapping, Sequence
from itertools import groupby

from models.text.localtime import due_date, local_date
from notifications.composing import ics
from notifications.composing.facts import CollectedItem, LetterFacts, LetterItem, LetterSection, Rest
from notifications.composing.item_order import ASKING, MOST_NAMED, count_items, is_mine
from notifications.composing.texts import originals
from notifications.composing.troubles import read_trouble

_COPIED = frozenset({"deputy", "focal_point", "parent_organisation"})
STOOD_DOWN = "incident_stood_down"
_ENDED = frozenset({STOOD_DOWN, "withdrawn"})
_CLOSED = _ENDED | {"approved", "received"}
_CAME = ("missing", "late", "returned", "not_due", "on_time")
NEW_TASKS = frozenset({LetterSection.ASSIGNED, LetterSection.COORDINATING})
_PUT_BEFORE = frozenset({LetterSection.DECIDE, LetterSection.NEWS})
_BUNDLED = frozenset({LetterSection.DUE_TODAY, LetterSection.DUE_SOON, LetterSection.SET_DATE, LetterSection.OPEN})
_BUNDLE_FROM = 3
"""So many units with the same share of a duty are told of together, to whoever follows them up."""

Numbered = tuple[int, LetterItem]


class LetterView:
    """A letter as its templates see it: they ask it, and the macros that word it take it as their first argument."""

    def __init__(self, facts: LetterFacts) -> None:
        self.facts = facts
        self.to = facts.recipient
        self.language = facts.recipient.language
        self.account = facts.account
        self.texts = originals(self.language) | {name: own for name, own in facts.texts.items() if own}
        self._view_items(facts.items, {one.section: one for one in facts.rest})
        self._view_report()
        self._view_troubles()

    def _view_items(self, items: tuple[LetterItem, ...], rest: Mapping[LetterSection, Rest]) -> None:
        self.items, self.rest = items, rest
        self.sections = _sections(list(enumerate(items, 1)), rest)
        self.counts = [
            (section, count_items([item for _, item in members]) + (rest[section].count if section in rest else 0))
            for section, members in self.sections
        ]
        self.one_event = {
            section: event for section, members in self.sections if (event := _one_event(members, rest.get(section)))
        }
        self.item_count = len(items) + sum(one.count for one in rest.values())
        self.task_count = len({item.task_id for item in items}) + self.facts.more_tasks
        self.is_drill = self.facts.is_drill or any(item.is_drill for item in items)
        self.is_copy = bool(items) and all(item.role in _COPIED for item in items)
        self.all_mine = all(map(self.is_mine, items))
        self.only_new = all(section in NEW_TASKS for section, _members in self.sections)
        self.only_news = all(section is LetterSection.NEWS for section, _members in self.sections)
        self.only_asked = all(section in _PUT_BEFORE for section, _members in self.sections)
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
        self.undated_count = sum(item.due_at is None for item in items) + sum(one.undated for one in rest.values())
        self.calendars = [item for item in items if has_calendar(item)]
        self.cancelled = all(ics.method(item) == "CANCEL" for item in self.calendars)
        late = [item for item in items if item.section is LetterSection.OVERDUE]
        self.overdue_count = len(late) + (rest[LetterSection.OVERDUE].count if LetterSection.OVERDUE in rest else 0)
        self.others_count = len(items) - len(late)
        self.late_units_count = len({item.lead_unit for item in late})
        self.least_late = min(
            (int(abs(item.hours_left)) if item.hours_left is not None else abs(item.days_left or 0) for item in late),
            default=0,
        )

    def _view_report(self) -> None:
        """See the units of a compiled report by how their reports stand, in the order given."""
        self.compiled = self.facts.compiled
        self.collected: dict[str, list[CollectedItem]] = {name: [] for name in _CAME}
        for one in self.compiled.units if self.compiled else ():
            self.collected[one.came].append(one)
        self.sent_count = len(self.collected["on_time"]) + len(self.collected["late"])

    def _view_troubles(self) -> None:
        """See the troubles of an alert: what is still wrong first, then what is over."""
        self.troubles = sorted(
            (read_trouble(one, self.language) for one in self.facts.alerts),
            key=lambda one: (one.ended is not None, one.since),
        )
        self.trouble_kinds = list(dict.fromkeys(one.kind for one in self.troubles))
        self.trouble_count = len(self.troubles) + self.facts.more_alerts
        self.ended_count = sum(one.ended is not None for one in self.troubles)

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
        """Neighbours that differ by their unit alone, where the recipient only watches; everything else by itself.

        What the same letters told stands together, however little it is.
        """
        found: list[list[Numbered]] = []
        for _share, group in groupby(members, key=self._share):
            pairs = list(group)
            together = len(pairs) >= _BUNDLE_FROM or pairs[0][1].unsent
            found += [pairs] if together else [[pair] for pair in pairs]
        return found

    def _share(self, pair: Numbered) -> tuple[object, ...]:
        number, item = pair
        if item.unsent:
            return item.unsent
        if self.is_mine(item) or item.section not in _BUNDLED or item.waiting_for == "decision":
            return (number,)
        dates = (item.due_at, item.original_due_at, item.due_reason, item.due_facts)
        return item.directive, item.duty_path, item.occurrence, item.follow_up_name, *dates


def has_calendar(item: LetterItem) -> bool:
    """Return whether the item's date comes along as a file."""
    return item.attach_calendar and item.due_at is not None


def _sections(
    numbered: Sequence[Numbered], rest: Mapping[LetterSection, Rest]
) -> list[tuple[LetterSection, list[Numbered]]]:
    """Return the items by section, in their order; a section of which everything is only counted has none."""
    found = {section: list(members) for section, members in groupby(numbered, key=lambda pair: pair[1].section)}
    counted = [section for section in rest if section not in found]
    if not counted:
        return list(found.items())
    return [(section, found.get(section, [])) for section in LetterSection if section in found or section in rest]


def _one_event(members: Sequence[Numbered], rest: Rest | None) -> str | None:
    """Return the event that all of a section tells, None where there are several or it tells of none."""
    events = {item.event for _number, item in members} | ({rest.event} if rest else set())
    return events.pop() if len(events) == 1 else None


def _distinct_follow_ups(items: Sequence[LetterItem]) -> list[LetterItem]:
    """Return one item for each person who follows tasks up: a single one signs the letter."""
    found: dict[tuple[str, str, str], LetterItem] = {}
    for item in items:
        if item.follow_up_name or item.follow_up_unit:
            found.setdefault((item.follow_up_name, item.follow_up_phone, item.follow_up_unit), item)
    return list(found.values())
