"""What was read from words that a scan shows unclearly: it is less sure, and waits for somebody to see the picture."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import fields, replace
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from typing import Any, TypeVar
from uuid import UUID

from models.errors import BadInput
from models.i18n import Words, _
from models.intake.intake import Intake, ProposedDuty
from models.words import duty_words
from workflows.intake.files.characters.syllables import is_syllable
from workflows.intake.files.scans.read_scan import DoubtfulWord
from workflows.intake.files.scans.scanned_words import Box
from workflows.intake.text.reading import (
    BlockKind,
    Deadline,
    DocumentHeading,
    ReadDuty,
    Reading,
    ReadingReason,
    Span,
    TextFinding,
)

LEFT_UNREAD = "unread"
"""The field of a passage or page of the document that was left unread."""
NUMBERS = "unclear"
"""The field of a number in a duty that a scan shows unclearly and that is part of nothing that was read."""
MOST_SURE = 0.85
"""No finding that touches a doubtful word is surer: 0.9 and above is what nobody need look at."""
HELD = ("number", "issued_on", "issuer", "deadlines", "addressees", "lead", "coordinating", "reports_to", "supervisor")
"""Such findings are never taken silently from a doubtful word; `NUMBERS` neither."""
_NEAR = 24
_HEAD_LINES, _LONGEST = 30, 80
_NUMBER_LINE = re.compile(r"\s*S[^\W\d_]{1,2}\s*:?\s.*[/-][A-ZĐ]{2,}")
_DAY_LINE = re.compile(r"^[^\d]{2,40}\bng[àa]y\b.*\bth[áa]ng\b.*\bn[ăa]m\b", re.IGNORECASE)
_LOOKS_NUMBER = re.compile(r"\d|^[IVXHl|]{1,4}\b")
_OF_TIME = re.compile(r"\b(?:ngày|tháng|quý|năm|tuần|trước|giờ)\W*$", re.IGNORECASE)
Part = TypeVar("Part", DocumentHeading, ReadDuty)


def unclear_words(facts: dict[str, Any] | None) -> list[DoubtfulWord]:
    """A document that was no scan has none."""
    return [DoubtfulWord(*one) for one in (facts or {}).get("doubtful", [])]


def lines_at(facts: dict[str, Any] | None, begins: int, ends: int) -> tuple[int, Box] | None:
    """Return the page (from 0) and the box of the printed lines in which characters of the text stand."""
    lines = [one for one in (facts or {}).get("lines", []) if one[0] < ends and begins < one[1]]
    lines = [one for one in lines if one[2] == lines[0][2]]
    if not lines:
        return None
    return int(lines[0][2]), (
        min(one[3] for one in lines),
        min(one[4] for one in lines),
        max(one[5] for one in lines),
        max(one[6] for one in lines),
    )


def place_words(text: str, facts: dict[str, Any] | None, finding: dict[str, Any]) -> Words:
    """Return where a stored finding stands, for somebody who looks for it: pages of a scan, else a line of the text."""
    if "page" in finding:
        return Words(_("page {page}"), page=finding["page"] + 1)
    begins, ends = finding["begins"], finding["ends"]
    first, last = lines_at(facts, begins, begins + 1), lines_at(facts, ends - 1, ends)
    if first is None or last is None:
        return Words(_("line {line}"), line=text.count("\n", 0, begins) + 1)
    if first[0] == last[0]:
        return Words(_("page {page}"), page=first[0] + 1)
    return Words(_("pages {first} to {last}"), first=first[0] + 1, last=last[0] + 1)


def unread_pages(reading: Reading, text: str, facts: dict[str, Any] | None) -> list[dict[str, Any]]:
    """Return a finding for each page of a scan that was not read, or gave neither a heading nor a duty."""
    told = [
        store_finding(LEFT_UNREAD, "", at, at, 1.0, ReadingReason(reason)) | {"page": page}
        for page, at, reason in (facts or {}).get("unread", ())
    ]
    for page, lines in groupby((facts or {}).get("lines", ()), key=itemgetter(2)):
        places = [Span(begins, ends) for begins, ends, *_place in lines]
        span = Span(min(place.start for place in places), max(place.end for place in places))
        met = (block.kind for block in reading.blocks if block.span.start < span.end and span.start < block.span.end)
        if _GIVES.isdisjoint(met):
            one = TextFinding.unread(text, span, ReadingReason.PAGE_WITHOUT_DUTIES)
            told.append(store_finding(LEFT_UNREAD, one.value, span.start, span.end, 1.0, one.reason) | {"page": page})
    return sorted(told, key=itemgetter("page"))


_GIVES = {
    BlockKind.LETTERHEAD,
    BlockKind.TITLE,
    BlockKind.HEADING,
    BlockKind.DUTY,
    BlockKind.TABLE_ROW,
    BlockKind.RECIPIENTS,
    BlockKind.SIGNATURE,
}
"""What a page has that is no page of mere words."""


def less_sure(reading: Reading, words: Sequence[DoubtfulWord]) -> Reading:
    """Return a reading in which no finding is surer than the doubtful words of a scan that it was read from."""
    if not words:
        return reading

    def lower(one: Any) -> Any:
        return _less_sure(one, words)

    return replace(
        reading,
        heading=_each(reading.heading, lower),
        addressees=tuple(map(lower, reading.addressees)),
        duties=tuple(_each(duty, lower) for duty in reading.duties),
    )


def _each(part: Part, lower: Callable[[Any], Any]) -> Part:
    changed: dict[str, Any] = {}
    for field in fields(part):
        value = getattr(part, field.name)
        if isinstance(value, TextFinding):
            changed[field.name] = lower(value)
        elif isinstance(value, tuple) and value and isinstance(value[0], TextFinding):
            changed[field.name] = tuple(map(lower, value))
    return replace(part, **changed)


def _less_sure(one: TextFinding, words: Sequence[DoubtfulWord]) -> TextFinding:
    touched = unclear_at(words, one.span.start, one.span.end)
    if not touched:
        return one
    sure = min(one.confidence, MOST_SURE, *(word.confidence for word in touched))
    if isinstance(one, Deadline):
        return replace(one, confidence=sure, doubt=one.doubt or ReadingReason.UNCLEAR)
    return replace(one, confidence=sure)


def unclear_at(words: Iterable[DoubtfulWord], begins: int, ends: int) -> list[DoubtfulWord]:
    """Return the doubtful words that stand between two characters, in part or whole."""
    return [word for word in words if word.begins < ends and begins < word.ends]


def store_finding(
    field: str, value: str, begins: int, ends: int, confidence: float, reason: ReadingReason
) -> dict[str, Any]:
    return {
        "field": field,
        "value": value,
        "begins": begins,
        "ends": ends,
        "confidence": confidence,
        "reason": reason.value,
    }


def marked(findings: list[dict[str, Any]], text: str, words: Sequence[DoubtfulWord]) -> list[dict[str, Any]]:
    """Return findings as they are stored, each with the doubtful words that it was read from."""
    told = []
    for one in findings:
        touched = unclear_at(words, one["begins"], one["ends"])
        if touched and one["field"] in HELD:
            said = [text[word.begins : word.ends] for word in touched]
            one = one | {"unclear": said, "doubt": one.get("doubt", ReadingReason.UNCLEAR.value)}
        told.append(one)
    return told


def unread_numbers(
    text: str, span: Span, findings: Sequence[dict[str, Any]], words: Sequence[DoubtfulWord]
) -> list[dict[str, Any]]:
    """Return a finding for each doubtful number of a duty that is part of no other: it may have been a date."""
    told = []
    for word in unclear_at(words, span.start, span.end):
        said = text[word.begins : word.ends]
        is_timed = _OF_TIME.search(text[max(0, word.begins - _NEAR) : word.begins])
        is_number = _LOOKS_NUMBER.search(said) or (is_timed and not (len(said) > 1 and is_syllable(said)))
        taken = any(one["begins"] < word.ends and word.begins < one["ends"] for one in findings)
        if is_number and not taken and word.begins > span.start:
            sure = min(MOST_SURE, word.confidence)
            one = store_finding(NUMBERS, said, word.begins, word.ends, sure, ReadingReason.UNCLEAR)
            told.append(one | {"unclear": [said]})
    return told


def unread_head(text: str, findings: list[dict[str, Any]], words: Sequence[DoubtfulWord]) -> list[dict[str, Any]]:
    """Return the findings of a head, and for a line of number or of place and day that is unclear one of its own.

    Handwriting is read as anything: what was then taken from elsewhere, such as a date in the subject, waits as well.
    """
    told = list(findings)
    at = 0
    for line in text.split("\n")[:_HEAD_LINES]:
        begins, at = at, at + len(line) + 1
        field = "number" if _NUMBER_LINE.match(line) else "issued_on" if _DAY_LINE.search(line) else ""
        touched = unclear_at(words, begins, begins + len(line))
        if not field or not touched or len(line) > _LONGEST:
            continue
        said = [text[word.begins : word.ends] for word in touched]
        held = {"unclear": said, "doubt": ReadingReason.UNCLEAR.value}
        mine = [one for one in told if one["field"] == field]
        for one in mine:
            one |= {"confidence": min(MOST_SURE, one["confidence"])} | held | {"unclear": one.get("unclear", said)}
        if not any(begins <= one["begins"] < begins + len(line) for one in mine):
            sure, ends = min(word.confidence for word in touched), begins + len(line)
            told.append(store_finding(field, line.strip(), begins, ends, sure, ReadingReason.UNCLEAR) | held)
    return told


def unseen(findings: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the findings from doubtful words that nobody has compared with the picture."""
    return [one for one in findings if one.get("unclear") and "seen" not in one]


