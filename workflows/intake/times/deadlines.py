"""Which times of a duty are its deadlines, and the words of time that are none.

`named.py`, `recurring.py` and `lengths.py` say what time is meant; here the words beside it say whether it binds.
"""

import re
from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from workflows.intake.text.beginnings import TextPart, begins_predicate
from workflows.intake.text.reading import Deadline, Passage, ReadingReason, TextFinding
from workflows.intake.text.sentences import reach_back, sentences
from workflows.intake.text.vocabulary import bare
from workflows.intake.times.grammar import kinds, rule
from workflows.intake.times.lengths import lengths, read_relative
from workflows.intake.times.named import Dates, NamedKind, NamedTime, named_times
from workflows.intake.times.recurring import Recurrence, recurrences
from workflows.intake.times.time_lines import doubted, read_time_lines
from workflows.intake.times.words import Word, time_words


def read_deadlines(passage: Passage, issued_on: date | None) -> tuple[Deadline, ...]:
    """Return the deadlines of a duty in the order of its text. Of two that overlap, the first read stays."""
    whole = passage.span()
    taken = bytearray(whole.end - whole.start)
    found: list[Deadline] = []
    for one in (
        *read_time_lines(passage, issued_on),
        *read_recurring(passage),
        *read_fixed(passage, issued_on),
        *read_relative(passage),
    ):
        start, end = one.span.start - whole.start, one.span.end - whole.start
        if not any(taken[start:end]):
            taken[start:end] = b"\1" * (end - start)
            found.append(one)
    found.sort(key=lambda one: one.span.start)
    kept: dict[tuple[object, ...], Deadline] = {}
    for one in found:
        key = (one.kind, one.day, one.op, one.rule if one.kind != "relative" else bare(one.value))
        kept.setdefault(key, doubted(one, issued_on))
    return tuple(kept.values())


def times_in(text: str) -> list[tuple[int, int]]:
    """Return where the text speaks of a time to be met, whether it is read or not, as characters in order."""
    said = [(one.start, one.end) for one in recurrences(text, 0, len(text)) if one.speaks_of_a_deadline]
    said += lengths(text)
    for named in named_times(text, 0, len(text), date.min):
        if (
            named.lead & _LIMITING
            or named.kind in (NamedKind.RANGE, NamedKind.TODAY)
            or (
                named.kind is NamedKind.DAYS
                and _says_year(text, named)
                and not _DATES_SOMETHING.search(text, max(0, named.start - 90), named.start)
            )
        ):
            said.append((named.start, named.end))
    apart: list[tuple[int, int]] = []
    for start, end in sorted(said):
        if apart and start < apart[-1][1]:
            apart[-1] = (apart[-1][0], max(end, apart[-1][1]))
        else:
            apart.append((start, end))
    return apart


_LIMITING = frozenset(
    {Word.BEFORE, Word.LATEST, Word.LIMIT, Word.AT_MOST, Word.DONE, Word.END, Word.WITHIN, Word.AT, Word.EXACTLY}
)
_DATES_SOMETHING = re.compile(
    r"(?:\b(?:số|công văn|quyết định|nghị (?:quyết|định)|luật|bộ luật|chỉ thị|thông (?:báo|tư|tri)|kế hoạch|tờ trình|"
    r"văn bản|kết luận|công điện|hướng dẫn|phiên|cuộc họp|hội nghị|từ|kể|đã|sinh|hiệu lực|tính|đến|trước|công báo)\b|"
    r"\d[-/][A-ZĐ])[^.;]{0,80}$",
    re.IGNORECASE,
)
"""What a day behind it dates: another document, a meeting, a beginning."""


_WRAPPED = re.compile(r"\n(?=[a-zà-ỹđ](?!\)))")
"""An end of line within a sentence, not before the mark of an item."""
_TIMES = tuple(map(rule, ("lead? beside_day (days | range | periods | from_issue)", "again", "counted", "day number")))


