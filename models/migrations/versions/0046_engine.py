"""Version 0.4: what 0.3 left to finish, and secrets in columns that seal by themselves."""

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any, NamedTuple

import sqlalchemy as sa
from alembic import op
from cryptography.exceptions import InvalidTag
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from models.database.columns import JsonColumn, UtcDateTime
from models.database.ids import new_id
from models.database.sealed import Locked, keys_in, name_key, seal
from models.database.secret_keys import Key

revision = "0046"
down_revision = "0045"
branch_labels = None
depends_on = None


def upgrade() -> None:
    upgrade_unfinished()
    upgrade_secrets()
    upgrade_clock()
    upgrade_chunks()
    upgrade_due_facts()
    upgrade_receivers()


# What `dondoc upgrade --finish` of 0.3 took away, where it was not run: on PostgreSQL alone


def upgrade_unfinished() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP TRIGGER IF EXISTS errand_fence_of_old ON errand")
        op.execute("DROP FUNCTION IF EXISTS errand_fence_of_old()")
    if sa.inspect(op.get_bind()).has_table("ranking_approval"):
        _note_rankings(op.get_bind())
        op.drop_table("ranking_approval")
    op.execute("DELETE FROM installation WHERE name = 'checkpoint_key'")
    op.execute("DROP TABLE IF EXISTS alembic_version")  # without it programs of 0.3 refuse this database


_RANKINGS = sa.text("""
    SELECT unit.code AS office, directive.code AS directive, person.code AS approved_by, ranking.period,
      ranking.cutoff, ranking.note, ranking.approved_at, ranking.withdrawn_at
    FROM ranking_approval AS ranking
    JOIN unit ON unit.id = ranking.issuer_office_id
    JOIN person ON person.id = ranking.approved_by
    LEFT JOIN directive ON directive.id = ranking.directive_id
    ORDER BY ranking.id
""").columns(cutoff=sa.Date(), approved_at=UtcDateTime(), withdrawn_at=UtcDateTime())
_AUDIT = sa.table(
    "audit",
    sa.column("id", sa.Uuid()),
    sa.column("recorded_at", UtcDateTime()),
    sa.column("action", sa.String()),
    sa.column("object", sa.String()),
    sa.column("facts", JsonColumn),
    sa.column("address", sa.String()),
)


def _note_rankings(connection: sa.Connection) -> None:
    """Write one line into the audit for each ranking that a leader approved."""
    for row in connection.execute(_RANKINGS).all():
        facts = {
            "period": row.period,
            "cutoff": row.cutoff.isoformat(),
            "directive": row.directive,
            "approved_by": row.approved_by,
            "approved_at": row.approved_at.isoformat(),
            "withdrawn_at": row.withdrawn_at.isoformat() if row.withdrawn_at else None,
            "note": row.note,
        }
        line = {"id": new_id(), "recorded_at": sa.func.now(), "action": "ranking_kept", "object": row.office}
        told = {name: value for name, value in facts.items() if value}
        connection.execute(sa.insert(_AUDIT).values(**line, address="", facts=told))


# Secrets: 0.3 sealed each to its row too, and 0.2 in a form of its own


class _Secret(NamedTuple):
    table: str
    column: str
    ids: tuple[str, ...]
    kind: sa.types.TypeEngine[Any] = sa.Text()


_SECRETS = (
    _Secret("account", "totp_secret", ("person_id",)),
    _Secret("webhook", "secret", ("id",)),
    _Secret("kept_answer", "body", ("person_id", "key"), sa.LargeBinary()),
    _Secret("gateway", "headers", ("id",)),
    _Secret("gateway", "secret", ("id",)),
    _Secret("push_subscription", "keys", ("id",)),
)
_TOKEN, _FORM_OF_0_2 = b"gAAAAA", re.compile(rb"s1\.([0-9a-f]{16})\.([A-Za-z0-9_-]+)")


