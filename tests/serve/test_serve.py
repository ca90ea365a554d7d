"""`dondoc serve` as it is run: one process with everything in it, asked through its own pages and Prefect's API."""

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlmodel import func, select

from models.database.run import Run
from models.database.secret_keys import Keys
from models.database.session import open_engine, reading, transaction
from models.letters.letter import LetterKind
from models.operations.alert import Alert, AlertKind
from models.operations.system_job import JobName
from models.text.localtime import local
from tests.commands.terminal import Cli
from tests.office import Office
from tests.serve.serving import PATIENCE, ROOT, Serving, free_port, is_free, wait_for
from workflows.jobs.prefect.prefect_server import prefect_environment
from workflows.jobs.system_jobs import lock_job
from workflows.operations.setup import set_up

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def serving(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    """A `dondoc serve` on an empty folder, with its Prefect server answering and its first ticks done."""
    with Serving.start(tmp_path_factory.mktemp("serve") / "data") as one:
        wait_for(lambda: one.site("/ready").status_code == 200, "the first tick")
        yield one


def test_its_own_pages_say_that_it_lives_and_ticks(serving: Serving) -> None:
    assert serving.site("/health").json() == {"status": "ok"}
    assert serving.site("/ready").json()["clock"] == "ok"
    assert serving.site("/sign-in").headers["location"] == "/setup"  # nobody could sign in yet
    assert "<h1>First set-up</h1>" in serving.site("/setup").text


def test_prefects_pages_ask_the_server_that_they_come_from(serving: Serving) -> None:
    wait_for(serving.prefect.is_healthy, "Prefect")
    told = httpx.get(f"http://127.0.0.1:{serving.prefect_port}/ui-settings", timeout=PATIENCE).json()
    assert told["api_url"] == "/api", "by default they ask port 4200, where nothing or a stranger listens"


def test_nothing_that_it_writes_is_open_to_others(serving: Serving) -> None:
    """Prefect's files too: they are its child's."""
    opened = [str(path) for path in serving.data.rglob("*") if path.stat().st_mode & 0o077]
    assert opened == []


def test_every_run_is_named_tagged_and_completed_in_prefect(serving: Serving) -> None:
    def names() -> set[str]:
        runs = serving.runs("flow_runs", state={"type": {"any_": ["COMPLETED"]}}, tags={"all_": ["dondoc"]})
        return {run["name"] for run in runs}

    local_hour = re.compile(r"(tick|deliver) [0-2]\d:[0-5]\d")
    wait_for(lambda: {one.split()[0] for one in names()} >= {"tick", "deliver"}, "a completed run of each job")
    assert all(local_hour.fullmatch(name) for name in names())
    assert serving.runs("flow_runs", tags={"all_": ["dondoc", "tick"]})

    def parts() -> set[str]:
        return {run["name"] for run in serving.runs("task_runs", state={"type": {"any_": ["COMPLETED"]}})}

    wanted = {"incoming", "open_periods", "sweep", "compile_reports", "summaries", "messages", "seal", "deliver"}
    wait_for(lambda: parts() >= wanted, "a completed task for each part")


# A process of its own, as Prefect keeps threads and connections that outlive a test; one for all, as it starts slowly.
_FAULTY_TICKS = """
import gc, json, os, signal, sys, time
from contextlib import suppress
from datetime import datetime
from functools import partial
from pathlib import Path
from models.database.run import Run
from models.database.schema import migrate
from models.database.session import open_engine, reading
from models.operations.system_job import JobName
from prefect.settings import PREFECT_API_REQUEST_TIMEOUT, temporary_settings
from workflows.jobs.prefect.flows import part_task, run_here
from workflows.jobs.run_names import name_job
from workflows.jobs.tick import run_tick

api_url, home, scenes, patience = sys.argv[1], Path(sys.argv[2]), json.loads(sys.argv[3]), float(sys.argv[4])
part_task.retry_delay_seconds = 0.2
gc.disable()  # as a service of half a million objects, whose full collection may be hours away
engine = open_engine(f"sqlite:///{home / 'ticks.sqlite'}")
migrate(engine)

def played(moment, faults, freeze):
    attempts, at = [], datetime.fromisoformat(moment)

    def verb(name):
        def do(now):
            attempts.append(name)
            if name == "sweep" and attempts.count("sweep") <= faults:
                raise OSError("database is locked (on purpose)")
            if name == "sweep" and freeze:
                os.kill(freeze, signal.SIGSTOP)
            return {"checked": 1} if name == "sweep" else {}
        return do

    parts = {name: verb(name) for name in ("open_periods", "sweep", "summaries", "seal")}
    start, fault, counts = time.monotonic(), None, None
    try:
        tick = lambda call: run_tick(engine, parts, now=at, call=call)
        with temporary_settings({} if freeze else {PREFECT_API_REQUEST_TIMEOUT: patience}):  # on a busy machine too
            counts = run_here(api_url, home, name_job(JobName.TICK, at), tick)
    except OSError as failed:
        fault = str(failed)
    finally:
        if freeze:
            with suppress(ProcessLookupError):  # `serve` has killed it, and started another
                os.kill(freeze, signal.SIGCONT)
    with reading(engine) as session:
        finished = session.get_one(Run, f"tick:{at.isoformat()}").finished_at is not None
    return {"attempts": attempts, "finished": finished, "fault": fault, "counts": counts,
            "seconds": time.monotonic() - start, "objects": len(gc.get_objects())}

print(json.dumps([played(*scene) for scene in scenes]), flush=True)
os._exit(0)
"""
Ticks = dict[datetime, dict[str, Any]]
ONCE, FOR_GOOD, PLAIN, FROZEN = (datetime(2004, 7, day, day, 0, tzinfo=UTC) for day in (1, 2, 3, 5))


@pytest.fixture(scope="module")
def faulty_ticks(serving: Serving, tmp_path_factory: pytest.TempPathFactory) -> Ticks:
    """Ticks against the serving one's Prefect: the sweep fails once; for good; not at all; Prefect freezes."""
    wait_for(serving.prefect.is_healthy, "Prefect")
    home, pid = tmp_path_factory.mktemp("prefect"), serving.prefect_pid
    scenes = [(ONCE, 1, 0), (FOR_GOOD, 99, 0), (PLAIN, 0, 0), (FROZEN, 0, pid)]
    api_url = f"http://127.0.0.1:{serving.prefect_port}/api"
    given = json.dumps([(moment.isoformat(), *rest) for moment, *rest in scenes])
    done = subprocess.run(
        [sys.executable, "-c", _FAULTY_TICKS, api_url, str(home), given, str(PATIENCE)],
        cwd=ROOT,
        env=os.environ | prefect_environment(home),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    sys.stderr.write(done.stderr)  # what went on without Prefect says so there
    assert done.returncode == 0, done.stderr
    return dict(zip((ONCE, FOR_GOOD, PLAIN, FROZEN), json.loads(done.stdout), strict=True))


def tasks_of(serving: Serving, moment: datetime) -> tuple[str, dict[str, tuple[str, int]]]:
    """How the run of a moment ended in Prefect, and each of its tasks, with the count of attempts."""
    runs = serving.runs("flow_runs", name={"any_": [f"tick {local(moment):%H:%M}"]})
    (run,) = (one for one in runs if one["parameters"]["planned"] == moment.isoformat())
    tasks = serving.runs("task_runs", flow_run_id={"any_": [run["id"]]})
    return run["state_type"], {one["name"]: (one["state_type"], one["run_count"]) for one in tasks}


def test_a_part_that_fails_once_is_tried_again_and_completes(serving: Serving, faulty_ticks: Ticks) -> None:
    """The sweep's first attempt fails on purpose; Prefect retries it, and its API says so."""
    told = faulty_ticks[ONCE]
    assert told["attempts"] == ["open_periods", "sweep", "sweep", "summaries", "seal"], told
    assert told["finished"] and told["counts"]["checked"] == 1
    done = ("COMPLETED", 1)
    tasks = {"open_periods": done, "sweep": ("COMPLETED", 2), "summaries": done, "seal": done}
    wait_for(lambda: tasks_of(serving, ONCE) == ("COMPLETED", tasks), "Prefect's record of the tick")


def test_a_part_that_fails_for_good_holds_up_no_other_and_leaves_its_tick_unfinished(
    serving: Serving, faulty_ticks: Ticks
) -> None:
    told = faulty_ticks[FOR_GOOD]
    assert told["attempts"] == ["open_periods", "sweep", "sweep", "sweep", "summaries", "seal"], told
    assert not told["finished"] and told["fault"] == "database is locked (on purpose)"
    wait_for(lambda: tasks_of(serving, FOR_GOOD)[1]["sweep"] == ("FAILED", 3), "Prefect's record of the sweep")
    assert tasks_of(serving, FOR_GOOD)[0] == "FAILED"


def test_what_a_tick_leaves_in_memory_is_gone_by_the_next(faulty_ticks: Ticks) -> None:
    """Its flow leaves cycles, which once made `serve` grow by 0.6 MB a tick."""
    first, second, third = (faulty_ticks[moment]["objects"] for moment in (ONCE, FOR_GOOD, PLAIN))
    assert third <= max(first, second), (first, second, third)


def test_what_a_tick_did_is_a_table_in_prefects_pages(serving: Serving, faulty_ticks: Ticks) -> None:
    shown = [one for one in serving.artifacts() if "| checked | 1 |" in one["data"]]
    assert len(shown) == len([ONCE, PLAIN]), "idle ticks leave none, and to a frozen server nobody wrote"
    assert {one["key"] for one in shown} == {"tick"} and all(one["flow_run_id"] for one in shown)


def test_a_prefect_that_freezes_in_the_midst_is_left_behind_and_the_tick_finished(faulty_ticks: Ticks) -> None:
    told = faulty_ticks[FROZEN]
    assert told["attempts"] == ["open_periods", "sweep", "summaries", "seal"], "each once"
    assert told["fault"] is None and told["finished"] and told["counts"]["checked"] == 1
    assert told["seconds"] < 90, "two requests of 10 s for each of its last words"


def test_a_schedule_changed_from_the_command_line_is_followed(
    serving: Serving, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DONDOC_DATA", str(serving.data))
    monkeypatch.setenv("DONDOC_LANGUAGE", "en")
    cli = Cli()
    cli.json("schedule", "set", "purge", "* * * * * *")  # every second
    wait_for(lambda: serving.job(JobName.PURGE).last_done_at, "the purge")
    cli.json("schedule", "reset", "purge")
    cli.json("schedule", "pause", "summaries")

    def next_purge() -> bool:
        planned = serving.job(JobName.PURGE).next_run_at
        return planned is not None and f"{planned:%H:%M:%S}" == "19:30:00"  # 02:30 local

    wait_for(next_purge, "the purge's usual hour")
    assert serving.job(JobName.SUMMARIES).next_run_at is None
    cli.json("schedule", "resume", "summaries")


def test_a_second_serve_on_the_same_port_is_refused(serving: Serving) -> None:
    with Serving.start(serving.data, port=serving.port) as second:
        code = second.process.wait(timeout=PATIENCE)
        said = second.log.read_text(encoding="utf-8")
    assert code == 1
    assert f"cannot listen on 127.0.0.1:{serving.port}" in said
    assert "Traceback" not in said


@pytest.fixture(scope="module")
def armed(serving: Serving) -> Office:
    """Its office, whose contingency duty waits for an incident."""
    office = serving.office()
    office.launch("2.a", on=datetime.now(UTC), due=None)
    return office


def test_a_killed_prefect_is_started_again_and_no_letter_waits_for_it(serving: Serving, armed: Office) -> None:
    before = serving.prefect_pid
    os.kill(before, signal.SIGKILL)
    declared = datetime.now(UTC)
    armed.declare("T-LT", now=declared)  # an incident's letters leave at any hour
    wait_for(lambda: serving.sent(declared), "the letter")
    letters = serving.sent(declared)
    assert {letter.kind for letter in letters} == {LetterKind.INCIDENT}
    # a letter's `sent_at` is the moment its delivery began: the next one of those every five seconds, where a job that
    # was just speaking to Prefect held it up for no longer than its patience
    assert all(letter.sent_at and letter.sent_at - declared < timedelta(seconds=30) for letter in letters)
    wait_for(lambda: serving.prefect_pid != before and serving.prefect.is_healthy(), "another Prefect server")


def test_two_serves_over_one_folder_share_prefect_and_send_each_letter_once(serving: Serving, armed: Office) -> None:
    wait_for(serving.prefect.is_healthy, "Prefect")
    with Serving.start(serving.data, mail_port=serving.mail_port) as second:
        wait_for(lambda: second.site("/health").status_code == 200, "the second site")
        declared = datetime.now(UTC)
        armed.declare("T-LT", "TCT-T", now=declared)
        wait_for(lambda: len(serving.sent(declared)) >= 2, "the letters")
        code, said = second.stop(signal.SIGINT)
    assert code == 0
    assert f"Prefect: http://127.0.0.1:{serving.prefect_port}" in said
    assert f"port {serving.mail_port} is taken" in said
    assert serving.prefect.is_healthy()  # the first one's, left alone
    ids = [mail["Message-ID"] for mail in serving.mails()]
    assert len(ids) == len(set(ids)) == len(serving.sent(datetime(2004, 1, 1, tzinfo=UTC)))


def test_told_to_stop_it_leaves_nothing_running(serving: Serving) -> None:
    """Last: it ends what the tests above ask."""
    code, said = serving.stop()
    assert code == 0, said
    assert "Traceback" not in said
    assert "setting it up" in said
    assert re.search(r"set-up code, to be entered there: [A-Z2-9]{4}(-[A-Z2-9]{4}){6}\n", said)
    assert all(is_free(port) for port in (serving.port, serving.prefect_port, serving.mail_port))
    assert not (serving.data / "prefect" / "server.json").exists()
    with reading(serving.engine) as session:
        assert session.exec(select(func.count()).select_from(Run).where(Run.finished_at != None)).one() > 0  # noqa: E711


def test_without_prefect_the_work_is_done_all_the_same_and_a_stopped_clock_is_told(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    engine = open_engine(f"sqlite:///{data / 'dondoc.sqlite'}", Keys(data / "secrets.key"))
    set_up(engine, now=datetime.now(UTC))
    stopped = datetime.now(UTC) - timedelta(hours=2)
    with transaction(engine) as session:
        tick = lock_job(session, JobName.TICK)
        tick.last_finished_at = tick.last_done_at = tick.next_run_at = stopped
        session.add(tick)
    engine.dispose()
    with Serving.start(data, "--no-prefect") as one:
        wait_for(lambda: one.site("/ready").status_code == 200, "a tick without Prefect")
        assert not (one.data / "prefect").exists()
        code, said = one.stop(signal.SIGINT)
        with reading(one.engine) as session:
            (alert,) = session.exec(select(Alert)).all()
    assert code == 0, said
    assert (alert.kind, alert.facts["from"]) == (AlertKind.CLOCK_STOPPED, stopped.isoformat())
    assert alert.ended_at is not None
    assert "alert=clock_stopped" in said


def test_a_killed_serve_takes_its_prefect_along(tmp_path: Path) -> None:
    """No orphan may hold the port: the next serve would find it taken."""
    home = tmp_path / "prefect"
    script = (
        "import sys, time; from pathlib import Path; from workflows.jobs.prefect.prefect_server import PrefectServer;"
        "server = PrefectServer(Path(sys.argv[1]), int(sys.argv[2])); server.start();"
        "print(server._child.pid, flush=True); time.sleep(600)"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", script, str(home), str(free_port())], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    threads = Path(f"/proc/{child}/task")
    wait_for(lambda: len(list(threads.iterdir())) > 1, "the child to watch its parent")
    parent.kill()
    parent.communicate()

    def gone() -> bool:
        try:
            os.kill(child, 0)
        except ProcessLookupError:
            return True
        status = Path(f"/proc/{child}/stat")  # an orphan that ended may wait for init to notice
        return status.exists() and status.read_text().rpartition(") ")[2].startswith("Z")

    wait_for(gone, "the orphaned Prefect server to end")
