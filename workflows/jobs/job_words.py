"""Describe jobs on screen: their work, the times when they run, and the outcomes of runs."""

from collections.abc import Mapping
from typing import Any

from models.i18n import Words, _, _n
from models.operations.system_job import Job, JobName, JobState

JOB_WORDS = {
    JobName.TICK: _(
        "everything that is due: periods, rungs, summaries; "
        "not what has a job of its own that is paused or has another expression"
    ),
    JobName.DELIVER: _("send letters; paused, none leaves by the clock; with its own expression, only then"),
    JobName.OPEN_PERIODS: _("open periods; paused, not in ticks either; with its own expression, only then"),
    JobName.SUMMARIES: _("queue weekly summaries; paused, not in ticks either; with its own expression, only then"),
    JobName.PURGE: _("delete the keys of old ticks"),
}
_COUNTS = {
    "opened": _("tasks opened: {count}"),
    "checked": _("tasks seen: {count}"),
    "notices": _("notices: {count}"),
    "summaries": _("summaries: {count}"),
    "compiled": _("reports compiled: {count}"),
    "letters": _("letters: {count}"),
    "sent": _("sent: {count}"),
    "failed": _("put off or refused: {count}"),
    "uncertain": _("uncertain: {count}"),
    "held": _("kept back: {count}"),
    "bounces": _("reports of mail servers read: {count}"),
    "replies": _("replies to letters read: {count}"),
    "messages_in": _("messages of the document exchange taken in: {count}"),
    "messages_out": _("messages of the document exchange handed over: {count}"),
    "old_replies": _("old replies to letters let go: {count}"),
    "reports": _("old reports of mail servers deleted: {count}"),
    "runs": _("keys of ticks deleted: {count}"),
    "windows": _("quota counts deleted: {count}"),
    "sealed": _("lines of the history sealed: {count}"),
    "called": _("webhook calls made: {count}"),
    "messages": _("messages of other channels sent: {count}"),
    "old_messages": _("old records of messages of other channels deleted: {count}"),
    "read_marks": _("old notes of read notifications deleted: {count}"),
    "previews": _("old previews deleted: {count}"),
    "errands": _("finished pieces of long work deleted: {count}"),
    "calls": _("finished webhook calls deleted: {count}"),
    "answers": _("answers kept for repeated requests deleted: {count}"),
    "files": _("files that no result has deleted: {count}"),
    "sign_ins": _("ended sessions, void codes and old counts deleted: {count}"),
}


_SKIPPED = {
    JobName.OPEN_PERIODS: _("periods left to their own job"),
    JobName.SUMMARIES: _("summaries left to their own job"),
    JobName.DELIVER: _("letters left to their own job"),
}


def cron_words(job: Job, *, every: int) -> Words:
    """Return when a job runs, in words if its expression is simple. `every` is the pace in seconds."""
    if job.cron is None:
        return _n("every {count} second", "every {count} seconds", count=every)
    fields = job.cron.split()
    if len(fields) == 5:
        minute, hour, day, month, weekday = fields
        is_clock = minute.isdecimal() and hour.isdecimal()
        if is_clock and (day, month) == ("*", "*") and weekday in ("*", "1-5"):
            at = f"{int(hour):02d}:{int(minute):02d}"
            return Words(_("daily at {time}") if weekday == "*" else _("Monday to Friday at {time}"), time=at)
        if fields[1:] == ["*"] * 4:
            if minute == "*":
                return _("every minute")
            if minute.startswith("*/") and minute[2:].isdecimal():
                return _n("every {count} minute", "every {count} minutes", count=int(minute[2:]))
            if minute.isdecimal():
                return _("every hour at minute {minute}", minute=int(minute))
    return _("by the expression {cron}", cron=job.cron)


def outcome_words(job: Job) -> list[Words]:
    """Return the outcome of a job's last run in words."""
    if job.last_state is None:
        return [_("has not run yet")]
    if job.last_state is JobState.RUNNING:
        return [_("running")]
    if job.last_state is JobState.FAILED:
        return [_("failed: {reason}", reason=job.last_error)]
    return count_words(job.last_outcome)


def count_words(outcome: Mapping[str, Any]) -> list[Words]:
    """Return the counts of an outcome in words, without zeros."""
    counts = [
        Words(_COUNTS.get(name, "{name}: {count}"), name=name, count=count)
        for name, count in outcome.items()
        if count and not name.startswith("without_")
    ]
    return [*(counts or [_("nothing was due")]), *skipped_words(outcome)]


def skipped_words(outcome: Mapping[str, Any]) -> list[Words]:
    """Return the parts that a tick left to their own jobs, which are paused or run at another time."""
    return [words for name, words in _SKIPPED.items() if outcome.get(f"without_{name}")]
