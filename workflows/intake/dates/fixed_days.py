"""Deadlines that name a day or a period: "trước ngày D", "chậm nhất ngày D", "trong tháng M", "(Quý IV/2013)".

And days that no word of limit names: of an event, "hôm nay", and the year by which a state is to be reached.
"""

import re
from collections.abc import Iterator
from datetime import date

from workflows.intake.dates.named_periods import named_periods
from workflows.intake.dates.written_dates import DATE, HOUR, LATEST, PERIOD, last_day
from workflows.intake.text.beginnings import TextPart, begins_predicate
from workflows.intake.text.reading import Deadline, Passage, ReadingReason
from workflows.intake.text.sentences import reach_back, sentences

_SUBMIT = r"(?<!chương )(?<!công )(?<!quá )(?<!quy )(?<!lộ )(?<!tiến )trình"
_BEFORE = re.compile(
    rf"\btr[ướươ]{{1,2}}c\s+(?:cuối |đầu )?{HOUR}(?:ngày (?:[^\W\d_]+ ){{1,4}}\(?)?(?P<when>{DATE}|{PERIOD})",
    re.IGNORECASE,
)
_LATEST = re.compile(
    rf"\b(?:{LATEST}|(?:thời )?hạn cuối(?: cùng)?|thời hạn|thời điểm cuối cùng|hạn chót|hạn nộp|hạn gửi)(?:\s*(?:là|"
    rf"vào|đến|tới|trong|hết|trước|cuối|thực hiện|hoàn thành|gửi|nộp|báo cáo|:|,))*\s+{HOUR}(?P<when>{DATE}|{PERIOD})",
    re.IGNORECASE,
)
_UNTIL = re.compile(
    rf"\b(?:xong|hoàn thành|kết thúc|kết quả|báo cáo|gửi|nộp|{_SUBMIT})\b[^.;\n]{{0,160}}?\b(?:đến|vào|hết)"
    rf"(?: hết)?\s+{HOUR}(?P<when>{DATE})",
    re.I,
)
_BY_THEN = re.compile(
    rf"\b(?:đến|tới|hết) (?:hết |cuối )?(?P<when>{DATE}|(?!năm){PERIOD}),? (?:phải |cơ bản |cần )*"
    r"(?:đạt|giải ngân|hoàn thành|hoàn tất|xong\b|kết thúc|thực hiện xong|triển khai xong)",
    re.I,
)
"""What is to be done by then stands behind the day: "đến ngày … phải hoàn thành"."""
_AND_THEN = re.compile(rf"(?:,| và|, và|;) (?P<before>trước )?(?P<when>{DATE})(?! h[àằ]ng)", re.I)
"""A second day under the same word: "trước ngày 15/6/2022 và 15/12/2022"."""
_EXACTLY = re.compile(rf"\bđúng {HOUR}(?P<when>{DATE})", re.I)
_SEVERAL = re.compile(
    rf"\b(?:trong|vào|từ)(?: (?:các|cả|hai|ba|bốn|\d{{1,2}}))?(?: \([\w ]{{1,12}}\))? ngày "
    rf"(?:\d{{1,2}}(?:/\d{{1,2}})?\s?"
    rf"(?:,|và|-|–|&|đến)\s?(?:ngày )?){{1,8}}(?P<when>{DATE})",
    re.I,
)
"""Several days of one event: "trong 02 ngày 24 và 25/5/2018"."""
_WITHIN = re.compile(
    rf"\b(?:ngay )?(?:trong|vào|xong|hết|cuối|đầu|hoàn thành(?= (?:tháng|quý) ))\s+{HOUR}(?P<when>{PERIOD}|"
    rf"ngày\s*(?:{DATE}))",
    re.IGNORECASE,
)
_BRACKET = re.compile(
    rf"\(\s*(?:thời gian[^()]{{0,20}}:?\s*|hoàn thành\s*)?(?:trong |xong |hoàn thành |vào )*(?P<when>{PERIOD}(?:(?:,|"
    rf" và|, và)\s*(?:{PERIOD}))*)"
    r"(?:[^()]{0,40})\)",
    re.IGNORECASE,
)
_ON = re.compile(
    rf"\b(?:tổ chức|khai mạc|bế mạc|khai giảng|khởi công|khánh thành|thông xe|họp|diễn ra|bắt đầu|ra quân|ra mắt|"
    rf"tổng duyệt|phát động|tiến hành|thực hiện)\b[^.;\n]{{0,80}}?\bvào\s+{HOUR}(?P<when>{DATE})",
    re.I,
)
_DONE_IN = re.compile(r"\b(?:thực hiện|triển khai|tổ chức) $")
_DAILY = re.compile(r"\b(?:h[àằ]ng|mỗi) (?:tháng|quý|năm) $", re.IGNORECASE)
"""What a bracket of months only narrows: "ngày 25 hàng tháng (tháng 6, 7 và 8)"."""
_YEARLY = re.compile(r"\b(?:h[àằ]ng|mỗi) năm\b", re.IGNORECASE)
"""What makes a month without a year come again: "hàng năm tổ chức sơ kết vào tháng 12"."""
_COUNTED_UP = re.compile(r"\b(?:tính|kể từ|lũy kế|luỹ kế|từ (?:ngày )?\d)", re.IGNORECASE)
"""What is counted up to a day: "số liệu tính đến ngày …"."""
_OPENS = re.compile(rf"(?:ngay )?trong (?P<when>{PERIOD}),? (?=\w)", re.IGNORECASE)
_FIRST = re.compile(
    rf"(?:(?:trong|đến|đến hết|hết|xong trong|từ nay đến|từ nay đến hết) )?(?P<when>{PERIOD}|"
    rf"{DATE}),? (?:[^.;\n]{{0,60}}?\b(?:hoàn thành|hoàn tất|xong)|trình|ban hành)\b",
    re.I,
)
_DOING = re.compile(
    rf"\b(?:hoàn thành|hoàn tất|xong|ban hành|{_SUBMIT}|báo cáo|gửi|nộp|phê duyệt|kết thúc|chấm dứt|tổng kết|"
    rf"sơ kết|đưa vào)\b",
    re.I,
)
_YEAR_ONLY = re.compile(r"(?:trong|vào) (?:cả )?năm", re.IGNORECASE)
_HANDED_IN = re.compile(rf"\b(?:{_SUBMIT}|ban hành|phê duyệt|báo cáo|gửi)\b", re.IGNORECASE)
_PERIOD_OF = re.compile(
    r"\b(?:kết quả|tình hình|số liệu|nhiệm vụ|công tác|chỉ tiêu|phương hướng|thành tích|diễn biến|hoạt động|phát sinh|"
    r"xảy ra|đã|tăng trưởng|dịp|sự kiện|học tập của|phong trào)\b[^,;.]{0,80}$",
    re.IGNORECASE,
)
"""A noun that a period only describes: "tình hình … trong tháng 9"."""
_OWN_LIMIT = re.compile(r"\b(?:hoàn thành|hoàn chỉnh|hoàn thiện|hoàn tất|xong)\b[^.;\n]{0,160}$", re.IGNORECASE)
_PURPOSE = re.compile(r"(?<!dành )(?<!dùng )\b(?:để|nhằm)\b(?! xảy| vào)[^.;\n]*$", re.IGNORECASE)
_CITED = re.compile(r"(?:đến|từ|có hiệu lực|sinh|hưởng|được cấp|đã [\w ]{1,30}) $", re.IGNORECASE)


