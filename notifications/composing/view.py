"""What the templates of one letter see: its items numbered, counted, and questions to ask of an item."""

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

from models.text.localtime import due_date, local_date
from notifications.composing.facts import CollectedItem, Item, LetterFacts, Rest, Section
from notifications.composing.item_order import ASKING, MOST_NAMED, count_items, is_mine
from notifications.composing.troubles import read_trouble

_COPIED = frozenset({"deputy", "focal_point", "parent_organisation"})
STOOD_DOWN = "incident_stood_down"
_ENDED = frozenset({STOOD_DOWN, "withdrawn"})
_CLOSED = _ENDED | {"approved", "received"}
_CAME = ("missing", "late", "returned", "not_due", "on_time")
_NEW = frozenset({Section.ASSIGNED, Section.COORDINATING})
_PUT_BEFORE = frozenset({Section.DECIDE, Section.NEWS})
_BUNDLED = frozenset({Section.DUE_TODAY, Section.DUE_SOON, Section.SET_DATE, Section.OPEN})
_BUNDLE_FROM = 3
"""So many units with the same share of a duty are told of together, to whoever follows them up."""

Numbered = tuple[int, Item]


def view(facts: LetterFacts) -> dict[str, Any]:
    """Return the names templates may use, beside `write` (wording.py) and the words they import."""
    items = list(facts.items)
    numbered = list(enumerate(items, 1))
    rest = {one.section: one for one in facts.rest}
    sections = _sections(numbered, rest)
    follow_ups = _distinct_follow_ups(items)
    dated = sorted(item.due_at for item in items if item.due_at)
    own = {id(item): is_mine(facts, item) for item in items}
    return {
        "facts": facts,
        "account": facts.account,
        "compiled": facts.compiled,
        "texts": facts.texts,
        "to": facts.recipient,
        "language": facts.recipient.language,
        "items": items,
        "sections": sections,
        "rest": rest,
        "counts": [
            (section, count_items([item for _, item in members]) + (rest[section].count if section in rest else 0))
            for section, members in sections
        ],
        "item_count": len(items) + sum(one.count for one in facts.rest),
        "task_count": len({item.task_id for item in items}) + facts.more_tasks,
        "is_drill": facts.is_drill or any(item.is_drill for item in items),
        "is_copy": bool(items) and all(item.role in _COPIED for item in items),
        "all_mine": all(own.values()),
        "is_mine": lambda item: own.get(id(item), False),
        "is_late": _is_late,
        "told_at_length": MOST_NAMED,
        "is_closed": lambda item: item.event in _CLOSED,
        "only_new": all(section in _NEW for section, _members in sections),
        "only_news": all(section is Section.NEWS for section, _members in sections),
        "only_asked": all(section in _PUT_BEFORE for section, _members in sections),
        "one_event": {
            section: event for section, members in sections if (event := _one_event(members, rest.get(section)))
        },
        "bundles": lambda members: _bundles(members, own),
        "is_moved": lambda item: item.due_at and item.original_due_at and item.due_at != item.original_due_at,
        "is_today": lambda item: item.due_at and due_date(item.due_at) == local_date(facts.slot),
        "by_directive": _by_directive,
        "follow_ups": follow_ups,
        "several_follow_ups": len(follow_ups) > 1,
        "duty_paths": list(dict.fromkeys(item.duty_path for item in items)),
        "directives": list(dict.fromkeys(item.directive for item in items)),
        "nearest": dated[0] if dated else None,
        "several_dates": len(set(dated)) > 1 or 0 < len(dated) < len(items),
        "by_the_hour": any(item.hours_left is not None for item in items),
        "is_asking": any(item.section is Section.DECIDE or item.event in ASKING for item in items),
        "is_stood_down": all(item.event == STOOD_DOWN for item in items),
        "is_ended": all(item.event in _ENDED for item in items),
        **_lateness(items, rest),
        **_troubles(facts),
        **_collected(facts),
    }