def upgrade_secrets() -> None:
    bind = op.get_bind()
    op.execute(
        "ALTER TABLE installation ADD COLUMN secret VARCHAR"
        " CONSTRAINT ck_installation_one_of_two CHECK (secret IS NULL OR value = '')"
    )
    with op.batch_alter_table("kept_answer") as kept_answer:
        kept_answer.alter_column("body", existing_type=sa.LargeBinary(), nullable=True)
    op.execute("UPDATE kept_answer SET body = NULL WHERE status = 0")
    keys = keys_in(bind)
    known = keys.read() if keys is not None else []
    place = keys.place if keys is not None else "–"
    named = sa.table("installation", sa.column("name"), sa.column("value"), sa.column("secret"))
    sealed = 0
    for one in _SECRETS:
        ids = [sa.column(name, sa.Uuid() if name.endswith("id") else sa.Text()) for name in one.ids]
        table = sa.table(one.table, *ids, sa.column(one.column, one.kind))
        column = table.c[one.column]
        for *key, stored in bind.execute(sa.select(*ids, column).where(column.is_not(None))).all():
            row = ".".join(getattr(part, "hex", part) for part in key)
            clear = _opened(_bytes(stored), (one.table, one.column, row), known, place)
            token = seal(clear, f"{one.table}.{one.column}", keys)
            here = [of == part for of, part in zip(ids, key, strict=True)]
            value = token if isinstance(stored, bytes) else token.decode()
            bind.execute(sa.update(table).where(*here).values({one.column: value}))
            sealed += 1
    for name, stored in bind.execute(
        sa.select(named.c.name, named.c.value).where(named.c.name.in_(("link_key", "web_push_key")))
    ).all():
        clear = _opened(stored.encode(), ("installation", "value", name), known, place)
        token = seal(clear, "installation.secret", keys)
        bind.execute(sa.update(named).where(named.c.name == name).values(value="", secret=token.decode()))
        sealed += 1
    if sealed:
        name_key(bind, known[0].id)


def _opened(stored: bytes, place: tuple[str, str, str], keys: list[Key], where: str) -> bytes:
    """Return a secret as 0.3 or 0.2 sealed it; a clear value as it is. Locked where no key opens it there."""
    try:
        if found := _FORM_OF_0_2.fullmatch(stored):
            data = urlsafe_b64decode(found[2] + b"=" * (-len(found[2]) % 4))
            [raw] = [key.raw for key in keys if key.id == found[1].decode()]
            return AESGCM(raw).decrypt(data[:12], data[12:], "\0".join(("dondoc.sealed.1", *place)).encode())
        if not stored.startswith(_TOKEN):
            return stored
        opened = MultiFernet([Fernet(urlsafe_b64encode(key.raw)) for key in keys]).decrypt(stored)
        prefix = "".join(f"{part}\0" for part in place).encode()
        if opened.startswith(prefix):
            return opened.removeprefix(prefix)
    except (InvalidToken, InvalidTag, ValueError):
        pass
    raise Locked(
        "{table}.{column} of {row} cannot be opened with the keys in {where}: bring this installation's secrets.key "
        "there (chmod 600), or its line into DONDOC_SECRETS_KEY; if it is lost for good, run `dondoc secrets give-up` "
        "of version 0.3 first",
        table=place[0],
        column=place[1],
        row=place[2],
        where=where,
    )


def _bytes(given: str | bytes) -> bytes:
    return given if isinstance(given, bytes) else given.encode()


# Jumps of the clock are no longer written down: a confirmation is a line of the audit


def upgrade_clock() -> None:
    op.drop_table("clock_jump")


# A launch is one transaction: no table of chunks


def upgrade_chunks() -> None:
    """What was made of a launch that was cut off stays; its background job is taken up again, and makes the rest."""
    op.drop_table("errand_chunk")


# Why a date is what it is stands as facts, beside the words of people and of before


def upgrade_due_facts() -> None:
    """Rows that are there keep their sentence. One statement on both: SQLite adds a check with its column only."""
    on_postgresql = op.get_bind().dialect.name == "postgresql"
    column = "IF NOT EXISTS due_facts JSONB" if on_postgresql else "due_facts JSON"
    op.execute(
        f"ALTER TABLE task ADD COLUMN {column} DEFAULT '[]' NOT NULL"
        " CONSTRAINT ck_task_one_reason CHECK (due_reason = '' OR due_facts = '[]')"
    )


# The unit that a template's results go to, as a column: 0.3 had an index over the expression


def upgrade_receivers() -> None:
    kept = "STORED" if op.get_bind().dialect.name == "postgresql" else "VIRTUAL"
    column = f"reports_to VARCHAR GENERATED ALWAYS AS (spec ->> 'reports_to') {kept}"
    op.drop_index("ix_template_version_reports_to", "template_version")
    op.execute(f"ALTER TABLE template_version ADD COLUMN {column}")
    op.create_index("ix_template_version_reports_to", "template_version", ["reports_to"])
