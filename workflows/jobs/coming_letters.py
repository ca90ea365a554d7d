"""Forecast the letters of running work: the engine runs ahead on a copy, as if nobody acted.

The result is stored with its background job, one part for each day and each letter's words, so that no page waits.
Each reader has a result of their own: the letters that they may see, with the words that they may see.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import ColumnElement, func, or_, select
from sqlmodel import Session, col

from models.database.session import reading, transaction
from models.directives.directive import Directive
from models.errors import NotFound
from models.letters.letter import IS_PENDING, LetterKind, LetterState, Notice
from models.letters.letter_reads import letter_content
from models.operations.background_job import COMING, BackgroundJob, BackgroundJobState
from models.organization.audit import Audit
from models.organization.person import Person
from models.tasks.history import History
from models.tasks.task import OPEN_STATUSES, Task
from models.tasks.task_check import TaskCheck
from models.text.localtime import end_of_day, local_date
from notifications.smtp.clocks import Stopwatch
from notifications.smtp.mailbox import read_bytes
from notifications.smtp.transport import Attempt, SendOutcome
from workflows.access.rights import Principal, overseen_tasks, read_principal
from workflows.delivery.letters.letters_view import LetterFilter, SeenLetter, list_seen, open_seen, spoken_of
from workflows.jobs.launch_preview import WHOLE
from workflows.jobs.simulate import RecordedSender, run_ahead, scratch_copy
from workflows.queue.background_jobs import JobRun, ask, list_background_jobs, read_part
from workflows.rules.rights_table import Right

DAYS = 14
"""Days looked ahead, after today."""
MOST_LISTED = 3_000
"""Letters of a day that are listed; more are counted."""
MOST_WORDS = 1_000
"""Letters whose words are kept, the first to leave."""
_NAMESPACE = UUID("6a1f0f0e-6e0b-5f2f-9a41-2c8f3f4f7d10")
_PAGE = 500
_LINK = re.compile(r'(<a\b[^>]*?)\shref="[^"]*"')


class _FirstWords(RecordedSender):
    """A sender that has the words of the first letters written, and of the others their subjects alone."""

    def __init__(self, most: int) -> None:
        super().__init__(keep_content=most > 0)
        self._left = most

    def send(self, to_address: str, content: bytes, since: Stopwatch | None = None) -> Attempt:
        attempt = super().send(to_address, b"")
        self.letters.clear()
        if attempt.outcome is SendOutcome.ACCEPTED:
            self._left -= 1
            self.keep_content = self._left > 0
        return attempt


@dataclass(frozen=True)
class Coming:
    """A reader's forecast: the newest result, the job under way, and the newest one if it failed."""

    found: BackgroundJob | None
    under_way: BackgroundJob | None
    failed: BackgroundJob | None
    has_changed: bool = False
    """Something that changes letters was done since the newest result was computed."""

    @property
    def computed_at(self) -> datetime:
        assert self.found is not None
        return _computed_at(self.found)

    def count(self, day: date) -> int | None:
        """By the newest result; None where it does not say."""
        if self.found is None or not self.first <= day <= self.last:
            return None
        return dict(self.days).get(day, 0)

    @property
    def days(self) -> list[tuple[date, int]]:
        days = self.found.outcome["days"] if self.found else []
        return [(date.fromisoformat(day), number) for day, number in days]

    @property
    def first(self) -> date:
        assert self.found is not None
        return local_date(self.computed_at)

    @property
    def last(self) -> date:
        return self.first + timedelta(days=DAYS)


def find_coming(session: Session, principal: Principal) -> Coming:
    """Only if it was computed under the rights that they have now. Two queries."""
    jobs = [
        job
        for job in list_background_jobs(session, principal, kinds=(COMING,))
        if job.given["scope"] == _scope(principal)
    ]
    found = next((job for job in jobs if job.state is BackgroundJobState.DONE), None)
    under_way = next((job for job in jobs if job.state in _WAITS), None)
    newest = jobs[0] if jobs else None
    failed = newest if newest and newest.state is BackgroundJobState.FAILED else None
    has_changed = found is not None and _has_changed(session, principal, _computed_at(found))
    return Coming(found, under_way, failed, has_changed)


def _computed_at(job: BackgroundJob) -> datetime:
    """An older program's result does not say when it began to run."""
    as_of = job.outcome.get("as_of")
    return datetime.fromisoformat(as_of) if as_of else job.asked_at