def _unwrapped(text: str) -> str:
    """Return a text, each character at its place, with blanks for the ends of lines within its sentences and times."""
    if "\n" not in text:
        return text
    words, unwrapped = time_words(text), list(_WRAPPED.sub(" ", text))
    for pattern in _TIMES:
        for match in pattern.finditer(kinds(text)):
            for at in range(words[match.start()].start, words[match.end() - 1].end):
                if unwrapped[at] == "\n":
                    unwrapped[at] = " "
    return "".join(unwrapped)


def read_recurring(passage: Passage) -> list[Deadline]:
    """Return what comes again; a bare "hằng quý" only where it says when something is reported or done."""
    text = _unwrapped(passage.text)
    found: list[Deadline] = []
    for sentence in sentences(text):
        for one in recurrences(text, sentence.start, sentence.end):
            if one.is_certain or _tells_when(text, sentence, one):
                value, span = text[one.start : one.end], passage.span(one.start, one.end)
                found.append(Deadline(value, span, 0.85, ReadingReason.REPEATED, "recurring", rule=one.rule))
    return found


_REPORTS = re.compile(r"\b(?:báo cáo|tổng hợp|giao ban|gửi|thống kê|sơ kết|kiểm tra|công bố|cập nhật)\b", re.IGNORECASE)
_THEN_REPORTS = re.compile(r",? (?:tổng hợp,? )?(?:báo cáo|gửi|tổng kết|sơ kết|đánh giá|tổ chức)\b", re.IGNORECASE)
_REPORTED = re.compile(r"\b(?:báo cáo|gửi báo cáo)(?: (?!kế hoạch|kinh phí|chương trình)\w+){0,6} $", re.IGNORECASE)
_OF_NOUN = re.compile(
    r"(?:kế hoạch|kinh phí|dự toán|chương trình|ngân sách|chỉ tiêu|kết quả|nguồn|lương|trợ cấp|công tác|"
    r"thuế|phí|mức|thi đua|nhiệm vụ|quyết toán|vốn|đánh giá|bình quân|sản lượng|thay thế|phép|đầu tư|\bvà|"
    r"đối với)(?: [\w]+){0,2} $",
    re.IGNORECASE,
)
"""A noun that a period only describes: "kế hoạch hằng năm"."""


def _tells_when(text: str, sentence: TextPart, one: Recurrence) -> bool:
    before = text[max(sentence.start, one.start - 200) : one.start]
    reports = _REPORTS.search(before) and not _OF_NOUN.search(before)
    if not before.strip() or _REPORTED.search(before) or reports:
        return True
    then = _THEN_REPORTS.match(text, one.end)
    return then is not None and (then.group()[0] != "," or re.search(r"[,;:]\s$", before) is not None)


def read_fixed(passage: Passage, issued_on: date | None) -> list[Deadline]:
    """Return the days and periods of the calendar that limit the work, or on which it is done."""
    text = _unwrapped(passage.text)
    found: list[Deadline] = []
    for sentence in sentences(text):
        for named in named_times(text, sentence.start, sentence.end, issued_on):
            if (sense := _sense_of(text, sentence, named, issued_on)) is not None:
                found += _deadlines(passage, named, sense)
    return sorted(found, key=lambda one: (one.reason is not ReadingReason.NAMED_PERIOD, one.span.start))


class _Sense(NamedTuple):
    """How a named time binds (before, within or on), and how sure that is."""

    op: str
    confidence: float
    reason: ReadingReason = ReadingReason.NAMED_DAY


def _deadlines(passage: Passage, named: NamedTime, sense: _Sense) -> Iterator[Deadline]:
    """Yield a deadline for each day of a list under one word of limit, else one for the last day."""
    text = _unwrapped(passage.text)
    start = named.start if named.lead & _LIMITING else named.when
    days = [(start, named.end, named.dates)]
    if len(named.each) > 1 and sense.op != "on":
        days = [(start if at == 0 else one[0], one[1], one[2]) for at, one in enumerate(named.each)]
    for begin, end, dates in days:
        day = _bound(dates, named, sense)
        if day is not None:
            reason = (
                ReadingReason.NO_YEAR if dates.is_guessed and sense.reason is ReadingReason.NAMED_DAY else sense.reason
            )
            confidence = min(sense.confidence, 0.75) if dates.is_guessed else sense.confidence
            yield Deadline(text[begin:end], passage.span(begin, end), confidence, reason, "fixed", day, sense.op)


