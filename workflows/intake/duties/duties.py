"""The duties of a document: which items order something, and who, when and to whom each says."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date

from workflows.intake.dates.deadlines import read_conditions, read_deadlines
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
from workflows.intake.names.leaving_out import asks_for_report, informs, is_effect, is_outline, is_own_plan
from workflows.intake.names.onward_reports import read_reports
from workflows.intake.names.partners import read_coordinating, read_leads
from workflows.intake.names.supervision import read_supervisors
from workflows.intake.text.labels import Level, read_label
from workflows.intake.text.outline import Outline, OutlineItem
from workflows.intake.text.paragraphs import TextParagraph
from workflows.intake.text.reading import Passage, ReadDuty, ReadingReason, TextFinding
from workflows.intake.text.shape import is_bare_heading

_WHERE_AND_HOW = re.compile(
    r"(?:thời gian|thời hạn|địa chỉ|địa điểm|hình thức|nơi) ?(?:,|và|gửi|nhận|nộp|báo)", re.IGNORECASE
)

_REPORT = 0.88
"""How sure somebody reported to is at most: of documents that no rule had seen 47 of 51 were right."""


@dataclass(frozen=True, slots=True)
class Context:
    """What a document says once for all of its duties."""

    issued_on: date | None
    stem: tuple[TextFinding, ...]
    charged: tuple[TextFinding, ...]
    """Those whom the stem leaves the list to: its addressees, or whom they are to direct."""
    directs: bool
    """Whether the document is of a kind that gives orders, or says so before its list."""
    sections: dict[int, DutySection | None] = field(default_factory=dict)
    trailing: dict[int, DutySection] = field(default_factory=dict)
    """What is said once for all items below one, by its identity: a list may be long, and each of its items asks."""

    def section_of(self, above: OutlineItem) -> DutySection | None:
        if id(above) not in self.sections:
            is_section = any(is_field(one) for one in above.items)
            self.sections[id(above)] = read_section(above.items, self.issued_on) if is_section else None
        return self.sections[id(above)]

    def trailing_of(self, above: OutlineItem) -> DutySection:
        if id(above) not in self.trailing:
            self.trailing[id(above)] = read_trailing(above.items, self.issued_on)
        return self.trailing[id(above)]


def read_duties(outline: Outline, context: Context) -> list[ReadDuty]:
    """Return the duties in reading order: before the list, the list, after it."""
    reported = bool(outline.before) and asks_for_report(outline.before[-1].text)
    listed = bool(outline.items) and not reported and not is_outline(outline.items[0].lead.text)
    duties = list(_body(outline.before, context, listed=listed))
    closing = take_closing(outline)
    for item in outline.walk():
        further = take_further(item)
        lead = item.lead.text
        bare = is_bare_heading(lead) or (
            is_bare_heading(lead.rstrip(".")) and not is_effect(lead) and not read_addressees(item.lead)
        )
        heads = bool(further) and bare
        if (
            not heads
            and is_duty(item, directs=context.directs)
            and (not reported or ordered(item.passage.text) or is_sent(_own_words(item).text))
        ):
            duties.append(_of_item(item, context))
        elif item.label.level < Level.ARTICLE and not item.items and not left_out(item) and not lists_orders(item):
            start = sum(1 for one in duties if one.path.startswith("body"))
            duties += _body(item.folded, context, listed=False, start=start, above=item)
        named = bool(further) and (bare or is_duty(item, directs=context.directs))
        for count, passage in enumerate(further, 1 if named else 0):
            path = f"{item.path}.body.{count}" if count else item.path
            duties.append(
                _duty(path, passage, ReadingReason.UNNUMBERED, _inherited(item.above, context), DutySection(), context)
            )
    for count, passage in enumerate(closing, 1):
        duties.append(
            _duty(f"closing.{count}", passage, ReadingReason.UNNUMBERED, context.stem, DutySection(), context)
        )
    return duties


def take_further(item: OutlineItem) -> list[Passage]:
    """Return the orders to others in the paragraphs of an article, taken out of it: "Điều 2.body.1"."""
    if item.label.level is not Level.ARTICLE or item.items:
        return []
    own = {one.value for one in read_addressees(item.lead)}
    for place, paragraph in enumerate(item.folded):
        if paragraph.cells or read_label(paragraph.text) is not None:
            return []
        named = read_addressees(paragraph.passage)
        if named and orders(paragraph.passage) and not own & {one.value for one in named}:
            rest = list(grouped(item.folded[place:]))
            item.folded = item.folded[:place]
            wholes = [Passage.joined(one.passage for one in group) for group in rest]
            return [one for one in wholes if orders(one) and not is_effect(one.text)]
    return []


def _body(
    paragraphs: list[TextParagraph], context: Context, *, listed: bool, start: int = 0, above: OutlineItem | None = None
) -> Iterator[ReadDuty]:
    """Yield the orders among paragraphs that no label stands before."""
    groups = list(grouped(paragraphs))
    opened = opening(groups) if not listed and above is None else None
    count = start
    counted = [place for place, group in enumerate(groups) if ordinal(group[0].text)]
    after = 0
    for place, group in enumerate(groups):
        leads = place + 1 in counted[:1]
        if ((listed and place == len(groups) - 1) or leads) and len(group) == 1 and is_stem(group[0]):
            continue
        if place in counted:
            first = group[0].passage.cut(ordinal(group[0].text))
            count += 1
            whole = Passage.joined([first, *(one.passage for one in group[1:])])
            yield _duty(f"body.{count}", whole, ReadingReason.NUMBERED, context.stem, DutySection(), context)
            continue
        if counted and place > counted[-1]:
            for passage in order_pieces(group):
                after += 1
                yield _duty(f"closing.{after}", passage, ReadingReason.UNNUMBERED, context.stem, DutySection(), context)
            continue
        if place == opened:
            continue
        pieces = order_pieces(group)
        if not pieces and opened is not None and place > opened and begins_order(group[0].text):
            pieces = [Passage.joined(one.passage for one in group)]
        for passage in pieces:
            count += 1
            inherited = _inherited(above, context) if above else context.stem
            yield _duty(f"body.{count}", passage, ReadingReason.UNNUMBERED, inherited, DutySection(), context)


def _own_words(item: OutlineItem) -> Passage:
    """Return an item's words without a heading of where and how above a sentence: "Thời gian, địa chỉ gửi …"."""
    text = item.lead.text
    if (
        not _WHERE_AND_HOW.match(text)
        or not item.folded
        or not is_bare_heading(text)
        or read_label(item.folded[0].text) is not None
    ):
        return item.passage
    return Passage.joined(one.passage for one in item.folded)


