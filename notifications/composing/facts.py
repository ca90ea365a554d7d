"""The facts a letter is composed from: plain values handed in by whoever decided that the letter exists."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from models.letters.letter import LetterKind
from models.operations.alert import AlertKind
from models.organization.calendar import OffDay
from models.organization.person import Person
from models.organization.unit import Unit
from models.tasks.due_facts import DueFact


class LetterSection(StrEnum):
    """Where an item stands in a letter, most urgent first (the order of the members is the order in the letter)."""

    UNDELIVERABLE = "undeliverable"  # the coordinator learns that a unit could not be told, and why
    UNCERTAIN = "uncertain"  # … that a letter may not have arrived, and is not sent again by itself
    OVERDUE = "overdue"
    DUE_TODAY = "due_today"
    DECIDE = "decide"  # waits for the recipient's decision
    DUE_SOON = "due_soon"
    NOT_ACCEPTED = "not_accepted"
    SET_DATE = "set_date"  # the coordinator is asked to set a date
    NEWS = "news"  # events: returned, approved, date moved …
    ASSIGNED = "assigned"
    COORDINATING = "coordinating"  # for information to a coordinating unit
    OPEN = "open"  # everything else still open (weekly summary)


@dataclass(frozen=True)
class Recipient:
    """To whom. `unit_address` is how the unit is called in running text: "Quý Công ty", "Vụ", "đơn vị"."""

    person_id: UUID
    name: str
    title: str
    address_form: str
    unit_address: str
    unit_name: str
    language: str
    email: str
    standing_in_for: str | None = None


def recipient_of(person: Person, unit: Unit | None, standing_in_for: str | None = None) -> Recipient:
    return Recipient(
        person_id=person.id,
        name=person.full_name,
        title=person.title,
        address_form=person.address_form,
        unit_address=person.unit_address,
        unit_name=unit.name if unit else "",
        language=person.language,
        email=person.email or "",
        standing_in_for=standing_in_for,
    )


@dataclass(frozen=True)
class Unsent:
    """A letter that was refused, or may not have arrived: to whom, at which address, and what was answered."""

    letter_id: UUID
    name: str
    unit: str
    email: str  # as the letter was addressed; empty without one
    answer: str  # the mail server's own words, where there are any
    url: str  # the letter's page, which leads to its reader's


@dataclass(frozen=True)
class LetterItem:
    """One task in a letter, as the recipient may see it. Days are working days; negative `days_left` is late."""

    task_id: UUID
    section: LetterSection
    rung: str
    directive: str  # "Chỉ thị 06/2004/CT-BBCVT"
    directive_dated: date | None
    directive_subject: str
    duty_path: str
    duty_title: str
    quote: str
    lead_unit: str
    coordinating_units: tuple[str, ...]
    occurrence: str
    required_result: str
    classified_mail: bool
    due_at: datetime | None
    original_due_at: datetime | None
    due_reason: str  # the words of who moved the date; where the engine decided it: `due_facts`
    due_set_by: str | None  # the assigning unit, where a coordinator set the date
    due_set_at: datetime | None
    days_left: int | None
    hours_left: float | None  # contingency clocks only
    due_revision: int
    accept_by: date | None  # still to accept: the day of the first "not accepted" rung
    pressed_on: tuple[date, ...]  # days on which an overdue or later rung was told before
    waiting_for: str | None  # decision, extension, obstacle, lead_change
    waiting_since: datetime | None
    event: str | None  # NEWS: the event's name: returned, approved, due_set, due_moved, extension_accepted …
    note: str  # the words that came with the event, or with a request: a reason, an answer, what is asked for
    undeliverable: str | None  # no_head, no_address, retired, refused, filtered
    last_word: str  # the unit's last report in its own words, for upward letters
    press_number: int  # upward: the lần of the drafted công văn đôn đốc (signed ones plus one)
    follow_up_name: str
    follow_up_phone: str
    follow_up_unit: str
    is_drill: bool
    url: str  # with the reader's own token
    attach_calendar: bool  # a new or moved date: its .ics comes along
    role: str = ""  # as whom (Notice.role): head, officer, coordinator, supervisor …; empty: told from `lead_unit`
    issuer: str = ""  # the directive's issuer, "Bộ trưởng Bộ Bưu chính, Viễn thông": heads the drafted papers
    due_facts: tuple[DueFact, ...] = ()
    day_off: OffDay | None = None  # why the last day is off, where the date stays on it and is still to come
    unsent: tuple[Unsent, ...] = ()  # the letters whose fate the item tells, where it tells of letters
    by: str = ""  # who mentions the reader in a message
    result_goes_to: str = ""  # the unit that decides on the result, where it is not the one that follows up
    proposed_due_on: date | None = None  # the date asked for, or proposed instead, in a request for more time


@dataclass(frozen=True)
class Rest:
    """What a letter counts instead of naming it: so much of a section, and the address of the list that names it."""

    section: LetterSection
    count: int
    undated: int
    event: str | None  # the event that all of it tells, None where there are several or none
    url: str


@dataclass(frozen=True)
class AlertItem:
    """One trouble of the engine, for administrators. Instants are UTC; `facts` are plain values by name."""

    kind: AlertKind
    subject: str
    raised_at: datetime
    last_seen_at: datetime
    times: int
    ended_at: datetime | None
    facts: Mapping[str, Any]


@dataclass(frozen=True)
class Checkpoint:
    """How far the history reaches, for somebody to keep: a seal, and its signature (Ed25519) if it has one."""

    number: int
    rows: int  # lines sealed so far
    sealed_at: datetime  # UTC
    digest: str
    signature: str
    public_key: str


@dataclass(frozen=True)
class AnswerTask:
    """A task that a reply may be about, named as an item is, and the page that takes the reply to it."""

    number: int  # in the letter
    duty_path: str
    duty_title: str
    directive: str
    occurrence: str
    lead_unit: str
    url: str


@dataclass(frozen=True)
class AnswerItem:
    """The answer to a reply. `outcome`: confirm, which, meant, done, no_right, or another ReplyWhy that ends it."""

    outcome: str
    asked: str = ""  # the act in the reader's language, empty for a message
    given: tuple[tuple[str, str], ...] = ()  # what was understood: label and value
    said: str = ""  # the sender's own words, cut short
    files: tuple[str, ...] = ()  # names of those that were taken
    leaves_files: bool = False  # they go into the conversation on the task, as the act has no place for them
    left_out: tuple[str, ...] = ()  # files that were not, each with its reason
    reason: str = ""  # why it is not possible; of what was done, where its files are
    tasks: tuple[AnswerTask, ...] = ()  # one where it is known which
    is_incomplete: bool = False  # the page asks for what is missing
    most: int = 0  # what the outcome names: days, or megabytes


@dataclass(frozen=True)
class AccountItem:
    """What an account letter is for. The one of a sign-in carries a code, of an invitation or a reset a link."""

    purpose: str  # a MailedPurpose, "test", "checkpoint" or "reply"
    until: datetime | None = None  # UTC; a test says when it was asked for only
    code: str = ""  # digits, in two groups
    url: str = ""
    checkpoint: Checkpoint | None = None
    answer: AnswerItem | None = None


@dataclass(frozen=True)
class CollectedItem:
    """A unit whose report of the period was waited for. `came`: on_time, late, returned, missing, not_due."""

    unit: str
    came: str
    due_on: date | None
    came_on: date | None


@dataclass(frozen=True)
class CompiledItem:
    """A report drafted by schedule, for the heads who answer for it. Days are local; `directive` empty: of all."""

    period: str  # 2027-03, 2027-Q1, 2027-H1, 2027
    directive: str
    office: str
    due_on: date
    data_from: date
    data_to: date
    cutoff: date
    is_estimate: bool
    units: tuple[CollectedItem, ...]
    url: str


@dataclass(frozen=True)
class LetterFacts:
    kind: LetterKind
    recipient: Recipient
    slot: datetime
    items: tuple[LetterItem, ...]
    is_drill: bool
    topic_title: str  # upward: the directive; incident: its title; else empty
    message_id: str  # with angle brackets
    sender_name: str
    sender_address: str
    base_url: str
    written_at: datetime | None = None  # its Date, where it leaves later than its slot
    alerts: tuple[AlertItem, ...] = ()  # kind ALERT: these, and no items
    more_alerts: int = 0  # so many beside those listed
    is_own_launch: bool = False  # kind ALERT: to who asked for a launch that failed, and of that alone
    account: AccountItem | None = None  # kind ACCOUNT: this, and no items
    compiled: CompiledItem | None = None  # kind COMPILED: this, and no items
    texts: Mapping[str, str] = field(default_factory=dict)  # the office's own wordings in this language, by name
    reply_to: str = ""  # where its reader may answer it, with a token; empty: nowhere
    answers: str = ""  # the Message-ID of the reply that it answers
    return_token: str = ""  # of `notifications.composing.keys`: what a mail server's report names the letter by
    rest: tuple[Rest, ...] = ()  # what `shorten` took out, by section
    more_tasks: int = 0  # so many tasks stand in the rest alone
    choose_url: str = ""  # where the reader chooses how often such letters come; empty: they cannot
    fewer_url: str = ""  # what a mail reader's own button asks (List-Unsubscribe); empty: it has none
    is_test: bool = False  # a sample to whoever asked for it: says so, first of all
