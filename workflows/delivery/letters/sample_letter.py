"""Makes a sample of a letter that a version of a template would send, to look at or to send to oneself.

The sample is about an example task that no table stores. Its unit is one that the version addresses, and its dates are
those that a launch would give today. The letter greets the person whom the unit's letter would greet. It is marked as
a test and goes to the person who asked for it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlmodel import Session, col, select

from models.database.ids import new_id
from models.directives.directive import Directive, Duty
from models.directives.ladders import RecipientRole, RungName, RungSpec
from models.directives.launch import Incident
from models.directives.template import FixedDeadline, TemplateSpec, TemplateVersion, VagueDeadline
from models.errors import BadInput, DondocError, NotFound
from models.i18n import _, translate
from models.letters.letter import TEST_TOPIC, Letter, LetterKind, Notice
from models.operations.logs import get_log
from models.organization.person import Person
from models.organization.unit import Unit, UnitKind
from models.tasks.due_facts import store_due_facts
from models.tasks.task import DueFixedBy, Task
from models.text.localtime import at_local, due_date, local_date
from notifications.composing.facts import LetterFacts, LetterItem, Recipient, recipient_of
from notifications.outbox.grouping import queue_letters
from workflows.access.audit_log import note
from workflows.access.roster import Roster
from workflows.escalation.ladder_dates import example_due, ladder_dates
from workflows.launch.coverage import load_register
from workflows.launch.launch_plan import first_coordinator
from workflows.organization.working_calendar import load_calendar
from workflows.rules.audience import UnitFacts
from workflows.rules.calendar.periods import opens_at
from workflows.rules.calendar.workdays import WorkCalendar
from workflows.rules.escalation.ladder import fire_moment

_ASSIGNED_BEFORE = timedelta(days=20)
"""The time from assignment to deadline of an example with a fixed date that is near or past."""
_log = get_log(__name__)


@dataclass(frozen=True)
class SampleKey:
    """Names what a sample shows: a rung of a version's ladder."""

    version_id: UUID
    rung: RungName

    @property
    def topic(self) -> str:
        return f"{TEST_TOPIC}{self.version_id.hex}:{self.rung.value}:{new_id().hex}"


@dataclass(frozen=True)
class Sample:
    """The example task with what its letter tells. There is an incident if the version is for incidents."""

    kind: LetterKind
    task: Task
    unit: UnitFacts
    addressed: int  # units that the version addresses
    partners: tuple[str, ...]
    reader: Recipient | None
    notice: Notice
    leaves_at: datetime  # UTC: when the real letter would leave
    is_assumed: bool  # the version sets no date, so the example assumes one
    incident: Incident | None
    spec: TemplateSpec
    url: str  # path of the version's page

    def mark(self, facts: LetterFacts, item: LetterItem, base_url: str) -> LetterFacts:
        """Mark a letter as a test. Its link opens the version's page, and it has no calendar entry.

        It greets the reader of the real letter. Its address and language are those of the person who asked for it.
        """
        item = replace(
            item,
            url=f"{base_url}{self.url}",
            attach_calendar=False,
            coordinating_units=self.partners,
            duty_title=self.spec.title,
            quote=self.spec.quote,  # the duty has those of what is in use
        )
        title = item.directive if self.kind is LetterKind.UPWARD else ""
        if self.incident:
            title = self.incident.title
        recipient = facts.recipient
        if self.reader:
            recipient = replace(self.reader, language=recipient.language, email=recipient.email)
        return replace(
            facts,
            kind=self.kind,
            recipient=recipient,
            slot=self.leaves_at,
            items=(item,),
            topic_title=title,
            is_test=True,
        )


def find_sample_key(version: TemplateVersion, rung: str) -> SampleKey:
    """Raises NotFound where the version's ladder has no such rung."""
    for spec in version.read_spec().rungs.rungs:
        if spec.rung.value == rung:
            return SampleKey(version.id, spec.rung)
    raise NotFound("rung {rung}: this version's ladder has no such rung", rung=rung)


