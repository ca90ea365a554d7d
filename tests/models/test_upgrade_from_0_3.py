"""Databases as 0.3.0 left them come to today's version whole: history, secrets, letters, and a launch cut off."""

import gzip
import json
import shutil
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from email import message_from_bytes
from pathlib import Path
from typing import Any
from uuid import UUID

import pyotp
import pytest
from sqlalchemy import Engine, func, inspect, select, text
from sqlmodel import col
from sqlmodel import select as of_model

from models.channels.channel import Gateway, PushSubscription
from models.database.guards import GuardCheck, check_guards
from models.database.run import LINK_KEY, WEB_PUSH_KEY, installation_secret
from models.database.schema import migrate
from models.database.schema_state import SchemaState, is_current, refuse_unfit, state_of
from models.database.seal_keys import begin_signing
from models.database.sealed import Locked, named_key, stored_secrets
from models.database.secret_keys import Keys
from models.database.session import open_engine, reading, transaction
from models.directives.directive import Duty
from models.errors import Refused
from models.letters.letter import Letter, LetterState
from models.operations.background_job import BackgroundJob, BackgroundJobState
from models.organization.access import KeptAnswer, Webhook
from models.organization.account import Account
from models.organization.audit import Audit
from models.organization.person import Person
from models.tasks.task import Task
from tests.models.schemas import differences, rules
from tests.office import Office, at_office
from tests.postgres import PostgresServer
from workflows.history.verify_history import verify
from workflows.jobs.run_background_jobs import run_background_jobs

pytestmark = pytest.mark.long

RELEASED = Path(__file__).parent / "released" / "0.3.0"
UNFINISHED = "postgresql-unfinished"
"""From 0.2.0, with the secrets in its form; nobody ran `dondoc upgrade --finish` of 0.3.0."""
HOUR = timedelta(hours=1)


@dataclass
class Released:
    """A database as 0.3.0 left it, with its keys, and what was in it."""

    kind: str
    engine: Engine
    folder: Path
    facts: dict[str, Any]

    @property
    def moment(self) -> datetime:
        """The last thing that was done."""
        return datetime.fromisoformat(self.facts["moment"])

    def one(self, words: str) -> Any:
        with self.engine.begin() as connection:
            found = connection.execute(text(words))
            return found.scalar_one_or_none() if found.returns_rows else None


@pytest.fixture(params=["sqlite", "postgresql", UNFINISHED])
def released(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Released]:
    kept, folder = RELEASED / request.param, tmp_path / "office"
    shutil.copytree(kept, folder, ignore=shutil.ignore_patterns("*.gz", "*.json"))
    (folder / "secrets.key").chmod(0o600)
    if (folder / "seals.key").exists():
        (folder / "seals.key").chmod(0o600)
    words = gzip.decompress((kept / "database.sql.gz").read_bytes()).decode()
    facts, name, server = json.loads((kept / "facts.json").read_text()), None, None
    if request.param == "sqlite":
        url = f"sqlite:///{folder / 'dondoc.sqlite'}"
        with closing(sqlite3.connect(folder / "dondoc.sqlite")) as connection:
            connection.executescript(words)
    else:
        server = request.getfixturevalue("postgres_server")
        assert isinstance(server, PostgresServer)
        name = server.create_database(migrated=False)
        url = server.url(name)
        bare = open_engine(url)
        with bare.connect() as connected:
            connected.connection.cursor().execute(words)
            connected.connection.commit()
        bare.dispose()
    engine = open_engine(url, Keys(folder / "secrets.key"))
    yield Released(request.param, engine, folder, facts)
    engine.dispose()
    if server is not None and name is not None:
        server.drop_database(name)


@pytest.fixture
def office(released: Released) -> Office:
    """After the upgrade."""
    migrate(released.engine)
    with transaction(released.engine) as session:
        begin_signing(session.connection())
    return at_office(released.engine, released.folder)


