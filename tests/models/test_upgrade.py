"""A database is brought up to date while an older program works on it; and from every revision with rows in it."""

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Engine, inspect, text
from sqlmodel import Session

from models.database.schema import downgrade, migrate
from models.database.schema_state import SchemaState, can_work, is_current, oldest_program, schema_state, script
from models.database.session import open_engine
from models.database.upgrade import plan, upgrade
from models.errors import Refused
from models.letters.letter import Letter, LetterContent, LetterKind, LetterState
from models.migrations.online import add_column
from tests.models.test_migrations import _differences, _rows, blank  # noqa: F401  a fixture
from tests.models.world import NOW, make_world
from tests.postgres import PostgresServer

FIRST_RELEASE = "0002"


@pytest.fixture
def old(postgres_server: PostgresServer) -> Iterator[Engine]:
    """A PostgreSQL database of the first release, with rows; its letter has been tried and is uncertain."""
    name = postgres_server.create_database()
    engine = open_engine(postgres_server.url(name))
    _fill(engine)
    downgrade(engine, FIRST_RELEASE)
    yield engine
    engine.dispose()
    postgres_server.drop_database(name)


def _fill(engine: Engine) -> None:
    with Session(engine) as session, session.begin():
        world = make_world(session)
        letter = Letter(
            recipient_id=world.person.id,
            slot=NOW,
            kind=LetterKind.DIGEST,
            ready_at=NOW,
            state=LetterState.UNCERTAIN,
            message_id="<a@b.example>",
            address="a@b.example",
            subject="s",
        )
        session.add(letter)
        session.flush()
        session.add(LetterContent(letter_id=letter.id, content=b"the very bytes"))


def _one(engine: Engine, words: str, **given: Any) -> Any:
    with engine.begin() as connection:
        found = connection.execute(text(words), given)
        return found.scalar_one_or_none() if found.returns_rows else None


def _oldest(engine: Engine) -> str | None:
    with engine.connect() as connection:
        return oldest_program(connection)


def test_rows_survive_the_way_up_from_every_revision(blank: Engine) -> None:  # noqa: F811
    migrate(blank)
    _fill(blank)
    before = _rows(blank)
    for revision in [one.revision for one in script().walk_revisions()][1:-1]:  # from the newest down to 0002
        downgrade(blank, revision)
        assert not is_current(blank)
        migrate(blank)
        assert _rows(blank) == before, revision
    assert _differences(blank) == []


def test_the_first_release_finds_its_own_revision_until_the_upgrade_is_finished(old: Engine) -> None:
    assert upgrade(old)
    assert is_current(old)
    assert _one(old, "SELECT version_num FROM alembic_version") == FIRST_RELEASE  # all that its code looks at
    assert [one.name for one in plan(old).finish] == ["0003", "0004", "0016", "0021", "0025", "0026", "0027", "0044"]
    assert upgrade(old, finish=True)
    assert _oldest(old) == "0044"
    assert plan(old).finish == () and not upgrade(old, finish=True)
    assert _differences(old) == []


def test_old_programs_read_rankings_until_the_upgrade_is_finished(old: Engine) -> None:
    upgrade(old)
    assert _one(old, "SELECT count(*) FROM ranking_approval") == 0
    upgrade(old, finish=True)
    assert not inspect(old).has_table("ranking_approval")


def test_old_and_new_program_read_each_others_letters(old: Engine) -> None:
    upgrade(old)
    read = "SELECT content FROM letter_content"
    assert bytes(_one(old, read)) == b"the very bytes"
    _one(old, "UPDATE letter SET content = 'by the old one'")
    assert bytes(_one(old, read)) == b"by the old one"
    _one(old, "UPDATE letter_content SET content = 'by the new one'")
    assert bytes(_one(old, "SELECT content FROM letter")) == b"by the new one"
    upgrade(old, finish=True)
    assert bytes(_one(old, read)) == b"by the new one"
    assert "content" not in {column["name"] for column in inspect(old).get_columns("letter")}
    _one(old, "DELETE FROM letter_content")  # nothing of the old place is left that would object


