"""Checks of the engine: the clock, its jobs, this machine's time, Prefect, and open alerts."""

import json
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from sqlmodel import Session, col, select

from models.i18n import Words, _, _n
from models.operations.alert import AlertKind
from models.operations.engine_reads import AHEAD, open_alerts, read_jobs, read_pulse
from models.operations.system_job import JobName, JobState
from models.tasks.history import History
from workflows.jobs.prefect.prefect_remote import RemotePrefect
from workflows.jobs.prefect.prefect_server import PrefectServer
from workflows.jobs.system_jobs import written
from workflows.operations.doctor.database import clock_difference
from workflows.operations.doctor.finding import CheckedInstallation, Finding, broken, moment_words, ok, warning

_FIRST_YEAR = 2025  # an earlier year means that the battery of the machine's clock is empty
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
    """Check that the last good tick is recent, by the tick's own interval."""
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
    """Look for jobs whose last run failed, and for paused ones."""
    all_jobs = read_jobs(session)
    failed = [job for job in all_jobs if job.last_state is JobState.FAILED]
    if failed:
        failures = [_("{job} fails: {reason}", job=written(job.name), reason=job.last_error) for job in failed]
        return broken(
            Words("{told}", told=failures),
            _("see the log; then try it again: dondoc schedule run {job}", job=written(failed[0].name)),
        )
    paused = [written(job.name) for job in all_jobs if job.is_paused and job.name is not JobName.TICK]
    if paused:
        return warning(
            _("paused: {jobs}", jobs=paused), _("let it run again: dondoc schedule resume {job}", job=paused[0])
        )
    return ok(_("none has failed, none is paused"))


def machine_clock(case: CheckedInstallation, session: Session) -> Finding:
    """Compare this machine's time with the newest recorded moment and with the database server's time."""
    advice = _("set this machine's clock (timedatectl), keep it set by NTP, then start `dondoc serve` again")
    now_words = moment_words(case.now)
    if case.now.year < _FIRST_YEAR:
        return broken(_("this machine believes it is {now}", now=now_words), advice)
    newest = _newest_moment(session)
    if newest is not None and newest > case.now + AHEAD:
        return broken(
            _(
                "this machine's clock says {now}, but the newest entry was made on {newest}: it was set back",
                now=now_words,
                newest=moment_words(newest),
            ),
            _(
                "if it is behind, set it (timedatectl), keep it set by NTP, then start `dondoc serve` again; if it had "
                "been ahead and is right now, see docs/runbook.md, clock_was_ahead"
            ),
        )
    if difference := clock_difference(case):
        return broken(
            _n(
                "{count} second apart from the database server's clock",
                "{count} seconds apart from the database server's clock",
                count=round(abs(difference.total_seconds())),
            ),
            advice,
        )
    return ok(_("agrees with what has been recorded ({now})"), now=now_words)


def _newest_moment(session: Session) -> datetime | None:
    """Return the latest moment in the history or among the jobs' runs. Ids of the history are in order of time."""
    recorded_at = session.exec(select(History.recorded_at).order_by(col(History.id).desc()).limit(1)).first()
    moments = [recorded_at]
    for job in read_jobs(session):
        moments += (job.last_started_at, job.last_finished_at, job.last_done_at)
    return max((moment for moment in moments if moment is not None), default=None)


def prefect(case: CheckedInstallation) -> Finding:
    """Check that Prefect's server answers. The engine also works without it."""
    home = case.settings.data / "prefect"
    if case.settings.prefect_api_url is not None:
        remote = RemotePrefect(case.settings.prefect_api_url, home, auth=_secret(case))
        trouble = remote.trouble()
        if trouble is None:
            return ok(_("answers at {url}"), url=remote.url)
        return warning(trouble, _("until then the clocks do the work themselves"))
    port = _read_port(home / "server.json")
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


def _read_port(path: Path) -> object:
    with suppress(OSError, ValueError):
        state = json.loads(path.read_text())
        return state.get("port") if isinstance(state, dict) else None
    return None


def alerts(_case: CheckedInstallation, session: Session) -> Finding:
    counts = open_alerts(session)
    if not counts:
        return ok(_("none is open"))
    alert_list = [_("{alert} ({count})", alert=ALERT_WORDS[kind], count=count) for kind, count in counts.items()]
    return warning(
        _("open: {told}", told=alert_list),
        _(
            "the letter to administrators explains each; an alert ends once its cause is "
            "fixed, or its letter sent again"
        ),
    )
