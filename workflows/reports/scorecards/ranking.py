"""Rankings: an order by merit is shown only where a leader of the issuer's office has approved publishing it.

An approval names what is ranked: the directives of that office (all, or one), a period that is over, and a cut-off that
has passed, so that what is published stays what was approved. Units of different kinds are never ranked together.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, exists, false, or_, select, true, update
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col

from models.database.ids import ZERO_ID
from models.database.rows import update_one
from models.directives.directive import Directive, directive_name
from models.errors import BadInput, NotFound, Refused
from models.i18n import _
from models.organization.person import Person
from models.organization.unit import Unit, UnitKind
from models.reports.ranking import RankingApproval
from models.tasks.task import Task
from models.text.localtime import write_date
from workflows.access.audit_log import AuditActor
from workflows.access.rights import Forbidden, Principal, runs_directive
from workflows.reports.scorecards.scorecard_reads import Scorecards, UnitCards, read_scorecards
from workflows.rules.calendar.periods import Period, parse
from workflows.rules.calendar.workdays import WorkCalendar
from workflows.rules.figures.scorecard_figures import places
from workflows.rules.rights_table import RIGHT_WORDS, Right


class Office(NamedTuple):
    """A unit in whose name directives are issued."""

    id: UUID
    code: str
    name: str


@dataclass(frozen=True)
class Approved:
    """An approval with its names; `directive` is empty for all directives of the office."""

    approval: RankingApproval
    office: str
    directive: str
    directive_name: str
    approved_by: str


@dataclass(frozen=True)
class Ranked:
    """A unit with its place; None: too few tasks to have one."""

    place: int | None
    unit: UnitCards


@dataclass(frozen=True)
class Ranking:
    """Units of each kind by their place, those without one last, in alphabetical order where places are equal."""

    of: Approved
    cards: Scorecards
    kinds: dict[UnitKind, tuple[Ranked, ...]]


def offices_led(session: Session, place: Principal) -> list[Office]:
    """Return the issuer's offices whose head or deputy somebody is in person: no stand-in approves a ranking."""
    if not place.may(Right.APPROVE_RANKING):
        return []
    me = place.person.id
    query = select(col(Unit.id), col(Unit.code), col(Unit.name)).where(
        or_(col(Unit.head_id) == me, col(Unit.deputy_id) == me),
        exists().where(col(Directive.issuer_office_id) == col(Unit.id)),
    )
    return [Office(*row) for row in session.execute(query.order_by(col(Unit.sort_key), col(Unit.code)))]


def approve_ranking(
    session: Session,
    place: Principal,
    *,
    period: str,
    today: date,
    hand: AuditActor,
    office: str | None = None,
    directive: str | None = None,
    cutoff: date | None = None,
    note: str = "",
) -> RankingApproval:
    """Record a leader's approval. `period` is a key (2026-Q3); the cut-off is yesterday where none is given.

    Forbidden for whoever leads no issuer's office, or not this one; BadInput for days that are not over.
    """
    place.require(Right.APPROVE_RANKING)
    chosen = _office(session, place, office)
    of = None if directive is None else _directive(session, directive, chosen)
    days, on = parse(period), cutoff or today - timedelta(days=1)
    if on >= today:
        raise BadInput("cut-off {day}: that day is not over yet; choose one before today", day=write_date(on))
    if days.last_day > on:
        raise BadInput("period {key}: it is not over at the cut-off, {day}", key=period, day=write_date(on))
    approval = RankingApproval(
        issuer_office_id=chosen.id,
        directive_id=of,
        directive_key=of or ZERO_ID,
        period=days.key,
        first_day=days.first_day,
        last_day=days.last_day,
        cutoff=on,
        note=note[:500],
        approved_at=hand.now,
        approved_by=place.person.id,
    )
    try:
        with session.begin_nested():
            session.add(approval)
    except IntegrityError as error:
        raise Refused("this ranking is approved already") from error
    hand.note(session, "ranking_approved", chosen.code, _facts(approval, directive))
    return approval


