"""A directive's history as it was sealed: its lines, the words beside them, and what proves their places in the chain.

The chain runs through the rows of all directives. Of those of others the archive holds the hashes alone, and only in
seals in which this directive has a row: they tell nothing, and yet the digest of each seal can be computed anew.
"""

import hashlib
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlmodel import Session, col

from models.errors import Refused
from models.tasks.history import RECORDED, History, HistoryNote, HistorySeal
from models.tasks.sealed_lines import ID, ROW_COLUMNS, line_digest, pieces, row_line
from workflows.history.archive.archived_records import Mentioned
from workflows.history.archive.zip_writer import ArchiveWriter, as_json, beside
from workflows.history.seal_chain import line_of, read_seals

_BATCH = 2_000
_ACTOR = 6
_WIDTH = len(ROW_COLUMNS)


def write_history(
    session: Session, archive: ArchiveWriter, directive_id: UUID, mentioned: Mentioned
) -> tuple[dict[str, int], dict[str, Any] | None]:
    """Write history.jsonl, history_tail.jsonl, notes.jsonl, seal_rows.jsonl and seal.jsonl; count and the head.

    Refused where the rows are not those that were sealed: no archive is made that could not be verified.
    """
    counts = {"history": 0, "tail": 0, "notes": 0}
    with beside() as notes, beside() as places:

        def put(row: Sequence[Any], target: Any) -> bytes:
            line = row_line(row)
            target.write(line + b"\n")
            if row[_ACTOR] is not None:
                mentioned.people.add(UUID(row[_ACTOR]))
            salt, text = row[_WIDTH : _WIDTH + 2]
            if text is not None:
                counts["notes"] += 1
                notes.write(as_json({"history_id": row[ID], "salt": salt, "text": text}) + b"\n")
            return line

        with archive.member("history.jsonl") as target, closing(_by_seal(session, directive_id)) as sealed:
            for seal, rows in sealed:
                positions = [seal.place(row, put(row, target)) for row in rows]
                counts["history"] += len(positions)
                one = {"seal": seal.number, "positions": positions, "hashes": seal.hashes.hex()}
                places.write(as_json(one) + b"\n")
        with archive.member("history_tail.jsonl") as target:
            for row in _tail(session, directive_id):
                put(row, target)
                counts["tail"] += 1
        archive.copy("notes.jsonl", notes)
        archive.copy("seal_rows.jsonl", places)
    return counts, _write_seals(session, archive)


@dataclass(frozen=True)
class _Seal:
    """The rows of a seal, of whatever directive: their hashes side by side, and at which place each stands."""

    number: int
    hashes: bytes
    places: dict[str, int]

    def place(self, row: Sequence[Any], line: bytes) -> int:
        """From 1. Refused where the row is not as it was sealed."""
        place = self.places.get(row[ID])
        if place is None or self.hashes[32 * place : 32 * place + 32] != hashlib.sha256(line).digest():
            raise Refused(
                "the history is not as it was sealed (seal {seal}, line {row}): see `dondoc verify`",
                seal=self.number,
                row=row[ID],
            )
        return place + 1


def _by_seal(session: Session, directive_id: UUID) -> Generator[tuple[_Seal, Iterator[Any]]]:
    """Each seal that has rows of the directive, with these in their order."""
    query = (
        _query(directive_id)
        .add_columns(col(HistorySeal.number))
        .join(HistorySeal, col(HistorySeal.id) == col(History.seal_id))
        .order_by(col(HistorySeal.number), *RECORDED)
    )
    held = select(col(HistorySeal.row_ids), col(HistorySeal.row_hashes))
    with session.execute(query.execution_options(yield_per=_BATCH)) as found:
        for number, rows in groupby(found, key=itemgetter(-1)):
            ids, hashes = session.execute(held.where(col(HistorySeal.number) == number)).one()
            yield _Seal(number, hashes, {one.hex(): place for place, one in enumerate(pieces(ids, 16))}), rows


def _tail(session: Session, directive_id: UUID) -> Iterator[Any]:
    query = _query(directive_id).where(col(History.seal_id).is_(None))
    query = query.order_by(*RECORDED)
    yield from session.execute(query.execution_options(yield_per=_BATCH))


def _query(directive_id: UUID) -> Any:
    with_notes = select(*ROW_COLUMNS, col(HistoryNote.salt), col(HistoryNote.text))
    joined = with_notes.select_from(History).outerjoin(HistoryNote, col(HistoryNote.history_id) == col(History.id))
    return joined.where(col(History.directive_id) == directive_id)


def _write_seals(session: Session, archive: ArchiveWriter) -> dict[str, Any] | None:
    """Write every seal's line from the first to the head, and return that; refused where one does not follow.

    Their signatures stand beside them, in signatures.jsonl.
    """
    previous, head = None, None
    with beside() as signatures:
        with archive.member("seals.jsonl") as target:
            for seals in read_seals(session):
                for seal in seals:
                    line = line_of(seal, previous)
                    previous = line_digest(line)
                    if previous != seal.digest:
                        raise Refused(
                            "the history is not as it was sealed (seal {seal}, line {row}): see `dondoc verify`",
                            seal=seal.number,
                            row="–",
                        )
                    target.write(line + b"\n")
                    if seal.signature is not None:
                        one = {"seal": seal.number, "digest": seal.digest, "signature": seal.signature}
                        signatures.write(as_json(one) + b"\n")
                    head = {"number": seal.number, "digest": seal.digest, "sealed_at": seal.sealed_at}
        archive.copy("signatures.jsonl", signatures)
    return head
