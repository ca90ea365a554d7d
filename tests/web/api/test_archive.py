"""The whole file of a directive from its page and through the API: who gets it, and that it proves itself."""

import io
import zipfile
from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import select

from models.database.session import reading
from models.organization.audit import Audit
from tests.web.api.programs import Make
from tests.web.site import Office
from workflows.history.archive.archive_verifier import check
from workflows.history.seal import seal

DATABASES = ("sqlite", "postgresql")
TEXT, ARCHIVE = "/directives/ct-06-2004/text", "/directives/ct-06-2004/archive"
COORDINATOR, ADMINISTRATOR, OBSERVER = "le.thi.c", "dang.thu.thuy", "nguyen.minh.quan"


def whole(content: bytes, folder: Path) -> bool:
    (folder / "a.zip").write_bytes(content)
    looked = check(folder / "a.zip")
    return not looked.faults and looked.counts["rows"] > 0


@pytest.mark.parametrize("who", [COORDINATOR, ADMINISTRATOR])
def test_who_sees_everything_of_a_directive_takes_its_file_out(office: Office, who: str, tmp_path: Path) -> None:
    seal(office.engine, now=office.now + timedelta(minutes=1))
    reader = office.sign_in(who)
    assert f'action="{ARCHIVE}"' in reader.get(TEXT).text
    answer = reader.send(TEXT, ARCHIVE)
    assert answer.status_code == 200
    assert answer.headers["content-disposition"] == 'attachment; filename="ct-06-2004.zip"'
    assert whole(answer.content, tmp_path)
    with reading(office.engine) as session:
        told = session.exec(select(Audit).where(Audit.action == "directive_exported")).one()
    assert told.object == "ct-06-2004" and told.actor_id is not None
    assert len(told.facts["manifest"]) == 64


def test_others_are_refused_and_see_no_button(office: Office) -> None:
    reader = office.sign_in(OBSERVER)
    assert ARCHIVE not in reader.get(TEXT).text
    assert reader.send(TEXT, ARCHIVE).status_code == 403
    head = office.sign_in(office.head(office.task("2")).code)
    assert head.send("/work", ARCHIVE).status_code == 404


def test_a_program_gets_it_too(office: Office, program: Make, tmp_path: Path) -> None:
    seal(office.engine, now=office.now + timedelta(minutes=1))
    answer = program(COORDINATOR).ask("POST", ARCHIVE)
    assert answer.status_code == 200
    assert zipfile.is_zipfile(io.BytesIO(answer.content)) and whole(answer.content, tmp_path)
