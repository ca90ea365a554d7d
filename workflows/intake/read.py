"""Read a document's text into a draft of its fields and duties, which a person then confirms."""

import re
from collections.abc import Iterator
from dataclasses import replace

from models.errors import Refused
from workflows.intake.duties.borderless_tables import read_borderless, split_borderless
from workflows.intake.duties.duties import DocumentContext, read_duties
from workflows.intake.duties.duty_tables import read_table, split_tables
from workflows.intake.duties.ordering_items import left_out
from workflows.intake.duties.unnumbered import is_stem, opening, ordinal
from workflows.intake.heading.heading import read_heading
from workflows.intake.heading.title import is_kind, read_title
from workflows.intake.names.addressees import charged_below, read_stem
from workflows.intake.names.leaving_out import is_basis
from workflows.intake.text.labels import Label, Level, follows, read_label
from workflows.intake.text.outline import Outline, read_outline
from workflows.intake.text.paragraphs import TextParagraph, read_lines, read_paragraphs
from workflows.intake.text.reading import DocumentHeading, ReadDuty, Reading, ReadingReason, Span, TextFinding
from workflows.intake.text.shape import is_bare_heading, is_capitals
from workflows.intake.text.vocabulary import bare
from workflows.intake.unread import passages_left
from workflows.rules.secrecy import stamped_secrecy

_ORDERS = re.compile(
    r"\b(?:yêu cầu|đề nghị|chỉ thị|giao|cần|phải|lưu ý)\b|\b(?:thực hiện|triển khai|chỉ đạo)\b[^.;:]{0,80}:\W*"
    r"$",
    re.IGNORECASE,
)
_LONGEST_PREAMBLE = 3_000
"""Characters."""
_OPINES = re.compile(r"\b(?:ý kiến|trả lời|thông báo|kết luận|hướng dẫn)(?: chỉ đạo)? như sau\W*$", re.IGNORECASE)


def read(text: str) -> Reading:
    """Return the draft of a text in NFC. Refuse one that is stamped mật or above, and store nothing of it."""
    level = stamped_secrecy(text)
    if level is not None:
        raise Refused(
            "a document stamped {level} may not enter a networked system: follow it up on paper, by classified mail;"
            " nothing was stored",
            level=level.upper(),
        )
    paragraphs = read_paragraphs(read_lines(text))
    heading = read_heading(paragraphs)
    main, *attached = split_parts(paragraphs, heading.body)
    duties, addressed, before, known = _read_part(main, heading, heading.addressees)
    known += [one.passage.span() for one in (*paragraphs[: heading.body], *_preamble(before))]
    for part in attached:
        title = read_title(part)
        more, _addressed, above, further = _read_part(part[title.end :], replace(heading, directs=True), addressed)
        duties += more
        known += [*further, *(one.passage.span() for one in (*part[: title.end], *_preamble(above)))]
    known += [one.span for one in duties]
    return Reading(
        heading=_with_bases(heading, before),
        addressees=addressed,
        duties=tuple(sorted(duties, key=lambda one: one.span.start)),
        unread=tuple(passages_left(paragraphs, known)),
    )


def _read_part(
    body: list[TextParagraph], heading: DocumentHeading, addressees: tuple[TextFinding, ...]
) -> tuple[list[ReadDuty], tuple[TextFinding, ...], list[TextParagraph], list[Span]]:
    """Return the duties of the main document or an attachment, their addressees, the paragraphs before the list, and
    where its headings stand, and what orders nobody.

    The stem is the sentence that introduces the list ("yêu cầu các đơn vị:"); it may name addressees and give orders.
    """
    body, borderless = split_borderless(body)
    rest, tables = split_tables(body)
    outline = read_outline(rest)
    stems = [one for one in outline.before if is_stem(one)]
    unlabelled = not outline.items and opening([[one] for one in outline.before]) is not None
    has_list = bool(outline.items) or unlabelled or any(ordinal(one.text) for one in outline.before)
    stem = read_stem(stems[-1].passage) if stems and has_list else []
    directs = heading.directs or bool(stems and _orders_the_list(stems[-1].text))
    addressed = tuple(stem) or addressees
    charged = tuple(charged_below(stems[-1].passage)) if stem else ()
    issued = heading.issued_on or heading.issued_about
    context = DocumentContext(issued, addressed, charged or addressed, directs)
    before, known = list(outline.before), list(_headings(outline))
    duties = read_duties(outline, context)
    duties += [duty for table in tables for duty in read_table(table, issued)]
    duties += [duty for table in borderless for duty in read_borderless(table, issued)]
    return duties, addressed, before, known


def _preamble(before: list[TextParagraph]) -> Iterator[TextParagraph]:
    """Yield what may be said before a list: bases, the situation, the stem; more than a page of it is no preamble."""
    size = 0
    for one in before:
        size += len(one.text)
        if size > _LONGEST_PREAMBLE:
            return
        yield one


def _headings(outline: Outline) -> Iterator[Span]:
    """Yield where the headings of an outline stand, and the items of parts that order nobody ("Mục đích, yêu cầu")."""
    for item in outline.walk():
        if left_out(item):
            yield item.passage.span()
        elif item.items or is_bare_heading(item.lead.text):
            yield item.lead.span()


def _orders_the_list(stem: str) -> bool:
    """Return whether the sentence before a list makes its items orders, not opinions or answers."""
    return not _OPINES.search(stem[-80:]) and bool(_ORDERS.search(stem[-400:]))


def _with_bases(heading: DocumentHeading, before: list[TextParagraph]) -> DocumentHeading:
    bases = tuple(
        TextFinding(one.text, one.passage.span(), 0.9, ReadingReason.BASIS) for one in before if is_basis(one.text)
    )
    return replace(heading, bases=bases)


_RECIPIENTS = re.compile(r"\W*[Nn][ơo]i nh[ậa]n\b")
_SIGNATURE = re.compile(rf"{_RECIPIENTS.pattern}|\W*(?:KT\.|TM\.|TL\.|TUQ\.)\s*[A-ZÀ-ỸĐ]")
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