def _of_item(item: OutlineItem, context: Context) -> ReadDuty:
    section = DutySection()
    for above in above_it(item):
        if (said := context.section_of(above)) is not None:
            section = said
            break
    if section == DutySection() and item.above is not None and item is not item.above.items[-1]:
        section = context.trailing_of(item.above)
    if section == DutySection() and item.above is not None and says_who_leads(item.above.lead.text):
        stem = item.above.lead
        section = DutySection(lead=tuple(read_leads(stem, ())), coordinating=tuple(read_coordinating(stem)))
    duty = _duty(item.path, _own_words(item), ReadingReason.NUMBERED, _inherited(item.above, context), section, context)
    if not duty.reports_to and item.above is not None and under_verb(item):
        return replace(duty, reports_to=_reported_to(item.above.lead))  # "Báo cáo Bộ …:", then what
    return duty


def _inherited(above: OutlineItem | None, context: Context) -> tuple[TextFinding, ...]:
    """Return those named by the nearest item or heading above, else by the sentence before the list."""
    while above is not None:
        own = (
            charged_below(above.lead)
            or read_addressees(above.passage)
            or heading_actor(above.lead)
            or read_stem(above.lead)
        )
        if own:
            return tuple(own)
        above = above.above
    return context.charged


def _duty(
    path: str,
    passage: Passage,
    reason: ReadingReason,
    above: tuple[TextFinding, ...],
    section: DutySection,
    context: Context,
) -> ReadDuty:
    own = read_addressees(passage) or read_doers(passage)
    if not own and not (above and passage.text.startswith("Chỉ đạo ")):  # who directs is named above, not who leads
        own = read_leads(passage, ())
    if not own and reason is ReadingReason.UNNUMBERED:
        own = read_stem(passage)
    if not own and not (section.lead or section.doers or above):
        own = later_subject(passage)
    inherited = not own
    found = own or [
        TextFinding(one.value, one.span, round(one.confidence * 0.9, 2), ReadingReason.INHERITED)
        for one in section.lead or section.doers or above
    ]
    lead = read_leads(passage, found)
    return ReadDuty(
        path=path,
        passage=passage,
        confidence=0.9 if own and reason is ReadingReason.NUMBERED else 0.85 if own else 0.8,
        reason=reason,
        addressees=tuple(found),
        inherited=inherited and bool(found),
        lead=tuple(lead) or section.lead,
        coordinating=tuple(read_coordinating(passage)) or section.coordinating,
        deadlines=(*read_deadlines(passage, context.issued_on), *section.deadlines),
        reports_to=_reported_to(passage),
        supervisor=tuple(read_supervisors(passage, found)),
        conditional=tuple(read_conditions(passage)),
    )


