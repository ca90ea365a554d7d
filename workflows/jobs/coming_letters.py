"""Forecast the letters of running work: the engine runs ahead on a copy, as if nobody acted.

The forecast is stored with its background job: one part for each day, and one for the text of each letter. Each reader
has a forecast of their own, with the letters and texts that they may see.
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import ColumnElement, or_, select
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
from models.tasks.task import Task
from models.tasks.task_check import TaskCheck
from models.text.localtime import end_of_day, local_date
from notifications.smtp.clocks import Stopwatch
from notifications.smtp.mailbox import read_bytes
from notifications.smtp.transport import Attempt, SendOutcome
from workflows.access.rights import Principal, overseen_tasks, read_principal
from workflows.delivery.letters.letters_view import (
    LetterFilter,
    ListedLetter,
    list_letter_notices,
    list_visible_letters,
    open_letter,
)
from workflows.jobs.launch_preview import are_all_copied
from workflows.jobs.simulate import RecordedSender, run_ahead, scratch_copy
from workflows.queue.background_jobs import JobRun, ask, list_background_jobs, read_part
from workflows.rules.rights_table import Right

DAYS = 14
"""The days of a forecast after today."""
MOST_LISTED = 3_000
"""The most letters of a day that are listed. More are only counted."""
MOST_WORDS = 1_000
"""The number of letters whose text is stored: the first to leave."""
_NAMESPACE = UUID("6a1f0f0e-6e0b-5f2f-9a41-2c8f3f4f7d10")
_PAGE = 500
_LINK = re.compile(r'(<a\b[^>]*?)\shref="[^"]*"')


class _FirstTexts(RecordedSender):
    """A sender for which the first `count` letters are written in full, the others without their text."""

    def __init__(self, count: int) -> None:
        super().__init__(keep_content=count > 0)
        self._left = count

    def send(self, to_address: str, content: bytes, since: Stopwatch | None = None) -> Attempt:
        attempt = super().send(to_address, b"")
        self.letters.clear()
        if attempt.outcome is SendOutcome.ACCEPTED:
            self._left -= 1
            self.keep_content = self._left > 0
        return attempt


@dataclass(frozen=True)
class Coming:
    """A reader's forecast: the newest result, the job under way, and the newest job if it failed."""

    result: BackgroundJob | None
    under_way: BackgroundJob | None
    failed: BackgroundJob | None
    has_changed: bool = False
    """Whether anything was done since the newest result that changes letters."""

    @property
    def computed_at(self) -> datetime:
        assert self.result is not None
        return _computed_at(self.result)

    def count(self, day: date) -> int | None:
        """Return the number of letters that leave on a day; None for a day outside the forecast."""
        if self.result is None or not self.first <= day <= self.last:
            return None
        return dict(self.days).get(day, 0)

    @property
    def days(self) -> list[tuple[date, int]]:
        days = self.result.outcome["days"] if self.result else []
        return [(date.fromisoformat(day), number) for day, number in days]

    @property
    def first(self) -> date:
        assert self.result is not None
        return local_date(self.computed_at)

    @property
    def last(self) -> date:
        return self.first + timedelta(days=DAYS)


def find_coming(session: Session, principal: Principal) -> Coming:
    """Find somebody's forecast. A result of other rights than today's does not count."""
    scope = _scope(principal)
    jobs = [job for job in list_background_jobs(session, principal, kinds=(COMING,)) if job.given["scope"] == scope]
    result = next((job for job in jobs if job.state is BackgroundJobState.DONE), None)
    under_way = next((job for job in jobs if job.state in _UNDER_WAY), None)
    newest = jobs[0] if jobs else None
    failed = newest if newest and newest.state is BackgroundJobState.FAILED else None
    has_changed = result is not None and _has_changed(session, principal, _computed_at(result))
    return Coming(result, under_way, failed, has_changed)


def _computed_at(job: BackgroundJob) -> datetime:
    """Return the moment of a result. Results of older releases have none; they count from the order."""
    as_of = job.outcome.get("as_of")
    return datetime.fromisoformat(as_of) if as_of else job.asked_at


def _has_changed(session: Session, principal: Principal, since: datetime) -> bool:
    """Return whether a task that the reader oversees has changed, or who gets letters, when, or their texts."""
    overseen = select(col(Task.id)).where(overseen_tasks(principal))
    changed_task = (  # joined by directive, which has an index
        select(col(Directive.id))
        .join(History, col(History.directive_id) == col(Directive.id))
        .where(col(History.recorded_at) > since, col(History.actor_id).is_not(None), col(History.task_id).in_(overseen))
    )
    changed_letters = select(col(Audit.id)).where(
        col(Audit.recorded_at) > since, col(Audit.action).in_(_CHANGES_LETTERS)
    )
    return bool(session.scalar(select(or_(changed_task.exists(), changed_letters.exists()))))


