"""What every action of a person needs, passed from the request, command or job down to the history."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session

from models.organization.person import Person
from models.settings import Settings
from models.text.localtime import local_date
from workflows.rules.calendar.workdays import WorkCalendar


@dataclass(frozen=True)
class ActorContext:
    """Who acts, in which transaction, at `now` (UTC), by which working calendar. Made once for each transaction."""

    session: Session
    actor: Person
    now: datetime
    calendar: WorkCalendar
    settings: Settings

    @property
    def today(self) -> date:
        return local_date(self.now)