_NAMES_A_TIME = re.compile(r"\d|\bqu[ýí] [IV]|hôm nay|(?:tháng|quý|năm) (?:này|nay|tới|sau|kế|tiếp)", re.IGNORECASE)
"""A figure or a word that names a day or period: most sentences hold none."""
_SENSES = {
    _BEFORE: "before",
    _UNTIL: "within",
    _BRACKET: "within",
    _SEVERAL: "on",
    _EXACTLY: "on",
    _ON: "on",
    _BY_THEN: "within",
}
"""The sense in which each names a day."""
_SURE = (_BEFORE, _LATEST)
"""The words that say of themselves that a day is a limit."""
_WEEKDAY = r"(?: ?\(thứ [^()]{1,8}\))?"
_STEP = re.compile(rf"[^:;.\n]{{3,90}}: (?:vào )?(?P<when>ngày\s*{DATE}){_WEEKDAY}(?= ?[.;,]|$)", re.IGNORECASE)
"""A step of a calendar: "Khai giảng năm học mới: Ngày 05/9/2024"."""
_HELD = re.compile(
    rf"\b(?:tựu trường|khai giảng|khai mạc|bế mạc|ra quân|diễn ra)(?: [^.;:,\n]{{0,40}}?)? (?P<when>ngày\s*{DATE})"
    rf"{_WEEKDAY}(?= ?[.;,)]|$)",
    re.IGNORECASE,
)
_TODAY = re.compile(
    rf"\b(?:(?P<before>trước)\s+{HOUR}|(?:ngay |xong )?trong )?(?:ngày )?hôm nay(?: ?\((?:ngày )?(?P<when>{DATE})\))?",
    re.IGNORECASE,
)
_BY_YEAR = re.compile(
    r"(?:^|(?<=[^\d][,;.] )|\b(?:phấn đấu|bảo đảm|đảm bảo)(?: là)? )đến (?:hết |cuối )?"
    r"(?P<when>năm \d{4}|quý (?:IV|III|II|I|[1-4])(?:/| năm )\d{4}),? (?=\w)",
    re.IGNORECASE,
)
"""By when a state is to be reached: "đến năm 2020, các xã có trụ sở"."""
_CLOSED_IN = re.compile(rf"\b(?:tổng kết|sơ kết|kết thúc) (?:[^.;,\d\n]{{0,40}}?)vào (?P<when>{PERIOD})", re.IGNORECASE)


