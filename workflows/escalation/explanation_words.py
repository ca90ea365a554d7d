"""Write an explanation of a task: the rule behind each rung and letter in words, and all of it as JSON."""

from dataclasses import asdict
from datetime import date
from typing import Any
from uuid import UUID

from models.directives.ladders import RungName
from models.i18n import _, _n, translate
from models.words import EVENT_WORDS, rung_when
from notifications.composing.reasons import due_words, off_words
from workflows.escalation.explanation import DateStep, Explanation, NoticeLine, RungLine


def write_rule(explanation: Explanation, line: RungLine | NoticeLine, language: str) -> str:
    """Return for example "mức “quá hạn” sau 04 ngày làm việc, theo mẫu quy trình mục 2 phiên bản 1".

    A letter names the template version that fired it, which the task may no longer follow.
    """
    rung, offset = line.rung, line.offset
    count = f"{abs(offset):02d}" if language == "vi" else str(abs(offset))
    if rung.startswith("event:"):
        event = rung.removeprefix("event:")
        return translate(_("told because it happened: {event}"), language, event=EVENT_WORDS.get(event, event))
    if rung == "decide":
        return translate(
            _n(
                "reminder to decide, {count} working day after the wait began, or sooner before the deadline",
                "reminder to decide, {count} working days after the wait began, or sooner before the deadline",
            ),
            language,
            count=count,
        )
    if rung == "set_date":
        return translate(
            _n(
                "asked to set a deadline, {count} working day after assignment",
                "asked to set a deadline, {count} working days after assignment",
            ),
            language,
            count=count,
        )
    if rung not in set(RungName):
        return rung
    notice_clock = line.clock if isinstance(line, NoticeLine) else None
    facts: dict[str, Any] = {
        "rung": RungName(rung).label,
        "when": write_when(rung, offset, notice_clock or explanation.clock, language),
        "duty": explanation.duty,
    }
    if line.template_version is None:
        message = _("rung “{rung}” {when}, by the workflow template of duty {duty}; its version was not recorded then")
        return translate(message, language, **facts)
    message = _("rung “{rung}” {when}, by the workflow template of duty {duty}, version {version}")
    return translate(message, language, **facts, version=line.template_version)


def write_when(rung: str, offset: int, clock: str, language: str) -> str:
    """Return for example "03 ngày làm việc trước hạn"."""
    count = f"{abs(offset):02d}" if language == "vi" else str(abs(offset))
    return translate(rung_when(rung, offset, count=count, hours=clock == "hours"), language)


def explanation_json(explanation: Explanation, language: str = "vi") -> dict[str, Any]:
    """Return the explanation as plain values, with each rung's rule in words. Instants are UTC, days are local."""

    def letter(line: NoticeLine) -> dict[str, Any]:
        return asdict(line) | {"rule": write_rule(explanation, line, language)}

    def rung(line: RungLine) -> dict[str, Any]:
        rule = write_rule(explanation, line, language)
        return asdict(line) | {"rule": rule, "letters": [letter(notice) for notice in line.letters]}

    def step(line: DateStep) -> dict[str, Any]:
        return asdict(line) | {"reason": due_words(line.due_facts, line.reason, language)}

    values = asdict(explanation) | {
        "due_reason": due_words(explanation.due_facts, explanation.due_reason, language),
        "day_off": off_words(explanation.day_off, language),
        "dates": [step(line) for line in explanation.dates],
        "rungs": [rung(line) for line in explanation.rungs],
        "other_letters": [letter(line) for line in explanation.other_letters],
    }
    plain: dict[str, Any] = _plain(values)
    return plain


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if isinstance(value, date):  # a datetime is one
        return value.isoformat()
    return str(value) if isinstance(value, UUID) else value
