"""`dondoc roots`: install and remove root certificates, and check a file against them."""

from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlmodel import col, select

from models.database.session import reading
from models.organization.audit import Audit
from tests.commands.terminal import Cli
from tests.intake.signed.test_signatures import changed, plain
from tests.signing import authority, sign
from workflows.intake.signed.trusted_roots import write_fingerprint

BOSS = "dang.thu.thuy"


@pytest.fixture
def chain(tmp_path: Path) -> Path:
    path = tmp_path / "ca.pem"
    path.write_bytes(authority().root.pem + authority().minister.pem)
    return path


@pytest.mark.usefixtures("data")
def test_roots_are_installed_listed_and_removed(cli: Cli, chain: Path, database: Engine) -> None:
    shown = cli.json("roots", "add", str(chain), "--as", BOSS, "--dry-run")
    assert [one["subject"] for one in shown["roots"]] == ["CA gốc thử nghiệm"], "the person's is left out"
    assert cli.json("roots", "list")["roots"] == []
    assert cli.json("roots", "add", str(chain), "--as", BOSS, "--yes")["installed"] == 1
    assert cli.json("roots", "add", str(chain), "--as", BOSS, "--yes")["installed"] == 0
    (root,) = cli.json("roots", "list")["roots"]
    assert cli.json("roots", "remove", root["fingerprint"][:8], "--as", BOSS, "--yes")["removed"] == "CA gốc thử nghiệm"
    assert cli.json("roots", "list")["roots"] == []
    cli.json("roots", "add", str(chain), "--as", BOSS, "--yes")
    shown_as = write_fingerprint(root["fingerprint"])
    assert cli.json("roots", "remove", shown_as, "--as", BOSS, "--yes")["removed"] == "CA gốc thử nghiệm"
    with reading(database) as session:
        deeds = [one.action for one in session.exec(select(Audit).order_by(col(Audit.id)))]
    assert deeds[-2:] == ["root_installed", "root_removed"]


@pytest.mark.usefixtures("data")
def test_a_file_is_checked_against_the_roots(cli: Cli, chain: Path, tmp_path: Path) -> None:
    file = tmp_path / "a.pdf"
    file.write_bytes(sign(plain(), authority().minister))
    given = ("roots", "check", str(file), "--now", "2026-11-29")
    assert cli.json(*given)["signatures"][0]["outcome"] == "unknown_root"
    cli.json("roots", "add", str(chain), "--as", BOSS, "--yes")
    (one,) = cli.json(*given)["signatures"]
    assert (one["outcome"], one["signer"]) == ("valid", "Nguyễn Văn An, Bộ Bưu chính, Viễn thông")
    file.write_bytes(changed(file.read_bytes()))
    assert cli.json(*given)["signatures"][0]["outcome"] == "changed"
    file.write_bytes(plain())
    assert cli.json(*given) == {"signatures": [], "failed": False}
