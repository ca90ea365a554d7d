"""Retention: the words of letters delivered long ago go, by the setting; that they were sent, and their hash, stays."""

import hashlib
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlmodel import col, select

from models.database.rows import insert_new
from models.database.session import reading, transaction
from models.letters.letter import ExpiredContent, Letter, LetterAttempt, LetterContent, LetterState, Notice
from models.letters.letter_reads import expired_content, letter_content
from models.operations.background_job import LAUNCH, PREVIEW, BackgroundJob, BackgroundJobState, JobPart
from models.organization.access import CallState, Webhook, WebhookCall
from models.tasks.history import History
from tests.office import Office, at, furnish
from workflows.history.verify_history import verify
from workflows.jobs.cleanup import retention
from workflows.jobs.cleanup.purge import Purged, purge
from workflows.jobs.cleanup.retention import expire

LONG_AFTER = at(7) + timedelta(days=800)


@pytest.fixture
def office(engine: Engine, tmp_path: Path) -> Office:
    """A directive was launched and its letters have left; one failed."""
    made = furnish(engine, tmp_path)
    made.launch("4", "2")
    made.tick(at(1, minute=1))
    return made


def bodies(office: Office) -> dict[Any, bytes]:
    with reading(office.engine) as session:
        return {one.letter_id: one.content for one in session.exec(select(LetterContent))}


def keeping(office: Office, **settings: Any) -> Any:
    return office.settings.model_copy(update=settings)


def test_letters_are_kept_for_ever_unless_the_settings_say_otherwise(office: Office) -> None:
    before = bodies(office)
    assert before
    assert purge(office.engine, office.settings, now=LONG_AFTER).bodies == 0
    assert bodies(office) == before


def test_words_go_in_time_and_who_was_told_when_of_what_stays(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "BATCH", 3)  # several transactions
    before, rows = bodies(office), office.rows()
    settings = keeping(office, keep_letter_bodies_days=365)
    assert expire(office.engine, settings, now=at(1) + timedelta(days=364)) == 0, "not before their time"
    assert purge(office.engine, settings, now=LONG_AFTER).bodies == len(before) > 3
    assert bodies(office) == {}
    after = office.rows()
    for table in (Letter, LetterAttempt, Notice, History):
        name = str(table.__tablename__)
        assert after[name] == rows[name], "the record stays"
    with reading(office.engine) as session:
        for letter_id, content in before.items():
            kept, letter = expired_content(session, letter_id), session.get_one(Letter, letter_id)
            assert kept is not None and kept.expired_at == LONG_AFTER
            assert (kept.sha256, kept.size) == (hashlib.sha256(content).hexdigest(), len(content))
            assert letter_content(session, letter) is None and letter.message_id and letter.sent_at and letter.address
    assert purge(office.engine, settings, now=LONG_AFTER) == Purged(), "a repeat finds nothing"
    assert verify(office.engine).broken is None


@pytest.mark.parametrize("state", [LetterState.FAILED, LetterState.UNCERTAIN, LetterState.HELD])
def test_letters_that_somebody_must_still_look_at_keep_their_words(office: Office, state: LetterState) -> None:
    with transaction(office.engine) as session:
        first = session.exec(select(Letter).order_by(col(Letter.id))).first()
        assert first is not None
        first.state = state
        session.add(first)
    expire(office.engine, keeping(office, keep_letter_bodies_days=30), now=LONG_AFTER)
    assert set(bodies(office)) == {first.id}


def test_a_purge_that_died_between_two_batches_goes_on(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "BATCH", 2)
    before, settings = bodies(office), keeping(office, keep_letter_bodies_days=30)
    calls = iter(range(2))

    def dies(*given: Any) -> int:
        if next(calls, None) is None:
            raise RuntimeError("killed")
        return insert(*given)

    insert = insert_new
    monkeypatch.setattr(retention, "insert_new", dies)
    with pytest.raises(RuntimeError):
        expire(office.engine, settings, now=LONG_AFTER)
    assert len(bodies(office)) == len(before) - 4
    monkeypatch.setattr(retention, "insert_new", insert)
    assert expire(office.engine, settings, now=LONG_AFTER) == len(before) - 4
    with reading(office.engine) as session:
        assert len(session.exec(select(ExpiredContent)).all()) == len(before)


def test_records_of_background_work_go_once_it_has_ended(office: Office) -> None:
    person, states = (
        office.person("le.thi.c"),
        (BackgroundJobState.DONE, BackgroundJobState.FAILED, BackgroundJobState.QUEUED),
    )
    with transaction(office.engine) as session:
        for state in states:
            ended = at(1) if state is not BackgroundJobState.QUEUED else None
            errand = BackgroundJob(
                kind=LAUNCH,
                given={},
                asked_by=person.id,
                asked_at=at(1),
                not_before=at(1),
                state=state,
                finished_at=ended,
            )
            session.add(errand)
            session.flush()
            session.add(JobPart(errand_id=errand.id, name="1", content={}))
    settings = keeping(office, keep_errands_days=365)
    assert purge(office.engine, settings, now=at(1) + timedelta(days=365)).errands == 0
    assert purge(office.engine, settings, now=at(1) + timedelta(days=366)).errands == 2
    with reading(office.engine) as session:
        assert [one.state for one in session.exec(select(BackgroundJob).where(BackgroundJob.kind != PREVIEW))] == [
            BackgroundJobState.QUEUED
        ]
        assert len(session.exec(select(JobPart)).all()) == 1


def test_calls_to_webhooks_go_once_made_or_given_up(office: Office) -> None:
    person = office.person("le.thi.c")
    with transaction(office.engine) as session:
        hook = Webhook(
            name="CRM",
            url="https://example.vn/hook",
            secret="s" * 32,
            created_at=at(1),
            created_by=person.id,
            is_active=False,
        )
        session.add(hook)
        session.flush()
        rows = session.exec(select(History.id).limit(3)).all()
        for row, state in zip(rows, (CallState.DONE, CallState.FAILED, CallState.QUEUED), strict=True):
            call = WebhookCall(webhook_id=hook.id, history_id=row, state=state, queued_at=at(1), not_before=at(1))
            session.add(call)
    late = office.settings.model_copy(update={"keep_webhook_calls_days": 7})
    assert purge(office.engine, late, now=at(2)).calls == 0
    assert purge(office.engine, late, now=at(9)).calls == 2
    with reading(office.engine) as session:
        assert [one.state for one in session.exec(select(WebhookCall))] == [CallState.QUEUED]
