"""Read the duties of a document: the items that order something, with actors, deadlines and receivers of reports."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date

from workflows.intake.duties.ordering_items import above_it, is_duty, left_out, lists_orders, says_who_leads, under_verb
from workflows.intake.duties.sections import DutySection, is_field, is_field_line, read_section, read_trailing
from workflows.intake.duties.unnumbered import (
    begins_order,
    grouped,
    is_closing,
    is_sent,
    is_stem,
    opening,
    order_pieces,
    ordered,
    orders,
    ordinal,
    speaks_of_document,
)
from workflows.intake.names.addressees import (
    charged_below,
    heading_actor,
    later_subject,
    read_addressees,
    read_doers,
    read_stem,
)
from workflows.intake.names.onward_reports import read_reports
from workflows.intake.names.partners import read_coordinating, read_leads
from workflows.intake.names.supervision import read_supervisors
from workflows.intake.text.labels import Level, read_label
from workflows.intake.text.no_order import NoOrder, asks_for_report, is_outline, no_order
from workflows.intake.text.outline import Outline, OutlineItem
from workflows.intake.text.paragraphs import TextParagraph
from workflows.intake.text.reading import Passage, ReadDuty, ReadingReason, TextFinding
from workflows.intake.text.shape import is_bare_heading
from workflows.intake.times.deadlines import read_conditions, read_deadlines

_WHERE_AND_HOW = re.compile(
    r"(?:thời gian|thời hạn|địa chỉ|địa điểm|hình thức|nơi) ?(?:,|và|gửi|nhận|nộp|báo)", re.IGNORECASE
)

_REPORT_CONFIDENCE = 0.88
"""The highest confidence of a receiver of reports: 47 of 51 were right in documents that no rule had seen."""


@dataclass(frozen=True, slots=True)
class DocumentContext:
    """The facts that a document states once for all of its duties."""

    issued_on: date | None
    stem: tuple[TextFinding, ...]
    charged: tuple[TextFinding, ...]
    """The units that the stem charges with the list: its addressees, or the units that these are to direct."""
    directs: bool
    """True for a kind of document that gives orders, or one that says so before its list."""
    sections: dict[int, DutySection | None] = field(default_factory=dict)
    trailing: dict[int, DutySection] = field(default_factory=dict)
    """The facts stated once for all items below an item, by its id. They are cached, since each item of a list asks."""

    def section_of(self, above: OutlineItem) -> DutySection | None:
        if id(above) not in self.sections:
            is_section = any(is_field(item) for item in above.items)
            self.sections[id(above)] = read_section(above.items, self.issued_on) if is_section else None
        return self.sections[id(above)]

    def trailing_of(self, above: OutlineItem) -> DutySection:
        if id(above) not in self.trailing:
            self.trailing[id(above)] = read_trailing(above.items, self.issued_on)
        return self.trailing[id(above)]


def read_duties(outline: Outline, context: DocumentContext) -> list[ReadDuty]:
    """Return the duties in reading order: before the list, the list, after it."""
    asks_report = bool(outline.before) and asks_for_report(outline.before[-1].text)
    has_list = bool(outline.items) and not asks_report and not is_outline(outline.items[0].lead.text)
    duties = list(_body_duties(outline.before, context, has_list=has_list))
    closing = take_closing(outline)
    for item in outline.walk():
        further_orders = take_further(item)
        lead = item.lead.text
        is_bare = is_bare_heading(lead) or (
            is_bare_heading(lead.rstrip("."))
            and not no_order(lead, (NoOrder.EFFECT,))
            and not read_addressees(item.lead)
        )
        is_heading_of_orders = bool(further_orders) and is_bare
        if (
            not is_heading_of_orders
            and is_duty(item, directs=context.directs)
            and (not asks_report or ordered(item.passage.text) or is_sent(_words_without_heading(item).text))
        ):
            duties.append(_item_duty(item, context))
        elif item.label.level < Level.ARTICLE and not item.items and not left_out(item) and not lists_orders(item):
            start = sum(1 for duty in duties if duty.path.startswith("body"))
            duties += _body_duties(item.folded, context, has_list=False, start=start, above=item)
        is_counted = bool(further_orders) and (is_bare or is_duty(item, directs=context.directs))
        for number, passage in enumerate(further_orders, 1 if is_counted else 0):
            path = f"{item.path}.body.{number}" if number else item.path
            duties.append(
                _duty(path, passage, ReadingReason.UNNUMBERED, _inherited(item.above, context), DutySection(), context)
            )
    for number, passage in enumerate(closing, 1):
        duties.append(
            _duty(f"closing.{number}", passage, ReadingReason.UNNUMBERED, context.stem, DutySection(), context)
        )
    return duties


def take_further(item: OutlineItem) -> list[Passage]:
    """Return the orders to others in the paragraphs of an article, taken out of it: "Điều 2.body.1"."""
    if item.label.level is not Level.ARTICLE or item.items:
        return []
    own_names = {finding.value for finding in read_addressees(item.lead)}
    for position, paragraph in enumerate(item.folded):
        if paragraph.cells or read_label(paragraph.text) is not None:
            return []
        addressees = read_addressees(paragraph.passage)
        if addressees and orders(paragraph.passage) and not own_names & {finding.value for finding in addressees}:
            groups = list(grouped(item.folded[position:]))
            item.folded = item.folded[:position]
            passages = [Passage.joined(paragraph.passage for paragraph in group) for group in groups]
            return [
                passage for passage in passages if orders(passage) and not no_order(passage.text, (NoOrder.EFFECT,))
            ]
    return []


def _body_duties(
    paragraphs: list[TextParagraph],
    context: DocumentContext,
    *,
    has_list: bool,
    start: int = 0,
    above: OutlineItem | None = None,
) -> Iterator[ReadDuty]:
    """Yield the orders among paragraphs that no label stands before."""
    groups = list(grouped(paragraphs))
    opening_position = opening(groups) if not has_list and above is None else None
    count = start
    numbered_positions = [position for position, group in enumerate(groups) if ordinal(group[0].text)]
    closing_count = 0
    for position, group in enumerate(groups):
        is_before_numbered = position + 1 in numbered_positions[:1]
        if ((has_list and position == len(groups) - 1) or is_before_numbered) and len(group) == 1 and is_stem(group[0]):
            continue
        if position in numbered_positions:
            first_passage = group[0].passage.cut(ordinal(group[0].text))
            count += 1
            passage = Passage.joined([first_passage, *(paragraph.passage for paragraph in group[1:])])
            yield _duty(f"body.{count}", passage, ReadingReason.NUMBERED, context.stem, DutySection(), context)
            continue
        if numbered_positions and position > numbered_positions[-1]:
            for passage in order_pieces(group):
                closing_count += 1
                yield _duty(
                    f"closing.{closing_count}", passage, ReadingReason.UNNUMBERED, context.stem, DutySection(), context
                )
            continue
        if position == opening_position:
            continue
        pieces = order_pieces(group)
        if not pieces and opening_position is not None and position > opening_position and begins_order(group[0].text):
            pieces = [Passage.joined(paragraph.passage for paragraph in group)]
        for passage in pieces:
            count += 1
            inherited = _inherited(above, context) if above else context.stem
            yield _duty(f"body.{count}", passage, ReadingReason.UNNUMBERED, inherited, DutySection(), context)


def _words_without_heading(item: OutlineItem) -> Passage:
    """Return an item's words without a heading such as "Thời gian, địa chỉ gửi …" above them."""
    text = item.lead.text
    if (
        not _WHERE_AND_HOW.match(text)
        or not item.folded
        or not is_bare_heading(text)
        or read_label(item.folded[0].text) is not None
    ):
        return item.passage
    return Passage.joined(paragraph.passage for paragraph in item.folded)


