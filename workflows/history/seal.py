"""Seal the history: chain its unsealed rows in batches, within a minute after they were recorded.

A batch takes the oldest rows recorded before the cut. A row that appears later with an older moment goes into a later
seal. Each local day that has ended gets a seal, even without rows, to show that the day is closed. Two clocks at once
seal each row once, because a seal's number and its predecessor are unique; the slower clock does nothing.

Each seal is signed (models/database/seal_keys.py). If the newest seal that this machine signed is no longer in the
chain, nothing is sealed: whoever cut the chain gets no signature for what they wrote instead.
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
from models.database.seal_keys import PublicKey, SealHead, SealKeyMissing, SealKeys, find_signing_key, seal_keys, sign
from models.database.session import gc_paused, reading, transaction
from models.errors import DondocError
from models.i18n import _
from models.operations.logs import get_log
from models.tasks.history import RECORDED, History, HistorySeal
from models.tasks.sealed_lines import ID, RECORDED_AT, ROW_COLUMNS, line_digest, row_hash, seal_line, stamp
from models.text.localtime import local_date

SETTLE = timedelta(seconds=10)
"""The age from which a row is sealed. Nearly all earlier rows are committed by then; others go into a later seal."""
BATCH = 5_000
MOST_BATCHES = 60
"""Batches that one tick seals at most, so that a backlog of years delays no letter."""
_UNSEALED = col(History.seal_id).is_(None)
_HEAD = (
    select(col(HistorySeal.id), col(HistorySeal.number), col(HistorySeal.digest), col(HistorySeal.upto))
    .order_by(col(HistorySeal.number).desc())
    .limit(1)
)
_WAITING = select(col(History.id)).where(_UNSEALED, col(History.recorded_at) < bindparam("cut")).limit(1)
_log = get_log(__name__)


class _Overtaken(Exception):
    """A row or another key was committed between reading and sealing."""


class HeadLost(DondocError):
    """A seal that this machine made is no longer in the chain."""


class SealedBatch(NamedTuple):
    """The rows of a batch and its seal; neither if there was nothing to seal, or another clock was quicker."""

    rows: int = 0
    head: SealHead | None = None


def seal(engine: Engine, *, now: datetime, settle: timedelta = SETTLE) -> int:
    """Seal what was recorded before `now` (UTC) less `settle`, one transaction for each batch. Return how many rows."""
    cut, sealed_rows, keys = now - settle, 0, seal_keys(engine)
    if not _is_due(engine, cut):
        return 0
    for _attempt in range(MOST_BATCHES):
        try:
            with gc_paused(), transaction(engine) as session:
                batch = seal_batch(session, now, cut, keys)
        except _Overtaken:
            continue
        if keys is not None and batch.head is not None:
            keys.keep_head(batch.head)  # after the commit: the file must not name a seal that was rolled back
        sealed_rows += batch.rows
        if batch.rows < BATCH:
            break
    return sealed_rows


def _is_due(engine: Engine, cut: datetime) -> bool:
    """Ask before the write lock is taken, so that an idle tick costs only two queries."""
    with reading(engine) as session:
        head = session.execute(_HEAD).first()
        if head is None or local_date(head.upto) < local_date(cut):
            return True
        return session.scalar(_WAITING, {"cut": cut}) is not None


def lost_head(session: Session, keys: SealKeys) -> SealHead | None:
    """Return the newest seal that this machine signed if it is no longer in the chain, else None."""
    head = keys.head()
    if head is None:
        return None
    digest = session.execute(select(col(HistorySeal.digest)).where(col(HistorySeal.number) == head.number)).scalar()
    return None if digest == head.digest else head


def seal_batch(session: Session, now: datetime, cut: datetime, keys: SealKeys | None = None) -> SealedBatch:
    """Seal one batch of what was recorded before the cut.

    Raises _Overtaken if a row was committed meanwhile, SealKeyMissing without the private key, and HeadLost if the
    chain was cut short or rewritten.
    """
    signing_key = find_signing_key(session.connection(), keys)
    if keys is not None and (lost := lost_head(session, keys)) is not None:
        raise HeadLost(
            _(
                "seal {number}, which this machine signed, is not in the history any more: nothing is sealed until "
                "somebody has found out why; see `dondoc verify`"
            ),
            number=lost.number,
        )
    head = session.execute(_HEAD).first()  # read before the rows, so that no row of a later seal is among them
    rows = _read_unsealed(session, cut)
    reached = cut if len(rows) < BATCH else _position(rows[-1])[0]  # after a full batch more rows may precede the cut
    upto = reached if head is None else max(reached, head.upto)  # a clock that is set back does not shorten the chain
    if not rows and head is not None and local_date(upto) <= local_date(head.upto):
        return SealedBatch()
    new_seal = _insert_seal(session, head, rows, now, upto, _signer(signing_key, keys))
    if new_seal is None:
        return SealedBatch()  # another clock was quicker
    if find_signing_key(session.connection(), keys) != signing_key:
        raise _Overtaken
    if rows:
        _assign_seal(session, new_seal.id, rows)
    return SealedBatch(len(rows), new_seal.head if signing_key is not None else None)


class _NewSeal(NamedTuple):
    id: UUID
    head: SealHead


def _signer(signing_key: PublicKey | None, keys: SealKeys | None) -> Callable[[int, str], str | None]:
    """Return the function that signs a number and a digest. Raises SealKeyMissing without the private key."""
    if signing_key is None:
        return lambda _number, _digest: None
    if keys is None:
        raise SealKeyMissing(signing_key.digits, "–")
    return partial(sign, keys.signer(signing_key.digits))


def _read_unsealed(session: Session, cut: datetime) -> list[Any]:
    """Return the oldest unsealed rows, with the columns of their lines."""
    query = select(*ROW_COLUMNS).where(_UNSEALED, col(History.recorded_at) < cut)
    query = query.order_by(*RECORDED).limit(BATCH)
    with session.connection().execute(query) as result:
        return list(result.cursor.fetchall())


def _insert_seal(
    session: Session,
    head: Any,
    rows: list[Any],
    now: datetime,
    upto: datetime,
    signature: Callable[[int, str], str | None],
) -> _NewSeal | None:
    """Chain a new seal to the head. Return None if the head already has a successor."""
    ids, hashes = b"".join(bytes.fromhex(row[ID]) for row in rows), b"".join(map(row_hash, rows))
    number, previous = (head.number + 1, head.digest) if head is not None else (1, None)
    digest = line_digest(seal_line(number, previous, stamp(now), stamp(upto), len(rows), ids, hashes))
    values = {
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
    if not insert_new(session, table_of(HistorySeal), [values]):
        return None
    # a log that is kept elsewhere reveals a chain that was rewritten as a whole
    _log.info("history_sealed", seal=number, rows=len(rows), digest=digest)
    return _NewSeal(values["id"], SealHead(number, digest))  # type: ignore[arg-type]


def _assign_seal(session: Session, seal_id: UUID, rows: list[Any]) -> None:
    """Set the rows' seal by their range. Raises _Overtaken if the range contains another row by now."""
    moment, row_id = _position(rows[-1])
    last = tuple_(literal(moment, UtcDateTime()), literal(row_id, Uuid()))
    result = session.connection().execute(
        update(History).where(_UNSEALED, tuple_(*RECORDED) <= last).values(seal_id=seal_id)
    )
    if result.rowcount != len(rows):
        raise _Overtaken


def _position(row: Any) -> tuple[datetime, UUID]:
    return datetime.fromisoformat(row[RECORDED_AT]), UUID(row[ID])
