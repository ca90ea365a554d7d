"""The ladder: decide which rungs of a task fire at `now`, for which roles, and when to look at the task again.

A rung is sent once per role and clock. The anchor, a line of the task's history, identifies the clock. The decision
looks at the present state only: a rung that was missed fires late, if it is still true.
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
"""The working days after which the coordinator of an undated task is asked to set a date."""
DECIDE_AFTER = {DECIDER: 3, DECIDER_SUPERIOR: 5}
"""The working days of waiting after which the decider, then their superior, is reminded at the latest."""
_DAYS_BEFORE = {DECIDER: 1, DECIDER_SUPERIOR: 0}
_HOURS_BEFORE = {DECIDER: 2, DECIDER_SUPERIOR: 1}
"""The reminder comes this long before the deadline if that is earlier: in working days, or hours on an hourly clock."""
_SHORTEST_WAIT = timedelta(hours=1)
"""On an hourly clock nobody is reminded sooner after the request."""

_ASSIGNED_CLOCK = (RungName.ASSIGNED, RungName.NOT_ACCEPTED)
_BY_SEVERITY = tuple(rung.value for rung in RungName if rung is not RungName.ASSIGNED)
"""The rungs that a clock fires, the least severe first. This order compares rungs that a ladder does not contain."""
_LATE = (RungName.OVERDUE, RungName.PRESSED_1, RungName.PRESSED_2, RungName.TO_ISSUER, RungName.UPWARD)
OF_THE_UNIT = (RecipientRole.HEAD, RecipientRole.OFFICER, RecipientRole.DEPUTY, RecipientRole.FOCAL_POINT)
"""The lead unit's own people. They get no reminders while the unit waits for somebody else."""

AlreadySent = frozenset[tuple[UUID, str, int, str]]
"""The (anchor, rung, offset, role) that have a notice already."""


@dataclass(frozen=True, slots=True)
class LadderFacts:
    """The facts about a task that the ladder decides on. Instants are UTC."""

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
class FiredRung:
    """One rung for one role: to be sent, or recorded as superseded by a more severe one."""

    rung: str
    offset: int
    anchor: UUID
    role: str
    fired_at: datetime
    severity: int
    superseded: bool
    brought: bool = False
    """A changed ladder added this rung when its moment was over. It fires at the moment of the change."""
    sent_before: bool = False
    """It was added so, but the former ladder had sent the same message. It is recorded, never sent."""


@dataclass(frozen=True, slots=True)
class Decision:
    """The rungs that fire now, and the next moment to look (UTC; None: nothing can fire any more)."""

    fired: tuple[FiredRung, ...]
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

    def fire(self, role: str, *, is_superseded: bool) -> FiredRung:
        return FiredRung(self.rung, self.offset, self.anchor, role, self.fires_at, self.severity, is_superseded)


def clock_of(rung: str) -> str:
    """Return a rung's clock. A rung covers the less severe rungs of the same clock."""
    if rung in (SET_DATE, DECIDE):
        return rung
    return "assigned" if rung in _ASSIGNED_CLOCK else "due"


def fire_moment(
    rung: RungSpec, ladder: LadderSpec, *, assigned_at: datetime, due_at: datetime | None, calendar: WorkCalendar
) -> datetime | None:
    """Return when a rung fires (UTC): after elapsed hours, or at 08:00 of a working day. None without a deadline."""
    counts_from_assignment = rung.rung in _ASSIGNED_CLOCK
    start = assigned_at if counts_from_assignment else due_at
    if start is None:
        return None
    if ladder.clock == "hours":
        return start + timedelta(hours=rung.at)
    first_day = local_date(start) if counts_from_assignment else due_date(start)
    return at_local(calendar.add(first_day, rung.at))


