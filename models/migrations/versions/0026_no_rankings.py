"""No program from here on knows rankings of units: their table goes once the upgrade is finished."""

from importlib import import_module

from models.migrations.online import has_table

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Change nothing: programs of before still read the table. `finishing.py` writes it into the audit and drops it."""


def downgrade() -> None:
    if not has_table("ranking_approval"):
        import_module("models.migrations.versions.0009_ranking").upgrade()
