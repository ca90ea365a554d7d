"""Cuts a reply down to its sender's own words, without the quoted letter and without a signature.

It works line by line in linear time, because anybody may write to the mailbox. Libraries for this match patterns over
the whole text, need minutes for some thousand blank lines, and know no Vietnamese mail program (docs/replies.md).
"""

import re
from collections.abc import Iterator

MOST_LINES, LONGEST_LINE = 2000, 2000
"""The part of a reply that is examined. A person's own words stand before the quoted ones."""
MOST_CHARACTERS = 4000
"""The limit of a person's own words, the same as for a comment on the site. The stored original keeps all."""
_WRAPPED = 3
"""Mail programs break the line that introduces a quotation into at most this many lines."""
_BLANK = re.compile(r"[\u200b\u200c\u200d\ufeff\u00ad]")

# "Vào Th 2, 30 thg 11, 2026 vào lúc 08:00 Đôn đốc <dondoc@mpt.example> đã viết:" (Gmail, Apple Mail, Thunderbird)
_INTRODUCES = re.compile(r"(?:vào|on|ngày|am|le|\d)\b.{4,400}(?:đã viết|viết|wrote|schrieb|a écrit)\s*:", re.IGNORECASE)
_BEGINS = re.compile(r"(?:vào|on|ngày)\b.*\d", re.IGNORECASE)
# "-----Original Message-----" (Outlook, Zimbra), "---------- Thư đã chuyển tiếp ---------" (Gmail), a line of
# underscores (Outlook)
_SEPARATES = re.compile(
    r"-{2,}\s*(?:original message|original appointment|forwarded message|thư gốc|tin nhắn gốc|thông điệp gốc|tin gốc|"
    r"thư đã chuyển tiếp|tin nhắn đã chuyển tiếp|thư được chuyển tiếp|thư chuyển tiếp)\s*-{2,}|_{20,}",
    re.IGNORECASE,
)
_FORWARDS = re.compile(
    r"(?:begin forwarded message|bắt đầu thư được chuyển tiếp|thư được chuyển tiếp)\s*:", re.IGNORECASE
)
# "Từ: …", "Đã gửi: …", "Tới: …", "Chủ đề: …": at least two of them in a row, the first of them a sender
_FIRST_FIELD = re.compile(r"[*\s]*(?:từ|người gửi|from)\s*:[*\s]*\S", re.IGNORECASE)
_FIELD = re.compile(
    r"[*\s]*(?:từ|người gửi|đã gửi|gửi lúc|gửi|ngày|tới|đến|người nhận|chủ đề|tiêu đề|cc|đồng gửi|from|sent|date|to|"
    r"subject|reply-to|trả lời đến)\s*:",
    re.IGNORECASE,
)
_DEVICE = (
    r"iphone|ipad|ipod|android|galaxy|samsung|xiaomi|redmi|oppo|vivo|huawei|nokia|blackberry|windows|outlook|gmail|yahoo|"
    r"zimbra|spark|(?:proton |zoho )?mail (?:for|on|cho|trên|mobile)|điện thoại|thiết bị|di động|máy tính bảng|"
    r"mobile|phone|smartphone|tablet|device"
)
# "Gửi từ iPhone của tôi", "Sent from Yahoo Mail on Android", "Được gửi từ thiết bị di động"
_SENT_FROM = re.compile(
    rf"[*_\s]*(?:sent|(?:đã |được )?gửi(?: đi)?)\s+(?:from|via|with|using|by|từ|bằng|qua|trên)\b[^.!?:;]{{0,60}}"
    rf"\b(?:{_DEVICE})\b.{{0,120}}",
    re.IGNORECASE,
)
# "Tải Outlook dành cho iOS<https://…>", "Get Outlook for Android", "Nhận Outlook cho iOS"
_GET_PROGRAM = re.compile(
    r"[*_\s]*(?:get|download|try|lấy|nhận|tải|tải về|tải xuống|cài đặt|dùng thử)\s+(?:ứng dụng\s+|the\s+)?"
    r"(?:outlook|gmail|yahoo mail|spark|zimbra|bluemail|edison mail|proton ?mail)\b(?:\s+(?:app|mobile|di động))?\s*"
    r"(?:for|on|cho|dành cho|trên)\b.{0,160}",
    re.IGNORECASE,
)
_CLOSES = re.compile(
    r"(?:trân trọng|xin trân trọng|trân trọng kính chào|trân trọng cảm ơn|xin cảm ơn|kính thư|kính|thân ái|"
    r"(?:best |kind |warm )?regards|sincerely|yours sincerely|yours faithfully|respectfully|thanks|many thanks|"
    r"thank you)[\s.,/!]*",
    re.IGNORECASE,
)
_LINES_OF_A_SIGNATURE = 12
_LONG_QUOTED = 60
"""Mail programs break quoted lines of at least this many characters."""


