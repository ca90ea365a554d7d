"""Templates by the unit that decides on their results. Old code may run meanwhile: an index changes no answer."""

import sqlalchemy as sa
from alembic import op

from models.migrations.online import add_index, on_postgresql

revision = "0045"
down_revision = "0044"
branch_labels = None
depends_on = None


def upgrade() -> None:
    named = "(spec ->> 'reports_to')" if on_postgresql() else "CAST(json_extract(spec, '$.reports_to') AS TEXT)"
    add_index("ix_template_version_reports_to", "template_version", [sa.text(named)])


def downgrade() -> None:
    op.drop_index("ix_template_version_reports_to", "template_version")