def _item_duty(item: OutlineItem, context: DocumentContext) -> ReadDuty:
    section = DutySection()
    for above in above_it(item):
        if (section_of_above := context.section_of(above)) is not None:
            section = section_of_above
            break
    if section == DutySection() and item.above is not None and item is not item.above.items[-1]:
        section = context.trailing_of(item.above)
    if section == DutySection() and item.above is not None and says_who_leads(item.above.lead.text):
        stem = item.above.lead
        section = DutySection(lead=tuple(read_leads(stem, ())), coordinating=tuple(read_coordinating(stem)))
    duty = _duty(
        item.path,
        _words_without_heading(item),
        ReadingReason.NUMBERED,
        _inherited(item.above, context),
        section,
        context,
    )
    if not duty.reports_to and item.above is not None and under_verb(item):
        return replace(duty, reports_to=_reported_to(item.above.lead))  # "Báo cáo Bộ …:", then what
    return duty


def _inherited(above: OutlineItem | None, context: DocumentContext) -> tuple[TextFinding, ...]:
    """Return those named by the nearest item or heading above, else by the sentence before the list."""
    while above is not None:
        names = (
            charged_below(above.lead)
            or read_addressees(above.passage)
            or heading_actor(above.lead)
            or read_stem(above.lead)
        )
        if names:
            return tuple(names)
        above = above.above
    return context.charged


