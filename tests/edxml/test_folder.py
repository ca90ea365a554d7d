"""The watched folder: what lies in it still comes in once, whatever is killed when; the reason lies beside the rest."""

import os
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import select

from models.database.session import reading
from models.exchange.edxml import CameBy, IncomingMessage
from models.intake.intake import Intake
from models.operations.alert import Alert
from models.settings import EdxmlSettings
from tests.edxml.messages import OWN, changed, sample
from tests.edxml.taking import COORDINATOR, NOW, UNIT
from tests.edxml.watched_folder import lies, look, put
from tests.office import Office
from workflows.exchange import watch_folder
from workflows.exchange.watch_folder import take_folder


def count(office: Office, table: Any = IncomingMessage) -> int:
    with reading(office.engine) as session:
        return len(session.exec(select(table)).all())


def test_a_message_that_becomes_a_link_to_the_database_is_not_read(watched: Office) -> None:
    path = put(watched, "a.edxml", sample())
    look(watched)

    def swap() -> bool:
        path.unlink()
        path.symlink_to(watched.engine.url.database or watched.settings.data)
        return True

    taken = take_folder(watched.engine, watched.settings, now=NOW, calendar=watched.calendar, should_continue=swap)
    assert taken == 0 and lies(watched, "in") == ["a.edxml"]
    with reading(watched.engine) as session:
        assert "a.edxml" in session.exec(select(Alert)).one().facts["reason"]


def modes(top: Path) -> dict[str, str]:
    return {str(path.relative_to(top.parent)): f"{path.stat().st_mode & 0o7777:o}" for path in [top, *top.rglob("*")]}


def test_the_gateways_group_may_use_new_folders_and_files(office: Office) -> None:
    office.settings.edxml = EdxmlSettings(organ_id=OWN, organ_name="Sở Mẫu A", received_by=COORDINATOR, unit=UNIT)
    before = os.umask(0o077)
    try:
        look(office)
        put(office, "a.xml", b"no message")
        look(office)
        look(office)
    finally:
        os.umask(before)
    found = modes(office.settings.edxml_folder)
    assert {found[name] for name in ("edxml", "edxml/in", "edxml/done", "edxml/failed")} == {"770"}
    assert found["edxml/failed/a.xml.txt"] == "660"


def test_folders_that_are_there_keep_their_mode_until_one_is_chosen(watched: Office) -> None:
    top = watched.settings.edxml_folder
    (top / "in").chmod(0o755)
    look(watched)
    assert modes(top)["edxml/in"] == "755"
    watched.settings.edxml = watched.settings.edxml and watched.settings.edxml.model_copy(update={"mode": "2750"})
    look(watched)
    assert {found for name, found in modes(top).items() if name != "edxml/out"} == {"2750"}


def test_a_file_is_taken_at_the_second_look_that_finds_it_alike(watched: Office) -> None:
    path = put(watched, "a.edxml", sample()[:3000])
    assert look(watched) == 0
    path.write_bytes(sample())  # it was still being written
    assert look(watched) == 0 and count(watched) == 0
    assert look(watched) == 1
    assert (lies(watched, "in"), lies(watched, "done"), lies(watched, "failed")) == ([], ["a.edxml"], [])
    with reading(watched.engine) as session:
        message = session.exec(select(IncomingMessage)).one()
    assert message.came_by is CameBy.FOLDER
    assert look(watched) == 0


def test_other_files_and_links_are_left_alone(watched: Office) -> None:
    put(watched, "a.edxml.tmp", sample())
    put(watched, "note.txt", b"x")
    (watched.settings.edxml_folder / "in" / "link.edxml").symlink_to("/etc/passwd")
    assert look(watched) + look(watched) == 0 and len(lies(watched, "in")) == 3


def test_what_cannot_be_taken_lies_aside_with_its_reason(watched: Office) -> None:
    put(watched, "dtd.edxml", changed("<edXML xmlns", "<!DOCTYPE a><edXML xmlns"))
    put(watched, "status.edxml", sample("trang-thai-03.edxml"))
    put(watched, "good.edxml", sample())
    os.utime(watched.settings.edxml_folder / "in" / "good.edxml", (2e9, 2e9))  # the newest is taken last
    assert look(watched) == 0 and look(watched) == 3
    assert lies(watched, "failed") == ["dtd.edxml", "dtd.edxml.txt", "status.edxml", "status.edxml.txt"]
    assert lies(watched, "done") == ["good.edxml"]
    reason = (watched.settings.edxml_folder / "failed" / "dtd.edxml.txt").read_text(encoding="utf-8")
    assert "tệp dtd.edxml: có khai báo kiểu tài liệu" in reason


def test_the_same_file_again_is_done_again_and_changes_nothing(watched: Office) -> None:
    for _time in range(2):
        put(watched, "a.edxml", sample())
        look(watched)
        assert look(watched) == 1
    assert lies(watched, "done") == ["a.2.edxml", "a.edxml"] and count(watched) == count(watched, Intake) == 1


class Killed(BaseException):
    """The process dies here."""


@pytest.mark.parametrize("where", ["_put_away", "open_message", "take_or_queue"])
def test_killed_anywhere_it_is_taken_once(watched: Office, monkeypatch: pytest.MonkeyPatch, where: str) -> None:
    put(watched, "a.edxml", sample())
    look(watched)

    def die(*_given: object, **_more: object) -> None:
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(watch_folder, where, die)
        with pytest.raises(Killed):
            look(watched)
    assert lies(watched, "in") == ["a.edxml"]
    assert look(watched) == 1 and lies(watched, "done") == ["a.edxml"]
    assert count(watched) == count(watched, Intake) == 1


def test_a_failing_file_killed_before_it_is_moved_is_moved_next_time(
    watched: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(watched, "x.edxml", b"x")
    look(watched)

    def die(_self: Path, _target: Path) -> Path:
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(Path, "rename", die)
        with pytest.raises(Killed):
            look(watched)
    assert look(watched) == 1 and lies(watched, "failed") == ["x.edxml", "x.edxml.txt"]


def test_a_folder_that_cannot_be_read_is_told_until_it_can(watched: Office) -> None:
    folder = watched.settings.edxml_folder / "in"
    folder.rmdir()
    folder.write_bytes(b"")  # a file where the folder should be
    assert look(watched) == 0
    with reading(watched.engine) as session:
        (alert,) = session.exec(select(Alert)).all()
    assert alert.subject == "edxml_folder" and str(folder) in alert.facts["reason"]
    folder.unlink()
    assert look(watched) == 0, "nothing lies in it yet"
    with reading(watched.engine) as session:
        assert session.exec(select(Alert.ended_at)).one() is not None


def test_nothing_is_watched_without_settings(office: Office) -> None:
    assert look(office) == 0 and not office.settings.edxml_folder.exists()
    office.settings.edxml = EdxmlSettings(organ_id=OWN, organ_name="Sở Mẫu A")
    assert look(office) == 0 and not office.settings.edxml_folder.exists()


def test_a_name_that_may_not_take_in_is_told_beside_each_file(watched: Office) -> None:
    watched.settings.edxml = EdxmlSettings(organ_id=OWN, organ_name="Sở", received_by="vu.huu.phuoc")
    put(watched, "a.edxml", sample())
    look(watched)
    assert look(watched) == 1 and lies(watched, "failed") == ["a.edxml", "a.edxml.txt"]
