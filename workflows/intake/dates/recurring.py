"""Deadlines that come again: "định kỳ 6 tháng", "trước ngày 20 hàng tháng", "hàng quý"."""

import re
from collections.abc import Iterable, Iterator

from workflows.intake.dates.written_dates import COUNTS, DAY_WORDS, LATEST, OF_DAY, WEEKDAY
from workflows.intake.text.reading import Deadline, Passage, ReadingReason
from workflows.intake.text.sentences import sentences

_UNIT = r"(?:tuần|tháng|quý|năm|ngày)"
_EACH = rf"(?:h[àằ]ng|mỗi)\s+{_UNIT}(?:(?:,| và|,? hoặc|/)\s*(?:h[àằ]ng\s+)?(?:{_UNIT}(?! cuối| \d)|\d+ tháng)){{0,4}}"
_COUNT = (
    rf"\d{{1,2}}\s+(?:tháng|tuần|ngày)(?:\s+đầu năm)?(?:(?:,| và|/)\s*(?:\d{{1,2}} (?:tháng|năm)|{_EACH}|"
    r"năm|cả năm|quý)){0,4}"
)
_DAYS = (
    rf"(?:{OF_DAY})?\d{{1,2}}(?:/\d{{1,2}}|\s*tháng\s*\d{{1,2}})?(?:(?:,| và|, và| hoặc)\s*(?:trước\s*)?"
    rf"(?:{OF_DAY})?\d{{1,2}}"
    r"(?:/\d{1,2}|\s*tháng\s*\d{1,2})?){0,6}"
)
_NUMBER = rf"(?:\d{{1,3}}|{'|'.join(COUNTS)})"
_WEEKDAY = rf"(?:{WEEKDAY}|chủ nhật)"
_ON_WEEKDAY = re.compile(
    rf"(?:\b(?:trước|vào|{LATEST})(?: là| vào)?\s+)?(?:\b\d{{1,2}}\s?(?:giờ|h)\s?(?:\d{{2}})?(?: phút)?,?\s+)?"
    rf"(?:\b(?:sáng|trưa|chiều|tối)\s+)?(?:\bngày\s+)?\b{_WEEKDAY}(?:(?:,| và|,? hoặc)\s+{_WEEKDAY}){{0,4}}"
    r"(?:\s+(?:tuần )?(?:đầu|cuối)(?: cùng| tiên)?)?,?\s+(?:của\s+)?(?:h[àằ]ng|mỗi)\s+(?:tuần|tháng|quý)",
    re.IGNORECASE,
)
_EVERY_SO = re.compile(
    rf"\b(?:(?:định kỳ|cứ|sau|mỗi) )*(?P<count>{_NUMBER}) (?P<unit>phút|giờ|tiếng|ngày|tuần|tháng|quý|năm)"
    r"\s?(?:/\s?|(?:một|1|mỗi|lại) )(?:(?:một|1|01) )?lần\b",
    re.IGNORECASE,
)
"""A rate of action: "cứ 5 ngày một lần", "30 phút/lần"."""
_OFTEN = r"(?:lần|buổi|đợt|kỳ|phiên|cuộc)"
_TIMES = re.compile(
    rf"\b(?:ít nhất |tối thiểu )?{_NUMBER} {_OFTEN}\s?(?:/\s?|(?:trong )?(?:một|1|mỗi|trong) )(?:{_UNIT})(?! \d)|"
    rf"\b(?:mỗi|một|h[àằ]ng) {_UNIT}(?: (?:họp|báo cáo|giao ban|kiểm tra|tổ chức))?,? (?:ít nhất |"
    rf"tối thiểu )?{_NUMBER} {_OFTEN}\b|"
    rf"\bngày {_NUMBER} {_OFTEN}\b",
    re.IGNORECASE,
)
_AT_MOST = re.compile(r"\b(?:không quá|tối đa|nhiều nhất|không vượt quá|quá) $", re.IGNORECASE)
"""A bound on how often something may be done is no deadline."""
_NEXT = (
    r"tháng (?:liền )?(?:sau|kế tiếp|tiếp theo|kế sau|liền kề|"
    r"đầu (?:tiên )?(?:của )?quý (?:sau|kế tiếp|tiếp theo|liền kề))"
)
"""The month behind a period."""
_LAST_PART = re.compile(
    rf"(?:\b(?:trước|{LATEST}|vào|trong)(?: là| vào| trong)?\s+)?(?:\d{{1,2}} )?"
    r"\b(?:(?P<part>ngày) (?:làm việc )?|tuần )(?P<end>cuối|đầu)"
    rf"(?: cùng| tiên)? (?:của )?(?:h[àằ]ng |mỗi )?(?:tuần|tháng|quý|năm)(?! ?\d)",
    re.IGNORECASE,
)
_REPORT_OF = re.compile(
    rf"\bbáo cáo (?:định kỳ )?(?:\d tháng|tuần|tháng|quý|năm)(?: gửi|:| :|,)? ?\(?(?:gửi )?(?:trước|{LATEST}|vào)"
    rf"(?: là| vào)? {OF_DAY}\d{{1,2}}(?:/\d{{1,2}}| tháng \d{{1,2}})?(?: (?:của )?{_NEXT})?"
    r"(?!\s?/|\d| tháng| năm| của)",
    re.IGNORECASE,
)
"""The day of a kind of report: "báo cáo quý trước ngày 15"."""
_NEXT_MONTH = re.compile(rf"\b(?:trước|{LATEST}|vào)(?: là| vào)?\s+{OF_DAY}\d{{1,2}} (?:của )?{_NEXT}", re.IGNORECASE)
"""A day of the next month comes again even where the period is not named: "trước ngày 05 của tháng sau"."""
_ON_DAY = re.compile(
    rf"(?:\b(?:trước|{LATEST}|vào|từ)(?:\s*(?:là|vào|trước|trong))*\s*)?\b{_DAYS}\s*(?:của\s+)?{_EACH}"
    rf"(?:(?:,| và)\s*(?:trước\s*)?(?:{OF_DAY}\d{{1,2}}\s*)?(?:của\s*)?tháng cuối (?:của\s*)?quý)?",
    re.IGNORECASE,
)
_BY_HOUR = re.compile(
    rf"(?:\b(?:trước|vào|lúc|{LATEST})(?: là| vào| lúc)*\s+)?(?<!\d)\d{{1,2}}\s?(?:giờ|h|g)\s?(?:\d{{2}})?(?: phút)?"
    r"(?:(?:,| và) (?:trước )?\d{1,2}\s?(?:giờ|h|g)\s?(?:\d{2})?(?: phút)?){0,3},?\s+"
    rf"(?:(?:ngày )?thứ \w+ )?{_EACH}",
    re.IGNORECASE,
)
_HALF_YEARS = re.compile(
    rf"(?:\b\d{{1,2}} tháng(?: đầu năm| một lần)?|(?<=báo cáo )(?:tháng|quý|năm)) \((?:trước|{LATEST}|gửi|"
    rf"vào)[^()]{{2,40}}\)",
    re.IGNORECASE,
)
_TERMS = re.compile(
    r"\bđịnh k[ỳìy] (?:vào )?(?:cuối |đầu |mỗi ){0,2}(?:học kỳ|năm học)(?: I{1,2}|"
    r" một lần)?(?:,? và (?:cuối )?(?:học kỳ|năm học)(?: I{1,2})?)?(?: \([^()]{3,40}\))?|\b(?:vào )?(?:cuối|"
    r"đầu) mỗi (?:tuần|tháng|quý|năm|học kỳ)",
    re.IGNORECASE,
)
_DAY_OF = re.compile(
    rf"(?:\b(?:trước|{LATEST}|vào)\s*(?:là\s*)?)?\b{OF_DAY}\d{{1,2}}\s*(?:của\s*)?tháng (?:cuối|đầu|cuối cùng)"
    r"(?: (?:của )?(?:mỗi )?quý)",
    re.I,
)
_PERIODIC = re.compile(
    rf"\bđịnh k[ỳìy]\s*(?:\(\s*)?(?:báo cáo\s*)?(?:{_EACH}|{_COUNT}|{_UNIT}(?:(?:,| và)\s*{_UNIT})*)"
    r"(?:\s*\d+ lần|\s*một lần)?",
    re.IGNORECASE,
)
_CALLED = re.compile(
    rf"\b(?<!đối với )(?:sơ kết|tổng kết|báo cáo|giao ban|họp)\s+(?:định kỳ\s*)?(?:(?!9|1\d|[2-9]\d){_COUNT}|{_EACH})",
    re.IGNORECASE,
)
_EACH_TIME = re.compile(
    rf"\b{_EACH}\b|\b\d{{1,2}} tháng (?:một|1) lần|\b\d{{1,2}} tháng(?:,| và|, và) (?:1 |cả )?năm\b(?! \d)|"
    rf"\bmỗi {_UNIT}(?: \d+ lần| một lần)?",
    re.IGNORECASE,
)
_REPORTS = re.compile(r"\b(?:báo cáo|tổng hợp|giao ban|gửi|thống kê|sơ kết|kiểm tra|công bố|cập nhật)\b", re.IGNORECASE)
_THEN_REPORTS = re.compile(r",? (?:tổng hợp,? )?(?:báo cáo|gửi|tổng kết|sơ kết|đánh giá|tổ chức)\b", re.IGNORECASE)
_REPORTED = re.compile(r"\b(?:báo cáo|gửi báo cáo)(?: (?!kế hoạch|kinh phí|chương trình)\w+){0,6} $", re.IGNORECASE)
_OF_NOUN = re.compile(
    r"(?:kế hoạch|kinh phí|dự toán|chương trình|ngân sách|chỉ tiêu|kết quả|nguồn|lương|trợ cấp|công tác|"
    r"thuế|phí|mức|thi đua|nhiệm vụ|quyết toán|vốn|đánh giá|bình quân|sản lượng|thay thế|phép|đầu tư|\bvà|"
    r"đối với)(?: [\w]+){0,2} $",
    re.IGNORECASE,
)
_AND_DAYS = (
    rf"(?:(?:,| và|, và| hoặc)\s(?:trước )?(?:{OF_DAY}\d{{1,2}}(?!\d|\s?/| tháng \d)|"
    r"\d{1,2}(?=\s?[,.;)]|\s(?:và|hoặc|của|h[àằ]ng|mỗi|báo cáo|gửi|về|để|cho|tổng hợp)\b|$)(?!\.\d))){0,3}"
)
"""Further days of the same period: "trước ngày 05 và ngày 20"."""
_MORE = re.compile(
    rf"(?:,| và)?\s(?:trước|vào|{LATEST})(?: lúc)? \d{{1,2}}\s?(?:giờ|h)(?:\s?\d{{2}})?(?: phút)?(?:,? "
    rf"(?:ngày )?thứ \w+)?|"
    rf",?\s(?:trước|{LATEST}|vào)(?: là| vào)? (?:{OF_DAY})?\d{{1,2}}(?:/\d{{1,2}}| tháng \d{{1,2}})"
    rf"(?!\d|/\d{{4}}| năm|/\s?\d)(?:(?:,| và)\s(?:trước )?(?:{OF_DAY})?\d{{1,2}}(?:/\d{{1,2}}| tháng \d{{1,2}})"
    r"(?!\d|/| năm)){0,3}|"
    rf",?\s(?:trước|vào)(?: (?:sáng|chiều|cuối ngày))? {_WEEKDAY}(?!,? ngày)|"
    rf"\s?,?\s(?:trước|{LATEST}|vào)(?: là| vào)? {OF_DAY}\d{{1,2}}(?!\d|\s?/| tháng \d)"
    rf"{_AND_DAYS}(?: (?:của )?(?:{_NEXT}|tháng (?:đó|đầu (?:của )?quý|cuối (?:của )?quý)))?|"
    r"(?:,| và)\s(?:lúc |vào )?\d{1,2}\s?(?:giờ|h)(?![^\W\d])(?:\s?\d{2})?(?: phút)?|"
    r"\s?\(\s?(?:lúc |vào )?\d{1,2}\s?(?:giờ|h)(?![^\W\d])[^()]{0,40}\)|"
    rf"\s?\((?:trước|{LATEST}|vào|{OF_DAY}|gửi)[^()]{{0,60}}\)|\s?\([^()]{{0,50}}(?:h[àằ]ng|mỗi) (?:năm|quý|tháng)\)|"
    rf"(?:,| và|;)\s(?:báo cáo )?(?:\d{{1,2}} tháng|"
    rf"cả năm|năm|quý|{_EACH})"
    r"(?=\s?[,.;(]|\s(?:trước|báo cáo|gửi|về|và)\b|$)",
    re.IGNORECASE,
)
_BETWEEN = re.compile(r"\s?,?\s?(?:và )?(?:\()?")
_NAMES = {"tuần": "week", "tháng": "month", "quý": "quarter", "năm": "year", "ngày": "day"}
_DAY_AND_MONTH = re.compile(r"\b(\d{1,2}) tháng (\d{1,2})\b", re.IGNORECASE)
_RATE = re.compile(rf"{_NUMBER} {_OFTEN}", re.IGNORECASE)
_NOT_UNITS = re.compile(
    rf"tháng (?:cuối|đầu|sau|liền|kế|tiếp)|tuần (?:cuối|đầu)|quý (?:sau|kế|tiếp|liền)|{OF_DAY}\d+|"
    r"ngày (?:làm việc|cuối|đầu)",
    re.IGNORECASE,
)
_LATER = re.compile(_NEXT, re.IGNORECASE)
_NEXT_YEAR = re.compile(r"năm (?:sau|kế tiếp|tiếp theo|liền kề)", re.IGNORECASE)
_WEEK = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")
_WEEKDAYS = dict(zip(["hai", "ba", "tư", "năm", "sáu", "bảy", *"234567"], _WEEK * 2, strict=True))
_WEEKDAY_NAMED = re.compile(r"(?:\bngày )?thứ (hai|ba|tư|năm|sáu|bảy|[2-7])\b|(chủ nhật)", re.IGNORECASE)
_LENGTHS = _NAMES | {"phút": "minute", "giờ": "hour", "tiếng": "hour"}
_COUNTED = re.compile(
    rf"{''.join(f'(?<!{word} )' for word in DAY_WORDS)}\b(\d{{1,2}})\s+({_UNIT})(?!\s*\d| (?:liền|sau|kế|tiếp)\b)",
    re.IGNORECASE,
)
"""So many months, not the 5th of the next one: "mùng 5 tháng sau"."""
_HOUR = re.compile(r"(\d{1,2})\s?(?:giờ|h)(?![^\W\d])(?:\s?(\d{1,2}))?", re.IGNORECASE)
_NAMED = re.compile(rf"\b({_UNIT})\b(?!\s*\d)", re.IGNORECASE)


