"""Errands to look at: a preview worked out, one that waits, a launch done; made when they are first asked for."""

from datetime import date
from typing import Any

from sqlmodel import select

from models.database.ids import new_id
from models.database.session import transaction
from models.directives.directive import find_directive
from models.operations.background_job import BULK, LAUNCH, PREVIEW, BackgroundJob
from models.organization.register_reads import resolve_person
from models.text.localtime import local_date
from tests.browser.places import Place
from workflows.access.rights import read_principal
from workflows.jobs.coming_letters import ask_coming
from workflows.jobs.run_background_jobs import run_background_jobs
from workflows.launch.launch_order import LaunchOrder, as_given
from workflows.operations.setup import BUNDLED
from workflows.queue.background_jobs import ask
from workflows.rules.tasks.actions import Action
from workflows.worklists.board.board_rows import BoardFilter
from workflows.worklists.board.bulk_action import ask_bulk
from workflows.worklists.board.bulk_check import Picked, check_bulk

COORDINATOR = "le.thi.c"


def job_of(place: Place, kind: str, *, on: date | None = None, do: bool = True) -> BackgroundJob:
    """The coordinator's background job of a kind, for a day or at once."""
    with transaction(place.story.engine) as session:
        asker = resolve_person(session, COORDINATOR)
        chosen: dict[str, Any] = {"paths": ("2", "3"), "override": True, "reason": "Đã báo đơn vị", "on": on}
        order = as_given(LaunchOrder(directive=BUNDLED, coordinator_id=asker.id, **chosen))
        there = session.exec(
            select(BackgroundJob).where(BackgroundJob.kind == kind, BackgroundJob.asked_by == asker.id)
        ).all()
        for one in there:
            if one.given.get("order", one.given)["on"] == order["on"]:
                return one
        state = [["duty", "2"], ["duty", "3"], ["coordinator", COORDINATOR]]
        given: dict[str, Any] = {"order": order, "days": 30, "state": state} if kind == PREVIEW else order
        asked = ask(session, kind, given, asked_by=asker.id, now=place.now)
    if do:
        run_background_jobs(place.story.engine, place.story.settings, now=place.now, only=asked.id)
    return job_of(place, kind, on=on)


def preview(place: Place, then: str = "") -> str:
    """A page of a finished preview."""
    return f"/launch/{BUNDLED}/preview/{job_of(place, PREVIEW).id}{then}"


def preview_day(place: Place) -> str:
    """The first day of a finished preview on which something happens, or its list where nothing does."""
    found = job_of(place, PREVIEW)
    return preview(place, f"/day/{found.outcome['days'][0][0]}" if found.outcome["days"] else "")


def coming(place: Place, letter: bool = False) -> str:
    """The letters to come, worked out; or the first of them with its words."""
    with transaction(place.story.engine) as session:
        principal = read_principal(session, resolve_person(session, COORDINATOR), local_date(place.now))
        asked = ask_coming(session, principal, now=place.now).id
    run_background_jobs(place.story.engine, place.story.settings, now=place.now, only=asked)
    return f"/letters/coming/{asked.hex}/1" if letter else "/letters/coming"


def launched(place: Place) -> str:
    """A launch that was done."""
    return f"/background-jobs/{job_of(place, LAUNCH).id}"


def waiting(place: Place) -> str:
    """A preview that nobody has begun."""
    return f"/background-jobs/{job_of(place, PREVIEW, on=date(2027, 1, 4), do=False).id}"


def bulk(place: Place) -> str:
    """The result of an action on many tasks: every one was reminded, or refused with the reason."""
    with transaction(place.story.engine) as session:
        asker = resolve_person(session, COORDINATOR)
        there = session.exec(select(BackgroundJob).where(BackgroundJob.kind == BULK)).first()
        if there is not None:
            return f"/directives/{BUNDLED}/bulk/{there.id}"
        whose = read_principal(session, asker, local_date(place.now))
        directive = find_directive(session, BUNDLED)
        chosen = check_bulk(session, whose, directive, BoardFilter(duty=("2",)), Picked(), Action.REMIND, place.now)
        asked = ask_bulk(session, whose, directive, chosen, {}, job_id=new_id(), now=place.now)
    run_background_jobs(place.story.engine, place.story.settings, now=place.now, only=asked.id)
    return bulk(place)
