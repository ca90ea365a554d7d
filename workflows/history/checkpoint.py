"""Mail the newest seal's digest each morning to people outside the database administrator's reach.

Whoever rewrites the whole chain cannot rewrite their mailboxes. `dondoc verify --head DIGEST`, or an archive's own
verify.py, then shows that the chain lacks the mailed digest.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import Engine, func
from sqlmodel import Session, col, select

from models.database.rows import insert_new, table_of
from models.database.run import Run
from models.database.seal_keys import PublicKey, SealKeys, find_public_key, seal_keys
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
    """Queue a letter to each of `checkpoint_to`, once a day from 08:00 local time on, holidays included.

    Return how many letters. Codes that nobody with a mail address has are left out; `dondoc doctor` names them.
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
        recipients = [person.id for person in keepers(session, settings.checkpoint_to) if person.email]
        topic = f"{CHECKPOINT_TOPIC}{seal_id.hex}"
        queue_letters(session, [(person_id, at_local(day), LetterKind.ACCOUNT, topic) for person_id in recipients])
    _log.info("checkpoint_queued", letters=len(recipients))
    return len(recipients)


def keepers(session: Session, codes: Sequence[str]) -> Sequence[Person]:
    return session.exec(
        select(Person).where(col(Person.code).in_(codes), col(Person.is_active)).order_by(col(Person.code))
    ).all()


def read_checkpoints(session: Session, letters: Sequence[Letter]) -> dict[str, Checkpoint]:
    checkpoints, keys = {}, seal_keys(session.connection())
    for topic in {letter.topic for letter in letters if letter.topic.startswith(CHECKPOINT_TOPIC)}:
        seal = session.get(HistorySeal, UUID(topic.removeprefix(CHECKPOINT_TOPIC)))
        if seal is not None:
            checkpoints[topic] = _read_checkpoint(session, seal, keys)
    return checkpoints


def _read_checkpoint(session: Session, seal: HistorySeal, keys: SealKeys | None) -> Checkpoint:
    rows = session.scalar(select(func.sum(HistorySeal.row_count)).where(col(HistorySeal.number) <= seal.number)) or 0
    key = _find_signer(seal, keys)
    signature, public = (seal.signature or "", key.digits) if key is not None else ("", "")
    return Checkpoint(seal.number, rows, seal.sealed_at, seal.digest, signature, public)


def _find_signer(seal: HistorySeal, keys: SealKeys | None) -> PublicKey | None:
    """Return the key that signed a seal, among those known outside the database."""
    if keys is None or seal.signature is None:
        return None
    listed = find_public_key(seal.number, keys.public_keys())
    candidates = [listed] if listed else [PublicKey(seal.number, digits) for digits in keys.public_halves()]
    return next((key for key in candidates if key.has_signed(seal.number, seal.digest, seal.signature)), None)
