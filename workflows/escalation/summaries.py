"""The weekly summary: to heads and coordinators with open tasks, at 08:00 on the first working day."""

from datetime import datetime

from sqlalchemy import Engine, exists
from sqlmodel import Session, col, select

from models.database.rows import insert_new, table_of
from models.database.run import Run
from models.database.session import transaction
from models.letters.letter import LetterKind
from models.organization.person import Person
from models.organization.register_reads import absences_on
from models.organization.unit import Unit
from models.tasks.task import OPEN_STATUSES, Task
from models.text.localtime import at_local, local_date
from notifications.outbox.grouping import queue_letters
from workflows.access.letter_choices import read_choices
from workflows.rules.calendar.workdays import WorkCalendar
from workflows.rules.letter_pace import NO_CHOICE, has_summary


def open_summaries(engine: Engine, *, now: datetime, calendar: WorkCalendar) -> int:
    """Queue this week's summaries once its first working morning has come. Return the number of letters."""
    first = calendar.first_working_day_of_week(local_date(now))
    if first is None or now < at_local(first):
        return 0
    year, week, _day = first.isocalendar()
    key = f"summary:{year}-W{week:02d}"
    with transaction(engine) as session:
        if session.get(Run, key) is not None:
            return 0
        run = {"key": key, "started_at": now, "finished_at": now, "outcome": {}}
        if not insert_new(session, table_of(Run), [run]):
            return 0  # another tick got there first
        return _queue(session, at_local(first), now)


def _queue(session: Session, slot: datetime, now: datetime) -> int:
    # looked up by unit and by person, so that the closed tasks of all years are not read
    is_open = exists().where(
        col(Task.status).in_(OPEN_STATUSES), col(Task.incident_id).is_(None), col(Task.assigned_at) < slot
    )
    heads = select(col(Unit.head_id)).where(
        col(Unit.is_outside).is_(False), is_open.where(col(Task.lead_unit_id) == col(Unit.id))
    )
    coordinators = select(Person.id).where(is_open.where(col(Task.coordinator_id) == col(Person.id)))
    stand_ins = absences_on(session, local_date(now))
    readers = {
        stand_ins.get(person_id, person_id)
        for query in (heads, coordinators)
        for person_id in session.exec(query)
        if person_id is not None
    }
    # only ids are read, so that one unreadable row cannot stop the other people's summaries
    reachable = session.exec(
        select(Person.id)
        .where(Person.is_active, col(Person.email).is_not(None), col(Person.email_refused_at).is_(None))
        .order_by(col(Person.id))
    )
    choices = read_choices(session, readers)
    recipients = [
        person_id for person_id in reachable if person_id in readers and has_summary(choices.get(person_id, NO_CHOICE))
    ]
    queue_letters(session, [(person_id, slot, LetterKind.SUMMARY, "") for person_id in recipients])
    return len(recipients)