def decide_moments(
    wait_since: datetime, due_at: datetime | None, *, clock: str, calendar: WorkCalendar
) -> dict[str, datetime]:
    """Return by role when a decision is reminded of (UTC): days after the request, or shortly before the deadline."""
    asked_on, moments = local_date(wait_since), {}
    for role, days in DECIDE_AFTER.items():
        moment = at_local(calendar.add(asked_on, days))
        if due_at is not None:
            if clock == "hours":
                before = max(due_at - timedelta(hours=_HOURS_BEFORE[role]), wait_since + _SHORTEST_WAIT)
            else:
                last_day = calendar.on_or_before(due_date(due_at))
                before = max(at_local(calendar.add(last_day, -_DAYS_BEFORE[role])), calendar.next_digest(wait_since))
            moment = min(moment, before) if before < due_at else moment
        moments[role] = moment
    return moments


def is_applicable(rung: RungSpec, fires_at: datetime, *, assigned_at: datetime, due_set_at: datetime | None) -> bool:
    """Return whether a rung's moment was still to come when the task was assigned or its deadline set.

    A change of lead assigns the task anew, so the new lead is not told of rungs that the former lead missed.
    """
    start = assigned_at if rung.rung in _ASSIGNED_CLOCK else max(assigned_at, due_set_at or assigned_at)
    return fires_at > start


def decide(facts: LadderFacts, *, now: datetime, already_sent: AlreadySent, calendar: WorkCalendar) -> Decision:
    """Return the rungs that fire at `now`, with the most severe of each role to be sent, and when to look again."""
    if facts.status not in OPEN_STATUSES:
        return Decision((), None)
    steps = list(_steps(facts, calendar))
    crossed = [step for step in steps if step.fires_at <= now]
    roles = dict.fromkeys(role for step in crossed for role in step.roles)
    fired = [rung for role in roles for rung in _fire_for(role, crossed, facts, now, already_sent)]
    coming = [step.fires_at for step in steps if step.fires_at > now and _can_matter(step, facts)]
    return Decision(tuple(fired), min(coming, default=None))


def decide_change(
    facts: LadderFacts, former: LadderSpec | None, *, now: datetime, already_sent: AlreadySent, calendar: WorkCalendar
) -> tuple[FiredRung, ...]:
    """Return the rungs that fire because the ladder changed from `former` to that of the facts.

    A new rung whose moment is over is only recorded where its role has had the same message: the same rung at another
    offset, or a more severe one. Any other new rung fires now. A rung that the former ladder still had to send keeps
    its moment. Both ladders must have the same clock (`may_follow`). A former ladder that cannot be read is None.
    """
    if facts.status not in OPEN_STATUSES or facts.ladder == former:
        return ()
    owed = _owed(replace(facts, ladder=former), now, already_sent, calendar) if former else frozenset()
    skipped = []
    for step in _steps(facts, calendar):
        if step.fires_at > now or step.clock not in ("assigned", "due") or not _can_matter(step, facts):
            continue
        for role in step.roles:
            is_owed = (step.rung, step.offset, role) in owed
            if not is_owed and not _was_sent(step, role, already_sent) and _is_covered(step, role, facts, already_sent):
                rung = step.fire(role, is_superseded=True)
                skipped.append(replace(rung, fired_at=now, brought=True, sent_before=True))
    recorded = already_sent | {(rung.anchor, rung.rung, rung.offset, rung.role) for rung in skipped}
    fired = [
        rung
        if (rung.rung, rung.offset, rung.role) in owed or rung.rung not in _BY_SEVERITY
        else replace(rung, fired_at=now, brought=True)
        for rung in decide(facts, now=now, already_sent=recorded, calendar=calendar).fired
    ]
    return (*skipped, *fired)


def _is_covered(step: _Step, role: str, facts: LadderFacts, already_sent: AlreadySent) -> bool:
    return any(
        anchor == step.anchor
        and sent_role == role
        and covers_rung(facts.ladder, sent_rung, sent_offset, step.rung, step.offset)
        for anchor, sent_rung, sent_offset, sent_role in already_sent
    )


def _owed(
    facts: LadderFacts, now: datetime, already_sent: AlreadySent, calendar: WorkCalendar
) -> frozenset[tuple[str, int, str]]:
    """Return the (rung, offset, role) that a ladder has crossed and may still send, for example when a wait ends."""
    crossed = [step for step in _steps(facts, calendar) if step.fires_at <= now]
    roles = {role for step in crossed for role in step.roles}
    return frozenset(
        (step.rung, step.offset, role)
        for role in roles
        for step in _unsent([step for step in crossed if role in step.roles], role, already_sent)
    )


