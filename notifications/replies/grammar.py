"""The few words with which a reply asks for an act (docs/replies.md). Everything else is a message.

Words count with or without their marks, in small or capital letters, in either language, and only at the beginning, or
where a further act follows one: a sentence that speaks of progress asks for nothing. Of a message that looks like an
act, what it may have meant is told.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from models.replies.reply import MESSAGE


@dataclass(frozen=True)
class Wish:
    """What a reply, or a part of it, asks for: an action of the lifecycle by its code, or a message; with what it
    takes, as text.

    `number`: of the task in the letter, where the reply names one (“#2”). `unclear`: it began as an act and could not
    be read as one: the page asks for what is missing. `meant`: the act that a message may be. `text`: the words.
    """

    action: str
    given: dict[str, str] = field(default_factory=dict)
    number: int | None = None
    unclear: bool = False
    meant: "Wish | None" = None
    text: str = ""


_NUMBER = re.compile(r"(?:#|(?:mục|muc|việc|viec|task|item) số |no\. ?)(\d{1,3})\b[ \t.:,)\-–]*", re.IGNORECASE)
_DASHES = dict.fromkeys(map(ord, "–—‒−"), "-")
# each is matched against the text without marks, which is as long as the text itself, letter by letter
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
# where a further act may begin: a line, a sentence, or what is joined to the act before
_FURTHER = re.compile(r"\n\s*|[.;!]\s+|,\s+|\s+(?:va|dong thoi|and|also)\s+")
_AND = re.compile(r" (?:va|dong thoi|and|also)\b")
_JOINS = re.compile(r"(?:[\s.,;!]|\bva\b|\bdong thoi\b|\band\b|\balso\b)+\Z")
_NOT = r"(?<!chua )(?<!khong )(?<!not )(?<!no )"
_LONGEST_BEGINNING = 400
"""Characters of a part that are looked at to tell whether it begins an act."""
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
"""Words of a message that may have meant an act, in the order in which they are looked for."""


def read_wishes(text: str, today: date) -> list[Wish]:
    """Return what a sender's own words ask for: each act of them, in their order, or the whole as one message.

    `today`: their local day, for a date without a year.
    """
    words = unicodedata.normalize("NFC", text).strip()
    _number, begun = _numbered(words)
    if found := _GREETING.match(_without_marks(begun)):
        words = words[: len(words) - len(begun)] + begun[found.end() :] if begun[found.end() :].strip() else words
    acts = list(_acts(words, today))
    if acts and acts[0][0] == 0:
        return _parted(words, [begins for begins, _wish in acts], today)
    number, rest = _numbered(words)
    meant = None
    if acts:
        named, told = _numbered(words[acts[0][0] :])
        meant = replace(
            _read(told, _without_marks(told), today), number=number if named is None else named, unclear=True
        )
    elif not rest.endswith("?"):
        meant = _meant(rest, today)
    return [Wish(MESSAGE, {"text": rest}, number, meant=meant, text=rest)]


def _acts(words: str, today: date) -> Iterator[tuple[int, Wish]]:
    """Yield each act with the place where it begins: one of each kind for each task that is named."""
    plain = _without_marks(words)
    known: set[tuple[int | None, str]] = set()
    number = None
    for begins in (0, *(found.end() for found in _FURTHER.finditer(plain))):
        named, rest = _numbered(words[begins : begins + _LONGEST_BEGINNING])
        wish = _read(rest, _without_marks(rest), today)
        number = number if named is None else named
        is_joined = begins > 0 and plain[begins - 1] not in "\n" and plain[:begins].rstrip()[-1:] not in ".;!"
        if wish.action == MESSAGE or (is_joined and wish.action == "submit" and "number" not in wish.given):
            continue
        if (number, wish.action) not in known:
            known.add((number, wish.action))
            yield begins, replace(wish, number=number)


def _parted(words: str, places: Sequence[int], today: date) -> list[Wish]:
    """Return each act with its own words: those up to where the next begins."""
    found: list[Wish] = []
    number = None
    for begins, ends in zip(places, [*places[1:], len(words)], strict=True):
        part = words[begins:ends]
        if ends < len(words):
            part = part[: len(part) - len(match[0])] if (match := _JOINS.search(_without_marks(part))) else part
        named, rest = _numbered(part.strip())
        number = number if named is None else named
        found.append(replace(_read(rest, _without_marks(rest), today), number=number, text=part.strip()))
    return found


def _numbered(words: str) -> tuple[int | None, str]:
    """Return the number of the task with which some words begin, and the rest."""
    found = _NUMBER.match(words)
    return (int(found[1]), words[found.end() :].strip()) if found else (None, words)


def _meant(words: str, today: date) -> Wish | None:
    """Return the act that a message may have meant, with its words as the note."""
    plain = _without_marks(words)
    action = next((action for action, looks in _LOOKS_LIKE if looks.search(plain)), None)
    if action is None:
        return None
    day = None
    if action == "ask-extension" and (found := re.search(_DATE, plain)):
        day = _until(found, today)
    return Wish(action, {"due": day.isoformat(), **_note(words)} if day else _note(words), unclear=True)


def _read(words: str, plain: str, today: date) -> Wish:
    if found := _EXTENSION.match(plain):
        return _extension(words, plain, found.end(), today)
    if found := _PROGRESS.match(plain):
        return _progress(words, int(found[1] or found[2]), found.end())
    if found := _RESULT.match(plain):
        return _result(words, plain, found.end())
    if found := _OBSTACLE.match(plain):
        if not re.match(r"\s*[:\-]", plain[found.end() :]):
            return Wish(MESSAGE, {"text": words})  # "khó khăn lắm mới …" tells a story
        told = _rest(words, found.end())
        return Wish("raise-obstacle", {"note": told} if told else {}, unclear=not told)
    if (found := _ACCEPT.match(plain)) and (_ends_here(plain, found.end()) or _AND.match(plain, found.end())):
        return Wish("accept", _note(_rest(words, found.end())))
    return Wish(MESSAGE, {"text": words})


def _progress(words: str, percent: int, end: int) -> Wish:
    """Return a report of progress; its comment begins with the figure, as the history shows comments."""
    if percent > 100:
        return Wish("progress", _note(words), unclear=True)
    rest = _rest(words, end)
    return Wish("progress", {"note": f"{percent}%: {rest}" if rest else f"{percent}%"})


def _result(words: str, plain: str, end: int) -> Wish:
    given: dict[str, str] = {}
    if found := _DOCUMENT.match(plain, end):
        given["number"] = words[found.start(1) : found.end(1)]
        if found[2] and (day := _day(found[2], found[3], found[4])):
            given["date"] = day.isoformat()
        end = found.end()
    elif not _ends_here(plain, end):
        return Wish(MESSAGE, {"text": words})  # "kết quả thực hiện còn chậm vì …" tells about it
    return Wish("submit", given | _note(_rest(words, end)))


def _extension(words: str, plain: str, end: int, today: date) -> Wish:
    found = _UNTIL.match(plain, end)
    if found is None:
        later = _UNTIL_LATER.match(plain, end)
        day = _until(later, today) if later else None
        given = {"due": day.isoformat()} if day else {}
        return Wish("ask-extension", given | _note(_rest(words, end)), unclear=True)
    day = _until(found, today)
    reason = _rest(words, found.end())
    reason = reason[len(before[0]) :] if (before := _REASON.match(_without_marks(reason))) else reason
    given = ({"due": day.isoformat()} if day else {}) | _note(reason)
    return Wish("ask-extension", given, unclear=day is None or not reason)


def _until(found: re.Match[str], today: date) -> date | None:
    """Return the day that `_DATE` found; without a year the next such day."""
    return _day(found[1], found[2], found[3]) if found[3] else _next(found[1], found[2], today)


def _day(day: str, month: str, year: str) -> date | None:
    try:
        return date(int(year) + (2000 if len(year) == 2 else 0), int(month), int(day))
    except ValueError:
        return None


def _next(day: str, month: str, today: date) -> date | None:
    """Return the next such day from today on."""
    for year in (today.year, today.year + 1):
        found = _day(day, month, str(year))
        if found is not None and found >= today:
            return found
    return None


def _ends_here(plain: str, end: int) -> bool:
    """Return whether the word stands by itself: at the end, of a line or a clause."""
    return re.match(r"[ \t]*(?:$|[\n.,:;!\-(]|nhiem vu|viec|cong viec|the task|task)", plain[end:]) is not None


def _rest(words: str, end: int) -> str:
    rest = words[end:]
    found = _AFTER.match(rest)
    return rest[found.end() if found else 0 :].strip()


def _note(words: str) -> dict[str, str]:
    return {"note": words} if words else {}


def _without_marks(text: str) -> str:
    """Return a text of the same length in small letters, without Vietnamese marks: places in one are those in both."""
    return "".join(map(_plain_letter, text)).translate(_DASHES)


def _plain_letter(letter: str) -> str:
    if letter in "đĐ":
        return "d"
    base = unicodedata.normalize("NFD", letter)[0].lower()
    return base if len(base) == 1 else letter
