"""The words of time as data, and a text as a row of typed words.

A synonym, or a form that a scanner misreads, is one more phrase in `_PHRASES`; how the types combine is said in
`grammar.py`.
"""

import re
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from enum import IntEnum, auto
from functools import lru_cache

from workflows.intake.text.vocabulary import bare, phrases


class Word(IntEnum):
    """What a word or mark means where a time is said."""

    OTHER = auto()
    NUMBER = auto()
    YEAR_NUMBER = auto()
    NUMBER_WORD = auto()
    ROMAN = auto()
    DAY = auto()
    WORKING_DAY = auto()
    WEEK = auto()
    MONTH = auto()
    QUARTER = auto()
    HALF_YEAR = auto()
    YEAR = auto()
    TERM = auto()
    HOUR = auto()
    MINUTE = auto()
    WEEKDAY = auto()
    PART_OF_DAY = auto()
    OFFICE_HOURS = auto()
    PART_OF_MONTH = auto()
    WHOLE = auto()
    EACH = auto()
    PERIODIC = auto()
    FIRST = auto()
    LAST = auto()
    MIDDLE = auto()
    THIS = auto()
    NEXT = auto()
    THAT = auto()
    TODAY = auto()
    ONE_TIME = auto()
    REPORT = auto()
    SEND = auto()
    BEFORE = auto()
    AFTER = auto()
    LATEST = auto()
    AT_MOST = auto()
    AT_LEAST = auto()
    LIMIT = auto()
    DONE = auto()
    UNTIL = auto()
    END = auto()
    WITHIN = auto()
    AT = auto()
    FROM = auto()
    EXACTLY = auto()
    SPAN = auto()
    IS = auto()
    OF = auto()
    SEVERAL = auto()
    AND = auto()
    COMMA = auto()
    SLASH = auto()
    DASH = auto()
    DOT = auto()
    COLON = auto()
    OPEN = auto()
    CLOSE = auto()
    PERCENT = auto()
    STOP = auto()


_PHRASES = {
    Word.DAY: "ngày | mùng | mồng | ngày mùng | ngày mồng",
    Word.WORKING_DAY: "ngày làm việc",
    Word.WEEK: "tuần | tuần lễ | tuần thứ | tuần lễ thứ",
    Word.MONTH: "tháng",
    Word.QUARTER: "quý | quí",
    Word.HALF_YEAR: "nửa năm",
    Word.YEAR: "năm",
    Word.TERM: "học kỳ | học kì | năm học",
    Word.HOUR: "giờ | tiếng | h | g | giờ đồng hồ",
    Word.MINUTE: "phút",
    Word.WEEKDAY: "thứ hai | thứ ba | thứ tư | thứ năm | thứ sáu | thứ bảy | chủ nhật | thứ 2 | thứ 3 | thứ 4 | "
    "thứ 5 | thứ 6 | thứ 7 | chúa nhật",
    Word.PART_OF_DAY: "sáng | trưa | chiều | tối | buổi sáng | buổi chiều | đêm",
    Word.OFFICE_HOURS: "giờ làm việc | giờ hành chính | giờ làm việc hành chính",
    Word.PART_OF_MONTH: "thượng tuần | trung tuần | hạ tuần | nửa đầu | nửa cuối",
    Word.WHOLE: "cả",
    Word.EACH: "hằng | hàng | mỗi",
    Word.PERIODIC: "định kỳ | định kì | định ky | theo định kỳ | cứ | cứ mỗi | thường kỳ",
    Word.FIRST: "đầu | đầu tiên",
    Word.LAST: "cuối | cuối cùng | sau cùng",
    Word.MIDDLE: "giữa",
    Word.THIS: "này | nay",
    Word.NEXT: "tới | kế tiếp | tiếp theo | liền kề | liền sau | kế sau | liền kề sau | sau liền kề | kế | tiếp sau",
    Word.THAT: "đó",
    Word.TODAY: "hôm nay | ngày hôm nay",
    Word.ONE_TIME: "lần | buổi | đợt | kỳ | phiên | cuộc",
    Word.SEND: "gửi | nộp | gửi về",
    Word.REPORT: "báo cáo | sơ kết | tổng kết | họp | giao ban",
    Word.BEFORE: "trước",
    Word.AFTER: "sau",
    Word.LATEST: "chậm nhất | muộn nhất | trễ nhất | không muộn hơn | không chậm hơn | không trễ hơn | "
    "không chậm quá | không muộn quá | không trễ quá | không được chậm hơn | không được muộn hơn | không được trễ hơn",
    Word.AT_MOST: "không quá | tối đa | nhiều nhất | không vượt quá",
    Word.AT_LEAST: "ít nhất | tối thiểu",
    Word.LIMIT: "hạn cuối | hạn cuối cùng | thời hạn cuối | thời hạn cuối cùng | thời điểm cuối cùng | hạn chót | "
    "thời hạn | hạn nộp | hạn gửi | hạn hoàn thành | thời hạn gửi | thời hạn nộp | thời hạn báo cáo | "
    "thời hạn hoàn thành",
    Word.DONE: "xong | hoàn thành | hoàn tất",
    Word.UNTIL: "đến | cho đến | cho tới",
    Word.END: "hết",
    Word.WITHIN: "trong | ngay trong",
    Word.AT: "vào | lúc | vào lúc | tại",
    Word.FROM: "từ | kể từ | tính từ",
    Word.EXACTLY: "đúng",
    Word.SPAN: "vòng | thời hạn là | thời gian | khoảng | khoảng thời gian",
    Word.IS: "là",
    Word.OF: "của",
    Word.SEVERAL: "các",
    Word.AND: "và | hoặc | và/hoặc | &",
    Word.COMMA: ",",
    Word.SLASH: "/",
    Word.DASH: "- | – | —",
    Word.DOT: ".",
    Word.COLON: ":",
    Word.OPEN: "(",
    Word.CLOSE: ")",
    Word.PERCENT: "%",
    Word.STOP: "; | !",
}
_TABLE = {phrase: kind for kind, words in _PHRASES.items() for phrase in phrases(words)}
_LONGEST = max(len(phrase.split()) for phrase in _TABLE)
_SPOILT = {bare(phrase): kind for phrase, kind in _TABLE.items() if phrase[0].isalpha()}
"""The phrases without their marks, as scanners and hurried people write them."""
_BY_A_NUMBER = frozenset({Word.DAY, Word.WEEK, Word.MONTH, Word.QUARTER, Word.YEAR, Word.HOUR, Word.MINUTE})
"""What a spoilt word means only beside a number: "ngay 15" is a day, "ngay" alone is "at once"."""
_SPOILT_ALONE = frozenset({Word.BEFORE, Word.LATEST, Word.PERIODIC, Word.AT_MOST, Word.WEEKDAY, Word.WORKING_DAY})

