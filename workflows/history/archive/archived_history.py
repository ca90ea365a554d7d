"""Write a directive's history as it was sealed: its lines, their notes, and the proof of their places in the chain.

The chain contains the rows of all directives. For rows of other directives the archive has only hashes, and only in
seals that contain a row of this directive. The hashes reveal nothing, but each seal's digest can be computed from them.
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
    """Write the files of the history and of the seals. Return their counts and the head of the chain.

    Raises Refused if the rows are not those that were sealed, because such an archive could not be verified.
    """
    counts = {"history": 0, "tail": 0, "notes": 0}
    with beside() as notes, beside() as seal_rows:

        def write_row(row: Sequence[Any], target: Any) -> bytes:
            line = row_line(row)
            target.write(line + b"\n")
            if row[_ACTOR] is not None:
                mentioned.people.add(UUID(row[_ACTOR]))
            salt, text = row[_WIDTH : _WIDTH + 2]
            if text is not None:
                counts["notes"] += 1
                notes.write(as_json({"history_id": row[ID], "salt": salt, "text": text}) + b"\n")
            return line

        with archive.member("history.jsonl") as target, closing(_read_sealed(session, directive_id)) as sealed:
            for seal, rows in sealed:
                positions = [seal.find_position(row, write_row(row, target)) for row in rows]
                counts["history"] += len(positions)
                proof = {"seal": seal.number, "positions": positions, "hashes": seal.hashes.hex()}
                seal_rows.write(as_json(proof) + b"\n")
        with archive.member("history_tail.jsonl") as target:
            for row in _read_unsealed(session, directive_id):
                write_row(row, target)
                counts["tail"] += 1
        archive.copy("notes.jsonl", notes)
        archive.copy("seal_rows.jsonl", seal_rows)
    return counts, _write_seals(session, archive)


@dataclass(frozen=True)
class _Seal:
    """The hashes of a seal's rows, joined, and the place of each row by its id (from 0)."""

    number: int
    hashes: bytes
    places: dict[str, int]

    def find_position(self, row: Sequence[Any], line: bytes) -> int:
        """Return the row's position in the seal, from 1. Raises Refused if the row is not as it was sealed."""
        place = self.places.get(row[ID])
        if place is None or self.hashes[32 * place : 32 * place + 32] != hashlib.sha256(line).digest():
            raise Refused(
                "the history is not as it was sealed (seal {seal}, line {row}): see `dondoc verify`",
                seal=self.number,
                row=row[ID],
            )
        return place + 1


def _read_sealed(session: Session, directive_id: UUID) -> Generator[tuple[_Seal, Iterator[Any]]]:
    """Yield each seal that contains rows of the directive, with these rows in their order."""
    query = (
        _lines_query(directive_id)
        .add_columns(col(HistorySeal.number))
        .join(HistorySeal, col(HistorySeal.id) == col(History.seal_id))
        .order_by(col(HistorySeal.number), *RECORDED)
    )
    contents = select(col(HistorySeal.row_ids), col(HistorySeal.row_hashes))
    with session.execute(query.execution_options(yield_per=_BATCH)) as lines:
        for number, rows in groupby(lines, key=itemgetter(-1)):
            ids, hashes = session.execute(contents.where(col(HistorySeal.number) == number)).one()
            places = {packed.hex(): place for place, packed in enumerate(pieces(ids, 16))}
            yield _Seal(number, hashes, places), rows


def _read_unsealed(session: Session, directive_id: UUID) -> Iterator[Any]:
    query = _lines_query(directive_id).where(col(History.seal_id).is_(None)).order_by(*RECORDED)
    yield from session.execute(query.execution_options(yield_per=_BATCH))


def _lines_query(directive_id: UUID) -> Any:
    with_notes = select(*ROW_COLUMNS, col(HistoryNote.salt), col(HistoryNote.text))
    joined = with_notes.select_from(History).outerjoin(HistoryNote, col(HistoryNote.history_id) == col(History.id))
    return joined.where(col(History.directive_id) == directive_id)


def _write_seals(session: Session, archive: ArchiveWriter) -> dict[str, Any] | None:
    """Write the lines of all seals to seals.jsonl, and their signatures to signatures.jsonl. Return the head.

    Raises Refused if a seal does not follow from its predecessor.
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
                        signature = {"seal": seal.number, "digest": seal.digest, "signature": seal.signature}
                        signatures.write(as_json(signature) + b"\n")
                    head = {"number": seal.number, "digest": seal.digest, "sealed_at": seal.sealed_at}
        archive.copy("signatures.jsonl", signatures)
    return head
