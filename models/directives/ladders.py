"""Ladders of reminders: when each rung fires and whom it notifies. `LADDERS` holds the default ones."""

from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, model_validator
from pydantic import Field as Spec

from models.i18n import Labelled, _
from models.text.faults import invalid


class SpecPart(BaseModel):
    """A part of a template's specification. Unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class RungName(Labelled):
    """The rungs an administrator may place on a ladder."""

    ASSIGNED = "assigned", _("assigned")
    NOT_ACCEPTED = "not_accepted", _("not accepted")
    DUE_SOON = "due_soon", _("due soon")
    DUE = "due", _("due")
    OVERDUE = "overdue", _("overdue")
    PRESSED_1 = "pressed_1", _("first official reminder")
    PRESSED_2 = "pressed_2", _("second official reminder")
    TO_ISSUER = "to_issuer", _("draft submission to the leaders")
    UPWARD = "upward", _("reported upward")  # contingency: +4 hours


class RecipientRole(Labelled):
    """The role in which somebody is notified."""

    HEAD = "head", _("the unit's head")
    DEPUTY = "deputy", _("the deputy in charge")
    FOCAL_POINT = "focal_point", _("the focal point")
    OFFICER = "officer", _("the officer named")
    COORDINATING = "coordinating", _("the heads of coordinating units")  # outside ones excepted
    COORDINATOR = "coordinator", _("the coordinator")
    SUPERVISOR = "supervisor", _("the supervising unit")  # head of the supervising unit
    PARENT_ORGANISATION = "parent_organisation", _("the parent organisation")


class RungSpec(SpecPart):
    """One rung. `at` counts from assignment (assigned, not_accepted) or from the due day; before it is negative.

    Working days at 08:00 local, or elapsed hours, as the ladder says.
    """

    rung: RungName
    at: int
    to: tuple[RecipientRole, ...] = Spec(min_length=1)


class LadderSpec(SpecPart):
    """The rungs in the order of severity."""

    clock: Literal["working_days", "hours"] = "working_days"
    rungs: tuple[RungSpec, ...] = Spec(min_length=1)

    @model_validator(mode="after")
    def rungs_are_distinct(self) -> Self:
        keys = [(rung.rung, rung.at) for rung in self.rungs]
        if len(set(keys)) != len(keys):
            raise invalid("a rung stands twice at the same offset")
        for rung in self.rungs:
            before = rung.rung is RungName.DUE_SOON
            if before != (rung.at < 0):
                raise invalid(
                    "rung {rung} at {at}: due_soon, and nothing else, lies before the deadline",
                    rung=rung.rung.value,
                    at=rung.at,
                )
        return self


def _rung(rung: RungName, at: int, *to: RecipientRole) -> RungSpec:
    return RungSpec(rung=rung, at=at, to=to)


_R, _To = RungName, RecipientRole
LADDERS: dict[str, LadderSpec] = {
    "default": LadderSpec(
        rungs=(
            _rung(_R.ASSIGNED, 0, _To.HEAD, _To.DEPUTY, _To.FOCAL_POINT, _To.COORDINATING),
            _rung(_R.NOT_ACCEPTED, 2, _To.HEAD),
            _rung(_R.NOT_ACCEPTED, 4, _To.HEAD, _To.COORDINATOR),
            *(_rung(_R.DUE_SOON, -days, _To.HEAD, _To.OFFICER) for days in (7, 3, 1)),
            _rung(_R.DUE, 0, _To.HEAD, _To.OFFICER),
            *(_rung(_R.OVERDUE, days, _To.HEAD, _To.OFFICER, _To.COORDINATOR) for days in (1, 4)),
            _rung(_R.PRESSED_1, 7, _To.SUPERVISOR, _To.HEAD),
            _rung(_R.PRESSED_2, 15, _To.SUPERVISOR, _To.HEAD, _To.PARENT_ORGANISATION),
            _rung(_R.TO_ISSUER, 22, _To.SUPERVISOR),
        )
    ),
    "contingency": LadderSpec(
        clock="hours",
        rungs=(
            _rung(_R.ASSIGNED, 0, _To.HEAD, _To.DEPUTY, _To.FOCAL_POINT, _To.COORDINATING),
            _rung(_R.NOT_ACCEPTED, 1, _To.HEAD, _To.COORDINATOR),
            _rung(_R.DUE, 0, _To.HEAD, _To.OFFICER),
            _rung(_R.OVERDUE, 1, _To.HEAD, _To.OFFICER, _To.COORDINATOR),
            _rung(_R.UPWARD, 4, _To.SUPERVISOR, _To.HEAD),
        ),
    ),
}
