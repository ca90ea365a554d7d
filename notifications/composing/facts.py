"""Defines the facts that a letter is composed from. They are plain values, never rows of the database."""

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
    """The sections of a letter, in their order: the most urgent first."""

    UNDELIVERABLE = "undeliverable"  # tells the coordinator that a unit could not be reached, and why
    UNCERTAIN = "uncertain"  # tells the coordinator that a letter may not have arrived and is not sent again by itself
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
    """`unit_address` is the name of the unit in running text: "Quý Công ty", "Vụ", "đơn vị"."""

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
    """A letter that was refused or may not have arrived, with its recipient and the server's answer."""

    letter_id: UUID
    name: str
    unit: str
    email: str  # the address that the letter went to; empty if it had none
    answer: str  # the mail server's words; empty if it gave none
    url: str  # the letter's page


@dataclass(frozen=True)
class LetterItem:
    """One task in a letter, as the recipient may see it. `days_left` are working days, negative for a late task.

    An item about a whole directive's conversation sets only the first fields and those of the event.
    """

    task_id: UUID
    section: LetterSection
    rung: str
    directive: str  # "Chỉ thị 06/2004/CT-BBCVT"
    directive_dated: date | None
    directive_subject: str
    duty_path: str
    duty_title: str
    lead_unit: str
    follow_up_name: str
    follow_up_phone: str
    follow_up_unit: str
    url: str  # with the reader's own token
    quote: str = ""
    coordinating_units: tuple[str, ...] = ()
    occurrence: str = "once"
    required_result: str = ""
    classified_mail: bool = False
    due_at: datetime | None = None
    original_due_at: datetime | None = None
    due_reason: str = ""  # the words of the person who moved the date; for the engine's decisions see `due_facts`
    due_facts: tuple[DueFact, ...] = ()
    due_set_by: str | None = None  # the assigning unit, if a coordinator set the date
    due_set_at: datetime | None = None
    day_off: OffDay | None = None  # why the last day is off, for a future date that stays on it
    days_left: int | None = None
    hours_left: float | None = None  # only for tasks of an incident
    due_revision: int = 0
    accept_by: date | None = None  # the day of the first "not accepted" rung, for a task that is not accepted yet
    pressed_on: tuple[date, ...] = ()  # days of earlier letters about an overdue or later rung
    waiting_for: str | None = None  # decision, extension, obstacle, lead_change
    waiting_since: datetime | None = None
    event: str | None = None  # for NEWS: returned, approved, due_set, due_moved, extension_accepted …
    note: str = ""  # a person's words with the event or the request, such as a reason or an answer
    undeliverable: str | None = None  # no_head, no_address, retired, refused, filtered
    last_word: str = ""  # for upward letters: the unit's last report in its own words
    press_number: int = 0  # for upward letters: the lần of the drafted công văn đôn đốc (signed ones plus one)
    is_drill: bool = False
    attach_calendar: bool = False  # the letter encloses an .ics of the new or moved date
    role: str = ""  # the reader's role (Notice.role): head, officer …; if empty, `lead_unit` tells whether they lead
    issuer: str = ""  # the directive's issuer, "Bộ trưởng Bộ Bưu chính, Viễn thông", for the drafted papers
    unsent: tuple[Unsent, ...] = ()  # the letters that the item is about
    by: str = ""  # the person who mentions the reader in a message
    result_goes_to: str = ""  # the unit that decides on the result, if another unit follows the task up
    proposed_due_on: date | None = None  # the date that an extension asks for, or that the answer proposes


@dataclass(frozen=True)
class CountedItems:
    """The items of a section that a letter counts instead of naming them. `url` is the list that names them."""

    section: LetterSection
    count: int
    undated: int
    event: str | None  # the one event that all of them tell
    url: str


