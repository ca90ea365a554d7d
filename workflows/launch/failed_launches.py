"""A launch that fails while nobody looks on: told to who asked for it and to the administrators, until it is done.

Its alert ends once what it was to launch has been launched, or somebody says that it is no longer needed.
"""

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
    """Raise the alert at `now` (UTC) with the reason as read in each language, or in "" the one there is.

    Who asked is told by a letter of their own, which waits for sending hours only; as an administrator, in theirs.
    Other background jobs than launches are looked at by whoever waits for them.
    """
    if job.kind != LAUNCH:
        return
    code, calendar = str(job.given["directive"]), load_calendar(session)
    found = session.exec(select(Directive).where(Directive.code == code)).first()
    facts = {"directive": directive_name(found.kind, found.number, found.subject) if found else code}
    facts |= {"_".join(filter(None, ("reason", language))): reason for language, reason in reasons.items()}
    is_new = raise_alert(session, AlertKind.LAUNCH_FAILED, str(job.id), now=now, calendar=calendar, facts=facts)
    if is_new and job.asked_by not in administrators(session):
        key = (job.asked_by, calendar.event_slot(now), LetterKind.ALERT, f"{LAUNCH_TOPIC}{job.id.hex}")
        queue_letters(session, [key])


def end_failed(session: Session, directive: str, paths: Collection[str], *, now: datetime) -> None:
    """Duties of a directive were launched: what had failed to launch these, or some of them, is mended."""
    for job in _told(session):
        if job.given["directive"] == directive and set(job.given["paths"]) <= set(paths):
            end_alert(session, AlertKind.LAUNCH_FAILED, str(job.id), now=now)


def dismiss(session: Session, job: BackgroundJob, hand: "AuditActor") -> None:
    """Say that a failed launch is no longer needed; the audit gets a line. Refused where none was told of."""
    if not end_alert(session, AlertKind.LAUNCH_FAILED, str(job.id), now=hand.now):
        raise Refused("this launch waits for nobody: it did not fail, or somebody has seen to it")
    facts = {"reference": job.id.hex[-8:], "duties": job.given["paths"]}
    hand.note(session, "failed_launch_dismissed", str(job.given["directive"]), facts)


def is_told(session: Session, job_id: UUID) -> bool:
    return any(one.id == job_id for one in _told(session))


def failed_of(session: Session, person_id: UUID) -> list[BackgroundJob]:
    """Somebody's launches that failed and wait to be seen to, the newest first."""
    return sorted((one for one in _told(session) if one.asked_by == person_id), key=lambda one: one.asked_at)[::-1]


def end_forgotten(session: Session, *, now: datetime) -> None:
    """End the alerts of launches of which no record is kept any more."""
    kept = {str(job.id) for job in _told(session)}
    for subject in set(_subjects(session)) - kept:
        end_alert(session, AlertKind.LAUNCH_FAILED, subject, now=now)


def _told(session: Session) -> Iterator[BackgroundJob]:
    ids = [UUID(subject) for subject in _subjects(session)]
    return iter(session.exec(select(BackgroundJob).where(col(BackgroundJob.id).in_(ids))).all() if ids else ())


def _subjects(session: Session) -> list[str]:
    query = select(Alert.subject).where(Alert.kind == AlertKind.LAUNCH_FAILED, col(Alert.ended_at).is_(None))
    return list(session.exec(query))
