"""What stands in the way of erasing a person: whatever the office still needs them for."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, or_, select
from sqlmodel import Session, col

from models.directives.directive import Directive
from models.directives.inspection import Inspection, InspectionMember, InspectionState
from models.directives.launch import ArmedDuty, Launch
from models.errors import Refused
from models.i18n import Words, _, translate
from models.letters.letter import Letter, LetterState
from models.operations.background_job import BackgroundJob, BackgroundJobState
from models.organization.person import Person, PersonRole
from models.organization.unit import Unit
from models.tasks.task import OPEN_STATUSES, Extension, LeadChange, Obstacle, Task
from workflows.rules.rights_table import STANDING_WORDS, OfficeRole

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
    """Yield each as a sentence that says what to do first; none: the person may be erased."""
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
    """Return codes of the directives of which somebody launched duties that make more tasks, theirs to follow."""
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
