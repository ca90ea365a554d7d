"""Read a document's text into a draft of its fields and duties, which a person then confirms."""

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import takewhile

from models.errors import Refused
from workflows.intake.blocks import Blocks
from workflows.intake.duties.borderless_tables import read_borderless, split_borderless
from workflows.intake.duties.duties import DocumentContext, read_duties
from workflows.intake.duties.duty_tables import read_table, row_kinds, split_tables
from workflows.intake.duties.ordering_items import left_out, why_no_duty
from workflows.intake.duties.sections import is_field
from workflows.intake.duties.unnumbered import is_stem, opening, ordinal
from workflows.intake.heading.heading import read_heading
from workflows.intake.heading.title import read_title
from workflows.intake.names.addressees import charged_below, read_stem
from workflows.intake.parts import is_order, recipients, split_parts
from workflows.intake.text.labels import Level, read_label
from workflows.intake.text.no_order import NoOrder, no_order
from workflows.intake.text.outline import Outline, OutlineItem, read_outline
from workflows.intake.text.paragraphs import TextParagraph, read_lines, read_paragraphs
from workflows.intake.text.reading import (
    BlockKind,
    DocumentHeading,
    Passage,
    ReadDuty,
    Reading,
    ReadingReason,
    Span,
    TextFinding,
)
from workflows.intake.text.sentences import full_sentences
from workflows.intake.text.shape import is_bare_heading, is_capitals
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
    lines = read_lines(text)
    paragraphs = read_paragraphs(lines)
    blocks = Blocks(text, lines)
    heading = read_heading(paragraphs)
    _mark_head(blocks, paragraphs[: heading.body], heading)
    main, *attached = split_parts(paragraphs, heading.body)
    duties, addressed, before = _read_part(main, heading, heading.addressees, blocks)
    for part in attached:
        title = read_title(part)
        blocks.mark_all(BlockKind.ATTACHMENT, part[: title.end])
        more, _addressed, _before = _read_part(part[title.end :], replace(heading, directs=True), addressed, blocks)
        duties += more
    _mark_between(blocks, paragraphs[heading.body :], [main, *attached])
    for duty in duties:
        if duty.reason is not ReadingReason.COLUMN:
            blocks.mark(BlockKind.DUTY, duty.span)
    whole = tuple(blocks.read(paragraphs))
    unread = [block.span for block in whole if block.kind is BlockKind.UNREAD]
    return Reading(
        heading=_with_bases(heading, before),
        addressees=addressed,
        duties=tuple(sorted(duties, key=lambda one: one.span.start)),
        unread=tuple(TextFinding.unread(text, span, ReadingReason.NOTHING_READ) for span in unread),
        blocks=whole,
    )


def _mark_head(blocks: Blocks, head: list[TextParagraph], heading: DocumentHeading) -> None:
    title = read_title(head)
    for index, paragraph in enumerate(head):
        kind = BlockKind.LETTERHEAD
        if no_order(paragraph.text, (NoOrder.BASIS,)):
            kind = BlockKind.BASIS
        elif title.start is not None and title.start <= index < title.end:
            kind = BlockKind.TITLE
        elif title.end <= index and title.end:
            kind = BlockKind.ADDRESS
        blocks.mark(kind, paragraph.passage.span())
    for finding in (heading.number, heading.issued):
        if finding is not None:
            blocks.mark(BlockKind.NUMBER_AND_DATE, finding.span)


def _mark_between(blocks: Blocks, paragraphs: list[TextParagraph], parts: list[list[TextParagraph]]) -> None:
    """Mark what stands outside the parts: whom a document goes to, who signed it, and an attachment's letterhead."""
    inside = {id(paragraph) for part in parts for paragraph in part}
    short = 0
    for paragraph, is_recipient in zip(paragraphs, recipients(paragraphs), strict=True):
        if id(paragraph) in inside:
            short = 0
        elif is_recipient:
            blocks.mark(BlockKind.RECIPIENTS, paragraph.passage.span())
        elif short < _SIGNATURE_LINES and len(paragraph.text) <= _LONGEST_SIGNATURE_LINE:
            label = read_label(paragraph.text)
            if (label is not None and label.level < Level.DASH) or is_order(paragraph.text):
                short = _SIGNATURE_LINES  # an item or an order: another document begins
                continue
            short += 1
            blocks.mark(BlockKind.SIGNATURE, paragraph.passage.span())