def own_words(text: str) -> str:
    """Return what the sender wrote above, below and between quotations, at most `MOST_CHARACTERS`.

    If the mail program does not mark the lines of a quotation, all that follows counts as quoted.
    """
    lines = [_clean(line) for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n")[:MOST_LINES]]
    blocks = [block for block in _own_blocks(lines) if any(line.strip() for line in block)]
    first = 1 if len(blocks) == 1 else 0
    paragraphs = ("\n".join(block[: _signature_begins(block, first)]).strip() for block in blocks)
    joined = re.sub(r"\n{3,}", "\n\n", "\n\n".join(filter(None, paragraphs)))
    return joined[:MOST_CHARACTERS].rstrip()


def _clean(line: str) -> str:
    return _BLANK.sub("", line[:LONGEST_LINE]).replace("\u00a0", " ").rstrip()


def _own_blocks(lines: list[str]) -> Iterator[list[str]]:
    """Yield the lines between quotations, without the lines that mail programs add at the end."""
    block: list[str] = []
    number = 0
    while number < len(lines):
        bare = lines[number].strip()
        introducing = _count_introducing_lines(lines, number)
        if introducing and not _is_marked(lines, number + introducing):
            break  # nobody can tell where this quotation ends
        if introducing or bare.startswith(">") or _continues_quoted_line(lines, number):
            yield block
            block = []
        elif not (_SENT_FROM.fullmatch(bare) or _GET_PROGRAM.fullmatch(bare)):
            block.append(lines[number])
        number += introducing or 1
    yield block


def _count_introducing_lines(lines: list[str], number: int) -> int:
    """Return how many lines from here on introduce a quotation, 0 for none."""
    bare = lines[number].strip()
    if not bare or bare.startswith(">"):
        return 0
    if _SEPARATES.fullmatch(bare) or _FORWARDS.fullmatch(bare) or _is_head(lines, number):
        return 1
    return _count_attribution_lines(lines, number)


def _is_marked(lines: list[str], number: int) -> bool:
    """Return whether the next line that is not blank is marked as quoted."""
    following = (line.strip() for line in lines[number : number + _LINES_OF_A_SIGNATURE])
    return next(filter(None, following), "").startswith(">")


def _continues_quoted_line(lines: list[str], number: int) -> bool:
    """Return whether a line without a mark is the end of a long quoted line, which the mail program has broken."""
    if number == 0 or number + 1 >= len(lines) or not lines[number].strip():
        return False
    before, after = lines[number - 1], lines[number + 1]
    return len(before) >= _LONG_QUOTED and before.startswith(">") and after.startswith(">")


def _count_attribution_lines(lines: list[str], number: int) -> int:
    """Return how many lines from here on name the author of the following quotation, 0 for none."""
    if not (_BEGINS.match(lines[number].strip()) or lines[number].rstrip().endswith(":")):
        return 0
    joined = ""
    for count, line in enumerate(lines[number : number + _WRAPPED], 1):
        if not line.strip():
            return 0
        joined = f"{joined} {line.strip()}".strip()[:LONGEST_LINE]
        if _INTRODUCES.fullmatch(joined):
            return count
    return 0


def _is_head(lines: list[str], number: int) -> bool:
    """Return whether a quoted letter's fields begin here."""
    if not _FIRST_FIELD.match(lines[number]):
        return False
    following = [line for line in lines[number + 1 : number + 8] if line.strip()][:4]
    fields = sum(1 for line in following if _FIELD.match(line))
    return fields >= 2 or (fields == 1 and "@" in lines[number])  # "Từ: 01/12, đến: 15/12" are somebody's own words


def _signature_begins(lines: list[str], first: int) -> int:
    """Return the number of the first line of a signature: "-- ", or "Trân trọng," near the end.

    It is at least `first`: a reply that consists of such a line alone means it.
    """
    ends = next((number for number in range(len(lines), 0, -1) if lines[number - 1].strip()), 0)
    for number in range(first, ends):
        bare = lines[number].strip()
        is_near_end = sum(1 for line in lines[number:ends] if line.strip()) <= _LINES_OF_A_SIGNATURE
        if bare in ("--", "—", "__") or (is_near_end and _CLOSES.fullmatch(bare)):
            return number
    return ends
