"""The migrations build exactly what the models say, and can be taken back, on both databases."""

import re
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.util import CommandError
from sqlalchemy import CheckConstraint, Date, Engine, String, TableClause, Uuid, column, insert, inspect, select, text
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, SQLModel, col
from sqlmodel import select as of_model

from models.database.columns import UtcDateTime
from models.database.ids import new_id
from models.database.leases import is_ready
from models.database.schema import downgrade, is_current, migrate
from models.database.schema_state import OLDEST_TABLE, VERSION_TABLE, is_ours
from models.database.session import open_engine
from models.letters.letter import Letter, LetterAttempt, LetterContent, LetterKind, LetterState, Notice
from models.operations.background_job import LAUNCH, BackgroundJob, BackgroundJobState, ChunkState, JobChunk
from models.organization.audit import Audit
from tests.models.world import NOW, make_world

UNTIL = NOW + timedelta(minutes=2)


@pytest.fixture
def blank(blank_url: str) -> Iterator[Engine]:
    engine = open_engine(blank_url)
    yield engine
    engine.dispose()


def _differences(engine: Engine) -> list[Any]:
    with engine.connect() as connection:
        opts = {"compare_type": True, "version_table": VERSION_TABLE, "include_name": is_ours}
        context = MigrationContext.configure(connection, opts=opts)
        return list(compare_metadata(context, SQLModel.metadata))


def _tables(engine: Engine) -> set[str]:
    return set(inspect(engine).get_table_names()) - {VERSION_TABLE, OLDEST_TABLE}


def _plain(condition: str) -> str:
    """A condition without what SQLite and the models write differently: case, blanks, quotes."""
    return re.sub(r'[\s"]', "", condition).lower()


def test_a_new_database_gets_every_table_of_the_models(blank: Engine) -> None:
    assert not is_current(blank)
    migrate(blank)
    assert is_current(blank)
    assert _tables(blank) == set(SQLModel.metadata.tables)
    assert _differences(blank) == []


def test_migrating_twice_changes_nothing(blank: Engine) -> None:
    migrate(blank)
    migrate(blank)
    assert is_current(blank)


def test_all_the_way_down_and_up_again(blank: Engine) -> None:
    migrate(blank)
    downgrade(blank, "base")
    assert not is_current(blank)
    assert _tables(blank) == set()
    migrate(blank)
    assert is_current(blank)
    assert _differences(blank) == []


def test_down_by_one_step_and_up_again(blank: Engine) -> None:
    migrate(blank)
    downgrade(blank, "-1")
    assert not is_current(blank)
    migrate(blank)
    assert is_current(blank)


def test_letters_survive_the_engines_migration_down_and_up(blank: Engine) -> None:
    migrate(blank)
    with Session(blank) as session, session.begin():
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
            resent=True,
        )
        session.add(letter)
        session.flush()
        session.add(LetterContent(letter_id=letter.id, content=b"the very bytes"))
        session.add(
            LetterAttempt(letter_id=letter.id, lease_token=1, started_at=NOW, outcome="uncertain", reply="lost")
        )
        session.add(
            Notice(
                task_id=world.task.id,
                anchor_id=world.history.id,
                rung="overdue",
                offset=1,
                role="head",
                recipient_id=world.person.id,
                fired_at=NOW,
                slot=NOW,
                kind=LetterKind.DIGEST,
                letter_id=letter.id,
                template_version_id=world.task.template_version_id,
            )
        )
    before = _rows(blank)

    downgrade(blank, "0002")
    with blank.connect() as connection:
        found = connection.execute(text("SELECT content FROM letter")).scalar_one()
        assert bytes(found) == b"the very bytes"
        assert connection.execute(text("SELECT count(*) FROM notice WHERE letter_id IS NOT NULL")).scalar_one() == 1
    migrate(blank)
    assert _rows(blank) == before
    assert _differences(blank) == []
    with Session(blank) as session, pytest.raises(IntegrityError), session.begin():  # the guards are still there
        session.execute(text("DELETE FROM history"))


def test_a_notice_whose_version_nobody_knows_does_not_stop_an_upgrade(blank: Engine) -> None:
    migrate(blank)
    with Session(blank) as session, session.begin():
        world = make_world(session)
        notice = Notice(
            task_id=world.task.id,
            anchor_id=world.history.id,
            rung="overdue",
            offset=1,
            role="head",
            recipient_id=world.person.id,
            fired_at=NOW,
            slot=NOW,
            kind=LetterKind.DIGEST,
        )
        session.add(notice)
    before = _rows(blank)
    migrate(blank)
    assert is_current(blank) and _rows(blank).keys() == before.keys()


def test_a_background_job_in_flight_keeps_its_lease_down_and_up(blank: Engine) -> None:
    migrate(blank)
    with Session(blank) as session, session.begin():
        person = make_world(session).person
        asked: dict[str, Any] = {"kind": LAUNCH, "given": {}, "asked_by": person.id, "asked_at": NOW, "ready_at": NOW}
        job = BackgroundJob(**asked, state=BackgroundJobState.RUNNING, attempts=2, lease_token=2, lease_until=UNTIL)
        session.add(job)
        session.flush()
        taken: dict[str, Any] = {
            "state": ChunkState.RUNNING,
            "attempts": 1,
            "lease_token": 1,
            "ready_at": UNTIL,
            "lease_until": UNTIL,
        }
        session.add(JobChunk(errand_id=job.id, number=0, size=1, content={}, **taken))

    downgrade(blank, "0026")
    migrate(blank)
    with Session(blank) as session:
        [job], [chunk] = session.exec(of_model(BackgroundJob)).all(), session.exec(of_model(JobChunk)).all()
        assert (job.state, job.attempts, job.lease_until) == (BackgroundJobState.RUNNING, 2, UNTIL)
        assert (chunk.attempts, chunk.lease_token, chunk.ready_at) == (1, 1, UNTIL)
        assert not session.exec(of_model(JobChunk).where(is_ready(JobChunk, NOW))).all()
        assert not session.exec(of_model(BackgroundJob).where(is_ready(BackgroundJob, NOW))).all()


