"""The outline of a document: items with their paths, what is folded into each, and what stands outside the list."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from workflows.intake.text.labels import Label, Level, follows, lost_number, rank, read_label, unrepeated
from workflows.intake.text.paragraphs import TextParagraph
from workflows.intake.text.reading import Passage


@dataclass(slots=True)
class OutlineItem:
    """An item: its label, its own words, paragraphs and dashes folded into it, and its items below."""

    label: Label
    lead: Passage
    folded: list[TextParagraph] = field(default_factory=list)
    items: list["OutlineItem"] = field(default_factory=list)
    above: "OutlineItem | None" = None
    order: int = 0
    orphan: bool = False
    """Whether the number above it was lost: its path has "?" there."""

    @property
    def passage(self) -> Passage:
        """Return all its own words: the first line and what is folded in, not the items below."""
        return Passage.joined([self.lead, *(paragraph.passage for paragraph in self.folded)])

    @property
    def path(self) -> str:
        """Return its labels from the outermost: "II.1.a"; a two-level number stands for the numbers above it."""
        value = self.label.value
        if self.label.level is Level.ARTICLE and value:
            return value  # articles are counted through the whole document
        if self.label.level is Level.DECIMAL:
            above = self.above
            while above is not None and above.label.level in (Level.NUMBER, Level.DECIMAL):
                above = above.above
        else:
            above = self.above
        value = f"?.{value}" if self.orphan else value
        return f"{above.path}.{value}" if above is not None and above.path else value

    def walk(self) -> Iterator["OutlineItem"]:
        yield self
        for one in self.items:
            yield from one.walk()


@dataclass(slots=True)
class Outline:
    """A document's body: paragraphs before the first item, and the items."""

    before: list[TextParagraph] = field(default_factory=list)
    items: list[OutlineItem] = field(default_factory=list)

    def walk(self) -> Iterator[OutlineItem]:
        for one in self.items:
            yield from one.walk()


def read_outline(paragraphs: list[TextParagraph]) -> Outline:
    """Return the outline of the paragraphs of a body. Paragraphs within another document's quoted words stay folded."""
    outline = Outline()
    open_items: list[OutlineItem] = []
    inside = quoted(paragraphs)
    for order, paragraph in enumerate(paragraphs):
        label = None if inside[order] or paragraph.cells else read_label(paragraph.text)
        if label is None and not inside[order] and open_items:
            label = _lost(paragraph, open_items)
        label = label if label is None else _at_home(label, open_items)
        if label is None or label.level is Level.DASH:
            _fold(outline, open_items, paragraph)
            continue
        heading = _restarts(open_items, label)
        while open_items and not _above(open_items[-1].label, label):
            open_items.pop()
        if heading is not None:
            _open(outline, open_items, OutlineItem(Label(Level.ARTICLE, "", 0), heading.passage, order=order - 1))
        _open(outline, open_items, OutlineItem(label, paragraph.passage.cut(label.size), order=order))
    _mend_letters(outline)
    _mark_orphans(outline.items)
    return outline


def _open(outline: Outline, open_items: list[OutlineItem], item: OutlineItem) -> None:
    if open_items:
        item.above = open_items[-1]
        open_items[-1].items.append(item)
    else:
        outline.items.append(item)
    open_items.append(item)


def _restarts(open_items: list[OutlineItem], label: Label) -> TextParagraph | None:
    """Take out the folded heading without a label below which a numbering begins again with 1, and return it."""
    numbered = any(item.label.level is Level.NUMBER for item in open_items)
    if label.level is not Level.NUMBER or label.value != "1" or not numbered or not open_items[-1].folded:
        return None
    last = open_items[-1].folded[-1]
    text = last.text.rstrip()
    if last.cells or read_label(text) is not None or len(text) > 160 or not (text.endswith(":") or text[-1].isalnum()):
        return None
    while open_items and open_items[-1].label.level >= Level.ARTICLE:
        item = open_items.pop()
        if item.folded and item.folded[-1] is last:
            item.folded.pop()
    return last


def _fold(outline: Outline, open_items: list[OutlineItem], paragraph: TextParagraph) -> None:
    if open_items:
        open_items[-1].folded.append(paragraph)
    else:
        outline.before.append(paragraph)


def _above(upper: Label, lower: Label) -> bool:
    if upper.level is Level.DECIMAL and lower.level is Level.DECIMAL:
        return lower.value.startswith(upper.value + ".")
    return upper.level < lower.level


def _at_home(label: Label, open_items: list[OutlineItem]) -> Label | None:
    """Return a label as the open items read it: "C." after "B." is not Roman, and "T." before a name no label."""
    if label.level is Level.CAPITAL and _is_below_roman(open_items):
        label = replace(label, level=Level.UNDER_ROMAN)
    if label.level in (Level.CAPITAL, Level.UNDER_ROMAN) and not _may_begin(label, open_items):
        return None
    if label.level is Level.NUMBER and (point := _lost_point(label, open_items)):
        return replace(label, level=Level.DECIMAL, value=point)
    if label.level is Level.ROMAN and _is_in_article(label, open_items):
        return replace(label, level=Level.IN_ARTICLE)
    if label.level is Level.ROMAN and len(label.value) == 1:
        capital = replace(label, level=Level.CAPITAL)
        if any(follows(capital, item.label) for item in open_items) and not any(
            follows(label, item.label) for item in open_items
        ):
            return capital
    return label


