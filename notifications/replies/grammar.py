"""Recognises the few phrases with which a reply asks for an action (docs/replies.md). All else is a message.

Phrases count in both languages, with or without diacritics, in any case. They count only at the beginning of a reply,
or directly after another action: a sentence about progress asks for nothing. If a message looks like an action, the
result also names the action that it may have meant.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from models.replies.reply import MESSAGE


@dataclass(frozen=True)
class Wish:
    """What a reply or a part of it asks for."""

    action: str  # the code of an action, or MESSAGE
    given: dict[str, str] = field(default_factory=dict)  # the values that the action takes
    number: int | None = None  # of the task in the letter, if the reply names one (“#2”)
    unclear: bool = False  # it looks like the action but lacks something, which a page asks for
    meant: "Wish | None" = None  # the action that a message may mean
    text: str = ""


_NUMBER = re.compile(r"(?:#|(?:mục|muc|việc|viec|task|item) số |no\. ?)(\d{1,3})\b[ \t.:,)\-–]*", re.IGNORECASE)
_DASHES = dict.fromkeys(map(ord, "–—‒−"), "-")
# These patterns match a copy of the text without diacritics, which has the same length.
_WHO = r"(?:don vi|chung toi|chung em|toi|em|co quan|cong ty|phong|ban|trung tam|so|vu|cuc)"
_SPEAKER = rf"(?:(?:da|vang|ok|okay),? )?(?:(?:{_WHO}(?: chung toi| chung em| toi| em)?|we|i) )?"
_POLITE = r"(?: roi| a| nhe)*"
_ACCEPT = re.compile(
    rf"{_SPEAKER}(?:da |xin )?(?:tiep nhan(?: duoc)?|nhan nhiem vu|nhan viec){_POLITE}\b|{_SPEAKER}accept(?:ed)?\b"
)
_PERCENT = r"(\d{1,3})\s*(?:%|phan tram|percent\b)"
_PROGRESS = re.compile(
    rf"{_SPEAKER}(?:(?:xin )?bao cao )?(?:tien do|progress|status)"
    r"(?: thuc hien| cong viec| nhiem vu| hien nay| hien tai| den nay| chung| of work)*\s*:?\s*"
    rf"(?:(?:da|hien|hien nay|la|khoang|uoc|dat|dat duoc|at|is|about)\s+)*{_PERCENT}"
    rf"|{_SPEAKER}(?:den nay |hien )?(?:da |moi )?(?:hoan thanh|thuc hien|lam)(?: duoc| dat)?(?: khoang)? {_PERCENT}"
)
_RESULT = re.compile(
    rf"{_SPEAKER}(?:(?:xin |kinh )?(?:(?:gui |nop |trinh )(?:bao cao )?ket qua|bao cao ket qua)(?: thuc hien)?|"
    r"ket qua thuc hien|bao cao hoan thanh|da hoan thanh|(?:final )?results?|report of (?:the )?result)\b"
)
_EXTENSION = re.compile(
    rf"{_SPEAKER}(?:(?:xin|de nghi|kinh de nghi|mong|cho|duoc|phep|don vi|chung toi) )*gia han\b(?: them)?"
    rf"(?: thoi han| thoi gian| han)?|{_SPEAKER}(?:ask for |request )?(?:an )?extension\b|more time\b"
)
_OBSTACLE = re.compile(
    rf"{_SPEAKER}(?:co |bao cao |gap )?(?:kho khan,? ?(?:va )?vuong mac|vuong mac|kho khan)\b|"
    r"obstacles?\b|difficult(?:y|ies)\b"
)
_DATE = r"(\d{1,2})(?:[/.-]| thang )(\d{1,2})(?:(?:[/.-]| nam )(\d{4}|\d{2}))?\b"
_UNTIL = re.compile(rf"\s*(?:(?:them )?den|toi|sang|until|till|to|by)?\s*(?:het )?(?:ngay )?{_DATE}")
_UNTIL_LATER = re.compile(rf"[^\n;:]{{0,80}}?\b(?:den|toi|sang|het|ngay|until|till|to|by) (?:het )?(?:ngay )?{_DATE}")
_DOCUMENT = re.compile(
    r"\s*[:\-]?\s*(?:so|number|no\.?)\s*:?\s*([0-9][^\s,;]{0,60}?)[,;]?(?:\s+(?:ngay|dated|of|date)\s*:?\s*(\d{1,2})[/.-](\d{1,2})[/.-](\d{4}))?(?=$|[\s.,;:])"
)
_GREETING = re.compile(r"(?:kinh gui|kinh thua|thua|chao|dear|hello|hi)\b(?:[^\n]{0,120}\n|[^\n,]{0,80},)\s*")
_REASON = re.compile(r"(?:vi )?(?:ly do|reason|because)\b[\s:]*|vi\b[\s:]*")
_AFTER = re.compile(r"[\s:;,.\-–—]+")
# A further action may begin with a line, with a sentence, or after a conjunction.
_FURTHER = re.compile(r"\n\s*|[.;!]\s+|,\s+|\s+(?:va|dong thoi|and|also)\s+")
_AND = re.compile(r" (?:va|dong thoi|and|also)\b")
_JOINS = re.compile(r"(?:[\s.,;!]|\bva\b|\bdong thoi\b|\band\b|\balso\b)+\Z")
_NOT = r"(?<!chua )(?<!khong )(?<!not )(?<!no )"
_LONGEST_BEGINNING = 400
"""The length of the text that is examined to recognise an action."""
_LOOKS_LIKE = (
    (
        "ask-extension",
        re.compile(rf"\b{_NOT}(?:gia han|lui (?:thoi )?han|them thoi gian|extension|extend|more time)\b"),
    ),
    (
        "submit",
        re.compile(
            rf"\b{_NOT}(?:(?:gui|nop|trinh|kem)\b[^\n]{{0,60}}\b(?:ket qua|bao cao)|bao cao ket qua|"
            r"(?:da|vua) (?:hoan thanh|lam xong|thuc hien xong)|"
            r"(?:attached|herewith|submit)\b[^\n]{0,60}\b(?:result|report))"
        ),
    ),
    (
        "raise-obstacle",
        re.compile(
            rf"\b{_NOT}(?:gap|dang co|con co|con nhieu)\b[^\n]{{0,30}}\b(?:kho khan|vuong mac)|"
            rf"\bkho khan,? (?:va )?vuong mac|\b{_NOT}(?:met|have|face)\b[^\n]{{0,20}}\b(?:obstacle|difficult)"
        ),
    ),
    ("progress", re.compile(r"\b\d{1,3}\s*(?:%|phan tram\b|percent\b)")),
    (
        "accept",
        re.compile(
            rf"\b{_NOT}(?:da|xin) (?:tiep nhan|nhan (?:duoc|thu|van ban|chi dao|nhiem vu|viec|thong tin|nhiem))|"
            rf"\b{_NOT}(?:received|acknowledged|we accept the task)\b"
        ),
    ),
)
"""Actions that a message may mean, by its words. The first that fits counts."""


def read_wishes(text: str, today: date) -> list[Wish]:
    """Return the actions that a sender's own words ask for, in their order, or the whole text as one message.

    `today` is the sender's local day. It completes dates without a year.
    """
    text = unicodedata.normalize("NFC", text).strip()
    _number, body = _split_number(text)
    if greeting := _GREETING.match(_without_marks(body)):
        after_greeting = body[greeting.end() :]
        if after_greeting.strip():
            text = text[: len(text) - len(body)] + after_greeting
    actions = list(_find_actions(text, today))
    if actions and actions[0][0] == 0:
        return _split_actions(text, [start for start, _wish in actions], today)
    number, body = _split_number(text)
    meant = None
    if actions:
        own_number, action_text = _split_number(text[actions[0][0] :])
        wish = _read(action_text, today)
        meant = replace(wish, number=number if own_number is None else own_number, unclear=True)
    elif not body.endswith("?"):
        meant = _guess_meaning(body, today)
    return [Wish(MESSAGE, {"text": body}, number, meant=meant, text=body)]


def _find_actions(text: str, today: date) -> Iterator[tuple[int, Wish]]:
    """Yield each action with the position where it begins, one of each kind for each task named."""
    plain = _without_marks(text)
    known: set[tuple[int | None, str]] = set()
    number = None
    for start in (0, *(match.end() for match in _FURTHER.finditer(plain))):
        own_number, body = _split_number(text[start : start + _LONGEST_BEGINNING])
        wish = _read(body, today)
        number = number if own_number is None else own_number
        is_joined = start > 0 and plain[start - 1] not in "\n" and plain[:start].rstrip()[-1:] not in ".;!"
        if wish.action == MESSAGE or (is_joined and wish.action == "submit" and "number" not in wish.given):
            continue
        if (number, wish.action) not in known:
            known.add((number, wish.action))
            yield start, replace(wish, number=number)


def _split_actions(text: str, starts: Sequence[int], today: date) -> list[Wish]:
    """Return each action with its own text, which ends where the next action begins."""
    wishes: list[Wish] = []
    number = None
    for start, end in zip(starts, [*starts[1:], len(text)], strict=True):
        part = text[start:end]
        if end < len(text) and (joint := _JOINS.search(_without_marks(part))):
            part = part[: len(part) - len(joint[0])]
        own_number, body = _split_number(part.strip())
        number = number if own_number is None else own_number
        wishes.append(replace(_read(body, today), number=number, text=part.strip()))
    return wishes


def _split_number(text: str) -> tuple[int | None, str]:
    """Split off the number of a task at the beginning of a text."""
    match = _NUMBER.match(text)
    return (int(match[1]), text[match.end() :].strip()) if match else (None, text)


def _guess_meaning(text: str, today: date) -> Wish | None:
    """Return the action that a message may mean, with its words as the note."""
    plain = _without_marks(text)
    action = next((action for action, pattern in _LOOKS_LIKE if pattern.search(plain)), None)
    if action is None:
        return None
    arguments = _note(text)
    if action == "ask-extension" and (match := re.search(_DATE, plain)) and (day := _matched_day(match, today)):
        arguments = {"due": day.isoformat(), **arguments}
    return Wish(action, arguments, unclear=True)


def _read(text: str, today: date) -> Wish:
    plain = _without_marks(text)
    if match := _EXTENSION.match(plain):
        return _read_extension(text, plain, match.end(), today)
    if match := _PROGRESS.match(plain):
        return _read_progress(text, int(match[1] or match[2]), match.end())
    if match := _RESULT.match(plain):
        return _read_result(text, plain, match.end())
    if match := _OBSTACLE.match(plain):
        if not re.match(r"\s*[:\-]", plain[match.end() :]):
            return Wish(MESSAGE, {"text": text})  # "khó khăn lắm mới …" tells a story
        note = _text_after(text, match.end())
        return Wish("raise-obstacle", _note(note), unclear=not note)
    if (match := _ACCEPT.match(plain)) and (_ends_here(plain, match.end()) or _AND.match(plain, match.end())):
        return Wish("accept", _note(_text_after(text, match.end())))
    return Wish(MESSAGE, {"text": text})


def _read_progress(text: str, percent: int, end: int) -> Wish:
    """Return a progress report. Its comment begins with the figure, as comments in the history do."""
    if percent > 100:
        return Wish("progress", _note(text), unclear=True)
    comment = _text_after(text, end)
    return Wish("progress", {"note": f"{percent}%: {comment}" if comment else f"{percent}%"})


def _read_result(text: str, plain: str, end: int) -> Wish:
    arguments: dict[str, str] = {}
    if match := _DOCUMENT.match(plain, end):
        arguments["number"] = text[match.start(1) : match.end(1)]
        if match[2] and (day := _day(match[2], match[3], match[4])):
            arguments["date"] = day.isoformat()
        end = match.end()
    elif not _ends_here(plain, end):
        return Wish(MESSAGE, {"text": text})  # "kết quả thực hiện còn chậm vì …" only tells about a result
    return Wish("submit", arguments | _note(_text_after(text, end)))


def _read_extension(text: str, plain: str, end: int, today: date) -> Wish:
    match = _UNTIL.match(plain, end)
    if match is None:
        later = _UNTIL_LATER.match(plain, end)
        day = _matched_day(later, today) if later else None
        reason = _text_after(text, end)
    else:
        day = _matched_day(match, today)
        reason = _text_after(text, match.end())
        if introduction := _REASON.match(_without_marks(reason)):
            reason = reason[introduction.end() :]
    arguments = ({"due": day.isoformat()} if day else {}) | _note(reason)
    return Wish("ask-extension", arguments, unclear=match is None or day is None or not reason)


def _matched_day(match: re.Match[str], today: date) -> date | None:
    """Return the day that `_DATE` matched. Without a year it is the next such day from today on."""
    if match[3]:
        return _day(match[1], match[2], match[3])
    days = [_day(match[1], match[2], str(year)) for year in (today.year, today.year + 1)]
    return next((day for day in days if day is not None and day >= today), None)


def _day(day: str, month: str, year: str) -> date | None:
    try:
        return date(int(year) + (2000 if len(year) == 2 else 0), int(month), int(day))
    except ValueError:
        return None


def _ends_here(plain: str, end: int) -> bool:
    """Return whether a phrase ends with its line or clause."""
    return re.match(r"[ \t]*(?:$|[\n.,:;!\-(]|nhiem vu|viec|cong viec|the task|task)", plain[end:]) is not None


def _text_after(text: str, end: int) -> str:
    following = text[end:]
    punctuation = _AFTER.match(following)
    return following[punctuation.end() if punctuation else 0 :].strip()


def _note(text: str) -> dict[str, str]:
    return {"note": text} if text else {}


def _without_marks(text: str) -> str:
    """Return the text in lower case without diacritics. It keeps its length, so that positions fit both."""
    return "".join(map(_plain_character, text)).translate(_DASHES)


def _plain_character(char: str) -> str:
    if char in "đĐ":
        return "d"
    base = unicodedata.normalize("NFD", char)[0].lower()
    return base if len(base) == 1 else char
