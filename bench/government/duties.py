"""What a directive asks for: its duties' published templates, and every occasion on which they were given out."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from random import Random

from bench.government.people import Office, Person
from bench.government.rows import Days, Ids
from models.directives.directive import DutyKind
from models.directives.template import (
    AudienceRule,
    DayOfPeriod,
    DeadlineRule,
    FixedDeadline,
    HoursDeadline,
    Move,
    NoDeadline,
    PeriodRule,
    RelativeDeadline,
    RequiredResult,
    Selector,
    TemplateSpec,
)
from models.organization.unit import UnitKind
from models.text.localtime import at_local, local_date
from workflows.rules.calendar.due import DueDecision, compute_due
from workflows.rules.calendar.periods import Period, next_opening, opens_at, periods_to_open

_DAY = DayOfPeriod
_PERIODS = {
    "month": (1, _DAY(day=18), _DAY(day=20)),
    "quarter": (3, _DAY(day=20), _DAY(day=22)),
    "half_year": (6, _DAY(day=20), _DAY(day=22)),
}
"""Months, and the sending days of authorities and of enterprises."""
_REPORTED = {DutyKind.RECURRING: "month", DutyKind.STANDING: "quarter", DutyKind.OVERSIGHT: "half_year"}
STANDS = 550
"""Days after which a directive's periods end: its duties are stood down."""
TITLES = {
    DutyKind.RECURRING: "Báo cáo hằng tháng về {field}",
    DutyKind.STANDING: "Thường xuyên duy trì công tác {field}",
    DutyKind.OVERSIGHT: "Theo dõi, đôn đốc việc thực hiện {field}",
    DutyKind.ON_REQUEST: "Báo cáo đột xuất về {field}",
    DutyKind.CONTINGENCY: "Ứng phó tình huống khẩn cấp về {field}",
}


@dataclass
class Duty:
    """One duty with its only version."""

    id: str
    version: str
    path: str
    spec: TemplateSpec
    last_period: str | None = None
    next_opens_at: datetime | None = None
    is_over: bool = False


@dataclass
class Share:
    """A duty for one occurrence, given to every unit of its audience at 08:00 of a day (an ordinal)."""

    duty: Duty
    occurrence: str
    day: int
    audience: list[Office]
    incident: str | None = None
    number: int = 0  # of its directive's incidents
    is_drill: bool = False
    period: Period | None = None
    partners: tuple[Office, ...] = ()


@dataclass
class Draft:
    """A directive before it has its number. `issued`, `assigned`: ordinals."""

    id: str
    launch: str
    issued: int
    assigned: int
    sign: str
    issuer: str
    subject: str
    office: Office
    department: Office
    coordinator: Person
    clerk: Person
    due_on: date | None
    duties: list[Duty] = field(default_factory=list)
    shares: list[Share] = field(default_factory=list)

    @property
    def tasks(self) -> int:
        """How many tasks it is by now."""
        return sum(len(share.audience) for share in self.shares)