def read_recurring(passage: Passage) -> list[Deadline]:
    text = passage.text
    found: list[Deadline] = []
    taken = bytearray(len(text))
    for sentence in sentences(text):
        stretches = _joined(text, _stretches(text, sentence.start, sentence.end))
        for start, end, words in _with_days(text, stretches, sentence.end):
            if any(taken[start:end]):
                continue
            taken[start:end] = b"\1" * (end - start)
            rule = period_rule(words)
            found.append(
                Deadline(
                    text[start:end], passage.span(start, end), 0.85, ReadingReason.REPEATED, "recurring", rule=rule
                )
            )
    return found


_ITS_DAY = re.compile(
    rf"[^.;\n]{{0,160}}?\b(?P<day>(?:trước|{LATEST}|vào)(?: là| vào)? {OF_DAY}\d{{1,2}}"
    rf"(?!\s*(?:/|\d|\.\d|-\s?\d|tháng|ngày|h[àằ]ng|của)){_AND_DAYS})",
    re.IGNORECASE,
)
"""The day of a period, said later in the sentence: "Hằng tháng, các sở báo cáo … trước ngày 25"."""
_APART = 160
"""Characters that may stand between a period and its day."""


def _with_days(text: str, stretches: list[tuple[int, int]], end: int) -> Iterator[tuple[int, int, str]]:
    """Yield the stretches with the words of their rule; a lone period takes the day that its sentence names later."""
    if len(stretches) == 1:
        start, last = stretches[0]
        if not re.search(r"\d", text[start:last]) and (day := _ITS_DAY.match(text, last, end)):
            yield start, day.end(), f"{text[start:last]} {day.group('day')}"
            return
    if len(stretches) == 2:
        (start, last), (again, over) = stretches
        alone, dayed = period_rule(text[start:last]), period_rule(text[again:over])
        if again - last < _APART and " " not in alone[6:] and dayed.startswith((f"{alone},", f"{alone};")):
            yield start, over, text[again:over]
            return
    for start, last in stretches:
        yield start, last, text[start:last]


