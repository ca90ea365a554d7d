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
        """Return the last date of its tasks: the cut-off itself where an hour of it has passed."""
        return cutoff - timedelta(days=self.least if self is not BANDS[0] else 0)


BANDS = (Band(1, 7), Band(8, 30), Band(31, 90), Band(91, None))


def band_of(days: int) -> Band:
    """Return the band of what is so many days late; what is late since an hour of today stands in the first."""
    if days < 0:
        raise ValueError(f"not late: {days} days")
    return next((band for band in reversed(BANDS) if days >= band.least), BANDS[0])