_LONGEST_SIGNATURE_LINE = 120
_SIGNATURE_LINES = 16
"""Lines below a document: who signed it, and the letterhead of what is attached."""


def _read_part(
    body: list[TextParagraph], heading: DocumentHeading, addressees: tuple[TextFinding, ...], blocks: Blocks
) -> tuple[list[ReadDuty], tuple[TextFinding, ...], list[TextParagraph]]:
    """Return the duties of the main document or an attachment, their addressees, and the paragraphs before the list.

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
    before = list(outline.before)
    duties = read_duties(outline, context)
    _mark_outline(blocks, outline, before)
    for table in tables:
        rows = read_table(table, issued)
        blocks.mark_all(BlockKind.HEADING, table.rows[:1])
        for kind, row in row_kinds(table, rows):
            blocks.mark(kind, row.passage.span())
        duties += rows
    for lines in borderless:
        rows = read_borderless(lines, issued)
        blocks.mark_all(BlockKind.HEADING, lines.heads)
        for duty, cells in zip(rows, filter(None, lines.rows), strict=True):
            blocks.mark(BlockKind.TABLE_ROW, Span(duty.span.start, cells[-1].span().end))
        duties += rows
    return duties, addressed, before


def _mark_outline(blocks: Blocks, outline: Outline, before: list[TextParagraph]) -> None:
    """Mark what stands before a list, its headings, and the items that order nobody."""
    for paragraph in _preamble(before):
        is_basis = no_order(paragraph.text, (NoOrder.BASIS,))
        blocks.mark(BlockKind.BASIS if is_basis else BlockKind.OPENING, paragraph.passage.span())
    for item in outline.walk():
        if (of_its_part := left_out(item)) is not None:
            blocks.mark(BlockKind.NO_ORDER, item.passage.span(), of_its_part)
        elif (why := why_no_duty(item)) is not None:
            first = next(full_sentences(item.lead.text))
            blocks.mark(BlockKind.NO_ORDER, item.lead.span(0, first.end), why)
        elif is_field(item):
            blocks.mark(BlockKind.DUTY, item.passage.span())
        elif _is_heading(item):
            headings = [item.lead, *(one.passage for one in takewhile(_goes_on, item.folded))]
            blocks.mark(BlockKind.HEADING, Passage.joined(headings).span())


_LONGEST_HEADING = 160


def _is_heading(item: OutlineItem) -> bool:
    """Return whether an item only heads others; a long sentence above a list may be an order that was missed."""
    text = item.lead.text
    return is_bare_heading(text) or (bool(item.items) and (len(text) <= _LONGEST_HEADING or text.endswith(":")))


def _goes_on(paragraph: TextParagraph) -> bool:
    """Return whether a paragraph is the second line of a heading."""
    text = paragraph.text
    return is_capitals(text) or text.endswith(":") or (is_bare_heading(text) and text[:1].islower())


def _preamble(before: list[TextParagraph]) -> Iterator[TextParagraph]:
    """Yield what may be said before a list: bases, the situation, the stem; more than a page of it is no preamble."""
    size = 0
    for one in before:
        size += len(one.text)
        if size > _LONGEST_PREAMBLE:
            return
        yield one


def _orders_the_list(stem: str) -> bool:
    """Return whether the sentence before a list makes its items orders, not opinions or answers."""
    return not _OPINES.search(stem[-80:]) and bool(_ORDERS.search(stem[-400:]))


def _with_bases(heading: DocumentHeading, before: list[TextParagraph]) -> DocumentHeading:
    bases = tuple(
        TextFinding(one.text, one.passage.span(), 0.9, ReadingReason.BASIS)
        for one in before
        if no_order(one.text, (NoOrder.BASIS,))
    )
    return replace(heading, bases=bases)