_CHANGES_LETTERS = frozenset(
    {"unit_added", "unit_changed", "person_changed", "person_retired", "person_erased", "register_imported"}
    | {"office_handed_over", "office_left_vacant", "absence_recorded", "absence_ended", "address_trusted"}
    | {"calendar_edited", "mail_changed", "job_moved", "job_paused", "job_resumed", "fence_lifted"}
    | {"letters_put_aside", "letters_sent_again", "letter_text_changed", "letter_text_restored"}
    | {"template_published", "template_retired"}
)
"""Audited actions that can change which letters leave."""
_UNDER_WAY = (BackgroundJobState.QUEUED, BackgroundJobState.RUNNING)


def ask_coming(session: Session, principal: Principal, *, now: datetime, again: bool = False) -> BackgroundJob:
    """Queue the forecast once a day. With `again`, queue it once more unless one is under way."""
    principal.require(Right.SEE_LETTERS)
    scope, day = _scope(principal), local_date(now)
    under_way = find_coming(session, principal).under_way if again else None
    if under_way is not None:
        return under_way
    job_id_of_day = None if again else uuid5(_NAMESPACE, f"{principal.person.id.hex} {scope} {day}")
    return ask(session, COMING, {"scope": scope}, asked_by=principal.person.id, now=now, job_id=job_id_of_day)


def coming_on(session: Session, coming: Coming, day: date) -> list[dict[str, Any]]:
    """Return the letters of a day, in the order in which they leave."""
    part = read_part(session, coming.result.id, day.isoformat()) if coming.result else None
    return list(part["letters"]) if part else []


def coming_words(session: Session, principal: Principal, job_id: UUID, number: int) -> dict[str, Any]:
    """Return a letter's text and its row in the list of the day. Raise NotFound for another reader's forecast."""
    job = session.get(BackgroundJob, job_id)
    is_own = job is not None and job.kind == COMING and job.asked_by == principal.person.id
    part = read_part(session, job_id, f"letter:{number}") if is_own else None
    if job is None or part is None or job.given["scope"] != _scope(principal):
        raise NotFound("there is no such letter")
    return part


def forecast(turn: JobRun) -> dict[str, Any]:
    """Run the engine ahead on a copy, and store the letters that leave on each day."""
    today = local_date(turn.now)
    until = end_of_day(today + timedelta(days=DAYS)) - timedelta(microseconds=1)
    with transaction(turn.engine) as session:
        turn.progress(session, 0, DAYS)
    with reading(turn.engine) as session:
        principal = read_principal(session, session.get_one(Person, turn.job.asked_by), today)
        principal.require(Right.SEE_LETTERS)
        among = _tasks_to_copy(session, principal, until)
        waiting = _letters_about_no_task(session, principal)
        rows = [_row(letter, letter.slot, turn.now) for letter in waiting if letter.slot <= until]

    def tell(moment: datetime) -> None:
        turn.tell(min((local_date(moment) - today).days, DAYS), DAYS)

    sender = _FirstTexts(MOST_WORDS)
    with scratch_copy(turn.engine, among, with_letters=True) as scratch:
        run_ahead(scratch, turn.settings, start=turn.now, until=until, tell=tell, sender=lambda: sender)
        with reading(scratch) as copy:
            reader = _Reader(copy, principal, turn.now)
            rows += reader.rows()
    days = _group_by_day(rows)
    outcome = {
        "days": [[day, len(letters)] for day, letters in sorted(days.items())],
        "letters": len(rows),
        "whole": among is None,
        "as_of": turn.now.isoformat(),
        "written": len(reader.texts),
        "test_mode": bool(turn.settings.mail.only_to),
    }
    parts = {day: {"letters": letters[:MOST_LISTED]} for day, letters in days.items()} | reader.texts
    with transaction(turn.engine) as session:
        turn.progress(session, DAYS, DAYS)
        turn.finish(session, outcome, parts)
    return outcome


