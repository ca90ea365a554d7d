"""How late a task is at a cut-off, in four bands of calendar days."""

from dataclasses import dataclass
from datetime import date, timedelta


@dataclass(frozen=True)
class Band:
    """From so many days late to so many; None: and more."""

    least: int
    most: int | None

    def first_due(self, cutoff: date) -> date | None:
        """Return the first date of its tasks; None where none is too early."""
        return None if self.most is None else cutoff - timedelta(days=self.most)

    def last_due(self, cutoff: date) -> date:
        """Return the last date of its tasks."""
        return cutoff - timedelta(days=self.least)


BANDS = (Band(1, 7), Band(8, 30), Band(31, 90), Band(91, None))


def band_of(days: int) -> Band:
    """Return the band of what is so many days late."""
    if days < BANDS[0].least:
        raise ValueError(f"not late: {days} days")
    return next(band for band in reversed(BANDS) if days >= band.least)
