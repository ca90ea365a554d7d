"""Erasing a person: whatever names them, and the words they wrote beside the history. Lines, dates and states stay.

What the law on archives has an office keep is not touched: lines of the history (which hold ids), results with their
signers and files, documents, issued reports, findings of inspections; nor the audit, which nobody can change. See
docs/decisions/0030-erasing-a-person.md.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, delete, exists, func, or_, select, update
from sqlalchemy.sql.dml import UpdateBase
from sqlmodel import Session, col

from models.channels.channel import ChannelAttempt, ChannelMessage, GatewayConsent, PushSubscription
from models.database.all_tables import all_tables
from models.database.rows import chunks, count_changed
from models.directives.directive import Directive
from models.directives.launch import ArmedDuty, Launch
from models.errors import BadInput, Refused
from models.i18n import Words, _, translate
from models.inspections.inspection import Inspection, InspectionMember, InspectionState
from models.letters.bounce import Bounce
from models.letters.letter import IS_DEAD, Letter, LetterAttempt, LetterLink, LetterState, NoticeRead, NoticesReadUntil
from models.letters.letter_preference import LetterPreference
from models.operations.alert import Alert
from models.operations.background_job import BackgroundJob, BackgroundJobState, JobPart
from models.organization.access import AccessToken, CalendarFeed, KeptAnswer
from models.organization.account import Account, MailedSecret, Throttle, WebSession
from models.organization.person import Person, PersonRole
from models.organization.saved_view import SavedView
from models.organization.unit import Unit
from models.replies.reply import Reply, ReplyDraft
from models.tasks.conversation import ConversationFile, ConversationMessage, ConversationRead
from models.tasks.history import History, HistoryNote
from models.tasks.task import OPEN_STATUSES, Extension, LeadChange, Obstacle, Task, TelephoneNote
from workflows.access.audit_log import AuditActor
from workflows.delivery.resend import drop_letters
from workflows.jobs.cleanup.retention import BATCH, let_go
from workflows.operations.personal.erased import ERASED, WORDS, StandIn, is_erased, write_down
from workflows.operations.personal.personal_rows import OWN_WORDS, their_tasks
from workflows.rules.rights_table import STANDING_WORDS, OfficeRole
from workflows.rules.tasks.lifecycle import SPECS, Action

_LONGEST = 500  # characters of a date's reason, which are the first of its line's words
_OWN: tuple[tuple[str, Any], ...] = (
    ("account", Account.person_id),
    ("sessions", WebSession.person_id),
    ("tokens", AccessToken.person_id),
    ("calendar_feed", CalendarFeed.person_id),
    ("saved_views", SavedView.owner_id),
    ("letter_preferences", LetterPreference.person_id),
    ("conversation_marks", ConversationRead.person_id),
    ("mailed_codes", MailedSecret.person_id),
    ("kept_answers", KeptAnswer.person_id),
    ("read_marks", NoticeRead.person_id),
    ("read_marks_until", NoticesReadUntil.person_id),
    ("consents", GatewayConsent.person_id),
)
"""Rows that are deleted whole."""


@dataclass
class Erased:
    """What was erased, or would be: rows by kind (`audit_words.KIND_WORDS`)."""

    person_id: UUID
    was: str
    """The code until now; said to whoever erases, kept nowhere."""
    stand_in: StandIn
    counts: dict[str, int] = field(default_factory=dict)


def erase_person(session: Session, person: Person, hand: AuditActor, *, folder: Path | None) -> Erased:
    """Erase a person in this transaction, with a line in the audit and in the list of the data folder (`folder`).

    StillNeeded where something stands in the way, all of it named; BadInput for somebody erased already. Without a
    folder, for whoever only wants to know: the transaction must be undone.
    """
    session.refresh(person, with_for_update=True)
    if is_erased(person):
        raise BadInput(_("{person} has been erased already"), person=person.code)
    if hindering := list(hindrances(session, person)):
        raise StillNeeded(person, hindering)
    if session.get_bind().dialect.name == "sqlite":  # else what is deleted stays in the file until it is overwritten
        session.connection().exec_driver_sql("PRAGMA secure_delete = ON")
    done = Erased(person.id, person.code, StandIn.of(person.id))
    done.counts = _erase(session, person, hand)
    _forget_in_alerts(session, person, done)
    done.stand_in.put_on(person)
    session.add(person)
    hand.note(session, ERASED, done.stand_in.code, {"person": str(person.id), "counts": done.counts})
    if folder is not None:
        session.flush()
        write_down(folder, person.id, hand.now)  # before the commit: one too many there does no harm
    return done


def _erase(session: Session, person: Person, hand: AuditActor) -> dict[str, int]:
    me, counts = person.id, dict[str, int]()
    counts["words"] = _words(session, person)
    mine = select(col(ConversationMessage.id)).where(col(ConversationMessage.author_id) == me)
    counts["message_files"] = _do(session, delete(ConversationFile).where(col(ConversationFile.message_id).in_(mine)))
    counts["letters"], counts["bodies"] = _letters(session, person, hand)
    for kind, whose in _OWN:
        counts[kind] = _do(session, delete(whose.class_).where(whose == me))
    counts["messages"] = _messages(session, me)
    counts["failures"] = _do(session, delete(Throttle).where(col(Throttle.key).contains(me.hex)))
    jobs = select(col(BackgroundJob.id)).where(col(BackgroundJob.asked_by) == me)
    _do(session, delete(JobPart).where(col(JobPart.errand_id).in_(jobs)))
    counts["errands"] = _do(session, delete(BackgroundJob).where(col(BackgroundJob.asked_by) == me))
    return counts


def _words(session: Session, person: Person) -> int:
    """Erase what they wrote: beside their lines of the history, and where a task's own tables say it again.

    And the name of whoever answered a telephone, with which the words of a call begin: where it means them.
    """
    me, count = person.id, 0
    due = col(Task.due_reason)
    theirs = (col(History.id) == col(HistoryNote.history_id), col(History.actor_id) == me)
    same = exists().where(
        *theirs, col(History.task_id) == col(Task.id), func.substr(col(HistoryNote.text), 1, _LONGEST) == due
    )
    count += _do(session, update(Task).where(due != "", same).values(due_reason=WORDS))
    count += _do(session, delete(HistoryNote).where(exists().where(*theirs)))
    for name, whose in OWN_WORDS.items():
        table, _dot, column = name.partition(".")
        of = all_tables().tables[table]
        mine = (of.c[whose] == me, of.c[column] != "", of.c[column] != WORDS)
        count += _do(session, update(of).where(*mine).values({column: WORDS}))
    name, told = person.full_name, col(HistoryNote.text)
    named = (
        col(History.id) == col(HistoryNote.history_id),
        col(History.event) == SPECS[Action.TELEPHONE].rule.event,
        col(History.task_id).in_(their_tasks(person)),
    )
    begins = or_(told == name, told.startswith(f"{name}:", autoescape=True))
    count += _do(session, delete(HistoryNote).where(begins, exists().where(*named)))
    answered = and_(col(TelephoneNote.answered_by) == name, col(TelephoneNote.task_id).in_(their_tasks(person)))
    return count + _do(session, update(TelephoneNote).where(answered).values(answered_by=WORDS))


def _letters(session: Session, person: Person, hand: AuditActor) -> tuple[int, int]:
    """Erase letters to them but for a line each. Addresses, servers' words and bytes go."""
    mine = select(col(Letter.id)).where(col(Letter.recipient_id) == person.id)
    if stopped := list(session.scalars(mine.where(IS_DEAD))):
        drop_letters(session, stopped, hand.now)
    ids, bodies = list(session.scalars(mine.order_by(col(Letter.id)))), 0
    for some in chunks(ids):
        of_letters = (table.letter_id for table in (LetterAttempt, Bounce))
        attempts, bounces = (col(column).in_(some) for column in of_letters)
        _do(session, delete(LetterLink).where(col(LetterLink.letter_id).in_(some)))
        _do(session, update(Letter).where(col(Letter.id).in_(some)).values(address=None, error=""))
        _do(session, update(LetterAttempt).where(attempts).values(reply=""))
        _do(session, update(Bounce).where(bounces).values(diagnostic="", address_tag=""))
        _do(session, update(Reply).where(col(Reply.letter_id).in_(some)).values(**_NO_REPLY))
    for first in range(0, len(ids), BATCH):
        bodies += let_go(session, ids[first : first + BATCH], hand.now)
    _do(session, delete(ReplyDraft).where(col(ReplyDraft.person_id) == person.id))
    if person.email:  # what names no letter of ours: reports of mail servers, and replies
        _do(session, update(Reply).where(col(Reply.sender) == person.email.lower()).values(**_NO_REPLY))
        named = col(Bounce.diagnostic).icontains(person.email, autoescape=True)
        _do(session, update(Bounce).where(named).values(diagnostic=""))
    return len(ids), bodies


