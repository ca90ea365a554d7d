"""The deadlines of a duty in the order of its text, the words of time in it, and its conditions."""

import re
from datetime import date

from workflows.intake.dates.fixed_days import read_fixed
from workflows.intake.dates.recurring import read_recurring
from workflows.intake.dates.time_lines import read_time_lines
from workflows.intake.dates.written_dates import COUNTS, LATEST, OF_DAY, WEEKDAY, doubted
from workflows.intake.text.reading import Deadline, Passage, ReadingReason, TextFinding
from workflows.intake.text.vocabulary import bare

_COUNTED = (
    r"(?:\d{1,3}|một|hai|ba|bốn|năm|sáu|bảy|mười)(?: ?\([^()]{1,20}\))?(?: (?:ngày|tuần|tháng|giờ|tiếng|phút)|h)\b"
)
_WORD = (
    r"(?:là|vào|đến|trong|hết|lúc|trước|cuối|đầu|giữa|các|ngày|mùng|mồng|tháng|quý|năm|tuần(?: thứ)?|của|cùng|tiên|"
    r"thứ (?:hai|ba|tư|năm|sáu|bảy)|chủ nhật)"
)
_FIGURE = (
    r"(?:\d{1,4}(?:\s?(?:giờ|h|phút|/|tháng|năm)\s?\d{0,4}){0,5}|(?:IV|III|II|I)\b(?:\s?(?:/|năm)\s?\d{4})?|"
    r"(?:này|nay|sau|tới|tiếp theo|kế tiếp)\b)"
)
_TIME = re.compile(
    rf"\b(?:trước|{LATEST}|hạn cuối|hạn chót|(?:từ(?: {_WORD}){{0,2}} {_FIGURE} )?đến hết|xong trong|hoàn thành trong|"
    rf"tại (?:kỳ họp|phiên họp)(?! {_WORD} số))(?: {_WORD}){{0,8}} ?{_FIGURE}"
    rf"(?:(?:,|,? (?:và|hoặc|-|–)|,?(?= (?:ngày|thứ|chủ)))(?: {_WORD},?){{0,4}} ?{_FIGURE}){{0,4}}"
    r"(?: (?:của )?(?:tháng|quý|năm|tuần) (?:sau|tiếp theo|kế tiếp|tới|này))?"
    rf"|\b(?:trong|sau|không quá|tối đa)(?: (?:vòng|thời hạn|thời gian))?(?: không quá)? {_COUNTED}"
    r"|\b(?:trong|từ) (?:tháng|quý|tuần) (?:\d{1,2}|IV|III|II|I)\b(?:\s?[-–]\s?(?:\d{1,2}|IV|III|II)\b)?"
    r"(?:\s?(?:/|năm)?\s?\d{4})?"
    r"|\b(?:\d{1,2}|một|hai) lần\s?(?:/|một|mỗi|trong) ?(?:ngày|tuần|tháng|quý|năm)"
    r"|\bngày \d{1,2} (?:lần|buổi)\b"
    r"|\b(?:trong|vào|cuối|đầu) (?:tuần|tháng|quý) (?:này|nay|tới|sau|tiếp theo|kế tiếp)\b"
    r"|\b(?:định k[ỳìy]|h[àằ]ng|mỗi) (?:tuần|tháng|quý)\b"
    r"|\b\d{1,3} (?:phút|giờ|ngày|tuần|tháng)\s?(?:/|một|1) ?lần|\b(?:trong |trước |xong )?(?:ngày )?hôm nay\b"
    r"|\b\d{1,3} (?:ngày|tuần|tháng|giờ)(?: làm việc)? trước (?:khi|ngày)"
    rf"|\b{WEEKDAY} h[àằ]ng tuần|\bđúng ngày \d{{1,2}}(?:/\d{{1,4}}){{0,2}}"
    r"|\btrong tuần (?:lễ )?(?:thứ )?(?:\d{1,2}|nhất|hai|ba|tư|cuối|đầu) (?:của )?tháng \d{1,2}"
    rf"|\b{OF_DAY}\d{{1,2}} (?:của )?(?:tháng|quý|năm) (?:sau|tiếp theo|kế tiếp|tới)"
    r"|\b(?:vào|trong|trước|đến) (?:cuối|đầu|giữa) (?:tháng|quý|năm|tuần)(?: \d{1,4}(?:/\d{4})?)?",
    re.IGNORECASE,
)


