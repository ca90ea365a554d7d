"""Checks of what runs by itself: the clock, its jobs, this machine's time, Prefect, open alerts."""

import json
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session, col, select

from models.i18n import Words, _, _n
from models.operations.alert import AlertKind
from models.operations.engine_reads import AHEAD, open_alerts, read_jobs, read_pulse
from models.operations.system_job import Job, JobName, JobState
from models.tasks.history import History
from workflows.jobs.prefect.prefect_remote import RemotePrefect
from workflows.jobs.prefect.prefect_server import PrefectServer
from workflows.jobs.system_jobs import written
from workflows.operations.doctor.database import clocks_apart
from workflows.operations.doctor.finding import CheckedInstallation, Finding, broken, moment_words, ok, warning

_FIRST_YEAR = 2025  # before it nobody ran this: the machine lost its clock's battery
ALERT_WORDS = {
    AlertKind.CLOCK_STOPPED: _("the clock had stopped"),
    AlertKind.CLOCK_AHEAD: _("the clock is far ahead of the last tick: nothing is done until somebody confirms"),
    AlertKind.CLOCK_WAS_AHEAD: _("the machine's clock was set back"),
    AlertKind.WORK_BEHIND: _("the work is behind"),
    AlertKind.JOB_FAILED: _("a job fails"),
    AlertKind.MAIL_FAILING: _("the mail server takes nothing"),
    AlertKind.MAIL_SLOW: _("the mail server is slow"),
    AlertKind.LETTER_UNWRITABLE: _("a letter cannot be written"),
    AlertKind.LETTER_GIVEN_UP: _(
        "a letter was given up, or nobody is left to be told that it was refused or may not have arrived"
    ),
    AlertKind.TASK_STUCK: _("a task cannot be decided"),
    AlertKind.PERIOD_STUCK: _("a period cannot be opened"),
    AlertKind.REPORT_STUCK: _("a period's report cannot be compiled"),
    AlertKind.LAUNCH_FAILED: _("a launch failed"),
    AlertKind.BACKUP_FAILED: _("the last back-up failed"),
}


def clock(case: CheckedInstallation, session: Session) -> Finding:
    """The last tick that did not fail is recent, by the tick's own pace."""
    pulse = read_pulse(session, now=case.now, tick_seconds=case.settings.tick_seconds)
    state = pulse.state(case.now)
    if state == "paused":
        return broken(
            _("the tick is paused: nothing is looked at, and nothing is sent"),
            _("let it run again: dondoc schedule resume tick"),
        )
    if state == "held":
        return broken(
            _("held: this machine's clock is far ahead of the last tick; nothing is done until confirmed"),
            _("if its date is right: dondoc tick --today YYYY-MM-DD, with today's date; else set it (timedatectl)"),
        )
    start = _("start `dondoc serve` (systemctl start dondoc) and see its log; once by hand: dondoc tick")
    if pulse.last_at is None:
        return warning(_("no tick has been run yet"), start)
    moment = moment_words(pulse.last_at)
    if state == "late":
        return broken(_("stopped: the last good tick was on {moment}", moment=moment), start)
    return ok(_("runs: the last good tick was on {moment}"), moment=moment)


def jobs(case: CheckedInstallation, session: Session) -> Finding:
    """Jobs whose last run failed, and those somebody paused."""
    found = read_jobs(session)
    failed = [job for job in found if job.last_state is JobState.FAILED]
    if failed:
        told = [_("{job} fails: {reason}", job=written(job.name), reason=job.last_error) for job in failed]
        return broken(
            Words("{told}", told=told),
            _("see the log; then try it again: dondoc schedule run {job}", job=written(failed[0].name)),
        )
    paused = [written(job.name) for job in found if job.is_paused and job.name is not JobName.TICK]
    if paused:
        return warning(
            _("paused: {jobs}", jobs=paused), _("let it run again: dondoc schedule resume {job}", job=paused[0])
        )
    return ok(_("none has failed, none is paused"))


