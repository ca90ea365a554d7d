"""The eleven rows of the bundled directive in a played demo: who submitted, who decided, which letters left.

    python -m bench.rows_of_the_demo             plays the demo in a folder that is deleted again
    python -m bench.rows_of_the_demo FOLDER      reads a demo that was played there

Units stand for their people. A letter counts once for each row that it speaks of.
"""

import sys
import tempfile
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, func, select
from sqlmodel import Session, col

from models.database.secret_keys import keys_of
from models.database.session import open_engine, reading
from models.directives.directive import Directive, Duty
from models.inspections.inspection import Inspection, InspectionFinding, InspectionItem, Verdict
from models.letters.letter import Letter, LetterKind, LetterState, Notice
from models.organization.person import Person
from models.organization.unit import Unit
from models.settings import MailSettings, Settings
from models.tasks.history import History
from models.tasks.task import Task
from workflows.delivery.mail_lines import open_sender
from workflows.operations.demo_story import play, prepare
from workflows.operations.setup import BUNDLED
from workflows.reports.report_figures import report

_SENT, _DECIDED = ("submitted", "received", "corrected"), ("approved", "returned")


@dataclass
class Row:
    """One duty: its tasks by status, how many were asked for singly or by an incident, and what happened to them."""

    path: str
    title: str
    tasks: Counter[str] = field(default_factory=Counter)
    asked: Counter[str] = field(default_factory=Counter)  # once and period, request, incident
    submitted: Counter[str] = field(default_factory=Counter)  # by the unit of who sent it, or of the clerk
    decided: Counter[str] = field(default_factory=Counter)  # likewise, with what was decided
    letters: Counter[LetterKind] = field(default_factory=Counter)
    readers: Counter[str] = field(default_factory=Counter)  # units that got them
    inspections: int = 0
    findings: int = 0  # shortcomings under this row


def play_demo(engine: Engine, settings: Settings, *, now: datetime) -> None:
    """Play it whole, each letter through real SMTP."""
    prepare(engine, now=now)
    with open_sender(settings) as sender:
        for _day in play(engine, settings, sender, now=now):
            pass


def read_rows(session: Session) -> dict[str, Row]:
    """Return the rows by their paths, in the order of the directive."""
    directive = session.execute(select(Directive).where(col(Directive.code) == BUNDLED)).scalar_one()
    duties = session.execute(
        select(Duty).where(col(Duty.directive_id) == directive.id).order_by(col(Duty.position))
    ).scalars()
    rows = {duty.path: Row(duty.path, duty.title) for duty in duties}
    of_duty: Any = select(col(Duty.path), col(Task.status), col(Task.occurrence)).join(
        Task, col(Task.duty_id) == col(Duty.id)
    )
    for path, status, occurrence in session.execute(of_duty.where(col(Duty.directive_id) == directive.id)):
        rows[path].tasks[status.value] += 1
        rows[path].asked[occurrence.partition(":")[0] if ":" in occurrence else "planned"] += 1
    done: Any = (
        select(col(Duty.path), col(History.event), func.coalesce(col(Unit.code), "–"), func.count())
        .join(Task, col(Task.id) == col(History.task_id))
        .join(Duty, col(Duty.id) == col(Task.duty_id))
        .outerjoin(Person, col(Person.id) == col(History.actor_id))
        .outerjoin(Unit, col(Unit.id) == col(Person.unit_id))
        .where(col(Duty.directive_id) == directive.id, col(History.event).in_((*_SENT, *_DECIDED)))
        .group_by(col(Duty.path), col(History.event), col(Unit.code))
    )
    for path, event, unit, count in session.execute(done):
        if event in _SENT:
            rows[path].submitted[unit] += count
        else:
            rows[path].decided[f"{unit} {event}"] += count
    told: Any = (
        select(col(Duty.path), col(Letter.id), col(Letter.kind), func.coalesce(col(Unit.code), "–"))
        .join(Notice, col(Notice.letter_id) == col(Letter.id))
        .join(Task, col(Task.id) == col(Notice.task_id))
        .join(Duty, col(Duty.id) == col(Task.duty_id))
        .join(Person, col(Person.id) == col(Letter.recipient_id))
        .outerjoin(Unit, col(Unit.id) == col(Person.unit_id))
        .where(col(Duty.directive_id) == directive.id, col(Letter.state) == LetterState.SENT)
        .distinct()
    )
    for path, _letter, kind, unit in session.execute(told):
        rows[path].letters[kind] += 1
        rows[path].readers[unit] += 1
    inspected: Any = (
        select(col(Duty.path), col(InspectionItem.inspection_id), col(InspectionFinding.verdict))
        .join(InspectionItem, col(InspectionItem.duty_id) == col(Duty.id))
        .join(Inspection, col(Inspection.id) == col(InspectionItem.inspection_id))
        .outerjoin(InspectionFinding, col(InspectionFinding.item_id) == col(InspectionItem.id))
        .where(col(Inspection.directive_id) == directive.id)
    )
    seen = set()
    for path, inspection_id, verdict in session.execute(inspected):
        seen.add((path, inspection_id))
        rows[path].findings += verdict in (Verdict.PARTLY, Verdict.NOT_MET)
    for path, _inspection in seen:
        rows[path].inspections += 1
    return rows


def outside_letters(session: Session) -> int:
    """Return how many letters went to people of outside units, as the police are."""
    query = select(func.count()).select_from(Letter).join(Person, col(Person.id) == col(Letter.recipient_id))
    query = query.join(Unit, col(Unit.id) == col(Person.unit_id)).where(col(Unit.is_outside))
    return int(session.execute(query).scalar_one())


def _print(engine: Engine, cutoff: date) -> None:
    with reading(engine) as session:
        for row in read_rows(session).values():
            print(f"{row.path}  {row.title}")
            print(f"  tasks      {_told(row.tasks)}  ({_told(row.asked)})")
            print(f"  submitted  {_told(row.submitted)}")
            print(f"  decided    {_told(row.decided)}")
            print(f"  letters    {_told(Counter({kind.value: count for kind, count in row.letters.items()}))}")
            print(f"  read by    {len(row.readers)} units: {_told(Counter(dict(row.readers.most_common(6))))}")
            if row.inspections:
                print(f"  inspected  {row.inspections} inspection, {row.findings} shortcomings")
        kinds = (
            select(col(Letter.kind), func.count())
            .where(col(Letter.state) == LetterState.SENT)
            .group_by(col(Letter.kind))
        )
        letters: Counter[str] = Counter({kind.value: count for kind, count in session.execute(kinds)})
        found = report(session, cutoff=cutoff, directive=BUNDLED).figures
        print(f"\nletters {letters.total()}: {_told(letters)}; to people outside: {outside_letters(session)}")
        print(
            f"total {found.total}: done on time {found.done_on_time}, late {found.done_late}; "
            f"open in time {found.open_in_time}, overdue {found.open_overdue}"
        )


def _told(counted: Counter[str]) -> str:
    return ", ".join(f"{name} {count}" for name, count in counted.most_common()) or "–"


def main() -> None:
    now = datetime.now(UTC)
    if len(sys.argv) > 1:
        settings = Settings(data=Path(sys.argv[1]))
        _print(open_engine(settings.url, keys_of(settings)), now.date())
        return
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(data=Path(folder), mail=MailSettings(mode="local"))
        engine = open_engine(settings.url, keys_of(settings))
        play_demo(engine, settings, now=now)
        _print(engine, now.date())


if __name__ == "__main__":
    main()
