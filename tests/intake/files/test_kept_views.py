"""What a file looks like is drawn once, kept by its content, and never more of it than the disk is to hold."""

import os
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from models.errors import BadInput
from models.tasks.evidence_files import store_bytes
from workflows.bounded_process import kept_views
from workflows.bounded_process.kept_views import KEPT_UNSEEN, clear_views, view

NOW = datetime(2026, 11, 2, 8, tzinfo=UTC)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "views"


def look(folder: Path, content: bytes = b"a", made: str = "drawn", what: str = "pages") -> str:
    shown = view(folder, sha256(content).hexdigest(), what, uuid4(), lambda: {"picture": made})
    return str(shown["picture"])


def test_a_file_is_drawn_once_whoever_looks(folder: Path) -> None:
    assert [look(folder), look(folder, made="again"), look(folder, b"b", "other")] == ["drawn", "drawn", "other"]
    assert look(folder, what="line-0") == "drawn" and look(folder, made="again", what="line-0") == "drawn"


def test_what_cannot_be_drawn_is_not_kept(folder: Path) -> None:
    def fail() -> dict[str, Any]:
        raise BadInput("damaged")

    with pytest.raises(BadInput):
        view(folder, "0" * 64, "pages", uuid4(), fail)
    assert not folder.exists()


def test_a_kept_view_that_is_cut_off_is_drawn_anew(folder: Path) -> None:
    look(folder)
    (one,) = folder.iterdir()
    one.write_bytes(b'{"picture": "dr')
    assert look(folder, made="anew") == "anew"


def test_a_full_disk_shows_the_file_all_the_same(folder: Path) -> None:
    folder.write_bytes(b"a file where the folder should be")
    assert look(folder) == "drawn"


def test_those_not_looked_at_for_longest_make_room(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept_views, "MOST_KEPT", 300)
    contents = (b"a", b"b", b"c")
    for at, content in enumerate(contents):
        look(folder, content, made="x" * 80)
        os.utime(folder / f"{sha256(content).hexdigest()}.pages", (at, at))
    look(folder, b"a")
    look(folder, b"d", made="x" * 80)
    kept = {one.name.partition(".")[0] for one in folder.iterdir()}
    assert kept == {sha256(one).hexdigest() for one in (b"a", b"c", b"d")}


def test_the_clean_up_leaves_what_is_looked_at_of_files_that_are_there(folder: Path, tmp_path: Path) -> None:
    evidence = tmp_path / "evidence"
    for content in (b"seen", b"unseen"):
        store_bytes(evidence, content)
    for content in (b"seen", b"unseen", b"deleted"):
        look(folder, content)
        at = (NOW - (KEPT_UNSEEN + timedelta(days=1) if content == b"unseen" else timedelta())).timestamp()
        os.utime(folder / f"{sha256(content).hexdigest()}.pages", (at, at))
    (folder / ".died.part").write_bytes(b"half")
    assert clear_views(folder, evidence, now=NOW) == 3
    assert [one.name for one in folder.iterdir()] == [f"{sha256(b'seen').hexdigest()}.pages"]
    assert clear_views(tmp_path / "none", evidence, now=NOW) == 0