def withdraw_ranking(session: Session, place: Principal, approval_id: UUID, *, hand: AuditActor) -> None:
    """Take an approval back: nobody sees the ranking from then on. Refused where it was withdrawn before."""
    place.require(Right.APPROVE_RANKING)
    approval = session.get(RankingApproval, approval_id)
    if approval is None:
        raise NotFound("there is no such page")
    office = next((one for one in offices_led(session, place) if one.id == approval.issuer_office_id), None)
    if office is None:
        raise _not_theirs(place)
    changed = update_one(
        session,
        update(RankingApproval)
        .where(col(RankingApproval.id) == approval_id, col(RankingApproval.withdrawn_at).is_(None))
        .values(withdrawn_at=hand.now, withdrawn_by=place.person.id),
    )
    if not changed:
        raise Refused("this approval was withdrawn before")
    session.refresh(approval)
    hand.note(session, "ranking_withdrawn", office.code, _facts(approval, None))


def list_rankings(session: Session, place: Principal | None) -> list[Approved]:
    """Return the approvals that stand and whose ranking somebody may see, the newest first. No place: the command
    line.
    """
    names = (col(Directive.code), col(Directive.kind), col(Directive.number), col(Directive.subject))
    query = (
        select(RankingApproval, col(Unit.name), *names, col(Person.full_name))
        .join(Unit, col(Unit.id) == col(RankingApproval.issuer_office_id))
        .join(Person, col(Person.id) == col(RankingApproval.approved_by))
        .outerjoin(Directive, col(Directive.id) == col(RankingApproval.directive_id))
        .where(col(RankingApproval.withdrawn_at).is_(None), true() if place is None else _seen_by(place))
        .order_by(col(RankingApproval.approved_at).desc(), col(RankingApproval.id).desc())
    )
    return [
        Approved(approval, office, code or "", directive_name(kind, number, subject) if code else "", person)
        for approval, office, code, kind, number, subject, person in session.execute(query)
    ]


def read_ranking(session: Session, place: Principal | None, approval_id: UUID, *, calendar: WorkCalendar) -> Ranking:
    """Return the ranking that was approved. NotFound where no approval stands, or for whoever may see a part only."""
    found = next((one for one in list_rankings(session, place) if one.approval.id == approval_id), None)
    if found is None:
        raise NotFound("there is no such page")
    approval = found.approval
    period = Period(approval.period, approval.first_day, approval.last_day)
    offices = select(col(Directive.id)).where(col(Directive.issuer_office_id) == approval.issuer_office_id)
    cards = read_scorecards(
        session,
        cutoff=approval.cutoff,
        calendar=calendar,
        periods=(period,),
        directive=found.directive or None,
        among=col(Task.directive_id).in_(offices),
    )
    kinds = {kind: [unit for unit in cards.units if unit.kind is kind] for kind in UnitKind}
    return Ranking(found, cards, {kind: _rank(units) for kind, units in kinds.items() if units})


def _rank(units: Sequence[UnitCards]) -> tuple[Ranked, ...]:
    found = [Ranked(place, unit) for place, unit in zip(places([one.whole for one in units]), units, strict=True)]
    return tuple(sorted(found, key=lambda one: (one.place is None, one.place or 0)))  # stable: else alphabetical


def _seen_by(place: Principal) -> ColumnElement[bool]:
    """Return whoever sees all the tasks that are ranked: a part of a ranking would be another one."""
    if place.may(Right.SEE_EVERYTHING):
        return true()
    if not place.may(Right.SEE_REPORT):
        return false()
    # of the directive that `list_rankings` joins; of all of an office nobody else sees all
    return or_(col(RankingApproval.issuer_office_id).in_(place.speaks_for), runs_directive(place))


def _office(session: Session, place: Principal, code: str | None) -> Office:
    led = offices_led(session, place)
    chosen = next((one for one in led if code in (None, one.code)), None)
    if chosen is None:
        raise _not_theirs(place)
    return chosen


def _directive(session: Session, code: str, office: Office) -> UUID:
    query = select(col(Directive.id)).where(col(Directive.code) == code, col(Directive.issuer_office_id) == office.id)
    found = session.scalars(query).first()
    if found is None:
        raise NotFound("directive {code}: there is no directive of this code", code=code)
    return found


def _not_theirs(place: Principal) -> Forbidden:
    return Forbidden(
        "{person} may not do this: {right}; that is for: {by}",
        person=place.person.full_name,
        right=RIGHT_WORDS[Right.APPROVE_RANKING],
        by=_("head or deputy of the issuer's office"),
    )


def _facts(approval: RankingApproval, directive: str | None) -> dict[str, str]:
    facts = {"period": approval.period, "cutoff": approval.cutoff.isoformat()}
    return facts | ({"directive": directive} if directive else {})
