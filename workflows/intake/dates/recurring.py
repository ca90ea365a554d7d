"""Deadlines that come again: "định kỳ 6 tháng", "trước ngày 20 hàng tháng", "hàng quý"."""

import re
from collections.abc import Iterable, Iterator

from workflows.intake.dates.written_periods import LATEST
from workflows.intake.text.passage import Passage
from workflows.intake.text.reading import Deadline, Reason
from workflows.intake.text.sentences import sentences

_UNIT = r"(?:tuần|tháng|quý|năm|ngày)"
_EACH = rf"(?:h[àằ]ng|mỗi)\s+{_UNIT}(?:(?:,| và|,? hoặc|/)\s*(?:h[àằ]ng\s+)?(?:{_UNIT}(?! cuối)|\d+ tháng)){{0,4}}"
_COUNT = (
    rf"\d{{1,2}}\s+(?:tháng|tuần|ngày)(?:\s+đầu năm)?(?:(?:,| và|/)\s*(?:\d{{1,2}} (?:tháng|năm)|{_EACH}|"
    r"năm|cả năm|quý)){0,4}"
)
_DAYS = (
    r"(?:(?:ngày|mùng|mồng)\s*)?\d{1,2}(?:/\d{1,2}|\s*tháng\s*\d{1,2})?(?:(?:,| và|, và| hoặc)\s*(?:trước\s*)?"
    r"(?:ngày\s*)?\d{1,2}"
    r"(?:/\d{1,2})?){0,6}"
)
_ON_DAY = re.compile(
    rf"(?:\b(?:trước|{LATEST}|vào|từ)(?:\s*(?:là|vào|trước|trong))*\s*)?\b{_DAYS}\s*(?:của\s+)?{_EACH}"
    r"(?:(?:,| và)\s*(?:trước\s*)?(?:ngày \d{1,2}\s*)?(?:của\s*)?tháng cuối (?:của\s*)?quý)?",
    re.IGNORECASE,
)
_BY_HOUR = re.compile(
    rf"\b(?:trước|vào|lúc|{LATEST})(?: là| vào| lúc)*\s+\d{{1,2}}\s?(?:giờ|h|g)\s?(?:\d{{2}})?(?: phút)?,?\s+"
    rf"(?:(?:ngày )?thứ \w+ )?{_EACH}|\b\d{{1,2}} giờ\s?(?:/|một|1|mỗi)\s?lần",
    re.IGNORECASE,
)
_HALF_YEARS = re.compile(
    rf"\b\d{{1,2}} tháng(?: đầu năm| một lần)? \((?:trước|{LATEST}|gửi|vào)[^()]{{2,40}}\)", re.IGNORECASE
)
_TERMS = re.compile(
    r"\bđịnh k[ỳìy] (?:vào )?(?:cuối |đầu |mỗi ){0,2}(?:học kỳ|năm học)(?: I{1,2}|"
    r" một lần)?(?:,? và (?:cuối )?(?:học kỳ|năm "
    r"học)(?: I{1,2})?)?(?: \([^()]{3,40}\))?|\b(?:vào )?(?:cuối|đầu) mỗi (?:tuần|tháng|quý|năm|học kỳ)",
    re.IGNORECASE,
)
_DAY_OF = re.compile(
    rf"(?:\b(?:trước|{LATEST}|vào)\s*(?:là\s*)?)?\bngày\s*\d{{1,2}}\s*(?:của\s*)?tháng (?:cuối|đầu|cuối cùng)"
    r"(?: (?:của )?(?:mỗi )?quý)",
    re.I,
)
_PERIODIC = re.compile(
    rf"\bđịnh k[ỳìy]\s*(?:\(\s*)?(?:báo cáo\s*)?(?:{_EACH}|{_COUNT}|{_UNIT}(?:(?:,| và)\s*{_UNIT})*)"
    r"(?:\s*\d+ lần|\s*một lần)?",
    re.IGNORECASE,
)
_CALLED = re.compile(
    rf"\b(?:sơ kết|tổng kết|báo cáo|giao ban|họp)\s+(?:định kỳ\s*)?(?:(?!9|1\d|[2-9]\d){_COUNT}|{_EACH})", re.IGNORECASE
)
_EACH_TIME = re.compile(
    rf"\b{_EACH}\b|\b\d{{1,2}} tháng (?:một|1) lần|\bmỗi {_UNIT}(?: \d+ lần| một lần)?", re.IGNORECASE
)
_REPORTS = re.compile(r"\b(?:báo cáo|tổng hợp|giao ban|gửi|thống kê|sơ kết|kiểm tra|công bố|cập nhật)\b", re.IGNORECASE)
_THEN_REPORTS = re.compile(r",? (?:tổng hợp,? )?(?:báo cáo|gửi|tổng kết|sơ kết|đánh giá|tổ chức)\b", re.IGNORECASE)
_REPORTED = re.compile(r"\b(?:báo cáo|gửi báo cáo)(?: (?!kế hoạch|kinh phí|chương trình)\w+){0,6} $", re.IGNORECASE)
_OF_NOUN = re.compile(
    r"(?:kế hoạch|kinh phí|dự toán|chương trình|ngân sách|chỉ tiêu|kết quả|nguồn|lương|trợ cấp|công tác|"
    r"thuế|phí|mức|thi đua"
    r"|nhiệm vụ|quyết toán|vốn|đánh giá|bình quân|sản lượng|thay thế|phép|đầu tư|\bvà|đối với)(?: [\w]+){0,2} $",
    re.IGNORECASE,
)
_MORE = re.compile(
    rf",?\s(?:trước|vào|{LATEST})(?: lúc)? \d{{1,2}}\s?(?:giờ|h)(?:\s?\d{{2}})?(?: phút)?(?:,? (?:ngày )?thứ \w+)?|"
    rf",?\s(?:trước|{LATEST}|vào)(?: là| vào)? (?:ngày )?\d{{1,2}}(?:/\d{{1,2}}| tháng \d{{1,2}})"
    r"(?!\d|/\d{4}| năm|/\s?\d)|"
    rf"\s?\((?:trước|{LATEST}|vào|ngày|gửi)[^()]{{0,60}}\)|\s?\([^()]{{0,50}}(?:h[àằ]ng|mỗi) (?:năm|quý|tháng)\)|"
    rf"(?:,| và|;)\s(?:báo cáo )?(?:\d{{1,2}} tháng|"
    rf"cả năm|năm|quý|{_EACH})"
    r"(?=\s?[,.;(]|\s(?:trước|báo cáo|gửi|về|và)\b|$)",
    re.IGNORECASE,
)
_BETWEEN = re.compile(r"\s?,?\s?(?:và )?(?:\()?")
_NAMES = {"tuần": "week", "tháng": "month", "quý": "quarter", "năm": "year", "ngày": "day"}
_COUNTED = re.compile(rf"(?<!ngày )\b(\d{{1,2}})\s+({_UNIT})(?!\s*\d)", re.IGNORECASE)
_EACH_HOURS = re.compile(r"(\d{1,2}) giờ\s?(?:/|một|1|mỗi)\s?lần", re.IGNORECASE)
_HOUR = re.compile(r"\d{1,2}\s?(?:giờ|h)\b(?:\s?\d{1,2})?", re.IGNORECASE)
_NAMED = re.compile(rf"\b({_UNIT})\b(?!\s*\d)", re.IGNORECASE)


