"""In whose name messages are taken in, which unit follows them up, and the queue of those whose scan is read first."""

from datetime import datetime
from uuid import UUID, uuid5

from sqlmodel import Session

from models.directives.edxml import CameBy
from models.errors import BadInput
from models.operations.background_job import SCAN, BackgroundJob, BackgroundJobState
from models.organization.register_reads import resolve_person, resolve_unit
from models.settings import Settings
from models.tasks.evidence import store_bytes
from models.text.localtime import local_date
from workflows.access.rights import Principal, read_principal
from workflows.intake.edxml.keep_message import Opened, Taken, Taking, take_message, taken_before
from workflows.queue.background_jobs import ask
from workflows.rules.rights_table import Right

_ONE_FOR_A_MESSAGE = UUID("6d1f0f4c-6b0e-4a54-9c6b-1f3c6f0f8a11")


def taking_by(
    session: Session, principal: Principal, unit: str | None, settings: Settings, *, now: datetime, came_by: CameBy
) -> Taking:
    """Return how a person takes messages in. Forbidden without the right; BadInput for a unit that is not theirs."""
    principal.require(Right.LAUNCH)
    return Taking(unit_for(session, principal, unit), principal.person.id, now, came_by, settings.evidence)


def unit_for(session: Session, principal: Principal, code: str | None) -> UUID:
    """Return the unit of a code that somebody speaks for; without one, their only one."""
    mine = list(principal.speaks_for)
    follows = resolve_unit(session, code).id if code else mine[0] if len(mine) == 1 else None
    if follows is None or follows not in mine:
        raise BadInput(
            "--unit {unit}: give the code of a unit that {person} speaks for",
            unit=code or "–",
            person=principal.person.code,
        )
    return follows


def taking_of_folder(session: Session, settings: Settings, *, now: datetime) -> Taking:
    """Return how the watched folder takes messages in: in the name of `edxml.received_by`."""
    edxml = settings.edxml
    if edxml is None or not edxml.received_by:
        raise BadInput("edxml.received_by: say in whose name messages come in, such as le.thi.c")
    person = resolve_person(session, edxml.received_by)
    principal = read_principal(session, person, local_date(now))
    return taking_by(session, principal, edxml.unit or None, settings, now=now, came_by=CameBy.FOLDER)


def take_or_queue(session: Session, opened: Opened, taking: Taking) -> Taken | BackgroundJob:
    """Take a message in; of a new one whose document is a scan, queue the reading, which takes it in later."""
    if opened.is_unread and taken_before(session, opened.message) is None:
        return queue_reading(session, opened, taking)
    return take_message(session, opened, taking)


def queue_reading(session: Session, opened: Opened, taking: Taking) -> BackgroundJob:
    """Keep a message whose document is a scan, and queue its reading; the same message sent again is the same job.

    Where that one was cancelled or failed, it is read anew.
    """
    given = {
        "name": opened.name,
        "sha256": store_bytes(taking.evidence, opened.data),
        "unit": taking.unit_id.hex,
        "came_by": taking.came_by.value,
    }
    once = uuid5(_ONE_FOR_A_MESSAGE, f"{opened.message.digest} {taking.person_id.hex} {taking.unit_id.hex}")
    job = ask(session, SCAN, given, asked_by=taking.person_id, now=taking.now, job_id=once)
    if job.state in (BackgroundJobState.CANCELLED, BackgroundJobState.FAILED):
        return ask(session, SCAN, given, asked_by=taking.person_id, now=taking.now)
    return job
