"""`dondoc person export` and `erase`: what they say, whom they refuse, and what a restored back-up brings back."""

import json
import zipfile
from pathlib import Path

from tests.commands.terminal import Cli

WHO = "chu.bich.dao"


def test_export_writes_one_archive_and_the_audit_a_line(cli: Cli, data: Path, tmp_path: Path) -> None:
    file = tmp_path / "mine.zip"
    told = cli.json("person", "export", WHO, file, "--as", "dang.thu.thuy")
    assert told["rows"]["person"] == 1 and file.stat().st_size == told["size"]
    with zipfile.ZipFile(file) as packed:
        assert json.loads(packed.read("person.json"))[0]["code"] == WHO
    assert cli("person", "export", WHO, file).code == 2  # nothing is written over
    assert cli("person", "export", WHO, tmp_path / "other.zip", "--as", "le.thi.c").code == 1
    again = cli.json("person", "export", "dang.thu.thuy", tmp_path / "admin.zip")
    with zipfile.ZipFile(tmp_path / "admin.zip") as packed:
        assert {"personal_data_exported"} == {line["action"] for line in json.loads(packed.read("audit.json"))}
    assert again["rows"]["audit"] == 1


def test_erase_refuses_who_is_needed_and_keeps_nothing_of_a_dry_run(cli: Cli, data: Path) -> None:
    refused = cli("person", "erase", "luong.thi.ngan", "--yes")
    assert refused.code == 1
    assert "dondoc person retire luong.thi.ngan" in refused.err and "holds an office of VU-KHTC" in refused.err
    cli.json("person", "retire", WHO)
    told = cli.json("person", "erase", WHO, "--dry-run")
    assert told["erased"] is False and told["becomes"].startswith("da-xoa-")
    assert cli("person", "erase", WHO).code == 1  # nobody is there to be asked
    assert cli("person", "erase", WHO, "--yes", "--as", "le.thi.c").code == 1  # no administrator
    assert not (data / "erased.txt").exists()
    assert WHO in {one["code"] for one in cli.json("person", "list")}


def test_a_back_up_of_before_brings_the_person_back_and_that_is_said(cli: Cli, data: Path, tmp_path: Path) -> None:
    cli.json("person", "retire", WHO)
    cli.json("backup", tmp_path / "before.tar")
    done = cli("person", "erase", WHO, "--yes")
    assert done.code == 0 and "back-ups made until now still hold this person" in done.err
    listed = (data / "erased.txt").read_text()
    assert listed.split()[0] in done.err and WHO not in listed
    codes = {one["code"]: one for one in cli.json("person", "list")}
    assert WHO not in codes and sum(code.startswith("da-xoa-") for code in codes) == 1
    assert _erased(cli) == "ok"

    there = tmp_path / "there"
    there.mkdir()
    (there / "erased.txt").write_text(listed)
    restored = cli("--data", there, "restore", tmp_path / "before.tar")
    assert restored.code == 0 and f"erased, and here again: {WHO}" in restored.err
    assert _erased(cli, "--data", there) == "warning"
    cli.json("--data", there, "person", "erase", listed.split()[0], "--yes")
    assert _erased(cli, "--data", there) == "ok"


def test_a_restore_without_the_list_says_that_it_does_not_know(cli: Cli, data: Path, tmp_path: Path) -> None:
    cli.json("backup", tmp_path / "saved.tar")
    restored = cli("--data", tmp_path / "there", "restore", tmp_path / "saved.tar")
    assert "after that moment are here again" in restored.err


def _erased(cli: Cli, *where: object) -> str:
    checks = cli(*where, "doctor", "--json").json["checks"]
    return str(next(one["state"] for one in checks if one["name"] == "erased"))