_EVENT_WORDS = re.compile(
    r"hôm nay|: (?:vào )?ngày|tựu trường|khai giảng|khai mạc|bế mạc|ra quân|diễn ra|đến (?:hết |cuối )?(?:năm|quý)|"
    r"tổng kết|sơ kết|kết thúc",
    re.IGNORECASE,
)
"""The words without which a sentence names no such day."""


def read_fixed(passage: Passage, issued_on: date | None) -> list[Deadline]:
    text = passage.text
    found: dict[int, Deadline] = {}
    for sentence in sentences(text):
        if not _NAMES_A_TIME.search(text, sentence.start, sentence.end):
            continue
        for match, op in _matches(text, sentence.start, sentence.end):
            start = match.start("when")
            if start in found or _no_deadline(text, sentence.start, match):
                continue
            day, guessed = last_day(match.group("when"), issued_on, first=op == "before")
            if day is not None:
                reason = ReadingReason.NO_YEAR if guessed else ReadingReason.NAMED_DAY
                at = match.start() if match.re in (_BEFORE, _LATEST, _WITHIN, _EXACTLY, _SEVERAL) else start
                value = text[at : match.end("when")]
                sure = 0.75 if guessed else 0.92 if match.re in _SURE else 0.85
                found[start] = Deadline(value, passage.span(at, match.end("when")), sure, reason, "fixed", day, op)
                if match.re in (_BEFORE, _LATEST, _UNTIL, _WITHIN):
                    found |= _further(passage, match, issued_on, op)
        for one in named_periods(passage, sentence, issued_on):
            found[-one.span.start - 1] = one
        said = {start for start in found if start >= 0}
        for one in _event_days(passage, sentence, issued_on):
            if one.span.start - passage.span().start not in said:
                found.setdefault(-one.span.start - 1, one)
    return sorted(found.values(), key=lambda one: (one.reason is not ReadingReason.NAMED_PERIOD, one.span.start))


def _further(passage: Passage, match: re.Match[str], issued_on: date | None, op: str) -> dict[int, Deadline]:
    """Return the second and third day under one word: "trước ngày 15/6/2022 và 15/12/2022"."""
    found: dict[int, Deadline] = {}
    text, at = passage.text, match.end()
    while len(found) < 3 and (more := _AND_THEN.match(text, at)):
        day, guessed = last_day(more.group("when"), issued_on)
        at, start = more.end(), more.start("when")
        if day is not None:
            sense = "before" if more.group("before") else op
            found[start] = Deadline(
                text[start:at],
                passage.span(start, at),
                0.7 if guessed else 0.85,
                ReadingReason.NAMED_DAY,
                "fixed",
                day,
                sense,
            )
    return found


def _matches(text: str, start: int, end: int) -> Iterator[tuple[re.Match[str], str]]:
    """Yield the places where a day or period is named as a limit, and the sense of each."""
    for match in _LATEST.finditer(text, start, end):
        yield match, "before" if re.search(r"\btrước\b", match.group()) else "within"
    for pattern, op in _SENSES.items():
        for match in pattern.finditer(text, start, end):
            yield match, op
    if first := _FIRST.match(text, start, end):
        yield first, "within"
    if (opens := _OPENS.match(text, start, end)) and begins_predicate(text, opens.end()):
        yield opens, "within"
    for match in _WITHIN.finditer(text, start, end):
        if _is_limit(text, start, end, match):
            yield match, "within"