def _bound(dates: Dates, named: NamedTime, sense: _Sense) -> date | None:
    """Return the day that binds: what must be done before a whole period is done before its first day."""
    is_whole = named.kind in (NamedKind.PERIOD, NamedKind.WEEK) and Word.LAST not in named.lead
    return dates.first if sense.op == "before" and is_whole else dates.last


_SUBMIT = r"(?<!chương )(?<!công )(?<!quá )(?<!quy )(?<!lộ )(?<!tiến )trình"
_DONE_BY = re.compile(
    rf"\b(?:xong|hoàn thành|kết thúc|kết quả|báo cáo|gửi|nộp|{_SUBMIT})\b[^.;\n]{{0,160}}$", re.IGNORECASE
)
_THEN_DONE = re.compile(
    r",? (?:phải |cơ bản |cần )*(?:đạt|giải ngân|hoàn thành|hoàn tất|xong\b|kết thúc|thực hiện xong|triển khai xong)",
    re.IGNORECASE,
)
"""What is to be done by then stands behind the day: "đến ngày … phải hoàn thành"."""
_HELD = re.compile(
    r"\b(?:tổ chức|khai mạc|bế mạc|khai giảng|khởi công|khánh thành|thông xe|họp|diễn ra|bắt đầu|ra quân|ra mắt|"
    r"tổng duyệt|phát động|tiến hành|thực hiện)\b[^.;\n]{0,80}$",
    re.IGNORECASE,
)
_HELD_ON = re.compile(
    r"\b(?:tựu trường|khai giảng|khai mạc|bế mạc|ra quân|diễn ra)(?: [^.;:,\n]{0,40})? $", re.IGNORECASE
)
_IS_ITS_DAY = re.compile(r"[^:;.\n]{3,90}: (?:vào )?$")
"""A step of a calendar: "Khai giảng năm học mới: Ngày 05/9/2024"."""
_WEEKDAY_AND_END = re.compile(r"(?: ?\(thứ [^()]{1,8}\))?(?= ?[.;,)]|$)", re.IGNORECASE)
_IN_A_LIST = re.compile(r"\b(?:các|cả|hai|ba|bốn|\d{1,2})(?: \([\w ]{1,12}\))? $", re.IGNORECASE)
_OPENS_A_BRACKET = re.compile(r"\(\s*(?:thời gian[^()]{0,20}:?\s*)?$", re.IGNORECASE)
_CLOSES_A_BRACKET = re.compile(r"[^()]{0,40}\)")
_DAILY = re.compile(r"\b(?:h[àằ]ng|mỗi) (?:tháng|quý|năm) \($", re.IGNORECASE)
"""What a bracket of months only narrows: "ngày 25 hàng tháng (tháng 6, 7 và 8)"."""
_THEN_FINISHED = re.compile(r",? (?:[^.;\n]{0,60}?\b(?:hoàn thành|hoàn tất|xong)|trình|ban hành)\b", re.IGNORECASE)
_BY_YEAR = re.compile(r"(?:^|[^\d][,;.] |\b(?:phấn đấu|bảo đảm|đảm bảo)(?: là)? )$", re.IGNORECASE)
"""By when a state is to be reached: "đến năm 2020, các xã có trụ sở"."""
_CLOSED_IN = re.compile(r"\b(?:tổng kết|sơ kết|kết thúc) [^.;,\d\n]{0,40}$", re.IGNORECASE)
_ARRANGES = re.compile(r"\b(?:tổ chức|khoảng) $", re.IGNORECASE)


