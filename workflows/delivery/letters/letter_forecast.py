"""How many letters a choice would have meant: somebody's last month, grouped anew."""

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlmodel import Session, col

from models.letters.letter import SECRET_TOPIC, TEST_TOPIC, Letter, LetterKind, LetterState, Notice
from models.letters.letter_preference import Matter
from models.tasks.task import Task
from models.text.localtime import local_date
from workflows.history.record import EVENT
from workflows.rules.calendar.workdays import WorkCalendar
from workflows.rules.letter_pace import PaceChoice, at_once, has_summary, matter_of, news_leaves

SPAN = timedelta(days=30)


@dataclass(frozen=True)
class _News:
    """One notice of an event, as it was written."""

    event: str
    role: str
    fired_at: datetime
    due_at: datetime | None
    letter_id: UUID
    is_forced: bool  # in place of somebody unreachable: told at once whatever anybody chose


@dataclass(frozen=True)
class LastMonth:
    """What one person was sent in the last 30 days: what no choice changes, and the news that a choice groups."""

    sent: int
    forced: int
    digests: frozenset[date]
    """Days of the digests that a ladder opened: news of the morning is told there."""
    summaries: int
    news: tuple[_News, ...]

    def by_matter(self) -> dict[Matter, tuple[int, int]]:
        """How many letters told of each, and how many events they told. One letter may tell several."""
        letters: dict[Matter, set[UUID]] = defaultdict(set)
        events: Counter[Matter] = Counter()
        for one in self.news:
            if not one.is_forced and (matter := matter_of(one.event)) is not None:
                letters[matter].add(one.letter_id)
                events[matter] += 1
        told = {matter: (len(letters[matter]), events[matter]) for matter in Matter}
        return told | {Matter.SUMMARY: (self.summaries, self.summaries)}

    def letters_by_matter(self, choice: PaceChoice, calendar: WorkCalendar) -> dict[Matter, int]:
        """In how many letters each matter's news would have come by a choice."""
        slots: dict[Matter, set[datetime]] = defaultdict(set)
        for one in self.news:
            matter = matter_of(one.event)
            if matter is None or one.is_forced:
                continue
            leaving = news_leaves(one.event, one.role, one.fired_at, one.due_at, choice, calendar)
            if leaving is not None:
                slots[matter].add(leaving.slot)
        would = {matter: len(slots[matter]) for matter in Matter}
        return would | {Matter.SUMMARY: self.summaries if has_summary(choice) else 0}

    def letters(self, choice: PaceChoice, calendar: WorkCalendar) -> int:
        """How many it would have been by a choice. News that was switched off then is not known."""
        slots = set()
        for one in self.news:
            if one.is_forced:
                leaving = at_once(one.fired_at, calendar)
            elif (found := news_leaves(one.event, one.role, one.fired_at, one.due_at, choice, calendar)) is not None:
                leaving = found
            else:
                continue
            if not (leaving.with_digest and local_date(leaving.slot) in self.digests):
                slots.add(leaving.slot)
        return self.forced + len(slots) + (self.summaries if has_summary(choice) else 0)


def read_last_month(session: Session, person_id: UUID, *, now: datetime) -> LastMonth:
    """Two queries; codes and test letters do not count."""
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
    notices = (
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
    told: dict[UUID, list[str]] = defaultdict(list)
    news: list[_News] = []
    kinds = {letter_id: kind for letter_id, kind, _slot in letters}
    for letter_id, rung, role, fired_at, undeliverable, due_at in session.execute(notices):
        told[letter_id].append(rung)
        if rung.startswith(EVENT) and kinds.get(letter_id) in (LetterKind.EVENT, LetterKind.DIGEST):
            news.append(_News(rung.removeprefix(EVENT), role, fired_at, due_at, letter_id, undeliverable is not None))
    forced, summaries, digests = 0, 0, set()
    for letter_id, kind, slot in letters:
        of_news = bool(told[letter_id]) and all(rung.startswith(EVENT) for rung in told[letter_id])
        if kind is LetterKind.SUMMARY:
            summaries += 1
        elif kind is LetterKind.DIGEST and not of_news:
            digests.add(local_date(slot))
            forced += 1
        elif not (kind in (LetterKind.EVENT, LetterKind.DIGEST) and of_news):
            forced += 1
    return LastMonth(len(letters), forced, frozenset(digests), summaries, tuple(news))
