"""What a text was read as: stretches that know their place, document fields and duties, each with a confidence."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Self

from models.i18n import Labelled, _
from workflows.intake.text.no_order import NoOrder


@dataclass(frozen=True, slots=True)
class Span:
    """Characters `start` to `end` (exclusive) of the original text."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Passage:
    """Cleaned text and the original offset of each character, which never decreases."""

    text: str
    offsets: tuple[int, ...]

    def cut(self, start: int, end: int | None = None) -> Self:
        """Return the part between two of its own positions, without blanks at its ends."""
        end = len(self.text) if end is None else end
        piece = self.text[start:end]
        start, end = start + len(piece) - len(piece.lstrip()), end - len(piece) + len(piece.rstrip())
        return type(self)(self.text[start:end], self.offsets[start:end]) if start < end else type(self)("", ())

    def span(self, start: int = 0, end: int | None = None) -> Span:
        """Return where its characters `start` to `end` stand in the original; an empty part is an empty span."""
        covered = self.offsets[start:end]
        return Span(covered[0], covered[-1] + 1) if covered else Span(0, 0)

    @classmethod
    def joined(cls, parts: Iterable["Passage"], glue: str = "\n") -> Self:
        """Return several passages as one, in their order, a glue character between each two."""
        texts: list[str] = []
        offsets: list[int] = []
        for part in parts:
            if not part.text:
                continue
            if offsets:
                texts.append(glue)
                offsets.append(offsets[-1])
            texts.append(part.text)
            offsets.extend(part.offsets)
        return cls("".join(texts), tuple(offsets))


class BlockKind(Labelled):
    """What a stretch of a document is."""

    LETTERHEAD = "letterhead", _("letterhead")
    NUMBER_AND_DATE = "number_and_date", _("number and date")
    TITLE = "title", _("title")
    ADDRESS = "address", _("line that addresses somebody")
    BASIS = "basis", _("legal basis")
    OPENING = "opening", _("opening")
    HEADING = "heading", _("heading")
    DUTY = "duty", _("duty")
    TABLE_ROW = "table_row", _("row of a table")
    NO_ORDER = "no_order", _("orders nobody")
    RECIPIENTS = "recipients", _("recipients")
    SIGNATURE = "signature", _("signature")
    ATTACHMENT = "attachment", _("head of an attachment")
    FURNITURE = "furniture", _("page number or rule")
    UNREAD = "unread", _("unread")


@dataclass(frozen=True, slots=True)
class Block:
    """A stretch of one kind; `why` says of one that orders nobody what it does instead."""

    kind: BlockKind
    span: Span
    why: NoOrder | None = None


class ReadingReason(Labelled):
    """By which rule something was found, or why it is doubted."""

    LABEL = "label", _("follows its label")
    LETTERHEAD = "letterhead", _("is in the letterhead")
    HEADING = "heading", _("is in the heading")
    SIGNED = "signed", _("stands above the signature")
    STEM = "stem", _("named before the list")
    ADDRESS = "address", _("named after “Kính gửi”")
    SUBJECT = "subject", _("the sentence says who acts")
    ORDERED = "ordered", _("named after a word of order")
    BRACKET = "bracket", _("named in the closing bracket")
    INHERITED = "inherited", _("taken over from the item or heading above")
    COLUMN = "column", _("is in its column of the table")
    SECTION = "section", _("said once for the whole section")
    LEADS = "leads", _("“chủ trì” is said of it")
    PARTNER = "partner", _("named after “phối hợp”")
    REPORT = "report", _("named as the one reported to")
    OVERSEES = "oversees", _("is to watch, remind or inspect the work")
    CONDITION = "condition", _("holds only in a certain case")
    NUMBERED = "numbered", _("a numbered item that orders")
    UNNUMBERED = "unnumbered", _("an order without a number")
    NAMED_DAY = "named_day", _("a day is named")
    NAMED_PERIOD = "named_period", _("a month, quarter or year is named")
    NO_YEAR = "no_year", _("the year is not written, taken from the document's date")
    REPEATED = "repeated", _("comes again in each period")
    COUNTED = "counted", _("counted from an event")
    TIME_LINE = "time_line", _("is in the line or cell for the time")
    BASIS = "basis", _("cited as a legal basis")
    STAMP = "stamp", _("stamped on the document")
    BEFORE_ISSUE = "before_issue", _("lies before the document's own date: please check")
    OTHER_WEEKDAY = "other_weekday", _("the weekday written beside it is not that day's: please check")
    SAID = "said", _("said by the message")
    SAYS_OTHERWISE = "says_otherwise", _("the message says otherwise: please check")
    UNREAD_TIME = "unread_time", _("mentions a time that did not become a deadline")
    UNCLEAR = "unclear", _("stands in words that the scan shows unclearly: please compare with the picture")
    NOTHING_READ = "nothing_read", _("gave neither a duty nor a heading")
    NOT_REACHED = "not_reached", _("from here on nothing was read: the text is too long or too intricate")
    LONG_DUTY = "long_duty", _("the rest of this duty was not read: it is too long for one duty")
    FAINT_PAGE = "faint_page", _("the page cannot be read: it is blurred, too dark or too small, or is no Vietnamese")
    FOREIGN_PAGE = "foreign_page", _("the page is written in other letters than Vietnamese has")
    BROKEN_PAGE = "broken_page", _("the page could not be drawn, or takes too long to read")
    PAGE_WITHOUT_DUTIES = "page_without_duties", _("the page gave neither a heading nor a duty")
    MANY_NAMES = "many_names", _("these names were not taken: there are too many for one duty")


