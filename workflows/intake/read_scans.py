"""Read a scan in the background: the file is kept first, then read page by page, then laid before a coordinator."""

from collections.abc import Callable, Sequence
from datetime import datetime
from uuid import UUID

from sqlmodel import Session, col, select

from models.database.session import reading, transaction
from models.errors import NotFound
from models.intake.intake import Intake, IntakeState
from models.operations.background_job import SCAN, BackgroundJob, BackgroundJobState
from models.organization.person import Person
from models.rooms import Place
from models.settings import Settings
from models.tasks.evidence_files import clean_name, kept_file, store_bytes
from models.text.localtime import local_date
from workflows.access.rights import Principal, read_principal
from workflows.intake.files import read_whole
from workflows.intake.review.store_reading import read_document
from workflows.intake.source_files import store_document
from workflows.queue.background_jobs import JobRun, ask, list_background_jobs
from workflows.rules.rights_table import Right

_LISTED = 10
Keep = Callable[[Session, UUID], Intake]
"""Keeps for a unit what was read, in a transaction."""
READ_OTHERS: Place[Callable[[JobRun, str, bytes], Keep | None]] = Place("intake.scans")
"""Reads a scan that came within something else (a message), by its name and content; None where it did not."""


def ask_scan(
    session: Session,
    settings: Settings,
    principal: Principal,
    *,
    name: str,
    content: bytes,
    unit_id: UUID,
    now: datetime,
) -> BackgroundJob:
    """Keep a scan, and queue its reading for the unit that would follow it up."""
    principal.require(Right.LAUNCH)
    given = {"name": clean_name(name), "sha256": store_bytes(settings.evidence, content), "unit": unit_id.hex}
    return ask(session, SCAN, given, asked_by=principal.person.id, now=now)


def scans_of(session: Session, principal: Principal) -> Sequence[BackgroundJob]:
    """Only scans that are being read or could not be read, the newest first."""
    jobs = list_background_jobs(session, principal, kinds=(SCAN,))
    ended = (BackgroundJobState.DONE, BackgroundJobState.CANCELLED)
    return [job for job in jobs if job.state not in ended][:_LISTED]


def scans_to_see(session: Session, principal: Principal) -> Sequence[BackgroundJob]:
    """Return somebody's own scans that could not be read, or were read and are still under review, the newest first."""
    jobs = list_background_jobs(session, principal, kinds=(SCAN,), limit=_LISTED)
    read = {UUID(job.outcome["intake"]) for job in jobs if job.state is BackgroundJobState.DONE}
    query = select(Intake.id).where(col(Intake.id).in_(read), Intake.state == IntakeState.OPEN)
    still = {one.hex for one in session.exec(query)} if read else set()
    return [
        job
        for job in jobs
        if job.state is BackgroundJobState.FAILED or (job.outcome.get("intake") in still and not job.error)
    ]


def read_in_background(turn: JobRun) -> dict[str, str]:
    """Read the scan, and keep what was found with the file as it came and the PDF that can be searched.

    A scan that came within something else comes in with what that says of it.
    """
    given = turn.job.given
    name, unit_id = str(given["name"]), UUID(given["unit"])
    content = kept_file(turn.settings.evidence, str(given["sha256"]), name).read_bytes()
    with reading(turn.engine) as session:
        _check(session, turn, unit_id)
    for read_other in READ_OTHERS.added():
        if (keep := read_other(turn, name, content)) is not None:
            with transaction(turn.engine) as session:
                _check(session, turn, unit_id)
                return _finish(turn, session, keep(session, unit_id))
    words = read_whole(name, content, turn.tell)
    draft = read_document(name, words)
    with transaction(turn.engine) as session:
        _check(session, turn, unit_id)
        folder, asked_by = turn.settings.evidence, turn.job.asked_by
        intake = store_document(
            session, folder, name, content, words, draft, unit_id=unit_id, person_id=asked_by, now=turn.moment
        )
        return _finish(turn, session, intake)


def _finish(turn: JobRun, session: Session, intake: Intake) -> dict[str, str]:
    pages = len(intake.scan.get("scanned", ()))
    turn.progress(session, pages, pages)
    told = {"intake": intake.id.hex}
    turn.finish(session, told, {})
    return told


def _check(session: Session, turn: JobRun, unit_id: UUID) -> None:
    """Raise where the person who asked may no longer receive documents for the unit."""
    person = session.get_one(Person, turn.job.asked_by)
    principal = read_principal(session, person, local_date(turn.now))
    principal.require(Right.LAUNCH)
    if unit_id not in principal.speaks_for:
        raise NotFound("there is no such document")
