"""The rules behind a task's rungs and letters in words, and the whole explanation as JSON."""

from dataclasses import asdict
from datetime import date
from typing import Any
from uuid import UUID

from models.directives.ladders import RungName
from models.i18n import _, _n, translate
from models.words import EVENT_WORDS, rung_when
from notifications.composing.reasons import due_words, off_words
from workflows.escalation.why import NoticeLine, RungLine, Why


def write_rule(why: Why, line: RungLine | NoticeLine, language: str) -> str:
    """ "mức “quá hạn” sau 04 ngày làm việc, theo mẫu quy trình mục 2 phiên bản 1".

    A letter has the version that it followed when it was decided, whatever the task follows today.
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
    facts: dict[str, Any] = {
        "rung": RungName(rung).label,
        "when": write_when(rung, offset, (line.clock if isinstance(line, NoticeLine) else None) or why.clock, language),
        "duty": why.duty,
    }
    if line.template_version is None:
        message = _("rung “{rung}” {when}, by the workflow template of duty {duty}; its version was not recorded then")
        return translate(message, language, **facts)
    message = _("rung “{rung}” {when}, by the workflow template of duty {duty}, version {version}")
    return translate(message, language, **facts, version=line.template_version)


def write_when(rung: str, offset: int, clock: str, language: str) -> str:
    """ "03 ngày làm việc trước hạn"."""
    count = f"{abs(offset):02d}" if language == "vi" else str(abs(offset))
    return translate(rung_when(rung, offset, count=count, hours=clock == "hours"), language)


def why_json(why: Why, language: str = "vi") -> dict[str, Any]:
    """For `--json`: every rung and letter with its rule in words; instants in UTC, days local."""

    def letter(line: NoticeLine) -> dict[str, Any]:
        return asdict(line) | {"rule": write_rule(why, line, language)}

    told = asdict(why) | {
        "due_reason": due_words(why.due_facts, why.due_reason, language),
        "day_off": off_words(why.day_off, language),
        "dates": [asdict(step) | {"reason": due_words(step.due_facts, step.reason, language)} for step in why.dates],
        "rungs": [
            asdict(rung) | {"rule": write_rule(why, rung, language), "letters": [letter(line) for line in rung.letters]}
            for rung in why.rungs
        ],
        "other_letters": [letter(line) for line in why.other_letters],
    }
    plain: dict[str, Any] = _plain(told)
    return plain


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(one) for one in value]
    if isinstance(value, date):  # a datetime is one
        return value.isoformat()
    return str(value) if isinstance(value, UUID) else value