def _has_changed(session: Session, principal: Principal, since: datetime) -> bool:
    """Somebody moved a task that the reader oversees, or changed who gets letters, when, or in which words."""
    overseen = select(col(Task.id)).where(overseen_tasks(principal))
    moved = (  # by directive, as the index has it
        select(col(Directive.id))
        .join(History, col(History.directive_id) == col(Directive.id))
        .where(col(History.recorded_at) > since, col(History.actor_id).is_not(None), col(History.task_id).in_(overseen))
    )
    changed = select(col(Audit.id)).where(col(Audit.recorded_at) > since, col(Audit.action).in_(_CHANGES_LETTERS))
    return bool(session.scalar(select(or_(moved.exists(), changed.exists()))))


_CHANGES_LETTERS = frozenset(
    {"unit_added", "unit_changed", "person_changed", "person_retired", "person_erased", "register_imported"}
    | {"office_handed_over", "office_left_vacant", "absence_recorded", "absence_ended", "address_trusted"}
    | {"calendar_edited", "mail_changed", "job_moved", "job_paused", "job_resumed", "fence_lifted"}
    | {"letters_put_aside", "letters_sent_again", "letter_text_changed", "letter_text_restored"}
    | {"template_published", "template_retired"}
)
"""Audited actions after which other letters may leave than were computed."""
_WAITS = (BackgroundJobState.QUEUED, BackgroundJobState.RUNNING)


def ask_coming(session: Session, principal: Principal, *, now: datetime, again: bool = False) -> BackgroundJob:
    """Queue the forecast, once a day; `again`: once more, unless one is under way."""
    principal.require(Right.SEE_LETTERS)
    scope, day = _scope(principal), local_date(now)
    if again and (under_way := find_coming(session, principal).under_way) is not None:
        return under_way
    once = None if again else uuid5(_NAMESPACE, f"{principal.person.id.hex} {scope} {day}")
    return ask(session, COMING, {"scope": scope}, asked_by=principal.person.id, now=now, job_id=once)


def coming_on(session: Session, coming: Coming, day: date) -> list[dict[str, Any]]:
    """In the order in which they leave."""
    part = read_part(session, coming.found.id, day.isoformat()) if coming.found else None
    return list(part["letters"]) if part else []


def coming_words(session: Session, principal: Principal, job_id: UUID, number: int) -> dict[str, Any]:
    """A letter's words, and the row of its day. NotFound for one of another reader."""
    job = session.get(BackgroundJob, job_id)
    is_theirs = job is not None and job.kind == COMING and job.asked_by == principal.person.id
    found = read_part(session, job_id, f"letter:{number}") if is_theirs else None
    if job is None or found is None or job.given["scope"] != _scope(principal):
        raise NotFound("there is no such letter")
    return found


def forecast(turn: JobRun) -> dict[str, Any]:
    """Run the engine ahead on a copy, and store the letters that leave on each day."""
    today = local_date(turn.now)
    until = end_of_day(today + timedelta(days=DAYS)) - timedelta(microseconds=1)
    with transaction(turn.engine) as session:
        turn.progress(session, 0, DAYS)
    with reading(turn.engine) as session:
        principal = read_principal(session, session.get_one(Person, turn.job.asked_by), today)
        principal.require(Right.SEE_LETTERS)
        among = _nearby(session, principal, until)
        rows = [_row(one, one.slot, turn.now) for one in _of_the_engine(session, principal) if one.slot <= until]

    def tell(moment: datetime) -> None:
        turn.tell(min((local_date(moment) - today).days, DAYS), DAYS)

    sender = _FirstWords(MOST_WORDS)
    words: dict[str, dict[str, Any]] = {}
    with scratch_copy(turn.engine, among, with_letters=True) as scratch:
        run_ahead(scratch, turn.settings, start=turn.now, until=until, tell=tell, sender=lambda: sender)
        with reading(scratch) as copy:
            read = _Reader(copy, principal, turn.now)
            rows += read.rows()
            words = read.words
    days = _by_day(rows)
    told = {
        "days": [[day, len(letters)] for day, letters in sorted(days.items())],
        "letters": len(rows),
        "whole": among is None,
        "as_of": turn.now.isoformat(),
        "written": len(words),
        "test_mode": bool(turn.settings.mail.only_to),
    }
    parts = {day: {"letters": letters[:MOST_LISTED]} for day, letters in days.items()} | words
    with transaction(turn.engine) as session:
        turn.progress(session, DAYS, DAYS)
        turn.finish(session, told, parts)
    return told