@dataclass(frozen=True)
class AlertItem:
    """An alert for administrators. Instants are UTC."""

    kind: AlertKind
    subject: str
    raised_at: datetime
    last_seen_at: datetime
    times: int
    ended_at: datetime | None
    facts: Mapping[str, Any]


@dataclass(frozen=True)
class Checkpoint:
    """A seal of the history for somebody to keep, with its signature (Ed25519) if it has one."""

    number: int
    rows: int  # lines sealed up to here
    sealed_at: datetime  # UTC
    digest: str
    signature: str
    public_key: str


@dataclass(frozen=True)
class AnswerTask:
    """A task that a reply may be about, and the page that takes the reply to it."""

    number: int  # in the letter
    duty_path: str
    duty_title: str
    directive: str
    occurrence: str
    lead_unit: str
    url: str


@dataclass(frozen=True)
class AnswerItem:
    """The answer to a reply. `outcome` is confirm, which, meant, done, no_right, or another ReplyWhy that ends it."""

    outcome: str
    asked: str = ""  # the action in the reader's language, empty for a message
    given: tuple[tuple[str, str], ...] = ()  # the values understood, each with its label
    said: str = ""  # the sender's own words, shortened
    files: tuple[str, ...] = ()  # names of the files taken
    leaves_files: bool = False  # the files go into the task's conversation, as the action takes none
    left_out: tuple[str, ...] = ()  # files that were not taken, each with the reason
    reason: str = ""  # why the action is impossible; after a done action, where its files are
    tasks: tuple[AnswerTask, ...] = ()  # a single one if it is known which task is meant
    is_incomplete: bool = False  # the page asks for what is missing
    most: int = 0  # the limit that the outcome names, in days or megabytes


@dataclass(frozen=True)
class AccountItem:
    """The contents of an account letter. A sign-in gets a code, an invitation or a reset a link."""

    purpose: str  # a MailedPurpose, "test", "checkpoint" or "reply"
    until: datetime | None = None  # UTC
    code: str = ""  # digits in two groups
    url: str = ""
    checkpoint: Checkpoint | None = None
    answer: AnswerItem | None = None


@dataclass(frozen=True)
class CollectedItem:
    """A unit whose report was due in the period. `came` is on_time, late, returned, missing or not_due."""

    unit: str
    came: str
    due_on: date | None
    came_on: date | None


@dataclass(frozen=True)
class CompiledItem:
    """A report drafted by schedule, for the heads who answer for it. Days are local."""

    period: str  # 2027-03, 2027-Q1, 2027-H1, 2027
    directive: str  # empty for a report on all directives
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
    topic_title: str  # the directive of an upward letter, the title of an incident, else empty
    message_id: str  # with angle brackets
    sender_name: str
    sender_address: str
    base_url: str
    written_at: datetime | None = None  # its Date, if it leaves later than its slot
    alerts: tuple[AlertItem, ...] = ()  # only for kind ALERT, which has no items
    more_alerts: int = 0  # further alerts that are not listed
    is_own_launch: bool = False  # for kind ALERT: tells the person who asked for a launch that it failed
    account: AccountItem | None = None  # only for kind ACCOUNT, which has no items
    compiled: CompiledItem | None = None  # only for kind COMPILED, which has no items
    texts: Mapping[str, str] = field(default_factory=dict)  # the office's own wordings in this language, by name
    reply_to: str = ""  # the address for answers, with a token; empty if none are read
    answers: str = ""  # the Message-ID of the reply that this letter answers
    return_token: str = ""  # names the letter in a mail server's report (`notifications.composing.keys`)
    counted_items: tuple[CountedItems, ...] = ()  # what `shorten` took out
    more_tasks: int = 0  # tasks that stand in `counted_items` alone
    choose_url: str = ""  # the page to choose how often such letters come; empty if there is no choice
    fewer_url: str = ""  # the target of a mail program's own button (List-Unsubscribe); empty if there is none
    is_test: bool = False  # a sample, which says so first of all