def send_sample(session: Session, person: Person, key: SampleKey, *, now: datetime) -> str:
    """Queue a sample to a person, and return the address. Raises BadInput without an address, or as `make_sample`."""
    if not person.email:
        raise BadInput("{person} has no e-mail address in the register", person=person.full_name)
    letter = new_sample_letter(person, key, now)
    make_sample(session, key, letter, now, load_calendar(session), person.language)
    queue_letters(session, [(person.id, now, LetterKind.ACCOUNT, letter.topic)])
    note(session, "test_letter_sent", now=now, actor_id=person.id, about=person.code, facts={"rung": key.rung.value})
    return person.email


def new_sample_letter(person: Person, key: SampleKey, now: datetime) -> Letter:
    return Letter(recipient_id=person.id, slot=now, kind=LetterKind.ACCOUNT, topic=key.topic, not_before=now)


def read_sample_topic(topic: str) -> SampleKey | None:
    """Return None for the topic of a letter that is no sample."""
    parts = topic.removeprefix(TEST_TOPIC).split(":")
    if not topic.startswith(TEST_TOPIC) or len(parts) != 3:
        return None
    return SampleKey(UUID(parts[0]), RungName(parts[1]))


def make_samples(
    session: Session, letters: Iterable[Letter], now: datetime, calendar: WorkCalendar, language: str
) -> dict[str, Sample]:
    """Return samples by topic, without those that cannot be made any more, such as of a deleted version."""
    samples: dict[str, Sample] = {}
    for letter in letters:
        key = read_sample_topic(letter.topic)
        if key is None:
            continue
        try:
            samples[letter.topic] = make_sample(session, key, letter, now, calendar, language)
        except DondocError as error:  # the person was told when they asked; the other letters must leave
            _log.warning("sample_left_out", topic=letter.topic, reason=str(error))
    return samples


def make_sample(
    session: Session, key: SampleKey, letter: Letter, now: datetime, calendar: WorkCalendar, language: str
) -> Sample:
    """Raises NotFound without version or rung, BadInput where no unit is addressed or a date cannot be counted."""
    query = (
        select(TemplateVersion, Duty, Directive)
        .join(Duty, col(Duty.id) == col(TemplateVersion.duty_id))
        .join(Directive, col(Directive.id) == col(Duty.directive_id))
        .where(col(TemplateVersion.id) == key.version_id)
    )
    row = session.exec(query).one_or_none()
    spec = row[0].read_spec() if row else None
    rung = next((rung for rung in spec.rungs.rungs if rung.rung is key.rung), None) if spec else None
    if row is None or spec is None or rung is None:
        raise NotFound("rung {rung}: this version's ladder has no such rung", rung=key.rung.value)
    version, duty, directive = row
    register = load_register(session)
    addressed = register.resolve(spec.audience).units
    if not addressed:
        raise BadInput(_("no letter can be shown: the register has no unit that this version addresses"))
    unit = _example_unit(session, addressed, letter.recipient_id)
    assigned_at = _assignment_moment(spec, rung, unit.kind, directive, now, calendar)
    due, period = example_due(
        spec, issued_on=directive.issued_on, assigned_at=assigned_at, calendar=calendar, unit_kind=unit.kind
    )
    task = Task(
        directive_id=directive.id,
        duty_id=duty.id,
        launch_id=new_id(),
        template_version_id=version.id,
        assigned_unit_id=unit.id,
        lead_unit_id=unit.id,
        occurrence=period.key if period else "once",
        assigner_unit_id=directive.coordinating_unit_id,
        coordinator_id=first_coordinator(session, directive.coordinating_unit_id) or letter.recipient_id,
        assigned_at=assigned_at,
        assigned_anchor_id=new_id(),
        original_due_at=due.due_at,
        due_at=due.due_at,
        due_set_at=assigned_at,
        due_fixed_by=due.fixed_by,
        due_facts=store_due_facts(due.facts),
    )
    partners = register.resolve(spec.coordinating, leading=False).units if spec.coordinating else []
    url = f"/admin/templates/{directive.code}/{duty.path}/{version.version}"
    kind, role = _kind_and_role(spec, rung)
    incident = None
    if kind is LetterKind.INCIDENT:
        title = translate(_("an assumed situation"), language)
        incident = Incident(
            directive_id=directive.id, title=title, declared_at=assigned_at, declared_by=letter.recipient_id
        )
        task.incident_id = incident.id
    leaves_at = _leaves_at(spec, rung, task, now, calendar)
    notice = Notice(
        task_id=task.id,
        anchor_id=task.assigned_anchor_id,
        rung=rung.rung.value,
        offset=rung.at,
        role=role.value,
        recipient_id=letter.recipient_id,
        fired_at=leaves_at,
        slot=leaves_at,
        kind=kind,
    )
    return Sample(
        kind=kind,
        task=task,
        unit=unit,
        addressed=len(addressed),
        notice=notice,
        leaves_at=leaves_at,
        partners=tuple(partner.name for partner in partners if partner.id != unit.id),
        reader=_reader(session, task, role, local_date(now)),
        incident=incident,
        spec=spec,
        url=url,
        is_assumed=due.fixed_by is DueFixedBy.ASSIGNER,
    )


