"""How often a person wants the letters that may wait, and when they want none. No row: the defaults of their role."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, SmallInteger
from sqlmodel import Field, SQLModel

from models.database.columns import UtcDateTime, enum_type
from models.i18n import Labelled, _


class Pace(Labelled):
    """The pace of a letter: how soon it leaves after its event."""

    AT_ONCE = "at_once", _("as it happens")
    TWO_HOURS = "two_hours", _("every two hours, gathered")
    TWICE = "twice", _("twice a day, at 08:00 and 14:00")
    MORNING = "morning", _("in the morning, at 08:00")
    OFF = "off", _("no letter")


class Matter(Labelled):
    """The matters of letters for which people choose a pace."""

    CHANGES = "changes", _("Results returned, dates changed, answers to your requests")
    REQUESTS = "requests", _("Results and requests that wait for your decision")
    NEWS = "news", _("Approvals and other news of your tasks")
    MESSAGES = "messages", _("Messages in conversations")
    SUMMARY = "summary", _("The weekly summary")


class LetterPreference(SQLModel, table=True):
    """A person's own choices; None is the default of their role (`workflows.rules.letter_pace`).

    `quiet_from` and `quiet_until` are minutes of the local day, between which no letter leaves that may wait.
    """

    __tablename__ = "letter_preference"
    __table_args__ = (
        CheckConstraint("changes <> 'off'", name="changes_are_told"),
        CheckConstraint("requests <> 'at_once'", name="requests_are_gathered"),
        CheckConstraint("summary IN ('morning', 'off')", name="summary_is_of_the_morning"),
        CheckConstraint("(quiet_from IS NULL) = (quiet_until IS NULL)", name="quiet_has_both_ends"),
        CheckConstraint("quiet_from >= 0 AND quiet_from < quiet_until AND quiet_until <= 1440", name="quiet_in_a_day"),
    )

    person_id: UUID = Field(foreign_key="person.id", primary_key=True)
    changes: Pace | None = Field(default=None, sa_type=enum_type(Pace, "changes_pace"))
    requests: Pace | None = Field(default=None, sa_type=enum_type(Pace, "requests_pace"))
    news: Pace | None = Field(default=None, sa_type=enum_type(Pace, "news_pace"))
    messages: Pace | None = Field(default=None, sa_type=enum_type(Pace, "messages_pace"))
    summary: Pace | None = Field(default=None, sa_type=enum_type(Pace, "summary_pace"))
    quiet_from: int | None = Field(default=None, sa_type=SmallInteger)
    quiet_until: int | None = Field(default=None, sa_type=SmallInteger)
    changed_at: datetime = Field(sa_type=UtcDateTime)

    def pace(self, matter: Matter) -> Pace | None:
        chosen: Pace | None = getattr(self, matter.value)
        return chosen
