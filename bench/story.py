"""The bundled directive: simulated over 120 days; and letters delivered by SMTP into a local mailbox."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bench.keys import KEYS
from bench.register import CODE, DUE_ON, ON, fill_register
from models.database.session import open_engine, transaction
from models.directives.directive import find_directive
from models.settings import Settings
from workflows.delivery.deliver import deliver
from workflows.delivery.mail_lines import open_sender
from workflows.jobs.simulate import simulate
from workflows.launch.launch_plan import default_coordinator
from workflows.launch.launch_tasks import launch
from workflows.operations.setup import BUNDLED, set_up
from workflows.organization.working_calendar import load_calendar

DAYS = 120


LETTERS = 500


@dataclass(frozen=True)
class Timed:
    """What was done, how many letters that made, and in how many seconds."""

    what: str
    letters: int
    seconds: float


def measure(folder: Path) -> list[Timed]:
    """Both measurements, on fresh SQLite databases in an empty folder."""
    return [_simulate(folder), _deliver(folder)]


def _simulate(folder: Path) -> Timed:
    engine = open_engine(f"sqlite:///{folder / 'story.sqlite'}", KEYS)
    set_up(engine, now=ON, example=True)

    def simulated() -> int:
        told = simulate(engine, Settings(data=folder), BUNDLED, on=ON, due_on=DUE_ON, days=DAYS)
        return len(told.letters)

    timed = _timed(f"simulate, {DAYS} days", simulated)
    engine.dispose()
    return timed


def _deliver(folder: Path) -> Timed:
    settings = Settings(data=folder)
    engine = open_engine(f"sqlite:///{folder / 'letters.sqlite'}", KEYS)
    set_up(engine, now=ON)
    fill_register(engine, units=LETTERS)
    with transaction(engine) as session:
        calendar, directive = load_calendar(session), find_directive(session, CODE)
        coordinator_id = default_coordinator(session, directive)
        launch(session, directive, on=ON, coordinator_id=coordinator_id, due_on=DUE_ON, calendar=calendar)

    def delivered() -> int:
        with open_sender(settings) as sender:
            return deliver(engine, settings, sender, now=ON, calendar=calendar).sent

    timed = _timed("deliver, local SMTP", delivered)
    engine.dispose()
    return timed


def _timed(what: str, work: Callable[[], int]) -> Timed:
    started = time.perf_counter()
    letters = work()
    return Timed(what, letters, time.perf_counter() - started)
