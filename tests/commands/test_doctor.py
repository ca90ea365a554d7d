"""`dondoc doctor`: a healthy installation, and every way it can be ill: the words, the advice, the exit code."""

import http.server
import json
import os
import shutil
import socket
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, delete, text, update
from sqlmodel import col, select

from models.database.run import LINK_KEY, Installation
from models.database.secret_keys import Keys
from models.database.session import open_engine, transaction
from models.letters.letter import Letter, LetterKind, LetterState, MailWindow
from models.operations.alert import Alert, AlertKind
from models.operations.system_job import Job, JobName, JobState
from models.organization.access import Webhook
from models.organization.calendar import CalendarDay, CalendarRevision, DayKind
from models.organization.person import Person, PersonRole, Role
from models.organization.register_reads import resolve_person
from models.rooms import room
from models.tasks.task import Task
from models.text.localtime import at_local, end_of_day
from tests.commands.terminal import Answer, Cli
from tests.notifications.smtp_servers import DRIP, HANG, ScriptedServer, self_signed, strict_server
from tests.postgres import PostgresServer
from workflows.history.seal import seal
from workflows.intake import check as scans_check
from workflows.operations import doctor
from workflows.operations.doctor import place
from workflows.operations.doctor.finding import Check, Finding, Space, disk_space
from workflows.operations.setup import set_up
from workflows.tasks.edit_calendar import edit_calendar

NOW = at_local(date(2026, 12, 15)) + timedelta(hours=2)  # a Tuesday, 10:00
GIB = 1024**3
NAMES = (
    "settings rooms folder disk database schema rooms_in_use machine_clock clock jobs prefect https connections "
    "mail_server mailboxes mail_rules outbox edxml history signatures triggers alerts calendar calendar_next_year "
    "people secrets erased links letter_texts dates scans"
).split()

# The test server cannot see TLS that was there from the first byte, and says so.
pytestmark = [pytest.mark.long, pytest.mark.filterwarnings("ignore:Requiring AUTH")]


@dataclass
class Patient:
    """An installation to be examined, as of `now`."""

    cli: Cli
    data: Path
    engine: Engine
    now: datetime = NOW
    space: Space = field(default=Space(100 * GIB, 50 * GIB, 50 * GIB))

    def examine(self, *args: str) -> Answer:
        return self.cli("doctor", *args)

    def findings(self, *, code: int) -> dict[str, dict[str, Any]]:
        """Every finding by its check's name; whatever is not ok says what to do."""
        answer = self.examine("--json")
        assert answer.code == code, answer.out + answer.err
        assert answer.err == ""
        found = {one["name"]: one for one in answer.json["checks"]}
        for one in found.values():
            assert bool(one["advice"]) is (one["state"] != "ok" and "not checked" not in one["words"]), one
        worst = "broken" if code else "warning" if any(one["state"] != "ok" for one in found.values()) else "ok"
        assert answer.json["state"] == worst
        return found

    def ill(self, name: str, state: str = "broken") -> tuple[str, str]:
        """The words and the advice of the one finding that is not ok."""
        found = self.findings(code=1 if state == "broken" else 0)
        assert {one["name"]: one["state"] for one in found.values() if one["state"] != "ok"} == {name: state}
        return found[name]["words"], found[name]["advice"]

    def change(self, *statements: Any) -> None:
        with transaction(self.engine) as session:
            for statement in statements:
                session.execute(statement)

    def add(self, *rows: Any) -> None:
        with transaction(self.engine) as session:
            session.add_all(rows)

    def recipient(self) -> Any:
        with transaction(self.engine) as session:
            return session.exec(select(Person.id).limit(1)).one()


@pytest.fixture
def patient(cli: Cli, data: Path, database: Engine, monkeypatch: pytest.MonkeyPatch) -> Patient:
    """In good health."""
    data.chmod(0o700)
    patient = Patient(cli, data, database)
    monkeypatch.setattr("commands.doctor.now", lambda: patient.now)
    monkeypatch.setattr(scans_check, "find_tesseract", lambda: "/usr/bin/tesseract")  # whatever this machine has
    monkeypatch.setattr(scans_check, "has_language", lambda _program: True)
    monkeypatch.setattr("commands.doctor.disk_space", lambda _folder: patient.space)
    monkeypatch.setenv("DONDOC_CHECKPOINT_TO", "le.thi.d,luong.thi.ngan")
    make_healthy(database, NOW)
    return patient