_BARE_DAY = re.compile(
    r"\bngày \d{1,2}(?:(?:,| và|, và) (?:ngày )?\d{1,2}(?!/)){0,3}(?:(?:,| và|, và) (?:ngày )?\d{1,2})?"
    r"(?:/\d{1,2}/\d{4}| tháng \d{1,2} năm \d{4})",
    re.IGNORECASE,
)
_CITED = re.compile(
    r"(?:\b(?:số|công văn|quyết định|nghị (?:quyết|định)|luật|bộ luật|chỉ thị|thông (?:báo|tư|tri)|kế hoạch|tờ trình|"
    r"văn bản|kết luận|công điện|hướng dẫn|phiên|cuộc họp|hội nghị|từ|kể|đã|sinh|hiệu lực|tính|đến|trước|công báo)\b|"
    r"\d[-/][A-ZĐ])[^.;]{0,80}$",
    re.IGNORECASE,
)
"""What a day behind it dates: another document, a meeting, a beginning."""


def times_in(text: str) -> list[tuple[int, int]]:
    """Return where words stand that speak of a time to be met, read or not: the one detector of them.

    Each repetition is bounded: any text is read in linear time.
    """
    places = [at for at, char in enumerate(text) if not (char.isspace() and text[at - 1 : at].isspace())]
    plain = "".join(" " if text[at].isspace() else text[at] for at in places)  # words may stand on two lines
    said = [found.span() for found in _TIME.finditer(plain)]
    taken = bytearray(len(plain))
    for start, end in said:
        taken[start:end] = b"\1" * (end - start)
    for day in _BARE_DAY.finditer(plain):
        if not any(taken[slice(*day.span())]) and not _CITED.search(plain[max(0, day.start() - 90) : day.start()]):
            said.append(day.span())
    return [(places[start], places[end - 1] + 1) for start, end in sorted(said)]


def read_deadlines(passage: Passage, issued_on: date | None) -> tuple[Deadline, ...]:
    """Return fixed, recurring and relative deadlines; overlapping ones count once, the earlier kind of rule first."""
    whole = passage.span()
    taken = bytearray(whole.end - whole.start)
    timed, again = read_time_lines(passage, issued_on), read_recurring(passage)
    found: list[Deadline] = []
    for one in (*timed, *again, *read_fixed(passage, issued_on), *read_relative(passage)):
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


_COUNT = rf"(?:\d{{1,3}}|mười lăm|{'|'.join(COUNTS)})(?:\s*\(\s*[\w ]{{1,20}}\s*\))?"
_UNIT = r"(?:ngày(?: làm việc)?|tuần|tháng|giờ(?!,? (?:\d{1,2} phút,? )?(?:ngày|thứ) )|tiếng|phút(?!,? (?:ngày|thứ) ))"
_FROM = (
    r"(?:,?\s*(?:kể từ|tính từ|từ khi|từ lúc|từ thời điểm|từ ngày|sau khi|sau ngày|trước khi|trước ngày|kể từ khi)\s+"
    r"[^,.;\n]{2,90})?"
)
_LIMIT = rf"(?:trong|sau|{LATEST}|không quá|tối đa|thời hạn)"
_FILL = rf"(?: (?:vòng|thời hạn|thời gian|là|trong|sau|trước|{LATEST}|không quá))"
_ABOUT_TO = (
    r"(?:triển khai|thực hiện|tổ chức|ban hành|khởi công|trình|họp|tiến hành|khai mạc|khai giảng|diễn ra|kết thúc|"
    r"hết hạn|đưa vào|phê duyệt|bàn giao|nghiệm thu|nghỉ|bước vào|vào (?:mùa|năm học|vụ))"
)
_BEFORE_EVENT = re.compile(
    r"\b(?:xong|hoàn thành|hoàn tất|chi trả|cấp phát|trao|bàn giao|báo cáo|gửi)\b[^.;\n]{0,120}?\btrước "
    r"(?:dịp |kỳ nghỉ )?(?:Tết|mùa (?:mưa|lũ|bão|khô)|kỳ họp|phiên họp|Đại hội|năm học|lễ)\b[^,.;\n]{0,50}",
    re.IGNORECASE,
)
_AT_END = re.compile(r"\b(?:khi|sau khi) kết thúc (?!\d)[^,.;\n]{2,40}?(?=,|;|\.|\n|$| về | gửi | cho )", re.IGNORECASE)
_AT_ONCE = re.compile(r"\bbáo cáo (?:ngay|tức thời)\b(?: [^\s,.;]{1,12}){0,12}", re.IGNORECASE)
_FORMS = (
    ("", re.compile(rf"\b{_LIMIT}{_FILL}{{0,4}}\s+{_COUNT}(?:\s+{_UNIT}|h)\b{_FROM}", re.IGNORECASE)),
    (
        "trước",
        re.compile(
            rf"\b(?:(?:ít nhất|tối thiểu|trước|{LATEST})\s+(?:là\s+)?)?(?:trước\s+)?{_COUNT}\s+{_UNIT},?\s+trước\s+"
            r"(?:khi|ngày|thời điểm|giờ|lúc|phiên|cuộc|kỳ|hội nghị|buổi|lễ)\s+[^,.;\n]{2,60}",
            re.IGNORECASE,
        ),
    ),
    ("trước", re.compile(rf"\btrước(?: ít nhất)?\s+{_COUNT}\s+{_UNIT}\b", re.IGNORECASE)),
    (
        "sau ",
        re.compile(
            r"\bsau (?:khi|ngày) (?:kết thúc|hoàn thành|nhận|có|tổ chức)[^,.;\d\n]{1,50} "
            rf"{_COUNT}\s+{_UNIT}\b",
            re.IGNORECASE,
        ),
    ),
    ("trước", re.compile(rf"\btrước (?:ngày|khi) [^\W\d_][^,.;\d\n]{{1,40}} {_COUNT}\s+{_UNIT}\b", re.IGNORECASE)),
    ("trước khi", re.compile(rf"\btrước khi {_ABOUT_TO}\b[^,.;\n]{{0,60}}", re.IGNORECASE)),
    ("khi", re.compile(rf"\b(?:{LATEST})\s+(?:là\s+)?(?:khi|sau khi|trước khi)\s+[^,.;\n]{{3,80}}", re.IGNORECASE)),
    ("trước", _BEFORE_EVENT),
    ("khi kết thúc", _AT_END),
    ("trước thời hạn", re.compile(r"\btrước thời hạn (?:theo|do|được|quy định)\b[^,.;\n]{3,80}", re.IGNORECASE)),
    ("báo cáo ", _AT_ONCE),
)
"""Each form behind the word without which it fits nowhere: most texts hold few."""
_EFFECT = re.compile(r"\b(?:có hiệu lực|thi hành)\b[^.;\n]*$", re.IGNORECASE)
_LENGTH = re.compile(
    r"(?:tối đa|không quá|trong|sau)(?: vòng| thời gian)? \d+ (?:tháng|ngày|tuần|giờ|phút)\s*"
    r"(?:/|một lần|mỗi|qua\b|đầu\b|liên tục|liên tiếp|gần nhất|gần đây|trước đó)",
    re.IGNORECASE,
)
_LASTING = re.compile(
    r"\b(?:không được|cấm|niêm yết|cách ly|lưu giữ|lưu trữ|duy trì|bảo quản|kéo dài|tạm (?:dừng|đình chỉ)|quá)\b"
    r"[^,.;\n]{0,80}$",
    re.IGNORECASE,
)
"""What is forbidden, shown or kept for so long is no work to be done by then."""
_ONCE_THERE = re.compile(r"\b(?:từ|sau) (?:ngày|khi) (?:nhận|có)\b", re.IGNORECASE)
"""From when it is counted that something is put up: by then it hangs."""
_CLOSING = re.compile(
    r"\b(?:báo cáo|tổng kết|sơ kết|đánh giá|nghiệm thu|quyết toán|gửi)\b[^.;\n]{0,160}$", re.IGNORECASE
)