def _collected(facts: LetterFacts) -> dict[str, Any]:
    """Return a compiled report's: the units by how their reports stand, in the order given."""
    by: dict[str, list[CollectedItem]] = {name: [] for name in _CAME}
    for one in facts.compiled.units if facts.compiled else ():
        by[one.came].append(one)
    return {"collected": by, "sent_count": len(by["on_time"]) + len(by["late"])}


def _troubles(facts: LetterFacts) -> dict[str, Any]:
    """Return an alert's: what is still wrong first, then what is over."""
    troubles = sorted(
        (read_trouble(one, facts.recipient.language) for one in facts.alerts),
        key=lambda one: (one.ended is not None, one.since),
    )
    return {
        "troubles": troubles,
        "trouble_kinds": list(dict.fromkeys(one.kind for one in troubles)),
        "trouble_count": len(troubles) + facts.more_alerts,
        "ended_count": sum(one.ended is not None for one in troubles),
    }


def _bundles(members: Sequence[Numbered], own: Mapping[int, bool]) -> list[list[Numbered]]:
    """Neighbours that differ by their unit alone, where the recipient only watches; everything else by itself.

    What the same letters told stands together, however little it is.
    """

    def share(pair: Numbered) -> tuple[Any, ...]:
        item = pair[1]
        if item.unsent:
            return item.unsent
        alone = own.get(id(item), False) or item.section not in _BUNDLED or item.waiting_for == "decision"
        dates = (item.due_at, item.original_due_at, item.due_reason, item.due_facts)
        duty = (item.directive, item.duty_path, item.occurrence, item.follow_up_name)
        return (id(item),) if alone else (*duty, *dates)

    found: list[list[Numbered]] = []
    for _share, group in groupby(members, key=share):
        pairs = list(group)
        together = len(pairs) >= _BUNDLE_FROM or pairs[0][1].unsent
        found += [pairs] if together else [[pair] for pair in pairs]
    return found


def _sections(numbered: Sequence[Numbered], rest: Mapping[Section, Rest]) -> list[tuple[Section, list[Numbered]]]:
    """Return the items by section, in their order; a section of which everything is only counted has none."""
    found = {section: list(members) for section, members in groupby(numbered, key=lambda pair: pair[1].section)}
    counted = [section for section in rest if section not in found]
    if not counted:
        return list(found.items())
    return [(section, found.get(section, [])) for section in Section if section in found or section in rest]


def _one_event(members: Sequence[Numbered], rest: Rest | None) -> str | None:
    """Return the event that all of a section tells, None where there are several or it tells of none."""
    events = {item.event for _number, item in members} | ({rest.event} if rest else set())
    return events.pop() if len(events) == 1 else None


def _lateness(items: Sequence[Item], rest: Mapping[Section, Rest]) -> dict[str, int]:
    late = [item for item in items if item.section is Section.OVERDUE]
    by_how_much = [
        int(abs(item.hours_left)) if item.hours_left is not None else abs(item.days_left or 0) for item in late
    ]
    return {
        "overdue_count": len(late) + (rest[Section.OVERDUE].count if Section.OVERDUE in rest else 0),
        "undated_count": sum(item.due_at is None for item in items) + sum(one.undated for one in rest.values()),
        "late_units_count": len({item.lead_unit for item in late}),
        "least_late": min(by_how_much, default=0),
        "others_count": len(items) - len(late),
    }


def _is_late(item: Item) -> bool:
    if item.event in _CLOSED:
        return False
    return item.section is Section.OVERDUE or (item.days_left or 0) < 0 or (item.hours_left or 0) < 0


def _by_directive(numbered: Sequence[Numbered]) -> list[list[Numbered]]:
    groups: dict[str, list[Numbered]] = {}
    for number, item in numbered:
        groups.setdefault(item.directive, []).append((number, item))
    return list(groups.values())


def _distinct_follow_ups(items: Sequence[Item]) -> list[Item]:
    """Return one item for each person who follows tasks up: a single one signs the letter."""
    found: dict[tuple[str, str, str], Item] = {}
    for item in items:
        if item.follow_up_name or item.follow_up_unit:
            found.setdefault((item.follow_up_name, item.follow_up_phone, item.follow_up_unit), item)
    return list(found.values())