def machine_clock(case: CheckedInstallation, session: Session) -> Finding:
    """This machine's time against what it has recorded, and against the database server's."""
    advice = _("set this machine's clock (timedatectl), keep it set by NTP, then start `dondoc serve` again")
    here = moment_words(case.now)
    if case.now.year < _FIRST_YEAR:
        return broken(_("this machine believes it is {now}", now=here), advice)
    newest = _newest(session)
    if newest is not None and newest > case.now + AHEAD:
        return broken(
            _(
                "this machine's clock says {now}, but the newest entry was made on {newest}: it was set back",
                now=here,
                newest=moment_words(newest),
            ),
            _(
                "if it is behind, set it (timedatectl), keep it set by NTP, then start `dondoc serve` again; if it had "
                "been ahead and is right now, see docs/runbook.md, clock_was_ahead"
            ),
        )
    apart = clocks_apart(case)
    if apart:
        return broken(
            _n(
                "{count} second apart from the database server's clock",
                "{count} seconds apart from the database server's clock",
                count=round(abs(_seconds(apart))),
            ),
            advice,
        )
    return ok(_("agrees with what has been recorded ({now})"), now=here)


def _newest(session: Session) -> datetime | None:
    """The newest row of the history by id, which is in order of time, and the jobs' last moments."""
    row = session.exec(select(History.recorded_at).order_by(col(History.id).desc()).limit(1)).first()
    moments = [one for job in read_jobs(session) for one in _moments(job)]
    return max([*moments, *([row] if row is not None else [])], default=None)


def _moments(job: Job) -> list[datetime]:
    return [one for one in (job.last_started_at, job.last_finished_at, job.last_done_at) if one is not None]


def _seconds(span: timedelta) -> float:
    return span.total_seconds()


def prefect(case: CheckedInstallation) -> Finding:
    """The server of this data folder, or of many machines, answers; the engine works without."""
    home = case.settings.data / "prefect"
    if case.settings.prefect_api_url is not None:
        remote = RemotePrefect(case.settings.prefect_api_url, home, auth=_secret(case))
        trouble = remote.trouble()
        if trouble is None:
            return ok(_("answers at {url}"), url=remote.url)
        return warning(trouble, _("until then the clocks do the work themselves"))
    state = _read(home / "server.json")
    port = state.get("port")
    if not isinstance(port, int):
        return ok(_("not running: `dondoc serve` starts it, and works without it"))
    server = PrefectServer(home, port, host=case.settings.prefect_host, auth=_secret(case))
    if server.is_healthy():
        return ok(_("answers at {url}"), url=server.url)
    if ended := server.last_end():
        return broken(
            _("cannot run, it ended with {code}: {words}", code=ended[0], words=ended[1]),
            _("mend what it says ({log}); until then the work goes on without its pages and retries", log=server.log),
        )
    return warning(
        _("does not answer at {url}: the work goes on without its pages and retries", url=server.url),
        _("if `dondoc serve` runs, see {log}; if it does not, start it", log=server.log),
    )


def _secret(case: CheckedInstallation) -> str | None:
    auth = case.settings.prefect_auth
    return auth.get_secret_value() if auth is not None else None


def _read(path: Any) -> dict[str, Any]:
    with suppress(OSError, ValueError):
        state = json.loads(path.read_text())
        return state if isinstance(state, dict) else {}
    return {}


def alerts(_case: CheckedInstallation, session: Session) -> Finding:
    """What administrators were told of and what lasts."""
    found = open_alerts(session)
    if not found:
        return ok(_("none is open"))
    told = [_("{alert} ({count})", alert=ALERT_WORDS[kind], count=count) for kind, count in found.items()]
    return warning(
        _("open: {told}", told=told),
        _(
            "the letter to administrators explains each; an alert ends once its cause is "
            "fixed, or its letter sent again"
        ),
    )
