"""Errands to look at: a preview worked out, one that waits, a launch done; made when they are first asked for."""

from datetime import date
from typing import Any

from sqlmodel import select

from models.errand import LAUNCH, PREVIEW, Errand
from models.register_reads import resolve_person
from models.session import transaction
from tests.browser.places import Place
from workflows.do_errands import do_errands
from workflows.errands import ask
from workflows.launch_order import LaunchOrder, as_given
from workflows.setup import BUNDLED

COORDINATOR = "le.thi.c"


def errand(place: Place, kind: str, *, on: date | None = None, do: bool = True) -> Errand:
    """The coordinator's errand of a kind, for a day or at once."""
    with transaction(place.story.engine) as session:
        asker = resolve_person(session, COORDINATOR)
        chosen: dict[str, Any] = {"paths": ("2", "3"), "override": True, "reason": "Đã báo đơn vị", "on": on}
        order = as_given(LaunchOrder(directive=BUNDLED, coordinator_id=asker.id, **chosen))
        there = session.exec(select(Errand).where(Errand.kind == kind, Errand.asked_by == asker.id)).all()
        for one in there:
            if one.given.get("order", one.given)["on"] == order["on"]:
                return one
        state = [["duty", "2"], ["duty", "3"], ["coordinator", COORDINATOR]]
        given: dict[str, Any] = {"order": order, "days": 30, "state": state} if kind == PREVIEW else order
        asked = ask(session, kind, given, asked_by=asker.id, now=place.now)
    if do:
        do_errands(place.story.engine, place.story.settings, now=place.now, only=asked.id)
    return errand(place, kind, on=on)


def preview(place: Place, then: str = "") -> str:
    """A page of a finished preview."""
    return f"/launch/{BUNDLED}/preview/{errand(place, PREVIEW).id}{then}"


def preview_day(place: Place) -> str:
    """The first day of a finished preview on which something happens, or its list where nothing does."""
    found = errand(place, PREVIEW)
    return preview(place, f"/day/{found.outcome['days'][0][0]}" if found.outcome["days"] else "")


def launched(place: Place) -> str:
    """A launch that was done."""
    return f"/errands/{errand(place, LAUNCH).id}"


def waiting(place: Place) -> str:
    """A preview that nobody has begun."""
    return f"/errands/{errand(place, PREVIEW, on=date(2027, 1, 4), do=False).id}"
