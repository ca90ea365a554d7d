"""`python -m bench.load`: an hour of load on one `dondoc serve`; exit code 1 where something did not hold.

By real time: 50 users click every six seconds or so, the clock ticks each minute, the mail server fails with one letter
of a hundred. Each minute prints what was asked, how long 95 of 100 answers took, how many letters left, and the least
memory that `serve` and its Prefect server had for themselves in it: what is kept when the work of a moment is done.
In the midst of it a back-up is made, which is brought back elsewhere at the end.
Documents are express: letters leave at any hour.
"""

import argparse
import re
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import linear_regression, quantiles

import psutil
from sqlalchemy import Engine, text
from sqlmodel import func, select

from bench.drill.checks import Check, check_arrivals, tell
from bench.drill.sink import Log, read_log
from bench.drill.story import folder_for, furnish, order_launch, waiting
from bench.load.people import Ear, Visit, sign_in
from bench.load.saved import ask, check_saved, save
from bench.results import ROOT
from models.database.run import Run
from models.database.secret_keys import keys_of
from models.database.session import open_engine, reading
from models.letters.letter import Letter, LetterState
from models.settings import MailSettings, Settings
from models.text.localtime import local_date
from workflows.history.verify_history import verify
from workflows.jobs.prefect.prefect_server import PrefectServer, free_port
from workflows.jobs.tick import tick
from workflows.organization.working_calendar import load_calendar

USERS, PAUSE = 50, 6.0
"""How many visit, and seconds between two clicks of one, on average."""
FAILS = 0.01
"""The share of letters that the mail server fails with."""
UNITS = 2_000
WARM_UP, HURRY = 20, 4.0
"""Minutes in which everything is met for the first time; memory is judged by those after them. In the first half of
them people click so much faster: caches with a limit then have what they will ever hold."""
MOST_AN_HOUR = 0.05
"""By what share memory may grow in an hour, by regression."""
LOOK_SECONDS = 2.0
"""Between two looks at the memory."""
STARTING_SECONDS = 300.0


class Load:
    """The installation under load, and what was seen of it minute by minute."""

    def __init__(self, folder: Path, users: int) -> None:
        self.settings = Settings(data=folder / "data", mail=MailSettings(mode="smtp", port=free_port(2600)))
        self.letters, self._folder, self._users = folder / "letters.jsonl", folder, users
        self.backup = folder / "dondoc.tar"
        self.site, self._prefect = free_port(8900), free_port(4500)
        self.engine = open_engine(self.settings.url, keys_of(self.settings))
        self.held: list[tuple[float, float]] = []  # MB of serve and of Prefect, the least of each minute
        self.statuses: Counter[int] = Counter()
        self.broken: list[str] = []

    def furnish(self) -> None:
        """The register, and a launch to every unit, which the first tick carries out."""
        self.settings.data.mkdir(parents=True)
        furnish(self.engine, UNITS)
        with reading(self.engine) as session:
            day = load_calendar(session).add(local_date(datetime.now(UTC)), 10)
        order_launch(self.engine, day)

    @contextmanager
    def mail_server(self) -> Iterator[None]:
        """It outlives `serve`: what that leaves waiting leaves later."""
        mail = self.settings.mail
        self.letters.touch()
        words = ("bench.drill.sink", mail.host, str(mail.port), str(self.letters), str(FAILS))
        sink = subprocess.Popen([sys.executable, "-m", *words], cwd=ROOT)
        try:
            yield
        finally:
            sink.terminate()
            sink.wait(60)

    @contextmanager
    def running(self) -> Iterator[psutil.Process]:
        """`dondoc serve`."""
        mail = self.settings.mail
        env = {
            "DONDOC_DATA": str(self.settings.data),
            "DONDOC_MAIL": mail.model_dump_json(include={"mode", "port"}),
            "DONDOC_PREFECT_PORT": str(self._prefect),
            "DONDOC_LOG_FORMAT": "json",
        }
        with (self._folder / "serve.log").open("wb") as log:
            process = ask("serve", "--port", str(self.site), env=env, stderr=log)
            try:
                if not PrefectServer(self.settings.data / "prefect", self._prefect).wait_until_healthy(
                    STARTING_SECONDS
                ):
                    raise RuntimeError(f"serve's Prefect server does not answer: see {self._folder / 'serve.log'}")
                yield psutil.Process(process.pid)
                self.ended = process.poll()
            finally:
                process.terminate()
                process.wait(60)

    def live(self, serve: psutil.Process, minutes: int) -> None:
        """Minute by minute."""
        ear, stop = Ear(), threading.Event()
        people = sign_in(self.engine, self._users, datetime.now(UTC) + timedelta(days=2))
        visits = [Visit(one, self.site, ear, stop, pause=PAUSE / HURRY, seed=n) for n, one in enumerate(people)]
        for visit in visits:
            visit.start()
        began = time.monotonic()
        print(
            f"{'minute':>6}{'asked':>8}{'p95 ms':>8}{'refused':>9}{'ticks':>7}{'sent':>8}{'waits':>7}"
            f"{'serve MB':>10}{'Prefect MB':>12}",
            flush=True,
        )
        for minute in range(1, minutes + 1):
            self.held.append(_least(serve, began + 60 * minute))
            told = ear.take()
            self.statuses += told.statuses
            self.broken += told.broken
            if minute == WARM_UP + 1:
                self.saving = save(self.settings, self.backup)
            if minute == WARM_UP // 2:
                for visit in visits:
                    visit.pause = PAUSE
            late = quantiles(told.seconds, n=20)[-1] * 1000 if len(told.seconds) > 1 else 0.0
            ticks, sent, waits = self._counts()
            print(
                f"{minute:>6}{len(told.seconds):>8}{late:>8.0f}{told.statuses[409]:>9}{ticks:>7}{sent:>8}{waits:>7}"
                f"{self.held[-1][0]:>10.0f}{self.held[-1][1]:>12.0f}",
                flush=True,
            )
        stop.set()
        for visit in visits:
            visit.join(60)

    def _counts(self) -> tuple[int, int, int]:
        with reading(self.engine) as session:
            ticks = session.exec(select(func.count()).select_from(Run).where(Run.key.startswith("tick:"))).one()
            sent = session.exec(select(func.count()).select_from(Letter).where(Letter.state == LetterState.SENT)).one()
            return ticks, sent, waiting(session, datetime.now(UTC))

    def finish(self) -> int:
        """Lets the letters that a failure put off leave, in time that is played; returns how many are left then."""
        self.engine.dispose()
        self.engine = open_engine(self.settings.url, keys_of(self.settings))
        until = datetime.now(UTC)
        moment, left = until, 1
        while left and moment < until + timedelta(days=3):
            moment += timedelta(minutes=15)
            tick(self.engine, self.settings, now=moment)
            with reading(self.engine) as session:
                left = waiting(session, until)
        return left


