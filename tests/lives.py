"""Lives of tasks told without a database: by hand, or many generated whose lateness follows known causes."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID, uuid5

from models.database.ids import ZERO_ID, new_id
from models.directives.directive import DutyKind
from models.text.localtime import at_local
from workflows.rules.tasks.classification import HistoryRow
from workflows.rules.tasks.task_life import TaskRecord

AN, BA = UUID(int=1), UUID(int=2)
_STATUSES = {
    "assigned": "assigned",
    "accepted": "accepted",
    "progress": "accepted",
    "submitted": "submitted",
    "received": "submitted",
    "returned": "returned",
    "approved": "approved",
    "withdrawn": "withdrawn",
    "reopened": "accepted",
    "lead_changed": "assigned",
    "assigned_on": "accepted",
    "cascaded": "accepted",
}


@dataclass
class Teller:
    """One task, told event by event."""

    id: UUID = field(default_factory=new_id)
    kind: DutyKind = DutyKind.ONE_OFF
    rows: list[HistoryRow] = field(default_factory=list)

    def assigned(
        self, on: date, due: date | None, unit: UUID = AN, *, root: bool = True, drill: bool = False
    ) -> "Teller":
        due_on = due.isoformat() if due else None
        return self.then("assigned", on, due_on=due_on, unit=unit.hex, root=root, drill=drill)

    def then(self, event: str, on: date, occurred: date | None = None, /, **facts: Any) -> "Teller":
        moment = at_local(on) + timedelta(seconds=len(self.rows))
        self.rows.append(HistoryRow(moment, event, occurred or on, _STATUSES.get(event), facts))
        return self

    def done(self, on: date, approved: date | None = None) -> "Teller":
        return self.then("submitted", on).then("approved", approved or on, counts_on=on.isoformat())

    @property
    def told(self) -> TaskRecord:
        return TaskRecord(self.id, ZERO_ID, self.kind, tuple(self.rows))


def generate(seed: int, until: date, *, months: int = 24) -> Iterator[TaskRecord]:
    """Some hundred tasks of twelve units over two years.

    Every unit asks, is blocked, is silent, accepts slowly as it happens. A third of the units is late most of the
    time, and a unit that is silent or blocked is late more often.
    """
    random = Random(seed)
    for unit in range(12):
        is_slow = unit < 4
        for month in range(months):
            for copy in range(2):
                given = until - timedelta(days=30 * (months - month) + random.randrange(25))
                told = _life(random, UUID(int=100 + unit), given, is_slow=is_slow)
                told.id = uuid5(ZERO_ID, f"{seed}-{unit}-{month}-{copy}")
                rows = tuple(row for row in told.rows if row.recorded_at < _end(until))
                yield TaskRecord(told.id, ZERO_ID, told.kind, rows)


def _end(day: date) -> datetime:
    return at_local(day) + timedelta(hours=16)


def _life(random: Random, unit: UUID, given: date, *, is_slow: bool) -> Teller:
    whole = random.randrange(20, 45)
    due = given + timedelta(days=whole)
    speaks, blocked, asks, slow_start = (random.random() < chance for chance in (0.5, 0.2, 0.2, 0.2))
    chance = (0.75 if is_slow else 0.05) + (0.2 if blocked or not speaks else 0)
    sent = due + timedelta(days=random.randrange(1, 20)) if random.random() < chance else None
    sent = sent or given + timedelta(days=round(whole * random.uniform(0.4, 1)))
    teller = Teller().assigned(given, due, unit)
    moments: list[tuple[int, str, dict[str, Any]]] = [(random.randrange(8, 12) if slow_start else 1, "accepted", {})]
    if speaks:
        moments.append((round(whole * random.uniform(0.3, 0.6)), "progress", {}))
    if asks:
        moments.append((round(whole * 0.5), "extension_asked", {}))
        moments.append((round(whole * 0.5) + 2, "extension_refused", {}))
    if blocked:
        raised = given + timedelta(days=round(whole * 0.4))
        moments.append(((raised - given).days, "obstacle_raised", {"respond_on": str(raised + timedelta(days=5))}))
        moments.append(((raised - given).days + 15, "obstacle_answered", {}))
    for after, event, facts in sorted(moments, key=lambda one: one[0]):
        if given + timedelta(days=after) < sent:
            teller.then(event, given + timedelta(days=after), **facts)
    return teller.done(sent, sent + timedelta(days=2))
