"""Deliver: notices become letters, each is re-checked, marked, sent and settled, in transactions of its own.

No transaction is open while a mail server is being spoken to.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Engine, update
from sqlmodel import Session, col, select

from models.errors import DondocError
from models.ids import new_id
from models.letter import Letter, LetterKind, LetterState, Notice, NoticeState
from models.localtime import local, local_date
from models.person import Person
from models.run import LINK_KEY, Installation
from models.session import insert_new, reading, transaction
from models.settings import Settings
from models.task import Task
from notifications.compose import compose, compose_subject
from notifications.outbox import Claim, claim, group, keep_uncertain, mark_attempt, set_aside, settle
from notifications.transport import Attempt, Outcome, Sender
from workflows.letter_facts import LetterDesk, Ready, digest_that_morning
from workflows.roster import Roster
from workflows.rules.workdays import WorkCalendar

BATCH = 50
_NO_SUCH_MAILBOX = frozenset({550, 551, 553})
_UNREACHABLE = {"retired": "retired", "no address": "no_address"}
_ANY_HOUR = (LetterKind.INCIDENT, LetterKind.ASSIGNED)


@dataclass
class Delivered:
    """What one delivery did: letters looked at, and how they ended."""

    letters: int = 0
    sent: int = 0
    failed: int = 0
    uncertain: int = 0


def deliver(engine: Engine, settings: Settings, sender: Sender, *, now: datetime, calendar: WorkCalendar) -> Delivered:
    """Sends everything that may leave at `now`: within sending hours, but for incidents and hoả tốc assignments."""
    done = Delivered()

    def next_slot(kind: LetterKind, slot: datetime) -> datetime:
        if kind in (LetterKind.DIGEST, LetterKind.UPWARD):
            return calendar.digest_slot(_evening_after(max(slot, now)))
        return max(slot, now) + timedelta(seconds=1)

    with transaction(engine) as session:
        while group(session, now=now, next_slot=next_slot):
            pass
    seen: set[UUID] = set()
    with sender:
        while True:
            with transaction(engine) as session:
                claims = _claim(session, now, calendar, seen)
            if not claims:
                return done
            seen.update(one.letter_id for one in claims)
            for one, ready in _ready(engine, settings, claims, now, calendar):
                _deliver_one(engine, settings, sender, one, ready, now, calendar, done)


def _evening_after(moment: datetime) -> datetime:
    """A moment of the same local day after sending hours, so that the digest slot is the next working morning."""
    return local(moment).replace(hour=23, minute=0, second=0, microsecond=0)


def _claim(session: Session, now: datetime, calendar: WorkCalendar, seen: set[UUID]) -> list[Claim]:
    if calendar.in_sending_hours(now):
        return claim(session, now=now, limit=BATCH, skip=_recent(seen))
    # off hours only what was scheduled outside them on purpose: contingency clocks and hoả tốc assignments
    claims = claim(session, now=now, limit=BATCH, kinds=_ANY_HOUR, skip=_recent(seen))
    kept = []
    for one in claims:
        letter = session.get_one(Letter, one.letter_id)
        if letter.kind is LetterKind.INCIDENT or not calendar.in_sending_hours(letter.slot):
            kept.append(one)
        else:
            seen.add(letter.id)
            letter.state = LetterState.UNCERTAIN if one.was_uncertain else LetterState.QUEUED
            letter.lease_until, letter.attempts = None, letter.attempts - 1
            letter.resent = letter.resent and not one.was_uncertain  # its one re-send is still to come
    session.flush()
    return kept if kept or not claims else _claim(session, now, calendar, seen)


def _recent(seen: set[UUID]) -> list[UUID]:
    """A letter put off in this run is not taken again in it; those already sent cannot be."""
    return list(seen)[-900:]


def _ready(
    engine: Engine, settings: Settings, claims: list[Claim], now: datetime, calendar: WorkCalendar
) -> Iterator[tuple[Claim, Ready]]:
    with reading(engine) as session:
        desk = _desk(session, settings, [one.letter_id for one in claims], now, calendar)
        letters = {letter.id: letter for letter in desk.letters}
        ready = [(one, desk.ready(letters[one.letter_id])) for one in claims]
    yield from ready


def _desk(
    session: Session, settings: Settings, letter_ids: list[UUID], now: datetime, calendar: WorkCalendar
) -> LetterDesk:
    letters = session.exec(select(Letter).where(col(Letter.id).in_(letter_ids))).all()
    key = session.get_one(Installation, LINK_KEY).value
    return LetterDesk(session, settings, key, now, calendar, letters).load()


def _deliver_one(
    engine: Engine,
    settings: Settings,
    sender: Sender,
    one: Claim,
    ready: Ready,
    now: datetime,
    calendar: WorkCalendar,
    done: Delivered,
) -> None:
    with transaction(engine) as session:
        prepared = _prepare(session, settings, one, ready, now, calendar, getattr(sender, "keep_content", True))
    if prepared is None:
        return
    done.letters += 1
    attempt = prepared if isinstance(prepared, Attempt) else sender.send(*prepared)
    with transaction(engine) as session:
        state = settle(session, one, attempt, now=now)
        if state is LetterState.FAILED:
            _tell_coordinators(session, one.letter_id, attempt, now, calendar)
    done.sent += state is LetterState.SENT
    done.failed += state is LetterState.FAILED or (state is LetterState.QUEUED)
    done.uncertain += state is LetterState.UNCERTAIN


def _prepare(
    session: Session,
    settings: Settings,
    one: Claim,
    ready: Ready,
    now: datetime,
    calendar: WorkCalendar,
    whole: bool,
) -> tuple[str, bytes] | Attempt | None:
    """Re-checks, writes and marks a letter. None: nothing leaves; an Attempt: it cannot leave, and why.

    Not `whole`: the sender keeps no content, so that only the subject is written.
    """
    letter = session.get_one(Letter, one.letter_id)
    if letter.fence != one.fence or letter.state is not LetterState.CLAIMED:
        return None
    if _moved_since(session, ready):
        ready = _desk(session, settings, [letter.id], now, calendar).ready(letter)
    person = session.get_one(Person, letter.recipient_id)
    why_not = _why_no_summary(session, letter, now) if letter.kind is LetterKind.SUMMARY else ""
    if one.was_uncertain:
        if ready.facts is None or letter.content is None or letter.address is None or not person.is_active:
            keep_uncertain(session, one)
            return None
        content, address, subject = letter.content, letter.address, letter.subject or ""
    else:
        _drop(session, ready)
        if ready.facts is None or why_not:
            set_aside(session, one, LetterState.EMPTY, why_not)
            return None
        if not person.is_active or not person.email:
            return Attempt(Outcome.PERMANENT, None, "retired" if not person.is_active else "no address")
        try:
            composed = compose(ready.facts) if whole else compose_subject(ready.facts)
        except DondocError as error:  # one letter that cannot be written delays nobody else
            return Attempt(Outcome.PERMANENT, None, f"cannot be written: {error}")
        content, address, subject = composed.content, person.email, composed.subject
    is_drill = ready.facts.is_drill
    marked = mark_attempt(
        session,
        one,
        now=now,
        message_id=ready.facts.message_id,
        address=address,
        subject=subject,
        content=content,
        is_drill=is_drill,
    )
    return (address, content) if marked else None


def _why_no_summary(session: Session, letter: Letter, now: datetime) -> str:
    if local_date(letter.slot).isocalendar()[:2] != local_date(now).isocalendar()[:2]:
        return "its week is over"
    return "a digest left that morning" if digest_that_morning(session, letter, now) else ""


def _moved_since(session: Session, ready: Ready) -> bool:
    ids = list(ready.revisions)
    for start in range(0, len(ids), 900):
        chunk = ids[start : start + 900]
        current = dict(session.execute(select(col(Task.id), col(Task.revision)).where(col(Task.id).in_(chunk))).all())
        if any(ready.revisions[task_id] != revision for task_id, revision in current.items()):
            return True
    return False


def _drop(session: Session, ready: Ready) -> None:
    for notice_id, reason in ready.dropped.items():
        session.execute(
            update(Notice).where(col(Notice.id) == notice_id).values(state=NoticeState.DROPPED, reason=reason)
        )
    if ready.superseded:
        session.execute(update(Notice).where(col(Notice.id).in_(ready.superseded)).values(state=NoticeState.SUPERSEDED))


def _tell_coordinators(
    session: Session, letter_id: UUID, attempt: Attempt, now: datetime, calendar: WorkCalendar
) -> None:
    """A rung that could not be delivered is told to the coordinator; an address refused for good is remembered."""
    letter = session.get_one(Letter, letter_id)
    person = session.get_one(Person, letter.recipient_id)
    if attempt.code in _NO_SUCH_MAILBOX:
        person.email_refused_at = now
    notices = session.exec(select(Notice).where(Notice.letter_id == letter_id)).all()
    tasks = session.exec(select(Task).where(col(Task.id).in_({notice.task_id for notice in notices}))).all()
    roster = Roster.for_tasks(session, tasks, local_date(now))
    by_id = {task.id: task for task in tasks}
    rows = [
        {
            "id": new_id(),
            "task_id": notice.task_id,
            "anchor_id": notice.anchor_id,
            "rung": "undeliverable",
            "offset": notice.offset,
            "role": "coordinator",
            "recipient_id": told.person_id,
            "fired_at": now,
            **_place(by_id[notice.task_id], now, calendar),
            "state": NoticeState.PENDING,
            "undeliverable": _UNREACHABLE.get(attempt.reply, "refused"),
            "reason": "",
        }
        for notice in notices
        if notice.rung != "undeliverable" and notice.state is NoticeState.FAILED
        for told in roster.told("coordinator", by_id[notice.task_id])
        if told.person_id != letter.recipient_id
    ]
    insert_new(session, Notice.__table__, rows)  # type: ignore[attr-defined]


def _place(task: Task, now: datetime, calendar: WorkCalendar) -> dict[str, object]:
    """In which letter it is told. An incident's clock does not wait for the morning, and a drill keeps to itself."""
    if task.incident_id is not None:
        return {"slot": now, "kind": LetterKind.INCIDENT, "topic": f"incident:{task.incident_id.hex}"}
    slot = calendar.event_slot(now)
    return {"slot": slot, "kind": LetterKind.EVENT if slot == now else LetterKind.DIGEST, "topic": ""}