def read_relative(passage: Passage) -> list[Deadline]:
    """The rule of a relative deadline is its own words."""
    found: list[Deadline] = []
    taken = bytearray(len(passage.text))
    lowered = passage.text.casefold()
    for needed, form in _FORMS:
        if needed not in lowered:
            continue
        for match in form.finditer(passage.text):
            start, end = match.start(), match.start() + len(match.group().rstrip())
            if form is _BEFORE_EVENT:
                start += match.group().rfind("trước")
            if form is _AT_ONCE and any(taken[start:end]):  # what comes behind it has a limit of its own
                end = start + taken.index(1, start) - start
                end = start + len(passage.text[start:end].rstrip())
            value = passage.text[start:end]
            if (
                start >= end
                or any(taken[start:end])
                or _LENGTH.match(passage.text, start)
                or _EFFECT.search(passage.text, max(0, start - 80), start)
                or (_LASTING.search(passage.text, max(0, start - 100), start) and not _ONCE_THERE.search(value))
                or (form is _AT_END and not _CLOSING.search(passage.text, max(0, start - 180), start))
            ):
                continue
            taken[start:end] = b"\1" * (end - start)
            found.append(Deadline(value, passage.span(start, end), 0.8, ReadingReason.COUNTED, "relative", rule=value))
    return found


_CASES = re.compile(
    r"\b(?:nếu|trường hợp|khi|thực hiện,) (?:có |có gì |gặp |phát sinh |xảy ra )*(?:những |các )?(?:khó khăn|"
    r"vướng mắc|vấn đề|phát sinh)"
    r"[^.;\n]{0,160}|\bkhi (?:có|được) (?:yêu cầu|đề nghị)\b[^.;\n]{0,80}",
    re.IGNORECASE,
)


def read_conditions(passage: Passage) -> list[TextFinding]:
    found = []
    for match in _CASES.finditer(passage.text):
        if match.start() > 0 and passage.text[match.start() - 1] == "(":
            continue
        value = match.group().rstrip(" ,")
        found.append(
            TextFinding(value, passage.span(match.start(), match.start() + len(value)), 0.8, ReadingReason.CONDITION)
        )
    return found