def test_it_has_todays_schema_and_nothing_beside_it(released: Released, engine: Engine) -> None:
    assert state_of(released.engine) is SchemaState.OLDER
    migrate(released.engine)
    assert is_current(released.engine) and differences(released.engine) == []
    with released.engine.connect() as connection:
        assert check_guards(connection) == GuardCheck([], [], [])
    if engine.dialect.name == released.engine.dialect.name:
        assert set(inspect(released.engine).get_table_names()) == set(inspect(engine).get_table_names())
        assert rules(released.engine).keys() == rules(engine).keys()
    assert not inspect(released.engine).has_table("alembic_version"), "or programs of 0.3.0 would work on it"


def test_its_history_verifies_and_is_sealed_on(released: Released, office: Office) -> None:
    told = verify(released.engine)
    assert (told.broken, told.seals, told.rows) == (None, released.facts["seals"], released.facts["lines"])
    office.tick(released.moment + HOUR)
    told = verify(released.engine)
    assert told.broken is None and told.seals > released.facts["seals"] and told.signed > 0


def test_every_secret_opens_and_stands_in_todays_form(released: Released, office: Office) -> None:
    clear, seen = released.facts["clear"], released.moment
    with reading(released.engine) as session:
        assert {name: installation_secret(session, name) for name in (LINK_KEY, WEB_PUSH_KEY)} == {
            name: clear[name] for name in (LINK_KEY, WEB_PUSH_KEY)
        }
        assert session.exec(of_model(Webhook)).one().secret == clear["webhook"]
        if released.kind != UNFINISHED:  # 0.2 had no channels beside mail
            assert json.loads(session.exec(of_model(Gateway)).one().headers) == {"Authorization": clear["gateway"]}
            assert session.exec(of_model(Gateway)).one().secret.startswith("whsec_")
            assert "rieng-tu" in (session.exec(of_model(PushSubscription)).one().keys or "")
        answers = {one.key: one.body for one in session.exec(of_model(KeptAnswer))}
        assert answers == {"k.1": b'{"secret": "kept"}', "k.2": None}
        people = session.exec(
            of_model(Person.code, Account).join(Account, col(Account.person_id) == col(Person.id))
        ).all()
        steps = {code: pyotp.TOTP(account.totp_secret or "").at(seen) for code, account in people}
        assert steps == {who: pyotp.TOTP(clear[who]).at(seen) for who in ("luong.thi.ngan", "ta.ba.toan")}
        found = list(stored_secrets(session.connection()))
        assert len(found) == (6 if released.kind == UNFINISHED else 9)
        assert all(one.is_readable(session.connection()) for one in found)
        assert named_key(session.connection()) == Keys(released.folder / "secrets.key").read()[0].id


def test_what_waits_leaves_once_and_what_may_have_left_goes_out_as_it_was(released: Released, office: Office) -> None:
    with reading(released.engine) as session:
        states = Counter(str(one) for one in session.exec(of_model(Letter.state)))
        sent = set(session.exec(of_model(Letter.message_id).where(Letter.state == LetterState.SENT)))
        marked = set(session.exec(of_model(Letter.subject).where(col(Letter.subject).startswith("fixture"))))
    assert states == released.facts["letters"] and len(marked) == 2
    for number in range(1, 8):
        office.tick(released.moment + number * HOUR)
    arrived = [message_from_bytes(raw) for _to, raw in office.sender.letters]
    subjects = [str(one["Subject"]) for one in arrived]
    assert Counter(subject for subject in subjects if subject in marked) == dict.fromkeys(marked, 1)
    assert [raw for _to, raw in office.sender.letters if b"the very bytes 0" in raw]
    assert [raw for _to, raw in office.sender.letters if b"the very bytes 1" in raw]
    ids = Counter(str(one["Message-ID"]) for one in arrived)
    assert set(ids.values()) == {1} and not ids.keys() & sent
    with reading(released.engine) as session:
        left = Counter(str(one) for one in session.exec(of_model(Letter.state)))
    assert left.keys() <= {"sent", "dropped", "empty"} and left["sent"] >= sum(states.values())


def test_why_a_date_is_what_it_is_keeps_its_sentence(released: Released) -> None:
    sentences = text("SELECT id, due_reason FROM task ORDER BY id")
    with released.engine.connect() as connection:
        before = connection.execute(sentences).all()
    migrate(released.engine)
    with released.engine.connect() as connection:
        assert connection.execute(sentences).all() == before
    with reading(released.engine) as session:
        assert {str(one) for one in session.exec(of_model(Task.due_facts))} == {"[]"}