FIRST_WORDS = 80
"""Characters of a passage by which somebody finds it."""


@dataclass(frozen=True, slots=True)
class TextFinding:
    """Something read: its words, their place, how sure the reading is (0 to 1), and by which rule."""

    value: str
    span: Span
    confidence: float
    reason: ReadingReason

    @classmethod
    def unread(cls, text: str, span: Span, reason: ReadingReason) -> "TextFinding":
        """Return a passage of a text that was left unread, by its first words."""
        words = " ".join(text[span.start : min(span.end, span.start + FIRST_WORDS)].split())
        return cls(words + "…" * (span.end - span.start > FIRST_WORDS), span, 1.0, reason)


@dataclass(frozen=True, slots=True)
class Deadline(TextFinding):
    """A date or period: `kind` is fixed, relative, recurring or none; `op` before, within or on (fixed only).

    `day` is the named or last day of a fixed one; `rule` the others in English, as the gold files write it.
    `doubt` flags a date that contradicts the document's own; it is never corrected.
    """

    kind: str
    day: date | None = None
    op: str | None = None
    rule: str | None = None
    doubt: ReadingReason | None = None


@dataclass(frozen=True, slots=True)
class ReadDuty:
    """One obligation: its path in the document ("II.1.a", "closing.1"), its whole text, and who, when, to whom."""

    path: str
    passage: Passage
    confidence: float
    reason: ReadingReason
    addressees: tuple[TextFinding, ...] = ()
    inherited: bool = False
    lead: tuple[TextFinding, ...] = ()
    coordinating: tuple[TextFinding, ...] = ()
    deadlines: tuple[Deadline, ...] = ()
    reports_to: tuple[TextFinding, ...] = ()
    supervisor: tuple[TextFinding, ...] = ()
    conditional: tuple[TextFinding, ...] = ()

    @property
    def text(self) -> str:
        return self.passage.text.replace("\n", " ")

    @property
    def span(self) -> Span:
        return self.passage.span()


@dataclass(frozen=True, slots=True)
class DocumentHeading:
    """What the head of a document says.

    `directs`: whether it is of a kind that gives orders; `body`: the index of the first paragraph after the head.
    """

    number: TextFinding | None = None
    issued: TextFinding | None = None
    issued_on: date | None = None
    issued_about: date | None = None
    """The first day of its month or year, where the day was left blank: other dates take their year from it."""
    issuer: TextFinding | None = None
    title: TextFinding | None = None
    urgency: TextFinding | None = None
    bases: tuple[TextFinding, ...] = ()
    addressees: tuple[TextFinding, ...] = ()
    directs: bool = False
    body: int = 0


@dataclass(frozen=True, slots=True)
class Reading:
    """A document as it was read: nothing in it is confirmed by anybody."""

    heading: DocumentHeading = field(default_factory=DocumentHeading)
    addressees: tuple[TextFinding, ...] = ()
    duties: tuple[ReadDuty, ...] = ()
    unread: tuple[TextFinding, ...] = ()
    """Passages that were left unread: where each stands, its first words, and why."""
    blocks: tuple[Block, ...] = ()
    """What each stretch of the text is, in its order; together they are the whole text."""

    def count_blocks(self) -> dict[BlockKind, int]:
        """Return how many blocks there are of each kind, in the order of the kinds."""
        counted = Counter(block.kind for block in self.blocks)
        return {kind: counted[kind] for kind in BlockKind if counted[kind]}
