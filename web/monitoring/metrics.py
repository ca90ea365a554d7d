"""`/metrics` for Prometheus: read from the database when asked, numbers only, nobody's name."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from importlib.metadata import version
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session

from models.database.session import reading
from models.letters.letter_reads import bounces_since
from models.operations.alert import AlertKind
from models.operations.engine_reads import (
    first_due,
    letters_by_state,
    letters_sent_today,
    oldest_waiting,
    open_alerts,
    quota_used,
    read_jobs,
    read_pulse,
    tasks_due,
)
from models.operations.logs import get_log
from models.operations.system_job import Job, JobState
from models.replies.reply import replies_since
from web.request.site import Site
from workflows.queue.send_hold import read_fence

router = APIRouter()
_DAY = timedelta(days=1)
_log = get_log(__name__)


@router.get("/metrics")
def metrics(request: Request) -> Response:
    """200 also where the database does not answer: `dondoc_database_up` says so."""
    state = request.app.state
    if not hasattr(state, "metrics"):  # a registry of our own: the library's global one has everybody's figures
        state.metrics = CollectorRegistry(auto_describe=False)
        state.metrics.register(EngineCollector(state.site))
    return Response(generate_latest(state.metrics), headers={"Content-Type": CONTENT_TYPE_LATEST})


class EngineCollector(Collector):
    def __init__(self, site: Site) -> None:
        self._site = site

    def describe(self) -> list[Metric]:
        """Registering must not ask the database."""
        return []

    def collect(self) -> Iterator[Metric]:
        """The figures of the database are left out where it cannot be read."""
        yield _gauge("dondoc_build_info", "The version that answers", {(version("dondoc"),): 1}, "version")
        try:
            with reading(self._site.engine) as session:
                figures = list(_figures(session, self._site.now(), self._site.settings.tick_seconds))
        except SQLAlchemyError as error:
            _log.warning("metrics_without_database", reason=type(error).__name__)
            figures = []
        yield _gauge("dondoc_database_up", "Whether the database could be read", {(): 1 if figures else 0})
        yield from figures


def _figures(session: Session, now: datetime, tick_seconds: int) -> Iterator[Metric]:
    def age(moment: datetime | None) -> float:
        return max(0.0, (now - moment).total_seconds()) if moment is not None else 0.0

    yield _gauge("dondoc_tasks_due", "Tasks that wait for the sweep (at most 100000)", {(): tasks_due(session, now)})
    yield _gauge(
        "dondoc_tick_lag_seconds", "How long the first of them has been waiting", {(): age(first_due(session, now))}
    )
    pulse = read_pulse(session, now=now, tick_seconds=tick_seconds)
    if pulse.last_at is not None:
        yield _gauge("dondoc_tick_age_seconds", "Since the last tick that did not fail", {(): age(pulse.last_at)})
    letters = {(state.value,): count for state, count in letters_by_state(session).items()}
    yield _gauge("dondoc_letters", "Letters that wait or were stopped (at most 100000)", letters, "state")
    oldest = age(oldest_waiting(session, now))
    yield _gauge("dondoc_oldest_unsent_letter_seconds", "How long the oldest letter has been due", {(): oldest})
    came_back = {(what,): count for what, count in bounces_since(session, now - _DAY).items()}
    yield _gauge("dondoc_bounces", "Reports of mail servers read within the last 24 hours", came_back, "action")
    answered = {(what,): count for what, count in replies_since(session, now - _DAY).items()}
    yield _gauge("dondoc_replies", "Replies to letters read within the last 24 hours", answered, "state")
    is_held = int(read_fence(session) is not None)
    yield _gauge("dondoc_fenced", "Whether nothing leaves since a back-up was restored", {(): is_held})
    jobs = read_jobs(session)
    yield _of_jobs(
        "dondoc_job_last_duration_seconds", "How long a job's last run took", jobs, lambda job: job.last_seconds
    )
    yield _of_jobs("dondoc_job_failed", "Whether a job's last run failed", jobs, _has_failed)
    yield _of_jobs("dondoc_job_paused", "Whether a job is paused", jobs, lambda job: int(job.is_paused))
    alerts = {(kind.value,): 0 for kind in AlertKind} | {(k.value,): n for k, n in open_alerts(session).items()}
    yield _gauge("dondoc_alerts_open", "Troubles that administrators were told of and that last", alerts, "kind")
    used = {(span,): count for span, count in quota_used(session, now).items()}
    yield _gauge("dondoc_mail_quota_used", "Tries that the quotas of mail count, where they are set", used, "span")
    sent = letters_sent_today(session, now).letters
    yield _gauge("dondoc_letters_sent_today", "Letters that the mail server took this local day", {(): sent})


def _has_failed(job: Job) -> int:
    return int(job.last_state is JobState.FAILED)


def _of_jobs(name: str, says: str, jobs: list[Job], value: Callable[[Job], float | None]) -> Metric:
    values = {(job.name.value,): value(job) for job in jobs}
    return _gauge(name, says, {labels: one for labels, one in values.items() if one is not None}, "job")


def _gauge(name: str, says: str, values: Mapping[Any, float], *labels: str) -> Metric:
    family = GaugeMetricFamily(name, says, labels=labels)
    for given, value in values.items():
        family.add_metric(given, value)
    return family