def _is_limit(text: str, start: int, end: int, match: re.Match[str]) -> bool:
    """Return whether a period limits the work, and does not only say of which period the sentence speaks."""
    after = text[match.end() : end].lstrip()
    closes = not after or after[0] in ".;,()/" or after.startswith(("và ", "để "))
    clause = text[_clause_start(text, start, match.start()) : match.start()]
    if match.group().lower().startswith(("trong ", "ngay trong ")) and not _YEAR_ONLY.search(match.group()):
        if _HANDED_IN.search(clause) and (clause.endswith(" kết quả ") or not _PERIOD_OF.search(clause)):
            return True
        if closes and not _PERIOD_OF.search(clause):
            return True
    if closes and (
        match.group().lower().startswith("vào") or _DONE_IN.search(text[max(start, match.start() - 40) : match.start()])
    ):
        return True
    if _PERIOD_OF.search(clause):
        return False
    if closes and match.group().lower().startswith("hoàn thành"):
        return True
    return closes and bool(_DOING.search(text, _line_start(text, match.start()), match.start()))


def _clause_start(text: str, start: int, at: int) -> int:
    back = max(start, at - 240)
    return max(back, text.rfind(", ", back, at) + 1, text.rfind("; ", back, at) + 1)


def _line_start(text: str, at: int) -> int:
    """Return where the paragraph begins that holds a position, not further back than a clause may be long."""
    back = reach_back(text, 0, at)
    return max(back, text.rfind("\n", back, at) + 1)


def _no_deadline(text: str, start: int, match: re.Match[str]) -> bool:
    """Return whether a date is no deadline: it stands in a purpose, or dates something cited."""
    before = text[max(start, match.start() - 400) : match.start()]
    if match.re is _BRACKET and _DAILY.search(before):
        return True
    if match.re is _UNTIL and _COUNTED_UP.search(match.group()):
        return True
    if _YEARLY.search(before) and not re.search(r"\d{4}", match.group("when")):
        return True
    purpose = _PURPOSE.search(before)
    if purpose and match.re in (_BEFORE, _LATEST) and _OWN_LIMIT.search(before[: purpose.start()]):
        return False
    if (
        purpose
        and purpose.start() > 0
        and not re.search(r"\bbáo cáo\b|, (?:gửi|trình|hoàn thành|thực hiện ngay|xong)", purpose.group())
    ):
        return True
    if purpose and re.search(r"để tổng hợp|để trình", purpose.group()):
        return True
    return bool(_CITED.search(before)) and not re.search(r"(?:hoàn thành|xong) đến $", before)


def _event_days(passage: Passage, part: TextPart, issued_on: date | None) -> Iterator[Deadline]:
    """Yield the days of events in a sentence, what is due today, and by which year."""
    text = passage.text
    if not _EVENT_WORDS.search(text, part.start, part.end):
        return
    if step := _STEP.match(text, part.start, part.end):
        yield from _named(passage, step, issued_on, "on", 0.8)
    for match in _HELD.finditer(text, part.start, part.end):
        yield from _named(passage, match, issued_on, "on", 0.8)
    for pattern in (_BY_YEAR, _CLOSED_IN):
        for match in pattern.finditer(text, part.start, part.end):
            if re.search(r"\d{4}", match.group("when")):
                yield from _named(passage, match, issued_on, "within", 0.75)
    for match in _TODAY.finditer(text, part.start, part.end):
        day = last_day(match.group("when"), issued_on)[0] if match.group("when") else issued_on
        if day is not None:
            op = "before" if match.group("before") else "within"
            span = passage.span(match.start(), match.end())
            yield Deadline(match.group(), span, 0.8, ReadingReason.NAMED_DAY, "fixed", day, op)


def _named(passage: Passage, match: re.Match[str], issued_on: date | None, op: str, sure: float) -> Iterator[Deadline]:
    day, guessed = last_day(match.group("when"), issued_on)
    if day is None:
        return
    start, end = match.start("when"), match.end() if op == "on" else match.end("when")
    reason = ReadingReason.NO_YEAR if guessed else ReadingReason.NAMED_DAY
    span = passage.span(start, end)
    yield Deadline(passage.text[start:end], span, 0.7 if guessed else sure, reason, "fixed", day, op)