def make_healthy(engine: Engine, now: datetime) -> None:
    seal(engine, now=now)
    with transaction(engine) as session:
        session.add(Job(name=JobName.TICK, last_done_at=now - timedelta(seconds=30), last_state=JobState.DONE))
        revision = CalendarRevision(recorded_at=now, reason="Thông báo về nghỉ Tết")
        session.add(revision)
        session.flush()
        for year in (now.year, now.year + 1):
            session.add(CalendarDay(day=date(year, 2, 16), revision_id=revision.id, kind=DayKind.OFF, name="Tết"))


def closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as bound:
        return int(bound.getsockname()[1])


def mail(monkeypatch: pytest.MonkeyPatch, **settings: object) -> None:
    """Mail of an office; at its address nobody is asked: what is met there is for tests/workflows/test_https.py."""
    monkeypatch.setenv("DONDOC_BASE_URL", "https://dondoc.mpt.example")
    monkeypatch.setattr(doctor, "_CHECKS", tuple(one for one in doctor._CHECKS if one.name != "https"))
    for name, value in {"mode": "smtp", **settings}.items():
        monkeypatch.setenv(f"DONDOC_MAIL_{name.upper()}", str(value))


# In good health


def test_a_healthy_installation_has_a_line_for_every_check_and_nothing_to_do(patient: Patient) -> None:
    answer = patient.examine()
    assert answer.code == 0
    assert [line[:2] for line in answer.out.splitlines() if line[0] != " "] == ["ok"] * len(NAMES)
    assert "→" not in answer.out and "31 checks: 0 broken, 0 warnings" in answer.err
    found = patient.findings(code=0)
    assert list(found) == NAMES
    assert "undamaged" in found["database"]["words"] and "WAL" in found["database"]["words"]
    assert found["mail_server"]["words"].startswith("local mode: letters stay on this machine")
    assert found["clock"]["words"] == "runs: the last good tick was on 15/12/2026 09:59"


def test_looking_changes_nothing(patient: Patient) -> None:
    patient.engine.dispose()
    before = {path: path.read_bytes() for path in patient.data.rglob("*") if path.is_file()}
    patient.findings(code=0)
    after = {path: path.read_bytes() for path in patient.data.rglob("*") if path.is_file() and "-" not in path.name}
    assert after == {path: content for path, content in before.items() if "-" not in path.name}


