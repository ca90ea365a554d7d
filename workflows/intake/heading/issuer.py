"""The authority that speaks: in the letterhead, in the lines of the kind of document, or in the ordering sentence."""

import re
from dataclasses import replace
from itertools import pairwise

from workflows.intake.heading.letterhead import (
    BARE_HEAD,
    HEAD_OF,
    LEVEL,
    as_named,
    completed,
    lowered,
    place_name,
    read_letterhead,
)
from workflows.intake.heading.title import KINDS, Title
from workflows.intake.names.actors import name_end
from workflows.intake.text.beginnings import begins_actor
from workflows.intake.text.paragraphs import Paragraph
from workflows.intake.text.reading import Finding, Reason
from workflows.intake.text.shape import is_capitals

_OF = re.compile(rf"(?:{'|'.join(KINDS)})\s+C[ỦU]A\s+(.+?)(?=\s+(?:SỐ|NGÀY|VỀ|V/V)\b|$)", re.IGNORECASE)
_SIGNED = re.compile(rf"(?:(?:T/?M|K/?T|T/?L|TUQ)\.? ?(?={HEAD_OF} )?|(?={HEAD_OF} ))((?!{HEAD_OF}$)\S.+)")
_CODES = {"TTg": "Thủ tướng Chính phủ", "CP": "Chính phủ"}
_BODY_LABEL = re.compile(r"Cơ quan ban hành\s*:?$", re.IGNORECASE)
_ATTACHED = re.compile(r"\(\s*(?:ban hành )?kèm theo .{0,200}\bcủa ([^()]{3,120})\)", re.IGNORECASE)
_SPEAKS = re.compile(r" (?:chỉ thị|yêu cầu|đề nghị|thông báo|có ý kiến|kết luận)\b")


def read_issuer(
    head: list[Paragraph], body: int, title: Title, whole: list[Paragraph], number: Finding | None
) -> Finding | None:
    """Return the issuer; a name in capitals is given as the text writes it elsewhere, if it does."""
    printed = read_letterhead(head[: _letterhead_end(head, title)], whole)
    code = _CODES.get(re.split(r"[/-]", number.value)[-1]) if number else None
    if number and code and (printed is None or "chính phủ" in printed.value.casefold()):
        return replace(printed or number, value=code, confidence=0.88)
    return (
        _of_kind(title, printed)
        or _labelled(head)
        or printed
        or _speaking_line(head[title.end : title.end + 3], whole)
        or _attached(head)
        or _signed(whole[max(body, len(whole) - 40) :], whole)
        or _speaker(whole[body : body + 12])
        or _of_number(number, whole)
    )


def _letterhead_end(head: list[Paragraph], title: Title) -> int:
    for index, paragraph in enumerate(head):
        if (index == title.start and title.kind is not None) or re.match(r"kính gửi", paragraph.text, re.IGNORECASE):
            return index if not paragraph.cells else index + 1
    return min(len(head), 8)


def _speaking_line(below: list[Paragraph], whole: list[Paragraph]) -> Finding | None:
    """Return the line in capitals between the title and the legal bases of a decision: who decides."""
    for paragraph in below:
        text = re.sub(r"\s*(?:điện)?[ .,:;]*$", "", paragraph.text)
        if not paragraph.cells and is_capitals(text) and begins_actor(lowered(text)):
            return as_named(paragraph.passage.cut(0, len(text)), paragraph.passage, whole, 0.85)
    return None


def _of_kind(title: Title, printed: Finding | None) -> Finding | None:
    """Return the authority that the kind of document names: "CHỈ THỊ CỦA BỘ TRƯỞNG …"; a mere head of the house in
    the letterhead is that house.
    """
    if title.kind is None:
        return None
    match = _OF.match(title.kind.text)
    if match is None or not begins_actor(lowered(match.group(1))):
        return None
    text = title.kind.text
    start, end = match.span(1)
    words = list(re.finditer(r"\S+", match.group(1)))
    if is_capitals(words[0].group()):  # up to the title in small letters
        end = next((start + one.end() for one, two in pairwise(words) if two.group() != two.group().upper()), end)
    elif end == len(text):
        end = min(end, name_end(text, start))
    value = text[start:end]
    head = BARE_HEAD.match(value)
    if printed is not None and head and not begins_actor(lowered(value[head.end() :].lstrip())):
        return None
    found = Finding(value, title.kind.span(start, end), 0.88, Reason.HEADING)
    return completed(found, printed.value) if printed else found


