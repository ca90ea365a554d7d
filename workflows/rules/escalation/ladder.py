"""The ladder: which rungs of a task are crossed and true at `now`, whom they are for, and when to look again.

A rung is told once per clock (anchor) and role. Level-triggered: what was missed is said late, if it is still true.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from models.directives.ladders import LadderSpec, RecipientRole, RungName, RungSpec
from models.tasks.late import has_passed
from models.tasks.task import OPEN_STATUSES, TaskStatus, WaitKind
from models.text.localtime import at_local, due_date, local_date
from workflows.rules.calendar.workdays import WorkCalendar

SET_DATE = "set_date"
DECIDE = "decide"
DECIDER, DECIDER_SUPERIOR = "decider", "decider_superior"
SET_DATE_AFTER = 2
"""Working days after which the coordinator is asked to set a date for an undated task."""
DECIDE_AFTER = {DECIDER: 3, DECIDER_SUPERIOR: 5}
"""Working days of waiting after which the one who must decide, then their superior, is reminded at the latest."""
_DAYS_BEFORE = {DECIDER: 1, DECIDER_SUPERIOR: 0}
_HOURS_BEFORE = {DECIDER: 2, DECIDER_SUPERIOR: 1}
"""So long before the date they are reminded, where that is earlier: working days, or hours on a clock of hours."""
_FIRST_HOUR = timedelta(hours=1)
"""On a clock of hours nobody is reminded sooner after the request."""

_ASSIGNED_CLOCK = (RungName.ASSIGNED, RungName.NOT_ACCEPTED)
_BY_SEVERITY = tuple(rung.value for rung in RungName if rung is not RungName.ASSIGNED)
"""What the clock tells of a ladder, by its names alone: the first release's order, from the least severe up."""
_LATE = (RungName.OVERDUE, RungName.PRESSED_1, RungName.PRESSED_2, RungName.TO_ISSUER, RungName.UPWARD)
OF_THE_UNIT = (RecipientRole.HEAD, RecipientRole.OFFICER, RecipientRole.DEPUTY, RecipientRole.FOCAL_POINT)
"""The unit's own people, whom waiting on somebody else silences."""

AlreadySent = frozenset[tuple[UUID, str, int, str]]
"""(anchor, rung, offset, role) that have a notice already."""


@dataclass(frozen=True, slots=True)
class LadderFacts:
    """What the ladder needs to know of a task. Instants are UTC."""

    status: TaskStatus
    assigned_at: datetime
    assigned_anchor: UUID
    due_at: datetime | None
    due_set_at: datetime | None
    due_anchor: UUID | None
    wait_kind: WaitKind | None
    wait_since: datetime | None
    wait_anchor: UUID | None
    ladder: LadderSpec
    asks_for_date: bool = True


@dataclass(frozen=True, slots=True)
class Fired:
    """One rung for one role: to be told, or recorded as superseded by a more severe one."""

    rung: str
    offset: int
    anchor: UUID
    role: str
    fired_at: datetime
    severity: int
    superseded: bool
    brought: bool = False
    """A change of the ladder brought it with its moment over: it counts from the change."""
    sent_before: bool = False
    """So brought, but its sense had been told: recorded, never sent."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What to say now, and when to look again (None: nothing to wait for)."""

    fired: tuple[Fired, ...]
    next_check_at: datetime | None


@dataclass(frozen=True, slots=True)
class _Step:
    rung: str
    offset: int
    anchor: UUID
    roles: tuple[str, ...]
    fires_at: datetime
    severity: int

    @property
    def clock(self) -> str:
        return clock_of(self.rung)


def clock_of(rung: str) -> str:
    """Return the clock that a rung belongs to: a more severe rung says what a lesser one of its own clock would say."""
    if rung in (SET_DATE, DECIDE):
        return rung
    return "assigned" if rung in _ASSIGNED_CLOCK else "due"


def fire_moment(
    rung: RungSpec, ladder: LadderSpec, *, assigned_at: datetime, due_at: datetime | None, calendar: WorkCalendar
) -> datetime | None:
    """Return when a rung fires (UTC): 08:00 of a day counted in working days, or elapsed hours; None without a date."""
    on_assigned = rung.rung in _ASSIGNED_CLOCK
    started = assigned_at if on_assigned else due_at
    if started is None:
        return None
    if ladder.clock == "hours":
        return started + timedelta(hours=rung.at)
    return at_local(calendar.add(local_date(started) if on_assigned else due_date(started), rung.at))