_EACH_WORD = re.compile(r"\bh[àằ]ng\b|\bmỗi\b", re.IGNORECASE)
_TIMES_WORD = re.compile(rf"\b{_OFTEN}\b", re.IGNORECASE)
_NEEDED = (
    (_EACH_WORD, (_BY_HOUR, _ON_DAY, _ON_WEEKDAY)),
    (_TIMES_WORD, (_EVERY_SO, _TIMES)),
    (re.compile(r"\b(?:ngày (?:làm việc )?|tuần )(?:cuối|đầu)\b", re.IGNORECASE), (_LAST_PART,)),
    (re.compile(r"\bbáo cáo\b", re.IGNORECASE), (_REPORT_OF,)),
    (re.compile(""), (_NEXT_MONTH, _HALF_YEARS, _TERMS, _DAY_OF, _PERIODIC, _CALLED)),
)
"""The word without which none of the patterns beside it fits: most sentences hold none."""


def _stretches(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    for pattern in (one for word, patterns in _NEEDED if word.search(text, start, end) for one in patterns):
        for match in pattern.finditer(text, start, end):
            if pattern in (_EVERY_SO, _TIMES) and _AT_MOST.search(text[max(start, match.start() - 20) : match.start()]):
                continue
            yield match.start(), _goes_on(text, match.end(), end)
    for match in _EACH_TIME.finditer(text, start, end):
        before = text[max(start, match.start() - 200) : match.start()]
        reports = _REPORTS.search(before) and not _OF_NOUN.search(before)
        if not before.strip() or _THEN_REPORTS.match(text, match.end()) or _REPORTED.search(before) or reports:
            yield match.start(), _goes_on(text, match.end(), end)


_EACH_SAID = re.compile(rf"{_EACH}|^(?:báo cáo )?(?:\d+ tháng|tháng|quý|năm)\b", re.IGNORECASE)
_DAY_SAID = re.compile(rf"\d|{_WEEKDAY}", re.IGNORECASE)


def _has_day(words: str) -> bool:
    """Return whether a period has a day of its own: two such, one behind the other, are two deadlines."""
    return bool(_EACH_SAID.search(words) and _DAY_SAID.search(words))


def _joined(text: str, stretches: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return overlapping stretches as one, and a period with its day: "hằng quý, chậm nhất ngày 20 …"."""
    kept: list[tuple[int, int]] = []
    for start, end in sorted(stretches):
        if kept and start >= kept[-1][1] and all(_has_day(text[at:to]) for at, to in (kept[-1], (start, end))):
            kept.append((start, end))
        elif kept and (start < kept[-1][1] or _BETWEEN.fullmatch(text, kept[-1][1], start)):
            kept[-1] = (kept[-1][0], max(end, kept[-1][1]))
        else:
            kept.append((start, end))
    return kept


def _goes_on(text: str, at: int, end: int) -> int:
    """Return where a period ends with its days and the further periods: "6 tháng (trước ngày 15/6) và năm"."""
    while (more := _MORE.match(text, at, end)) and more.end() > at:
        if text[at - 1] == ")" and "báo cáo" in more.group().lower():
            break  # the next report, with days of its own
        at = more.end()
    return at


def period_rule(words: str) -> str:
    """Return the rule in English: "every 6 months", "every month, before day 20"."""
    if so := _EVERY_SO.search(words):
        rule = _every(_number(so.group("count")), _LENGTHS[so.group("unit").lower()])
        if not re.search(r"\d", words[so.end() :]):
            return rule
    words, weekdays, hours = _aside(_DAY_AND_MONTH.sub(r"\1/\2", words))
    parts = [_every(int(count), _NAMES[unit.lower()]) for count, unit in _COUNTED.findall(words)]
    if re.search(r"học kỳ", words, re.IGNORECASE):
        parts.append("every 6 months")
    rest = _COUNTED.sub(" ", words)
    days = re.findall(r"\d{1,2}(?:/\d{1,2})?", rest)
    for unit in _NAMED.findall(_NOT_UNITS.sub(" ", rest)):
        parts.append(_every(1, _NAMES[unit.lower()]))
    if re.search(r"tháng cuối", words, re.IGNORECASE):
        parts.append("last month of each quarter")
    elif re.search(r"tháng đầu", words, re.IGNORECASE) and not _LATER.search(words):
        parts.append("first month of each quarter")
    if _LATER.search(words) and not parts:
        parts.append("every quarter" if "quý" in words.lower() else "every month")
    rule = "; ".join(dict.fromkeys(parts))
    sense = ", before " if re.search(r"trước", words, re.IGNORECASE) else ", by "
    if days:
        rule += f"{sense}day " + " and ".join(days) + (" of the next month" if _LATER.search(words) else "")
        rule += ", in the next year" if _NEXT_YEAR.search(words) else ""
    if (last := _LAST_PART.search(words)) and not days and not weekdays:
        which = "last" if last.group("end").lower() == "cuối" else "first"
        rule += f"{sense}its {which} {'day' if last.group('part') else 'week'}"
    if weekdays:
        rule += ", on " + " and ".join(weekdays)
        if week := re.search(r"(cuối|đầu)(?: cùng| tiên)?,? (?:của )?(?:h[àằ]ng|mỗi)", words, re.IGNORECASE):
            rule += f" of the {'last' if week.group(1).lower() == 'cuối' else 'first'} week"
    return rule + (sense + " and ".join(hours) if hours else "")


def _aside(words: str) -> tuple[str, list[str], list[str]]:
    """Return the words without weekdays, hours and how many times, then the weekdays and the hours."""
    weekdays = [_WEEKDAYS[name.lower()] if name else "Sunday" for name, _ in _WEEKDAY_NAMED.findall(words)]
    hours = [f"{int(hour):02}:{minute or '00':>02}" for hour, minute in _HOUR.findall(words)]
    return _RATE.sub(" ", _HOUR.sub(" ", _WEEKDAY_NAMED.sub(" ", words))), weekdays, hours


def _number(word: str) -> int:
    return int(word) if word.isdigit() else COUNTS.index(word.lower()) + 1


def _every(count: int, unit: str) -> str:
    return f"every {count} {unit}s" if count > 1 else f"every {unit}"
