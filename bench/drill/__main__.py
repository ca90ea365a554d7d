"""`python -m bench.drill`: runs the drill and prints what held; exit code 1 where something did not."""

import argparse
import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import Engine

from bench.drill.chaos import Chaos, Kept
from bench.drill.checks import check_all, tell
from bench.drill.cluster import KEYS, Cluster, Quota, cluster
from bench.drill.day import play_day
from bench.drill.hosts import Host, machines
from bench.drill.office_time import move_to
from bench.drill.postgres import postgres
from bench.drill.sink import read_log
from bench.drill.story import (
    confirm_day,
    day_of_reminders,
    folder_for,
    furnish,
    is_launched,
    moments,
    order_launch,
    to_send,
    wait_for,
    waiting,
)
from models.database.session import open_engine, reading
from models.settings import Settings
from models.text.localtime import local_date

TICK_SECONDS = 10
KILL_EVERY, BACK_AFTER = (10.0, 40.0), (2.0, 6.0)
"""Seconds, from and to."""
PATIENCE = 3600.0


def main() -> int:
    """Plays the drill; 1 where a promise did not hold."""
    parser = argparse.ArgumentParser(prog="bench.drill", description="Several machines, killed at random.")
    parser.add_argument("--units", type=int, default=20_000)
    parser.add_argument(
        "--minutes", type=int, default=10, choices=(5, 10, 15, 20, 30, 60), help="between two ticks of the day"
    )
    parser.add_argument("--per-minute", type=int, default=4_000, help="the mail server's quota")
    parser.add_argument("--at-once", type=int, default=2, help="conversations it allows at the same time")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--keep", type=Path, help="a folder for the logs, which stay; else they go")
    given = parser.parse_args()
    with folder_for(given.keep, "drill") as folder:
        return _drill(folder, given)


def _drill(folder: Path, given: argparse.Namespace) -> int:
    quota = Quota(given.per_minute, given.at_once)
    with machines(folder, "data", "one", "two") as (data, one, two):
        _say("machines", f"{', '.join(f'{host.name} {host.address}' for host in (data, one, two))} ({_kind(one)})")
        with postgres(folder / "data", data.address) as urls, cluster(urls, data, quota, TICK_SECONDS) as installation:
            engine = open_engine(Settings(database_url=urls.dondoc).url, KEYS)  # type: ignore[arg-type]
            furnish(engine, given.units)
            letters = installation.sink()
            installation.prefect_server()
            _say("deploy", f"{len(json.loads(_deploy(installation, one)))} things registered with Prefect")
            workers = [installation.worker(one, 1), installation.worker(two, 1), installation.worker(two, 2)]
            installation.wait_for_workers(len(workers), 120)
            clocks = [installation.clock(one), installation.clock(two)]
            # one clock is killed, the other never is: two dead at once are an outage, which other tests are about
            with _killing([*workers, clocks[1]], given.seed) as first:
                _launch(engine, given.units)
            for clock in clocks:
                clock.kill()
            day = moments(day_of_reminders(engine), timedelta(minutes=given.minutes))
            installation.wait_until_begun(120)  # a tick that begins later makes the confirmation worthless
            move_to(installation.time_file, day[0])
            confirm_day(engine, day[0])
            players = [installation.day_clock(host, given.minutes) for host in (one, two)]
            with _killing([*workers, players[1]], given.seed + 1) as second:
                ticks, took = play_day(engine, installation.time_file, letters, day, clock=players[0])
            _say("day", f"{ticks} of {len(day)} ticks of {local_date(day[0]):%d.%m.%Y}, two clocks, {took:.0f} s")
            kills = first.kills + second.kills
            killed = first.processes + second.processes
            _say("killed", f"{kills.total()} times, {killed} processes: {dict(sorted(kills.items()))}")
            checks = check_all(engine, read_log(letters), units=given.units, quota=quota)
            engine.dispose()
    return tell(checks)


def _deploy(installation: Cluster, host: Host) -> str:
    until = time.monotonic() + 120
    while True:
        try:
            return installation.once(host, "deploy", "--json")
        except RuntimeError:
            if time.monotonic() > until:  # the server was only starting
                raise
            time.sleep(2)


def _launch(engine: Engine, units: int) -> None:
    reminded = day_of_reminders(engine)
    order_launch(engine, reminded)
    took = wait_for(engine, "the launch", is_launched, PATIENCE)
    _say("launch", f"{units:,} units in {took:.0f} s, while workers and a clock were being killed")
    by = datetime.now(UTC)
    took += wait_for(engine, "the letters of the launch", lambda session: not to_send(session, by), PATIENCE)
    with reading(engine) as session:
        left = waiting(session, by)
    _say("letters", f"none queued any more {took:.0f} s after the order; {left} wait for a dead process's lease to end")


@contextmanager
def _killing(victims: list[Kept], seed: int) -> Iterator[Chaos]:
    chaos = Chaos(victims, seed, every=KILL_EVERY, after=BACK_AFTER)
    chaos.start()
    try:
        yield chaos
    finally:
        chaos.stop()


def _kind(host: Host) -> str:
    return "network namespaces" if host.prefix else "process groups: namespaces are not allowed here"


def _say(what: str, words: str) -> None:
    print(f"{what:<10}{words}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
