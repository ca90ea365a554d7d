"""Workflow templates: how a duty is carried out, as a versioned specification that freezes when published."""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import (
    AfterValidator,
    SerializerFunctionWrapHandler,
    ValidationError,
    field_validator,
    model_serializer,
    model_validator,
)
from pydantic import Field as Spec
from sqlalchemy import CheckConstraint, Computed, UniqueConstraint
from sqlmodel import Field, SQLModel

from models.database.columns import JsonColumn, UtcDateTime, enum_type, partial_index
from models.database.ids import new_id
from models.directives.directive import DutyKind
from models.directives.ladders import LADDERS, LadderSpec, SpecPart
from models.i18n import Labelled, _
from models.organization.unit import UnitKind
from models.text.cron import Cron, next_fire
from models.text.faults import invalid
from models.text.localtime import ZONE


class Selector(SpecPart):
    """Units that match all of what is given: kind, every tag, a direct parent's code, or a list of codes."""

    kind: UnitKind | None = None
    tags: tuple[str, ...] = ()
    parent: str | None = None
    named: tuple[str, ...] = Spec(default=(), description="Unit codes, names or aliases")

    @model_validator(mode="after")
    def selects_something(self) -> Self:
        if not (self.kind or self.tags or self.parent or self.named):
            raise invalid("a selector gives at least one of kind, tags, parent, named")
        return self


class AudienceRule(SpecPart):
    """Who must do it: units matched by any selector, less the exceptions. `says` is the directive's own words."""

    any: tuple[Selector, ...] = Spec(min_length=1)
    excluding: tuple[str, ...] = Spec(default=(), description="Unit codes left out")
    says: str = ""


class DayOffMove(StrEnum):
    STAYS = "stays"
    FORWARD = "forward"
    BACK = "back"


class NoDeadline(SpecPart):
    """chưa xác định thời hạn"""

    rule: Literal["none"] = "none"


class FixedDeadline(SpecPart):
    """ "chậm nhất ngày D", "đến hết ngày D" (included) or "trước ngày D" (`before`: ends the day before)."""

    rule: Literal["fixed"] = "fixed"
    on: date
    before: bool = False
    move: DayOffMove = DayOffMove.STAYS
    fixed_by: Literal["directive", "template"] = "directive"


class RelativeDeadline(SpecPart):
    """ "trong 15 ngày làm việc kể từ ngày ký": counted from the day after the start day."""

    rule: Literal["relative"] = "relative"
    amount: int = Spec(ge=1, le=3660)
    unit: Literal["days", "working_days", "months"] = "days"
    since: Literal["signed", "assigned"] = "signed"
    move: DayOffMove = DayOffMove.FORWARD
    fixed_by: Literal["directive", "template"] = "directive"


class VagueDeadline(SpecPart):
    """ "trong tháng 9" (2003-09), "quý IV/2003" (2003-Q4), "6 tháng đầu năm" (2003-H1), "năm 2003": the last day."""

    rule: Literal["vague"] = "vague"
    within: str = Spec(pattern=r"^\d{4}(-(0[1-9]|1[0-2])|-Q[1-4]|-H[12])?$")
    move: DayOffMove = DayOffMove.STAYS
    fixed_by: Literal["directive", "template"] = "directive"


class HoursDeadline(SpecPart):
    """A contingency's clock: elapsed hours from the declaration, nights and holidays included."""

    rule: Literal["hours"] = "hours"
    hours: int = Spec(default=24, ge=1, le=24 * 30)


DeadlineRule = Annotated[
    NoDeadline | FixedDeadline | RelativeDeadline | VagueDeadline | HoursDeadline, Spec(discriminator="rule")
]