def decide_moments(
    wait_since: datetime, due_at: datetime | None, *, clock: str, calendar: WorkCalendar
) -> dict[str, datetime]:
    """By role, when who must decide and their superior are reminded (UTC): some days after the request, and where there
    is time still before the task's date.
    """
    asked_on, moments = local_date(wait_since), {}
    for role, days in DECIDE_AFTER.items():
        moment = at_local(calendar.add(asked_on, days))
        if due_at is not None:
            if clock == "hours":
                before = max(due_at - timedelta(hours=_HOURS_BEFORE[role]), wait_since + _FIRST_HOUR)
            else:
                last = calendar.on_or_before(due_date(due_at))
                before = max(at_local(calendar.add(last, -_DAYS_BEFORE[role])), calendar.next_digest(wait_since))
            moment = min(moment, before) if before < due_at else moment
        moments[role] = moment
    return moments


def is_applicable(rung: RungSpec, fires_at: datetime, *, assigned_at: datetime, due_set_at: datetime | None) -> bool:
    """Rungs already past at the assignment, or when their date was set, are not applicable.

    A change of lead assigns anew: what the former lead missed is not the new one's.
    """
    started = assigned_at if rung.rung in _ASSIGNED_CLOCK else max(assigned_at, due_set_at or assigned_at)
    return fires_at > started


def decide(facts: LadderFacts, *, now: datetime, already_sent: AlreadySent, calendar: WorkCalendar) -> Decision:
    """Return the rungs to tell at `now`, most severe per role, and the next moment at which anything can change."""
    if facts.status not in OPEN_STATUSES:
        return Decision((), None)
    steps = list(_steps(facts, calendar))
    crossed = [step for step in steps if step.fires_at <= now]
    roles = dict.fromkeys(role for step in crossed for role in step.roles)
    fired = [one for role in roles for one in _fire_for(role, crossed, facts, now, already_sent)]
    coming = [step.fires_at for step in steps if step.fires_at > now and _can_matter(step, facts)]
    return Decision(tuple(fired), min(coming, default=None))


def decide_change(
    facts: LadderFacts, former: LadderSpec | None, *, now: datetime, already_sent: AlreadySent, calendar: WorkCalendar
) -> tuple[Fired, ...]:
    """Return what a change from the ladder `former` to that of the facts has to tell, and what it passes over.

    A rung that the change brings with a moment already over is passed over where its sense was told to the role:
    as the same rung at another offset, or as a more severe one. Any other counts from now. A rung that the former
    ladder still owes stays owed. Both ladders have the same clock (`may_follow`); of an equal one nothing is said here.
    A former ladder that cannot be read (None) owes nothing.
    """
    if facts.status not in OPEN_STATUSES or facts.ladder == former:
        return ()
    owed = _owed(replace(facts, ladder=former), now, already_sent, calendar) if former else frozenset()
    passed = tuple(
        Fired(
            step.rung,
            step.offset,
            step.anchor,
            role,
            now,
            step.severity,
            superseded=True,
            brought=True,
            sent_before=True,
        )
        for step in _steps(facts, calendar)
        if step.fires_at <= now and step.clock in ("assigned", "due") and _can_matter(step, facts)
        for role in step.roles
        if (step.anchor, step.rung, step.offset, role) not in already_sent
        and (step.rung, step.offset, role) not in owed
        and any(
            anchor == step.anchor and whom == role and covers_rung(facts.ladder, rung, offset, step.rung, step.offset)
            for anchor, rung, offset, whom in already_sent
        )
    )
    known = already_sent | {(one.anchor, one.rung, one.offset, one.role) for one in passed}
    fired = decide(facts, now=now, already_sent=known, calendar=calendar).fired
    return passed + tuple(
        one
        if (one.rung, one.offset, one.role) in owed or one.rung not in _BY_SEVERITY
        else replace(one, fired_at=now, brought=True)
        for one in fired
    )


def _owed(
    facts: LadderFacts, now: datetime, already_sent: AlreadySent, calendar: WorkCalendar
) -> frozenset[tuple[str, int, str]]:
    """Return (rung, offset, role) of what a ladder has crossed, not told, and may yet tell: when a wait ends, say."""
    crossed = [step for step in _steps(facts, calendar) if step.fires_at <= now]
    roles = {role for step in crossed for role in step.roles}
    return frozenset(
        (step.rung, step.offset, role)
        for role in roles
        for step in _to_tell([step for step in crossed if role in step.roles], role, already_sent)
    )


def may_follow(ladder: LadderSpec, former: LadderSpec) -> bool:
    """Return whether tasks may go over from one ladder to the other: offsets mean nothing across clocks."""
    return ladder.clock == former.clock


