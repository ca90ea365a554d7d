"""Counts how many letters a person would have got in the last 30 days under another choice of pace."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlmodel import Session, col

from models.letters.letter import SECRET_TOPIC, TEST_TOPIC, Letter, LetterKind, LetterState, Notice
from models.letters.letter_preference import Matter
from models.tasks.task import Task
from models.text.localtime import local_date
from workflows.history.record import EVENT
from workflows.rules.calendar.workdays import WorkCalendar
from workflows.rules.letter_pace import Departure, PaceChoice, depart_at_once, has_summary, matter_of, plan_departure

SPAN = timedelta(days=30)


@dataclass(frozen=True)
class _News:
    """A notice of an event."""

    event: str
    role: str
    fired_at: datetime
    due_at: datetime | None
    letter_id: UUID
    is_forced: bool  # told in place of an unreachable person: at once, whatever the choice


@dataclass(frozen=True)
class MatterCount:
    matter: Matter
    letters: int  # that told of it; a letter may tell of several matters
    events: int
    letters_by_choice: int


@dataclass(frozen=True)
class LastMonth:
    """The letters that one person got in the last 30 days, and the news in them that a choice would group anew."""

    sent: int
    fixed: int
    """Letters that no choice changes."""
    digests: frozenset[date]
    """Days with a digest of reminders. News of the morning joins such a digest."""
    summaries: int
    news: tuple[_News, ...]

    def count_matters(self, choice: PaceChoice, calendar: WorkCalendar) -> list[MatterCount]:
        letters: dict[Matter, set[UUID]] = defaultdict(set)
        events: Counter[Matter] = Counter()
        slots: dict[Matter, set[datetime]] = defaultdict(set)
        for news in self.news:
            matter = matter_of(news.event)
            if matter is None or news.is_forced:
                continue
            letters[matter].add(news.letter_id)
            events[matter] += 1
            leaving = plan_departure(news.event, news.role, news.fired_at, news.due_at, choice, calendar)
            if leaving is not None:
                slots[matter].add(leaving.slot)
        chosen_summaries = self.summaries if has_summary(choice) else 0
        return [
            MatterCount(matter, self.summaries, self.summaries, chosen_summaries)
            if matter is Matter.SUMMARY
            else MatterCount(matter, len(letters[matter]), events[matter], len(slots[matter]))
            for matter in Matter
        ]

    def count_letters(self, choice: PaceChoice, calendar: WorkCalendar) -> int:
        """Count all letters under a choice. News that the person had switched off is unknown and not counted."""
        slots = set()
        for news in self.news:
            if news.is_forced:
                leaving: Departure | None = depart_at_once(news.fired_at, calendar)
            else:
                leaving = plan_departure(news.event, news.role, news.fired_at, news.due_at, choice, calendar)
            if leaving is None or (leaving.with_digest and local_date(leaving.slot) in self.digests):
                continue
            slots.add(leaving.slot)
        return self.fixed + len(slots) + (self.summaries if has_summary(choice) else 0)


def read_last_month(session: Session, person_id: UUID, *, now: datetime) -> LastMonth:
    """Read the month in two queries. Letters with codes and test letters do not count."""
    letters = session.execute(
        select(col(Letter.id), col(Letter.kind), col(Letter.slot)).where(
            col(Letter.recipient_id) == person_id,
            col(Letter.slot) >= now - SPAN,
            col(Letter.slot) <= now,
            col(Letter.state) == LetterState.SENT,
            ~col(Letter.topic).startswith(SECRET_TOPIC),
            ~col(Letter.topic).startswith(TEST_TOPIC),
        )
    ).all()
    kinds = {letter_id: kind for letter_id, kind, _slot in letters}
    rungs: dict[UUID, list[str]] = defaultdict(list)
    news: list[_News] = []
    for letter_id, rung, role, fired_at, undeliverable, due_at in _read_notices(session, person_id, now):
        rungs[letter_id].append(rung)
        if rung.startswith(EVENT) and kinds.get(letter_id) in (LetterKind.EVENT, LetterKind.DIGEST):
            news.append(_News(rung.removeprefix(EVENT), role, fired_at, due_at, letter_id, undeliverable is not None))
    fixed, summaries, digests = 0, 0, set()
    for letter_id, kind, slot in letters:
        is_news = bool(rungs[letter_id]) and all(rung.startswith(EVENT) for rung in rungs[letter_id])
        if kind is LetterKind.SUMMARY:
            summaries += 1
        elif kind not in (LetterKind.EVENT, LetterKind.DIGEST) or not is_news:
            fixed += 1
            if kind is LetterKind.DIGEST:
                digests.add(local_date(slot))
    return LastMonth(len(letters), fixed, frozenset(digests), summaries, tuple(news))


def _read_notices(session: Session, person_id: UUID, now: datetime) -> Iterable[Any]:
    query: Any = (
        select(
            *(col(Notice.letter_id), col(Notice.rung), col(Notice.role), col(Notice.fired_at)),
            *(col(Notice.undeliverable), col(Task.due_at)),
        )
        .join(Task, col(Task.id) == col(Notice.task_id))
        .join(Letter, col(Letter.id) == col(Notice.letter_id))
        .where(
            col(Letter.recipient_id) == person_id, col(Letter.slot) >= now - SPAN, col(Letter.state) == LetterState.SENT
        )
    )
    return session.execute(query)
