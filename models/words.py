"""How codes that no enumeration holds are called on screen (message ids); those of an enumeration have labels."""

from models.directives.ladders import RungName
from models.i18n import LANGUAGES, Words, _, _n, translate

PATH_WORDS = {"results": _("report of results"), "obstacles": _("report of obstacles"), "oversight": _("oversight")}
"""Duties that the directive does not number."""
_PARAGRAPHS = {"body": _("paragraph {number}"), "closing": _("closing paragraph {number}")}

TAG_WORDS = {"post": _("post"), "telecom": _("telecommunications"), "internet": _("Internet")}
"""Tags of the bundled register; an office's own are shown as they are."""


def tag_of(name: str) -> str:
    """Return the tag with this name in either language, or the name itself where no tag has it."""
    called = {translate(words, language).casefold(): tag for tag, words in TAG_WORDS.items() for language in LANGUAGES}
    return called.get(name.strip().casefold(), name.strip())


OTHER_RUNG_WORDS = {
    "decide": _("reminder to decide"),
    "set_date": _("asked to set a deadline"),
    "summary": _("weekly summary"),
    "undeliverable": _("a letter found no mailbox"),
    "uncertain": _("a letter may not have arrived"),
}
"""Reminders outside the ladder."""
FROM_ASSIGNMENT = (RungName.ASSIGNED, RungName.NOT_ACCEPTED, "set_date")
"""Rungs whose clock starts with the assignment; the others count from the date."""

OFFICE_WORDS = {
    "head": _("head"),
    "deputy": _("deputy in charge"),
    "focal_point": _("focal point"),
    "officer": _("officer"),
}
"""The offices of a unit that are handed over."""
EVENT_WORDS = {
    "assigned": _("assigned to the unit"),
    "accepted": _("accepted"),
    "assigned_on": _("an officer was named"),
    "due_set": _("deadline set"),
    "due_moved": _("deadline moved"),
    "progress": _("progress reported"),
    "submitted": _("result sent"),
    "taken_back": _("result taken back by the unit"),
    "corrected": _("result replaced by a corrected one"),
    "received": _("report received by the records clerk"),
    "returned": _("result returned for completion"),
    "approved": _("result approved"),
    "approval_undone": _("approval undone by who gave it"),
    "lead_change_asked": _("another lead unit was asked for"),
    "lead_changed": _("lead unit changed"),
    "lead_kept": _("lead unit unchanged"),
    "coordinator_changed": _("another coordinator"),
    "reminded": _("the unit was reminded"),
    "telephone": _("telephone call recorded"),
    "extension_asked": _("more time asked for"),
    "extension_accepted": _("more time granted"),
    "extension_refused": _("more time not granted"),
    "extension_countered": _("another deadline proposed"),
    "obstacle_raised": _("obstacle reported"),
    "obstacle_answered": _("obstacle answered"),
    "contributed": _("coordinating unit contributed"),
    "cascaded": _("delegated to subordinate units"),
    "press_signed": _("official reminder signed"),
    "withdrawn": _("task withdrawn"),
    "reopened": _("task reopened"),
    "children_closed": _("subordinate units finished"),
    "template_changed": _("procedure changed"),
    "handed_over": _("handed over"),
    "inspection_findings": _("the findings of an inspection were sent"),
    "inspection_cancelled": _("inspection cancelled"),
    "message": _("message in the conversation"),
    "message_edited": _("message changed"),
    "answer_published": _("question and answer published"),
    "mentioned": _("mentioned in a message"),
    "question_asked": _("question to the coordinator"),
    "question_answered": _("question answered"),
    "directive_message": _("message about the directive"),
    "directive_mentioned": _("mentioned in a message about the directive"),
    "directive_question_asked": _("question about the directive"),
    "directive_question_answered": _("question about the directive answered"),
    "directive_answer_published": _("question and answer about the directive published"),
    "clock_ahead": _("reminders that a clock ahead of time had sent do not count"),
}
"""The moves of a task's history, and what notices tell of its conversation."""
CONVERSATION_MOVES = ("message", "message_edited")
"""Moves whose words a task's page shows in its conversation, not in its history."""
DECISION_WORDS = {
    "approved": EVENT_WORDS["approved"],
    "returned": EVENT_WORDS["returned"],
    "taken_back": EVENT_WORDS["taken_back"],
    "replaced": EVENT_WORDS["corrected"],
}
"""What became of a result."""


