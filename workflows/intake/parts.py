"""The parts of a document: the main one, then its attachments, each up to its signature."""

import re
from collections.abc import Iterator, Sequence

from workflows.intake.duties.unnumbered import says_who_acts
from workflows.intake.heading.title import is_kind
from workflows.intake.text.labels import Label, Level, follows, read_label
from workflows.intake.text.paragraphs import TextParagraph
from workflows.intake.text.shape import is_capitals
from workflows.intake.text.vocabulary import bare

_RECIPIENTS = re.compile(r"[\W_]*(?i:n[ơo]i (?:nh[ậa]n|gửi))(?![^\W_])")
_SIGNATURE = re.compile(rf"{_RECIPIENTS.pattern}|\W*(?:K/?T|T/?M|T/?L|TUQ)[. ]\s*[A-ZÀ-ỸĐ]")
_FINISHED = re.compile(r"\./\.?\W*$")
_ATTACHED = re.compile(
    r"\W*(?:ke hoach|chuong trinh|phuong an|de an|danh muc|phu luc|phan cong|bang phan cong|lich)\b", re.IGNORECASE
)
_APPENDIX = re.compile(r"\W*phụ lục(?: số)?(?: (?:[IVX]{1,4}|\d{1,2}))?\W*", re.IGNORECASE)
_FORM = re.compile(r"\b(?:đề cương|mẫu|biểu|bảng tổng hợp|danh sách|báo cáo)\b", re.IGNORECASE)


def split_parts(paragraphs: list[TextParagraph], body: int) -> list[list[TextParagraph]]:
    """Return the main document, then its attachments. An attachment begins with the name of its kind ("KẾ HOẠCH")."""
    paragraphs = _without_inner_recipients(paragraphs, body)
    parts = [paragraphs[body : _end(paragraphs, body)]]
    start = body + len(parts[0])
    for index in range(start, len(paragraphs)):
        if not _begins_attachment(paragraphs, index):
            continue
        if len(parts) == 1 or index > start + 3:
            parts.append(paragraphs[index : _end(paragraphs, index + 1)])
            start = index
    return parts


_MOST_RECIPIENTS = 20


def _without_inner_recipients(paragraphs: list[TextParagraph], body: int) -> list[TextParagraph]:
    """Return the paragraphs without a list of recipients that a page's columns put between two items of the list."""
    before: Label | None = None
    for index in range(body, len(paragraphs)):
        paragraph = paragraphs[index]
        if _RECIPIENTS.match(paragraph.text) and not paragraph.cells:
            end = index + 1
            while end < min(len(paragraphs), index + _MOST_RECIPIENTS) and _is_dash(paragraphs[end]):
                end += 1
            label = read_label(paragraphs[end].text) if end < len(paragraphs) else None
            if label is None or before is None or not follows(label, before):
                return paragraphs
            return paragraphs[:index] + paragraphs[end:]
        label = None if paragraph.cells else read_label(paragraph.text)
        before = label if label is not None and label.level is Level.NUMBER else before
    return paragraphs


def _is_dash(paragraph: TextParagraph) -> bool:
    label = read_label(paragraph.text)
    return label is not None and label.level is Level.DASH


def _end(paragraphs: list[TextParagraph], start: int) -> int:
    """Return the index after the last paragraph that stands before the signature or an attachment."""
    for index in range(start, len(paragraphs)):
        if index > start and (_SIGNATURE.match(paragraphs[index].text) or _begins_attachment(paragraphs, index)):
            return index
        if index > start and _FINISHED.search(paragraphs[index].text):
            return index + 1
    return len(paragraphs)


def _begins_attachment(paragraphs: list[TextParagraph], index: int) -> bool:
    paragraph = paragraphs[index]
    text = paragraph.text
    if _APPENDIX.fullmatch(text) and not paragraph.cells:
        return not _FORM.search(" ".join(one.text for one in paragraphs[index : index + 3])[:200])
    if paragraph.cells or len(text) > 420 or not _ATTACHED.match(bare(text)) or not is_kind(text):
        return False
    following = " ".join(one.text for one in paragraphs[index : index + 3])
    return is_capitals(text.split("(")[0]) and not _FORM.search(following[:200])


_MOST_LINES = 40
_LONGEST_LINE, _LONGEST_LIST = 120, 1_500


def recipients(paragraphs: Sequence[TextParagraph]) -> Iterator[bool]:
    """Yield whether each paragraph belongs to a list of recipients, which may be long."""
    left = 0
    for paragraph in paragraphs:
        if _RECIPIENTS.match(paragraph.text) and len(paragraph.text) <= _LONGEST_LIST:
            left = _MOST_LINES
        elif left and _is_recipient(paragraph):
            left -= 1
        else:
            left = 0
        yield left > 0


def _is_recipient(paragraph: TextParagraph) -> bool:
    """Return whether a line goes on with a list of recipients: no letterhead, no item, and no order."""
    label = read_label(paragraph.text)
    if label.level is not Level.DASH if label else is_capitals(paragraph.text):
        return False
    return len(paragraph.text) <= _LONGEST_LINE and not is_order(paragraph.text)


_LONGEST_NAME = 60
_TIME = re.compile(r"\b(?:trước|ngày|tháng|quý) ", re.IGNORECASE)


def is_order(text: str) -> bool:
    """Return whether a line below a document orders, and is no mere name: "Các sở được phân công quản lý hội"."""
    label = read_label(text)
    text = text[label.size if label else 0 :]
    return (len(text) > _LONGEST_NAME or bool(_TIME.search(text))) and says_who_acts(text)
