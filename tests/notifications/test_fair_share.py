"""Which letters go first: no kind waits while another gets more than its part, and nothing is left idle."""

from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, event
from sqlmodel import Session

from models.database.ids import new_id
from models.database.rows import insert_new, table_of
from models.database.session import transaction
from models.letters.letter import Letter, LetterKind, LetterState
from models.settings import MailSettings
from notifications.outbox.claims import next_letters
from notifications.outbox.fair_share import FIRST, LAST, PARTS, choose, interleave, share
from notifications.outbox.grouping import queue_letters
from notifications.smtp.quota import letters_left
from tests.notifications.queue import take
from tests.office import ON, furnish

pytestmark = pytest.mark.both

WAITING = st.dictionaries(st.sampled_from(list(PARTS)), st.integers(0, 400))
ALL_WAITING = st.dictionaries(st.sampled_from(list(LetterKind)), st.integers(0, 400))
LIMIT, TURN = st.integers(0, 300), st.integers(0, 10**8)


def test_every_kind_has_its_place() -> None:
    assert set(FIRST) | set(PARTS) | set(LAST) == set(LetterKind)


@given(LIMIT, WAITING, TURN)
def test_all_that_may_go_goes_and_nobody_gets_more_than_waits(
    limit: int, waiting: dict[LetterKind, int], turn: int
) -> None:
    given_out = share(limit, waiting, PARTS, turn=turn)
    assert sum(given_out.values()) == min(limit, sum(waiting.values()))
    assert all(0 <= count <= waiting[kind] for kind, count in given_out.items())


@given(LIMIT, WAITING, TURN)
def test_no_kind_waits_while_another_gets_more_than_its_part(
    limit: int, waiting: dict[LetterKind, int], turn: int
) -> None:
    given_out = share(limit, waiting, PARTS, turn=turn)
    whole = sum(PARTS[kind] for kind, count in waiting.items() if count)
    for kind in (one for one, count in waiting.items() if given_out.get(one, 0) < count):
        assert given_out[kind] >= limit * PARTS[kind] // whole, "its part, whoever else waits"
        for other, count in given_out.items():
            assert (count - 1) * PARTS[kind] <= (given_out[kind] + 1) * PARTS[other]


@given(st.integers(1, 5), WAITING, TURN)
def test_even_where_few_leave_at_a_time_each_kind_comes_to_it(
    limit: int, waiting: dict[LetterKind, int], turn: int
) -> None:
    kinds = {kind for kind, count in waiting.items() if count}
    served = {
        kind
        for later in range(len(kinds))
        for kind, count in share(limit, waiting, PARTS, turn=turn + later).items()
        if count
    }
    assert served == kinds


@given(LIMIT, ALL_WAITING, TURN)
def test_contingency_and_codes_wait_for_nobody_and_summaries_for_all(
    limit: int, waiting: dict[LetterKind, int], turn: int
) -> None:
    chosen = choose(limit, waiting, turn=turn)
    assert sum(chosen.values()) == min(limit, sum(waiting.values()))
    urgent = sum(waiting.get(kind, 0) for kind in FIRST)
    assert sum(chosen.get(kind, 0) for kind in FIRST) == min(limit, urgent)
    if any(chosen.get(kind) for kind in LAST):
        assert all(chosen.get(kind, 0) == waiting.get(kind, 0) for kind in (*FIRST, *PARTS))


def test_a_digest_is_among_the_first_beside_twenty_thousand_assignments() -> None:
    chosen = choose(100, {LetterKind.ASSIGNED: 20_000, LetterKind.DIGEST: 1}, turn=0)
    assert chosen == {LetterKind.ASSIGNED: 99, LetterKind.DIGEST: 1}
    order = interleave({kind: [kind] * count for kind, count in chosen.items()})
    assert order.index(LetterKind.DIGEST) < 2


def test_alone_a_launch_has_the_whole_of_it() -> None:
    assert choose(100, {LetterKind.ASSIGNED: 20_000}, turn=3) == {LetterKind.ASSIGNED: 100}


def test_in_a_batch_urgent_ones_leave_first_and_summaries_last() -> None:
    found = {
        LetterKind.SUMMARY: ["s"],
        LetterKind.ASSIGNED: ["a1", "a2"],
        LetterKind.INCIDENT: ["i"],
        LetterKind.DIGEST: ["d1", "d2"],
    }
    assert interleave(found) == ["i", "a1", "d1", "a2", "d2", "s"]


# against both databases, with a launch to twenty thousand in the queue


def queue_launch(session: Session, person_id: UUID, count: int) -> None:
    rows = [
        {
            "id": new_id(),
            "recipient_id": person_id,
            "slot": ON - timedelta(microseconds=number + 1),
            "kind": LetterKind.ASSIGNED,
            "topic": "",
            "state": LetterState.QUEUED,
            "not_before": ON,
        }
        for number in range(count)
    ]
    constant = {"is_drill": False, "attempts": 0, "lease_token": 0, "resent": False, "error": ""}
    insert_new(session, table_of(Letter), rows, constant)


def test_a_digest_leaves_within_the_first_minute_beside_a_launch_to_twenty_thousand(
    engine: Engine, tmp_path: Path
) -> None:
    office, mail = furnish(engine, tmp_path), MailSettings(letters_per_minute=100)
    now = ON + timedelta(hours=1)
    with transaction(engine) as session:
        queue_launch(session, office.person("le.thi.d").id, 20_000)
        queue_letters(session, [(office.person("luong.thi.ngan").id, now, LetterKind.DIGEST, "")])
    with transaction(engine) as session:
        claims = next_letters(session, now=now, limit=letters_left(session, mail, now=now) or 0)
        assert all(take(session, one, until=now + timedelta(minutes=1)) for one in claims)
    assert len(claims) == 100
    assert [one.kind for one in claims[:2]] == [LetterKind.ASSIGNED, LetterKind.DIGEST]
    with transaction(engine) as session:
        assert len(next_letters(session, now=now, limit=100)) == 100, (
            "the whole of it to the launch once nobody else waits"
        )


def test_the_claim_reads_what_it_takes_however_many_wait(engine: Engine, tmp_path: Path) -> None:
    office, asked = furnish(engine, tmp_path), list[tuple[str, Any]]()
    with transaction(engine) as session:
        queue_launch(session, office.person("le.thi.d").id, 20_000)

    @event.listens_for(engine, "before_cursor_execute")
    def keep(_connection: Any, _cursor: Any, statement: str, values: Any, *_more: Any) -> None:
        asked.append((statement, values))

    with transaction(engine) as session:
        next_letters(session, now=ON, limit=100)
    event.remove(engine, "before_cursor_execute", keep)
    selects = [one for one in asked if "next_attempt_at <=" in one[0] and one[0].startswith("SELECT")]
    assert len(selects) == 2, "one look at how many wait, and one for the kind that does"
    explain = "EXPLAIN QUERY PLAN " if engine.dialect.name == "sqlite" else "EXPLAIN "
    for statement, values in selects:
        with engine.connect() as connection:
            plan = "\n".join(str(row) for row in connection.exec_driver_sql(explain + statement, values))
        assert "ix_letter_to_claim" in plan and "SCAN letter" not in plan and "Seq Scan" not in plan, plan
        assert "TEMP B-TREE" not in plan and "Sort" not in plan, plan
