"""Whom a duty reports to: "báo cáo …", "gửi báo cáo về …", "gửi …", with the bracket behind the name."""

import re
from collections.abc import Iterator

from workflows.intake.names.actors import name_end
from workflows.intake.names.partners import distinct, findings
from workflows.intake.text.beginnings import begins_actor, begins_predicate
from workflows.intake.text.no_order import NoOrder, no_order
from workflows.intake.text.reading import Passage, ReadingReason, TextFinding
from workflows.intake.text.sentences import sentences

_TO = r"(?:(?:g[ửuởơ]i )?(?:v[ềeêè]|cho|t[ớo]i|[đd][ếe]n|lên)|g[ửu]i|v[ớơo]i|qua)"
_REPORT = re.compile(r"\b(?:b[áa]o c[áa]o|phản ánh|thông tin, báo cáo)\b", re.IGNORECASE)
_SEND = re.compile(rf"\bg[ửuởơ]i (?:(?:[^;.:\n]{{1,120}}? )?{_TO} )?(?=\S)", re.IGNORECASE)
_FAR = re.compile(rf"\b{_TO} (?=\S)")
_LISTS = re.compile(r"\b(?:danh sách|đơn|hồ sơ|giấy mời|dự thảo)\b(?! báo cáo)[^.;]{0,60} $", re.IGNORECASE)
"""What is handed in, not reported, unless it is sent "về" somebody."""
_SENDS = re.compile(r"\bg[ửu]i\b")
_PURPOSE = re.compile(r"\b(?:để|nhằm) ")
_PASSED_UP = re.compile(r"\b(?:để|nhằm) (?:\w+ ){0,6}?tổng hợp\b(?!, (?:bố trí|rà soát|xây dựng|lập|cân đối))")
_BEGINS_PURPOSE = re.compile(r"(?:để|nhằm) ", re.IGNORECASE)
_OTHERS_REPORT = re.compile(
    r"\bđể (?:Bộ|Sở|UBND|Ủy ban|Uỷ ban|Chính phủ|Ban|Cục|Văn phòng|Tỉnh|Huyện|Thành)\b[^,.;]{0,60} (?:báo cáo|tổng hợp|"
    r"trình)\b"
)
"""Another reports onward: "trình Bộ để Bộ báo cáo Thủ tướng"."""
_MAIN = re.compile(r", (?=[A-ZĐ])")
_ONWARD = re.compile(
    r"\b(?:để|nhằm) (?:[\w ]{0,30}?)?(?:tổng hợp|theo dõi|biết|trình|báo cáo|xem xét)|\btổng hợp\b[^.;\n]{0,40}"
    r"$|trước khi $",
    re.IGNORECASE,
)
_PASSES_ON = re.compile(r"\s?,?\s?(?:để |nhằm )?(?:tổng hợp|trình|theo dõi,? tổng hợp)\b", re.IGNORECASE)
_NOT_REPORT = re.compile(
    r"(?:chế độ|chế độ thông tin,?|các|bản|mẫu|nội dung|theo|số liệu|dự thảo|nghe|hệ thống|nộp|qua|trong|tại|của) $",
    re.I,
)
_SKIPPED = (
    r"(?:(?:kết quả|tình hình|kịp thời|bằng văn bản|đầy đủ|ngay|định kỳ|trực tiếp|chính xác|cụ thể|nhanh|thường xuyên|"
    r"lại|với|và|hoặc|đề xuất|kiến nghị|kịp|xin ý kiến chỉ đạo của|xin ý kiến của|xin ý kiến|tham mưu|phản ánh|"
    r"giải trình|đề nghị|gửi) ?,? ?){0,5}"
)
_NEXT = re.compile(rf"\s?,?\s?{_SKIPPED}(?:{_TO} |trình )?", re.IGNORECASE)


