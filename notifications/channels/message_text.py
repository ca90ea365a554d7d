"""Words short messages. They give numbers, directives and units, never a duty's words, a note or a name."""

from dataclasses import dataclass

from models.i18n import Words, _, _n, translate
from models.letters.letter import LetterKind
from models.text.vietnamese import without_marks
from models.words import duty_words, rung_words
from notifications.composing.wording import first_up

_SHORTENED = "…"
_SAMPLE_DIRECTIVE = "Chỉ thị 06/2004/CT-BBCVT"


@dataclass(frozen=True)
class MessageFacts:
    """A letter in numbers. `told` ("overdue@4"), `duty_path` and `unit` are given if it is about a single task."""

    kind: LetterKind
    language: str
    is_drill: bool = False
    tasks: int = 0
    late: int = 0
    directives: tuple[str, ...] = ()
    told: str = ""
    duty_path: str = ""
    unit: str = ""
    is_test: bool = False


def write_text(facts: MessageFacts, *, longest: int, is_unmarked: bool = False) -> str:
    """Return at most `longest` characters. `is_unmarked` leaves out diacritics, which make an SMS more expensive."""
    text = f"{_prefix(facts)}{first_up(translate(_words(facts), facts.language))}"
    text = without_marks(text) if is_unmarked else text
    if len(text) <= longest:
        return text
    end = "..." if is_unmarked else _SHORTENED
    return text[: longest - len(end)].rsplit(" ", 1)[0].rstrip(" ,;:–-") + end


def write_sample(language: str, *, longest: int, is_unmarked: bool = False) -> str:
    """Return the text of an invented letter, as an example of what a channel sends."""
    facts = MessageFacts(LetterKind.DIGEST, language, tasks=3, late=1, directives=(_SAMPLE_DIRECTIVE,))
    return write_text(facts, longest=longest, is_unmarked=is_unmarked)


def _prefix(facts: MessageFacts) -> str:
    return translate(_("[DRILL] "), facts.language) if facts.is_drill else ""


def _words(facts: MessageFacts) -> Words:
    if facts.is_test:
        return _("a test of Đôn đốc: this channel works")
    if facts.tasks == 0:
        return _("Đôn đốc: {kind} sent to your mailbox", kind=facts.kind.label)
    if facts.tasks == 1:
        hours = facts.kind is LetterKind.INCIDENT
        return _(
            "Đôn đốc: {what}; {duty}, {directive}; {unit}",
            what=rung_words(facts.told, hours=hours),
            duty=duty_words(facts.duty_path),
            directive=facts.directives[0],
            unit=facts.unit,
        )
    about = _n("Đôn đốc: {count} task", "Đôn đốc: {count} tasks", count=facts.tasks)
    if facts.late:
        about = _n(
            "Đôn đốc: {count} tasks, {late} of them overdue",
            "Đôn đốc: {count} tasks, {late} of them overdue",
            count=facts.tasks,
            late=facts.late,
        )
    if len(facts.directives) == 1:
        return _("{about}; {directive}", about=about, directive=facts.directives[0])
    return _("{about}; {count} directives", about=about, count=len(facts.directives))
