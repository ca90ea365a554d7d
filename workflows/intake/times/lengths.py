"""Times counted from an event, or named by one: "trong 10 ngày làm việc kể từ khi …", "trước khi khai giảng"."""

import re
from collections.abc import Iterator

from workflows.intake.text.reading import Deadline, Passage, ReadingReason
from workflows.intake.times.grammar import kinds, rule
from workflows.intake.times.words import time_words

_COUNTED_BACK = rule("counted_back")
_FORMS = (rule("counted"), rule("so_long_before"), rule("so_long_from_event"))
_SINCE = re.compile(
    r",?\s*(?:kể từ|tính từ|từ khi|từ lúc|từ thời điểm|từ ngày|sau khi|sau ngày|trước khi|trước ngày)\s+[^,.;\n]{2,90}",
    re.IGNORECASE,
)
_UNTIL_THE_EVENT = re.compile(
    r",?\s+trước\s+(?:khi|ngày|thời điểm|giờ|lúc|phiên|cuộc|kỳ|hội nghị|buổi|lễ)\s+[^,.;\n]{2,60}", re.IGNORECASE
)
_ABOUT_TO = (
    r"(?:triển khai|thực hiện|tổ chức|ban hành|khởi công|trình|họp|tiến hành|khai mạc|khai giảng|diễn ra|kết thúc|"
    r"hết hạn|đưa vào|phê duyệt|bàn giao|nghiệm thu|nghỉ|bước vào|vào (?:mùa|năm học|vụ))"
)
_LATEST = r"(?:chậm|muộn|trễ) nhất"
_EVENTS = (
    re.compile(rf"\b(?P<time>trước khi {_ABOUT_TO}\b[^,.;\d\n]{{0,60}})", re.IGNORECASE),
    re.compile(rf"\b(?P<time>{_LATEST}\s+(?:là\s+)?(?:khi|sau khi|trước khi)\s+[^,.;\n]{{3,80}})", re.IGNORECASE),
    re.compile(
        r"\b(?:xong|hoàn thành|hoàn tất|chi trả|cấp phát|trao|bàn giao|báo cáo|gửi)\b[^.;\n]{0,120}?\b(?P<time>trước "
        r"(?:dịp |kỳ nghỉ )?(?:Tết|mùa (?:mưa|lũ|bão|khô)|kỳ họp|phiên họp|Đại hội|năm học|lễ)\b[^,.;\n]{0,50})",
        re.IGNORECASE,
    ),
    re.compile(
        r"\b(?:báo cáo|tổng kết|sơ kết|đánh giá|nghiệm thu|quyết toán|gửi)\b[^.;\n]{0,160}?"
        r"\b(?P<time>(?:khi|sau khi) kết thúc (?!\d)[^,.;\n]{2,40}?)(?=,|;|\.|\n|$| về | gửi | cho )",
        re.IGNORECASE,
    ),
    re.compile(r"\b(?P<time>trước thời hạn (?:theo|do|được|quy định)\b[^,.;\n]{3,80})", re.IGNORECASE),
)
_AT_ONCE = re.compile(r"\bbáo cáo (?:ngay|tức thời)\b(?: [^\s,.;]{1,12}){0,12}", re.IGNORECASE)
_EFFECT = re.compile(r"\b(?:có hiệu lực|thi hành)\b[^.;\n]*$", re.IGNORECASE)
_GOES_ON_FOR = re.compile(
    r"\s*(?:/|một lần|mỗi|qua\b|đầu\b|liên tục|liên tiếp|gần nhất|gần đây|trước đó)", re.IGNORECASE
)
_LASTING = re.compile(
    r"\b(?:không được|cấm|niêm yết|cách ly|lưu giữ|lưu trữ|duy trì|bảo quản|kéo dài|tạm (?:dừng|đình chỉ)|quá)\b"
    r"[^,.;\n]{0,80}$",
    re.IGNORECASE,
)
"""What is forbidden, shown or kept for so long is no work to be done by then."""
_ONCE_THERE = re.compile(r"\b(?:từ|sau) (?:ngày|khi) (?:nhận|có)\b", re.IGNORECASE)
"""From when it is counted that something is put up: by then it hangs."""


def lengths(text: str) -> list[tuple[int, int]]:
    """Return where lengths of time stand, with the event from which they are counted, in characters."""
    words, letters = time_words(text), kinds(text)
    found: list[tuple[int, int]] = []
    for pattern in (_COUNTED_BACK, *_FORMS):
        for match in pattern.finditer(letters):
            start, end = words[match.start()].start, words[match.end() - 1].end
            event = (_UNTIL_THE_EVENT if pattern is _COUNTED_BACK else _SINCE).match(text, end)
            if event is not None or pattern is not _COUNTED_BACK:
                found.append((start, event.end() if event else end))
    return found


def read_relative(passage: Passage) -> list[Deadline]:
    """Return the deadlines that count from an event. The rule of one is its own words."""
    text = passage.text
    found: list[Deadline] = []
    taken = bytearray(len(text))
    for start, until in [*lengths(text), *_named_by_events(text), *_at_once(text)]:
        end = start + len(text[start:until].rstrip())
        if _AT_ONCE.match(text, start) and any(taken[start:end]):  # what comes behind it has a limit of its own
            end = start + len(text[start : start + taken.index(1, start) - start].rstrip())
        value = text[start:end]
        is_lasting = _LASTING.search(text, max(0, start - 100), start) and not _ONCE_THERE.search(value)
        if (
            start >= end
            or any(taken[start:end])
            or _GOES_ON_FOR.match(text, end)
            or _EFFECT.search(text, max(0, start - 80), start)
            or is_lasting
        ):
            continue
        taken[start:end] = b"\1" * (end - start)
        found.append(Deadline(value, passage.span(start, end), 0.8, ReadingReason.COUNTED, "relative", rule=value))
    return found


def _named_by_events(text: str) -> Iterator[tuple[int, int]]:
    for pattern in _EVENTS:
        for match in pattern.finditer(text):
            yield match.span("time")


def _at_once(text: str) -> Iterator[tuple[int, int]]:
    for match in _AT_ONCE.finditer(text):
        yield match.span()