def test_a_secret_that_the_new_program_forgets_is_forgotten_in_both_places(old: Engine) -> None:
    upgrade(old)
    _one(old, "DELETE FROM letter_content")
    assert _one(old, "SELECT content FROM letter") is None


def test_what_the_old_program_wrote_meanwhile_can_be_found_in_the_end(old: Engine) -> None:
    upgrade(old)
    _one(old, "UPDATE duty SET search_text = ''")  # as a row of a program is that does not know the column
    upgrade(old, finish=True)
    assert " muc " in _one(old, "SELECT min(search_text) FROM duty")


def test_two_machines_at_once_do_it_once(old: Engine) -> None:
    told: list[tuple[str, object]] = []

    def tell(message: str, **facts: object) -> None:
        told.append((message, facts.get("revision")))

    threads = [threading.Thread(target=upgrade, args=(old,), kwargs={"tell": tell}) for _ in range(2)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    done = [revision for _message, revision in told if revision is not None]
    assert sorted(map(str, done)) == [one.revision for one in reversed(list(script().walk_revisions()))][2:]
    assert is_current(old)


def test_a_long_transaction_is_given_way_to(old: Engine) -> None:
    told, in_the_way = [], threading.Event()

    def tell(message: str, **_facts: object) -> None:
        told.append(message)
        if "giving way" in message:
            in_the_way.set()

    with old.connect() as somebody, somebody.begin():
        somebody.execute(text("SELECT count(*) FROM letter"))
        work = threading.Thread(target=upgrade, args=(old,), kwargs={"tell": tell})
        work.start()
        assert in_the_way.wait(60)
        _one(old, "UPDATE letter SET subject = 'others work on meanwhile'")
    work.join()
    assert is_current(old)


def test_an_index_left_half_built_is_built_anew(old: Engine) -> None:
    _one(old, "CREATE INDEX ix_letter_leased ON letter (lease_until) WHERE lease_until IS NOT NULL")
    _one(old, "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'ix_letter_leased'::regclass")
    upgrade(old)
    assert _one(old, "SELECT indisvalid FROM pg_index WHERE indexrelid = 'ix_letter_leased'::regclass")


def test_a_newer_schema_is_worked_on_where_it_says_so_and_never_migrated(engine: Engine) -> None:
    _one(engine, "UPDATE schema_version SET version_num = '2099'")
    assert can_work(engine) and not is_current(engine)
    _one(engine, "UPDATE alembic_version SET version_num = '2098'")
    with engine.connect() as connection:
        assert schema_state(connection) is SchemaState.NEWER
    assert not can_work(engine)
    if engine.dialect.name == "postgresql":
        with pytest.raises(Refused, match="newer than this program"):
            upgrade(engine)
    assert plan(engine).upgrade == ()


def test_a_column_that_old_programs_cannot_leave_out_is_refused() -> None:
    import sqlalchemy as sa

    with pytest.raises(ValueError, match="server default"):
        add_column("task", sa.Column("priority", sa.Integer(), nullable=False))


@pytest.mark.parametrize("is_finished", [False, True])
def test_a_background_job_in_flight_keeps_its_lease(old: Engine, is_finished: bool) -> None:
    """A program of before claims it anew without a token: nobody holds it any more under the one of before."""
    upgrade(old, finish=is_finished)
    _one(
        old,
        "INSERT INTO errand (id, kind, given, asked_by, asked_at, starts_at, state, done, total, attempts, outcome,"
        " error, lease_until) SELECT id, 'launch', '{}', id, now(), now(), 'running', 0, 0, 1, '{}', '', now()"
        " FROM person LIMIT 1",
    )
    claimed = "UPDATE errand SET lease_until = now(), attempts = attempts + 1 RETURNING fence"
    assert _one(old, claimed) == (0 if is_finished else 1)
    assert _one(old, "UPDATE errand SET lease_until = now() RETURNING fence") == (0 if is_finished else 1)
    assert _one(old, "UPDATE errand SET fence = fence + 1, attempts = attempts + 1 RETURNING fence") in (1, 2)
