"""Writes a government into a database, as quickly as each driver can; the same rows for the same seed."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random

from sqlalchemy import Engine, UniqueConstraint, text
from sqlalchemy.schema import AddConstraint, DropConstraint
from sqlmodel import Session, SQLModel

from bench.bulk import bulk, unindexed
from bench.government.directives import Issuing, write_directives
from bench.government.lives import Lives
from bench.government.offices import Builder, Offices
from bench.government.people import People
from bench.government.rows import BATCH, Days, Ids, Rows
from models.database.session import transaction
from models.text.localtime import at_local
from workflows.operations.setup import set_up
from workflows.rules.calendar.workdays import WorkCalendar

TODAY = date(2026, 11, 25)
YEARS = 5
_INDEXED = ("task", "history", "notice", "letter", "result", "extension", "obstacle", "contribution", "person", "unit")
_ATTEMPTED = (
    "INSERT INTO letter_attempt (letter_id, fence, started_at, ended_at, outcome, smtp_code, reply)"
    " SELECT id, 1, sent_at, sent_at, 'accepted', 250, '2.0.0 Ok: queued' FROM letter"
)


@dataclass(frozen=True)
class Government:
    """What was made: the moment (UTC) before which all of it happened, a working morning, 08:00 local."""

    now: datetime
    units: int
    people: int
    directives: int
    tasks: int


def fill_government(
    engine: Engine,
    *,
    units: int,
    tasks: int,
    seed: int = 2004,
    today: date = TODAY,
    years: int = YEARS,
    letters_days: int | None = None,
) -> Government:
    """Sets an empty database up and fills it with so many units, and tasks of the years before `today`.

    `today` moves to the next working day. With `letters_days`, letters and notices are kept of so many days only, which
    halves the time; what the ladder must know of open tasks is there all the same. Raises ValueError for fewer units
    than a government has.
    """
    days = Days(WorkCalendar())
    first = days.on_or_after(today.toordinal())
    now = at_local(date.fromordinal(first))
    set_up(engine, now=now - timedelta(days=366 * years))
    with bulk(engine) as session:
        if engine.dialect.name == "postgresql":
            session.execute(text("SET LOCAL TIME ZONE 'UTC'"))
            session.execute(text("SET LOCAL maintenance_work_mem = '512MB'"))
            session.execute(text("SET LOCAL work_mem = '256MB'"))
        with unindexed(session, *_INDEXED), _unconstrained(session):
            since = 0 if letters_days is None else first - letters_days
            made = _fill(session, units, tasks, seed, first, first - 365 * years, since, days)
    if engine.dialect.name == "postgresql":
        with transaction(engine) as session:
            session.connection().exec_driver_sql("ANALYZE")
    return made


@contextmanager
def _unconstrained(session: Session) -> Iterator[None]:
    """On PostgreSQL without the unique keys that nothing refers to: made at once they cost a fifth."""
    metadata = SQLModel.metadata.tables
    keys = [
        one
        for table in _INDEXED
        for one in metadata[table].constraints
        if isinstance(one, UniqueConstraint) and session.connection().dialect.name == "postgresql"
    ]
    for key in keys:
        session.execute(DropConstraint(key))
    yield
    for key in keys:
        session.execute(AddConstraint(key, isolate_from_table=False))  # the models are whole after it


def _fill(
    session: Session, units: int, tasks: int, seed: int, today: int, first: int, since: int, days: Days
) -> Government:
    random, ids, rows = Random(seed), Ids(seed), Rows(session)
    people = People(random, ids, rows, first, today - 1)
    offices = Builder(random, ids, rows, people, first).build(units)
    _appoint(people, offices, today)
    issuing = Issuing(random, ids, days, offices, people, first, today)
    drafts = issuing.draft(tasks)
    rows.flush()
    write_directives(session, drafts)
    lives = Lives(random, ids, days, rows, issuing.asking, today, since)
    for number, draft in enumerate(drafts, 1):
        lives.tell(number, draft)
        rows.flush(BATCH)
    rows.flush()
    _write_letters(session)
    now = at_local(date.fromordinal(today))
    return Government(now, len(offices.all), people.count, len(drafts), tasks)


def _appoint(people: People, offices: Offices, today: int) -> None:
    """Administrators, observers and clerks at the centre; some heads are away these days."""
    centre = offices.ministries["VPCP"]
    for role in ("administrator", "observer", "clerk"):
        people.appoint(centre, role)
    for office in offices.all[::97]:
        people.send_away(office, today - 3, today + 4)


def _write_letters(session: Session) -> None:
    """A letter for all notices that name it, delivered at its moment, with the mark of its attempt."""
    hexed = "replace(CAST(n.letter_id AS TEXT), '-', '')"
    session.execute(
        text(
            "INSERT INTO letter (id, recipient_id, slot, kind, topic, is_drill, state, next_attempt_at, attempts,"
            " fence, message_id, address, subject, sent_at, resent, error)"
            f" SELECT n.letter_id, n.recipient_id, n.slot, n.kind, n.topic, false, 'sent', n.slot, 1, 1,"
            f" '<letter.' || {hexed} || '@chinh-phu.example>', p.email, 'Đôn đốc thực hiện nhiệm vụ', n.slot, false, ''"
            " FROM (SELECT DISTINCT letter_id, recipient_id, slot, kind, topic FROM notice"
            " WHERE letter_id IS NOT NULL) n"
            " JOIN person p ON p.id = n.recipient_id"
        )
    )
    session.execute(text(_ATTEMPTED))
    drills = "SELECT 'incident:' || replace(CAST(id AS TEXT), '-', '') FROM incident WHERE is_drill"
    session.execute(text(f"UPDATE letter SET is_drill = true WHERE kind = 'incident' AND topic IN ({drills})"))
