"""What a letter to administrators may say of an alert: plain values, checked, and the commands that help.

The facts of an alert are whatever its reporter had at hand, other machines' words among them. Only what has the form
expected of it is told, on one line and not at length; a command carries nothing but ids and names of that form, since
it is there to be pasted into a terminal.
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
    """One alert as templates see it. What is not known is empty or None."""

    kind: AlertKind
    name: str  # the job's code, the mail server's host and port, or the directive's name
    called: str  # what a job is called on screen, where that is known
    id: str  # the last eight digits of the letter or task it is about, as the command line takes them
    since: datetime
    last: datetime
    times: int
    ended: datetime | None
    stopped_from: datetime | None
    stopped_to: datetime | None
    tasks: int | None
    letters: int | None
    waiting: int | None
    sent: int | None  # letters that a clock that was ahead sent too early
    attempts: int | None
    seconds: int | None  # that a mail server has kept a letter waiting
    recipient: str
    reason: str
    is_uncertain: bool  # the letter may have arrived
    commands: tuple[str, ...]
    page: str  # where one sees to it on the site, from its root


def read_trouble(alert: AlertItem, language: str) -> Trouble:
    """Return an alert with what can be told of it, in a language where its reporter could."""
    facts, kind = alert.facts, alert.kind
    short = alert.subject.replace("-", "")[-8:] if _ID.fullmatch(alert.subject) else ""
    return Trouble(
        kind=kind,
        name=_name(alert),
        called=translate(JobName(alert.subject).label, language) if _is_of_a_job(alert) else "",
        id=short,
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
        commands=tuple(one.format(id=short) for one in _COMMANDS[kind] if short or "{id}" not in one)
        or ("dondoc outbox list",),
        page=_PAGES[kind].format(subject=alert.subject) if short and kind in _PAGES else "",
    )


def _is_of_a_job(alert: AlertItem) -> bool:
    return alert.kind is AlertKind.JOB_FAILED and alert.subject in set(JobName)


def _name(alert: AlertItem) -> str:
    if alert.kind is AlertKind.JOB_FAILED:
        return alert.subject.replace("_", "-") if _JOB.fullmatch(alert.subject) else ""
    if alert.kind is AlertKind.LAUNCH_FAILED:
        return _text(alert.facts.get("directive"))
    return _text(alert.subject) if alert.kind in _OF_A_SERVER else ""


def _reason(facts: Mapping[str, Any], language: str) -> str:
    said, code = _text(facts.get(f"reason_{language}", facts.get("reason"))), _count(facts, "code")
    return f"{code} {said}".strip() if code and not said.startswith(str(code)) else said


def _text(value: Any) -> str:
    if not isinstance(value, str):
        return ""
    # half a surrogate pair, which JSON can hold, is no text that could be sent
    said = one_line(_CONTROL.sub(" ", value.encode("utf-8", "replace").decode()))
    return said if len(said) <= LONGEST else f"{said[: LONGEST - 1].rstrip()}…"


def _count(facts: Mapping[str, Any], name: str) -> int | None:
    value = facts.get(name)
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def _instant(facts: Mapping[str, Any], name: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(facts[name])
    except (KeyError, TypeError, ValueError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
