"""Read and store how often a person wants which letters."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from uuid import UUID

from sqlmodel import Session, col, select

from models.database.rows import chunks
from models.errors import BadInput
from models.i18n import _
from models.letters.letter import LetterKind
from models.letters.letter_preference import LetterPreference, Matter, Pace
from workflows.rules.calendar.workdays import SENDING_FROM, SENDING_UNTIL
from workflows.rules.letter_pace import CHOICES, PaceChoice

FEWER_OF = frozenset({LetterKind.EVENT, LetterKind.SUMMARY})
"""Letters that a reader can switch off with a mail program's button. News then comes in the digest."""


def read_choices(session: Session, person_ids: Iterable[UUID]) -> dict[UUID, PaceChoice]:
    """Return choices by person, without the people who chose nothing."""
    return {
        row.person_id: choice_of(row)
        for chunk in chunks(person_ids)
        for row in session.exec(select(LetterPreference).where(col(LetterPreference.person_id).in_(chunk)))
    }


def choice_of(row: LetterPreference | None) -> PaceChoice:
    if row is None:
        return PaceChoice()
    paces = {matter: pace for matter in Matter if (pace := row.pace(matter)) is not None}
    has_quiet = row.quiet_from is not None and row.quiet_until is not None
    return PaceChoice(paces, (row.quiet_from or 0, row.quiet_until or 0) if has_quiet else None)


def choose_letters(
    session: Session,
    person_id: UUID,
    paces: Mapping[Matter, Pace | None],
    quiet: tuple[int, int] | None,
    *,
    now: datetime,
) -> PaceChoice:
    """Store a person's choices; None is the default. Raises BadInput for a pace or quiet hours that cannot be."""
    for matter, pace in paces.items():
        if pace is not None and pace not in CHOICES[matter]:
            raise BadInput(
                _("“{matter}” cannot be “{pace}”; it can be: {possible}"),
                matter=matter.label,
                pace=pace.label,
                possible=[possible_pace.label for possible_pace in CHOICES[matter]],
            )
    check_quiet(quiet)
    row = _own_row(session, person_id, now)
    for matter, pace in paces.items():
        setattr(row, matter.value, pace)
    row.quiet_from, row.quiet_until = quiet or (None, None)
    row.changed_at = now
    session.add(row)
    session.flush()
    return choice_of(row)


def check_quiet(quiet: tuple[int, int] | None) -> None:
    """Raise BadInput for quiet hours without a length, or outside of the hours in which letters leave."""
    first, last = (time.hour * 60 + time.minute for time in (SENDING_FROM, SENDING_UNTIL))
    if quiet is not None and not first <= quiet[0] < quiet[1] <= last:
        raise BadInput(
            _("quiet hours {start}–{end}: they begin before they end, between {first} and {last}"),
            start=write_minutes(quiet[0]),
            end=write_minutes(quiet[1]),
            first=write_minutes(first),
            last=write_minutes(last),
        )


def fewer_letters(session: Session, person_id: UUID, kind: LetterKind, *, now: datetime) -> None:
    """Switch the weekly summary off, or put the news of event letters into the morning's digest.

    Raises BadInput for a kind that cannot be switched off. A repeat changes nothing.
    """
    if kind not in FEWER_OF:
        raise BadInput("these letters cannot be switched off")
    row = _own_row(session, person_id, now)
    if kind is LetterKind.SUMMARY:
        row.summary = Pace.OFF
    else:
        for matter in (Matter.CHANGES, Matter.REQUESTS, Matter.NEWS, Matter.MESSAGES):
            if row.pace(matter) is not Pace.OFF:
                setattr(row, matter.value, Pace.MORNING)
    row.changed_at = now
    session.add(row)
    session.flush()


def _own_row(session: Session, person_id: UUID, now: datetime) -> LetterPreference:
    row = session.get(LetterPreference, person_id, with_for_update=True)
    return row or LetterPreference(person_id=person_id, changed_at=now)


def write_minutes(minutes: int) -> str:
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def read_minutes(field: str, time: str) -> int:
    """Read a time such as "11:30". Raises BadInput, which names the field."""
    hours, colon, minutes = time.partition(":")
    if not (colon and hours.isdecimal() and minutes[:2].isdecimal() and int(hours) < 24 and int(minutes[:2]) < 60):
        raise BadInput(_("{field} {value}: it can be a time such as 11:30"), field=field, value=time)
    return int(hours) * 60 + int(minutes[:2])