def _sense_of(text: str, sentence: TextPart, named: NamedTime, issued_on: date | None) -> _Sense | None:
    """Return how a named time binds, None where it does not: it dates something else, or only says of which period."""
    before = text[max(sentence.start, named.start - 400) : named.start]
    after = text[named.end : sentence.end]
    lead = named.lead
    if Word.ONE_TIME in lead:
        return None  # "tại kỳ họp tháng 12": the day of the session is not said
    if named.kind is NamedKind.TODAY:
        return _Sense("before" if Word.BEFORE in lead else "within", 0.8)
    if named.kind is NamedKind.RANGE:
        return _sense_of_range(text[named.start : named.end], before, after, named, issued_on)
    if named.kind in (NamedKind.WEEK, NamedKind.THIRD, NamedKind.FROM_ISSUE):
        return _sense_of_part(before, named)
    if _is_no_deadline(before, text, named):
        return None
    if Word.BEFORE in lead:
        return _Sense("before", 0.92)
    if lead & {Word.LATEST, Word.LIMIT, Word.AT_MOST}:
        return _Sense("within", 0.92)
    is_day = named.kind is NamedKind.DAYS
    is_until = bool(lead & {Word.UNTIL, Word.END})
    if is_day and (is_until or Word.AT in lead) and _DONE_BY.search(before) and not _COUNTED_UP.search(before[-200:]):
        return _Sense("within", 0.85)
    if not is_day and _OPENS_A_BRACKET.search(before) and _CLOSES_A_BRACKET.match(after) and not _DAILY.search(before):
        return _Sense("within", 0.85)
    if is_day and len(named.each) > 1 and (lead & {Word.WITHIN, Word.AT} or _IN_A_LIST.search(before)):
        return _Sense("on", 0.85)
    if Word.EXACTLY in lead:
        return _Sense("on", 0.85)
    if is_day and Word.DONE in lead:
        return _Sense("within", 0.85)
    if is_day and Word.AT in lead and _HELD.search(before):
        return _Sense("on", 0.85)
    if is_until and (is_day or not _is_year(text, named)) and _THEN_DONE.match(after):
        return _Sense("within", 0.85)
    if not before.strip() and _opens_the_sentence(text, named, after):
        return _Sense("within", 0.85)
    if lead & _WITHIN_WORDS and _is_limit(text, sentence, named):
        return _Sense("within", 0.85)
    return _sense_of_event(text, before, after, named)


_WITHIN_WORDS = frozenset({Word.WITHIN, Word.AT, Word.DONE, Word.END, Word.LAST})


def _sense_of_event(text: str, before: str, after: str, named: NamedTime) -> _Sense | None:
    """Return the sense of the day of an event, or of the year by which a state is to be reached."""
    says_year = _says_year(text, named)
    if named.kind is NamedKind.DAYS:
        is_step = _IS_ITS_DAY.fullmatch(before) or _HELD_ON.search(before)
        return _Sense("on", 0.8) if is_step and not named.lead - {Word.AT} and _WEEKDAY_AND_END.match(after) else None
    if Word.UNTIL in named.lead and says_year and _BY_YEAR.search(before) and re.match(r",? (?=\w)", after):
        is_month = text[named.when :].casefold().startswith("tháng")
        return None if is_month else _Sense("within", 0.75)
    if Word.AT in named.lead and says_year and _CLOSED_IN.search(before):
        return _Sense("within", 0.75)
    return None


def _opens_the_sentence(text: str, named: NamedTime, after: str) -> bool:
    if _THEN_FINISHED.match(after):
        return True
    if named.kind is NamedKind.DAYS or Word.WITHIN not in named.lead:
        return False
    gap = re.match(r",? (?=\w)", after)
    return gap is not None and begins_predicate(text, named.end + gap.end())


def _says_year(text: str, named: NamedTime) -> bool:
    return re.search(r"\d{4}$", text[named.when : named.end]) is not None


def _is_year(text: str, named: NamedTime) -> bool:
    return text[named.when : named.end].casefold().startswith("năm")