def read_recurring(passage: Passage) -> list[Deadline]:
    """Return the recurring deadlines of a passage."""
    text = passage.text
    found: list[Deadline] = []
    taken = bytearray(len(text))
    for sentence in sentences(text):
        for start, end in _joined(text, _stretches(text, sentence.start, sentence.end)):
            if any(taken[start:end]):
                continue
            taken[start:end] = b"\1" * (end - start)
            value = text[start:end]
            found.append(
                Deadline(value, passage.span(start, end), 0.85, Reason.REPEATED, "recurring", rule=period_rule(value))
            )
    return found


def _stretches(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    for pattern in (_BY_HOUR, _ON_DAY, _HALF_YEARS, _TERMS, _DAY_OF, _PERIODIC, _CALLED):
        for match in pattern.finditer(text, start, end):
            yield match.start(), _goes_on(text, match.end(), end)
    for match in _EACH_TIME.finditer(text, start, end):
        before = text[max(start, match.start() - 200) : match.start()]
        reports = _REPORTS.search(before) and not _OF_NOUN.search(before)
        if not before.strip() or _THEN_REPORTS.match(text, match.end()) or _REPORTED.search(before) or reports:
            yield match.start(), _goes_on(text, match.end(), end)


def _joined(text: str, stretches: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Overlapping stretches as one, and a period with its day: "hằng quý, chậm nhất ngày 20 của tháng cuối quý"."""
    kept: list[tuple[int, int]] = []
    for start, end in sorted(stretches):
        if kept and (start < kept[-1][1] or _BETWEEN.fullmatch(text, kept[-1][1], start)):
            kept[-1] = (kept[-1][0], max(end, kept[-1][1]))
        else:
            kept.append((start, end))
    return kept


def _goes_on(text: str, at: int, end: int) -> int:
    """Return where a period ends with its days and the further periods: "6 tháng (trước ngày 15/6) và năm"."""
    while (more := _MORE.match(text, at, end)) and more.end() > at:
        at = more.end()
    return at


def period_rule(words: str) -> str:
    """Return the rule in English: "every 6 months", "every month, before day 20"."""
    if hours := _EACH_HOURS.search(words):
        return f"every {int(hours.group(1))} hours"
    parts = [_every(int(count), _NAMES[unit.lower()]) for count, unit in _COUNTED.findall(words)]
    if re.search(r"học kỳ", words, re.IGNORECASE):
        parts.append("every 6 months")
    rest = _HOUR.sub(" ", _COUNTED.sub(" ", words))
    days = re.findall(r"\d{1,2}(?:/\d{1,2})?", rest)
    for unit in _NAMED.findall(re.sub(r"tháng cuối|ngày\s*\d+", " ", rest, flags=re.IGNORECASE)):
        parts.append(_every(1, _NAMES[unit.lower()]))
    if re.search(r"tháng cuối", words, re.IGNORECASE):
        parts.append("last month of each quarter")
    rule = "; ".join(dict.fromkeys(parts))
    if days:
        rule += (", before " if re.search(r"trước", words, re.IGNORECASE) else ", by ") + "day " + " and ".join(days)
    return rule


def _every(count: int, unit: str) -> str:
    return f"every {count} {unit}s" if count > 1 else f"every {unit}"