def _rows(engine: Engine) -> dict[str, list[dict[str, Any]]]:
    with engine.connect() as connection:
        return {
            name: [dict(row) for row in connection.execute(select(SQLModel.metadata.tables[name])).mappings()]
            for name in ("letter", "letter_content", "letter_attempt", "notice", "history", "task")
        }


def test_nothing_is_left_of_a_migration_that_fails(blank: Engine) -> None:
    with blank.begin() as connection:
        connection.execute(text("CREATE TABLE task (id INTEGER)"))  # in the way of the first migration
    with pytest.raises(Exception, match="already exists"):
        migrate(blank)
    assert _tables(blank) == {"task"}
    assert not is_current(blank)


def test_an_unknown_revision_is_refused(blank: Engine) -> None:
    migrate(blank)
    with pytest.raises(CommandError):
        downgrade(blank, "no such revision")
    assert is_current(blank)


def test_every_constraint_of_the_models_is_in_the_database_by_its_name(engine: Engine) -> None:
    # Alembic's comparison passes over check constraints
    found = inspect(engine)
    for name, table in SQLModel.metadata.tables.items():
        declared = {str(check.name) for check in table.constraints if isinstance(check, CheckConstraint)}
        assert {check["name"] for check in found.get_check_constraints(name)} == declared, name
        assert found.get_pk_constraint(name)["name"] == f"pk_{name}"
        assert {key["name"] for key in found.get_foreign_keys(name)} == {
            f"fk_{name}_{constraint.column_keys[0]}" for constraint in table.foreign_key_constraints
        }, name


def _rules(engine: Engine) -> dict[str, Any]:
    """Every check, unique key and index of a database, with its condition."""
    found = inspect(engine)
    rules: dict[str, Any] = {}
    for table in SQLModel.metadata.tables:
        rules |= {str(check["name"]): _plain(str(check["sqltext"])) for check in found.get_check_constraints(table)}
        rules |= {str(key["name"]): key["column_names"] for key in found.get_unique_constraints(table)}
        for index in found.get_indexes(table):
            where = index.get("dialect_options", {}).get(f"{engine.dialect.name}_where", "")
            rules[str(index["name"])] = (index["column_names"], bool(index["unique"]), _plain(str(where)))
    return rules


def test_every_rule_says_what_the_models_say(blank: Engine) -> None:
    migrate(blank)
    by_migrations = _rules(blank)
    downgrade(blank, "base")
    SQLModel.metadata.create_all(blank)
    assert by_migrations == _rules(blank)


def test_approved_rankings_stay_in_the_audit(blank: Engine) -> None:
    migrate(blank)
    with Session(blank) as session, session.begin():
        world = make_world(session)
        office, directive, leader = world.unit.id, world.directive.id, world.person.id
    downgrade(blank, "0024")
    kinds: dict[str, Any] = dict.fromkeys(("first_day", "last_day", "cutoff"), Date())
    kinds |= dict.fromkeys(("approved_at", "withdrawn_at"), UtcDateTime()) | {"period": String(), "note": String()}
    ids = ("id", "issuer_office_id", "directive_id", "directive_key", "approved_by", "withdrawn_by")
    columns = [column(name, kind) for name, kind in (dict.fromkeys(ids, Uuid()) | kinds).items()]
    ranking = TableClause("ranking_approval", *columns)
    given = {
        "issuer_office_id": office,
        "directive_key": UUID(int=0),
        "period": "2025-Q4",
        "first_day": date(2025, 10, 1),
        "last_day": date(2025, 12, 31),
        "cutoff": date(2026, 1, 15),
        "note": "Giao ban",
        "approved_at": NOW,
        "approved_by": leader,
    }
    of_one = {"directive_id": directive, "directive_key": directive, "note": "", "withdrawn_at": NOW}
    with blank.begin() as connection:
        connection.execute(insert(ranking).values(id=new_id(), **given))
        connection.execute(insert(ranking).values(id=new_id(), withdrawn_by=leader, **given | of_one))

    migrate(blank)
    assert "ranking_approval" not in _tables(blank)
    same = {
        "period": "2025-Q4",
        "cutoff": "2026-01-15",
        "approved_by": "an",
        "approved_at": "2026-03-02T01:00:00+00:00",
    }
    assert _noted(blank) == [
        ("vnpt", same | {"note": "Giao ban"}),
        ("vnpt", same | {"directive": "000", "withdrawn_at": "2026-03-02T01:00:00+00:00"}),
    ]

    downgrade(blank, "0024")
    with blank.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM ranking_approval")).scalar_one() == 0
    migrate(blank)
    assert len(_noted(blank)) == 2 and _differences(blank) == []


def _noted(engine: Engine) -> list[tuple[str, dict[str, Any]]]:
    with Session(engine) as session:
        lines = session.exec(of_model(Audit).where(Audit.action == "ranking_kept").order_by(col(Audit.id)))
        return [(line.object, line.facts) for line in lines]