_DOING = re.compile(
    rf"\b(?:hoàn thành|hoàn tất|xong|ban hành|{_SUBMIT}|báo cáo|gửi|nộp|phê duyệt|kết thúc|chấm dứt|tổng kết|"
    r"sơ kết|đưa vào)\b",
    re.IGNORECASE,
)
_DONE_IN = re.compile(r"\b(?:thực hiện|triển khai|tổ chức) $")
_HANDED_IN = re.compile(rf"\b(?:{_SUBMIT}|ban hành|phê duyệt|báo cáo|gửi)\b", re.IGNORECASE)
_DESCRIBED = (
    r"kết quả|tình hình|số liệu|nhiệm vụ|công tác|chỉ tiêu|phương hướng|thành tích|diễn biến|hoạt động|phát sinh|"
    r"xảy ra|đã|tăng trưởng|dịp|sự kiện|học tập của|phong trào"
)
_PERIOD_OF = re.compile(rf"\b(?:{_DESCRIBED})\b(?:(?!\b(?:về|gửi|cho) (?-i:[A-ZĐ]))[^,;.]){{0,80}}$", re.IGNORECASE)
"""A noun that a period only describes: "tình hình … trong tháng 9", but "kết quả về Bộ trong tháng 9"."""


def _is_limit(text: str, sentence: TextPart, named: NamedTime) -> bool:
    """Return whether a period limits the work, and does not only say of which period the sentence speaks."""
    after = text[named.end : sentence.end].lstrip()
    closes = not after or after[0] in ".;,()/" or after.casefold().startswith(("và ", "để "))
    clause = text[_clause_start(text, sentence.start, named.start) : named.start]
    if Word.WITHIN in named.lead and not _is_year(text, named):
        if _HANDED_IN.search(clause) and (clause.endswith(" kết quả ") or not _PERIOD_OF.search(clause)):
            return True
        if closes and not _PERIOD_OF.search(clause):
            return True
    if closes and (Word.AT in named.lead or _DONE_IN.search(clause)):
        return True
    if _PERIOD_OF.search(clause):
        return False
    if closes and Word.DONE in named.lead:
        return True
    return closes and bool(_DOING.search(text, _line_start(text, named.start), named.start))


def _clause_start(text: str, start: int, at: int) -> int:
    back = max(start, at - 240)
    return max(back, text.rfind(", ", back, at) + 1, text.rfind("; ", back, at) + 1)


def _line_start(text: str, at: int) -> int:
    """Return where the paragraph begins that holds a position, not further back than a clause may be long."""
    back = reach_back(text, 0, at)
    return max(back, text.rfind("\n", back, at) + 1)


_YEARLY = re.compile(r"\b(?:h[àằ]ng|mỗi) năm\b", re.IGNORECASE)
"""What makes a month without a year come again: "hàng năm tổ chức sơ kết vào tháng 12"."""
_COUNTED_UP = re.compile(r"\b(?:tính|kể từ|lũy kế|luỹ kế|từ (?:ngày )?\d)", re.IGNORECASE)
"""What is counted up to a day: "số liệu tính đến ngày …"."""
_OWN_LIMIT = re.compile(r"\b(?:hoàn thành|hoàn chỉnh|hoàn thiện|hoàn tất|xong)\b[^.;\n]{0,160}$", re.IGNORECASE)
_PURPOSE = re.compile(r"(?<!dành )(?<!dùng )\b(?:để|nhằm)\b(?! xảy| vào)[^.;\n]*$", re.IGNORECASE)
_CITED = re.compile(r"(?:đến|từ|có hiệu lực|sinh|hưởng|được cấp|đã [\w ]{1,30}) $", re.IGNORECASE)
_ACTS = re.compile(r"\bbáo cáo\b|, (?:gửi|trình|hoàn thành|thực hiện ngay|xong)")


def _is_no_deadline(before: str, text: str, named: NamedTime) -> bool:
    """Return whether a date stands in a purpose, or dates something cited."""
    if _YEARLY.search(before) and not _says_year(text, named):
        return True
    is_sure = bool(named.lead & {Word.BEFORE, Word.LATEST, Word.LIMIT})
    lead = text[named.start : named.when]
    if purpose := _PURPOSE.search(before):
        if is_sure and _OWN_LIMIT.search(before[: purpose.start()]):
            return False
        if purpose.start() > 0 and not _ACTS.search(purpose.group() + lead):
            return True
        if re.search(r"để tổng hợp|để trình", purpose.group()):
            return True
    return Word.DONE not in named.lead and _CITED.search(before) is not None


