"""The two published years, and what a rebuilt one consists of."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import Engine

from bench.reporting.histories import Fate
from tests.web.site import Reader


@dataclass(frozen=True)
class Published:
    """A table as it was published: "Figures to check a report against", and what must not get into it."""

    cutoff: date
    done_on_time: int
    done_late: int
    open_in_time: int
    open_overdue: int
    done: int
    open: int
    total: int
    no_deadline: int  # of our own making: the published tables do not say
    rate_exact: str
    rate_text: str

    @property
    def numbers(self) -> dict[str, int]:
        names = ("total", "done", "done_on_time", "done_late", "open", "open_in_time", "open_overdue", "no_deadline")
        return {name: getattr(self, name) for name in names}

    @property
    def fates(self) -> dict[Fate, int]:
        noise = {Fate.WITHDRAWN: 111, Fate.DRILL: 97, Fate.CHILD: 203, Fate.LATER: 59}
        return noise | {
            Fate.DONE_ON_TIME: self.done_on_time,
            Fate.DONE_LATE: self.done_late,
            Fate.OPEN_IN_TIME: self.open_in_time - self.no_deadline,
            Fate.OPEN_UNDATED: self.no_deadline,
            Fate.OPEN_OVERDUE: self.open_overdue,
        }


@dataclass
class Year:
    """One of them in a database, and a site over it that somebody who sees everything is signed in to."""

    published: Published
    engine: Engine
    url: str
    reader: Reader
