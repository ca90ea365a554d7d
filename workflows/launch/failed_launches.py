"""Alert people when a launch fails in the background, until its duties are launched or no longer needed."""

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from sqlmodel import Session, col, select

from models.directives.directive import Directive, directive_name
from models.errors import Refused
from models.letters.letter import LAUNCH_TOPIC, LetterKind
from models.operations.alert import Alert, AlertKind
from models.operations.background_job import LAUNCH, BackgroundJob
from notifications.outbox.grouping import queue_letters
from workflows.organization.working_calendar import load_calendar
from workflows.queue.alerts import administrators, end_alert, raise_alert

if TYPE_CHECKING:
    from workflows.access.audit_log import AuditActor


def tell_failed(session: Session, job: BackgroundJob, reasons: Mapping[str, str], *, now: datetime) -> None:
    """Raise the alert at `now` (UTC). `reasons` holds the reason by language, or one reason under "".

    The person who ordered the launch gets a letter of their own, unless they are told as an administrator. Other jobs
    than launches raise no alert, as somebody waits for them on a page.
    """
    if job.kind != LAUNCH:
        return
    code, calendar = str(job.given["directive"]), load_calendar(session)
    directive = session.exec(select(Directive).where(Directive.code == code)).first()
    name = directive_name(directive.kind, directive.number, directive.subject) if directive else code
    facts = {"directive": name}
    facts |= {"_".join(filter(None, ("reason", language))): reason for language, reason in reasons.items()}
    is_new = raise_alert(session, AlertKind.LAUNCH_FAILED, str(job.id), now=now, calendar=calendar, facts=facts)
    if is_new and job.asked_by not in administrators(session):
        key = (job.asked_by, calendar.event_slot(now), LetterKind.ALERT, f"{LAUNCH_TOPIC}{job.id.hex}")
        queue_letters(session, [key])


def end_failed(session: Session, directive: str, paths: Collection[str], *, now: datetime) -> None:
    """End the alerts of failed launches whose duties have now been launched."""
    for job in _failed_jobs(session):
        if job.given["directive"] == directive and set(job.given["paths"]) <= set(paths):
            end_alert(session, AlertKind.LAUNCH_FAILED, str(job.id), now=now)


def dismiss(session: Session, job: BackgroundJob, audit_actor: "AuditActor") -> None:
    """End the alert of a failed launch that is no longer needed. Raise Refused where there is no alert."""
    if not end_alert(session, AlertKind.LAUNCH_FAILED, str(job.id), now=audit_actor.now):
        raise Refused("this launch waits for nobody: it did not fail, or somebody has seen to it")
    facts = {"reference": job.id.hex[-8:], "duties": job.given["paths"]}
    audit_actor.note(session, "failed_launch_dismissed", str(job.given["directive"]), facts)


def is_told(session: Session, job_id: UUID) -> bool:
    return any(job.id == job_id for job in _failed_jobs(session))


def failed_of(session: Session, person_id: UUID) -> list[BackgroundJob]:
    """Return a person's failed launches with an open alert, the newest first."""
    jobs = [job for job in _failed_jobs(session) if job.asked_by == person_id]
    return sorted(jobs, key=lambda job: job.asked_at)[::-1]


def end_forgotten(session: Session, *, now: datetime) -> None:
    """End the alerts of launches whose background job was deleted."""
    existing = {str(job.id) for job in _failed_jobs(session)}
    for subject in set(_subjects(session)) - existing:
        end_alert(session, AlertKind.LAUNCH_FAILED, subject, now=now)


def _failed_jobs(session: Session) -> Iterator[BackgroundJob]:
    ids = [UUID(subject) for subject in _subjects(session)]
    return iter(session.exec(select(BackgroundJob).where(col(BackgroundJob.id).in_(ids))).all() if ids else ())


def _subjects(session: Session) -> list[str]:
    query = select(Alert.subject).where(Alert.kind == AlertKind.LAUNCH_FAILED, col(Alert.ended_at).is_(None))
    return list(session.exec(query))