_TERM_OF = re.compile(
    r"\b(?:kết quả|tình hình|số liệu|thành tích|diễn biến|phát sinh|xảy ra|đã|tăng trưởng|hiệu lực|áp dụng|hưởng|"
    r"giai đoạn|thời kỳ|niên độ|tính|dự báo|nhận định|khả năng|nguy cơ|báo cáo|thống kê|sinh|năm học|nhiệm kỳ|được cấp|"
    r"kỳ)\b"
    r"[^,;.]{0,60}$|\b(?:cấm|tạm dừng|đình chỉ|không được)\b[^;.]{0,100}$",
    re.IGNORECASE,
)
"""A noun or verb whose term a range only describes ("số liệu từ ngày … đến ngày …"), and what is forbidden."""
_ENDS_IN_A_YEAR = re.compile(r"(?:đến|tới|-|–)(?: hết| cuối)? năm \d{4}$", re.IGNORECASE)
"""The term of a policy: "từ nay đến năm 2030"."""
_CLOSES = re.compile(r"\s*(?:$|[.,;:()\n]|(?:để|nhằm|và|tại|trên|ở|theo|trong|phải|do|cho|trở)\b)")


def _sense_of_range(text: str, before: str, after: str, named: NamedTime, issued_on: date | None) -> _Sense | None:
    """Return the sense of a range; one that ended before the document only says of which period."""
    last = named.dates.last
    if last is None or (issued_on is not None and last < issued_on) or _ENDS_IN_A_YEAR.search(text):
        return None
    if not _CLOSES.match(after) or _TERM_OF.search(before[-120:]):
        return None
    return _Sense("within", 0.7 if named.dates.is_guessed else 0.85, ReadingReason.NAMED_PERIOD)


_COVERED = re.compile(
    r"\b(?:kết quả|tình hình|số liệu|nhiệm vụ|công tác|chỉ tiêu|phương hướng|hoạt động)\b[^,;.]{0,80}$", re.IGNORECASE
)
_AGAIN = re.compile(r"\b(?:h[àằ]ng|mỗi|định kỳ)\b", re.IGNORECASE)


def _sense_of_part(before: str, named: NamedTime) -> _Sense | None:
    """Return the sense of a week or third of a month, or of a period counted from the document's day."""
    if not (named.lead & _LIMITING or named.lead & {Word.UNTIL} or _ARRANGES.search(before)):
        return None
    op = "before" if Word.BEFORE in named.lead else "within"
    if named.kind is NamedKind.FROM_ISSUE:
        limits = named.lead & {Word.BEFORE, Word.LATEST, Word.LIMIT, Word.DONE, Word.AT_MOST}
        if (_COVERED.search(before[-120:]) and not limits) or _AGAIN.search(before[-120:]):
            return None
        return _Sense(op, 0.6, ReadingReason.NAMED_PERIOD)
    confidence = 0.8 if named.kind is NamedKind.WEEK and op == "within" else 0.5
    return _Sense(op, confidence, ReadingReason.NAMED_PERIOD)


_CASES = re.compile(
    r"\b(?:nếu|trường hợp|khi|thực hiện,) (?:có |có gì |gặp |phát sinh |xảy ra )*(?:những |các )?(?:khó khăn|"
    r"vướng mắc|vấn đề|phát sinh)"
    r"[^.;\n]{0,160}|\bkhi (?:có|được) (?:yêu cầu|đề nghị)\b[^.;\n]{0,80}",
    re.IGNORECASE,
)


def read_conditions(passage: Passage) -> list[TextFinding]:
    """Return the cases in which alone something is to be done: "nếu có vướng mắc, báo cáo …"."""
    found = []
    for match in _CASES.finditer(passage.text):
        if match.start() == 0 or passage.text[match.start() - 1] != "(":
            value = match.group().rstrip(" ,")
            span = passage.span(match.start(), match.start() + len(value))
            found.append(TextFinding(value, span, 0.8, ReadingReason.CONDITION))
    return found
