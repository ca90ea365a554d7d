"""The parts of a file: the document itself up to its signature, and the plans or tables attached behind it."""

import re

from workflows.intake.heading.title import is_kind
from workflows.intake.text.paragraphs import Paragraph
from workflows.intake.text.shape import is_capitals

_SIGNATURE = re.compile(r"\W*[Nn][ơo]i nh[ậa]n\b|\W*(?:KT\.|TM\.|TL\.|TUQ\.)\s*[A-ZÀ-ỸĐ]")
_FINISHED = re.compile(r"\./\.?\W*$")
_ATTACHED = re.compile(
    r"\W*(?:kế hoạch|chương trình|phương án|đề án|danh mục|phụ lục|phân công|bảng phân công|lịch)\b", re.IGNORECASE
)
_FORM = re.compile(r"\b(?:đề cương|mẫu|biểu|bảng tổng hợp|danh sách|báo cáo)\b", re.IGNORECASE)


def split_parts(paragraphs: list[Paragraph], body: int) -> list[list[Paragraph]]:
    """Return the body of the document, then what is attached, each attachment from its kind's name ("KẾ HOẠCH") on."""
    parts = [paragraphs[body : _end(paragraphs, body)]]
    start = body + len(parts[0])
    for index in range(start, len(paragraphs)):
        if not _begins_attachment(paragraphs, index):
            continue
        if len(parts) == 1 or index > start + 3:
            parts.append(paragraphs[index : _end(paragraphs, index + 1)])
            start = index
    return parts


def _end(paragraphs: list[Paragraph], start: int) -> int:
    """Behind the last paragraph before the signature, or before an attachment's name."""
    for index in range(start, len(paragraphs)):
        if index > start and (_SIGNATURE.match(paragraphs[index].text) or _begins_attachment(paragraphs, index)):
            return index
        if index > start and _FINISHED.search(paragraphs[index].text):
            return index + 1
    return len(paragraphs)


def _begins_attachment(paragraphs: list[Paragraph], index: int) -> bool:
    paragraph = paragraphs[index]
    text = paragraph.text
    if paragraph.cells or len(text) > 200 or not _ATTACHED.match(text) or not is_kind(text):
        return False
    following = " ".join(one.text for one in paragraphs[index : index + 3])
    return is_capitals(text.split("(")[0]) and not _FORM.search(following[:200])
