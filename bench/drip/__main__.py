"""`python -m bench.drip`: an hour of `dondoc serve` beside a mail server that drips; exit code 1 where a line fails.

By real time. The server misbehaves at each step of a conversation in turn, and is well again in between. Meanwhile
the clock must tick, /ready must say so, SIGTERM must end `serve` within half a minute, and letters must leave soon
after the server is well. A letter may arrive twice only where its answer was lost, and is settled as sent in the end.
"""

import argparse
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import httpx
from pydantic import SecretStr
from sqlalchemy import Engine, text
from sqlmodel import select

from bench.drill.checks import Check, tell
from bench.drill.story import folder_for, furnish, order_launch, waiting
from bench.drip.server import DOT, SCAN, STEPS, DrippingServer
from bench.load.saved import ask
from bench.sink import PASSWORD, USER, Certificate, self_signed
from models.database.run import Run
from models.database.secret_keys import keys_of
from models.database.session import open_engine, reading
from models.letters.letter import LetterAttempt
from models.settings import MailSettings, Settings
from models.text.localtime import local_date
from notifications.smtp.clocks import CLOCKS
from notifications.smtp.sender import YagmailSender
from workflows.jobs.prefect.prefect_server import free_port
from workflows.jobs.tick import tick
from workflows.organization.working_calendar import load_calendar

UNITS = 3_000
TICK_SECONDS = 30
STOPS_WITHIN, LEAVES_WITHIN, TICKS_WITHIN = 30.0, 90.0, 150.0
"""Seconds: SIGTERM to the end, well again to the first letter, one finished tick to the next. A tick delivers for a
minute at most, and the machine may be busy. Each line may wait for the answer to a whole letter as long as the setting
says (RFC 5321, 4.5.3.2).
"""
LEAST_DRIP = 25.0
_LOOK_SECONDS = 2.0


@dataclass
class Seen:
    """What was seen of one step."""

    step: str
    dripped: float = 0.0
    ticks: int = 0
    longest_gap: float = 0.0
    leaves_within: float = LEAVES_WITHIN
    refused: int = 0  # looks at /ready that did not say 200
    looks: int = 0
    lines: int = 0
    stopped: float | None = None
    first: float | None = None
    arrived: int = 0
    faults: list[str] = field(default_factory=list)

    def judge(self) -> None:
        """Note what did not hold."""
        if self.stopped is not None and self.stopped > STOPS_WITHIN:
            self.faults.append(f"SIGTERM took {self.stopped:.0f} s")
        if self.first is None:
            self.faults.append(f"no letter within {self.leaves_within:.0f} s of a well server")
        if self.longest_gap > TICKS_WITHIN:
            self.faults.append(f"no tick for {self.longest_gap:.0f} s")
        if self.refused:
            self.faults.append(f"/ready {self.refused} times not 200")

    def __str__(self) -> str:
        stopped = "-" if self.stopped is None else f"{self.stopped:.1f}"
        first = "-" if self.first is None else f"{self.first:.0f}"
        return (
            f"{self.step:<10}{self.dripped:>8.0f}{self.ticks:>7}{self.longest_gap:>9.0f}{self.looks:>7}"
            f"{self.refused:>7}{self.lines:>7}{stopped:>9}{first:>8}{self.arrived:>8}  {'; '.join(self.faults) or 'ok'}"
        )


HEAD = (
    f"{'step':<10}{'drips s':>8}{'ticks':>7}{'gap s':>9}{'looks':>7}{'not ok':>7}{'lines':>7}{'TERM s':>9}{'well s':>8}"
    f"{'came':>8}"
)


