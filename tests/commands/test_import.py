"""`dondoc import`: a document's reading printed, and nothing stored."""

from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlmodel import select

import workflows
from models.database.session import reading
from models.intake.intake import Intake
from tests.commands.terminal import Cli
from tests.edxml.messages import SAMPLES
from tests.intake.attached import DECISION, LETTERHEAD, PLAN
from workflows.intake.text.reading import BlockKind

pytestmark = pytest.mark.long

SEED = Path(workflows.__path__[0]) / "directives" / "ct-06-2004" / "directive.txt"


@pytest.fixture
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder in which nobody ran `dondoc init`."""
    monkeypatch.setenv("DONDOC_DATA", str(tmp_path / "data"))
    return tmp_path


def test_the_reading_has_the_shape_of_the_answers_and_needs_no_database(cli: Cli, bare: Path) -> None:
    read = cli.json("import", SEED)
    assert read["number"] is None and read["default_addressees"][0].startswith("các cơ quan đơn vị")
    second = read["duties"][1]
    assert second["path"] == "2" and second["coordinating"] == ["Công an địa phương"]
    place = second["found"]["coordinating"][0]
    start, end = place["span"]
    assert SEED.read_text(encoding="utf-8")[start:end] == "Công an địa phương"
    assert 0 < place["confidence"] <= 1 and place["reason"] == "partner"
    assert not (bare / "data").exists()


def test_the_reading_is_written_in_both_languages(cli: Cli, bare: Path) -> None:
    assert "nêu sau “phối hợp”" in cli("import", SEED, "-L", "vi").out
    english = cli("import", SEED, "-L", "en")
    assert "named after “phối hợp”" in english.out and "10 duties read; nothing was stored" in english.out


def test_what_was_left_unread_is_told_first(cli: Cli, bare: Path) -> None:
    file, text = bare / "plan.txt", f"{DECISION}\n{LETTERHEAD}KF IIOACH\n\n{PLAN}"
    file.write_text(text, encoding="utf-8")
    told = cli("import", file, "-L", "en").out
    assert told.startswith("left unread; look at these passages yourself:")
    line = text.count("\n", 0, text.index("I. MỤC ĐÍCH")) + 1
    assert f"line {line}" in told and "gave neither a duty nor a heading" in told
    assert [one["reason"] for one in cli.json("import", file)["unread"]] == ["nothing_read"]


def test_the_passages_of_each_kind_are_counted(cli: Cli, bare: Path) -> None:
    file = bare / "decision.txt"
    file.write_text(DECISION, encoding="utf-8")
    told, counted = cli("import", file, "-L", "en").out, cli.json("import", file)["blocks"]
    rows = [[cell.strip() for cell in line.split("│") if cell.strip()] for line in told.splitlines()]
    shown = {row[0]: row[1] for row in rows if len(row) == 2}
    assert {str(kind.label): str(counted[kind]) for kind in BlockKind if kind in counted}.items() <= shown.items()
    orders_nobody = sum(int(count) for name, count in shown.items() if name.startswith("– "))
    assert orders_nobody == counted[BlockKind.NO_ORDER]


def test_a_file_that_is_not_there_or_secret_is_told(cli: Cli, bare: Path) -> None:
    gone = cli("import", bare / "gone.txt", "-L", "en")
    assert gone.code == 2 and "no such file" in gone.err
    secret = bare / "secret.txt"
    secret.write_text("BỘ Y TẾ\nMẬT\nSố: 1/BYT-VP\n\nKính gửi: Sở Y tế các tỉnh", encoding="utf-8")
    refused = cli("import", secret, "-L", "en")
    assert refused.code == 1 and "stamped MẬT may not enter" in refused.err


@pytest.mark.usefixtures("data")
def test_a_reading_is_kept_for_its_review_by_somebody_who_gives_out_tasks(cli: Cli, database: Engine) -> None:
    kept = cli.json("import", SEED, "--save", "--as", "le.thi.c", "--unit", "VU-VT")
    assert kept["duties"] == 10 and kept["page"].startswith("/intake/")
    again = cli.json("import", SEED, "--save", "--as", "le.thi.c", "--unit", "VU-VT")
    assert again["intake"] == kept["intake"], "the same document once"
    with reading(database) as session:
        assert len(session.exec(select(Intake)).all()) == 1


@pytest.mark.usefixtures("data")
def test_who_keeps_it_must_be_said_and_must_be_allowed_to(cli: Cli) -> None:
    nobody = cli("import", SEED, "--save")
    assert nobody.code == 2 and "--as: say who keeps it" in nobody.err
    head = cli("import", SEED, "--save", "--as", "nguyen.thanh.tung", "--unit", "CTY-E")
    assert head.code == 1 and head.out == ""
    elsewhere = cli("import", SEED, "--save", "--as", "le.thi.c", "--unit", "VU-PC")
    assert elsewhere.code == 2 and "--unit VU-PC" in elsewhere.err


@pytest.mark.usefixtures("data")
def test_whom_a_name_means_is_told_with_its_rule(cli: Cli, tmp_path: Path) -> None:
    letter = tmp_path / "letter.txt"
    letter.write_text("CÔNG VĂN\n\nBộ yêu cầu:\n\n1. Các doanh nghiệp viễn thông rà soát hệ thống.\n", "utf-8")
    told = " ".join(cli("import", letter, "-L", "vi").out.replace("│", " ").split())
    assert "doanh nghiệp có nhãn viễn thông: 16 trong 25 doanh nghiệp" in told
    assert "9 đơn vị không thuộc quy tắc này" in told and "Công ty Bưu chính liên tỉnh và quốc tế T" in told


def test_without_a_register_it_is_said_that_names_were_not_looked_up(cli: Cli, bare: Path) -> None:
    told = cli("import", SEED, "-L", "en").out
    assert "There is no register, so the names were not looked up" in told and "dondoc init" in told


def test_a_message_is_printed_with_the_reading_of_its_document(cli: Cli, bare: Path) -> None:
    read = cli.json("import", SAMPLES / "chi-thi-moi.edxml")
    assert read["message"]["document_id"] == "000.00.00.H26,2026/03/02,05/CT-UBND"
    assert read["message"]["due_on_proposed"] == "2026-03-31" and len(read["reading"]["duties"]) == 2
    told = cli("import", SAMPLES / "trang-thai-02.edxml", "-L", "en").out
    assert "status message" in told and "Gửi nhầm đơn vị" in told
    hostile = bare / "hostile.edxml"
    hostile.write_bytes(
        (SAMPLES / "chi-thi-moi.edxml").read_bytes().replace(b"<edXML xmlns", b"<!DOCTYPE a><edXML xmlns")
    )
    refused = cli("import", hostile, "-L", "en")
    assert refused.code == 2 and "file hostile.edxml: it declares a document type" in refused.err


@pytest.mark.usefixtures("data")
def test_a_message_is_kept_once(cli: Cli, database: Engine) -> None:
    given = ("import", SAMPLES / "chi-thi-moi.edxml", "--save", "--as", "le.thi.c", "--unit", "VU-VT")
    kept = cli.json(*given)
    assert kept["kind"] == "new" and kept["duties"] == 2 and cli.json(*given) == kept
    status = ("import", SAMPLES / "trang-thai-02.edxml", *given[2:], "-L", "en")
    assert f"status 02 kept with its document at {kept['page']}" in " ".join(cli(*status).out.split())
    with reading(database) as session:
        assert len(session.exec(select(Intake)).all()) == 1
