"""The chain of seals as it is in the database, walked through from the first seal to the head and on into the tail."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, select
from sqlmodel import Session, col

from models.database.seal_keys import PublicKey, key_for
from models.tasks.history import History, HistoryNote, HistorySeal, salted_hash
from models.tasks.sealed_lines import (
    DIRECTIVE,
    ID,
    NOTE_HASH,
    RECORDED_AT,
    ROW_COLUMNS,
    TASK,
    as_written,
    line_digest,
    pieces,
    row_hash,
    seal_line,
)
from workflows.rules.chain import Break, ChainEntry, ChainFault, Mismatch, Verified, first_mismatch

_ROWS, _SEALS = 5_000, 200
"""So many rows, or seals, are held at a time; a single seal may hold more."""
_SALT, _TEXT, _SEAL = (len(ROW_COLUMNS) + place for place in range(3))
_COLUMNS = (*ROW_COLUMNS, col(HistoryNote.salt), col(HistoryNote.text), as_written(col(History.seal_id)).label("seal"))
_number = col(HistorySeal.number)
SEAL_COLUMNS = (
    _number,
    *(
        as_written(column).label(name)
        for name, column in (
            ("id", col(HistorySeal.id)),
            ("previous_id", col(HistorySeal.previous_id)),
            ("sealed_at", col(HistorySeal.sealed_at)),
            ("upto", col(HistorySeal.upto)),
        )
    ),
    *(col(HistorySeal.row_count), col(HistorySeal.digest), col(HistorySeal.row_ids), col(HistorySeal.row_hashes)),
    col(HistorySeal.signature),
)
"""A seal as its line is made of: ids and instants as text."""


def line_of(seal: Any, previous: str | None) -> bytes:
    return seal_line(seal.number, previous, seal.sealed_at, seal.upto, seal.row_count, seal.row_ids, seal.row_hashes)


def read_seals(session: Session) -> Iterator[list[Any]]:
    """In their order, few at a time."""
    after, size = 0, func.length(col(HistorySeal.row_ids)) / 16
    while True:
        counted = session.execute(select(_number, size).where(_number > after).order_by(_number).limit(_SEALS)).all()
        last, rows = after, 0
        for number, count in counted:
            if rows and rows + count > _ROWS:
                break
            last, rows = number, rows + int(count)
        if last == after:
            return
        query = select(*SEAL_COLUMNS).where(_number > after, last >= _number).order_by(_number)
        yield list(session.execute(query).all())
        after = last


@dataclass
class Chain:
    """The walk. `only`: a directive's id as text; of other rows it is only looked whether they are in their places.

    `publics`: the keys that sign, as a file outside the database says; without any, no signature is looked at.
    """

    session: Session
    only: str | None = None
    publics: list[PublicKey] = field(default_factory=list)
    so_far: Verified = field(default_factory=Verified)
    _previous: Any = None

    def walk(self) -> Break | None:
        """Stop at the first break; what held until then is in `so_far`."""
        for seals in read_seals(self.session):
            held = self._rows_of(seals)
            for seal in seals:
                broken = self._seal(seal) or self._rows(seal, held.get(seal.id, []))
                if broken is not None:
                    return broken
                self._previous = seal
        return self._tail()

    def _seal(self, seal: Any) -> Break | None:
        before, number = self._previous, self.so_far.seals + 1
        if seal.number != number:
            return Break(ChainFault.SEAL_MISSING, seal=number)
        follows = seal.previous_id == (before.id if before else None) and as_id(seal.id) is not None
        fits = line_of(seal, before.digest if before else None) if follows else b""
        if line_digest(fits) != seal.digest or not self._is_whole(seal):
            return Break(ChainFault.SEAL_CHANGED, seal=number)
        if (unsigned := self._signature(seal)) is not None:
            return Break(unsigned, seal=number)
        sealed_at = datetime.fromisoformat(seal.sealed_at)
        self.so_far = replace(self.so_far, seals=number, head=seal.digest, sealed_at=sealed_at)
        return None

    def _signature(self, seal: Any) -> ChainFault | None:
        """Only seals from before the first key need no signature."""
        key = key_for(seal.number, self.publics)
        if key is None:
            self.so_far = replace(self.so_far, unsigned=self.so_far.unsigned + 1)
            return None
        if seal.signature is None:
            return ChainFault.SIGNATURE_MISSING
        self.so_far = replace(self.so_far, signed=self.so_far.signed + 1)
        return None if key.has_signed(seal.number, seal.digest, seal.signature) else ChainFault.SIGNATURE_WRONG

    def _is_whole(self, seal: Any) -> bool:
        return bool(len(seal.row_ids) == 16 * seal.row_count and len(seal.row_hashes) == 32 * seal.row_count)

    def _rows(self, seal: Any, rows: list[Sequence[Any]]) -> Break | None:
        """Look at each row, and the words beside it, against what was sealed at its position."""
        ids = [one.hex() for one in pieces(seal.row_ids, 16)]
        sealed = [ChainEntry(*one) for one in zip(ids, pieces(seal.row_hashes, 32), strict=True)]
        rows.sort(key=lambda row: (str(row[RECORDED_AT]), str(row[ID])))
        kept = {entry.id: entry.hash for entry in sealed}
        wrong = first_mismatch(sealed, [ChainEntry(str(row[ID]), self._hash(row, kept)) for row in rows])
        for place, row in enumerate(rows[: wrong.place if wrong else None]):
            if not self._note_fits(row):
                return Break(ChainFault.NOTE_CHANGED, seal.number, place + 1, row[ID], row[TASK])
        if wrong is not None:
            return self._break(seal.number, wrong, rows)
        passed = self._previous.upto if self._previous else ""
        late = sum(row[RECORDED_AT] < passed for row in rows)
        self.so_far = replace(self.so_far, rows=self.so_far.rows + len(rows), late=self.so_far.late + late)
        return None

    def _hash(self, row: Sequence[Any], kept: Mapping[str, bytes]) -> bytes:
        if self.only is not None and row[DIRECTIVE] != self.only and row[ID] in kept:
            return kept[row[ID]]
        return row_hash(row)

    def _break(self, seal: int, wrong: Mismatch, rows: Sequence[Sequence[Any]]) -> Break:
        task = next((row[TASK] for row in rows if row[ID] == wrong.row_id), None)
        found_at = None if wrong.found_at is None else wrong.found_at + 1
        fault = wrong.fault
        if fault is ChainFault.ROW_MISSING:
            known = as_id(wrong.row_id)
            elsewhere = select(as_written(col(History.task_id))).where(col(History.id) == known)
            found = self.session.execute(elsewhere).first()
            if found is not None:  # it names another seal, or none
                fault, task = ChainFault.ROW_OUT_OF_ORDER, found[0]
        return Break(fault, seal, wrong.place + 1, wrong.row_id, task, found_at)

    def _note_fits(self, row: Sequence[Any]) -> bool:
        """The words beside a row are those of its hash, or were erased."""
        hash_, text = row[NOTE_HASH], row[_TEXT]
        if text is None:
            self.so_far = replace(self.so_far, erased=self.so_far.erased + (hash_ is not None))
            return True
        self.so_far = replace(self.so_far, notes=self.so_far.notes + 1)
        return bool(salted_hash(row[_SALT], text) == hash_)

    def _tail(self) -> Break | None:
        """Look at what is not sealed yet: how much, since when, and whether its words fit."""
        of_tail: list[ColumnElement[bool]] = [col(History.seal_id).is_(None)]
        if self.only is not None:
            of_tail.append(col(History.directive_id) == UUID(self.only))
        count, since = self.session.execute(select(func.count(), func.min(History.recorded_at)).where(*of_tail)).one()
        self.so_far = replace(self.so_far, tail=count, tail_since=since)
        noted = _rows_query().where(*of_tail, col(History.note_hash).is_not(None)).execution_options(yield_per=_ROWS)
        with self.session.execute(noted) as found:
            wrong = next((row for row in found if not self._note_fits(row)), None)
        return Break(ChainFault.NOTE_CHANGED, row_id=wrong[ID], task_id=wrong[TASK]) if wrong is not None else None

    def _rows_of(self, seals: Sequence[Any]) -> dict[str, list[Sequence[Any]]]:
        found: dict[str, list[Sequence[Any]]] = {}
        ids = [known for seal in seals if (known := as_id(seal.id)) is not None]
        with self.session.connection().execute(_rows_query().where(col(History.seal_id).in_(ids))) as result:
            for row in result.cursor.fetchall():
                found.setdefault(row[_SEAL], []).append(row)
        return found


def _rows_query() -> Any:
    return select(*_COLUMNS).outerjoin(HistoryNote, col(HistoryNote.history_id) == col(History.id))


def as_id(text: Any) -> UUID | None:
    """As it is in the database; None where it is no id, or was damaged."""
    try:
        return None if text is None else UUID(text)
    except (ValueError, AttributeError, TypeError):
        return None