class Asking:
    """Makes a directive's duties, and the shares of each up to a day."""

    def __init__(self, random: Random, ids: Ids, days: Days, today: int) -> None:
        self._random, self._ids, self._days, self._today = random, ids, days, today

    def spec(self, draft: Draft, kind: DutyKind, path: str, title: str, rule: AudienceRule) -> TemplateSpec:
        """A template as somebody would have published it."""
        period = _REPORTED.get(kind)
        return TemplateSpec(
            duty=path,
            title=title[:1].upper() + title[1:],
            kind=kind,
            quote=f"{path}. Các đơn vị {title}.",
            steps=("Phân công thực hiện", "Tổng hợp, báo cáo"),
            audience=rule,
            deadline=self._deadline(draft, kind),
            period=_period(period) if period else None,
            result=RequiredResult(description="Báo cáo bằng văn bản"),
            ladder="contingency" if kind is DutyKind.CONTINGENCY else "default",
            authority=draft.department.code,
        )

    def _deadline(self, draft: Draft, kind: DutyKind) -> DeadlineRule:
        if kind is DutyKind.CONTINGENCY:
            return HoursDeadline(hours=24)
        luck, days = self._random.random(), self._random.randint
        if kind is not DutyKind.ONE_OFF or luck < 0.25:
            return NoDeadline()
        if luck < 0.6:
            return FixedDeadline(
                on=date.fromordinal(self._days.on_or_after(draft.assigned + days(15, 100))), move=Move.FORWARD
            )
        return RelativeDeadline(amount=days(10, 45), unit="working_days", since="assigned", fixed_by="template")

    def shares(self, draft: Draft, duty: Duty, audience: list[Office]) -> Iterator[Share]:
        """Every occasion so far, in order; notes on the duty what its next one is."""
        kind = duty.spec.kind
        if duty.spec.period is not None:
            yield from self._periods(draft, duty, audience)
        elif kind is DutyKind.ONE_OFF:
            partners = (
                tuple(self._random.sample(audience, 2)) if len(audience) > 10 and self._random.random() < 0.2 else ()
            )
            yield Share(duty, "once", draft.assigned, audience, partners=partners)
        else:
            wanted = self._random.randint(0, 3) if kind is DutyKind.ON_REQUEST else int(self._random.random() < 0.4)
            last = min(self._today - 1, draft.assigned + 300)
            for _one in range(wanted if last > draft.assigned else 0):
                yield self.asked(duty, self._random.randint(draft.assigned + 1, last), audience)

    def asked(self, duty: Duty, day: int, audience: list[Office], most: int | None = None) -> Share:
        """Asked of some units on request, or for an incident."""
        day = self._days.on_or_after(day)
        if day >= self._today:
            day = self._days.add(self._today, -1)
        count = len(audience) if most is None else min(most, len(audience))
        units = self._random.sample(audience, max(1, count if most is not None else count * 2 // 3))
        name = self._ids.make(day)
        if duty.spec.kind is DutyKind.CONTINGENCY:
            units = units[:20]
            return Share(duty, f"incident:{name}", day, units, name, is_drill=self._random.random() < 0.5)
        return Share(duty, f"request:{name}", day, units)

    def _periods(self, draft: Draft, duty: Duty, audience: list[Office]) -> Iterator[Share]:
        rule = duty.spec.period
        assert rule is not None
        launched, ends = at_local(date.fromordinal(draft.assigned)), min(self._today, draft.assigned + STANDS)
        # up to the morning before today's: what opens today, the first tick opens
        for period in periods_to_open(rule, None, launched, at_local(date.fromordinal(ends - 1))):
            opened = max(local_date(opens_at(rule, period)).toordinal(), draft.assigned)
            duty.last_period = period.key
            yield Share(duty, period.key, opened, audience, period=period)
        duty.is_over = ends < self._today
        duty.next_opens_at = None if duty.is_over else next_opening(rule, duty.last_period, launched)

    def due(self, draft: Draft, share: Share, kind: UnitKind) -> DueDecision:
        """The date that this kind of unit has, by the product's own rule."""
        if share.occurrence.startswith("request:"):
            return DueDecision(None, None)
        return compute_due(
            share.duty.spec,
            unit_kind=kind,
            issued_on=date.fromordinal(draft.issued),
            assigned_at=at_local(date.fromordinal(share.day)),
            occurrence=share.period,
            launch_due_on=draft.due_on,
            parent_due_at=None,
            calendar=self._days.calendar,
        )


def _period(every: str) -> PeriodRule:
    months, authorities, enterprises = _PERIODS[every]
    return PeriodRule.model_validate(
        {
            "every": every,
            "data_start": _DAY(day=15, months_before=months),
            "data_end": _DAY(day=14),
            "opens": _DAY(day=1),
            "sends": {UnitKind.OTHER: authorities, UnitKind.ENTERPRISE: enterprises},
            "move": Move.BACK,
        }
    )


def audience_rule(groups: list[tuple[str, ...]], without: Office) -> AudienceRule:
    """Whoever has all tags of a group, of any of them; but not who follows the directive."""
    return AudienceRule(any=tuple(Selector(tags=tags) for tags in groups), excluding=(without.code,))
