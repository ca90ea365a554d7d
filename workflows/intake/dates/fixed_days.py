"""Deadlines that name a day or a period: "trước ngày D", "chậm nhất ngày D", "trong tháng M", "(Quý IV/2013)"."""

import re
from collections.abc import Iterator
from datetime import date

from workflows.intake.dates.written_periods import DATE, LATEST, PERIOD, last_day
from workflows.intake.text.passage import Passage
from workflows.intake.text.reading import Deadline, Reason
from workflows.intake.text.sentences import reach_back, sentences

SUBMIT = r"(?<!chương )(?<!công )(?<!quá )(?<!quy )(?<!lộ )(?<!tiến )trình"
_HOUR = r"(?:\d{1,2}\s?(?:giờ|h|g)\s?(?:\d{2})?\s?(?:phút)?,?\s*)?"
_BEFORE = re.compile(
    rf"\btr[ướươ]{{1,2}}c\s+{_HOUR}(?:ngày (?:[^\W\d_]+ ){{1,4}}\(?)?(?P<when>{DATE}|{PERIOD})", re.IGNORECASE
)
_LATEST = re.compile(
    rf"\b(?:{LATEST}|hạn cuối|thời hạn|hạn chót)(?:\s*(?:là|vào|đến|trong|hết|trước|cuối|thực hiện|"
    rf"hoàn thành|gửi|báo cáo|"
    rf":|,))*\s+{_HOUR}(?P<when>{DATE}|{PERIOD})",
    re.IGNORECASE,
)
_UNTIL = re.compile(
    rf"\b(?:xong|hoàn thành|kết thúc|kết quả|báo cáo|gửi|nộp|{SUBMIT})\b[^.;\n]{{0,160}}?\b(?:đến|vào|hết)"
    rf"(?: hết)?\s+(?P<when>{DATE})",
    re.I,
)
_WITHIN = re.compile(
    rf"\b(?:ngay )?(?:trong|vào|xong|hết|cuối|đầu)\s+(?P<when>{PERIOD}|ngày\s*(?:{DATE}))", re.IGNORECASE
)
_BRACKET = re.compile(
    rf"\(\s*(?:thời gian[^()]{{0,20}}:?\s*|hoàn thành\s*)?(?:trong |xong |hoàn thành |vào )*(?P<when>{PERIOD}(?"
    rf":(?:,| và|, và)\s*(?:{PERIOD}))*)"
    r"(?:[^()]{0,40})\)",
    re.IGNORECASE,
)
_ON = re.compile(
    rf"\b(?:tổ chức|khai mạc|họp|diễn ra|bắt đầu|ra quân|tiến hành|thực hiện)\b[^.;\n]{{0,80}}?\bvào\s+(?P<when"
    rf">{DATE})",
    re.I,
)
_DONE_IN = re.compile(r"\b(?:thực hiện|triển khai|tổ chức) $")
_FIRST = re.compile(
    rf"(?:(?:trong|đến|đến hết|hết|xong trong|từ nay đến|từ nay đến hết) )?(?P<when>{PERIOD}|{DATE}),? (?:[^.;\n"
    rf"]{{0,60}}?\b(?:hoàn thành"
    rf"|hoàn tất|xong)|trình|ban hành)\b",
    re.I,
)
_DOING = re.compile(
    rf"\b(?:hoàn thành|hoàn tất|xong|ban hành|{SUBMIT}|báo cáo|gửi|nộp|phê duyệt|kết thúc|chấm dứt|tổng kết|"
    rf"sơ kết|đưa vào)\b",
    re.I,
)
_YEAR_ONLY = re.compile(r"(?:trong|vào) (?:cả )?năm", re.IGNORECASE)
_HANDED_IN = re.compile(rf"\b(?:{SUBMIT}|ban hành|phê duyệt|báo cáo|gửi)\b", re.IGNORECASE)
_PERIOD_OF = re.compile(
    r"\b(?:kết quả|tình hình|số liệu|nhiệm vụ|công tác|chỉ tiêu|phương hướng|thành tích|diễn biến|hoạt động|phát sinh|"
    r"xảy ra|đã|tăng trưởng|dịp|sự kiện|học tập của|phong trào)\b[^,;.]{0,80}$",
    re.IGNORECASE,
)
"""A noun that a period only describes: "tình hình … trong tháng 9"."""
_OWN_LIMIT = re.compile(r"\b(?:hoàn thành|hoàn chỉnh|hoàn thiện|hoàn tất|xong)\b[^.;\n]{0,160}$", re.IGNORECASE)
_PURPOSE = re.compile(r"\b(?:để|nhằm)\b(?! xảy| vào)[^.;\n]*$", re.IGNORECASE)
_CITED = re.compile(r"(?:đến|từ|có hiệu lực|sinh|hưởng|được cấp|đã [\w ]{1,30}) $", re.IGNORECASE)


def read_fixed(passage: Passage, issued_on: date | None) -> list[Deadline]:
    """Return the fixed deadlines of a passage."""
    text = passage.text
    found: dict[int, Deadline] = {}
    for sentence in sentences(text):
        for match, op in _matches(text, sentence.start, sentence.end):
            start = match.start("when")
            if start in found or _no_deadline(text, sentence.start, match):
                continue
            day, guessed = last_day(match.group("when"), issued_on, first=op == "before")
            if day is not None:
                reason = Reason.NO_YEAR if guessed else Reason.NAMED_DAY
                at = match.start() if match.re in (_BEFORE, _LATEST, _WITHIN) else start
                value = text[at : match.end("when")]
                found[start] = Deadline(
                    value, passage.span(at, match.end("when")), 0.75 if guessed else 0.92, reason, "fixed", day, op
                )
    return list(found.values())


def _matches(text: str, start: int, end: int) -> Iterator[tuple[re.Match[str], str]]:
    """Yield the places where a day or period is named as a limit, and the sense of each."""
    for match in _LATEST.finditer(text, start, end):
        yield match, "before" if re.search(r"\btrước\b", match.group()) else "within"
    for match in _BEFORE.finditer(text, start, end):
        yield match, "before"
    for match in _UNTIL.finditer(text, start, end):
        yield match, "within"
    for match in _BRACKET.finditer(text, start, end):
        yield match, "within"
    for match in _ON.finditer(text, start, end):
        yield match, "on"
    if first := _FIRST.match(text, start, end):
        yield first, "within"
    for match in _WITHIN.finditer(text, start, end):
        if _is_limit(text, start, end, match):
            yield match, "within"


def _is_limit(text: str, start: int, end: int, match: re.Match[str]) -> bool:
    """Return a period limits the work when something is to be finished in it, not when it says of which period one
    speaks.
    """
    after = text[match.end() : end].lstrip()
    closes = not after or after[0] in ".;,)/" or after.startswith(("và ", "để "))
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
    return closes and bool(_DOING.search(text, _line_start(text, match.start()), match.start()))


def _clause_start(text: str, start: int, at: int) -> int:
    """Return where the clause begins that holds a position."""
    back = max(start, at - 240)
    return max(back, text.rfind(", ", back, at) + 1, text.rfind("; ", back, at) + 1)


def _line_start(text: str, at: int) -> int:
    """Return where the paragraph begins that holds a position, not further back than a clause may be long."""
    back = reach_back(text, 0, at)
    return max(back, text.rfind("\n", back, at) + 1)


def _no_deadline(text: str, start: int, match: re.Match[str]) -> bool:
    """Return a date inside a purpose, or of something cited, is no deadline."""
    before = text[max(start, match.start() - 400) : match.start()]
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