def main() -> int:
    """Lives the hour; 1 where something did not hold."""
    parser = argparse.ArgumentParser(prog="bench.load", description="An hour of an office's load.")
    parser.add_argument("--minutes", type=int, default=60)
    parser.add_argument("--users", type=int, default=USERS)
    parser.add_argument("--keep", type=Path, help="a folder for database and logs, which stay; else they go")
    given = parser.parse_args()
    if given.minutes < WARM_UP + 3:
        parser.error(
            f"--minutes {given.minutes}: memory is judged after {WARM_UP}; right would be {WARM_UP + 3} or more"
        )
    with folder_for(given.keep, "load") as folder:
        load = Load(folder, given.users)
        load.furnish()
        with load.mail_server():
            with load.running() as serve:
                load.live(serve, given.minutes)
            return tell([*_checks(load, given.minutes)])


def _checks(load: Load, minutes: int) -> Iterator[Check]:
    asked = load.statuses.total()
    yield Check(
        "every request is answered, and none with a fault",
        f"{asked:,} asked, {dict(sorted(load.statuses.items()))}"
        + "".join(f"\n        {one}" for one in load.broken[:5]),
        asked > 0 and not load.broken,
    )
    yield Check("`serve` was there to the end", f"exit code {load.ended}", load.ended is None)
    ticks, _sent, _waits = load._counts()
    yield Check("a tick each minute", f"{ticks} in {minutes} minutes", ticks >= minutes - 1)
    for number, name in enumerate(("serve", "its Prefect server")):
        held = [one[number] for one in load.held[WARM_UP:]]
        grown = linear_regression(range(len(held)), held).slope * 60
        most = MOST_AN_HOUR * held[0]
        words = (
            f"{held[0]:.0f} to {held[-1]:.0f} MB, never below {min(held):.0f} or above {max(held):.0f}, "
            f"{grown:+.1f} MB an hour (at most {most:.0f})"
        )
        yield Check(f"the memory of {name} is flat after {WARM_UP} minutes", words, grown <= most)
    left = load.finish()
    log = read_log(load.letters)
    yield Check("the mail server failed now and then", str(dict(log.faults)), log.faults.total() > 0)
    yield Check("no letter waits for ever", f"{left} of those due by the end", left == 0)
    yield from check_arrivals(load.engine, log)
    yield from _lost(load.engine, log)
    told = verify(load.engine)
    yield Check("the history's chain is whole", f"{told.rows:,} lines, {told.broken or 'whole'}", told.broken is None)
    yield from check_saved(load.saving, load.engine, load.settings, load.backup)


def _lost(engine: Engine, log: Log) -> Iterator[Check]:
    """Every letter that was ever opened: sent, empty, or uncertain and not sent again, as nothing in it is true now."""
    kept = "CASE WHEN state = 'uncertain' AND resent THEN 'kept uncertain' ELSE state END"
    with reading(engine) as session:
        states = dict(session.execute(text(f"SELECT {kept}, count(*) FROM letter GROUP BY 1 ORDER BY 1")).all())
    lost = sum(count for state, count in states.items() if state not in ("sent", "empty", "queued", "kept uncertain"))
    yield Check("no letter is lost", f"{states}, {len(log.arrivals):,} arrivals", lost == 0)


def _least(serve: psutil.Process, until: float) -> tuple[float, float]:
    """The least of what each held until then (seconds of the monotonic clock)."""
    held = [_held(serve)]
    while (left := until - time.monotonic()) > 0:
        time.sleep(min(LOOK_SECONDS, left))
        held.append(_held(serve))
    own, started = zip(*held, strict=True)
    return min(own), min(started)


def _held(serve: psutil.Process) -> tuple[float, float]:
    """MB of `serve` itself, and of all that it started."""
    return _own(serve), sum(_own(child) for child in serve.children(recursive=True))


def _own(process: psutil.Process) -> float:
    """MB that are a process's alone. What it shares with others (its libraries) counts for more when these end."""
    status = Path(f"/proc/{process.pid}/status").read_text(encoding="ascii")
    return int(re.search(r"^RssAnon:\s+(\d+) kB$", status, re.M)[1]) / 1024  # type: ignore[index]


if __name__ == "__main__":
    sys.exit(main())