def covers_rung(ladder: LadderSpec, sent_rung: str, sent_offset: int, rung: str, offset: int) -> bool:
    """Return whether a rung that was sent also covers what another of the same clock says.

    The more severe of two is the later in the ladder; one that is not in it is compared by name.
    """
    if sent_rung not in _BY_SEVERITY or rung not in _BY_SEVERITY or clock_of(sent_rung) != clock_of(rung):
        return False
    if sent_rung == rung:
        return True
    keys = [(one.rung.value, one.at) for one in ladder.rungs]
    positions = [position for position, (name, _at) in enumerate(keys) if name == sent_rung]
    if not positions or (rung, offset) not in keys:
        return rung in _BY_SEVERITY[: _BY_SEVERITY.index(sent_rung)]
    position = keys.index((sent_rung, sent_offset)) if (sent_rung, sent_offset) in keys else positions[-1]
    return (rung, offset) in keys[:position]


def is_true(rung: str, facts: LadderFacts, now: datetime) -> bool:
    if facts.status not in OPEN_STATUSES:
        return False
    if rung == RungName.NOT_ACCEPTED:
        return facts.status is TaskStatus.ASSIGNED
    if rung in (RungName.DUE_SOON, RungName.DUE) and facts.ladder.clock == "working_days":
        return facts.due_at is not None and not has_passed(facts.due_at, now)
    if rung == RungName.DUE:
        return facts.due_at is not None
    if rung in _LATE:
        return has_passed(facts.due_at, now)
    if rung == SET_DATE:
        return facts.due_at is None
    return rung != DECIDE or facts.wait_kind is not None


def is_silenced(role: str, facts: LadderFacts) -> bool:
    """Waiting on someone else silences the unit's own people; upward rungs go on and state the wait."""
    return facts.wait_kind is not None and role in OF_THE_UNIT


def _steps(facts: LadderFacts, calendar: WorkCalendar) -> Iterator[_Step]:
    decide_severity = 0
    for place, rung in enumerate(facts.ladder.rungs):
        fires_at = fire_moment(
            rung, facts.ladder, assigned_at=facts.assigned_at, due_at=facts.due_at, calendar=calendar
        )
        anchor = facts.assigned_anchor if rung.rung in _ASSIGNED_CLOCK else facts.due_anchor
        if rung.rung in _ASSIGNED_CLOCK:  # to who must decide this matters more: the unit waits for them
            decide_severity = max(decide_severity, 2 * place + 1)
        if rung.rung is RungName.ASSIGNED or fires_at is None or anchor is None:
            continue  # the assignment itself is told at launch, not by the clock
        if is_applicable(rung, fires_at, assigned_at=facts.assigned_at, due_set_at=facts.due_set_at):
            yield _Step(rung.rung.value, rung.at, anchor, tuple(rung.to), fires_at, 2 * place)
    if facts.due_at is None and facts.asks_for_date:
        moment = at_local(calendar.add(local_date(facts.assigned_at), SET_DATE_AFTER))
        yield _Step(SET_DATE, SET_DATE_AFTER, facts.assigned_anchor, ("coordinator",), moment, -1)
    if facts.wait_since is not None and facts.wait_anchor is not None:
        moments = decide_moments(facts.wait_since, facts.due_at, clock=facts.ladder.clock, calendar=calendar)
        for role, moment in moments.items():  # one reminder each, whenever it comes: the days name it
            yield _Step(DECIDE, DECIDE_AFTER[role], facts.wait_anchor, (role,), moment, decide_severity)


def _fire_for(
    role: str, crossed: Iterable[_Step], facts: LadderFacts, now: datetime, already_sent: AlreadySent
) -> Iterator[Fired]:
    if is_silenced(role, facts):
        return
    mine = [step for step in crossed if role in step.roles]
    fresh = [step for step in mine if (step.anchor, step.rung, step.offset, role) not in already_sent]
    candidates = [step for step in _to_tell(mine, role, already_sent) if is_true(step.rung, facts, now)]
    worst = max(candidates, key=lambda step: (step.severity, step.fires_at), default=None)
    for step in fresh:
        if step is worst or step.clock == "due" or step in candidates:
            yield Fired(
                step.rung, step.offset, step.anchor, role, step.fires_at, step.severity, superseded=step is not worst
            )


def _to_tell(mine: Sequence[_Step], role: str, already_sent: AlreadySent) -> list[_Step]:
    """Return a role's rungs more severe than all of their clock that it was told: none is told after a worse one."""
    told = [step for step in mine if (step.anchor, step.rung, step.offset, role) in already_sent]
    worst = {step.clock: step.severity for step in told}  # on one clock a later step is more severe
    return [step for step in mine if step.clock not in worst or step.severity > worst[step.clock]]


def _can_matter(step: _Step, facts: LadderFacts) -> bool:
    return step.rung != RungName.NOT_ACCEPTED or facts.status is TaskStatus.ASSIGNED