def _duty(
    path: str,
    passage: Passage,
    reason: ReadingReason,
    above: tuple[TextFinding, ...],
    section: DutySection,
    context: DocumentContext,
) -> ReadDuty:
    own_actors = read_addressees(passage) or read_doers(passage)
    if not own_actors and not (
        above and passage.text.startswith("Chỉ đạo ")
    ):  # its leads are not those who direct, named above
        own_actors = read_leads(passage, ())
    if not own_actors and reason is ReadingReason.UNNUMBERED:
        own_actors = read_stem(passage)
    if not own_actors and not (section.lead or section.doers or above):
        own_actors = later_subject(passage)
    inherited = not own_actors
    actors = own_actors or [
        TextFinding(actor.value, actor.span, round(actor.confidence * 0.9, 2), ReadingReason.INHERITED)
        for actor in section.lead or section.doers or above
    ]
    lead = read_leads(passage, actors)
    return ReadDuty(
        path=path,
        passage=passage,
        confidence=0.9 if own_actors and reason is ReadingReason.NUMBERED else 0.85 if own_actors else 0.8,
        reason=reason,
        addressees=tuple(actors),
        inherited=inherited and bool(actors),
        lead=tuple(lead) or section.lead,
        coordinating=tuple(read_coordinating(passage)) or section.coordinating,
        deadlines=(*read_deadlines(passage, context.issued_on), *section.deadlines),
        reports_to=_reported_to(passage),
        supervisor=tuple(read_supervisors(passage, actors)),
        conditional=tuple(read_conditions(passage)),
    )


def _reported_to(passage: Passage) -> tuple[TextFinding, ...]:
    return tuple(
        replace(finding, confidence=min(finding.confidence, _REPORT_CONFIDENCE)) for finding in read_reports(passage)
    )


_ABOUT_DOCUMENT = re.compile(
    r"\b(?:này|trên|quá trình thực hiện|vướng mắc|khó khăn|phát sinh|theo dõi|đôn đốc|báo cáo|yêu cầu|đề nghị)\b",
    re.IGNORECASE,
)
"""Words of a paragraph about the whole document, and not about the part above it that orders nobody."""


def take_closing(outline: Outline) -> list[Passage]:
    """Return the orders after the list, taken out of the last item that they were folded into."""
    items = list(outline.walk())
    if not items:
        return []
    last = items[-1]
    if last.label.level is Level.ARTICLE:
        return []  # its paragraphs are its own
    groups = list(grouped(last.folded))
    kept_groups = first_closing = len(groups)
    for position, group in enumerate(groups):
        passage = Passage.joined(paragraph.passage for paragraph in group)
        if (
            read_label(group[0].text) is not None
            or _is_announced_content(last, position)
            or is_field_line(group[0].text)
        ):
            continue
        pieces = order_pieces(group)
        if pieces and _continues_item(last, pieces[0].text):
            continue
        if pieces and left_out(last) and not _ABOUT_DOCUMENT.search(pieces[0].text):
            continue
        if pieces and is_closing(pieces[0]):
            kept_groups, first_closing = min(kept_groups, position), position
            break
        if no_order(passage.text, (NoOrder.OWN_PLAN,)) and not last.lead.text.rstrip().endswith(":"):
            kept_groups = first_closing = position
            break
        if no_order(passage.text, (NoOrder.INFORMS,)):
            kept_groups = min(kept_groups, position)
    last.folded = [paragraph for group in groups[:kept_groups] for paragraph in group]
    return [piece for group in groups[first_closing:] for piece in order_pieces(group)]


def _continues_item(item: OutlineItem, text: str) -> bool:
    """Return whether an order below the last item goes on with its subject: below a mere heading, "Đối với …"."""
    if speaks_of_document(text):
        return False
    heading = item.label.level < Level.ARTICLE or (is_bare_heading(item.lead.text) and not heading_actor(item.lead))
    return heading or text.startswith("Đối với ")


def _is_announced_content(item: OutlineItem, position: int) -> bool:
    """Return whether the first paragraph below an item is what its heading announces."""
    return position == 0 and item.label.level >= Level.ARTICLE and is_bare_heading(item.lead.text)
