"""Walk through the chain of seals in the database: from the first seal to the head, then the unsealed tail."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, select
from sqlmodel import Session, col

from models.database.seal_keys import PublicKey, find_public_key
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
"""Rows, or seals, that are held in memory at a time; a single seal may have more rows."""
_SALT, _TEXT, _SEAL = (len(ROW_COLUMNS) + offset for offset in range(3))
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
"""The columns of a seal's line: ids and instants as text."""


def line_of(seal: Any, previous: str | None) -> bytes:
    return seal_line(seal.number, previous, seal.sealed_at, seal.upto, seal.row_count, seal.row_ids, seal.row_hashes)


def read_seals(session: Session) -> Iterator[list[Any]]:
    """Yield the seals in their order, a few at a time."""
    after, size = 0, func.length(col(HistorySeal.row_ids)) / 16
    while True:
        sizes = session.execute(select(_number, size).where(_number > after).order_by(_number).limit(_SEALS)).all()
        last, rows = after, 0
        for number, count in sizes:
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
    """A walk through the chain. With a `directive_id` (as text), rows of other directives need only be in their places.

    `public_keys` come from a file outside the database. Without any, signatures are not checked.
    """

    session: Session
    directive_id: str | None = None
    public_keys: list[PublicKey] = field(default_factory=list)
    verified: Verified = field(default_factory=Verified)
    _previous: Any = None

    def walk(self) -> Break | None:
        """Stop at the first break. `verified` then counts what is right before it."""
        for seals in read_seals(self.session):
            rows_by_seal = self._read_rows(seals)
            for seal in seals:
                broken = self._check_seal(seal) or self._check_rows(seal, rows_by_seal.get(seal.id, []))
                if broken is not None:
                    return broken
                self._previous = seal
        return self._check_tail()

    def _check_seal(self, seal: Any) -> Break | None:
        previous, number = self._previous, self.verified.seals + 1
        if seal.number != number:
            return Break(ChainFault.SEAL_MISSING, seal=number)
        follows = seal.previous_id == (previous.id if previous else None) and as_id(seal.id) is not None
        line = line_of(seal, previous.digest if previous else None) if follows else b""
        if line_digest(line) != seal.digest or not self._is_whole(seal):
            return Break(ChainFault.SEAL_CHANGED, seal=number)
        if (fault := self._check_signature(seal)) is not None:
            return Break(fault, seal=number)
        sealed_at = datetime.fromisoformat(seal.sealed_at)
        self.verified = replace(self.verified, seals=number, head=seal.digest, sealed_at=sealed_at)
        return None

    def _check_signature(self, seal: Any) -> ChainFault | None:
        """Require a signature of every seal from the first key on."""
        key = find_public_key(seal.number, self.public_keys)
        if key is None:
            self.verified = replace(self.verified, unsigned=self.verified.unsigned + 1)
            return None
        if seal.signature is None:
            return ChainFault.SIGNATURE_MISSING
        self.verified = replace(self.verified, signed=self.verified.signed + 1)
        return None if key.has_signed(seal.number, seal.digest, seal.signature) else ChainFault.SIGNATURE_WRONG

    def _is_whole(self, seal: Any) -> bool:
        return bool(len(seal.row_ids) == 16 * seal.row_count and len(seal.row_hashes) == 32 * seal.row_count)

    def _check_rows(self, seal: Any, rows: list[Sequence[Any]]) -> Break | None:
        """Compare each row and its note with what was sealed at its position."""
        ids = [packed.hex() for packed in pieces(seal.row_ids, 16)]
        sealed = [ChainEntry(*entry) for entry in zip(ids, pieces(seal.row_hashes, 32), strict=True)]
        rows.sort(key=lambda row: (str(row[RECORDED_AT]), str(row[ID])))
        sealed_hashes = {entry.id: entry.hash for entry in sealed}
        mismatch = first_mismatch(sealed, [ChainEntry(str(row[ID]), self._hash(row, sealed_hashes)) for row in rows])
        for place, row in enumerate(rows[: mismatch.place if mismatch else None]):
            if not self._is_note_right(row):
                return Break(ChainFault.NOTE_CHANGED, seal.number, place + 1, row[ID], row[TASK])
        if mismatch is not None:
            return self._locate(mismatch, seal.number, rows)
        previous_end = self._previous.upto if self._previous else ""
        late = sum(row[RECORDED_AT] < previous_end for row in rows)
        self.verified = replace(self.verified, rows=self.verified.rows + len(rows), late=self.verified.late + late)
        return None

    def _hash(self, row: Sequence[Any], sealed_hashes: Mapping[str, bytes]) -> bytes:
        """Compute a row's hash; take it as sealed for rows of other directives than the one that is checked."""
        if self.directive_id is not None and row[DIRECTIVE] != self.directive_id and row[ID] in sealed_hashes:
            return sealed_hashes[row[ID]]
        return row_hash(row)

    def _locate(self, mismatch: Mismatch, seal: int, rows: Sequence[Sequence[Any]]) -> Break:
        """Return the break of a mismatch, with its task. Places count from 1."""
        task_id = next((row[TASK] for row in rows if row[ID] == mismatch.row_id), None)
        found_at = None if mismatch.found_at is None else mismatch.found_at + 1
        fault = mismatch.fault
        if fault is ChainFault.ROW_MISSING:
            query = select(as_written(col(History.task_id))).where(col(History.id) == as_id(mismatch.row_id))
            row = self.session.execute(query).first()
            if row is not None:  # it names another seal, or none
                fault, task_id = ChainFault.ROW_OUT_OF_ORDER, row[0]
        return Break(fault, seal, mismatch.place + 1, mismatch.row_id, task_id, found_at)

    def _is_note_right(self, row: Sequence[Any]) -> bool:
        """Compare a row's note with its hash. An erased note is right."""
        note_hash, text = row[NOTE_HASH], row[_TEXT]
        if text is None:
            self.verified = replace(self.verified, erased=self.verified.erased + (note_hash is not None))
            return True
        self.verified = replace(self.verified, notes=self.verified.notes + 1)
        return bool(salted_hash(row[_SALT], text) == note_hash)

    def _check_tail(self) -> Break | None:
        """Count the unsealed rows and check their notes."""
        in_tail: list[ColumnElement[bool]] = [col(History.seal_id).is_(None)]
        if self.directive_id is not None:
            in_tail.append(col(History.directive_id) == UUID(self.directive_id))
        count, since = self.session.execute(select(func.count(), func.min(History.recorded_at)).where(*in_tail)).one()
        self.verified = replace(self.verified, tail=count, tail_since=since)
        with_notes = _rows_query().where(*in_tail, col(History.note_hash).is_not(None))
        with self.session.execute(with_notes.execution_options(yield_per=_ROWS)) as rows:
            for row in rows:
                if not self._is_note_right(row):
                    return Break(ChainFault.NOTE_CHANGED, row_id=row[ID], task_id=row[TASK])
        return None

    def _read_rows(self, seals: Sequence[Any]) -> dict[str, list[Sequence[Any]]]:
        rows_by_seal: dict[str, list[Sequence[Any]]] = {}
        ids = [seal_id for seal in seals if (seal_id := as_id(seal.id)) is not None]
        with self.session.connection().execute(_rows_query().where(col(History.seal_id).in_(ids))) as result:
            for row in result.cursor.fetchall():
                rows_by_seal.setdefault(row[_SEAL], []).append(row)
        return rows_by_seal


def _rows_query() -> Any:
    return select(*_COLUMNS).outerjoin(HistoryNote, col(HistoryNote.history_id) == col(History.id))


def as_id(text: Any) -> UUID | None:
    """Parse an id of the database. Return None for a damaged one."""
    try:
        return None if text is None else UUID(text)
    except (ValueError, AttributeError, TypeError):
        return None