def rung_words(told: str, *, hours: bool = False) -> Words:
    """Name a rung as letters list it, "overdue@4" or "event:returned@0". `hours` for the clock of a contingency."""
    rung, _at, offset = told.partition("@")
    if rung.startswith("event:"):
        event = rung.removeprefix("event:")
        return EVENT_WORDS.get(event, Words(event))
    if rung not in set(RungName):
        return OTHER_RUNG_WORDS.get(rung, Words(rung))
    name = RungName(rung).label
    if offset in ("", "0"):
        return name
    return Words("{rung}, {when}", rung=name, when=rung_when(rung, int(offset), count=abs(int(offset)), hours=hours))


def after_the_last_rung(*, hours: bool) -> Words:
    """Describe what happens to an open task after the last rung of its ladder."""
    if hours:
        return _("After the last rung the task stays on the incident's page until it is done or stood down.")
    return _(
        "After the last rung no reminder is due any more. While it is late, the task stays in the weekly summary and"
        " the digests of the unit's head and of the coordinator, in the briefing list and in the report."
    )


def rung_when(rung: str, offset: int, *, count: object, hours: bool = False) -> Words:
    """Return when a rung is due, such as "3 working days before the deadline". `count` is how the offset is written."""
    if rung in FROM_ASSIGNMENT:
        if offset == 0:
            return _("at assignment")
        after = (
            _n("{count} hour after assignment", "{count} hours after assignment")
            if hours
            else _n("{count} working day after assignment", "{count} working days after assignment")
        )
        return Words(after, count=count)
    if offset == 0:
        return _("at the due hour") if hours else _("on the due day")
    if offset < 0:
        before = (
            _n("{count} hour before the deadline", "{count} hours before the deadline")
            if hours
            else _n("{count} working day before the deadline", "{count} working days before the deadline")
        )
        return Words(before, count=count)
    return Words(
        _n("{count} hour after the deadline", "{count} hours after the deadline")
        if hours
        else _n("{count} working day after the deadline", "{count} working days after the deadline"),
        count=count,
    )


PERIOD_WORDS = {
    "": _("year {year}"),
    "H1": _("first half of {year}"),
    "H2": _("second half of {year}"),
    "Q1": _("quarter 1 of {year}"),
    "Q2": _("quarter 2 of {year}"),
    "Q3": _("quarter 3 of {year}"),
    "Q4": _("quarter 4 of {year}"),
    "01": _("January {year}"),
    "02": _("February {year}"),
    "03": _("March {year}"),
    "04": _("April {year}"),
    "05": _("May {year}"),
    "06": _("June {year}"),
    "07": _("July {year}"),
    "08": _("August {year}"),
    "09": _("September {year}"),
    "10": _("October {year}"),
    "11": _("November {year}"),
    "12": _("December {year}"),
}
"""By what stands behind a period's year: "2026-Q3" is the third quarter of 2026."""


def period_words(occurrence: str) -> tuple[str, dict[str, str]] | None:
    """Return a message id and its facts, or None for what happens once, on request or in an incident."""
    year, _dash, part = occurrence.partition("-")
    if not (year.isdigit() and len(year) == 4 and part in PERIOD_WORDS):
        return None
    return PERIOD_WORDS[part], {"year": year}


def duty_words(path: str) -> Words:
    """Return "item 2.a", or the name or place of a duty that the directive does not number."""
    part, _dot, number = path.partition(".")
    if part in _PARAGRAPHS and number:
        return Words(_PARAGRAPHS[part], number=number)
    return PATH_WORDS.get(path) or _("item {path}", path=path)
