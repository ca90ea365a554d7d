"""How late a task is at a cut-off, in four bands of calendar days."""

from dataclasses import dataclass
from datetime import date, timedelta


@dataclass(frozen=True)
class Band:
    """A range of days late, both ends included. `most` is None for no upper end."""

    least: int
    most: int | None

    def first_due(self, cutoff: date) -> date | None:
        """Return the earliest deadline of its tasks; None without a limit."""
        return None if self.most is None else cutoff - timedelta(days=self.most)

    def last_due(self, cutoff: date) -> date:
        """Return the latest deadline of its tasks. In the first band that is the cut-off, for deadlines by the hour."""
        return cutoff - timedelta(days=self.least if self is not BANDS[0] else 0)


BANDS = (Band(1, 7), Band(8, 30), Band(31, 90), Band(91, None))


def band_of(days: int) -> Band:
    """Return the band of a number of days late. A task that is late since an hour of today (0) is in the first."""
    if days < 0:
        raise ValueError(f"not late: {days} days")
    return next((band for band in reversed(BANDS) if days >= band.least), BANDS[0])