_NO_REPLY = {"sender": "", "subject": "", "message_id": "", "text": "", "told": "", "original_sha256": ""}


def _messages(session: Session, me: UUID) -> int:
    """Erase messages of other channels whole, and the browsers that showed them."""
    mine = select(col(ChannelMessage.id)).where(col(ChannelMessage.recipient_id) == me)
    _do(session, delete(ChannelAttempt).where(col(ChannelAttempt.message_id).in_(mine)))
    count = _do(session, delete(ChannelMessage).where(col(ChannelMessage.recipient_id) == me))
    return count + _do(session, delete(PushSubscription).where(col(PushSubscription.person_id) == me))


def _forget_in_alerts(session: Session, person: Person, done: Erased) -> None:
    """Forget people in alerts, which quote mail servers and name the undeliverable."""
    named = [one for one in (person.email, person.phone, person.full_name) if one]
    pattern = re.compile("|".join(map(re.escape, named)), re.IGNORECASE)

    def without(value: Any) -> Any:
        if not isinstance(value, str):
            return value
        return done.stand_in.code if value == person.code else pattern.sub(done.stand_in.code, value)

    changed = 0
    for alert in session.scalars(select(Alert).execution_options(yield_per=BATCH)):
        facts = {name: without(value) for name, value in alert.facts.items()}
        if facts != alert.facts:
            alert.facts, changed = facts, changed + 1
    session.flush()
    done.counts["alerts"] = changed