def _labelled(head: list[Paragraph]) -> Finding | None:
    """Return the cell behind "Cơ quan ban hành"."""
    for paragraph in head:
        for label, cell in zip(paragraph.cells, paragraph.cells[1:], strict=False):
            if _BODY_LABEL.match(label.text) and cell.text:
                return Finding(cell.text, cell.span(), 0.9, Reason.LABEL)
    return None


def _attached(head: list[Paragraph]) -> Finding | None:
    """Return whose document an appendix belongs to: "(Kèm theo Nghị quyết số … của Chính phủ)"."""
    for paragraph in head:
        match = _ATTACHED.search(paragraph.text)
        if match:
            return Finding(match.group(1), paragraph.passage.span(match.start(1), match.end(1)), 0.8, Reason.HEADING)
    return None


def _speaker(body: list[Paragraph]) -> Finding | None:
    """Return the subject of the sentence that orders: "Bộ trưởng … chỉ thị các đơn vị …"."""
    for paragraph in body:
        text = paragraph.text
        for match in _SPEAKS.finditer(text):
            for begin in re.finditer(r"(?:^|[,;.:] )(?=[A-ZĐ])", text[: match.start()]):
                start = begin.end()
                if begins_actor(text, start) and abs(name_end(text, start) - match.start()) <= 1:
                    return Finding(
                        text[start : match.start()], paragraph.passage.span(start, match.start()), 0.75, Reason.STEM
                    )
    return None


def _signed(last: list[Paragraph], whole: list[Paragraph]) -> Finding | None:
    """Return whose name stands above the signature: "TM. ỦY BAN NHÂN DÂN TỈNH …", "BỘ TRƯỞNG BỘ …"."""
    for paragraph in last:
        for piece in paragraph.cells or (paragraph.passage,):
            match = _SIGNED.fullmatch(piece.text)
            if match and is_capitals(piece.text) and begins_actor(lowered(match.group(1))):
                name = piece.cut(match.start(1))
                return _placed(replace(as_named(name, name, whole, 0.75), reason=Reason.SIGNED), whole)
    return None


def _placed(found: Finding, whole: list[Paragraph]) -> Finding:
    """Return a council or committee of no place with the place of the date, of the level that the text names."""
    dated = (re.match(r"([A-ZĐ][^,|]{2,30}), .{0,40}\bngày\b", one.text) for one in whole[:12])
    at = next((one.group(1) for one in dated if one), None)
    if at is None or found.value.casefold() not in ("ủy ban nhân dân", "uỷ ban nhân dân", "hội đồng nhân dân", "ubnd"):
        return found
    level = re.search(rf"\b{LEVEL} {re.escape(at)}\b", "\n".join(one.text for one in whole), re.IGNORECASE)
    return replace(found, value=f"{found.value} {place_name(level.group())}") if level else found


_AUTHORITY = re.compile(r"(?:Bộ|Tổng cục|Cục|Sở|[ỦU][ỷy] ban|Văn phòng|Ngân hàng|Thanh tra|Tổng công ty|Trường|Viện)\b")


def _of_number(number: Finding | None, whole: list[Paragraph]) -> Finding | None:
    """Return the authority of the text whose first letters end the number: "…/QĐ-BTTTT", "…/VPCP-NN"."""
    codes = re.split(r"[/-]", number.value)[1:] if number else []
    for paragraph in whole:
        for match in _AUTHORITY.finditer(paragraph.text):
            end = name_end(paragraph.text, match.start())
            name = paragraph.text[match.start() : end]
            if "".join(word[0] for word in re.findall(r"\w+", name) if word != "và").upper() in codes:
                return Finding(name, paragraph.passage.span(match.start(), end), 0.75, Reason.LABEL)
    return None