@dataclass
class _Reader:
    """Reads the letters that left on a copy as one reader sees them."""

    session: Session
    principal: Principal
    began: datetime

    def __post_init__(self) -> None:
        self.texts: dict[str, dict[str, Any]] = {}
        """The stored texts of letters, by the name of their part."""
        new_tasks = select(col(Task.id)).where(col(Task.assigned_at) >= self.began)
        self._new_tasks = set(self.session.scalars(new_tasks))
        """Tasks that exist only on the copy. No page shows them."""

    def rows(self) -> list[dict[str, Any]]:
        """Return the letters in the order in which they leave. Only listed ones have their tasks and texts."""
        letters = sorted(
            self._letters(), key=lambda letter: (letter.sent_at or letter.slot, letter.unit or "", letter.recipient)
        )
        counts = Counter[date]()
        rows = []
        for letter in letters:
            moment = letter.sent_at or letter.slot
            row = _row(letter, moment, self.began)
            counts[local_date(moment)] += 1
            if counts[local_date(moment)] <= MOST_LISTED:
                row["tasks"] = self._tasks(letter.id)
                row["words"] = self._keep_text(letter, row)
            rows.append(row)
        return rows

    def _letters(self) -> Iterator[ListedLetter]:
        sent, cursor = LetterFilter(state=LetterState.SENT), ""
        while True:
            page = list_visible_letters(self.session, self.principal, sent, cursor=cursor, limit=_PAGE, with_lists=True)
            yield from page.letters
            if page.older is None:
                return
            cursor = page.older

    def _tasks(self, letter_id: UUID) -> list[dict[str, Any]]:
        tasks: dict[UUID, dict[str, Any]] = {}
        for line in list_letter_notices(self.session, self.principal, letter_id):
            task: dict[str, Any] = {
                "id": None if line.task_id in self._new_tasks else line.task_id.hex,
                "duty": line.path,
                "unit": line.unit,
                "directive": line.directive,
                "rungs": [],
            }
            tasks.setdefault(line.task_id, task)["rungs"].append(f"{line.rung}@{line.offset}")
        return list(tasks.values())

    def _keep_text(self, listed_letter: ListedLetter, row: dict[str, Any]) -> int | None:
        """Store a letter's text if the reader may see it, and return its number, else None."""
        letter, is_whole = open_letter(self.session, self.principal, listed_letter.id, with_lists=True)
        content = letter_content(self.session, letter) if is_whole else None
        if not content:
            return None
        number = len(self.texts) + 1
        mail = read_bytes(content)
        self.texts[f"letter:{number}"] = {
            "html": _LINK.sub(r"\1", mail.html),  # the linked pages may not exist yet
            "text": mail.text,
            "address": letter.address,
            "attachments": list(mail.attachments),
            "letter": row
            | {"day": local_date(listed_letter.sent_at or listed_letter.slot).isoformat(), "words": number},
        }
        return number


def _letters_about_no_task(session: Session, principal: Principal) -> Iterator[ListedLetter]:
    """Yield the waiting alerts and compiled reports, which a copy of the tasks does not contain."""
    for kind in (LetterKind.ALERT, LetterKind.COMPILED):
        queued = LetterFilter(kind=kind, state=LetterState.QUEUED)
        yield from list_visible_letters(session, principal, queued, limit=_PAGE).letters


def _row(letter: ListedLetter, moment: datetime, now: datetime) -> dict[str, Any]:
    moment = max(moment, now)
    return {
        "day": local_date(moment).isoformat(),
        "at": moment.isoformat(),
        "recipient": letter.recipient,
        "recipient_code": letter.recipient_code,
        "unit": letter.unit,
        "kind": letter.kind.value,
        "subject": letter.subject,
        "is_drill": letter.is_drill,
        "rungs": list(letter.rungs),
        "tasks": [],
        "words": None,
    }


def _group_by_day(rows: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    days: dict[str, list[dict[str, Any]]] = {}
    for row in sorted(rows, key=lambda row: (row["day"], row["at"])):
        days.setdefault(row["day"], []).append(row)
    return days


def _scope(principal: Principal) -> str:
    """Return a digest of the reader's rights. A forecast with another digest shows what they may not see today."""
    standings = sorted(standing.value for standing in principal.standings)
    units = sorted(unit_id.hex for unit_id in principal.speaks_for)
    people = sorted(person_id.hex for person_id in principal.people)
    return sha256(" ".join([*standings, "units", *units, "people", *people]).encode()).hexdigest()[:32]


def _tasks_to_copy(session: Session, principal: Principal, until: datetime) -> ColumnElement[bool] | None:
    """Return the condition for the tasks that can cause the reader's letters by `until`; None to copy all of them."""
    if are_all_copied(session):
        return None
    due_tasks = select(col(TaskCheck.task_id)).where(col(TaskCheck.at) <= until)
    noticed_tasks = select(col(Notice.task_id)).where(IS_PENDING)
    return overseen_tasks(principal) & (col(Task.id).in_(due_tasks) | col(Task.id).in_(noticed_tasks))
