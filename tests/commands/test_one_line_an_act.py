"""Each command of administration leaves exactly one line of the audit."""

import shlex
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlmodel import col, select

from models.database.session import open_engine, reading
from models.organization.audit import Audit
from tests.commands.terminal import Cli
from workflows.operations.setup import BUNDLED
from workflows.organization.audit_words import DEED_WORDS
from workflows.templates.packs import bundled

AWAY = "person absence le.thi.d bui.cong.hoan --from 2026-11-05 --to 2026-11-12"


def actions(database: Engine, after: int = 0) -> list[str]:
    with reading(database) as session:
        return list(session.exec(select(Audit.action).order_by(col(Audit.id))))[after:]


@pytest.mark.parametrize(
    ("command", "action"),
    [
        (AWAY, "absence_recorded"),
        ("person retire chu.bich.dao", "person_retired"),
        ("person handover VU-KHTC head ta.ba.toan", "office_handed_over"),
        ("person export le.thi.d OUT", "personal_data_exported"),
        ("account invite le.thi.d", "invited"),
        ("directive export ct-06-2004 OUT", "directive_exported"),
        ("schedule pause summaries", "job_paused"),
        ("schedule set purge '30 3 * * *'", "job_moved"),
        ("secrets renew-links --yes", "link_key_renewed"),
        ("secrets rotate --yes", "secrets_rotated"),
        ("secrets rotate-seals --yes", "seals_key_rotated"),
        ("backup OUT", "backup_made"),
    ],
    ids=lambda one: str(one),
)
def test_a_command_leaves_one_line(cli: Cli, database: Engine, tmp_path: Path, command: str, action: str) -> None:
    before = len(actions(database))
    given = [str(tmp_path / "out.zip") if word == "OUT" else word for word in shlex.split(command)]
    answer = cli(*given)
    assert answer.code == 0, answer.err
    assert actions(database, before) == [action]
    assert action in DEED_WORDS


def test_loading_the_example_leaves_a_line_for_each_of_its_acts(cli: Cli, folder: Path) -> None:
    cli.json("init", "--example")
    engine = open_engine(f"sqlite:///{folder / 'dondoc.sqlite'}")
    assert actions(engine) == ["register_imported", "directive_imported"] + 11 * ["template_published"]
    engine.dispose()


def test_importing_and_publishing_leave_one_line_each(cli: Cli, database: Engine, tmp_path: Path) -> None:
    folder = next(path for path in bundled() if path.name == BUNDLED)
    pack = tmp_path / "pack"
    pack.mkdir()
    for name in ("pack.yaml", "directive.txt"):
        pack.joinpath(name).write_bytes((folder / name).read_bytes())
    words = pack.joinpath("pack.yaml").read_text("utf-8")
    title = next(line for line in words.splitlines() if line.strip().startswith("title:"))
    pack.joinpath("pack.yaml").write_text(words.replace(title, f"{title} (sửa)", 1), encoding="utf-8")
    before = len(actions(database))
    assert cli.json("directive", "import", pack)["drafts"] == 1
    assert cli.json("template", "publish", BUNDLED, "--yes")["published"]
    assert actions(database, before) == ["directive_imported", "template_published"]
    assert cli.json("directive", "import", pack)["drafts"] == 0, "what changes nothing is no act"
    assert len(actions(database)) == before + 2
