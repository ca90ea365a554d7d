"""What a notice followed is kept with it: the version of the template at its moment, not the one that is there today.

Older programs write notices without it; finishing fills in theirs.
"""

import sqlalchemy as sa
from alembic import op

from models.migrations.filling import fill_versions
from models.migrations.online import add_column, add_reference, commit, on_postgresql, remake, replaced

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

COLUMN = "template_version_id"


def upgrade() -> None:
    add_column("notice", sa.Column(COLUMN, sa.Uuid(), nullable=True))
    add_reference("notice", COLUMN, "template_version")
    fill_versions(op.get_bind(), commit)


def downgrade() -> None:
    words = f", \n\tCONSTRAINT fk_notice_{COLUMN} FOREIGN KEY({COLUMN}) REFERENCES template_version (id)"
    if on_postgresql():
        op.drop_constraint(op.f(f"fk_notice_{COLUMN}"), "notice")
    else:
        remake("notice", lambda create: replaced(create, words, ""))
    op.drop_column("notice", COLUMN)