_ROMANS = {"I": 1, "II": 2, "III": 3, "IV": 4, "Il": 2, "IIl": 3, "lV": 4, "ll": 2, "lI": 2}
_ONES = ("một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín", "mười")
_NUMBERS = (
    {word: value for value, word in enumerate(_ONES, 1)}
    | {f"mười {word}": 10 + value for value, word in enumerate(_ONES[:9], 1)}
    | {"mười lăm": 15, "hai mươi": 20, "hai mươi lăm": 25, "hai mươi mốt": 21, "ba mươi": 30, "ba mươi mốt": 31}
    | {f"hai mươi {word}": 20 + value for value, word in enumerate(_ONES[:9], 1)}
    | {"bốn mươi lăm": 45, "sáu mươi": 60, "chín mươi": 90, "tư": 4, "giêng": 1, "chạp": 12, "bẩy": 7, "nhất": 1}
)
_WEEKDAYS = {"hai": 0, "ba": 1, "tư": 2, "năm": 3, "sáu": 4, "bảy": 5, "nhật": 6} | {str(n + 2): n for n in range(6)}
_UNITS = frozenset(
    {Word.DAY, Word.WORKING_DAY, Word.WEEK, Word.MONTH, Word.QUARTER, Word.YEAR, Word.HOUR, Word.MINUTE, Word.ONE_TIME}
)
_PIECE = re.compile(r"\d+|[^\W\d_]+|\n(?=\s*(?:[-–+*•|]|\d{1,2}[.)]\s|[a-zđ]\)))|\S")
"""A word, a figure, a mark, or the end of a line before the mark of an item, which parts what it stands between."""
_FIRST_WORDS = frozenset(phrase.split()[0] for phrase in (*_TABLE, *_SPOILT, *_NUMBERS))
_BETWEEN_QUARTERS = (Word.QUARTER, Word.COMMA, Word.AND, Word.DASH, Word.UNTIL)


@dataclass(frozen=True, slots=True)
class TimeWord:
    """A word or mark, its place in the text, and the number or weekday (Monday is 0) that it says."""

    kind: Word
    text: str
    start: int
    end: int
    value: int = 0


@dataclass(frozen=True, slots=True)
class _Piece:
    text: str
    start: int
    end: int

    @property
    def is_number(self) -> bool:
        return self.text.isdecimal()


@lru_cache(maxsize=4)
def time_words(text: str) -> tuple[TimeWord, ...]:
    """Return the text as typed words, in order; white space, also an end of line, only parts them."""
    pieces = [_Piece(match.group().casefold().replace("\n", ";"), *match.span()) for match in _PIECE.finditer(text)]
    found: list[TimeWord] = []
    at = 0
    while at < len(pieces):
        word, at = _number(pieces, at, found) if pieces[at].is_number else _phrase(text, pieces, at, found)
        if word.kind in (Word.NUMBER, Word.NUMBER_WORD):
            word, at = _with_copy(word, pieces, at)
        found.append(word)
    return tuple(found)


