"""Everything kept of one person, for them: whole, readable, and without what would open something."""

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, select
from sqlmodel import SQLModel, col

from models.database.session import reading
from models.organization.access import AccessToken
from models.organization.account import Account, WebSession
from tests.office import at
from tests.personal.aftermath import NOW, Aftermath
from tests.personal.life import CODE, MAIL, NAME, PHONE, PLACE, WORDS
from workflows.operations.personal.export_person import TABLE_WORDS, export_person
from workflows.operations.personal.personal_rows import person_columns

FULL = {
    "person",
    "handover",
    "absence",
    "account",
    "web_session",
    "access_token",
    "calendar_feed",
    "saved_view",
    "letter_preference",
    "letter_link",
    "mailed_secret",
    "kept_answer",
    "throttle",
    "audit",
    "history",
    "history_note",
    "result",
    "evidence",
    "conversation_message",
    "conversation_mention",
    "conversation_file",
    "conversation_read",
    "signed_press",
    "contribution",
    "extension",
    "lead_change",
    "obstacle",
    "telephone_note",
    "errand",
    "notice",
    "letter",
    "letter_attempt",
    "bounce",
    "reply",
    "reply_draft",
    "incident",
    "inspection",
    "inspection_finding",
    "task",
}
"""Of which tables this life has rows."""


def table(taken: Path, name: str) -> list[dict[str, Any]]:
    with zipfile.ZipFile(taken) as packed:
        rows: list[dict[str, Any]] = json.loads(packed.read(f"{name}.json"))
    return rows


def test_every_table_that_points_at_people_is_in_it_and_explained() -> None:
    pointing = {one.name for one in SQLModel.metadata.sorted_tables if person_columns(one)}
    assert pointing <= set(TABLE_WORDS)


def test_it_holds_what_they_did_what_they_said_and_what_was_sent_to_them(erased: Aftermath) -> None:
    taken = erased.taken
    assert {name for name, count in taken.rows.items() if count} == FULL
    (me,) = table(taken.path, "person")
    assert (me["code"], me["full_name"], me["email"], me["phone"]) == (CODE, NAME, MAIL, PHONE)
    lines = table(taken.path, "history")
    assert {"accepted", "progress", "extension_asked", "submitted"} <= {line["event"] for line in lines}
    assert all(line["actor_id"] == str(erased.person.id) for line in lines)
    assert WORDS in {note["text"] for note in table(taken.path, "history_note")}
    assert {line["address"] for line in table(taken.path, "web_session")} == {PLACE}
    with zipfile.ZipFile(taken.path) as packed:
        letters = [name for name in packed.namelist() if name.startswith("letters/")]
        assert len(letters) == taken.letters > 3
        assert MAIL.encode() in packed.read(letters[0])


def test_a_readable_text_in_both_languages_says_what_it_is_and_what_is_left_out(erased: Aftermath) -> None:
    with zipfile.ZipFile(erased.taken.path) as packed:
        vietnamese, english = (packed.read(f"README.{one}.txt").decode() for one in ("vi", "en"))
    assert NAME in vietnamese and NAME in english
    assert "Left out: passwords" in english and "Left out" not in vietnamese
    assert all(f"{name}.json" in vietnamese for name in erased.taken.rows)


def test_no_secret_and_no_words_of_others_are_in_it(erased: Aftermath, tmp_path: Path) -> None:
    with zipfile.ZipFile(erased.taken.path) as packed:
        whole = "".join(packed.read(name).decode() for name in packed.namelist() if name.endswith(".json"))
    assert "argon2" not in whole and "đủ thời gian" not in whole and "đã gửi số liệu" not in whole
    names = {name for rows in map(json.loads, _arrays(erased.taken.path)) for row in rows for name in row}
    assert not names & {"password_hash", "totp_secret", "key_hash", "token_hash", "salt", "request_hash", "body"}


def _arrays(path: Path) -> list[bytes]:
    with zipfile.ZipFile(path) as packed:
        return [packed.read(f"{name}.json") for name in TABLE_WORDS if f"{name}.json" in packed.namelist()]


def test_it_asks_once_a_table_however_much_there_is(erased: Aftermath, tmp_path: Path) -> None:
    asked: list[str] = []

    def keep(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        asked.append(statement)

    event.listen(erased.office.engine, "before_cursor_execute", keep)
    done = export_person(erased.office.engine, erased.person, tmp_path / "again.zip", now=NOW)
    event.remove(erased.office.engine, "before_cursor_execute", keep)
    assert len(asked) <= len(done.rows) + 3


def test_after_the_erasure_there_is_no_account_to_tell_of(erased: Aftermath) -> None:
    with reading(erased.office.engine) as session:
        for model in (Account, WebSession, AccessToken):
            whose: Any = model.person_id
            assert session.scalars(select(col(whose)).where(col(whose) == erased.person.id)).all() == []


def test_it_is_written_whole_or_not_at_all(erased: Aftermath, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_given: object) -> object:
        raise OSError("no space left")

    monkeypatch.setattr("workflows.operations.personal.export_person.contents_for", fail)
    with pytest.raises(OSError, match="no space"):
        export_person(erased.office.engine, erased.person, tmp_path / "broken.zip", now=at(22))
    assert list(tmp_path.iterdir()) == []


def test_where_there_is_no_room_for_its_end_nothing_of_it_stays(
    erased: Aftermath, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    close = zipfile.ZipFile.close

    def no_room(archive: zipfile.ZipFile) -> None:
        was_open = archive.fp is not None
        close(archive)
        if was_open:
            raise OSError("no space left")

    monkeypatch.setattr("workflows.history.archive.zip_writer.ZipFile.close", no_room)
    with pytest.raises(OSError, match="no space"):
        export_person(erased.office.engine, erased.person, tmp_path / "broken.zip", now=at(22))
    assert list(tmp_path.iterdir()) == []
