"""Erase a person: everything that names them, and their notes beside the history.

The law on archives obliges an office to keep the lines of the history (which contain ids), results with their signers
and files, documents, issued reports and findings of inspections. These stay, and so does the audit, which nobody can
change. See docs/decisions/0030-erasing-a-person.md.
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
from workflows.jobs.cleanup.retention import BATCH, replace_by_hashes
from workflows.operations.personal.erased import ERASED, WORDS, StandIn, is_erased, list_erased
from workflows.operations.personal.personal_rows import OWN_WORDS, their_tasks
from workflows.rules.rights_table import STANDING_WORDS, OfficeRole
from workflows.rules.tasks.actions import Action
from workflows.rules.tasks.lifecycle import SPECS

_REASON_LENGTH = 500
"""Characters of a task's `due_reason`, which repeats the beginning of a note of the history."""
_DELETED: tuple[tuple[str, Any], ...] = (
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
"""Rows that are deleted: the name of their count, and the column with the person's id."""


@dataclass
class Erased:
    """An erasure: the person's former code, and the erased rows by kind (`audit_words.KIND_WORDS`)."""

    person_id: UUID
    former_code: str
    stand_in: StandIn
    counts: dict[str, int] = field(default_factory=dict)


def erase_person(session: Session, person: Person, audit_actor: AuditActor, *, folder: Path | None) -> Erased:
    """Erase a person in this transaction, with a line in the audit and in the list of the data folder (`folder`).

    Raises StillNeeded, which names all hindrances, and BadInput for a person who has been erased already. A dry run
    gives no folder, and must roll the transaction back.
    """
    session.refresh(person, with_for_update=True)
    if is_erased(person):
        raise BadInput(_("{person} has been erased already"), person=person.code)
    if hindering := list(hindrances(session, person)):
        raise StillNeeded(person, hindering)
    if session.get_bind().dialect.name == "sqlite":  # deleted content must not stay in the file
        session.connection().exec_driver_sql("PRAGMA secure_delete = ON")
    erased = Erased(person.id, person.code, StandIn.of(person.id))
    erased.counts = _erase_rows(session, person, audit_actor)
    erased.counts["alerts"] = _erase_from_alerts(session, person, erased.stand_in)
    erased.stand_in.put_on(person)
    session.add(person)
    audit_actor.note(session, ERASED, erased.stand_in.code, {"person": str(person.id), "counts": erased.counts})
    if folder is not None:
        session.flush()
        # before the commit: if that fails, a superfluous id in the list does no harm
        list_erased(folder, person.id, audit_actor.now)
    return erased


def _erase_rows(session: Session, person: Person, audit_actor: AuditActor) -> dict[str, int]:
    person_id, counts = person.id, dict[str, int]()
    counts["words"] = _erase_words(session, person)
    messages = select(col(ConversationMessage.id)).where(col(ConversationMessage.author_id) == person_id)
    counts["message_files"] = _run(
        session, delete(ConversationFile).where(col(ConversationFile.message_id).in_(messages))
    )
    counts["letters"], counts["bodies"] = _erase_letters(session, person, audit_actor)
    for kind, owner in _DELETED:
        counts[kind] = _run(session, delete(owner.class_).where(owner == person_id))
    counts["messages"] = _delete_channel_messages(session, person_id)
    counts["failures"] = _run(session, delete(Throttle).where(col(Throttle.key).contains(person_id.hex)))
    jobs = select(col(BackgroundJob.id)).where(col(BackgroundJob.asked_by) == person_id)
    _run(session, delete(JobPart).where(col(JobPart.errand_id).in_(jobs)))
    counts["errands"] = _run(session, delete(BackgroundJob).where(col(BackgroundJob.asked_by) == person_id))
    return counts


def _erase_words(session: Session, person: Person) -> int:
    """Erase the texts that a person wrote, and their name where a note of a telephone call begins with it."""
    changed = _erase_reasons_from_notes(session, person)
    is_their_note = (col(History.id) == col(HistoryNote.history_id), col(History.actor_id) == person.id)
    changed += _run(session, delete(HistoryNote).where(exists().where(*is_their_note)))
    for place, owner in OWN_WORDS.items():
        table_name, _dot, column = place.partition(".")
        table = all_tables().tables[table_name]
        is_theirs = (table.c[owner] == person.id, table.c[column] != "", table.c[column] != WORDS)
        changed += _run(session, update(table).where(*is_theirs).values({column: WORDS}))
    return changed + _erase_answered_calls(session, person)


def _erase_reasons_from_notes(session: Session, person: Person) -> int:
    """Erase the reason of a task's date where it repeats the beginning of a note of this person."""
    reason = col(Task.due_reason)
    repeats_their_note = exists().where(
        col(History.id) == col(HistoryNote.history_id),
        col(History.actor_id) == person.id,
        col(History.task_id) == col(Task.id),
        func.substr(col(HistoryNote.text), 1, _REASON_LENGTH) == reason,
    )
    return _run(session, update(Task).where(reason != "", repeats_their_note).values(due_reason=WORDS))


def _erase_answered_calls(session: Session, person: Person) -> int:
    """Erase the name of a person who answered the telephone: notes of calls on their tasks begin with it."""
    name, text = person.full_name, col(HistoryNote.text)
    is_of_a_call = exists().where(
        col(History.id) == col(HistoryNote.history_id),
        col(History.event) == SPECS[Action.TELEPHONE].rule.event,
        col(History.task_id).in_(their_tasks(person)),
    )
    names_them = or_(text == name, text.startswith(f"{name}:", autoescape=True))
    changed = _run(session, delete(HistoryNote).where(names_them, is_of_a_call))
    answered = and_(col(TelephoneNote.answered_by) == name, col(TelephoneNote.task_id).in_(their_tasks(person)))
    return changed + _run(session, update(TelephoneNote).where(answered).values(answered_by=WORDS))


_EMPTY_REPLY = {"sender": "", "subject": "", "message_id": "", "text": "", "told": "", "original_sha256": ""}


def _erase_letters(session: Session, person: Person, audit_actor: AuditActor) -> tuple[int, int]:
    """Erase addresses, servers' answers and bytes of the letters to a person; the letters' rows stay.

    Return how many letters there are, and how many still had their bytes.
    """
    own_letters = select(col(Letter.id)).where(col(Letter.recipient_id) == person.id)
    if dead_ids := list(session.scalars(own_letters.where(IS_DEAD))):
        drop_letters(session, dead_ids, audit_actor.now)
    ids, bodies = list(session.scalars(own_letters.order_by(col(Letter.id)))), 0
    for chunk in chunks(ids):
        _run(session, delete(LetterLink).where(col(LetterLink.letter_id).in_(chunk)))
        _run(session, update(Letter).where(col(Letter.id).in_(chunk)).values(address=None, error=""))
        _run(session, update(LetterAttempt).where(col(LetterAttempt.letter_id).in_(chunk)).values(reply=""))
        _run(session, update(Bounce).where(col(Bounce.letter_id).in_(chunk)).values(diagnostic="", address_tag=""))
        _run(session, update(Reply).where(col(Reply.letter_id).in_(chunk)).values(**_EMPTY_REPLY))
    for first in range(0, len(ids), BATCH):
        bodies += replace_by_hashes(session, ids[first : first + BATCH], audit_actor.now)
    _run(session, delete(ReplyDraft).where(col(ReplyDraft.person_id) == person.id))
    if person.email:  # replies and reports of mail servers that name no letter of ours
        _run(session, update(Reply).where(col(Reply.sender) == person.email.lower()).values(**_EMPTY_REPLY))
        names_them = col(Bounce.diagnostic).icontains(person.email, autoescape=True)
        _run(session, update(Bounce).where(names_them).values(diagnostic=""))
    return len(ids), bodies


def _delete_channel_messages(session: Session, person_id: UUID) -> int:
    """Delete messages of other channels, and the browsers that showed them."""
    messages = select(col(ChannelMessage.id)).where(col(ChannelMessage.recipient_id) == person_id)
    _run(session, delete(ChannelAttempt).where(col(ChannelAttempt.message_id).in_(messages)))
    count = _run(session, delete(ChannelMessage).where(col(ChannelMessage.recipient_id) == person_id))
    return count + _run(session, delete(PushSubscription).where(col(PushSubscription.person_id) == person_id))


def _erase_from_alerts(session: Session, person: Person, stand_in: StandIn) -> int:
    """Replace a person's code, name, address and telephone by the stand-in's code in the facts of alerts."""
    names = [text for text in (person.email, person.phone, person.full_name) if text]
    pattern = re.compile("|".join(map(re.escape, names)), re.IGNORECASE)

    def replace_names(value: Any) -> Any:
        if not isinstance(value, str):
            return value
        return stand_in.code if value == person.code else pattern.sub(stand_in.code, value)

    changed = 0
    for alert in session.scalars(select(Alert).execution_options(yield_per=BATCH)):
        facts = {name: replace_names(value) for name, value in alert.facts.items()}
        if facts != alert.facts:
            alert.facts, changed = facts, changed + 1
    session.flush()
    return changed


def _run(session: Session, change: UpdateBase) -> int:
    """Return how many rows were changed or deleted."""
    return int(count_changed(session, change.execution_options(synchronize_session=False)))


_ENDED_INSPECTIONS = (InspectionState.CLOSED, InspectionState.CANCELLED)
_UNANSWERED: tuple[tuple[type[Any], Any, ColumnElement[bool]], ...] = (
    (Extension, col(Extension.asked_by), col(Extension.decided_at).is_(None)),
    (LeadChange, col(LeadChange.asked_by), col(LeadChange.decided_at).is_(None)),
    (Obstacle, col(Obstacle.raised_by), col(Obstacle.answered_at).is_(None)),
)
"""Requests that wait for a decision, for which their words are still needed."""


class StillNeeded(Refused):
    """The office still needs a person. `hindrances` are sentences, each with one reason."""

    def __init__(self, person: Person, hindrances: list[Words]) -> None:
        super().__init__(_("{person} cannot be erased yet:"), person=person.code)
        self.hindrances = hindrances

    def tell(self, language: str) -> str:
        sentences = (translate(hindrance, language) for hindrance in self.hindrances)
        return "\n".join([super().tell(language), *(f"  - {sentence}" for sentence in sentences)])


def hindrances(session: Session, person: Person) -> Iterator[Words]:
    """Yield sentences that say what to do first. Without any, the person may be erased."""
    person_id = person.id
    if person.is_active:
        yield _("still active: dondoc person retire {person}", person=person.code)
    holds_office = or_(*(col(office) == person_id for office in (Unit.head_id, Unit.deputy_id, Unit.focal_point_id)))
    if units := session.scalars(select(col(Unit.code)).where(holds_office).order_by(col(Unit.code))).all():
        yield _("holds an office of {units}: hand it over first", units=list(units))
    roles = select(col(PersonRole.role), col(Unit.code)).join(Unit, col(Unit.id) == col(PersonRole.unit_id))
    for role, unit in session.execute(roles.where(col(PersonRole.person_id) == person_id).order_by(col(Unit.code))):
        yield _(
            "still {role} of {unit}: take the role away first", role=STANDING_WORDS[OfficeRole(role.value)], unit=unit
        )
    is_theirs = or_(col(Task.coordinator_id) == person_id, col(Task.officer_id) == person_id)
    if tasks := _count(session, Task, is_theirs, col(Task.status).in_(OPEN_STATUSES)):
        yield _("open tasks that they follow or do: {count}; end them or give them to others first", count=tasks)
    if codes := directives_followed(session, person_id):
        yield _("launched continuing duties of {directives}: they would follow up future tasks too", directives=codes)
    memberships = select(col(InspectionMember.inspection_id)).where(col(InspectionMember.person_id) == person_id)
    in_team = or_(col(Inspection.lead_id) == person_id, col(Inspection.id).in_(memberships))
    if inspections := _count(session, Inspection, in_team, col(Inspection.state).not_in(_ENDED_INSPECTIONS)):
        yield _("inspections that are not over and to whose team they belong: {count}", count=inspections)
    if waiting := sum(_count(session, table, asker == person_id, is_open) for table, asker, is_open in _UNANSWERED):
        yield _("their unanswered requests and obstacles: {count}", count=waiting)
    is_unfinished = col(BackgroundJob.state).in_((BackgroundJobState.QUEUED, BackgroundJobState.RUNNING))
    if jobs := _count(session, BackgroundJob, col(BackgroundJob.asked_by) == person_id, is_unfinished):
        yield _("long work that they asked for and that is not done: {count}", count=jobs)
    is_waiting = col(Letter.state).in_((LetterState.QUEUED, LetterState.CLAIMED))
    if letters := _count(session, Letter, col(Letter.recipient_id) == person_id, is_waiting):
        yield _("letters to them that wait in the outbox: {count}; after the next delivery", count=letters)
    if person.email:
        same_address = select(col(Unit.code)).where(func.lower(col(Unit.email)) == person.email.lower())
        if units := session.scalars(same_address.order_by(col(Unit.code))).all():
            yield _("their address is also that of {units}: give the unit another first", units=list(units))


def directives_followed(session: Session, person_id: UUID) -> list[str]:
    """Return the codes of directives whose future tasks this person will follow up, as coordinator of their launch."""
    query = (
        select(col(Directive.code))
        .distinct()
        .join(Launch, col(Launch.directive_id) == col(Directive.id))
        .join(ArmedDuty, col(ArmedDuty.launch_id) == col(Launch.id))
        .where(col(Launch.coordinator_id) == person_id, col(ArmedDuty.stood_down_at).is_(None))
    )
    return list(session.scalars(query.order_by(col(Directive.code))))


def _count(session: Session, table: type[Any], *conditions: ColumnElement[bool]) -> int:
    return session.scalar(select(func.count()).select_from(table).where(*conditions)) or 0
