"""The kind of a document and its title: "CHỈ THỊ / Về việc …", "V/v …"."""

import re
from dataclasses import dataclass

from workflows.intake.text.beginnings import begins_actor
from workflows.intake.text.labels import Level, read_label
from workflows.intake.text.paragraphs import TextParagraph
from workflows.intake.text.reading import Passage, ReadingReason, TextFinding
from workflows.intake.text.shape import is_capitals
from workflows.intake.text.vocabulary import bare, phrases

KINDS = phrases(
    """
    chỉ thị | kế hoạch | thông báo | công điện | kết luận | quyết định | nghị quyết | hướng dẫn | chương trình hành
    động | chương trình | đề án | phương án | báo cáo | tờ trình | giấy mời | danh mục | phụ lục | thông tư | công
    văn | quy chế | lịch công tác | phiếu giao việc | phân công | bảng phân công
    """
)
"""Names of kinds of documents, as they stand above a title."""

_KIND = re.compile(rf"(?:{'|'.join(KINDS)})\b(?:\s+(?:[IVX\d]+|(?:thượng )?khẩn|h(?:ỏa|oả) tốc)\b)?", re.IGNORECASE)
_MISREAD_KIND = re.compile(rf"(?:{'|'.join(map(bare, KINDS))})\W*$", re.IGNORECASE)
"""A kind alone on its line whose marks a scanner took for others: "KÉ HOẠCH"."""
_SUBJECT = re.compile(r"(?:^|(?<=[\s|]))(?:v/v|v/v:|về việc)\s*[:.]?\s*(?=\S)", re.IGNORECASE)
_OF = re.compile(r"\W*(?:của|số|ngày|no)\b", re.IGNORECASE)
_BODY = re.compile(
    r"(?:căn cứ|kính gửi|thực hiện|để |nhằm |ngày \d|trong |sau |qua |thời gian|hiện nay|vừa qua|theo |điều \d)", re.I
)
_AFTER_OF = re.compile(r"\s(?:VỀ|Về|về|V/v)\s")
_BASES = re.compile(
    r"\W*(?:căn cứ|theo|xét|thực hiện|trên cơ sở|(?:quyết|nghị) (?:định|nghị|quyết)\W*$)", re.IGNORECASE
)
_ATTACHED = re.compile(r"\s*\(\s*(?:ban hành )?kèm theo\b", re.IGNORECASE)
_OTHER_HEAD = re.compile(
    r"kính gửi|độc lập|cộng h|ngày\s*\d|ngày\s+tháng|^s[ốô]\b|^\W*(?:khẩn|hỏa tốc|hoả tốc)", re.IGNORECASE
)
_OPEN = re.compile(r"(?:\b(?:của|và|cho|với|tại|bởi|thuộc)|,)\W*$", re.IGNORECASE)
_COLUMN = re.compile(r"S?TT\W*$|Số (?:TT|thứ tự)\W*$")
"""The first column of a table below a title."""
_SPEAKER = re.compile(
    r"(?:BỘ TRƯỞNG|CHỦ TỊCH|[ỦU][ỶY] BAN NHÂN DÂN|UBND|THỦ TƯỚNG|CHÍNH PHỦ|HỘI ĐỒNG|QUỐC HỘI|GIÁM ĐỐC|"
    r"TỔNG [A-ZĐ]|CỤC TRƯỞNG|CHI CỤC TRƯỞNG|VIỆN TRƯỞNG|HIỆU TRƯỞNG|THỐNG ĐỐC|CHÁNH|CHỦ NHIỆM|BAN CHẤP HÀNH|"
    r"BAN THƯỜNG VỤ|TRƯỞNG BAN)[^,.;]{0,90}$"
)
"""Who decides, in capitals on a line of its own: "BỘ TRƯỞNG BỘ XÂY DỰNG"."""
_LONG = 420
"""Characters beyond which a paragraph is no part of a title."""


@dataclass(frozen=True, slots=True)
class Title:
    """A title, the passage of the kind of document above it, and the paragraphs they take."""

    finding: TextFinding | None = None
    kind: Passage | None = None
    start: int | None = None
    end: int = 0


def read_title(head: list[TextParagraph]) -> Title:
    subject = _subject_line(head)
    for index, paragraph in enumerate(head):
        if paragraph.cells or not is_kind(paragraph.text):
            continue
        if subject is not None and subject.end <= index and "Kính gửi" in " ".join(one.text for one in head[:index]):
            break
        return _below_kind(head, index)
    return subject or Title()


def is_kind(text: str) -> bool:
    """Return whether a line names a kind of document, alone or in capitals."""
    text = text.strip(" *")
    match = _KIND.match(text)
    if match is None:
        return is_capitals(text) and _MISREAD_KIND.match(bare(text)) is not None
    alone = len(text) - match.end() < 3
    return (alone and text[:1].isupper()) or is_capitals(text[: match.end()])


