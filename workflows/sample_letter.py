"""A letter as a version of a template would send it: an example's task, in no table, told as every task is.

It goes to the person who asks for it, marked as a test. Its unit is the first that the version addresses.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from sqlmodel import Session, col, select

from models.directive import Directive, Duty
from models.errors import BadInput, NotFound
from models.i18n import _, translate
from models.ids import new_id
from models.launch import Incident
from models.letter import TEST_TOPIC, Letter, LetterKind, Notice
from models.localtime import at_local, end_of_day, local_date
from models.person import Person
from models.task import DueFixedBy, Task
from models.template import RecipientRole, RungName, RungSpec, TemplateSpec, TemplateVersion
from notifications.facts import Item, LetterFacts
from notifications.outbox import queue_letters
from workflows.coverage import load_register
from workflows.rules.workdays import WorkCalendar

_BEFORE = timedelta(days=20)
"""How long ago an example was assigned whose date is near or past; also how long it has, where it is new."""


@dataclass(frozen=True)
class SampleOf:
    """What a sample shows: a version of a template, at one of its rungs."""

    version_id: UUID
    rung: RungName

    @property
    def topic(self) -> str:
        """A topic for a letter of its own."""
        return f"{TEST_TOPIC}{self.version_id.hex}:{self.rung.value}:{new_id().hex}"


@dataclass(frozen=True)
class Sample:
    """The example: a task and what is told of it; an incident where the version is for incidents."""

    kind: LetterKind
    task: Task
    notice: Notice
    incident: Incident | None
    spec: TemplateSpec
    url: str  # path of the version's page

    def mark(self, facts: LetterFacts, item: Item, base_url: str) -> LetterFacts:
        """The letter's facts as a test's: it opens the version's page, and no calendar takes its date."""
        item = replace(item, url=f"{base_url}{self.url}", attach_calendar=False)
        shown = replace(item, duty_title=self.spec.title, quote=self.spec.quote)  # the duty has those of what is in use
        title = self.incident.title if self.incident else item.directive if self.kind is LetterKind.UPWARD else ""
        return replace(facts, kind=self.kind, items=(shown,), topic_title=title, is_test=True)


def queue_sample(session: Session, person_id: UUID, of: SampleOf, now: datetime) -> None:
    """Queues a sample to the person who asked for it; whoever commits nudges the clock."""
    queue_letters(session, [(person_id, now, LetterKind.ACCOUNT, of.topic)])


def read_sample_topic(topic: str) -> SampleOf | None:
    """What a letter's topic says it is a sample of; None where it is none."""
    parts = topic.removeprefix(TEST_TOPIC).split(":")
    return SampleOf(UUID(parts[0]), RungName(parts[1])) if topic.startswith(TEST_TOPIC) and len(parts) == 3 else None


def make_samples(
    session: Session, letters: Iterable[Letter], now: datetime, calendar: WorkCalendar, language: str
) -> dict[str, Sample]:
    """The examples of letters that are samples, by topic; of a version that is gone there is none."""
    wanted = {letter.topic: (of, letter) for letter in letters if (of := read_sample_topic(letter.topic))}
    if not wanted:
        return {}
    ids = {of.version_id for of, _letter in wanted.values()}
    query = (
        select(TemplateVersion, Duty, Directive)
        .join(Duty, col(Duty.id) == col(TemplateVersion.duty_id))
        .join(Directive, col(Directive.id) == col(Duty.directive_id))
        .where(col(TemplateVersion.id).in_(ids))
    )
    register = load_register(session)
    found: dict[str, Sample] = {}
    for version, duty, directive in session.exec(query):
        spec = version.read_spec()
        addressed = register.resolve(spec.audience).units
        unit_id = addressed[0].id if addressed else directive.coordinating_unit_id
        for topic, (of, letter) in wanted.items():
            rung = next((one for one in spec.rungs.rungs if one.rung is of.rung), None)
            if of.version_id == version.id and rung is not None:
                task = _task(version, duty, directive, spec, rung, unit_id, letter, now, calendar)
                url = f"/admin/templates/{directive.code}/{duty.path}/{version.version}"
                found[topic] = _sample(spec, rung, task, letter, now, language, url)
    return found