class Drip:
    """The installation, the server, and what becomes of them step by step."""

    def __init__(self, folder: Path, server: DrippingServer, certificate: Certificate, *, with_prefect: bool) -> None:
        self._folder, self.server, self._certificate = folder, server, certificate
        self._with_prefect = with_prefect
        mail = MailSettings(mode="smtp", port=server.port, security="starttls", user=USER, password=SecretStr(PASSWORD))
        self.settings = Settings(data=folder / "data", mail=mail)
        self.site, self._prefect = free_port(8900), free_port(4500)
        self.engine: Engine = open_engine(self.settings.url, keys_of(self.settings))
        self._process: subprocess.Popen[str] | None = None

    def furnish(self) -> None:
        """The register, and a launch to every unit, which the first tick carries out."""
        self.settings.data.mkdir(parents=True)
        furnish(self.engine, UNITS)
        with reading(self.engine) as session:
            day = load_calendar(session).add(local_date(datetime.now(UTC)), 10)
        order_launch(self.engine, day)

    def start(self) -> None:
        """`dondoc serve`, once /ready answers."""
        mail = self.settings.mail.model_dump(mode="json", include={"mode", "port", "security", "user"})
        env = {
            "DONDOC_DATA": str(self.settings.data),
            "DONDOC_PREFECT_PORT": str(self._prefect),
            "DONDOC_LOG_FORMAT": "json",
            "DONDOC_TICK_SECONDS": str(TICK_SECONDS),
            "DONDOC_MAIL_PASSWORD": PASSWORD,
            "SSL_CERT_FILE": str(self._certificate.certificate),
            **{f"DONDOC_MAIL_{name.upper()}": str(value) for name, value in mail.items()},
        }
        more = () if self._with_prefect else ("--no-prefect",)
        with (self._folder / "serve.log").open("ab") as log:
            self._process = ask("serve", "--port", str(self.site), *more, env=env, stderr=log, stdout=log)
        until = time.monotonic() + 300
        while not self.is_ready():
            if self._process.poll() is not None or time.monotonic() > until:
                raise RuntimeError(f"serve does not answer: see {self._folder / 'serve.log'}")
            time.sleep(1)

    def is_ready(self) -> bool:
        """Return whether /ready says 200."""
        try:
            return httpx.get(f"http://127.0.0.1:{self.site}/ready", timeout=10).status_code == 200
        except httpx.HTTPError:
            return False

    def stop(self) -> float:
        """SIGTERM; return the seconds until it has ended."""
        assert self._process is not None
        began = time.monotonic()
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(120)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        return time.monotonic() - began

    def ticks(self) -> list[datetime]:
        """When ticks began that have ended, oldest first."""
        with reading(self.engine) as session:
            rows = session.exec(select(Run.key).where(Run.key.startswith("tick:"), Run.finished_at.is_not(None)))  # type: ignore[union-attr]
            return sorted(datetime.fromisoformat(key.removeprefix("tick:")) for key in rows)

    def live(self, step: str, seconds: float) -> Seen:
        """One step: it drips, SIGTERM in the midst of it, it drips on, and then it is well."""
        seen, began = Seen(step), time.monotonic()
        if step == DOT:
            seen.leaves_within += self.settings.mail.dot_seconds
        self.server.take_most_lines()
        before, since = len(self.server.arrivals), datetime.now(UTC)
        self.server.at = step
        self._watch(seen, max(LEAST_DRIP, seconds * 0.3), since)
        if step != SCAN:
            seen.stopped = self.stop()
            self.start()
            since = datetime.now(UTC)
            self._watch(seen, max(LEAST_DRIP, seconds * 0.2), since)
        seen.dripped = time.monotonic() - began
        self.server.at, well = None, time.monotonic()
        while seen.first is None and time.monotonic() - well < seen.leaves_within:
            self._watch(seen, _LOOK_SECONDS, since)
            come = [at for at, _name in self.server.arrivals if at > well + 2]
            seen.first = come[0] - well if come else None
        self._watch(seen, max(0.0, seconds - (time.monotonic() - began)), since)
        seen.lines = self.server.take_most_lines()
        seen.arrived = len(self.server.arrivals) - before
        seen.judge()
        return seen

    def _watch(self, seen: Seen, seconds: float, since: datetime) -> None:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            seen.looks += 1
            seen.refused += not self.is_ready()
            ticks = [since, *(one for one in self.ticks() if one > since), datetime.now(UTC)]
            seen.ticks = max(seen.ticks, len(ticks) - 2)
            gaps = [(later - earlier).total_seconds() for earlier, later in pairwise(ticks)]
            seen.longest_gap = max(seen.longest_gap, *gaps)
            time.sleep(min(_LOOK_SECONDS, max(0.0, until - time.monotonic())))

    def finish(self) -> int:
        """Let what was put off leave, in time that is played; return how many letters are left then."""
        self.server.usual_seconds = 0.0
        self.engine.dispose()
        self.engine = open_engine(self.settings.url, keys_of(self.settings))
        until = datetime.now(UTC)
        moment, left = until, 1
        while left and moment < until + timedelta(days=2):
            moment += timedelta(minutes=21)
            sender = YagmailSender(self.settings.mail, self._certificate.trusted(), clocks=CLOCKS)
            tick(self.engine, self.settings, now=moment, sender=sender)
            with reading(self.engine) as session:
                left = waiting(session, until)
        return left

    def checks(self, seen: list[Seen]) -> Iterator[Check]:
        """What must hold at the end."""
        faults = [f"{one.step}: {fault}" for one in seen for fault in one.faults]
        yield Check(
            "at every step jobs are on time, SIGTERM ends, letters leave once it is well",
            "; ".join(faults) or f"{len(seen)} steps",
            not faults,
        )
        left = self.finish()
        yield Check("no letter waits for ever", f"{left} of those due by the end", left == 0)
        with reading(self.engine) as session:
            states = dict(session.execute(text("SELECT state, count(*) FROM letter GROUP BY 1")).all())
            names = dict(session.execute(text("SELECT message_id, id FROM letter WHERE message_id IS NOT NULL")).all())
            unanswered = select(LetterAttempt.letter_id).where(LetterAttempt.outcome == "uncertain")
            lost = {letter_id.hex for letter_id in session.exec(unanswered)}
        twice = {name: count for name, count in self.server.arrived.items() if count > 1}
        unsure = {name for name in twice if str(names.get(name, "")).replace("-", "") in lost}
        yield Check(
            "a letter arrives twice only where its answer was lost, and never three times",
            f"{len(self.server.arrived)} letters arrived, {len(twice)} of them twice",
            unsure == set(twice) and all(count == 2 for count in twice.values()),
        )
        yield Check("every letter is settled", str(states), set(states) <= {"sent", "empty", "uncertain"})
        missing = [name for name in names if name not in self.server.arrived]
        yield Check("every letter that was handed over arrived", f"{len(missing)} missing", not missing)

    @contextmanager
    def serving(self) -> Iterator[None]:
        """From the first start to the last end."""
        self.start()
        try:
            yield
        finally:
            self.stop()


def main() -> int:
    """Live through all steps; 1 where something did not hold."""
    parser = argparse.ArgumentParser(prog="bench.drip", description="`serve` beside a mail server that drips.")
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--only", action="append", choices=STEPS, help="a step; else all")
    parser.add_argument("--no-prefect", action="store_true")
    parser.add_argument("--keep", type=Path, help="a folder for database and logs, which stay; else they go")
    given = parser.parse_args()
    steps = given.only or list(STEPS)
    with folder_for(given.keep, "drip") as folder:
        certificate = self_signed(folder)
        with DrippingServer(certificate) as server:
            drip = Drip(folder, server, certificate, with_prefect=not given.no_prefect)
            drip.furnish()
            print(HEAD, flush=True)
            seen = []
            with drip.serving():
                for step in steps:
                    seen.append(drip.live(step, given.minutes * 60 / len(steps)))
                    print(seen[-1], flush=True)
            return tell([*drip.checks(seen)])


if __name__ == "__main__":
    sys.exit(main())
