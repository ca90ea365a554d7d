"""Verify: computes the whole chain of seals anew and names the first break.

A seal is broken where it does not follow from the one before it; a row where its line has another hash than was sealed,
where it stands elsewhere, is missing, or was never sealed under that number. Who rewrites everything from some seal on
cannot sign it, and cannot bring back the newest seal that this machine signed: both are known from files outside the
database. Without these, and against whoever holds the machine, a head that was kept elsewhere finds it: `head`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
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
    """Look at everything as of one moment, in bounded memory, and change nothing.

    With a directive, only its rows' contents are looked at; of others, that they are there. `head`: a digest that was
    kept elsewhere, all of it or its beginning; the chain must hold it.
    """
    if head is not None:
        check_digest("--head", head)
    told = _look(engine, directive_id, head)
    if told.broken is not None and told.broken.fault is ChainFault.UNREADABLE and engine.dialect.name == "sqlite":
        told = _look(engine, directive_id, head, damaged=True)  # slower: only where it is needed
    return told


def check_digest(option: str, given: str) -> None:
    """BadInput for what is neither a seal's digest nor enough of its beginning."""
    if len(given) < _SHORTEST or not set(given) <= _HEXADECIMAL:
        raise BadInput(
            "{option} {value}: not the digest of a seal; give all of it, or its first {count} digits or more",
            option=option,
            value=given,
            count=_SHORTEST,
        )


def holds(session: Session, head: str) -> bool:
    """The chain here has a seal whose digest begins so: then it reaches at least that far."""
    query = select(col(HistorySeal.id)).where(col(HistorySeal.digest).startswith(head)).limit(1)
    return session.scalar(query) is not None


def _look(engine: Engine, directive_id: UUID | None, head: str | None, *, damaged: bool = False) -> Verified:
    with reading(engine) as session:
        if damaged:
            _read_damaged_text(session)
        keys = seal_keys(engine)
        chain = Chain(session, directive_id.hex if directive_id else None, keys.publics() if keys else [])
        try:
            broken = chain.walk() or _is_cut(session, chain, keys) or _head_is_there(session, head) or _lost(session)
            if broken is not None and broken.task_id is None:
                broken = replace(broken, task_id=_task_of(session, broken.row_id))
        except (DBAPIError, ValueError, engine.dialect.loaded_dbapi.Error) as fault:
            # a page of the file, or a moment in it, that is none any more
            reason = (str(getattr(fault, "orig", fault)).strip().splitlines() or ["–"])[0]
            broken = Break(ChainFault.UNREADABLE, seal=chain.so_far.seals + 1, reason=reason)
    return replace(chain.so_far, broken=broken)


def _read_damaged_text(session: Session) -> None:
    """A byte that is no text any more is a change like another, not the end of the reading."""
    connection = session.connection()
    driver: Any = connection.connection.driver_connection
    driver.text_factory = lambda raw: raw.decode("utf-8", "backslashreplace")
    connection.detach()  # nobody else gets a connection that reads like this


def _is_cut(session: Session, chain: Chain, keys: SealKeys | None) -> Break | None:
    """The seal that was signed and is gone, with all after it, from the end of the chain."""
    if keys is None:
        return None
    if (kept := lost_head(session, keys)) is not None:
        return Break(ChainFault.HEAD_LOST, seal=kept.number)
    before = chain.publics[-1].first - 1 if chain.publics else 0  # so many seals there were when that key came
    return Break(ChainFault.HEAD_LOST, seal=before) if before > chain.so_far.seals else None


def _head_is_there(session: Session, head: str | None) -> Break | None:
    return None if head is None or holds(session, head) else Break(ChainFault.HEAD_UNKNOWN)


def _lost(session: Session) -> Break | None:
    found = first_lost(session)
    return (
        None
        if found is None
        else Break(ChainFault(found.fault), row_id=_hex(found.row_id), task_id=_hex(found.task_id))
    )


def _task_of(session: Session, row_id: str | None) -> str | None:
    """The row is gone; the task, or one of its notices, goes by it."""
    known = as_id(row_id)
    if known is None:
        return None
    anchors: Sequence[Any] = (Task.assigned_anchor_id, Task.due_anchor_id, Task.wait_anchor_id)
    looks = [select(col(Task.id)).where(col(anchor) == known) for anchor in anchors]
    looks.append(select(col(Notice.task_id)).where(col(Notice.anchor_id) == known))
    return next((found.hex for look in looks if (found := session.scalar(look.limit(1))) is not None), None)


def _hex(given: UUID | None) -> str | None:
    return None if given is None else given.hex


@dataclass(frozen=True)
class Lost:
    """`fault` as in `verify_history.Fault`; the row is the one that is lost, or the one that speaks of it."""

    fault: str
    row_id: UUID | None
    task_id: UUID | None


def first_lost(session: Session) -> Lost | None:
    """The first thing that is spoken of and is not there. Each look is one pass by primary keys."""
    for fault, query in _looks():
        found = session.execute(query.limit(1)).first()
        if found is not None:
            return Lost(fault, found[0], found[1])
    return None


def _looks() -> list[tuple[str, Select[Any]]]:
    pointed_at = aliased(History)

    def anchors(column: Any, task: Any) -> Select[Any]:
        lost = select(column, task).outerjoin(pointed_at, col(pointed_at.id) == column)
        return lost.where(column.is_not(None), col(pointed_at.id).is_(None)).order_by(column)

    of_row = select(col(History.id), col(History.task_id)).order_by(col(History.id))
    return [
        # a seal that is gone at the chain's end leaves rows that name it
        (
            "seal_missing",
            of_row.outerjoin(HistorySeal, col(HistorySeal.id) == col(History.seal_id)).where(
                col(History.seal_id).is_not(None), col(HistorySeal.id).is_(None)
            ),
        ),
        (
            "task_missing",
            of_row.outerjoin(Task, col(Task.id) == col(History.task_id)).where(
                col(History.task_id).is_not(None), col(Task.id).is_(None)
            ),
        ),
        *(
            ("row_missing", anchors(col(column), col(Task.id)))
            for column in (Task.assigned_anchor_id, Task.due_anchor_id, Task.wait_anchor_id)
        ),
        ("row_missing", anchors(col(Notice.anchor_id), col(Notice.task_id))),
        (
            "row_missing",
            select(col(HistoryNote.history_id), col(History.task_id))
            .outerjoin(History, col(History.id) == col(HistoryNote.history_id))
            .where(col(History.id).is_(None)),
        ),
        (
            "letter_missing",
            select(col(Notice.anchor_id), col(Notice.task_id))
            .outerjoin(Letter, col(Letter.id) == col(Notice.letter_id))
            .where(col(Notice.letter_id).is_not(None), col(Letter.id).is_(None)),
        ),
    ]
