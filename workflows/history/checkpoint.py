"""Checkpoints: each morning the newest seal's digest goes by mail to people outside the database administrator's reach.

Who rewrites the whole chain cannot rewrite their mailboxes: `dondoc verify --head DIGEST`, or an archive's own
verify.py, finds that the chain does not hold what they were told.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Engine, func
from sqlmodel import Session, col, select

from models.database.rows import insert_new, table_of
from models.database.run import CHECKPOINT_KEY, Installation, Run
from models.database.sealing import installation_value, put, value_place
from models.database.session import transaction
from models.letters.letter import CHECKPOINT_TOPIC, Letter, LetterKind
from models.operations.logs import get_log
from models.organization.person import Person
from models.settings import Settings
from models.tasks.history import HistorySeal
from models.text.localtime import at_local, local_date
from notifications.composing.facts import Checkpoint
from notifications.outbox.grouping import queue_letters

_log = get_log(__name__)


def queue_checkpoints(engine: Engine, settings: Settings, *, now: datetime) -> int:
    """Once a local day, from 08:00 on, holidays included: a letter to each of `checkpoint_to`. How many letters.

    A code that nobody has, or somebody without a mail address, is left out; `dondoc doctor` says so.
    """
    day = local_date(now)
    if not settings.checkpoint_to or now < at_local(day):
        return 0
    key = f"checkpoint:{day}"
    with transaction(engine) as session:
        seal_id = session.exec(select(HistorySeal.id).order_by(col(HistorySeal.number).desc()).limit(1)).first()
        if seal_id is None or session.get(Run, key) is not None:
            return 0
        run = {"key": key, "started_at": now, "finished_at": now, "outcome": {}}
        if not insert_new(session, table_of(Run), [run]):
            return 0  # another tick got there first
        _ensure_key(session)
        told = [person.id for person in keepers(session, settings.checkpoint_to) if person.email]
        topic = f"{CHECKPOINT_TOPIC}{seal_id.hex}"
        queue_letters(session, [(person_id, at_local(day), LetterKind.ACCOUNT, topic) for person_id in told])
    _log.info("checkpoint_queued", letters=len(told))
    return len(told)


def keepers(session: Session, codes: Sequence[str]) -> Sequence[Person]:
    """Return those of the register who have these codes."""
    return session.exec(
        select(Person).where(col(Person.code).in_(codes), col(Person.is_active)).order_by(col(Person.code))
    ).all()


def read_checkpoints(session: Session, letters: Sequence[Letter]) -> dict[str, Checkpoint]:
    """Return by topic what these letters tell."""
    found = {}
    for topic in {letter.topic for letter in letters if letter.topic.startswith(CHECKPOINT_TOPIC)}:
        seal = session.get(HistorySeal, UUID(topic.removeprefix(CHECKPOINT_TOPIC)))
        key = installation_value(session, CHECKPOINT_KEY)
        if seal is not None and key is not None:
            found[topic] = _checkpoint(session, seal, key)
    return found


def signed_words(number: int, rows: int, digest: str) -> bytes:
    """Return what is signed: "1204|61377|3f9a…", the seal's number, the lines sealed by then, and its digest."""
    return f"{number}|{rows}|{digest}".encode()


def _checkpoint(session: Session, seal: HistorySeal, key: str) -> Checkpoint:
    rows = session.scalar(select(func.sum(HistorySeal.row_count)).where(col(HistorySeal.number) <= seal.number)) or 0
    private = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(key))
    words = signed_words(seal.number, rows, seal.digest)
    public = private.public_key().public_bytes_raw().hex()
    return Checkpoint(seal.number, rows, seal.sealed_at, seal.digest, private.sign(words).hex(), public)


def _ensure_key(session: Session) -> None:
    if session.get(Installation, CHECKPOINT_KEY) is not None:
        return
    made = put(session, value_place(CHECKPOINT_KEY), Ed25519PrivateKey.generate().private_bytes_raw().hex())
    insert_new(session, table_of(Installation), [{"name": CHECKPOINT_KEY, "value": made}])
