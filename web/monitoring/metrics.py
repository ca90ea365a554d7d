"""`/metrics` for Prometheus. The figures are read from the database at each request, and name nobody."""

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
from workflows.queue.send_hold import read_send_hold

router = APIRouter()
_DAY = timedelta(days=1)
_log = get_log(__name__)


@router.get("/metrics")
def metrics(request: Request) -> Response:
    """Answer 200 even if the database does not answer; `dondoc_database_up` says so."""
    state = request.app.state
    if not hasattr(state, "metrics"):  # a registry of its own, as the library's global one is shared by the process
        state.metrics = CollectorRegistry(auto_describe=False)
        state.metrics.register(EngineCollector(state.site))
    return Response(generate_latest(state.metrics), headers={"Content-Type": CONTENT_TYPE_LATEST})


class EngineCollector(Collector):
    def __init__(self, site: Site) -> None:
        self._site = site

    def describe(self) -> list[Metric]:
        """Return nothing, so that registering does not query the database."""
        return []

    def collect(self) -> Iterator[Metric]:
        """Yield all figures, or only the first two if the database cannot be read."""
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
    bounces = {(action,): count for action, count in bounces_since(session, now - _DAY).items()}
    yield _gauge("dondoc_bounces", "Reports of mail servers read within the last 24 hours", bounces, "action")
    replies = {(state,): count for state, count in replies_since(session, now - _DAY).items()}
    yield _gauge("dondoc_replies", "Replies to letters read within the last 24 hours", replies, "state")
    is_held = int(read_send_hold(session) is not None)
    yield _gauge("dondoc_fenced", "Whether nothing leaves since a back-up was restored", {(): is_held})
    jobs = read_jobs(session)
    yield _job_gauge(
        "dondoc_job_last_duration_seconds", "How long a job's last run took", jobs, lambda job: job.last_seconds
    )
    yield _job_gauge("dondoc_job_failed", "Whether a job's last run failed", jobs, _has_failed)
    yield _job_gauge("dondoc_job_paused", "Whether a job is paused", jobs, lambda job: int(job.is_paused))
    open_by_kind = open_alerts(session)
    alerts = {(kind.value,): open_by_kind.get(kind, 0) for kind in AlertKind}
    yield _gauge("dondoc_alerts_open", "Troubles that administrators were told of and that last", alerts, "kind")
    used = {(span,): count for span, count in quota_used(session, now).items()}
    yield _gauge("dondoc_mail_quota_used", "Tries that the quotas of mail count, where they are set", used, "span")
    sent = letters_sent_today(session, now).letters
    yield _gauge("dondoc_letters_sent_today", "Letters that the mail server took this local day", {(): sent})


def _has_failed(job: Job) -> int:
    return int(job.last_state is JobState.FAILED)


def _job_gauge(name: str, help_text: str, jobs: list[Job], read: Callable[[Job], float | None]) -> Metric:
    values = {(job.name.value,): value for job in jobs if (value := read(job)) is not None}
    return _gauge(name, help_text, values, "job")


def _gauge(name: str, help_text: str, values: Mapping[Any, float], *labels: str) -> Metric:
    family = GaugeMetricFamily(name, help_text, labels=labels)
    for label_values, value in values.items():
        family.add_metric(label_values, value)
    return family
