"""How many letters people get on a working day: the demo's 120 days, played anew or read from a data folder.

    python -m bench.letters_by_day             plays them in a folder that is deleted again
    python -m bench.letters_by_day FOLDER      reads a demo that was played there

Prints how many person-days had one, two, three or more letters, and who had more than two on which day. It counts what
the mail server took. The rungs that were told are printed too, with those that left later than on their own day.
"""

import sys
import tempfile
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path

from sqlalchemy import Engine, select
from sqlmodel import Session, col

from models.database.secret_keys import keys_of
from models.database.session import open_engine, reading
from models.letters.letter import Letter, LetterContent, LetterKind, LetterState, Notice, NoticeState
from models.organization.person import Person
from models.settings import MailSettings, Settings
from models.text.localtime import local_date
from workflows.delivery.mail_lines import open_sender
from workflows.history.record import EVENT
from workflows.operations.demo_story import play, prepare
from workflows.organization.working_calendar import load_calendar
from workflows.rules.calendar.workdays import WorkCalendar

MOST = 2
"""So many letters on a working day are enough for anybody."""


@dataclass
class LettersByDay:
    """What left in a played demo."""

    days: dict[tuple[str, date], Counter[LetterKind]] = field(default_factory=lambda: defaultdict(Counter))
    kinds: Counter[LetterKind] = field(default_factory=Counter)
    subjects: dict[tuple[str, date], list[str]] = field(default_factory=lambda: defaultdict(list))
    largest: int = 0  # bytes of the largest digest or summary
    rungs: int = 0
    late_rungs: int = 0  # told on a later day than that of their slot
    working_days: int = 0

    @property
    def counts(self) -> Counter[int]:
        """Return how many person-days had how many letters."""
        return Counter(kinds.total() for kinds in self.days.values())

    @property
    def too_many(self) -> list[tuple[str, date, Counter[LetterKind]]]:
        """Return who had more than `MOST` letters on a day, the most first."""
        found = [(person, day, kinds) for (person, day), kinds in self.days.items() if kinds.total() > MOST]
        return sorted(found, key=lambda one: (-one[2].total(), one[0], one[1]))

    def of_person(self, code: str) -> tuple[int, int, float]:
        """Return how many letters somebody got, how many on their worst day, and the mean of a working day."""
        own = [kinds.total() for (person, _day), kinds in self.days.items() if person == code]
        return sum(own), max(own, default=0), sum(own) / max(1, self.working_days)


def measure(session: Session, calendar: WorkCalendar) -> LettersByDay:
    """Return the letters that left, by person and local day. Codes, tests and alerts do not count."""
    found = LettersByDay()
    letters = (
        select(col(Person.code), col(Letter.kind), col(Letter.sent_at), col(Letter.subject))
        .join(Person, col(Person.id) == col(Letter.recipient_id))
        .where(col(Letter.state) == LetterState.SENT, col(Letter.kind).not_in((LetterKind.ACCOUNT, LetterKind.ALERT)))
    )
    days = []
    for code, kind, sent_at, subject in session.execute(letters):
        day = local_date(sent_at)
        days.append(day)
        found.days[code, day][kind] += 1
        found.kinds[kind] += 1
        found.subjects[code, day].append(subject or "")
    if days:
        found.working_days = calendar.between(min(days), max(days)) + 1
    sizes = (
        select(col(LetterContent.content))
        .join(Letter, col(Letter.id) == col(LetterContent.letter_id))
        .where(col(Letter.kind).in_((LetterKind.DIGEST, LetterKind.SUMMARY, LetterKind.EVENT)))
    )
    found.largest = max((len(content) for content in session.scalars(sizes)), default=0)
    rungs = (
        select(col(Notice.slot), col(Letter.sent_at))
        .join(Letter, col(Letter.id) == col(Notice.letter_id))
        .where(col(Notice.state) == NoticeState.SENT, ~col(Notice.rung).startswith(EVENT))
    )
    for slot, sent_at in session.execute(rungs):
        found.rungs += 1
        found.late_rungs += local_date(sent_at) > local_date(slot)
    return found


def play_demo(folder: Path, now: datetime) -> Engine:
    """Play the demo's 120 days up to `now` (UTC) in an empty folder; whoever calls disposes of the engine."""
    settings = Settings(data=folder, mail=MailSettings(mode="local"), fixed_mail=True)
    engine = open_engine(settings.url, keys_of(settings))
    prepare(engine, now=now)
    with open_sender(settings) as sender:
        for _day in play(engine, settings, sender, now=now):
            pass
    return engine


def write_figures(found: LettersByDay) -> list[str]:
    """Return the figures as lines."""
    lines = [
        f"{sum(found.kinds.values())} letters: " + ", ".join(f"{k.value} {n}" for k, n in found.kinds.most_common())
    ]
    lines.append(
        "person-days with 1, 2, 3 … letters: " + ", ".join(f"{count}: {n}" for count, n in sorted(found.counts.items()))
    )
    per_person = Counter[str]()
    for (person, _day), kinds in found.days.items():
        per_person[person] += kinds.total()
    for person, _count in per_person.most_common(3):
        total, most, mean = found.of_person(person)
        lines.append(f"{person}: {total} letters, at most {most} on a day, {mean:.2f} on a working day")
    lines += [
        f"  {person} {day:%d/%m/%Y}: " + ", ".join(f"{kind.value} {count}" for kind, count in kinds.items())
        for person, day, kinds in found.too_many
    ]
    lines.append(f"more than {MOST} on a day: {len(found.too_many)} person-days")
    lines.append(f"largest digest, summary or notice: {found.largest / 1024:.1f} kB")
    lines.append(f"rungs told: {found.rungs}, later than on their day: {found.late_rungs}")
    return lines


def main(given: list[str]) -> None:
    """Play or read, and print."""
    with tempfile.TemporaryDirectory(prefix="dondoc-letters-", ignore_cleanup_errors=True) as folder:
        if given:
            settings = Settings(data=Path(given[0]))
            engine = open_engine(settings.url, keys_of(settings))
        else:
            engine = play_demo(Path(folder), datetime.now(UTC))
        with reading(engine) as session:
            print("\n".join(write_figures(measure(session, load_calendar(session)))))
        engine.dispose()


if __name__ == "__main__":
    main(sys.argv[1:])
