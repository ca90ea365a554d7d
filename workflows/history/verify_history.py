"""Verify the history: compute the whole chain of seals again and name the first break.

A seal is broken if it does not follow from its predecessor. A row is broken if its line has another hash than the
sealed one, or if it is missing, at another place, or in a seal that never contained it. Whoever rewrites the chain from
some seal on can neither sign it nor keep the newest seal that this machine signed: files outside the database show
both. Against somebody who controls the machine, compare with a digest that was kept elsewhere (`head`).
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from sqlalchemy import Engine, Select, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from models.database.seal_keys import SealKeys, seal_keys
from models.database.session import reading
from models.errors import BadInput
from models.letters.letter import Letter, Notice
from models.tasks.history import History, HistoryNote, HistorySeal
from models.tasks.task import Task
from workflows.history.seal import lost_head
from workflows.history.seal_chain import Chain, as_id
from workflows.rules.chain import Break, ChainFault, Verified

_SHORTEST = 12
_HEXADECIMAL = set("0123456789abcdef")


def verify(engine: Engine, *, directive_id: UUID | None = None, head: str | None = None) -> Verified:
    """Verify the history as of one moment, in bounded memory.

    With a directive, only the contents of its own rows are checked; other rows must be in their places. The chain must
    contain `head`: a digest that was kept elsewhere, or its beginning.
    """
    if head is not None:
        check_digest("--head", head)
    verified = _verify(engine, directive_id, head)
    is_unreadable = verified.broken is not None and verified.broken.fault is ChainFault.UNREADABLE
    if is_unreadable and engine.dialect.name == "sqlite":
        verified = _verify(engine, directive_id, head, reads_damaged_text=True)  # slower
    return verified


def check_digest(option: str, digest: str) -> None:
    """Raise BadInput for what is neither a seal's digest nor its first twelve digits or more."""
    if len(digest) < _SHORTEST or not set(digest) <= _HEXADECIMAL:
        raise BadInput(
            "{option} {value}: not the digest of a seal; give all of it, or its first {count} digits or more",
            option=option,
            value=digest,
            count=_SHORTEST,
        )


def has_seal(session: Session, head: str) -> bool:
    """Tell whether the chain has a seal whose digest begins like this, so that it reaches at least that far."""
    query = select(col(HistorySeal.id)).where(col(HistorySeal.digest).startswith(head)).limit(1)
    return session.scalar(query) is not None


def _verify(
    engine: Engine, directive_id: UUID | None, head: str | None, *, reads_damaged_text: bool = False
) -> Verified:
    with reading(engine) as session:
        if reads_damaged_text:
            _accept_damaged_text(session)
        keys = seal_keys(engine)
        chain = Chain(session, directive_id.hex if directive_id else None, keys.public_keys() if keys else [])
        try:
            broken = chain.walk() or _find_lost_head(session, chain, keys)
            if broken is None and head is not None and not has_seal(session, head):
                broken = Break(ChainFault.HEAD_UNKNOWN)
            broken = broken or _find_lost_row(session)
            if broken is not None and broken.task_id is None:
                broken = replace(broken, task_id=_find_task(session, broken.row_id))
        except (DBAPIError, ValueError, engine.dialect.loaded_dbapi.Error) as fault:
            # a damaged page of the file, or a damaged moment in a row
            reason = (str(getattr(fault, "orig", fault)).strip().splitlines() or ["–"])[0]
            broken = Break(ChainFault.UNREADABLE, seal=chain.verified.seals + 1, reason=reason)
    return replace(chain.verified, broken=broken)


def _accept_damaged_text(session: Session) -> None:
    """Read bytes that are not UTF-8 as changed text, so that the walk does not end there."""
    connection = session.connection()
    driver: Any = connection.connection.driver_connection
    driver.text_factory = lambda raw: raw.decode("utf-8", "backslashreplace")
    connection.detach()  # nobody else gets a connection that reads like this


def _find_lost_head(session: Session, chain: Chain, keys: SealKeys | None) -> Break | None:
    """Find a signed seal that is gone, with all later ones, from the end of the chain."""
    if keys is None:
        return None
    if (head := lost_head(session, keys)) is not None:
        return Break(ChainFault.HEAD_LOST, seal=head.number)
    seals_before_key = chain.public_keys[-1].first - 1 if chain.public_keys else 0
    return Break(ChainFault.HEAD_LOST, seal=seals_before_key) if seals_before_key > chain.verified.seals else None


def _find_task(session: Session, row_id: str | None) -> str | None:
    """Find the task of a row that is gone: the task or one of its notices refers to the row."""
    history_id = as_id(row_id)
    if history_id is None:
        return None
    anchors: Sequence[Any] = (Task.assigned_anchor_id, Task.due_anchor_id, Task.wait_anchor_id)
    queries = [select(col(Task.id)).where(col(anchor) == history_id) for anchor in anchors]
    queries.append(select(col(Notice.task_id)).where(col(Notice.anchor_id) == history_id))
    task_ids = (session.scalar(query.limit(1)) for query in queries)
    return next((task_id.hex for task_id in task_ids if task_id is not None), None)


def _find_lost_row(session: Session) -> Break | None:
    """Find the first reference to something that is gone. The break names the lost row, or the one that refers to it.

    Each query is one pass by primary keys.
    """
    for fault, query in _queries_for_lost_rows():
        row = session.execute(query.limit(1)).first()
        if row is not None:
            row_id, task_id = row
            return Break(fault, row_id=row_id.hex if row_id else None, task_id=task_id.hex if task_id else None)
    return None


def _queries_for_lost_rows() -> list[tuple[ChainFault, Select[Any]]]:
    line = aliased(History)

    def lost_anchors(column: Any, task_id: Any) -> Select[Any]:
        query = select(column, task_id).outerjoin(line, col(line.id) == column)
        return query.where(column.is_not(None), col(line.id).is_(None)).order_by(column)

    lines = select(col(History.id), col(History.task_id)).order_by(col(History.id))
    return [
        # a seal that was removed from the chain's end leaves rows that name it
        (
            ChainFault.SEAL_MISSING,
            lines.outerjoin(HistorySeal, col(HistorySeal.id) == col(History.seal_id)).where(
                col(History.seal_id).is_not(None), col(HistorySeal.id).is_(None)
            ),
        ),
        (
            ChainFault.TASK_MISSING,
            lines.outerjoin(Task, col(Task.id) == col(History.task_id)).where(
                col(History.task_id).is_not(None), col(Task.id).is_(None)
            ),
        ),
        *(
            (ChainFault.ROW_MISSING, lost_anchors(col(column), col(Task.id)))
            for column in (Task.assigned_anchor_id, Task.due_anchor_id, Task.wait_anchor_id)
        ),
        (ChainFault.ROW_MISSING, lost_anchors(col(Notice.anchor_id), col(Notice.task_id))),
        (
            ChainFault.ROW_MISSING,
            select(col(HistoryNote.history_id), col(History.task_id))
            .outerjoin(History, col(History.id) == col(HistoryNote.history_id))
            .where(col(History.id).is_(None)),
        ),
        (
            ChainFault.LETTER_MISSING,
            select(col(Notice.anchor_id), col(Notice.task_id))
            .outerjoin(Letter, col(Letter.id) == col(Notice.letter_id))
            .where(col(Notice.letter_id).is_not(None), col(Letter.id).is_(None)),
        ),
    ]
