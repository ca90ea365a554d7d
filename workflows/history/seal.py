"""Seal: chains the history's unsealed rows in batches, within a minute of their being recorded.

A batch takes what was recorded before the cut, the oldest first; a row that appears later under an older moment goes
into a later seal. Each local day that has ended gets a seal, with or without rows: it says that the day is closed.
Two clocks at once chain each row once: the seal's number and the one before it are unique, and the slower does nothing.
Each seal is signed (models/database/seal_keys.py). Nothing is sealed where the newest seal that this machine signed is
not in the chain any more: who cut the chain short gets no signature under what they wrote instead.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Engine, Uuid, bindparam, literal, select, tuple_, update
from sqlmodel import Session, col

from models.database.columns import UtcDateTime
from models.database.ids import new_id
from models.database.rows import insert_new, table_of
from models.database.seal_keys import PublicKey, SealHead, SealKeyMissing, SealKeys, seal_keys, sign, signing_now
from models.database.session import gc_paused, reading, transaction
from models.errors import DondocError
from models.i18n import _
from models.operations.logs import get_log
from models.tasks.history import RECORDED, History, HistorySeal
from models.tasks.sealed_lines import ID, RECORDED_AT, ROW_COLUMNS, line_digest, row_hash, seal_line, stamp
from models.text.localtime import local_date

SETTLE = timedelta(seconds=10)
"""So old a row must be: what was recorded before it has been committed by then, or goes into a later seal."""
BATCH = 5_000
MOST = 60
"""So many batches one tick seals at most: what has piled up over years holds up no letter."""
_UNSEALED = col(History.seal_id).is_(None)
_HEAD = (
    select(col(HistorySeal.id), col(HistorySeal.number), col(HistorySeal.digest), col(HistorySeal.upto))
    .order_by(col(HistorySeal.number).desc())
    .limit(1)
)
_WAITING = select(col(History.id)).where(_UNSEALED, col(History.recorded_at) < bindparam("cut")).limit(1)
_log = get_log(__name__)


class _Overtaken(Exception):
    """A row, or another key, came in between reading and sealing."""


class HeadLost(DondocError):
    """A seal that was made here is not in the chain any more."""


class SealedBatch(NamedTuple):
    """How many rows a batch held, and its seal; none where there was nothing to seal, or another clock was quicker."""

    rows: int = 0
    head: SealHead | None = None


def seal(engine: Engine, *, now: datetime, settle: timedelta = SETTLE) -> int:
    """Seal what was recorded before `now` (UTC) less `settle`, a batch a transaction; how many rows."""
    cut, sealed, keys = now - settle, 0, seal_keys(engine)
    if not _is_due(engine, cut):
        return 0
    for _batch in range(MOST):
        try:
            with gc_paused(), transaction(engine) as session:
                done = seal_batch(session, now, cut, keys)
        except _Overtaken:
            continue
        if keys is not None and done.head is not None:
            keys.keep_head(done.head)  # after the commit: of one that a crash keeps out of this file nothing is missed
        sealed += done.rows
        if done.rows < BATCH:
            break
    return sealed


def _is_due(engine: Engine, cut: datetime) -> bool:
    """Asked before the write lock is taken: an idle tick costs two looks."""
    with reading(engine) as session:
        head = session.execute(_HEAD).first()
        if head is None or local_date(head.upto) < local_date(cut):
            return True
        return session.scalar(_WAITING, {"cut": cut}) is not None


def lost_head(session: Session, keys: SealKeys) -> SealHead | None:
    """The newest seal that this machine signed, where the chain does not hold it any more."""
    kept = keys.head()
    if kept is None:
        return None
    found = session.execute(select(col(HistorySeal.digest)).where(col(HistorySeal.number) == kept.number)).scalar()
    return None if found == kept.digest else kept


def seal_batch(session: Session, now: datetime, cut: datetime, keys: SealKeys | None = None) -> SealedBatch:
    """Seal once what was recorded before the cut. Raises where a row came in between.

    SealKeyMissing without the key that signs; HeadLost where the chain was cut short, or written anew.
    """
    signing = signing_now(session.connection(), keys)
    if keys is not None and (lost := lost_head(session, keys)) is not None:
        raise HeadLost(
            _(
                "seal {number}, which this machine signed, is not in the history any more: nothing is sealed until "
                "somebody has found out why; see `dondoc verify`"
            ),
            number=lost.number,
        )
    head = session.execute(_HEAD).first()  # before the rows: whatever is sealed meanwhile is not among them
    rows = _tail(session, cut)
    reached = cut if len(rows) < BATCH else _place(rows[-1])[0]  # of a full batch: there may be more up to the cut
    upto = reached if head is None else max(reached, head.upto)  # a clock that was set back takes nothing back
    if not rows and head is not None and local_date(upto) <= local_date(head.upto):
        return SealedBatch()
    written = _write(session, head, rows, now, upto, _signer(signing, keys))
    if written is None:
        return SealedBatch()  # another clock was quicker
    if signing_now(session.connection(), keys) != signing:
        raise _Overtaken
    if rows:
        _mark(session, written.id, rows)
    return SealedBatch(len(rows), written.head if signing is not None else None)


class _Written(NamedTuple):
    id: UUID
    head: SealHead


def _signer(signing: PublicKey | None, keys: SealKeys | None) -> Callable[[int, str], str | None]:
    """SealKeyMissing where a seal must be signed and the key is not here."""
    if signing is None:
        return lambda _number, _digest: None
    if keys is None:
        raise SealKeyMissing(signing.digits, "–")
    return partial(sign, keys.signer(signing.digits))


def _tail(session: Session, cut: datetime) -> list[Any]:
    """The oldest unsealed rows, as lines are made of."""
    query = select(*ROW_COLUMNS).where(_UNSEALED, col(History.recorded_at) < cut)
    query = query.order_by(*RECORDED).limit(BATCH)
    with session.connection().execute(query) as result:
        return list(result.cursor.fetchall())


def _write(
    session: Session,
    head: Any,
    rows: list[Any],
    now: datetime,
    upto: datetime,
    signature: Callable[[int, str], str | None],
) -> _Written | None:
    """Chain a new seal to the head; None where that has a successor already."""
    ids, hashes = b"".join(bytes.fromhex(row[ID]) for row in rows), b"".join(map(row_hash, rows))
    number, previous = (head.number + 1, head.digest) if head is not None else (1, None)
    digest = line_digest(seal_line(number, previous, stamp(now), stamp(upto), len(rows), ids, hashes))
    one = {
        "id": new_id(),
        "number": number,
        "previous_id": head.id if head is not None else None,
        "sealed_at": now,
        "upto": upto,
        "row_count": len(rows),
        "digest": digest,
        "row_ids": ids,
        "row_hashes": hashes,
        "signature": signature(number, digest),
    }
    if not insert_new(session, table_of(HistorySeal), [one]):
        return None
    # wherever the log is kept, so is the head: who rewrites the whole chain is found by it
    _log.info("history_sealed", seal=number, rows=len(rows), digest=digest)
    return _Written(one["id"], SealHead(number, digest))  # type: ignore[arg-type]


def _mark(session: Session, seal_id: UUID, rows: list[Any]) -> None:
    """Set the rows' seal by their range; raise where that holds another row by now."""
    moment, row_id = _place(rows[-1])
    last = tuple_(literal(moment, UtcDateTime()), literal(row_id, Uuid()))
    done = session.connection().execute(
        update(History).where(_UNSEALED, tuple_(*RECORDED) <= last).values(seal_id=seal_id)
    )
    if done.rowcount != len(rows):
        raise _Overtaken


def _place(row: Any) -> tuple[datetime, UUID]:
    return datetime.fromisoformat(row[RECORDED_AT]), UUID(row[ID])
