"""The register and the directives from the command line."""

from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import Engine

import workflows
from models.database.session import transaction
from models.organization.calendar import DayKind
from models.organization.register_reads import resolve_person
from models.text.localtime import at_local
from tests.commands.terminal import Cli
from workflows.organization.working_calendar import EditedDay
from workflows.tasks.edit_calendar import edit_calendar

REGISTER = Path(workflows.__file__).parent / "directives/ct-06-2004/register"


def test_the_register_is_imported_with_the_people_it_names_and_twice_changes_nothing(cli: Cli, folder: Path) -> None:
    cli.json("init")
    files = ("unit", "import", REGISTER / "units.csv", "--people", REGISTER / "people.csv")
    assert cli.json(*files, "--dry-run")["units"]["created"] == 55
    assert cli.json("unit", "list") == []
    assert cli.json(*files)["units"]["created"] == len(cli.json("unit", "list")) == 55
    again = cli.json(*files)
    assert again["units"]["unchanged"] == 55 and again["people"]["created"] == again["people"]["updated"] == 0


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize(
    ("content", "named"),
    [
        ("code,name,kind,parent\nA,Đơn vị A,department,B\nB,Đơn vị B,department,A\n".encode(), "units.csv"),
        ("code,name,kind\nA,Đơn vị,department\n".encode("utf-16"), "units.csv"),
        (b"code,name,kind\nA,Unit,castle\n", "castle"),
        (b"name\nUnit\n", "code"),
    ],
    ids=["a circle of parents", "another encoding", "an unknown kind", "a missing column"],
)
def test_a_bad_file_is_refused_whole(
    cli: Cli, data: Path, tmp_path: Path, language: str, content: bytes, named: str
) -> None:
    before = cli.json("unit", "list")
    (tmp_path / "units.csv").write_bytes(content)
    answer = cli("unit", "import", tmp_path / "units.csv", "-L", language)
    assert answer.code == 2
    assert named in answer.err
    assert cli.json("unit", "list") == before


def test_a_file_that_is_not_there_is_wrong_input(cli: Cli, data: Path) -> None:
    assert cli("person", "import", "nowhere.csv").code == 2


def test_handover_absence_and_retirement(cli: Cli, data: Path) -> None:
    assert cli("person", "retire", "luong.thi.ngan").code == 1  # still the head
    days = ("--from", "2026-11-05", "--to", "2026-11-12")
    assert cli.json("person", "absence", "luong.thi.ngan", "ta.ba.toan", *days)["starts_on"] == "2026-11-05"
    assert cli("person", "absence", "luong.thi.ngan", "ta.ba.toan", "--from", "2026-11-05", "--to", "5/11").code == 2
    assert cli("person", "handover", "VU-KHTC", "king", "ta.ba.toan").code == 2
    assert cli.json("person", "handover", "VU-KHTC", "head", "ta.ba.toan")["unit"] == "VU-KHTC"
    assert cli("person", "handover", "VU-KHTC", "head", "ta.ba.toan").code == 1
    assert cli.json("person", "retire", "luong.thi.ngan")["changed"] is True
    assert cli.json("person", "retire", "luong.thi.ngan")["changed"] is False


def test_a_dry_run_of_an_import_tells_and_keeps_nothing(cli: Cli, folder: Path) -> None:
    cli.json("init")
    cli.json("unit", "import", REGISTER / "units.csv", "--people", REGISTER / "people.csv")
    assert cli.json("directive", "import", "ct-06-2004", "--dry-run")["drafts"] == 11
    assert cli.json("directive", "list") == []


def test_the_bundled_directive_is_imported_by_its_code_and_twice_changes_nothing(cli: Cli, data: Path) -> None:
    again = cli.json("directive", "import", "ct-06-2004")
    assert (again["created"], again["drafts"], again["amended"]) == (False, 0, [])
    assert cli.json("directive", "list")[0]["duties"] == 11
    shown = cli.json("directive", "show", "06/2004/CT-BBCVT")
    assert shown["coordinating_unit"] == "VU-VT" and all(duty["quote"] for duty in shown["duties"])
    assert cli("directive", "import", "ct-99").code == 2
    assert cli("directive", "import", "no/such/pack.yaml").code == 2


@pytest.fixture
def changed_pack(tmp_path: Path) -> Path:
    source = REGISTER.parent
    (tmp_path / "directive.txt").write_bytes((source / "directive.txt").read_bytes())
    text = (source / "pack.yaml").read_text(encoding="utf-8")
    (tmp_path / "pack.yaml").write_text(
        text.replace("description: Tờ trình và dự thảo cơ chế", "description: Tờ trình kèm dự thảo cơ chế"),
        encoding="utf-8",
    )
    return tmp_path / "pack.yaml"


def test_publishing_shows_its_effect_and_waits_for_a_yes(cli: Cli, launched: Path, changed_pack: Path) -> None:
    assert cli.json("directive", "import", changed_pack)["drafts"] == 1
    shown = cli("template", "publish", "ct-06-2004", "--json")
    assert shown.code == 1 and shown.json["published"] is False
    effect = shown.json["effects"][0]
    assert effect["duty"] == "4" and effect["replaces"] == 1
    assert [change["field"] for change in effect["changes"]] == ["result.description"]
    assert len(effect["open_tasks"]) == 1
    assert cli.json("template", "publish", "ct-06-2004", "--dry-run")["published"] is False
    done = cli.json("template", "publish", "ct-06-2004", "--yes", "--migrate-open")
    assert done["published"] and done["effects"][0]["migrated"] == 1
    assert cli.json("template", "publish", "ct-06-2004", "--yes")["effects"] == []
    assert cli.json("template", "show", "ct-06-2004", "4")["version"] == 2
    assert cli.json("template", "show", "ct-06-2004", "4", "--version", 1)["state"] == "retired"
    assert cli("template", "show", "ct-06-2004", "4", "--version", 3).code == 2


def test_a_pack_is_validated_without_a_database(cli: Cli, folder: Path, changed_pack: Path) -> None:
    assert cli.json("template", "validate", changed_pack)["templates"] == 11
    assert cli.json("template", "schema")["$schema"].endswith("schema")
    assert not folder.exists()


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize("wrong", ["kind: one_of", "kind: [", "deadline: {rule: fixed, on: 2004-02-30}"])
def test_a_faulty_pack_names_its_file(cli: Cli, changed_pack: Path, language: str, wrong: str) -> None:
    old = "deadline: {rule: none}" if wrong.startswith("deadline") else "kind: one_off"
    changed_pack.write_text(changed_pack.read_text(encoding="utf-8").replace(old, wrong), encoding="utf-8")
    answer = cli("template", "validate", changed_pack, "--language", language)
    assert answer.code == 2
    assert "pack.yaml" in answer.err


def test_the_calendar_shows_an_edited_day(cli: Cli, data: Path, database: Engine) -> None:
    with transaction(database) as session:
        actor, day = resolve_person(session, "dang.thu.thuy").id, {date(2004, 6, 29): EditedDay(DayKind.OFF, "nghỉ bù")}
        edit_calendar(session, actor, day, "QĐ 1", at_local(date(2004, 6, 1)))
    days = {day["day"]: day for day in cli.json("calendar", "show", "--year", 2004)["days"]}
    assert days["2004-06-29"]["name"] == "nghỉ bù" and days["2004-06-29"]["edited"]
