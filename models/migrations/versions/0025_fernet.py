"""Secrets are sealed by a common library's own form (Fernet), which programs of before do not read (ADR 0034).

The tables stay as they are: finishing the upgrade seals everything anew.
"""

from alembic import op

from models.database.sealed_rows import standing, write_mark
from models.database.sealing import MARK, keys_in, need, read_mark, value_place
from models.migrations.old_seals import seal_old

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    connection = op.get_bind()
    mark, keys = read_mark(connection), keys_in(connection)
    if mark is None:
        return
    key = need(mark.key_id, keys)
    for one in standing(connection):
        one.write(connection, seal_old(one.opened(keys), one.place, key))
    write_mark(connection, seal_old(b"dondoc", value_place(MARK), key).decode())