def _subject_line(head: list[TextParagraph]) -> Title | None:
    """Return a "V/v …" in the letterhead, in a cell of it or behind the number."""
    best: Title | None = None
    for index, paragraph in enumerate(head[:20]):
        if re.match(r"kính gửi", paragraph.text, re.IGNORECASE):
            break
        for piece in paragraph.cells or (paragraph.passage,):
            match = _SUBJECT.search(piece.text)
            if match and (match.start() == 0 or re.match(r"Số|SỐ|Công văn", piece.text)) and len(piece.text) < _LONG:
                found = _continued(head, index, piece.cut(match.start()), paragraph)
                in_letterhead = match.start() > 0 or index > 0 or paragraph.cells
                if best is None or in_letterhead:
                    best = found
    return best


def _continued(head: list[TextParagraph], index: int, piece: Passage, paragraph: TextParagraph) -> Title:
    end, parts = index + 1, [piece]
    while not paragraph.cells and end < len(head) and _goes_on(head[end]):
        parts.append(head[end].passage)
        end += 1
    while paragraph.cells and end < len(head) and (below := _cell_below(head[end], paragraph, piece)) is not None:
        parts.append(below)
        end += 1
    whole = Passage.joined(parts, " ")
    return Title(_finding(whole), None, index, end)


def _cell_below(row: TextParagraph, above: TextParagraph, piece: Passage) -> Passage | None:
    """Return the cell that goes on with a "V/v …" broken over several rows of a table."""
    column = next((place for place, cell in enumerate(above.cells) if piece.text and piece.text in cell.text), -1)
    if column < 0 or len(row.cells) <= column or not row.cells[column].text[:1].islower():
        return None
    return row.cells[column]


def _goes_on(paragraph: TextParagraph) -> bool:
    text = paragraph.text
    if paragraph.cells or len(text) > 160 or read_label(text) is not None:
        return False
    return text[:1].islower() or not (
        paragraph.gap or is_capitals(text) or _OTHER_HEAD.search(text) or text[-1] in ".:;"
    )


def _below_kind(head: list[TextParagraph], index: int) -> Title:
    first = _without_stars(head[index].passage)
    named = _KIND.match(first.text) or _MISREAD_KIND.match(bare(first.text))
    assert named is not None
    end = index + 1
    parts = [first] if len(first.text) - named.end() > 2 else []
    kind_lines = [first]
    while end < len(head) and end - index < 9 and _is_title_line(head, index, end, parts):
        if not parts and _OF.match(head[end].text):
            kind_lines.append(head[end].passage)
        elif not parts and is_kind(head[end].text):
            parts = [head[end].passage]
        else:
            parts.append(head[end].passage)
        end += 1
    for place in range(1, len(parts)):
        if (
            _SPEAKER.match(parts[place].text)
            and is_capitals(parts[place].text)
            and not _OPEN.search(parts[place - 1].text)
        ):
            parts = parts[:place]  # who decides stands between the title and "Căn cứ …"
            break
    lines = [*kind_lines, *(part for part in parts if part is not first)]
    whole = Passage.joined(lines, " ")
    if len(kind_lines) > 1 or _OF.match(first.text, named.end()):
        about = _AFTER_OF.search(whole.text)
        text = (
            whole.cut(about.start() + 1) if about else Passage.joined(parts[1:] if parts[:1] == [first] else parts, " ")
        )
    else:
        text = Passage.joined(parts, " ")
    if not text.text and (below := _subject_line(head[end : end + 3])) is not None:
        return Title(below.finding, whole, index, end + below.end)
    return Title(_finding(text), whole, index, end)


def _without_stars(line: Passage) -> Passage:
    """Return the line without the stars that a copied text has around what was bold."""
    return line.cut(len(line.text) - len(line.text.lstrip(" *")), len(line.text.rstrip(" *")))


def _is_title_line(head: list[TextParagraph], start: int, index: int, parts: list[Passage]) -> bool:
    paragraph, before = head[index], head[index - 1]
    text = paragraph.text
    label = read_label(text)
    if (
        paragraph.cells
        or len(text) > _LONG
        or _COLUMN.match(text)
        or (label is not None and label.level is not Level.DASH)
        or text[-1:] in ":;"
    ):
        return False
    if is_capitals(before.text) and not is_capitals(text) and index - start > 1 and (parts or text[-1:] == "."):
        return not paragraph.gap and text[:1].islower()
    if parts and is_capitals(text) and begins_actor(text[:1] + text[1:].lower()) and _decides(head, index):
        return False
    if _BODY.match(text) and parts:
        return text[:1].islower()
    if text.endswith(".") and len(text) > 200:
        return False
    return not (paragraph.gap and parts and not text[:1].islower() and not is_capitals(text))


def _decides(head: list[TextParagraph], index: int) -> bool:
    """Return whether a line in capitals is who decides: above the bases, or below a title in small letters."""
    following = head[index + 1].text if index + 1 < len(head) else ""
    return not is_capitals(head[index - 1].text) or bool(_BASES.match(following))


def _finding(passage: Passage) -> TextFinding | None:
    attached = _ATTACHED.search(passage.text)
    text = passage.text[: attached.start() if attached else None].rstrip(" .*")
    if not text:
        return None
    return TextFinding(text, passage.span(0, len(text)), 0.88, ReadingReason.HEADING)