def _is_in_article(label: Label, open_items: list[OutlineItem]) -> bool:
    """Return whether a Roman part belongs to an open article that announces it: "Điều 1. … như sau:", then "I."."""
    below = replace(label, level=Level.IN_ARTICLE)
    if any(follows(below, item.label) for item in open_items):
        return True
    article = next((item for item in open_items if item.label.level is Level.ARTICLE and item.label.value), None)
    said = article.passage.text.rstrip() if article is not None else "."
    return label.value == "I" and (said.endswith(":") or not said)


def _lost_point(label: Label, open_items: list[OutlineItem]) -> str | None:
    """Return a number whose point the scanner lost: "23." behind 2.2 is 2.3."""
    before = next((item.label.value for item in reversed(open_items) if item.label.level is Level.DECIMAL), "")
    upper, _, last = before.rpartition(".")
    if not upper or not last.isdigit() or f"{upper}{int(last) + 1}" != label.value:
        return None
    return f"{upper}.{int(last) + 1}"


def _is_below_roman(open_items: list[OutlineItem]) -> bool:
    """Return whether Roman parts are the outer ones, so that capital letters stand below them."""
    levels = [item.label.level for item in open_items]
    return Level.ROMAN in levels and Level.CAPITAL not in levels


def _may_begin(label: Label, open_items: list[OutlineItem]) -> bool:
    """Return whether a capital letter is a label: as "A." or after its neighbour, else it is an initial ("T. Hoa")."""
    return label.value == "A" or any(follows(label, item.label) for item in open_items)


def _lost(paragraph: TextParagraph, open_items: list[OutlineItem]) -> Label | None:
    """Return the number that a scanner lost before ". Để …", counted on from the item before it."""
    size = lost_number(paragraph.text)
    before = next((item.label for item in reversed(open_items) if item.label.level is Level.NUMBER), None)
    if not size or before is None:
        return None
    return Label(Level.NUMBER, str(rank(before) + 1), size)


def _mark_orphans(items: list[OutlineItem]) -> None:
    """Mark the letters before a list that begins with 2 or more: the number above them was lost."""
    later = next((one for one in items if one.label.level is Level.NUMBER), None)
    if later is not None and rank(later.label) > 1:
        for one in items[: items.index(later)]:
            one.orphan = one.label.level is Level.LETTER


def _mend_letters(outline: Outline) -> None:
    for item in outline.walk():
        letters = [one for one in item.items if one.label.level is Level.LETTER]
        fixed = unrepeated([one.label.value for one in letters])
        for one, value in zip(letters, fixed, strict=True):
            one.label = replace(one.label, value=value)


_OPENS = re.compile(r"[:;]?\s*[\"“]\s*(?=\S)")
_CLOSES = re.compile(r"[\"”][\s.;,/]*$")
_LONGEST = 80
"""Paragraphs: a quotation that is not closed by then was a misprint."""


def quoted(paragraphs: list[TextParagraph]) -> list[bool]:
    """Return for each paragraph whether it belongs to a quotation that begins with a label of its own (“1. …)."""
    inside = [False] * len(paragraphs)
    index = 0
    while index < len(paragraphs):
        text = paragraphs[index].text
        opening = _OPENS.match(text) or _opens_at_end(text)
        if opening and read_label(text[opening.end() :]) is not None:
            last = _closing(paragraphs, index, text[opening.end() :])
            for one in range(index, last + 1):
                inside[one] = True
            index = last
        index += 1
    return inside


def _opens_at_end(text: str) -> re.Match[str] | None:
    """Return a quotation that begins inside a paragraph and is not closed in it."""
    matches = list(re.finditer(r"[:;] ?[\"“]\s*(?=\S)", text))
    if not matches or _CLOSES.search(text):
        return None
    return matches[-1] if _unbalanced(text[matches[-1].start() :]) else None


def _unbalanced(text: str) -> bool:
    return text.count("“") > text.count("”") or text.count('"') % 2 == 1


def _closing(paragraphs: list[TextParagraph], first: int, rest: str) -> int:
    """Return the paragraph in which a quotation ends; the first itself where none ends it."""
    if _CLOSES.search(rest):
        return first
    for index in range(first + 1, min(len(paragraphs), first + _LONGEST)):
        if _CLOSES.search(paragraphs[index].text) and _unbalanced_end(paragraphs[index].text):
            return index
    return first


def _unbalanced_end(text: str) -> bool:
    """Return whether its last quotation mark closes one that was not opened in it."""
    return text.count("”") > text.count("“") or text.count('"') % 2 == 1
