"""What each action on a task takes, checked at the border. Names are the command line's and the forms' own."""

import datetime as dt
from typing import Annotated
from uuid import UUID

from pydantic import AnyHttpUrl, BaseModel, BeforeValidator, ConfigDict, Field, InstanceOf

from models.tasks.evidence_files import MOST_FILES, GivenFile, StoredFile
from models.text.faults import NO_DAY, invalid
from models.text.localtime import FIRST_DAY, ISO_DAY, LAST_DAY, as_day, as_moment


def _day(value: object) -> object:
    """As offices write it, 05/11/2026, or in ISO's way. Of a bare number pydantic would make a day."""
    if not isinstance(value, str):
        return value
    day = as_day(value)
    if not ISO_DAY.fullmatch(day):
        raise invalid(NO_DAY)
    return day


def _moment(value: object) -> object:
    """As `_day`, with a time of day."""
    return as_moment(value) if isinstance(value, str) else value


Day = Annotated[dt.date, Field(ge=FIRST_DAY, le=LAST_DAY), BeforeValidator(_day)]
Moment = Annotated[dt.datetime, BeforeValidator(_moment)]
LONGEST_MESSAGE = 4000
"""Characters of a message."""
MOST_MENTIONS = 10
"""So many people one message may mention."""
_File = InstanceOf[GivenFile] | InstanceOf[StoredFile]
"""A file to be stored, or one that was when the answers were checked; never the name of one, which would let anybody
who may give a name have a file of this machine read."""


class ActionInput(BaseModel):
    """The base: nothing unknown passes, blanks are trimmed."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


class Nothing(ActionInput):
    """The action says it all."""


class Note(ActionInput):
    """A few words, if there is something to say."""

    note: str = Field(default="", max_length=4000)


class Reason(ActionInput):
    """An action that needs its reason."""

    note: str = Field(min_length=1, max_length=4000)


class AssignOn(Note):
    """The officer of the unit who takes it (a person's code)."""

    to: str = Field(min_length=1)


class SetDate(ActionInput):
    """A new last permitted day; a reason once there was a date."""

    due: Day
    note: str = Field(default="", max_length=450)


class Submission(ActionInput):
    """The result document. Classified mail takes number and date only."""

    number: str = Field(min_length=1, max_length=64)
    date: Day
    subject: str = Field(default="", max_length=1000)
    signer: str = Field(default="", max_length=200)
    link: AnyHttpUrl | None = None
    file: tuple[_File, ...] = Field(default=(), max_length=MOST_FILES)
    note: str = Field(default="", max_length=4000)


class Receipt(ActionInput):
    """A report that arrived on paper or by the document exchange: its number, date, signer and the day it came."""

    number: str = Field(min_length=1, max_length=64)
    date: Day
    received_on: Day
    subject: str = Field(default="", max_length=1000)
    signer: str = Field(default="", max_length=200)


class NotOurs(Reason):
    """Why it is not the unit's function, and who should lead instead (a unit's code), if known."""

    to: str | None = None


class ChangeLead(Reason):
    """The new lead unit (code)."""

    to: str = Field(min_length=1)


class ChangeCoordinator(Note):
    """The person (code) who follows the task up from now on."""

    to: str = Field(min_length=1)


class TelephoneCall(ActionInput):
    """Who answered, when, and what was said."""

    answered_by: str = Field(min_length=1, max_length=200)
    at: Moment | None = None
    note: str = Field(default="", max_length=4000)


class AskExtension(Reason):
    """The date asked for."""

    due: Day


class CounterExtension(Reason):
    """The date proposed instead."""

    due: Day


class RaiseObstacle(Reason):
    """What is in the way; `to` names another authority than the template's (a unit's code)."""

    to: str | None = None


class CascadeTo(Note):
    """The subordinate units (codes) and their date, the parent's where none is given."""

    units: tuple[str, ...] = Field(min_length=1)
    due: Day | None = None


class PressSigned(ActionInput):
    """A công văn đôn đốc as it was signed: number, date, signer, all from the paper."""

    number: str = Field(min_length=1, max_length=64)
    date: Day
    signer: str = Field(min_length=1, max_length=200)


class MessageInput(ActionInput):
    """A message in the conversation on a task or a directive."""

    text: str = Field(min_length=1, max_length=LONGEST_MESSAGE)
    file: tuple[_File, ...] = Field(default=(), max_length=MOST_FILES)
    quote: bool = False
    """With the duty's own sentence above it."""
    mention: tuple[str, ...] = Field(default=(), max_length=MOST_MENTIONS)
    """People (codes) who are told at once, besides those that the text names as @code."""
    question: bool = False
    """To the coordinator."""
    answers: UUID | None = None
    """The question that it answers: for the coordinator."""
    to_all: bool = False
    """Coordinating units read it too; on a directive, all units that have tasks of it."""


class MessageEdit(ActionInput):
    """The words that a message has from now on."""

    text: str = Field(min_length=1, max_length=LONGEST_MESSAGE)


class Publication(ActionInput):
    """A question and its answer, for all units of the duty."""

    question: str = Field(default="", max_length=LONGEST_MESSAGE)
    """The question in other words, without names; empty: as it was asked."""
    show_unit: bool = False
    """Name the unit that asked."""
