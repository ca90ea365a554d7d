"""What the API says of scorecards and warnings."""

from datetime import date
from uuid import UUID

from pydantic import Field

from models.directives.directive import DutyKind
from models.organization.unit import UnitKind
from web.api.shapes import Shape
from workflows.rules.escalation.risk import Sign


class DuesShape(Shape):
    """What fell due. `pending`: the part of `overdue` that was sent in by its date and waits for a decision."""

    on_time: int
    late: int
    overdue: int
    today: int
    pending: int
    total: int
    measured: int
    rate: float | None = Field(examples=[0.8333], description="on_time / measured")
    rate_exact: str | None = Field(examples=["5/6"])
    is_few: bool = Field(description="Too few to be compared")


class KindShape(Shape):
    """The tasks of one kind of duty, for kinds weigh differently."""

    kind: DutyKind
    measured: int
    on_time: int


class CardShape(Shape):
    """One unit in one period; days are working days."""

    due: DuesShape
    on_original: DuesShape
    days_late: float | None
    decided: int
    returned: int
    asked: int
    granted: int
    refused: int
    moved_on_request: int
    moved_by_others: int
    obstacles: int
    unanswered: int = Field(description="Difficulties not answered by the authority's date: the authority's lateness")
    late_while_waiting: int
    decision_days: float | None
    taken_over: int
    undated: int
    running: int
    kinds: list[KindShape]


class PeriodCard(CardShape):
    """A card of one month or quarter."""

    period: str = Field(examples=["2026-Q3"])
    first_day: date
    last_day: date


class UnitShape(Shape):
    """One unit over time, with what its own numbers ask to be said."""

    code: str = Field(examples=["TCT-T"])
    name: str
    kind: UnitKind
    notes: list[str]
    whole: CardShape
    periods: list[PeriodCard]


class QuartilesShape(Shape):
    """How the units of a kind stand, without names."""

    units: int
    lower: float
    middle: float
    upper: float


class OwnShape(UnitShape):
    """The caller's own unit beside nameless quartiles of its kind; None of too few units."""

    rates: QuartilesShape | None
    days_late: QuartilesShape | None


class ScorecardsShape(Shape):
    """Units in Vietnamese alphabetical order: this is no ranking. Formula and notes belong to every number."""

    cutoff: date
    provisional: bool
    directive: str | None
    formula: str
    notes: list[str]
    units: list[UnitShape]


class AllScorecards(Shape):
    """The units that the caller oversees (None: none), and their own."""

    overseen: ScorecardsShape | None
    own: list[OwnShape]


class ReasonShape(Shape):
    """A sign that a task shows."""

    sign: Sign
    points: int
    words: str


class WarnedShape(Shape):
    """An open task that is likely to miss its date."""

    task_id: UUID
    directive: str
    duty: str = Field(examples=["2.a"])
    title: str
    occurrence: str
    unit_code: str
    unit: str
    due_on: date
    days_left: int = Field(description="Working days")
    points: int
    reasons: list[ReasonShape]


class WarningsShape(Shape):
    """The warnings of today among the tasks that the caller oversees."""

    day: date
    looked_at: int
    warned: list[WarnedShape]
