"""New migrations are survived by the programs of before: they only add, or say why what they do is harmless."""

from pathlib import Path

import pytest

import models
from models.database.schema_state import script
from models.migrations.operations import Kind, read, source

FIRST_CHECKED = "0012"
NEW = [one for one in script().walk_revisions() if one.revision >= FIRST_CHECKED]


@pytest.mark.parametrize("migration", NEW, ids=lambda one: str(one.revision))
def test_a_migration_only_adds_or_gives_its_reason(migration: object) -> None:
    reasons: dict[str, str] = getattr(migration.module, "OLD_PROGRAMS_SURVIVE", {})  # type: ignore[attr-defined]
    assert all(len(reason) > 20 for reason in reasons.values()), "a reason is a sentence"
    unexplained = [
        f"{one.name} {one.what}"
        for one in read(source(migration))  # type: ignore[arg-type]
        if one.kind is not Kind.EXPAND and one.name not in reasons
    ]
    assert not unexplained, "use models/migrations/online.py, move it to finishing.py, or explain (CONTRIBUTING.md)"


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ('op.create_table("a")', Kind.EXPAND),
        ('add_column("a", column)', Kind.EXPAND),
        ('add_index("ix_a_b", "a", ["b"])', Kind.EXPAND),
        ('op.create_index("ix_a_b", "a", ["b"])', Kind.UNKNOWN),
        ('op.add_column("a", column)', Kind.UNKNOWN),
        ('op.execute("UPDATE a SET b = 1")', Kind.UNKNOWN),
        ('op.drop_column("a", "b")', Kind.CONTRACT),
        ('op.alter_column("a", "b", nullable=False)', Kind.CONTRACT),
        ('op.something_new("a")', Kind.CONTRACT),
    ],
)
def test_operations_are_told_apart(line: str, kind: Kind) -> None:
    (found,) = read(f"def upgrade():\n    {line}\n\ndef downgrade():\n    op.drop_table('a')\n")
    assert found.kind is kind


def test_every_table_is_known_once_the_models_are_imported() -> None:
    files = [path for path in Path(models.__file__).parent.rglob("*.py") if "table=True" in path.read_text("utf-8")]
    assert len(files) > 20
    assert {path.stem for path in files} - set(vars(models)) == set()
