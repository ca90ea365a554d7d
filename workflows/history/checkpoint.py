"""Checkpoints: each morning the newest seal's digest goes by mail to people outside the database administrator's reach.

Who rewrites the whole chain cannot rewrite their mailboxes: `dondoc verify --head DIGEST`, or an archive's own
verify.py, finds that the chain does not hold what they were told.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import Engine, func
from sqlmodel import Session, col, select

from models.database.rows import insert_new, table_of
from models.database.run import Run
from models.database.seal_keys import PublicKey, SealKeys, key_for, seal_keys
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
        told = [person.id for person in keepers(session, settings.checkpoint_to) if person.email]
        topic = f"{CHECKPOINT_TOPIC}{seal_id.hex}"
        queue_letters(session, [(person_id, at_local(day), LetterKind.ACCOUNT, topic) for person_id in told])
    _log.info("checkpoint_queued", letters=len(told))
    return len(told)


def keepers(session: Session, codes: Sequence[str]) -> Sequence[Person]:
    """Active people of the register who have these codes."""
    return session.exec(
        select(Person).where(col(Person.code).in_(codes), col(Person.is_active)).order_by(col(Person.code))
    ).all()


def read_checkpoints(session: Session, letters: Sequence[Letter]) -> dict[str, Checkpoint]:
    found, keys = {}, seal_keys(session.connection())
    for topic in {letter.topic for letter in letters if letter.topic.startswith(CHECKPOINT_TOPIC)}:
        seal = session.get(HistorySeal, UUID(topic.removeprefix(CHECKPOINT_TOPIC)))
        if seal is not None:
            found[topic] = _checkpoint(session, seal, keys)
    return found


def _checkpoint(session: Session, seal: HistorySeal, keys: SealKeys | None) -> Checkpoint:
    rows = session.scalar(select(func.sum(HistorySeal.row_count)).where(col(HistorySeal.number) <= seal.number)) or 0
    key = _key_of(seal, keys)
    signature, public = (seal.signature or "", key.digits) if key is not None else ("", "")
    return Checkpoint(seal.number, rows, seal.sealed_at, seal.digest, signature, public)


def _key_of(seal: HistorySeal, keys: SealKeys | None) -> PublicKey | None:
    """Of the keys known outside the database; None where none of them signed it."""
    if keys is None or seal.signature is None:
        return None
    known = key_for(seal.number, keys.publics())
    candidates = [known] if known is not None else [PublicKey(seal.number, one) for one in keys.held()]
    return next((one for one in candidates if one.has_signed(seal.number, seal.digest, seal.signature)), None)
