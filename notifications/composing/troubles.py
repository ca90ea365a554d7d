"""Reads what a letter to administrators may say of an alert: checked values, and commands that help.

The facts of an alert may hold words of other machines. Only values of the expected form get into the letter, on one
line and shortened. Commands contain only ids and names of such a form, because people paste them into a terminal.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from models.i18n import translate
from models.operations.alert import AlertKind
from models.operations.system_job import JobName
from notifications.composing.facts import AlertItem
from notifications.composing.wording import one_line

LONGEST = 300  # characters of a reason
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_ID = re.compile(r"[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}")
_JOB = re.compile(r"[a-z]+([_-][a-z]+)*")
_COMMANDS = {
    AlertKind.CLOCK_STOPPED: ("dondoc doctor", "dondoc schedule list"),
    AlertKind.CLOCK_AHEAD: ("dondoc tick --today YYYY-MM-DD", "dondoc doctor"),
    AlertKind.CLOCK_WAS_AHEAD: ("dondoc outbox list", "dondoc doctor"),
    AlertKind.WORK_BEHIND: ("dondoc doctor", "dondoc schedule list"),
    AlertKind.JOB_FAILED: ("dondoc schedule list", "dondoc doctor"),
    AlertKind.MAIL_FAILING: ("dondoc doctor", "dondoc outbox list"),
    AlertKind.MAIL_SLOW: ("dondoc doctor", "dondoc outbox list"),
    AlertKind.LETTER_UNWRITABLE: ("dondoc outbox show {id}", "dondoc outbox resend {id}"),
    AlertKind.LETTER_GIVEN_UP: ("dondoc outbox show {id}", "dondoc outbox resend {id}", "dondoc doctor"),
    AlertKind.TASK_STUCK: ("dondoc task show {id}", "dondoc doctor"),
    AlertKind.PERIOD_STUCK: ("dondoc schedule list", "dondoc doctor"),
    AlertKind.REPORT_STUCK: ("dondoc doctor",),
    AlertKind.LAUNCH_FAILED: ("dondoc doctor",),
    AlertKind.BACKUP_FAILED: ("dondoc doctor", "dondoc backup"),
}
_PAGES = {AlertKind.REPORT_STUCK: "/papers/schedules/{subject}", AlertKind.LAUNCH_FAILED: "/background-jobs/{subject}"}
_OF_A_SERVER = (AlertKind.MAIL_FAILING, AlertKind.MAIL_SLOW)


@dataclass(frozen=True)
class Trouble:
    """One alert as templates see it. Unknown values are empty or None."""

    kind: AlertKind
    name: str  # the job's code, the mail server's host and port, or the directive's name
    called: str  # the job's name on screen
    id: str  # the last eight digits of the id of the letter or task, as the command line takes them
    since: datetime
    last: datetime
    times: int
    ended: datetime | None
    stopped_from: datetime | None
    stopped_to: datetime | None
    tasks: int | None
    letters: int | None
    waiting: int | None
    sent: int | None  # letters that left too early by a clock that was ahead
    attempts: int | None
    seconds: int | None  # for which a mail server kept a letter waiting
    recipient: str
    reason: str
    is_uncertain: bool  # the letter may have arrived
    commands: tuple[str, ...]
    page: str  # the path of the page that helps


def read_trouble(alert: AlertItem, language: str) -> Trouble:
    """Read an alert. Its reason is in the given language if its reporter gave it in both."""
    facts, kind = alert.facts, alert.kind
    short_id = alert.subject.replace("-", "")[-8:] if _ID.fullmatch(alert.subject) else ""
    return Trouble(
        kind=kind,
        name=_name(alert),
        called=translate(JobName(alert.subject).label, language) if _is_of_a_job(alert) else "",
        id=short_id,
        since=alert.raised_at,
        last=alert.last_seen_at,
        times=alert.times,
        ended=alert.ended_at,
        stopped_from=_instant(facts, "from"),
        stopped_to=_instant(facts, "to"),
        tasks=_count(facts, "tasks"),
        letters=_count(facts, "letters"),
        waiting=_count(facts, "waiting"),
        sent=_count(facts, "sent"),
        attempts=_count(facts, "attempts"),
        seconds=_count(facts, "seconds"),
        recipient=_text(facts.get("recipient")),
        reason=_reason(facts, language),
        is_uncertain=kind is AlertKind.LETTER_GIVEN_UP and facts.get("uncertain") is True,
        commands=_commands(kind, short_id),
        page=_PAGES[kind].format(subject=alert.subject) if short_id and kind in _PAGES else "",
    )


def _commands(kind: AlertKind, short_id: str) -> tuple[str, ...]:
    usable = [command for command in _COMMANDS[kind] if short_id or "{id}" not in command]
    return tuple(command.format(id=short_id) for command in usable) or ("dondoc outbox list",)


def _is_of_a_job(alert: AlertItem) -> bool:
    return alert.kind is AlertKind.JOB_FAILED and alert.subject in set(JobName)


def _name(alert: AlertItem) -> str:
    if alert.kind is AlertKind.JOB_FAILED:
        return alert.subject.replace("_", "-") if _JOB.fullmatch(alert.subject) else ""
    if alert.kind is AlertKind.LAUNCH_FAILED:
        return _text(alert.facts.get("directive"))
    return _text(alert.subject) if alert.kind in _OF_A_SERVER else ""


def _reason(facts: Mapping[str, Any], language: str) -> str:
    reason = _text(facts.get(f"reason_{language}", facts.get("reason")))
    code = _count(facts, "code")
    return f"{code} {reason}".strip() if code and not reason.startswith(str(code)) else reason


def _text(value: Any) -> str:
    if not isinstance(value, str):
        return ""
    # JSON can hold half a surrogate pair, which no letter can carry
    text = one_line(_CONTROL.sub(" ", value.encode("utf-8", "replace").decode()))
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1].rstrip()}…"


def _count(facts: Mapping[str, Any], name: str) -> int | None:
    value = facts.get(name)
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def _instant(facts: Mapping[str, Any], name: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(facts[name])
    except (KeyError, TypeError, ValueError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
