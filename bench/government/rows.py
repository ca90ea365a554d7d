"""Rows as text that both databases take as they stand, gathered by table, and the ids in them.

Days are ordinals, moments seconds of a UTC day: within Vietnam's working hours that day is the local one.
"""

from datetime import date
from functools import cache
from random import Random
from typing import Any

from sqlmodel import Session

from bench.bulk import Row, write_text
from bench.web.values import OPENS, day_text
from workflows.rules.calendar.workdays import WorkCalendar

__all__ = ["COLUMNS", "OPENS", "Days", "Ids", "Rows", "day_text", "end_text", "moment_text"]

_EPOCH = date(1970, 1, 1).toordinal()
_CLOCK = tuple(f" {s // 3600:02d}:{s // 60 % 60:02d}:{s % 60:02d}.000000" for s in range(86_400))
_ODD = 0x9E3779B97F4A7C1 | 1  # any odd factor is a bijection of 60 bits: numbers in a row become digits without one
_BITS = (1 << 60) - 1
_MANY = ("history", "notice")
BATCH = 50_000
"""Rows of a table that are written at once."""

COLUMNS = {
    table: tuple(names.split())
    for table, names in {
        "unit": "id code name name_folded sort_key kind is_outside is_active parent_id supervising_unit_id head_id"
        " deputy_id focal_point_id email",
        "unit_tag": "unit_id tag",
        "person": "id code full_name name_folded sort_key address_form unit_address title unit_id email language"
        " is_active",
        "person_role": "person_id role unit_id",
        "handover": "id unit_id office from_person_id to_person_id effective_on recorded_at",
        "absence": "id person_id stand_in_id starts_on ends_on reason",
        "task": "id directive_id duty_id launch_id template_version_id incident_id is_drill assigned_unit_id"
        " lead_unit_id occurrence parent_key assigner_unit_id coordinator_id officer_id status assigned_at"
        " assigned_anchor_id accepted_at original_due_at due_at due_set_at due_anchor_id due_revision due_fixed_by"
        " due_reason due_facts wait_kind wait_since wait_anchor_id submitted_on closed_at next_check_at revision",
        "history": "id recorded_at occurred_on directive_id task_id event actor_id relation from_status to_status"
        " facts note_hash",
        "history_note": "history_id salt text",
        "contribution": "task_id unit_id contributed_at contributed_by note",
        "result": "id task_id number number_words document_date subject signer is_classified submitted_at"
        " submitted_by received_on decision decided_at decided_by",
        "extension": "id task_id asked_at asked_by asked_due_on reason by_issuer state decided_at decided_by"
        " decided_due_on decision_reason",
        "obstacle": "id task_id raised_at raised_by text authority_unit_id respond_by answered_at answered_by answer",
        "notice": "id task_id anchor_id rung offset role recipient_id fired_at slot kind topic state letter_id reason",
    }.items()
}


class Ids:
    """Version 7 identities, each once, the same for the same seed; their last digits tell nothing."""

    def __init__(self, seed: int) -> None:
        self._offset, self._count = Random(seed).getrandbits(60), 0

    def make(self, day: int, seconds: int = OPENS) -> str:
        """One of a moment, as 32 hexadecimal digits."""
        self._count = count = self._count + 1
        since = ((day - _EPOCH) * 86_400 + seconds) * 1000
        return f"{since:012x}7{count & 0xFFF:03x}8{(count * _ODD + self._offset) & _BITS:015x}"


def letter_id(person: int, kind: int, topic: int, day: int, seconds: int) -> str:
    """The identity of a person's letter of a moment: whoever tells of it knows it without looking."""
    return f"{((day - _EPOCH) * 86_400 + seconds) * 1000:012x}7{kind:03x}8{topic:07x}{person:08x}"


def moment_text(day: int, seconds: int = OPENS) -> str:
    """A moment as both databases read it (UTC)."""
    return day_text(day) + _CLOCK[seconds]


@cache
def end_text(day: int) -> str:
    """24:00 local of a day: how every `due_at` is stored."""
    return day_text(day) + _CLOCK[17 * 3600]


class Days:
    """The working calendar by ordinals, each question asked once."""

    def __init__(self, calendar: WorkCalendar) -> None:
        self.calendar = calendar
        self._added: dict[tuple[int, int], int] = {}
        self._on: dict[int, int] = {}

    def add(self, day: int, working: int) -> int:
        """So many working days after a day, or before it; of 0 the day itself."""
        found = self._added.get((day, working))
        if found is None:
            found = self._added[day, working] = self.calendar.add(date.fromordinal(day), working).toordinal()
        return found

    def on_or_after(self, day: int) -> int:
        """The day itself if it is worked, else the next that is."""
        found = self._on.get(day)
        if found is None:
            found = self._on[day] = self.calendar.on_or_after(date.fromordinal(day)).toordinal()
        return found


class Rows:
    """Gathers rows and writes them by the driver's quickest way."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self.null: Any = None if session.connection().dialect.name == "sqlite" else "\\N"
        """What stands for NULL in the tables of `_MANY`, whose rows are joined as they are."""
        self._rows: dict[str, list[Row]] = {table: [] for table in COLUMNS}
        self._slash = "\\" if self.null is None else "\\\\"
        self.of = self._rows.__getitem__
        """The list of a table's rows that are still to be written."""

    def words(self, text: str) -> str:
        """A text that may hold a backslash, as keys that sort do, as this database's way of writing wants it."""
        return text.replace("\\", self._slash)

    def flush(self, least: int = 1) -> None:
        """Writes the tables that have gathered so many rows."""
        for table, rows in self._rows.items():
            if len(rows) >= least:
                if table in _MANY and self.null is not None:
                    self._copy(table, rows)
                else:
                    write_text(self._session, table, COLUMNS[table], rows)
                rows.clear()

    def _copy(self, table: str, rows: list[Any]) -> None:
        """As `write_text`, without looking at each value."""
        names = ", ".join(f'"{column}"' for column in COLUMNS[table])
        cursor = self._session.connection().connection.cursor()
        with cursor.copy(f'COPY "{table}" ({names}) FROM STDIN') as copy:
            copy.write("\n".join(map("\t".join, rows)) + "\n")
