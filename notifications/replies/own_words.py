"""Cut a reply down to its sender's own words: without the letter that it quotes, and without a signature.

It goes line by line, in a time that grows with the length alone: anybody may write to the mailbox. Libraries for this
go by patterns over the whole text, which some thousand blank lines keep busy for minutes, and know no Vietnamese mail
program (docs/replies.md).
"""

import re

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
_SENT_FROM = re.compile(
    r"(?:sent from (?:my|mail|outlook|yahoo|zimbra|samsung)|get outlook for|gửi từ|được gửi từ|đã gửi từ|"
    r"lấy outlook cho|tải outlook cho)\b.{0,80}",
    re.IGNORECASE,
)
_CLOSES = re.compile(
    r"(?:trân trọng|xin trân trọng|trân trọng kính chào|trân trọng cảm ơn|xin cảm ơn|kính thư|kính|thân ái|"
    r"(?:best |kind |warm )?regards|sincerely|yours sincerely|yours faithfully|respectfully|thanks|many thanks|"
    r"thank you)[\s.,/!]*",
    re.IGNORECASE,
)
_LINES_OF_A_SIGNATURE = 12


def own_words(text: str) -> str:
    """Return what the sender wrote themselves, at most `MOST_CHARACTERS`; empty where they only quote."""
    lines = [_clean(line) for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n")[:MOST_LINES]]
    lines = lines[: _quotation_begins(lines)]
    lines = lines[: _signature_begins(lines)]
    joined = re.sub(r"\n{3,}", "\n\n", "\n".join(lines).strip())
    return joined[:MOST_CHARACTERS].rstrip()


def _clean(line: str) -> str:
    return _BLANK.sub("", line[:LONGEST_LINE]).replace("\u00a0", " ").rstrip()


def _quotation_begins(lines: list[str]) -> int:
    """Return the number of the line with which the quoted letter begins; of all lines where nothing is quoted."""
    for number, line in enumerate(lines):
        bare = line.strip()
        if not bare:
            continue
        if bare.startswith(">") or _SEPARATES.fullmatch(bare) or _FORWARDS.fullmatch(bare):
            return number
        if _is_introduction(lines, number) or _is_head(lines, number):
            return number
    return len(lines)


def _is_introduction(lines: list[str], number: int) -> bool:
    """Return whether the line that tells who wrote what follows begins here; it may be broken over several."""
    if not (_BEGINS.match(lines[number].strip()) or lines[number].rstrip().endswith(":")):
        return False
    together = ""
    for line in lines[number : number + _WRAPPED]:
        if not line.strip():
            return False
        together = f"{together} {line.strip()}".strip()[:LONGEST_LINE]
        if _INTRODUCES.fullmatch(together):
            return True
    return False


def _is_head(lines: list[str], number: int) -> bool:
    """Return whether a quoted letter's fields begin here."""
    if not _FIRST_FIELD.match(lines[number]):
        return False
    following = [line for line in lines[number + 1 : number + 8] if line.strip()][:4]
    fields = sum(1 for line in following if _FIELD.match(line))
    return fields >= 2 or (fields == 1 and "@" in lines[number])  # "Từ: 01/12, đến: 15/12" are somebody's own words


def _signature_begins(lines: list[str]) -> int:
    """Return the number of the line with which a signature begins: "-- ", "Gửi từ iPhone", "Trân trọng," near the end.

    Never the first line: somebody who writes nothing else means it.
    """
    ends = next((number for number in range(len(lines), 0, -1) if lines[number - 1].strip()), 0)
    for number in range(1, ends):
        bare = lines[number].strip()
        is_near_end = sum(1 for line in lines[number:ends] if line.strip()) <= _LINES_OF_A_SIGNATURE
        if bare in ("--", "—", "__"):
            return number
        if is_near_end and (_SENT_FROM.fullmatch(bare) or _CLOSES.fullmatch(bare)):
            return number
    first = next((number for number in range(ends) if lines[number].strip()), ends)
    return first if ends and _SENT_FROM.fullmatch(lines[first].strip()) else ends
