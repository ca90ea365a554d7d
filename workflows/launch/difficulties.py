"""General difficulties: the directives whose authority somebody's unit may put one to, and putting it."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlmodel import Session, col, select

from models.directives.directive import Directive, Duty, DutyKind
from models.directives.launch import ArmedDuty
from models.directives.template import TemplateState, TemplateVersion
from models.errors import BadInput, NotFound
from models.organization.person import Person
from workflows.access.actor_context import ActorContext
from workflows.access.relations import headed_by
from workflows.launch.coverage import load_register
from workflows.launch.request import raise_general

LONGEST = 4000
"""Characters of a difficulty."""


@dataclass(frozen=True)
class Addressee:
    """A directive whose duty on request receives a unit's difficulties."""

    directive: Directive
    duty: Duty
    authority: str
    working_days: int


def open_to_difficulties(session: Session, person: Person, day: date) -> list[Addressee]:
    """Where the unit that a person heads on a local day may put a difficulty, the newest first."""
    found_unit = headed_by(session, person, day)
    if found_unit is None:
        return []
    unit, _holder = found_unit
    rows = session.exec(
        select(Directive, Duty, TemplateVersion)
        .join(Duty, col(Duty.directive_id) == col(Directive.id))
        .join(TemplateVersion, col(TemplateVersion.duty_id) == col(Duty.id))
        .join(ArmedDuty, col(ArmedDuty.duty_id) == col(Duty.id))
        .where(
            Duty.kind == DutyKind.ON_REQUEST,
            TemplateVersion.state == TemplateState.PUBLISHED,
            col(ArmedDuty.stood_down_at).is_(None),
        )
        .order_by(col(Directive.issued_on).desc().nulls_last(), col(Directive.id).desc(), col(Duty.position))
    ).all()
    if not rows:
        return []
    register = load_register(session)
    names = {one.id: one.name for one in register.units}
    codes = {one.code: one.id for one in register.units if one.is_active and not one.is_outside}
    found = []
    for directive, duty, version in rows:
        spec = version.read_spec()
        if unit.id in {one.id for one in register.resolve(spec.audience).units}:
            authority = codes.get(spec.authority or "")
            answers = directive.issuer_office_id if authority in (None, unit.id) else authority
            found.append(Addressee(directive, duty, names[answers], spec.authority_working_days))
    return found


def put_difficulty(context: ActorContext, code: str, note: str, *, request_id: UUID | None = None) -> Addressee:
    """Put a difficulty with a directive to its authority; with an id that is there already nothing new.

    NotFound for a directive that the person's unit may put none to, BadInput for no words or too many.
    """
    places = open_to_difficulties(context.session, context.actor, context.today)
    found = next((one for one in places if one.directive.code == code), None)
    if found is None:
        raise NotFound("directive {code}: your unit cannot report an obstacle there", code=code or "–")
    if len(note) > LONGEST:
        raise BadInput("note: {length} characters; expected at most {most}", length=len(note), most=LONGEST)
    raise_general(context, found.directive, found.duty, text=note, request_id=request_id)
    return found