def read_reports(passage: Passage) -> list[TextFinding]:
    """Return those reported to; a passing on by the receiver ("để tổng hợp, báo cáo …") does not count."""
    text = passage.text
    found: list[TextFinding] = []
    for sentence in sentences(text):
        if no_order(text[sentence.start : sentence.end], (NoOrder.OWN_PLAN,)):
            continue
        begin = _behind_purpose(text, sentence.start, sentence.end)
        end = _before_onward(text, begin, sentence.end)
        told = dict(sorted(_recipients(text, begin, end), key=lambda one: one[1]))
        for start, sure in sorted(told.items()):
            last = min(name_end(text, start), end)
            found += findings(passage, start, last, sure, ReadingReason.REPORT)
            if _PASSES_ON.match(text, last):
                break
    return distinct(found)


def _behind_purpose(text: str, start: int, end: int) -> int:
    """Return where a sentence goes on behind its first purpose: "Để có cơ sở báo cáo Chính phủ, Bộ … đề nghị …"."""
    if not _BEGINS_PURPOSE.match(text, start, end):
        return start
    comma = _MAIN.search(text, start, end)
    return comma.end() if comma else start


def _before_onward(text: str, start: int, end: int) -> int:
    """Return where the clause begins that says what the recipient does with the report."""
    passed = _PASSED_UP.search(text, start + 1, end) or _OTHERS_REPORT.search(text, start + 1, end)
    end = passed.start() if passed else end
    first = _REPORT.search(text, start, end) or _SENDS.search(text, start, end)
    if first is None:
        return end
    for match in _PURPOSE.finditer(text, first.end(), end):
        if _ONWARD.match(text, match.start()):
            return match.start()
    return end


def _recipients(text: str, start: int, end: int) -> Iterator[tuple[int, float]]:
    """Yield where the names of recipients begin, and how sure that is: less where other words stand between."""
    for match in _REPORT.finditer(text, start, end):
        if _NOT_REPORT.search(text[max(start, match.start() - 40) : match.start()]) or _advises(
            text, start, match.start()
        ):
            continue
        near = _NEXT.match(text, match.end(), end)
        if (
            near
            and match.end() < near.end() < end
            and begins_actor(text, near.end())
            and not begins_predicate(text, near.end())
        ):
            yield near.end(), 0.9
            continue
        for far in _FAR.finditer(text, match.end(), min(end, match.end() + 240)):
            if far.start() - match.end() > 160:
                break
            if _names_one(text, far.end()) and not _other_verb(text, match.end(), far.start()):
                yield far.end(), 0.85
                break
    for match in _SEND.finditer(text, start, end):
        if _LISTS.search(text, max(start, match.start() - 80), match.start()) and "về" not in match.group().split():
            continue
        if _names_one(text, match.end()) and not _other_verb(text, match.start() + 4, match.end()):
            yield match.end(), 0.9 if "về" in match.group().split() else 0.85


_ADVISES = re.compile(r"\b(?:tham mưu|giúp)(?: cho| giúp)? (?=\S)", re.IGNORECASE)


def _advises(text: str, start: int, at: int) -> bool:
    """Return whether somebody else reports, who is only advised: "tham mưu UBND tỉnh báo cáo Bộ …"."""
    advised = [one.end() for one in _ADVISES.finditer(text, max(start, at - 120), at)]
    return bool(advised) and begins_actor(text, advised[-1]) and name_end(text, advised[-1]) >= at - 1


_FOR_OPINION = re.compile(r",? (?:để )?(?:thẩm định|phê duyệt|cho ý kiến|góp ý|thẩm tra)")
"""For what a draft is sent, which is no report."""


def _names_one(text: str, at: int) -> bool:
    if not begins_actor(text, at) or begins_predicate(text, at):
        return False
    return not _FOR_OPINION.match(text, name_end(text, at))


def _other_verb(text: str, start: int, end: int) -> bool:
    """Return whether between the report and its recipient another clause begins."""
    return bool(
        re.search(r"[;:\n]|, (?:phối hợp|tổ chức|chỉ đạo|xây dựng|đồng thời)|\b(?:phối hợp|gắn|đối) $", text[start:end])
    )