def refuse_unseen(duty: ProposedDuty) -> None:
    """Raise BadInput, with the words, where something was read unclearly that nobody has compared with the picture."""
    waiting = unseen(duty.findings)
    if waiting:
        raise BadInput(
            "{duty}: the scan shows these words unclearly: {words}; compare each with its picture, correct the field"
            " if it is wrong, and say that you have compared it",
            duty=duty_words(duty.path),
            words=[f"“{one['value']}”" for one in waiting],
        )


def refuse_unseen_head(intake: Intake) -> None:
    """Raise BadInput where number, date or issuer were read unclearly and nobody has compared them."""
    waiting = unseen(intake.findings)
    if waiting:
        raise BadInput(
            "the document itself: the scan shows these words unclearly: {words}; compare each with its picture,"
            " correct the field if it is wrong, and say that you have compared it",
            words=[f"“{one['value']}”" for one in waiting],
        )


def see_words(
    intake: Intake, duties: Iterable[ProposedDuty], begins: int, ends: int, *, person_id: UUID, now: datetime
) -> None:
    """Record that somebody has compared the words at a place with the picture: for all that was read from them."""
    seen = {"by": person_id.hex, "at": now.isoformat()}
    parts: list[Intake | ProposedDuty] = [intake, *duties]
    for part in parts:
        if any(one["begins"] == begins and one["ends"] == ends for one in unseen(part.findings)):
            part.findings = [
                one | {"seen": seen} if one.get("unclear") and (one["begins"], one["ends"]) == (begins, ends) else one
                for one in part.findings
            ]