def test_the_launch_that_was_cut_off_comes_to_its_end(released: Released, office: Office) -> None:
    before = _tasks(released.engine)
    assert before
    run_background_jobs(released.engine, office.settings, now=released.moment + HOUR)
    with reading(released.engine) as session:
        job = session.get_one(BackgroundJob, UUID(released.facts["job"]))
    assert job.state is BackgroundJobState.DONE and job.done == job.total
    office.launch("2", on=released.moment + HOUR)  # a coordinator repeats it, to be sure
    after = _tasks(released.engine)
    assert set(after.values()) == {1} and before.keys() < after.keys()
    office.launch("2", on=released.moment + 2 * HOUR)
    assert _tasks(released.engine) == after


def _tasks(engine: Engine) -> Counter[tuple[str, str]]:
    query = select(col(Task.assigned_unit_id), col(Task.occurrence), func.count()).join(
        Duty, col(Duty.id) == col(Task.duty_id)
    )
    with reading(engine) as session:
        rows = session.execute(
            query.where(col(Duty.path) == "2").group_by(col(Task.assigned_unit_id), col(Task.occurrence))
        )
        return Counter({(str(unit), occurrence): count for unit, occurrence, count in rows})


def test_approved_rankings_of_0_2_are_noted_in_the_audit(released: Released, office: Office) -> None:
    with reading(office.engine) as session:
        noted = session.exec(of_model(Audit).where(Audit.action == "ranking_kept")).all()
    if released.kind != UNFINISHED:
        assert not noted
    else:
        assert {(one.facts["period"], one.facts["note"], one.facts["approved_by"]) for one in noted} == {
            ("2003-Q4", "Giao ban", "le.thi.c")
        }


@pytest.mark.parametrize("way", ["no key", "another key", "moved"])
def test_a_secret_that_cannot_be_opened_refuses_the_upgrade_and_nothing_is_changed(
    released: Released, way: str
) -> None:
    before = _everything(released.engine)
    if way == "moved":
        released.one(
            "UPDATE account SET totp_secret = (SELECT max(totp_secret) FROM account)"
            " WHERE totp_secret = (SELECT min(totp_secret) FROM account)"
        )
        before = _everything(released.engine)
    elif way == "another key":
        Keys(released.folder / "secrets.key").replace([Keys.fresh()])
    else:
        (released.folder / "secrets.key").unlink()
    with pytest.raises(Locked, match=r"secrets\.key .*give-up` of version 0\.3 first"):
        migrate(released.engine)
    assert state_of(released.engine) is SchemaState.OLDER and _everything(released.engine) == before


def _everything(engine: Engine) -> dict[str, list[tuple[Any, ...]]]:
    with engine.connect() as connection:
        return {
            name: sorted((tuple(row) for row in connection.execute(text(f'SELECT * FROM "{name}"'))), key=repr)
            for name in inspect(engine).get_table_names()
        }


@pytest.mark.parametrize(
    "older",
    ["UPDATE schema_version SET version_num = '0044'", "UPDATE alembic_version SET version_num = '0016'"],
    ids=["of before 0.3.0", "unfinished in 0.2"],
)
def test_an_older_database_is_refused_with_one_sentence(released: Released, older: str) -> None:
    released.one(older)
    assert state_of(released.engine) is SchemaState.TOO_OLD
    with pytest.raises(Refused, match=r"upgrade it with dondoc 0\.3 first"):
        refuse_unfit(state_of(released.engine))


def test_a_newer_database_is_refused(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(text("UPDATE schema_version SET version_num = '2099'"))
    assert state_of(engine) is SchemaState.NEWER
    with pytest.raises(Refused, match="newer than this program"):
        refuse_unfit(state_of(engine))


def test_a_first_release_that_knew_one_table_is_too_old(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(text("DROP TABLE schema_version"))
        connection.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)"))
        connection.execute(text("INSERT INTO alembic_version VALUES ('0002')"))
    assert state_of(engine) is SchemaState.TOO_OLD
