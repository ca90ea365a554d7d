"""Past one machine, as it is run: a Prefect server with a password, PostgreSQL, clocks and workers with own folders."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, func, select, text
from sqlmodel import col

from models.database.run import Run
from models.database.session import open_engine, reading
from models.letters.letter import Letter, LetterState
from models.operations.system_job import Job, JobName, JobState
from models.settings import Settings
from notifications.smtp.mailbox import LocalMailbox
from tests.office import Office
from tests.postgres import PostgresServer
from tests.serve.machines import AUTH, DATABASE_PASSWORD, KEYS, MAIL_PASSWORD, SECRETS_KEY, Machine, Machines
from tests.serve.serving import free_port, wait_for
from workflows.jobs.prefect.prefect_server import PrefectServer
from workflows.operations.setup import set_up
from workflows.organization.working_calendar import load_calendar

pytestmark = pytest.mark.long

_ROLE = "many_machines"


@pytest.fixture(scope="module")
def machines(tmp_path_factory: pytest.TempPathFactory, postgres_server: PostgresServer) -> Iterator[Machines]:
    """What all share: the server answers, the database is set up, the mail server takes letters."""
    home = tmp_path_factory.mktemp("machines")
    name = postgres_server.create_database()
    postgres_server.run(f"CREATE ROLE {_ROLE} SUPERUSER LOGIN PASSWORD '{DATABASE_PASSWORD}'")
    url = postgres_server.url(name).replace("postgres:@", f"{_ROLE}:{DATABASE_PASSWORD}@")
    server = PrefectServer(home / "prefect", free_port(), auth=AUTH)
    with ExitStack() as stack:
        stack.callback(postgres_server.run, f"DROP ROLE {_ROLE}")
        stack.callback(postgres_server.drop_database, name)
        stack.callback(server.stop)
        server.start()
        mailbox = stack.enter_context(LocalMailbox(home / "mailbox"))
        engine = open_engine(url, KEYS)
        set_up(engine, now=datetime.now(UTC), example=True)
        engine.dispose()
        assert server.wait_until_healthy(180)
        yield Machines(home, server, url, mailbox.port)


@pytest.fixture(scope="module")
def engine(machines: Machines) -> Iterator[Engine]:
    engine = open_engine(machines.database_url, KEYS)
    yield engine
    engine.dispose()


@pytest.fixture(scope="module")
def office(machines: Machines, engine: Engine) -> Office:
    with reading(engine) as session:
        calendar = load_calendar(session)
    return Office(engine, Settings(data=machines.home / "office"), calendar=calendar)


@pytest.fixture(scope="module")
def deployed(machines: Machines) -> list[Any]:
    """What `dondoc deploy` said the first, the second and the third time, the third with other settings."""
    return [
        machines.json("desk", "deploy"),
        machines.json("desk", "deploy"),
        machines.json("desk", "deploy", MAIL_CONNECTIONS="2", BULK_AT_ONCE="3"),
    ]


@pytest.fixture(scope="module")
def worker(machines: Machines, deployed: list[Any]) -> Iterator[Machine]:
    with machines.running("worker", "worker", "--name", "first", MAIL_CONNECTIONS="2") as one:
        wait_for(lambda: one.said("worker first takes runs"), "the worker")
        yield one


def job(engine: Engine, name: JobName) -> Job:
    with reading(engine) as session:
        return session.get_one(Job, name)


def mails(machines: Machines) -> list[str]:
    """The Message-ID of every letter that has reached the mail server."""
    paths = sorted((machines.home / "mailbox").rglob("*.eml"))
    return [str(message_from_bytes(path.read_bytes())["Message-ID"]) for path in paths]


# As a clock does it, for moments of the test's choosing; one process for all of them, as Prefect starts slowly.
_HAND_OVER = """
import json, os, sys, threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from commands.background import reach_prefect
from models.operations.system_job import JobName
from models.database.session import open_engine
from models.settings import Settings