def may_follow(ladder: LadderSpec, former: LadderSpec) -> bool:
    """Return whether tasks may change to a ladder. Offsets of different clocks cannot be compared."""
    return ladder.clock == former.clock


def covers_rung(ladder: LadderSpec, sent_rung: str, sent_offset: int, rung: str, offset: int) -> bool:
    """Return whether a rung that was sent makes another one of the same clock superfluous.

    The later rung of a ladder is the more severe one. A rung outside the ladder is compared by its name alone.
    """
    if sent_rung not in _BY_SEVERITY or rung not in _BY_SEVERITY or clock_of(sent_rung) != clock_of(rung):
        return False
    if sent_rung == rung:
        return True
    keys = [(spec.rung.value, spec.at) for spec in ladder.rungs]
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
    """Return whether a role gets no reminders because the unit waits for somebody else. Upward rungs go on."""
    return facts.wait_kind is not None and role in OF_THE_UNIT


def _steps(facts: LadderFacts, calendar: WorkCalendar) -> Iterator[_Step]:
    decide_severity = 0
    for place, rung in enumerate(facts.ladder.rungs):
        fires_at = fire_moment(
            rung, facts.ladder, assigned_at=facts.assigned_at, due_at=facts.due_at, calendar=calendar
        )
        anchor = facts.assigned_anchor if rung.rung in _ASSIGNED_CLOCK else facts.due_anchor
        if rung.rung in _ASSIGNED_CLOCK:  # the unit waits for the decision, so that reminder is more severe
            decide_severity = max(decide_severity, 2 * place + 1)
        if rung.rung is RungName.ASSIGNED or fires_at is None or anchor is None:
            continue  # the launch itself sends the assignment
        if is_applicable(rung, fires_at, assigned_at=facts.assigned_at, due_set_at=facts.due_set_at):
            yield _Step(rung.rung.value, rung.at, anchor, tuple(rung.to), fires_at, 2 * place)
    if facts.due_at is None and facts.asks_for_date:
        moment = at_local(calendar.add(local_date(facts.assigned_at), SET_DATE_AFTER))
        yield _Step(SET_DATE, SET_DATE_AFTER, facts.assigned_anchor, ("coordinator",), moment, -1)
    if facts.wait_since is not None and facts.wait_anchor is not None:
        moments = decide_moments(facts.wait_since, facts.due_at, clock=facts.ladder.clock, calendar=calendar)
        for role, moment in moments.items():  # the days identify the reminder, even if it comes earlier
            yield _Step(DECIDE, DECIDE_AFTER[role], facts.wait_anchor, (role,), moment, decide_severity)


def _fire_for(
    role: str, crossed: Iterable[_Step], facts: LadderFacts, now: datetime, already_sent: AlreadySent
) -> Iterator[FiredRung]:
    if is_silenced(role, facts):
        return
    steps = [step for step in crossed if role in step.roles]
    candidates = [step for step in _unsent(steps, role, already_sent) if is_true(step.rung, facts, now)]
    most_severe = max(candidates, key=lambda step: (step.severity, step.fires_at), default=None)
    for step in steps:
        if _was_sent(step, role, already_sent):
            continue
        if step is most_severe or step.clock == "due" or step in candidates:
            yield step.fire(role, is_superseded=step is not most_severe)


def _unsent(steps: Sequence[_Step], role: str, already_sent: AlreadySent) -> list[_Step]:
    """Return the steps that are more severe than everything that the role was sent on the same clock."""
    sent = [step for step in steps if _was_sent(step, role, already_sent)]
    sent_severity = {step.clock: step.severity for step in sent}  # on one clock a later step is more severe
    return [step for step in steps if step.clock not in sent_severity or step.severity > sent_severity[step.clock]]


def _was_sent(step: _Step, role: str, already_sent: AlreadySent) -> bool:
    return (step.anchor, step.rung, step.offset, role) in already_sent


def _can_matter(step: _Step, facts: LadderFacts) -> bool:
    return step.rung != RungName.NOT_ACCEPTED or facts.status is TaskStatus.ASSIGNED