def words_between(text: str, start: int, end: int) -> tuple[int, int]:
    """Return which words lie between two characters of a text: the number of the first, and of the one behind."""
    words = time_words(text)
    return (bisect_left(words, start, key=lambda word: word.start), bisect_right(words, end, key=lambda word: word.end))


def _number(pieces: list[_Piece], at: int, found: list[TimeWord]) -> tuple[TimeWord, int]:
    """Return a number in figures and what follows it; figures that a scanner tore apart ("0 6") are one number."""
    piece = pieces[at]
    figures, end, after = piece.text, piece.end, at + 1
    if len(figures) == 1 and found and found[-1].kind in (Word.DAY, Word.MONTH) and after < len(pieces):
        torn = pieces[after]
        if torn.is_number and len(torn.text) == 1:
            figures, end, after = figures + torn.text, torn.end, after + 1
    if len(figures) > 4:
        return TimeWord(Word.OTHER, figures, piece.start, end), after
    is_year = len(figures) == 4 and figures[:2] in ("19", "20", "21")
    return TimeWord(Word.YEAR_NUMBER if is_year else Word.NUMBER, figures, piece.start, end, int(figures)), after


def _with_copy(word: TimeWord, pieces: list[_Piece], at: int) -> tuple[TimeWord, int]:
    """Return a number with its copy in brackets: "05 (năm)", "ba (03)"."""
    for count in (3, 4):
        inner = pieces[at : at + count]
        if len(inner) == count and inner[0].text == "(" and inner[-1].text == ")":
            copy = " ".join(one.text for one in inner[1:-1])
            if copy.isdecimal() or copy in _NUMBERS:
                return TimeWord(word.kind, word.text, word.start, inner[-1].end, word.value), at + count
    return word, at


def _phrase(text: str, pieces: list[_Piece], at: int, found: list[TimeWord]) -> tuple[TimeWord, int]:
    """Return the longest phrase that begins at a piece, and what follows it."""
    first = pieces[at]
    if first.text in _FIRST_WORDS or bare(first.text) in _FIRST_WORDS:
        for count in range(min(_LONGEST, len(pieces) - at), 0, -1):
            words = " ".join(one.text for one in pieces[at : at + count])
            kind, value = _kind_of(words, pieces, at, count, found)
            if kind is not None:
                return TimeWord(kind, words, first.start, pieces[at + count - 1].end, value), at + count
    written = text[first.start : first.end]
    if written in _ROMANS and found and found[-1].kind in _BETWEEN_QUARTERS:
        return TimeWord(Word.ROMAN, first.text, first.start, first.end, _ROMANS[written]), at + 1
    return TimeWord(Word.OTHER, first.text, first.start, first.end), at + 1


def _kind_of(words: str, pieces: list[_Piece], at: int, count: int, found: list[TimeWord]) -> tuple[Word | None, int]:
    following, last = pieces[at + count : at + count + 4], found[-1] if found else None
    if words in _NUMBERS and (words != "năm" or _is_five(following, found)):
        return Word.NUMBER_WORD, _NUMBERS[words]
    kind = _TABLE.get(words)
    if kind is Word.WEEKDAY:
        weekday = _WEEKDAYS[words.split()[-1]]
        if last is not None and last.kind in (Word.MONTH, Word.QUARTER):
            return Word.NUMBER_WORD, weekday + 2  # "tháng thứ ba của quý"
        return kind, weekday
    if kind is Word.NEXT and words == "tới" and (last is None or last.kind not in _UNITS):
        return Word.UNTIL, 0
    if kind is None and (kind := _SPOILT.get(bare(words))) is not None:
        before_number = kind not in (Word.HOUR, Word.MINUTE) and bool(following) and following[0].is_number
        beside = before_number or (last is not None and last.kind is Word.NUMBER)
        if not (kind in _SPOILT_ALONE or (kind in _BY_A_NUMBER and beside)):
            return None, 0
    return kind, 0


def _is_five(following: list[_Piece], found: list[TimeWord]) -> bool:
    """Return whether "năm" is five and not a year: "năm ngày", "năm (05) ngày", "tháng năm"."""
    before = [word.kind for word in found[-2:]]
    if before and before[-1] is Word.MONTH:
        return before[0] is not Word.NUMBER and before[0] is not Word.EACH
    if before and before[-1] in (Word.EACH, Word.PERIODIC, Word.NUMBER, Word.OF):
        return False
    unit = following[3:4] if following and following[0].text == "(" else following[:1]
    return any(_TABLE.get(one.text) in _UNITS for one in unit)
