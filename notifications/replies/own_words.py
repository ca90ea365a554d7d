"""Cut a reply down to its sender's own words: without the letter that it quotes, and without a signature.

It goes line by line, in a time that grows with the length alone: anybody may write to the mailbox. Libraries for this
go by patterns over the whole text, which some thousand blank lines keep busy for minutes, and know no Vietnamese mail
program (docs/replies.md).
"""

import re
from collections.abc import Iterator

MOST_LINES, LONGEST_LINE = 2000, 2000
"""So much of a reply is looked at; a person's own words stand before what they quote."""
MOST_CHARACTERS = 4000
"""Of a person's own words so many are kept, as a comment on the site may have; the original keeps all."""
_WRAPPED = 3
"""Over so many lines mail programs break the line that introduces a quotation."""
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
"""Characters of a quoted line that a program may have broken."""


def own_words(text: str) -> str:
    """Return what the sender wrote themselves, at most `MOST_CHARACTERS`: above, below and between what they quote.

    Empty where they only quote. Where a program does not mark the lines of its quotation, all that follows is quoted.
    """
    lines = [_clean(line) for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n")[:MOST_LINES]]
    blocks = [block for block in _own_blocks(lines) if any(line.strip() for line in block)]
    first = 1 if len(blocks) == 1 else 0
    kept = ("\n".join(block[: _signature_begins(block, first)]).strip() for block in blocks)
    joined = re.sub(r"\n{3,}", "\n\n", "\n\n".join(filter(None, kept)))
    return joined[:MOST_CHARACTERS].rstrip()


def _clean(line: str) -> str:
    return _BLANK.sub("", line[:LONGEST_LINE]).replace("\u00a0", " ").rstrip()


def _own_blocks(lines: list[str]) -> Iterator[list[str]]:
    """Yield the lines between quotations, without what mail programs put at the foot of a letter."""
    block: list[str] = []
    number = 0
    while number < len(lines):
        bare = lines[number].strip()
        begins = _quotation_begins(lines, number)
        if begins and not _is_marked(lines, number + begins):
            break  # nobody can tell where this quotation ends
        if begins or bare.startswith(">") or _goes_on(lines, number):
            yield block
            block = []
        elif not (_SENT_FROM.fullmatch(bare) or _GET_PROGRAM.fullmatch(bare)):
            block.append(lines[number])
        number += begins or 1
    yield block


def _quotation_begins(lines: list[str], number: int) -> int:
    """Return how many lines tell here that a quotation follows; 0 where none does."""
    bare = lines[number].strip()
    if not bare or bare.startswith(">"):
        return 0
    if _SEPARATES.fullmatch(bare) or _FORWARDS.fullmatch(bare) or _is_head(lines, number):
        return 1
    return _is_introduction(lines, number)


def _is_marked(lines: list[str], number: int) -> bool:
    """Return whether the next line that is not blank is marked as quoted."""
    following = (line.strip() for line in lines[number : number + _LINES_OF_A_SIGNATURE])
    return next(filter(None, following), "").startswith(">")


def _goes_on(lines: list[str], number: int) -> bool:
    """Return whether a line without a mark is the end of a long quoted one, broken by the program that sent it."""
    around = lines[number - 1 : number + 2] if number else []
    if len(around) < 3 or not around[1].strip():
        return False
    return len(around[0]) >= _LONG_QUOTED and around[0].startswith(">") and around[2].startswith(">")


def _is_introduction(lines: list[str], number: int) -> int:
    """Return how many lines tell who wrote what follows; 0 where none does."""
    if not (_BEGINS.match(lines[number].strip()) or lines[number].rstrip().endswith(":")):
        return 0
    together = ""
    for count, line in enumerate(lines[number : number + _WRAPPED], 1):
        if not line.strip():
            return 0
        together = f"{together} {line.strip()}".strip()[:LONGEST_LINE]
        if _INTRODUCES.fullmatch(together):
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
    """Return the number of the line with which a signature begins: "-- ", or "Trân trọng," near the end.

    Not before line `first`: somebody who writes nothing else means it.
    """
    ends = next((number for number in range(len(lines), 0, -1) if lines[number - 1].strip()), 0)
    for number in range(first, ends):
        bare = lines[number].strip()
        is_near_end = sum(1 for line in lines[number:ends] if line.strip()) <= _LINES_OF_A_SIGNATURE
        if bare in ("--", "—", "__") or (is_near_end and _CLOSES.fullmatch(bare)):
            return number
    return ends
