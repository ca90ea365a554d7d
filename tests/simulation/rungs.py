"""The default ladder written out by hand from domain.md, and when each line of it comes and is true."""

from datetime import datetime, timedelta
from typing import NamedTuple

from tests.simulation.daybook import State, shift, works
from tests.simulation.world import day_of, moment


class Rung(NamedTuple):
    """A line of the default ladder: working days (or hours), and to whom. Later lines are more severe."""

    name: str
    after: int
    roles: tuple[str, ...]
    clock: str


_BOTH, _ALL = ("head", "officer"), ("head", "officer", "coordinator")
_DECIDE = (Rung("decide", 3, ("decider",), "wait"), Rung("decide", 5, ("decider_superior",), "wait"))
DAYS = (
    Rung("set_date", 2, ("coordinator",), "undated"),
    Rung("not_accepted", 2, ("head",), "assigned"),
    Rung("not_accepted", 4, ("head", "coordinator"), "assigned"),
    *_DECIDE,
    Rung("due_soon", -7, _BOTH, "due"),
    Rung("due_soon", -3, _BOTH, "due"),
    Rung("due_soon", -1, _BOTH, "due"),
    Rung("due", 0, _BOTH, "due"),
    Rung("overdue", 1, _ALL, "due"),
    Rung("overdue", 4, _ALL, "due"),
    Rung("pressed_1", 7, ("supervisor", "head"), "due"),
    Rung("pressed_2", 15, ("supervisor", "head", "parent_organisation"), "due"),
    Rung("to_issuer", 22, ("supervisor",), "due"),
)
HOURLY = (
    Rung("not_accepted", 1, ("head", "coordinator"), "assigned"),
    *_DECIDE,
    Rung("due", 0, _BOTH, "due"),
    Rung("overdue", 1, _ALL, "due"),
    Rung("upward", 4, ("supervisor", "head"), "due"),
)
_BEFORE = ("due_soon", "due")


def anchor_of(state: State, clock: str) -> datetime | None:
    return {"due": state.due_set_at, "wait": state.wait_since}.get(clock, state.assigned_at)


def is_true(name: str, state: State, at: datetime, hourly: bool) -> bool:
    if name == "not_accepted":
        return state.status == "assigned"
    if name == "set_date":
        return state.due_at is None
    if name == "decide":
        return state.wait is not None
    assert state.due_at is not None
    return (at < state.due_at or (hourly and name == "due")) if name in _BEFORE else at >= state.due_at


def comes_at(rung: Rung, state: State, hourly: bool) -> datetime | None:
    """When a rung comes; None where its clock does not run, or ran past it before it was started."""
    anchor = anchor_of(state, rung.clock)
    if anchor is None or (rung.clock == "undated" and state.due_at is not None):
        return None
    if rung.clock == "wait":
        return _decided_by(rung, state, anchor, hourly)
    if not hourly:
        start = state.due if rung.clock == "due" else day_of(anchor)
        if start is None:
            return None
        at = moment(shift(start, rung.after))
    else:
        started = state.due_at if rung.clock == "due" else anchor
        assert started is not None
        at = started + timedelta(hours=rung.after)
    return at if at > max(anchor, state.assigned_at) or rung.clock == "undated" else None


def _decided_by(rung: Rung, state: State, asked: datetime, hourly: bool) -> datetime:
    """Some working days after the request; sooner where a morning, or an hour, is left before the date."""
    at = moment(shift(day_of(asked), rung.after))
    is_superior = rung.roles == ("decider_superior",)
    if state.due_at is None:
        return at
    if hourly:
        before = max(state.due_at - timedelta(hours=1 if is_superior else 2), asked + timedelta(hours=1))
    else:
        assert state.due is not None
        last = state.due if works(state.due) else shift(state.due, -1)
        morning = moment(day_of(asked))
        if not works(day_of(asked)) or asked >= morning:
            morning = moment(shift(day_of(asked), 1))
        before = max(moment(last if is_superior else shift(last, -1)), morning)
    return min(at, before) if before < state.due_at else at