def _sample(
    spec: TemplateSpec, rung: RungSpec, task: Task, letter: Letter, now: datetime, language: str, url: str
) -> Sample:
    in_hours = spec.rungs.clock == "hours"
    role = RecipientRole.HEAD if RecipientRole.HEAD in rung.to else rung.to[0]
    is_upward = RecipientRole.SUPERVISOR in rung.to
    kind = LetterKind.ASSIGNED if rung.rung is RungName.ASSIGNED else LetterKind.DIGEST
    if is_upward:
        kind, role = LetterKind.UPWARD, RecipientRole.SUPERVISOR
    incident = None
    if in_hours:
        kind = LetterKind.INCIDENT
        title = translate(_("an assumed situation"), language)
        incident = Incident(
            directive_id=task.directive_id, title=title, declared_at=task.assigned_at, declared_by=letter.recipient_id
        )
        task.incident_id = incident.id
    notice = Notice(
        task_id=task.id, anchor_id=task.assigned_anchor_id, rung=rung.rung.value, offset=rung.at, role=role.value,
        recipient_id=letter.recipient_id, fired_at=now, slot=letter.slot, kind=kind,
    )  # fmt: skip
    return Sample(kind, task, notice, incident, spec, url)


def _task(
    version: TemplateVersion,
    duty: Duty,
    directive: Directive,
    spec: TemplateSpec,
    rung: RungSpec,
    unit_id: UUID,
    letter: Letter,
    now: datetime,
    calendar: WorkCalendar,
) -> Task:
    assigned_at, due_at = _dates(spec, rung, now, calendar)
    return Task(
        directive_id=directive.id, duty_id=duty.id, launch_id=new_id(), template_version_id=version.id,
        assigned_unit_id=unit_id, lead_unit_id=unit_id, occurrence="once",
        assigner_unit_id=directive.coordinating_unit_id, coordinator_id=letter.recipient_id,
        assigned_at=assigned_at, assigned_anchor_id=new_id(), original_due_at=due_at, due_at=due_at,
        due_set_at=assigned_at, due_fixed_by=DueFixedBy.TEMPLATE,
    )  # fmt: skip


def _dates(spec: TemplateSpec, rung: RungSpec, now: datetime, calendar: WorkCalendar) -> tuple[datetime, datetime]:
    """When the example was assigned and is due, so that the rung is told now."""
    from_assignment = rung.rung in (RungName.ASSIGNED, RungName.NOT_ACCEPTED)
    if spec.rungs.clock == "hours":
        after = timedelta(hours=rung.at)
        has = timedelta(hours=getattr(spec.deadline, "hours", 24))
        return (now - after, now - after + has) if from_assignment else (now - after - has, now - after)
    day = calendar.add(local_date(now), -rung.at)
    if from_assignment:
        return (now if rung.at == 0 else at_local(day)), end_of_day(day + _BEFORE)
    return at_local(day - _BEFORE), end_of_day(day)


def sample_of(version: TemplateVersion, rung: str) -> SampleOf:
    """The sample of a version at a rung. NotFound where its ladder has no such rung."""
    found = next((one.rung for one in version.read_spec().rungs.rungs if one.rung.value == rung), None)
    if found is None:
        raise NotFound("rung {rung}: this version's ladder has no such rung", rung=rung)
    return SampleOf(version.id, found)


def send_sample(session: Session, person: Person, of: SampleOf, *, now: datetime) -> str:
    """Queues a sample to whoever asks for it, and returns the address. BadInput where they have none."""
    if not person.email:
        raise BadInput("{person} has no e-mail address in the register", person=person.full_name)
    queue_sample(session, person.id, of, now)
    return person.email
