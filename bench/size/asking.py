"""The hot verbs on very much data, each undone: how long, and how many blocks the database looks at."""

import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Engine, func, select, text
from sqlmodel import Session, col

from models.database.session import dry_run_session
from models.directives.directive import Directive
from models.directives.launch import Launch
from models.organization.person import Person, PersonRole, Role
from models.tasks.task import OPEN_STATUSES, Task
from models.text.localtime import local_date
from notifications.outbox.claims import next_letters
from workflows.access.rights import read_principal
from workflows.delivery.letters.letters_view import LetterFilter, list_seen
from workflows.escalation.sweep import sweep_batch
from workflows.history.seal import seal_batch
from workflows.history.verify_history import first_lost
from workflows.organization.working_calendar import load_calendar
from workflows.reports.report_figures import report
from workflows.worklists.search import search
from workflows.worklists.task_view import read_sheet

Verb = Callable[[Session], object]
_BLOCKS = "SELECT blks_hit + blks_read FROM pg_stat_database WHERE datname = current_database()"


@dataclass(frozen=True)
class Asked:
    """One verb: its median in milliseconds, and the blocks of 8 KB that it looked at."""

    verb: str
    took: float
    blocks: int


def ask(engine: Engine, now: datetime, times: int) -> Iterator[Asked]:
    """Every verb, `times` times after a first that is not counted."""
    with dry_run_session(engine) as session:
        verbs = _verbs(session, now)
    for name, verb in verbs.items():
        taken, blocks = list[float](), list[int]()
        for _turn in range(times + 1):
            with dry_run_session(engine) as session:
                before = _blocks(session)
                started = time.perf_counter()
                verb(session)
                session.flush()
                taken.append((time.perf_counter() - started) * 1000)
                blocks.append(_blocks(session) - before)
        yield Asked(name, statistics.median(taken[1:]), int(statistics.median(blocks[1:])))


def _blocks(session: Session) -> int:
    session.execute(text("SELECT pg_stat_force_next_flush()"))
    session.execute(text("SELECT pg_stat_clear_snapshot()"))
    return int(session.execute(text(_BLOCKS)).scalar_one())


def _verbs(session: Session, now: datetime) -> dict[str, Verb]:
    calendar, today = load_calendar(session), local_date(now)
    task: Any = session.scalars(
        select(Task).where(col(Task.status).in_(OPEN_STATUSES)).order_by(col(Task.revision).desc()).limit(1)
    ).one()
    widest = session.scalars(
        select(col(Directive.code))
        .join(Task, col(Task.directive_id) == col(Directive.id))
        .where(col(Directive.id).in_(select(col(Launch.directive_id))))
        .group_by(col(Directive.code))
        .order_by(func.count().desc())
        .limit(1)
    ).one()
    people = dict(session.execute(select(col(PersonRole.role), col(PersonRole.person_id))).tuples().all())
    reader = read_principal(session, session.get_one(Person, people[Role.ADMINISTRATOR]), today)
    head = read_principal(session, session.get_one(Person, task.coordinator_id), today)
    cut = now - timedelta(days=1)
    return {
        "tick: sweep 1,000 due": lambda s: sweep_batch(s, now=now + timedelta(days=3), calendar=calendar, limit=1000),
        "find 200 letters": lambda s: next_letters(s, now=now, limit=200),
        "a task's page": lambda s: read_sheet(s, head, task.id, now=now, calendar=calendar),
        "letters, newest page": lambda s: list_seen(s, reader, LetterFilter()),
        "search": lambda s: search(s, reader, "an toàn thông tin", now=now),
        "report, one directive": lambda s: report(s, cutoff=local_date(cut), directive=widest),
        "report, everything": lambda s: report(s, cutoff=local_date(cut)),
        "seal 5,000 rows": lambda s: seal_batch(s, now, cut).rows,
        "verify: what is lost": first_lost,
    }