def _reported_to(passage: Passage) -> tuple[TextFinding, ...]:
    return tuple(replace(one, confidence=min(one.confidence, _REPORT)) for one in read_reports(passage))


_OF_DOCUMENT = re.compile(
    r"\b(?:này|trên|quá trình thực hiện|vướng mắc|khó khăn|phát sinh|theo dõi|đôn đốc|báo cáo|yêu cầu|đề nghị)\b",
    re.IGNORECASE,
)
"""What a paragraph says that speaks of the whole document, not of the part that orders nobody it stands below."""


def take_closing(outline: Outline) -> list[Passage]:
    """Return the orders after the list, taken out of the last item that they were folded into."""
    items = list(outline.walk())
    if not items:
        return []
    last = items[-1]
    if last.label.level is Level.ARTICLE:
        return []  # its paragraphs are its own
    groups = list(grouped(last.folded))
    told = begins = len(groups)
    for place, group in enumerate(groups):
        passage = Passage.joined(one.passage for one in group)
        if read_label(group[0].text) is not None or _is_content(last, place) or is_field_line(group[0].text):
            continue
        pieces = order_pieces(group)
        if pieces and _is_of_item(last, pieces[0].text):
            continue
        if pieces and left_out(last) and not _OF_DOCUMENT.search(pieces[0].text):
            continue
        if pieces and is_closing(pieces[0]):
            told, begins = min(told, place), place
            break
        if is_own_plan(passage.text) and not last.lead.text.rstrip().endswith(":"):
            told = begins = place
            break
        if informs(passage.text):
            told = min(told, place)
    last.folded = [one for kept in groups[:told] for one in kept]
    return [piece for group in groups[begins:] for piece in order_pieces(group)]


def _is_of_item(item: OutlineItem, text: str) -> bool:
    """Return whether an order below the last item goes on with its subject: below a mere heading, "Đối với …"."""
    if speaks_of_document(text):
        return False
    heading = item.label.level < Level.ARTICLE or (is_bare_heading(item.lead.text) and not heading_actor(item.lead))
    return heading or text.startswith("Đối với ")


def _is_content(item: OutlineItem, place: int) -> bool:
    """Return whether the first paragraph below an item is what its heading announces."""
    return place == 0 and item.label.level >= Level.ARTICLE and is_bare_heading(item.lead.text)
