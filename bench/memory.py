"""How much memory `dondoc serve` holds at rest with its Prefect server, and whether the engine's stays flat for a year.

At rest: the demo's installation, served; the proportional set size (shared pages counted once) summed over its
processes, once its Prefect server answers and some ticks have run as flows. A year: the bundled directive in one
process; the units do nothing, so that all letters are written (and thrown away), and what nobody did for a month the
coordinator withdraws, so that there is as much to do in the last month as in the third: a digest of twice as many tasks
takes more memory for itself. A tick at each moment at which something can happen and every hour besides (every five
minutes in `make bench-full`), a report every week; sampled every 30 days.

`python -m bench.memory FOLDER EVERY` is the year's own process: it prints the samples.
"""

import gc
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import date, datetime, timedelta
from pathlib import Path
from statistics import linear_regression
from typing import Self

from sqlalchemy import Engine
from sqlmodel import col, select

from bench.keys import KEYS
from bench.results import ROOT, Result
from models.database.session import open_engine, reading, transaction
from models.directives.directive import find_directive
from models.errors import Refused
from models.organization.person import Person
from models.organization.register_reads import resolve_person
from models.settings import MailSettings, Settings
from models.tasks.task import OPEN_STATUSES, Task
from models.text.localtime import at_local, local_date
from notifications.smtp.clocks import Stopwatch
from notifications.smtp.transport import Attempt, SendOutcome
from workflows.access.actor_context import ActorContext
from workflows.jobs.prefect.prefect_server import PrefectServer, free_port
from workflows.jobs.tick import next_moment, tick
from workflows.launch.launch_tasks import launch
from workflows.operations.setup import BUNDLED, set_up
from workflows.organization.working_calendar import load_calendar
from workflows.reports.report_figures import report
from workflows.rules.calendar.workdays import WorkCalendar
from workflows.rules.tasks.actions import Action
from workflows.tasks.act import act

SECTION = "memory"
MOST_AT_REST = 500.0
"""MB of `serve` with its Prefect server."""
MOST_A_MONTH = 1.0
"""MB by which the engine's memory may grow in a month, by regression over the last ten months of the year."""
STARTING_SECONDS, SETTLING_SECONDS = 300.0, 150.0  # of Prefect's server on a busy machine; of two ticks as flows
_SAMPLES = 7
_BETWEEN_SECONDS = 10.0  # a tick comes every minute: one falls among the samples
_START = date(2004, 5, 10)
_PATIENCE = timedelta(days=30)
_FIRST_COUNTED = 2  # in the first months everything is met for the first time: caches, templates, statements


def measure(*, full: bool) -> Iterator[Result]:
    """Serve at rest, then the year."""
    with tempfile.TemporaryDirectory(prefix="dondoc-bench-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        yield Result(SECTION, "serve at rest", 1, tuple(_at_rest(folder)), limit=MOST_AT_REST, unit="MB")
        ticks, held = _year(folder / "year", timedelta(minutes=5) if full else timedelta(hours=1))
        yield Result(SECTION, "the engine, month by month", ticks, tuple(held), unit="MB")
        grown = linear_regression(range(len(held) - _FIRST_COUNTED), held[_FIRST_COUNTED:]).slope
        yield Result(SECTION, "its growth a month", ticks, (grown,), limit=MOST_A_MONTH, unit="MB")


def _at_rest(folder: Path) -> Iterator[float]:
    """MB of all processes of a `serve` that has nothing to do but its ticks."""
    data, prefect_port = folder / "demo", free_port(4500)
    asked = {"DONDOC_DATA": str(data), "DONDOC_PREFECT_PORT": str(prefect_port)}
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("DONDOC_", "PREFECT_"))}
    dondoc = [sys.executable, "-m", "dondoc"]
    ran = {"cwd": ROOT, "env": environment | asked, "stdout": subprocess.DEVNULL}
    with (folder / "serve.log").open("w+b") as log:
        subprocess.run([*dondoc, "demo", "--no-serve"], check=True, stderr=log, **ran)  # type: ignore[call-overload]
        port = str(free_port(8900))
        server = subprocess.Popen([*dondoc, "serve", "--port", port], stderr=log, **ran)  # type: ignore[call-overload]
        try:
            if not PrefectServer(data / "prefect", prefect_port).wait_until_healthy(STARTING_SECONDS):
                raise RuntimeError("serve's Prefect server does not answer")
            time.sleep(SETTLING_SECONDS)
            for _sample in range(_SAMPLES):
                time.sleep(_BETWEEN_SECONDS)
                if server.poll() is not None:
                    log.seek(0)
                    raise RuntimeError(f"serve ended: {log.read().decode(errors='replace')[-2000:]}")
                processes = _with_children(server.pid)
                if len(processes) < 2:
                    raise RuntimeError("serve runs without its Prefect server")
                yield sum(map(_proportional, processes))
        finally:
            server.terminate()
            server.wait(60)