settings = Settings()
remote = reach_prefect(settings)
from workflows.jobs.prefect.prefect_client import WorkerPoolClient, NotHandedOver
from workflows.jobs.run_names import name_job
handing = WorkerPoolClient(remote, settings.work_pool)

def hand_over(moment):
    for _again in range(20):
        try:
            run = name_job(JobName.TICK, datetime.fromisoformat(moment))
            return str(handing.hand_over(run, "tick", key="tick:" + moment).id)
        except NotHandedOver:  # its SQLite is locked now and then, on a busy machine
            continue
    raise SystemExit("Prefect takes nothing")

for line in sys.stdin:
    moments, times = json.loads(line)
    with ThreadPoolExecutor(times) as pool:
        found = [list(pool.map(hand_over, [moment] * times)) for moment in moments]
    print(json.dumps(found), flush=True)
os._exit(0)
"""
HandOver = Callable[..., list[list[str]]]
"""Hands over the tick of each moment, several `times` at once; gives the ids of the runs that this made."""


@pytest.fixture(scope="module")
def hand_over(machines: Machines, deployed: list[Any]) -> Iterator[HandOver]:
    with machines.talking("desk", _HAND_OVER) as ask:
        yield lambda *moments, times=1: ask([one.isoformat() for one in moments], times)


def ran(engine: Engine, moment: datetime) -> Callable[[], bool]:
    def has_run() -> bool:
        with reading(engine) as session:
            found = session.get(Run, f"tick:{moment.isoformat()}")
            return found is not None and found.finished_at is not None

    return has_run


def test_deploying_twice_changes_nothing_and_new_settings_change_what_they_are_about(deployed: list[Any]) -> None:
    first, again, other = ({one["name"]: one["did"] for one in time} for time in deployed)
    assert set(first.values()) == {"created"}
    assert set(again) == set(first) and set(again.values()) == {"as it was"}
    assert {name: did for name, did in other.items() if did != "as it was"} == {"bulk": "changed"}
    assert {"job/tick", "sweep-share/sweep-share", "background-job/background-job"} <= first.keys()
    assert not {one for one in first if "deliver" in one}, "letters leave from the clocks"


def test_whoever_hands_a_moment_over_again_makes_no_second_run_of_it(machines: Machines, hand_over: HandOver) -> None:
    moments = [datetime(2004, 7, day, tzinfo=UTC) for day in (1, 2)]
    before = len(machines.runs("job"))
    ids = hand_over(*moments, times=2)
    assert [len(set(one)) for one in ids] == [1, 1]
    assert len(machines.runs("job")) == before + 2
    for run_id, *_same in ids:
        machines.forget(run_id)


def deliver(machines: Machines) -> None:
    """As a clock does beside the workers."""
    assert machines.command("desk", "schedule", "run", "deliver").returncode == 0


def test_a_worker_does_a_tick_and_what_it_wrote_leaves_from_elsewhere(
    machines: Machines, engine: Engine, office: Office, worker: Machine, hand_over: HandOver
) -> None:
    declared = datetime.now(UTC)
    office.launch("2.a", on=declared, due=None)
    office.declare("T-LT", now=declared)  # an incident's letters leave at any hour
    moment = declared.replace(microsecond=0)

    def sweeps() -> list[dict[str, Any]]:
        return list(machines.ask("/task_runs/filter", {"task_runs": {"name": {"any_": ["sweep"]}}}))

    hand_over(moment)
    wait_for(ran(engine, moment), "the tick")
    wait_for(lambda: job(engine, JobName.TICK).last_state is JobState.DONE, "the record of the tick")
    assert mails(machines) == []
    deliver(machines)
    told = job(engine, JobName.DELIVER)
    assert told.last_outcome["sent"] == len(mails(machines)) == len(set(mails(machines))) > 0, told
    told = job(engine, JobName.TICK)
    assert told.last_started_at is not None and told.last_started_at >= declared  # it works for the real moment
    for later in (1, 2):  # again where Prefect did not answer in time, as on a machine that has too much to do
        if sweeps():
            break
        hand_over(moment + timedelta(seconds=later))
        wait_for(ran(engine, moment + timedelta(seconds=later)), "another tick")
    wait_for(lambda: {run["state_type"] for run in machines.runs("job")} == {"COMPLETED"}, "Prefect's record")
    wait_for(lambda: {run["state_type"] for run in sweeps()} == {"COMPLETED"}, "Prefect's record of the sweep")
    runs = machines.runs("job")
    assert {run["name"].partition(" ")[0] for run in runs} == {"tick"}, "letters leave from elsewhere"
    assert all("tick" in run["tags"] for run in runs)


def test_no_password_of_database_or_mail_is_known_to_prefect(machines: Machines, worker: Machine) -> None:
    everything = b"".join(path.read_bytes() for path in machines.server.home.rglob("*") if path.is_file())
    assert b"background-job" in everything
    for secret in (MAIL_PASSWORD, DATABASE_PASSWORD, SECRETS_KEY):
        assert secret.encode() not in everything and secret not in worker.log.read_text()


def test_what_a_lost_worker_left_the_next_tick_does_and_nothing_twice(
    machines: Machines, engine: Engine, office: Office, worker: Machine, hand_over: HandOver
) -> None:
    declared = datetime.now(UTC)
    office.launch("2.a", on=declared, due=None)  # a second launch changes nothing
    office.declare("TCT-T", "CTY-H", now=declared)
    before, moment = len(mails(machines)), declared.replace(microsecond=0) + timedelta(seconds=1)
    with engine.connect() as holding:  # the tick waits in the middle of its work
        holding.execute(text("LOCK TABLE task_check IN ACCESS EXCLUSIVE MODE"))
        ((run_id,),) = hand_over(moment)
        with engine.connect() as looking:
            waits = text("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'")
            looking = looking.execution_options(isolation_level="AUTOCOMMIT")
            wait_for(lambda: looking.execute(waits).scalar_one(), "the tick in the middle of its work")
        (run,) = machines.ask("/flow_runs/filter", {"flow_runs": {"id": {"any_": [run_id]}}})
        worker.lose(int(run["infrastructure_pid"].rpartition(":")[2]))
    assert len(mails(machines)) == before
    later = moment + timedelta(seconds=1)
    with machines.running("second", "worker", "--name", "second") as second:
        hand_over(later)
        wait_for(ran(engine, later), "the next tick")
        assert second.stop() == 0
        assert second.log.read_text().rstrip().endswith("stopped")
    assert not ran(engine, moment)()
    deliver(machines)
    with reading(engine) as session:
        sent = session.execute(select(func.count()).where(col(Letter.state) == LetterState.SENT)).scalar_one()
    assert len(mails(machines)) == len(set(mails(machines))) == sent > before


def test_a_password_that_prefect_refuses_is_said(machines: Machines) -> None:
    wrong = machines.command("desk", "deploy", PREFECT_AUTH="dondoc:another-password")
    assert wrong.returncode == 1
    assert "prefect_auth: Prefect at" in wrong.stderr and "refuses it" in wrong.stderr
    assert "Traceback" not in wrong.stderr


def test_an_address_where_no_prefect_is_is_said(machines: Machines, tmp_path: Path) -> None:
    nobody = f"http://127.0.0.1:{free_port()}/api"
    silent = machines.command("desk", "worker", PREFECT_API_URL=nobody)
    assert silent.returncode == 1
    assert "Prefect does not answer at" in silent.stderr and "dondoc prefect-server" in silent.stderr
    other = machines.command("desk", "deploy", PREFECT_API_URL=machines.server.url + "/nothing/api")
    assert other.returncode == 1
    assert "no Prefect server answers there" in other.stderr
