"""Work is taken by one process at a time: the same for letters, webhook calls and background jobs."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlmodel import Session, select

from models.database.ids import new_id
from models.database.leases import (
    LONGEST,
    Lease,
    Leased,
    LostLease,
    claim,
    is_ready,
    next_ready,
    release,
    renew,
    settle,
)
from models.letters.letter import Letter, LetterKind, LetterState
from models.operations.background_job import LAUNCH, BackgroundJob, BackgroundJobState
from models.organization.access import CallState, Webhook, WebhookCall
from tests.models.world import NOW, make_world

SECOND = timedelta(seconds=1)
UNTIL = NOW + timedelta(minutes=1)
KINDS: dict[type[Leased], tuple[Any, Any]] = {
    Letter: (LetterState.QUEUED, LetterState.CLAIMED),
    WebhookCall: (CallState.QUEUED, CallState.CLAIMED),
    BackgroundJob: (BackgroundJobState.QUEUED, BackgroundJobState.RUNNING),
}
"""Each kind of work, as it waits and as it is held."""
pytestmark = [pytest.mark.both, pytest.mark.parametrize("model", KINDS)]


def put(session: Session, model: type[Leased], count: int = 1) -> list[Lease]:
    """Write rows that are ready from NOW on; return what a first claim of each would be."""
    world = make_world(session)
    hook = Webhook(name="h", url="https://h.example", secret="s", created_at=NOW, created_by=world.person.id)
    session.add(hook)
    session.flush()
    job: dict[str, Any] = {"kind": LAUNCH, "given": {}, "asked_by": world.person.id, "asked_at": NOW}
    leases = []
    for number in range(count):
        waits: dict[str, Any] = {"id": new_id(), "not_before": NOW}
        if model is Letter:
            slot = NOW + number * SECOND
            session.add(Letter(recipient_id=world.person.id, slot=slot, kind=LetterKind.EVENT, **waits))
        elif model is WebhookCall:
            history = world.history.model_copy(update={"id": new_id()})
            session.add(type(history)(**history.model_dump()))
            session.flush()
            session.add(WebhookCall(webhook_id=hook.id, history_id=history.id, queued_at=NOW, **waits))
        else:
            session.add(BackgroundJob(**job, **waits))
        session.flush()
        leases.append(Lease((waits["id"],), 1))
    return leases


def take(session: Session, model: type[Leased], leases: list[Lease]) -> None:
    claim(session, model, [one.key for one in leases], until=UNTIL, state=KINDS[model][1])


def rows(session: Session, model: type[Leased]) -> list[Any]:
    return list(session.exec(select(model).execution_options(populate_existing=True)))


def ready(session: Session, model: type[Leased], now: Any) -> int:
    return len(session.exec(select(model).where(is_ready(model, now))).all())


def test_a_row_is_ready_from_its_moment_on_and_again_when_its_lease_is_over(
    session: Session, model: type[Leased]
) -> None:
    leases = put(session, model)
    assert (ready(session, model, NOW - SECOND), ready(session, model, NOW)) == (0, 1)
    take(session, model, leases)
    assert (ready(session, model, UNTIL - SECOND), ready(session, model, UNTIL)) == (0, 1)
    [row] = rows(session, model)
    assert (row.attempts, row.lease_token, row.lease_until, row.state) == (1, 1, UNTIL, KINDS[model][1])


def test_a_lease_that_ends_in_days_was_given_by_a_clock_ahead_and_is_over(
    session: Session, model: type[Leased]
) -> None:
    [lease] = put(session, model)
    for ends, is_free in ((NOW + LONGEST, False), (NOW + LONGEST + SECOND, True)):
        claim(session, model, [lease.key], until=ends, state=KINDS[model][1])
        assert bool(ready(session, model, NOW)) is is_free


def test_the_longest_ready_come_first_then_the_lowest_key(session: Session, model: type[Leased]) -> None:
    leases = put(session, model, 5)
    keys = sorted(lease.key for lease in leases)
    for number, moment in enumerate((NOW, NOW - SECOND, NOW, NOW + SECOND, NOW - SECOND)):
        session.get_one(model, keys[number]).not_before = moment
    session.flush()
    take(session, model, [Lease(keys[4], 1)])

    def found(limit: int, waits: str = "attempts < 9") -> list[Any]:
        return [(row.id,) for row in next_ready(session, model, text(waits), now=NOW, limit=limit)]  # type: ignore[attr-defined]

    assert found(9) == [keys[1], keys[0], keys[2]]
    assert found(2) == [keys[1], keys[0]]
    assert found(9, "attempts > 9") == []


def test_many_rows_are_claimed_by_one_statement(session: Session, model: type[Leased]) -> None:
    leases = put(session, model, 3)
    take(session, model, leases[:2])
    assert sorted(row.lease_token for row in rows(session, model)) == [0, 1, 1]
    claim(session, model, [], until=UNTIL)


def test_a_holder_renews_and_settles_its_row(session: Session, model: type[Leased]) -> None:
    [lease] = put(session, model)
    take(session, model, [lease])
    renew(session, model, lease, until=UNTIL + SECOND, not_before=NOW + SECOND)
    [held] = rows(session, model)
    assert (held.lease_until, held.not_before) == (UNTIL + SECOND, NOW + SECOND)
    settle(session, model, lease, state=KINDS[model][0], not_before=UNTIL)
    [row] = rows(session, model)
    assert (row.lease_until, row.not_before, row.attempts, row.lease_token) == (None, UNTIL, 1, 1)


@pytest.mark.parametrize("why", ["never claimed", "claimed again", "settled", "released", "another row"])
def test_whoever_holds_a_row_no_more_writes_nothing(session: Session, model: type[Leased], why: str) -> None:
    lease, other = put(session, model, 2)
    if why != "never claimed":
        take(session, model, [lease])
    if why == "claimed again":
        take(session, model, [lease])
    if why == "settled":
        settle(session, model, lease, state=KINDS[model][0])
    if why == "released":
        release(session, model, [lease], state=KINDS[model][0])
    if why == "another row":
        lease = other
    before = [row.model_dump() for row in rows(session, model)]
    with pytest.raises(LostLease):
        settle(session, model, lease, state=KINDS[model][0])
    with pytest.raises(LostLease):
        renew(session, model, lease, until=UNTIL + SECOND)
    release(session, model, [lease], state=KINDS[model][0])
    assert [row.model_dump() for row in rows(session, model)] == before


def test_what_is_given_back_has_not_been_tried(session: Session, model: type[Leased]) -> None:
    leases = put(session, model, 3)
    take(session, model, leases)
    release(session, model, leases[:2], state=KINDS[model][0])
    release(session, model, [])
    found = {(row.attempts, row.lease_until) for row in rows(session, model)}
    assert found == {(0, None), (1, UNTIL)} and ready(session, model, NOW) == 2