def test_postgresql_is_told_by_its_version_and_its_clock_compared(
    cli: Cli, folder: Path, postgres_server: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder.mkdir(mode=0o700)
    name = postgres_server.create_database()
    engine = open_engine(postgres_server.url(name), Keys(folder / "secrets.key"))
    now = datetime.now(UTC)
    set_up(engine, now=now, example=True)
    make_healthy(engine, now)
    monkeypatch.setenv("DONDOC_DATABASE_URL", postgres_server.url(name))
    monkeypatch.setattr("commands.doctor.disk_space", lambda _folder: Space(GIB * 9, 0, GIB * 9))
    patient = Patient(cli, folder, engine)
    try:
        found = patient.findings(code=0)
        assert found["database"]["words"].startswith("PostgreSQL 1") and found["schema"]["state"] == "ok"
        monkeypatch.setattr("commands.doctor.now", lambda: now + timedelta(seconds=200))
        apart = patient.findings(code=1)["machine_clock"]
        assert apart["state"] == "broken" and "seconds apart from the database server" in apart["words"]
    finally:
        engine.dispose()
        postgres_server.drop_database(name)


# The database


def test_no_database_is_for_init_and_none_is_made(cli: Cli, folder: Path) -> None:
    found = Patient(cli, folder, open_engine("sqlite://")).findings(code=1)
    assert "there is no database" in found["database"]["words"] and "dondoc init" in found["database"]["advice"]
    assert "is not there" in found["folder"]["words"]
    assert "not checked" in found["outbox"]["words"] and found["prefect"]["state"] == "ok"
    assert not folder.exists()


def test_a_postgresql_that_cannot_be_reached(patient: Patient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DONDOC_DATABASE_URL", f"postgresql://dd:hush@127.0.0.1:{closed_port()}/dondoc")
    found = patient.findings(code=1)
    assert "cannot be used" in found["database"]["words"] and "efused" in found["database"]["words"]
    assert "DONDOC_DATABASE_URL" in found["database"]["advice"]
    assert "hush" not in json.dumps(found)


def test_a_url_that_is_none(patient: Patient, monkeypatch: pytest.MonkeyPatch) -> None:
    for url in ("nonsense:hush", "mysql://dd:hush@db/dondoc", "postgresql+psycopg2://dd:hush@db/dondoc"):
        monkeypatch.setenv("DONDOC_DATABASE_URL", url)
        found = patient.findings(code=1)
        assert "not a database URL" in found["database"]["words"] and "hush" not in json.dumps(found)
        refused = patient.cli("init")
        assert refused.code == 2 and "not a database URL" in refused.err and "hush" not in refused.err


@pytest.mark.parametrize(
    ("revision", "words", "advice"),
    [
        ("'0045'", "older than this program", "dondoc upgrade"),
        ("'0044'", "before 0.3", "dondoc 0.3 first"),
        ("'2099'", "newer than this program knows", "do not touch it"),
        ("NULL", "no version", "restore again"),
    ],
)
def test_a_schema_of_another_version(patient: Patient, revision: str, words: str, advice: str) -> None:
    done = f"UPDATE {{}} SET version_num = {revision}" if revision != "NULL" else "DELETE FROM {}"
    patient.change(text(done.format("schema_version")))
    schema = patient.findings(code=1)["schema"]
    assert words in schema["words"] and advice in schema["advice"]


def test_a_file_that_is_no_database(patient: Patient) -> None:
    patient.engine.dispose()
    (patient.data / "dondoc.sqlite").write_bytes(b"hello" * 1000)
    found = patient.findings(code=1)["database"]
    assert "no SQLite database" in found["words"] and "backup" in found["advice"]


def test_unreadable_database_advises_disk_and_rights_before_restore(patient: Patient) -> None:
    patient.engine.dispose()
    with closing(sqlite3.connect(patient.data / "dondoc.sqlite", isolation_level=None)) as another:
        another.execute("PRAGMA locking_mode=EXCLUSIVE")
        another.execute("BEGIN EXCLUSIVE")
        found = patient.findings(code=1)["database"]
    assert found["state"] == "broken" and found["advice"].startswith("see that the disk has room")


def test_a_damaged_database(patient: Patient) -> None:
    patient.engine.dispose()
    path = patient.data / "dondoc.sqlite"
    content = bytearray(path.read_bytes())
    for page in range(40, 90):
        content[page * 4096 : page * 4096 + 200] = b"\xff" * 200
    path.write_bytes(content)
    found = patient.findings(code=1)["database"]
    assert found["state"] == "broken" and "backup" in found["advice"]


def test_a_database_that_is_not_in_wal_mode(patient: Patient) -> None:
    patient.engine.dispose()
    with sqlite3.connect(patient.data / "dondoc.sqlite") as connection:
        connection.execute("PRAGMA journal_mode=DELETE")
    connection.close()
    words, advice = patient.ill("database", "warning")
    assert "not in WAL mode" in words and "local disk" in advice


# The place


def test_a_broken_settings_file_is_told_by_name(patient: Patient) -> None:
    (patient.data / "dondoc.toml").write_text("language = ")
    answer = patient.examine("--json")
    (finding,) = answer.json["checks"]
    assert answer.code == 1 and finding["state"] == "broken" and "dondoc.toml" in finding["words"]
    assert str(patient.data / "dondoc.toml") in finding["advice"]


def test_a_wrong_setting_is_told_by_name(patient: Patient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DONDOC_TICK_SECONDS", "often")
    answer = patient.examine()
    assert answer.code == 1 and "tick_seconds" in answer.out and "whole number" in answer.out


def test_a_misspelt_setting_is_a_warning(patient: Patient) -> None:
    (patient.data / "dondoc.toml").write_text("langauge = 'en'\n[mail]\nport = 26\n")
    words, _advice = patient.ill("settings", "warning")
    assert "langauge" in words


def test_an_unknown_language_is_wrong_usage(patient: Patient) -> None:
    assert patient.examine("--language", "fr").code == 2


def test_secrets_that_others_may_read(patient: Patient) -> None:
    patient.data.chmod(0o755)
    (patient.data / "dondoc.sqlite").chmod(0o644)
    words, advice = patient.ill("folder", "warning")
    assert "dondoc.sqlite" in words and advice.endswith(f": chmod -R go= {patient.data}")


def test_a_folder_we_may_not_write_to(patient: Patient, monkeypatch: pytest.MonkeyPatch) -> None:
    may = os.access
    monkeypatch.setattr("os.access", lambda path, mode: path != patient.data and may(path, mode))
    words, advice = patient.ill("folder")
    assert "may not write" in words and "chown" in advice


@pytest.mark.parametrize(
    ("free", "total", "state", "said"),
    [
        (150 / 1024, 100, "broken", "150.0 MiB free of 100.0 GiB"),
        (0.9, 5, "warning", "921.6 MiB free of 5.0 GiB"),
        (5, 100, "warning", "5.0 GiB free of 100.0 GiB"),
        (1.1, 5, "ok", ""),
    ],
)
def test_a_disk_that_fills_up(patient: Patient, free: float, total: float, state: str, said: str) -> None:
    patient.space = Space(int(total * GIB), int((total - free) * GIB), int(free * GIB))
    if state == "ok":
        assert patient.findings(code=0)["disk"]["state"] == "ok"
        return
    words, advice = patient.ill("disk", state)
    assert said in words and "make room" in advice


def test_the_disk_of_a_folder_that_is_not_there_yet(tmp_path: Path) -> None:
    assert disk_space(tmp_path / "a" / "b").total == shutil.disk_usage(tmp_path).total


# Mail


def test_a_mail_server_that_is_down(patient: Patient, monkeypatch: pytest.MonkeyPatch) -> None:
    port = closed_port()
    mail(monkeypatch, port=port)
    words, advice = patient.ill("mail_server")
    assert words == f"127.0.0.1:{port} cannot be used: Connection refused"
    assert "letters wait and are not lost" in advice


def test_a_mail_server_that_hangs(patient: Patient, monkeypatch: pytest.MonkeyPatch) -> None:
    with ScriptedServer(CONNECT=HANG) as server:
        mail(monkeypatch, port=server.port, timeout_seconds=0.3)
        words, _advice = patient.ill("mail_server")
    assert "timed out" in words


def test_a_mail_server_that_turns_the_connection_away(patient: Patient, monkeypatch: pytest.MonkeyPatch) -> None:
    with ScriptedServer(CONNECT="554 certificate of this client: unknown") as server:
        mail(monkeypatch, port=server.port)
        words, advice = patient.ill("mail_server")
    address = f"127.0.0.1:{server.port}"
    assert words == f"{address} cannot be used: 554 certificate of this client: unknown" and "firewall" in advice


@pytest.mark.parametrize("step", ["CONNECT", "EHLO", "NOOP"])
def test_a_mail_server_that_drips_is_told_in_seconds(
    patient: Patient, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    with ScriptedServer(**{step: DRIP}) as server:
        mail(monkeypatch, port=server.port, timeout_seconds=0.3)
        words, _advice = patient.ill("mail_server")
    assert "timed out" in words


def test_too_little_patience_with_a_letter_is_warned_of(patient: Patient, monkeypatch: pytest.MonkeyPatch) -> None:
    with ScriptedServer() as server:
        mail(monkeypatch, port=server.port, dot_seconds=20)
        words, advice = patient.ill("mail_rules", "warning")
    assert words == "the answer to a letter is waited for 20 seconds only"
    assert "leave twice: set mail.dot_seconds to 600" in advice


def test_a_bad_certificate(patient: Patient, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    context, _trusted = self_signed(tmp_path)
    with strict_server(context, "dondoc", "right") as (port, _received):
        mail(monkeypatch, port=port, security="starttls", user="dondoc", password="right")
        words, advice = patient.ill("mail_server")
    assert words == f"127.0.0.1:{port}: its certificate is not trusted: self-signed certificate"
    assert "SSL_CERT_FILE" in advice


def test_a_refused_log_in_and_then_the_right_one(
    patient: Patient, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    context, trusted = self_signed(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
    with strict_server(context, "dondoc", "right") as (port, received):
        mail(monkeypatch, port=port, security="starttls", user="dondoc", password="wr0ng")
        words, advice = patient.ill("mail_server")
        assert words.startswith(f"127.0.0.1:{port} refuses the log-in of dondoc: 535")
        assert "DONDOC_MAIL_PASSWORD" in advice and "wr0ng" not in words + advice
        mail(monkeypatch, port=port, password="right")
        told = patient.findings(code=0)["mail_server"]
        assert told["words"] == f"127.0.0.1:{port} takes letters, logged in as dondoc"
    assert received == []


def test_no_letter_is_begun(patient: Patient, monkeypatch: pytest.MonkeyPatch) -> None:
    with ScriptedServer() as server:
        mail(monkeypatch, port=server.port)
        assert "without a log-in" in patient.findings(code=0)["mail_server"]["words"]
        assert [one.split()[0] for one in server.commands] == ["EHLO", "NOOP", "QUIT"]


def test_a_password_that_is_missing(patient: Patient, monkeypatch: pytest.MonkeyPatch) -> None:
    mail(monkeypatch, user="dondoc")
    words, advice = patient.ill("mail_server")
    assert "mail.password is missing" in words and "DONDOC_MAIL_" in advice


def test_test_mode_is_a_warning(patient: Patient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DONDOC_MAIL_ONLY_TO", "@test.example,a@mpt.example")
    words, advice = patient.ill("mail_rules", "warning")
    assert "@test.example, a@mpt.example" in words and "mail.only_to" in advice


def test_a_quota_is_told_and_a_used_up_one_warned_of(patient: Patient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DONDOC_MAIL_LETTERS_PER_DAY", "500")
    monkeypatch.setenv("DONDOC_MAIL_LETTERS_PER_MINUTE", "30")
    day = MailWindow(span="day", starts_at=NOW - timedelta(hours=10), used=120)
    patient.add(day)
    told = patient.findings(code=0)["mail_rules"]["words"]
    assert told.endswith("quota: 0 of 30 this minute, 120 of 500 today")
    patient.change(update(MailWindow).values(used=500))
    words, advice = patient.ill("mail_rules", "warning")
    assert "used up" in words and "tomorrow" in advice


def letter(patient: Patient, state: LetterState, slot: datetime = NOW) -> None:
    patient.add(
        Letter(recipient_id=patient.recipient(), slot=slot, kind=LetterKind.EVENT, not_before=slot, state=state)
    )


def test_letters_given_up_and_uncertain(patient: Patient) -> None:
    letter(patient, LetterState.FAILED)
    letter(patient, LetterState.UNCERTAIN, NOW - timedelta(minutes=5))
    words, advice = patient.ill("outbox", "warning")
    assert words == "given up: 1, uncertain whether they arrived: 1" and "dondoc outbox resend" in advice


def test_a_letter_that_should_have_left(patient: Patient) -> None:
    letter(patient, LetterState.QUEUED, NOW - timedelta(minutes=30))
    assert patient.findings(code=0)["outbox"]["state"] == "ok"
    letter(patient, LetterState.QUEUED, NOW - timedelta(hours=2))
    words, _advice = patient.ill("outbox", "warning")
    assert words == "the oldest one waiting was for 15/12/2026 08:00"


def test_a_room_that_the_settings_want_and_nobody_installed(patient: Patient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(place, "missing", lambda: (room("exchange"), room("papers")))
    assert "is installed" in patient.findings(code=0)["rooms"]["words"], "nothing in the settings asks for them"
    monkeypatch.setenv("DONDOC_EDXML_ORGAN_ID", "000.00.03.H26")
    monkeypatch.setenv("DONDOC_EDXML_ORGAN_NAME", "Sở Mẫu A")
    words, _advice = patient.ill("rooms", "broken")
    assert words.endswith("dondoc[exchange]")


def test_what_was_switched_on_and_nobody_installed(patient: Patient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(place, "missing", lambda: (room("channels"), room("papers")))
    assert patient.findings(code=0)["rooms_in_use"]["words"] == "what was switched on here is installed"
    boss = patient.recipient()
    hook = Webhook(name="Trục", url="https://a.example", secret="x", created_at=NOW, created_by=boss, is_active=False)
    patient.add(hook)
    assert patient.findings(code=0)["rooms_in_use"]["state"] == "ok", "it is switched off"
    patient.change(update(Webhook).values(is_active=True))
    words, advice = patient.ill("rooms_in_use", "warning")
    assert words.endswith("stands still: text messages, browsers and webhooks")
    assert advice.endswith("dondoc[channels]")


def test_the_document_exchange(patient: Patient, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "come in by hand only" in patient.findings(code=0)["edxml"]["words"]
    monkeypatch.setenv("DONDOC_EDXML_ORGAN_ID", "000.00.03.H26")
    monkeypatch.setenv("DONDOC_EDXML_ORGAN_NAME", "Sở Mẫu A")
    monkeypatch.setenv("DONDOC_EDXML_RECEIVED_BY", "nobody.here")
    _words, advice = patient.ill("edxml", "broken")
    assert "must name a coordinator" in advice
    monkeypatch.setenv("DONDOC_EDXML_RECEIVED_BY", "le.thi.c")
    monkeypatch.setenv("DONDOC_EDXML_UNIT", "VU-VT")
    assert "Sở Mẫu A (000.00.03.H26) takes part" in patient.findings(code=0)["edxml"]["words"]
    failed = patient.data / "edxml" / "failed"
    failed.mkdir(parents=True)
    (failed / "a.edxml").write_bytes(b"x")
    words, advice = patient.ill("edxml", "warning")
    assert words.startswith("1 message could not be taken in") and ".txt" in advice


def test_open_alerts(patient: Patient) -> None:
    patient.add(Alert(kind=AlertKind.TASK_STUCK, subject="x", raised_at=NOW, last_seen_at=NOW, slot=NOW))
    words, _advice = patient.ill("alerts", "warning")
    assert words == "open: a task cannot be decided (1)"


# What runs by itself


def job(patient: Patient, **values: Any) -> None:
    with transaction(patient.engine) as session:
        session.merge(Job(**{"name": JobName.TICK, "last_done_at": NOW - timedelta(seconds=30), **values}))


def test_a_clock_that_has_stopped(patient: Patient) -> None:
    job(patient, last_done_at=NOW - timedelta(hours=2))
    words, advice = patient.ill("clock")
    assert words == "stopped: the last good tick was on 15/12/2026 08:00" and "dondoc serve" in advice


def test_a_clock_that_was_paused(patient: Patient) -> None:
    job(patient, is_paused=True)
    words, advice = patient.ill("clock")
    assert "paused" in words and advice.endswith("dondoc schedule resume tick")


def test_a_clock_that_never_ran(patient: Patient) -> None:
    patient.change(delete(Job))
    words, _advice = patient.ill("clock", "warning")
    assert "no tick has been run yet" in words


def test_a_job_that_fails_and_one_that_is_paused(patient: Patient) -> None:
    patient.add(Job(name=JobName.OPEN_PERIODS, is_paused=True))
    words, advice = patient.ill("jobs", "warning")
    assert words == "paused: open-periods" and advice.endswith("dondoc schedule resume open-periods")
    patient.add(Job(name=JobName.PURGE, last_state=JobState.FAILED, last_error="OSError: no space"))
    words, advice = patient.ill("jobs")
    assert words == "purge fails: OSError: no space" and advice.endswith("dondoc schedule run purge")


def test_a_clock_that_was_set_back(patient: Patient) -> None:
    job(patient, last_finished_at=NOW + timedelta(hours=1))
    words, advice = patient.ill("machine_clock")
    assert "15/12/2026 10:00" in words and "15/12/2026 11:00" in words and "NTP" in advice


def test_an_entry_of_the_history_that_is_later_than_now(patient: Patient) -> None:
    patient.cli.json("launch", "ct-06-2004", "--duty", "4", "--on", "2026-12-16", "--due", "2026-12-30")
    words, _advice = patient.ill("machine_clock")
    assert "was set back" in words


def test_a_history_that_is_not_sealed(patient: Patient) -> None:
    assert patient.findings(code=0)["history"]["words"] == "sealed; the newest seal is of 15/12/2026 10:00"
    patient.cli.json("launch", "ct-06-2004", "--duty", "4", "--on", "2026-12-15", "--due", "2026-12-30")
    words, advice = patient.ill("history", "warning")
    assert "not sealed since 15/12/2026 08:00" in words and advice.endswith("dondoc schedule run tick")


@pytest.mark.parametrize(
    ("keepers", "told"),
    [
        ("", "nobody gets the history's newest seal by mail"),
        ("le.thi.d", "only le.thi.d gets the history's newest seal by mail"),
        ("le.thi.d,le.thi.d", "only le.thi.d gets"),
    ],
)
def test_seals_that_are_kept_by_fewer_than_two_people(
    patient: Patient, monkeypatch: pytest.MonkeyPatch, keepers: str, told: str
) -> None:
    monkeypatch.setenv("DONDOC_CHECKPOINT_TO", keepers)
    words, advice = patient.ill("history", "warning")
    assert told in words and "checkpoint_to" in advice and "two people" in advice
    monkeypatch.setenv("DONDOC_LANGUAGE", "vi")
    words, advice = patient.ill("history", "warning")
    assert "dấu niêm" in words and "hai người" in advice


def test_a_machine_that_lost_its_time(patient: Patient) -> None:
    patient.now = datetime(1970, 1, 1, 0, 5, tzinfo=UTC)
    found = patient.findings(code=1)["machine_clock"]
    assert "01/01/1970" in found["words"]


@contextmanager
def answering() -> Iterator[int]:
    """Something that answers as a Prefect server's health does."""

    class Health(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"true")

        def log_message(self, *_: Any) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Health) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield server.server_port
        server.shutdown()


def test_prefect_answers_or_does_not(patient: Patient) -> None:
    home = patient.data / "prefect"
    home.mkdir()
    with answering() as port:
        (home / "server.json").write_text(json.dumps({"port": port, "pid": 1}))
        assert patient.findings(code=0)["prefect"]["words"] == f"answers at http://127.0.0.1:{port}"
    words, advice = patient.ill("prefect", "warning")
    assert "does not answer" in words and str(home / "server.log") in advice


def test_a_prefect_that_cannot_start_is_broken_and_its_last_words_are_told(patient: Patient) -> None:
    home = patient.data / "prefect"
    home.mkdir()
    (home / "server.log").write_text("Traceback\n  …\nOperationalError: unable to open database file\n\n")
    (home / "server.json").write_text(json.dumps({"port": closed_port(), "pid": 1, "exit_code": 3}))
    words, advice = patient.ill("prefect")
    assert words == "cannot run, it ended with 3: OperationalError: unable to open database file"
    assert str(home / "server.log") in advice


def test_silent_site_address_is_a_warning(patient: Patient, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "for this machine alone" in patient.findings(code=0)["https"]["words"]
    monkeypatch.setenv("DONDOC_BASE_URL", f"https://localhost:{closed_port()}")
    words, advice = patient.ill("https", "warning")
    assert "cannot be reached from this machine" in words and "in a browser elsewhere" in advice


# The office


@pytest.mark.parametrize(("today", "state"), [((10, 31), "ok"), ((11, 1), "warning"), ((12, 1), "broken")])
def test_next_years_calendar_is_wanted_from_november_and_needed_from_december(
    patient: Patient, today: tuple[int, int], state: str
) -> None:
    patient.now = at_local(date(2026, *today)) + timedelta(hours=1)
    patient.change(delete(CalendarDay).where(col(CalendarDay.day) > date(2026, 12, 31)))
    job(patient, last_done_at=patient.now)
    if state == "ok":
        assert patient.findings(code=0)["calendar_next_year"]["words"] == "2027: not needed before 1 November"
        return
    words, advice = patient.ill("calendar_next_year", state)
    assert words.startswith("2027: nobody has entered the yearly decision")
    assert "under Administration → Working calendar" in advice


def test_this_years_calendar_is_needed_unless_the_library_knows_its_make_up_days(patient: Patient) -> None:
    patient.change(delete(CalendarDay))
    found = patient.findings(code=1)
    assert (found["calendar"]["state"], found["calendar_next_year"]["state"]) == ("ok", "broken")
    patient.now = at_local(date(2028, 3, 1))
    job(patient, last_done_at=patient.now)
    words, advice = patient.ill("calendar")
    assert words.startswith("2028") and "where it moves no day" in advice


def test_a_day_off_entered_in_the_calendar_is_the_yearly_decision(patient: Patient) -> None:
    patient.change(delete(CalendarDay))
    with transaction(patient.engine) as session:
        actor, days = resolve_person(session, "dang.thu.thuy").id, {date(2027, 2, 5): DayKind.OFF}
        edit_calendar(session, actor, days, "Quyết định", NOW - timedelta(hours=1))
    assert patient.findings(code=0)["calendar_next_year"]["state"] == "ok"


def test_dates_beyond_the_calendar_are_named_with_working_advice(patient: Patient) -> None:
    patient.cli.json("launch", "ct-06-2004", "--duty", "4", "--on", "2026-12-15T09:00", "--due", "2026-12-31")
    seal(patient.engine, now=NOW)
    assert patient.findings(code=0)["dates"]["words"] == "every open task's deadline lies within the working calendar"
    patient.change(update(Task).values(due_at=end_of_day(date(2999, 12, 10))))
    seal(patient.engine, now=NOW)
    words, advice = patient.ill("dates")
    task = patient.cli.task("4")["id"]
    assert words.startswith("open tasks due after 31/12/2098, whose pages do not open: 1 (")
    name = words.split("(")[1].split(")")[0]
    assert task.replace("-", "").endswith(name)
    assert f"dondoc task act {name} set-date --as PERSON --due DATE --note REASON" in advice
    given = ["--due", "2027-01-29", "--note", "gõ nhầm năm", "--now", "2026-12-15T09:30"]
    patient.cli.json("task", "act", name, "set-date", "--as", "le.thi.c", *given)
    seal(patient.engine, now=NOW)
    assert patient.findings(code=0)["dates"]["state"] == "ok"


def test_nobody_to_tell(patient: Patient) -> None:
    patient.change(delete(PersonRole).where(col(PersonRole.role) == Role.ADMINISTRATOR))
    words, _advice = patient.ill("people", "warning")
    assert "nobody is informed" in words


def test_links_that_lead_nowhere(patient: Patient, monkeypatch: pytest.MonkeyPatch) -> None:
    with ScriptedServer() as server:
        mail(monkeypatch, port=server.port)
        for url in ("http://127.0.0.1:8000", "http://localhost", "http://[::1]:8000", "http://0.0.0.0:8000"):
            monkeypatch.setenv("DONDOC_BASE_URL", url)
            words, advice = patient.ill("links", "warning")
            assert url in words and "DONDOC_BASE_URL" in advice


def test_a_missing_link_key(patient: Patient) -> None:
    patient.change(delete(Installation).where(col(Installation.name) == LINK_KEY))
    words, _advice = patient.ill("links")
    assert "key of the letters' links is missing" in words


# Each check stands alone


def test_a_check_that_fails_is_told_and_the_others_go_on(patient: Patient, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any) -> Finding:
        raise RuntimeError("unforeseen\nsecond line")

    monkeypatch.setattr(doctor, "_CHECKS", (Check("disk", fail, doctor.title_of("disk"), False), *doctor._CHECKS))
    answer = patient.examine("--json")
    first, *others = answer.json["checks"]
    assert (
        answer.code == 1 and first["words"] == "the check itself failed: RuntimeError: unforeseen" and first["advice"]
    )
    assert {one["state"] for one in others} == {"ok"} and "Traceback" not in answer.out + answer.err


def test_a_check_that_hangs_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    over = threading.Event()

    def hang(*_: Any) -> Finding:
        over.wait(30)
        raise RuntimeError

    check = Check("disk", hang, doctor.title_of("disk"), False)
    finding = doctor._run_within(0.05, check, None)  # type: ignore[arg-type]
    over.set()
    assert (finding.name, finding.state) == ("disk", "broken") and "no answer within 0.05 seconds" in finding.words


def test_the_trace_is_there_for_those_who_ask(patient: Patient, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any) -> Finding:
        raise RuntimeError("unforeseen")

    monkeypatch.setattr(doctor, "_CHECKS", (Check("disk", fail, doctor.title_of("disk"), False),))
    monkeypatch.setenv("DONDOC_LOG_LEVEL", "debug")
    answer = patient.examine()
    assert answer.code == 1 and "check_failed check=disk" in answer.err and "RuntimeError: unforeseen" in answer.err


def test_without_the_reader_of_scans_it_says_what_to_install(patient: Patient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scans_check, "has_language", lambda _program: False)
    assert "has no Vietnamese (vie)" in patient.findings(code=0)["scans"]["words"]
    monkeypatch.setattr(scans_check, "find_tesseract", lambda: None)
    found = patient.findings(code=0)["scans"]
    assert "tesseract is not installed" in found["words"]
    assert "apt-get install --no-install-recommends tesseract-ocr tesseract-ocr-vie" in found["advice"]


def test_mailbox_that_cannot_be_read_is_named(patient: Patient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DONDOC_REPLIES_HOST", "127.0.0.1")
    monkeypatch.setenv("DONDOC_REPLIES_PORT", "1")
    monkeypatch.setenv("DONDOC_REPLIES_USER", "reply@mpt.example")
    monkeypatch.setenv("DONDOC_REPLIES_PASSWORD", "kín")
    monkeypatch.setenv("DONDOC_REPLIES_SECURITY", "none")
    found = patient.findings(code=1)["mailboxes"]
    assert "reply@mpt.example at 127.0.0.1" in found["words"] and "kín" not in str(found)