def _do(session: Session, change: UpdateBase) -> int:
    done = count_changed(session, change.execution_options(synchronize_session=False))
    return int(done)


_OVER = (InspectionState.CLOSED, InspectionState.CANCELLED)
_ASKED: tuple[tuple[type[Any], Any, ColumnElement[bool]], ...] = (
    (Extension, col(Extension.asked_by), col(Extension.decided_at).is_(None)),
    (LeadChange, col(LeadChange.asked_by), col(LeadChange.decided_at).is_(None)),
    (Obstacle, col(Obstacle.raised_by), col(Obstacle.answered_at).is_(None)),
)
"""Whoever decides reads their words."""


class StillNeeded(Refused):
    """The office still needs a person: `hindrances` are all that stands in the way."""

    def __init__(self, person: Person, hindrances: list[Words]) -> None:
        super().__init__(_("{person} cannot be erased yet:"), person=person.code)
        self.hindrances = hindrances

    def tell(self, language: str) -> str:
        return "\n".join([super().tell(language), *(f"  - {translate(one, language)}" for one in self.hindrances)])


def hindrances(session: Session, person: Person) -> Iterator[Words]:
    """Sentences that say what to do first; none: the person may be erased."""
    me = person.id
    if person.is_active:
        yield _("still active: dondoc person retire {person}", person=person.code)
    held = or_(*(col(office) == me for office in (Unit.head_id, Unit.deputy_id, Unit.focal_point_id)))
    if units := session.scalars(select(col(Unit.code)).where(held).order_by(col(Unit.code))).all():
        yield _("holds an office of {units}: hand it over first", units=list(units))
    roles = select(col(PersonRole.role), col(Unit.code)).join(Unit, col(Unit.id) == col(PersonRole.unit_id))
    for role, unit in session.execute(roles.where(col(PersonRole.person_id) == me).order_by(col(Unit.code))):
        yield _(
            "still {role} of {unit}: take the role away first", role=STANDING_WORDS[OfficeRole(role.value)], unit=unit
        )
    mine = or_(col(Task.coordinator_id) == me, col(Task.officer_id) == me)
    if tasks := _count(session, Task, mine, col(Task.status).in_(OPEN_STATUSES)):
        yield _("open tasks that they follow or do: {count}; end them or give them to others first", count=tasks)
    if codes := going_on(session, me):
        yield _("launched continuing duties of {directives}: they would follow up future tasks too", directives=codes)
    team = select(col(InspectionMember.inspection_id)).where(col(InspectionMember.person_id) == me)
    of_team = or_(col(Inspection.lead_id) == me, col(Inspection.id).in_(team))
    if inspections := _count(session, Inspection, of_team, col(Inspection.state).not_in(_OVER)):
        yield _("inspections that are not over and to whose team they belong: {count}", count=inspections)
    if waiting := sum(_count(session, table, whose == me, is_open) for table, whose, is_open in _ASKED):
        yield _("their unanswered requests and obstacles: {count}", count=waiting)
    working = col(BackgroundJob.state).in_((BackgroundJobState.QUEUED, BackgroundJobState.RUNNING))
    if jobs := _count(session, BackgroundJob, col(BackgroundJob.asked_by) == me, working):
        yield _("long work that they asked for and that is not done: {count}", count=jobs)
    leaving = col(Letter.state).in_((LetterState.QUEUED, LetterState.CLAIMED))
    if letters := _count(session, Letter, col(Letter.recipient_id) == me, leaving):
        yield _("letters to them that wait in the outbox: {count}; after the next delivery", count=letters)
    if person.email:
        own = select(col(Unit.code)).where(func.lower(col(Unit.email)) == person.email.lower())
        if units := session.scalars(own.order_by(col(Unit.code))).all():
            yield _("their address is also that of {units}: give the unit another first", units=list(units))


def going_on(session: Session, person_id: UUID) -> list[str]:
    """Codes of the directives of which somebody launched duties that make more tasks, theirs to follow."""
    query = (
        select(col(Directive.code))
        .distinct()
        .join(Launch, col(Launch.directive_id) == col(Directive.id))
        .join(ArmedDuty, col(ArmedDuty.launch_id) == col(Launch.id))
        .where(col(Launch.coordinator_id) == person_id, col(ArmedDuty.stood_down_at).is_(None))
    )
    return list(session.scalars(query.order_by(col(Directive.code))))


def _count(session: Session, table: type[Any], *which: ColumnElement[bool]) -> int:
    return session.scalar(select(func.count()).select_from(table).where(*which)) or 0