def _example_unit(session: Session, addressed: Sequence[UnitFacts], asked_by: UUID) -> UnitFacts:
    """Prefer a unit whose head reads the language of the person who asks."""
    language = session.get_one(Person, asked_by).language
    query = select(Unit.id).join(Person, col(Person.id) == col(Unit.head_id))
    unit_ids = set(session.exec(query.where(Person.language == language, Person.is_active)))
    return next((unit for unit in addressed if unit.id in unit_ids), addressed[0])


def _assignment_moment(
    spec: TemplateSpec, rung: RungSpec, kind: UnitKind, directive: Directive, now: datetime, calendar: WorkCalendar
) -> datetime:
    """Return now, or when the period opens. For a rung that would have passed by then, return an earlier moment."""
    due, period = example_due(spec, issued_on=directive.issued_on, assigned_at=now, calendar=calendar, unit_kind=kind)
    opens = opens_at(spec.period, period) if spec.period and period else None
    assigned_at = max(opens or now, now)
    if rung.rung in (RungName.ASSIGNED, RungName.NOT_ACCEPTED) or due.due_at is None:
        return assigned_at
    fires_at = fire_moment(rung, spec.rungs, assigned_at=assigned_at, due_at=due.due_at, calendar=calendar)
    if fires_at is None or fires_at > assigned_at:
        return assigned_at
    if opens is not None:
        return opens
    is_fixed = isinstance(spec.deadline, FixedDeadline | VagueDeadline)
    return at_local(due_date(due.due_at) - _ASSIGNED_BEFORE) if is_fixed else assigned_at


def _leaves_at(spec: TemplateSpec, rung: RungSpec, task: Task, now: datetime, calendar: WorkCalendar) -> datetime:
    dates = ladder_dates(spec, assigned_at=task.assigned_at, due_at=task.due_at, calendar=calendar)
    example = next(date for date in dates.rungs if (date.rung, date.offset) == (rung.rung.value, rung.at))
    return example.leaves_at or now


def _kind_and_role(spec: TemplateSpec, rung: RungSpec) -> tuple[LetterKind, RecipientRole]:
    role = RecipientRole.HEAD if RecipientRole.HEAD in rung.to else rung.to[0]
    kind = LetterKind.ASSIGNED if rung.rung is RungName.ASSIGNED else LetterKind.DIGEST
    if RecipientRole.SUPERVISOR in rung.to:
        kind, role = LetterKind.UPWARD, RecipientRole.SUPERVISOR
    return (LetterKind.INCIDENT if spec.rungs.clock == "hours" else kind), role


def _reader(session: Session, task: Task, role: RecipientRole, today: date) -> Recipient | None:
    recipients = Roster.for_tasks(session, [task], today, partners={}).recipients(role.value, task)
    person = session.get(Person, recipients[0].person_id) if recipients else None
    if person is None:
        return None
    unit = session.get(Unit, person.unit_id) if person.unit_id else None
    return recipient_of(person, unit)
