"""The few words with which a reply may begin to ask for an act (docs/replies.md). Everything else is a message.

Words count with or without their marks, in small or capital letters, in either language, and only at the very
beginning: a sentence that speaks of progress further down asks for nothing.
"""

import re
import unicodedata
from dataclasses import dataclass, field
from datetime import date

from models.letters.reply import MESSAGE


@dataclass(frozen=True)
class Wish:
    """What a reply asks for: an action of the lifecycle by its code, or a message; with what it takes, as text.

    `number`: of the task in the letter, where the reply names one (“#2”). `unclear`: it began as an act and could not
    be read as one: the page asks for what is missing.
    """

    action: str
    given: dict[str, str] = field(default_factory=dict)
    number: int | None = None
    unclear: bool = False


_NUMBER = re.compile(r"(?:#|(?:mục|muc|việc|viec|task|item) số |no\. ?)(\d{1,3})\b[ \t.:,)\-–]*", re.IGNORECASE)
_DASHES = dict.fromkeys(map(ord, "–—‒−"), "-")
# each is matched against the text without marks, which is as long as the text itself, letter by letter
_ACCEPT = re.compile(r"(?:da |xin )?(?:tiep nhan|nhan nhiem vu|nhan viec)\b|accepted\b|(?:we )?accept\b")
_PROGRESS = re.compile(
    r"(?:tien do|bao cao tien do|progress|status)\s*:?\s*(?:dat |dat duoc |at )?(\d{1,3})\s*(?:%|phan tram|percent\b)"
)
_RESULT = re.compile(
    r"(?:bao cao ket qua|gui ket qua|nop ket qua|ket qua thuc hien|bao cao hoan thanh|da hoan thanh|"
    r"(?:final )?result(?:s)?|report of (?:the )?result)\b"
)
_EXTENSION = re.compile(
    r"(?:(?:xin|de nghi|kinh de nghi|xin de nghi)\s+)?gia han\b(?:\s+thoi han)?|"
    r"(?:ask for |request )?(?:an )?extension\b|more time\b"
)
_OBSTACLE = re.compile(
    r"(?:co |bao cao |gap )?(?:kho khan,? ?(?:va )?vuong mac|vuong mac|kho khan)\b|obstacles?\b|difficult(?:y|ies)\b"
)
_UNTIL = re.compile(
    r"\s*(?:den|toi|sang|them den|until|till|to|by)?\s*(?:het )?(?:ngay )?"
    r"(\d{1,2})[/.-](\d{1,2})(?:[/.-](\d{4}|\d{2}))?\b"
)
_DOCUMENT = re.compile(
    r"\s*[:\-]?\s*(?:so|number|no\.?)\s*:?\s*([0-9][^\s,;]{0,60}?)[,;]?(?:\s+(?:ngay|dated|of|date)\s*:?\s*(\d{1,2})[/.-](\d{1,2})[/.-](\d{4}))?(?=$|[\s.,;:])"
)
_GREETING = re.compile(r"(?:kinh gui|kinh thua|thua|chao|dear|hello|hi)\b[^\n]{0,120}\n\s*")
_REASON = re.compile(r"(?:vi )?(?:ly do|reason|because)\b[\s:]*|vi\b[\s:]*")
_AFTER = re.compile(r"[\s:;,.\-–—]+")


def read_wish(text: str, today: date) -> Wish:
    """Return what a sender's own words ask for. `today`: their local day, for a date without a year."""
    words = unicodedata.normalize("NFC", text).strip()
    if found := _GREETING.match(_without_marks(words)):
        words = words[found.end() :].strip() or words
    number = None
    if found := _NUMBER.match(words):
        number, words = int(found[1]), words[found.end() :].strip()
    wish = _read(words, _without_marks(words), today)
    return Wish(wish.action, wish.given, number, wish.unclear)


def _read(words: str, plain: str, today: date) -> Wish:
    if found := _EXTENSION.match(plain):
        return _extension(words, plain, found.end(), today)
    if found := _PROGRESS.match(plain):
        return _progress(words, int(found[1]), found.end())
    if found := _RESULT.match(plain):
        return _result(words, plain, found.end())
    if found := _OBSTACLE.match(plain):
        if not re.match(r"\s*[:\-]", plain[found.end() :]):
            return Wish(MESSAGE, {"text": words})  # "khó khăn lắm mới …" tells a story
        told = _rest(words, found.end())
        return Wish("raise-obstacle", {"note": told} if told else {}, unclear=not told)
    if (found := _ACCEPT.match(plain)) and _ends_here(plain, found.end()):
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
        return Wish("ask-extension", _note(_rest(words, end)), unclear=True)
    day = _day(found[1], found[2], found[3]) if found[3] else _next(found[1], found[2], today)
    reason = _rest(words, found.end())
    reason = reason[len(before[0]) :] if (before := _REASON.match(_without_marks(reason))) else reason
    given = ({"due": day.isoformat()} if day else {}) | _note(reason)
    return Wish("ask-extension", given, unclear=day is None or not reason)


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