class DayOfPeriod(SpecPart):
    """A day counted from the period's last month: {day: 14}, {day: 15, months_before: 3}. Clipped to month ends.

    Below 0 it lies after the period: {day: 5, months_before: -1} is the 5th of the month that follows.
    With `before` it is the day that the document names, "trước ngày 5", and the day before it is the last one.
    """

    day: int = Spec(ge=1, le=31)
    months_before: int = Spec(default=0, ge=-3, le=13)
    before: bool = False

    @model_serializer(mode="wrap")
    def _without_newer_defaults(self, write: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Leave `before` out where it is false: older templates keep their digests."""
        written: dict[str, Any] = write(self)
        return written if self.before else {name: value for name, value in written.items() if name != "before"}


class PeriodRule(SpecPart):
    """A reporting preset, after Decree 09/2019/NĐ-CP and Circular 02/2023/TT-BTTTT; an administrator changes it.

    A sending date that precedes `data_end` makes the remainder an estimate, and letters say so.
    """

    every: Literal["month", "quarter", "half_year", "year"]
    data_start: DayOfPeriod
    data_end: DayOfPeriod
    opens: DayOfPeriod
    sends: dict[UnitKind, DayOfPeriod] = Spec(min_length=1, description="The sending date by kind of unit")
    compiled: DayOfPeriod | None = Spec(default=None, description="The coordinating unit's own sending date")
    move: DayOffMove = DayOffMove.BACK

    @field_validator("data_start", "data_end", "opens")
    @classmethod
    def lies_not_after_the_period(cls, day: DayOfPeriod) -> DayOfPeriod:
        """Refuse what would count figures, or open tasks, of a period that is over."""
        if day.before:
            raise invalid("before: only a sending date may be the day that ends before it")
        if day.months_before < 0:
            raise invalid(
                "months before: {value}: only a sending date may lie after the period", value=day.months_before
            )
        return day

    @field_validator("sends")
    @classmethod
    def sends_in_one_order(cls, sends: dict[UnitKind, DayOfPeriod]) -> dict[UnitKind, DayOfPeriod]:
        """Order the kinds as the register does: the order in which they were written means nothing."""
        return {kind: sends[kind] for kind in UnitKind if kind in sends}


def _can_remind(cron: str) -> str:
    """Refuse an expression without a moment in daytime: letters leave then only, and reminders would fall silent."""
    moment: datetime | None = datetime(2026, 1, 1, tzinfo=ZONE)
    for _turn in range(400):
        moment = next_fire(cron, moment) if moment else None
        if moment and 7 <= moment.hour < 18:
            return cron
    raise invalid("{cron}: no moment from 07:00 to 18:00; expected something like 0 14 * * 1-5", cron=cron)


Reminders = Annotated[Cron, AfterValidator(_can_remind)]


class RequiredResult(SpecPart):
    """The product (sản phẩm). Classified mail: number and date only, no file is taken."""

    description: str = Spec(min_length=1)
    classified_mail: bool = False
    file_required: bool = False


class TemplateSpec(SpecPart):
    """How one duty is carried out."""

    duty: str = Spec(pattern=r"^[a-z0-9đ.]+$", max_length=32)
    title: str = Spec(min_length=1, max_length=300, description="The duty in a few words; never a sensitive phrase")
    kind: DutyKind
    parent: str | None = Spec(default=None, description="Path of the duty this one belongs under")
    quote: str = Spec(min_length=1, description="The directive's sentence, word for word")
    steps: tuple[str, ...] = Spec(min_length=1)
    audience: AudienceRule
    coordinating: AudienceRule | None = None
    deadline: DeadlineRule = Spec(default_factory=NoDeadline)
    period: PeriodRule | None = None
    on_request: bool = Spec(default=False, description="May also be asked for singly (request:ID)")
    result: RequiredResult
    ladder: Literal["default", "contingency"] | LadderSpec = "default"
    reports_to: str | None = Spec(
        default=None,
        description="Code of the unit that gets the result and decides on it; the assigner where it cannot",
    )
    authority: str | None = Spec(default=None, description="Code of the unit that answers obstacles")
    authority_working_days: int = Spec(default=5, ge=1, le=60)
    max_extension_days: int | None = Spec(default=None, ge=1, description="Longest single extension, calendar days")
    reminders: Reminders | None = Spec(default=None, description="When its reminders leave; 08:00 of working days else")

    @model_validator(mode="after")
    def kind_fits(self) -> Self:
        periodic = self.kind in (DutyKind.STANDING, DutyKind.RECURRING, DutyKind.OVERSIGHT)
        if periodic != (self.period is not None):
            message = _("kind {kind}: period is required") if periodic else _("kind {kind}: period is not allowed")
            raise invalid(message, kind=self.kind.value)
        hours = isinstance(self.deadline, HoursDeadline)
        if (self.kind is DutyKind.CONTINGENCY) != hours:
            raise invalid(
                "kind {kind}: a deadline in hours belongs to contingency duties, and only to them", kind=self.kind.value
            )
        if periodic and not isinstance(self.deadline, NoDeadline):
            raise invalid("kind {kind}: its dates come from period, deadline must be none", kind=self.kind.value)
        return self

    @property
    def rungs(self) -> LadderSpec:
        return LADDERS[self.ladder] if isinstance(self.ladder, str) else self.ladder


class TemplateState(Labelled):
    """draft → published (immutable) → retired"""

    DRAFT = "draft", _("draft")
    PUBLISHED = "published", _("published")
    RETIRED = "retired", _("retired")


class TemplateVersion(SQLModel, table=True):
    """One version of a duty's template; at most one is published, and a trigger keeps a published text unchanged."""

    __tablename__ = "template_version"
    __table_args__ = (
        UniqueConstraint("duty_id", "version"),
        CheckConstraint("(state = 'draft') = (published_at IS NULL)", name="published_has_date"),
        CheckConstraint("(state = 'retired') = (retired_at IS NOT NULL)", name="retired_has_date"),
        partial_index("ix_template_version_published", "duty_id", where="state = 'published'", unique=True),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    duty_id: UUID = Field(foreign_key="duty.id", index=True)
    version: int = Field(ge=1)
    state: TemplateState = Field(default=TemplateState.DRAFT, sa_type=enum_type(TemplateState))
    spec: dict[str, object] = Field(sa_type=JsonColumn)
    reports_to: str | None = Field(
        default=None, index=True, sa_column_args=(Computed("spec ->> 'reports_to'", persisted=True),)
    )
    digest: str = Field(max_length=64)  # SHA-256 of the canonical spec
    created_at: datetime = Field(sa_type=UtcDateTime)
    published_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    retired_at: datetime | None = Field(default=None, sa_type=UtcDateTime)

    def read_spec(self) -> TemplateSpec:
        """It is checked again on the way out."""
        return TemplateSpec.model_validate(self.spec)

    def read_ladder(self) -> LadderSpec | None:
        """None where it cannot be read: a task must be able to leave such a version."""
        stored = self.spec.get("ladder", "default")
        try:
            return LADDERS[stored] if isinstance(stored, str) else LadderSpec.model_validate(stored)
        except (ValidationError, KeyError):
            return None