@dataclass
class _Reader:
    """Reads the letters that left on a copy as one reader sees them."""

    session: Session
    principal: Principal
    began: datetime

    def __post_init__(self) -> None:
        self.words: dict[str, dict[str, Any]] = {}
        new = select(col(Task.id)).where(col(Task.assigned_at) >= self.began)
        self._new = set(self.session.scalars(new))

    def rows(self) -> list[dict[str, Any]]:
        """In the order in which they leave; of those listed, the tasks too."""
        found = sorted(self._letters(), key=lambda one: (one.sent_at or one.slot, one.unit or "", one.recipient))
        listed: dict[date, int] = {}
        rows = []
        for one in found:
            moment = one.sent_at or one.slot
            day = local_date(moment)
            listed[day] = listed.get(day, 0) + 1
            row = _row(one, moment, self.began)
            if listed[day] <= MOST_LISTED:
                row["tasks"] = self._tasks(one.id)
                row["words"] = self._keep_words(one, row)
            rows.append(row)
        return rows

    def _letters(self) -> Iterator[SeenLetter]:
        wanted, cursor = LetterFilter(state=LetterState.SENT), ""
        while True:
            page = list_seen(self.session, self.principal, wanted, cursor=cursor, limit=_PAGE, with_lists=True)
            yield from page.letters
            if page.older is None:
                return
            cursor = page.older

    def _tasks(self, letter_id: UUID) -> list[dict[str, Any]]:
        tasks: dict[UUID, dict[str, Any]] = {}
        for one in spoken_of(self.session, self.principal, letter_id):
            known = None if one.task_id in self._new else one.task_id.hex
            task: dict[str, Any] = {
                "id": known,
                "duty": one.path,
                "unit": one.unit,
                "directive": one.directive,
                "rungs": [],
            }
            tasks.setdefault(one.task_id, task)["rungs"].append(f"{one.rung}@{one.offset}")
        return list(tasks.values())

    def _keep_words(self, one: SeenLetter, row: dict[str, Any]) -> int | None:
        letter, is_whole = open_seen(self.session, self.principal, one.id, with_lists=True)
        content = letter_content(self.session, letter) if is_whole else None
        if not content:
            return None
        number = len(self.words) + 1
        received = read_bytes(content)
        # what it leads to may be there once it has left
        html = _LINK.sub(r"\1", received.html)
        names = list(received.attachments)
        self.words[f"letter:{number}"] = {
            "html": html,
            "text": received.text,
            "address": letter.address,
            "attachments": names,
            "letter": row | {"day": local_date(one.sent_at or one.slot).isoformat(), "words": number},
        }
        return number


def _of_the_engine(session: Session, principal: Principal) -> Iterator[SeenLetter]:
    """What waits beside the letters about tasks: a copy of the tasks says nothing of these."""
    for kind in (LetterKind.ALERT, LetterKind.COMPILED):
        wanted = LetterFilter(kind=kind, state=LetterState.QUEUED)
        yield from list_seen(session, principal, wanted, limit=_PAGE).letters


def _row(one: SeenLetter, moment: datetime, now: datetime) -> dict[str, Any]:
    moment = max(moment, now)
    return {
        "day": local_date(moment).isoformat(),
        "at": moment.isoformat(),
        "recipient": one.recipient,
        "recipient_code": one.recipient_code,
        "unit": one.unit,
        "kind": one.kind.value,
        "subject": one.subject,
        "is_drill": one.is_drill,
        "rungs": list(one.rungs),
        "tasks": [],
        "words": None,
    }


def _by_day(rows: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    days: dict[str, list[dict[str, Any]]] = {}
    for row in sorted(rows, key=lambda row: (row["day"], row["at"])):
        days.setdefault(row["day"], []).append(row)
    return days


def _scope(principal: Principal) -> str:
    """A mark of what somebody may see: a result found by other rights than today's is not theirs any more."""
    units = sorted(one.hex for one in principal.speaks_for)
    people = sorted(one.hex for one in principal.people)
    given = [*sorted(one.value for one in principal.standings), "units", *units, "people", *people]
    return sha256(" ".join(given).encode()).hexdigest()[:32]


def _nearby(session: Session, principal: Principal, until: datetime) -> ColumnElement[bool] | None:
    """Where there are too many open tasks for all to come along: the reader's of which a letter can speak."""
    count = select(func.count()).select_from(Task).where(col(Task.status).in_(OPEN_STATUSES))
    if (session.scalar(count) or 0) <= WHOLE:
        return None
    soon = select(col(TaskCheck.task_id)).where(col(TaskCheck.at) <= until)
    told = select(col(Notice.task_id)).where(IS_PENDING)
    return overseen_tasks(principal) & (col(Task.id).in_(soon) | col(Task.id).in_(told))