def _with_children(process: int) -> list[int]:
    """A process and all that it and its children started."""
    parents: dict[int, list[int]] = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            with suppress(OSError):  # it has just ended
                parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
                parents.setdefault(parent, []).append(int(folder.name))
    found = [process]
    for one in found:
        found += parents.get(one, [])
    return found


def _proportional(process: int) -> float:
    """MB (of 2**20 bytes): its own pages, and its share of those it has in common with others."""
    told = re.search(r"^Pss:\s+(\d+) kB", Path(f"/proc/{process}/smaps_rollup").read_text(), re.MULTILINE)
    assert told is not None
    return int(told[1]) / 1024


def _year(folder: Path, every: timedelta) -> tuple[int, list[float]]:
    """How many ticks, and MB at the end of every month, of a process of its own."""
    folder.mkdir()
    command = [sys.executable, "-m", "bench.memory", str(folder), str(every.total_seconds())]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
    told = json.loads(done.stdout.splitlines()[-1])
    return told["ticks"], told["held"]


def live_a_year(folder: Path, every: timedelta) -> tuple[int, list[float]]:
    """Lives it, in this process: how many ticks that took, and MB at the end of every month."""
    settings = Settings(data=folder, mail=MailSettings(mode="local"))
    moment, ticks, sender = at_local(_START), 0, _Forgetful()
    held: list[float] = []
    with _launched(folder, moment) as engine:
        with reading(engine) as session:
            calendar = load_calendar(session)
        for day in range(1, 366):
            until = at_local(_START + timedelta(days=day))
            while moment < until:
                moment = min(next_moment(engine, after=moment, calendar=calendar), moment + every, until)
                tick(engine, settings, now=moment, sender=sender)
                ticks += 1
            _withdraw_the_old(engine, settings, calendar, moment)
            if day % 7 == 0:
                with reading(engine) as session:
                    report(session, cutoff=local_date(moment), directive=BUNDLED)
            if day % 30 == 0 and len(held) < 12:
                gc.collect()
                held.append(_proportional(os.getpid()))
    return ticks, held


def _withdraw_the_old(engine: Engine, settings: Settings, calendar: WorkCalendar, now: datetime) -> None:
    old = select(Task).where(col(Task.status).in_(OPEN_STATUSES), Task.assigned_at < now - _PATIENCE)
    with transaction(engine) as session:
        for task in session.exec(old).all():
            coordinator = session.get_one(Person, task.coordinator_id)
            with suppress(Refused):  # a task of the coordinator's own unit is the issuer's office's to withdraw
                acting = ActorContext(session, coordinator, now, calendar, settings)
                act(acting, task.id, Action.WITHDRAW, {"note": "quá hạn"})


class _Forgetful:
    """Accepts every letter and keeps none: what a sender of ours keeps is nothing of the engine's."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_ended: object) -> None:
        return None

    def leave(self, *, at_once: bool = False) -> None:
        pass

    def send(self, to_address: str, content: bytes, since: Stopwatch | None = None) -> Attempt:
        return Attempt(SendOutcome.ACCEPTED)


@contextmanager
def _launched(folder: Path, moment: datetime) -> Iterator[Engine]:
    """The bundled directive, launched."""
    engine = open_engine(f"sqlite:///{folder / 'year.sqlite'}", KEYS)
    try:
        set_up(engine, now=moment, example=True)
        with transaction(engine) as session:
            launch(
                session,
                find_directive(session, BUNDLED),
                on=moment,
                due_on=_START + timedelta(days=50),
                coordinator_id=resolve_person(session, "le.thi.c").id,
                calendar=load_calendar(session),
            )
        yield engine
    finally:
        engine.dispose()


if __name__ == "__main__":
    in_ticks, in_months = live_a_year(Path(sys.argv[1]), timedelta(seconds=float(sys.argv[2])))
    print(json.dumps({"ticks": in_ticks, "held": in_months}))
