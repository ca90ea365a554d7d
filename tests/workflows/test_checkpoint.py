"""Each morning the history's newest seal goes to people who keep it, signed; it finds a chain written anew."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import Engine, delete, update
from sqlmodel import Session, col, select

from models.database.seal_keys import seal_keys_of, signed_bytes
from models.database.secret_keys import keys_of
from models.database.session import open_engine, reading
from models.letters.letter import LetterKind
from models.operations.alert import Alert, AlertKind
from models.settings import Settings
from models.tasks.history import History, HistorySeal
from notifications.smtp.clocks import Stopwatch
from notifications.smtp.transport import Attempt, SendOutcome
from tests.office import Office, at, body, furnish
from tests.tampering import unguarded
from workflows.history.seal import seal
from workflows.history.verify_history import verify
from workflows.jobs.simulate import RecordedSender
from workflows.operations.doctor.finding import CheckedInstallation, Finding, State
from workflows.operations.doctor.seals import history
from workflows.operations.setup import set_up
from workflows.rules.chain import ChainFault

KEEPERS = ("le.thi.d", "luong.thi.ngan")
LABELS = ("Số thứ tự dấu niêm phong", "Số dòng đã niêm phong", "Mã (SHA-256)", "Chữ ký (Ed25519)", "Khoá công khai")


@pytest.fixture
def engine(database_url: str, tmp_path: Path) -> Iterator[Engine]:
    """One whose seals are signed."""
    engine = open_engine(database_url, keys_of(Settings(data=tmp_path)))
    yield engine
    engine.dispose()


@pytest.fixture
def office(engine: Engine, tmp_path: Path) -> Office:
    made = furnish(engine, tmp_path)
    set_up(engine, now=at(1))
    made.settings = made.settings.model_copy(update={"checkpoint_to": KEEPERS})
    made.launch("4")
    return made


def told(office: Office, person: str) -> list[dict[str, str]]:
    """What a keeper's checkpoints say, by label."""
    letters = [one for one in office.sent(person) if "Mốc niêm" in one["Subject"]]
    lines = [[line.split(": ", 1) for line in body(one).splitlines() if ": " in line] for one in letters]
    return [{label: value for label, value in found if label in LABELS} for found in lines]


def test_morning_checkpoint_proves_a_rewritten_chain(office: Office) -> None:
    office.tick(at(1, hour=7, minute=30))
    assert told(office, KEEPERS[0]) == [], "not before eight"
    office.tick(at(1))
    office.tick(at(1, hour=9))
    (first,) = told(office, KEEPERS[0])
    assert told(office, KEEPERS[1]) == [first], "both are told the same"
    digest = first["Mã (SHA-256)"]
    assert verify(office.engine, head=digest).broken is None
    words = signed_bytes(int(first["Số thứ tự dấu niêm phong"]), digest)
    key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(first["Khoá công khai"]))
    key.verify(bytes.fromhex(first["Chữ ký (Ed25519)"]), words)

    office.tick(at(2))
    assert (
        len(told(office, KEEPERS[0])) == 2 and told(office, KEEPERS[0])[1]["Khoá công khai"] == first["Khoá công khai"]
    )
    office.act(office.task(), "accept", "luong.thi.ngan", at(2, hour=9))
    office.tick(at(2, hour=9, minute=1))
    rewrite(office, at(2, hour=9))
    assert verify(office.engine, head=digest).broken is None, "what is younger than the mailed head is not held by it"
    rewrite(office, at(1, hour=0))
    assert verify(office.engine).broken is None, "from inside it is whole"
    broken = verify(office.engine, head=digest).broken
    assert broken is not None and broken.fault is ChainFault.HEAD_UNKNOWN


def rewrite(office: Office, since: datetime) -> None:
    """Somebody who holds the machine empties what was sealed since a moment, and has it sealed and signed anew."""
    seal_keys_of(office.settings).head_file.unlink()
    seals = select(HistorySeal.id).where(col(HistorySeal.sealed_at) >= since)
    with unguarded(office.engine) as connection:
        changed = update(History).where(col(History.seal_id).in_(seals)).values(facts={}, seal_id=None)
        assert connection.execute(changed).rowcount > 0
        connection.execute(delete(HistorySeal).where(col(HistorySeal.sealed_at) >= since))
    seal(office.engine, now=at(5))


def test_checkpoint_leaves_after_downtime_and_on_days_off(office: Office) -> None:
    office.tick(at(4, hour=15))  # a Friday afternoon
    office.tick(at(5, hour=8, minute=1))  # a Saturday
    assert len(told(office, KEEPERS[0])) == 2


def test_without_keepers_nothing_is_sent_and_one_nobody_knows_is_told_by_the_doctor(office: Office) -> None:
    office.settings = office.settings.model_copy(update={"checkpoint_to": ("nobody.here", KEEPERS[0])})
    office.tick(at(1))
    assert len(told(office, KEEPERS[0])) == 1
    with reading(office.engine) as session:
        finding = look(office, session)
    assert finding.state is State.WARNING and "nobody.here" in str(finding.words.facts)
    office.settings = office.settings.model_copy(update={"checkpoint_to": ()})
    before = len(office.letters())
    office.tick(at(2))
    assert [one for one in office.letters()[before:] if one.kind is LetterKind.ACCOUNT] == []


def look(office: Office, session: Session) -> Finding:
    return history(CheckedInstallation(office.settings, at(1) + timedelta(minutes=1), office.engine), session)


class NobodyThere(RecordedSender):
    """A mail server that knows one address no more."""

    def __init__(self, unknown: str) -> None:
        super().__init__()
        self.unknown = unknown

    def send(self, to_address: str, content: bytes, since: Stopwatch | None = None) -> Attempt:
        if to_address == self.unknown:
            return Attempt(SendOutcome.PERMANENT, 550, "no such user", of_address=True)
        return super().send(to_address, content)


def test_a_keeper_whose_address_is_refused_for_good_is_told_to_the_administrators(office: Office) -> None:
    office.sender = NobodyThere(office.person(KEEPERS[1]).email or "")
    office.tick(at(1))
    with reading(office.engine) as session:
        (alert,) = session.exec(select(Alert).where(Alert.kind == AlertKind.LETTER_GIVEN_UP)).all()
    assert (alert.facts["recipient"], alert.facts["reason"]) == (KEEPERS[1], "no such user")
    assert len(told(office, KEEPERS[0])) == 1
