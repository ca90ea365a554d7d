"""What a text was read as: document fields and duties, each finding with its place, a confidence and a reason."""

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from models.i18n import _
from workflows.intake.text.passage import Passage, Span


class Reason(StrEnum):
    """By which rule something was found, or why it is doubted."""

    LABEL = "label"
    LETTERHEAD = "letterhead"
    HEADING = "heading"
    STEM = "stem"
    ADDRESS = "address"
    SUBJECT = "subject"
    ORDERED = "ordered"
    BRACKET = "bracket"
    INHERITED = "inherited"
    COLUMN = "column"
    SECTION = "section"
    LEADS = "leads"
    PARTNER = "partner"
    REPORT = "report"
    OVERSEES = "oversees"
    CONDITION = "condition"
    NUMBERED = "numbered"
    UNNUMBERED = "unnumbered"
    NAMED_DAY = "named_day"
    NAMED_PERIOD = "named_period"
    NO_YEAR = "no_year"
    REPEATED = "repeated"
    COUNTED = "counted"
    TIME_LINE = "time_line"
    BASIS = "basis"
    STAMP = "stamp"
    BEFORE_ISSUE = "before_issue"
    OTHER_WEEKDAY = "other_weekday"
    UNREAD_TIME = "unread_time"


REASON_WORDS = {
    Reason.LABEL: _("stands behind its label"),
    Reason.LETTERHEAD: _("stands in the letterhead"),
    Reason.HEADING: _("stands in the heading"),
    Reason.STEM: _("named before the list"),
    Reason.ADDRESS: _("named after “Kính gửi”"),
    Reason.SUBJECT: _("the sentence says who acts"),
    Reason.ORDERED: _("named after a word of order"),
    Reason.BRACKET: _("named in the closing bracket"),
    Reason.INHERITED: _("taken over from the item or heading above"),
    Reason.COLUMN: _("stands in its column of the table"),
    Reason.SECTION: _("said once for the whole section"),
    Reason.LEADS: _("“chủ trì” is said of it"),
    Reason.PARTNER: _("named after “phối hợp”"),
    Reason.REPORT: _("named as the one reported to"),
    Reason.OVERSEES: _("told to watch, press or inspect the work"),
    Reason.CONDITION: _("holds only in a certain case"),
    Reason.NUMBERED: _("a numbered item that orders"),
    Reason.UNNUMBERED: _("an order without a number"),
    Reason.NAMED_DAY: _("a day is named"),
    Reason.NAMED_PERIOD: _("a month, quarter or year is named"),
    Reason.NO_YEAR: _("the year is not written, taken from the document's date"),
    Reason.REPEATED: _("comes again in each period"),
    Reason.COUNTED: _("counted from an event"),
    Reason.TIME_LINE: _("stands in the line or cell for the time"),
    Reason.BASIS: _("cited as a legal basis"),
    Reason.STAMP: _("stamped on the document"),
    Reason.BEFORE_ISSUE: _("lies before the document's own date: please check"),
    Reason.UNREAD_TIME: _("speaks of a time, and no date was made of it"),
    Reason.OTHER_WEEKDAY: _("the weekday written beside it is not that day's: please check"),
}


@dataclass(frozen=True, slots=True)
class Finding:
    """Something read: its words, their place, how sure the reading is (0 to 1), and by which rule."""

    value: str
    span: Span
    confidence: float
    reason: Reason


@dataclass(frozen=True, slots=True)
class Deadline(Finding):
    """A date or period: `kind` is fixed, relative, recurring or none; `op` before, within or on (fixed only).

    `day` is the named or last day of a fixed one; `rule` the others in English, as the gold files write it.
    `doubt` flags a date that contradicts the document's own; it is never corrected.
    """

    kind: str
    day: date | None = None
    op: str | None = None
    rule: str | None = None
    doubt: Reason | None = None


@dataclass(frozen=True, slots=True)
class Duty:
    """One obligation: its path in the document ("II.1.a", "closing.1"), its whole text, and who, when, to whom."""

    path: str
    passage: Passage
    confidence: float
    reason: Reason
    addressees: tuple[Finding, ...] = ()
    inherited: bool = False
    lead: tuple[Finding, ...] = ()
    coordinating: tuple[Finding, ...] = ()
    deadlines: tuple[Deadline, ...] = ()
    reports_to: tuple[Finding, ...] = ()
    supervisor: tuple[Finding, ...] = ()
    conditional: tuple[Finding, ...] = ()

    @property
    def text(self) -> str:
        """Return its words, single-spaced."""
        return self.passage.text.replace("\n", " ")

    @property
    def span(self) -> Span:
        """Return its place in the original text."""
        return self.passage.span()


@dataclass(frozen=True, slots=True)
class Heading:
    """What the head of a document says.

    `directs`: whether it is of a kind that gives orders; `body`: the index of the first paragraph after the head.
    """

    number: Finding | None = None
    issued: Finding | None = None
    issued_on: date | None = None
    issuer: Finding | None = None
    title: Finding | None = None
    urgency: Finding | None = None
    bases: tuple[Finding, ...] = ()
    addressees: tuple[Finding, ...] = ()
    directs: bool = False
    body: int = 0


@dataclass(frozen=True, slots=True)
class Reading:
    """A document as it was read: nothing in it is confirmed by anybody."""

    heading: Heading = field(default_factory=Heading)
    addressees: tuple[Finding, ...] = ()
    duties: tuple[Duty, ...] = ()
