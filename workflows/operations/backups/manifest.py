"""The manifest of a back-up: when and of what it was made, and the hashes of its parts."""

from datetime import datetime
from typing import Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict
from sqlalchemy import Connection, func, inspect, select
from sqlalchemy import table as any_table
from sqlmodel import col

from models.database.schema_state import revisions
from models.database.sealed import named_key
from models.tasks.history import HistorySeal

FORMAT = 1
NAME = "manifest.json"
"""The first member of the archive."""
DATABASE, SETTINGS, PUBLIC_KEYS, EVIDENCE = "database", "dondoc.toml", "seals.pub", "evidence"
"""The other members: the dump, the settings and the seals' public keys if they exist, and evidence files by hash."""


class Manifest(BaseModel):
    """The first member of the archive, as JSON. `rows` counts each table in the dumped state.

    `head` is the digest of the newest of the `seals`. `secrets_key` is the id of the key of the sealed secrets, which
    the back-up does not contain. `sha256` covers the dump, the settings file and the public keys.
    """

    model_config = ConfigDict(extra="ignore")

    format: int
    program: str
    made_at: AwareDatetime
    database: Literal["sqlite", "postgresql"]
    schema_revision: str
    rows: dict[str, int]
    seals: int
    head: str | None
    secrets_key: str | None = None
    sha256: dict[str, str]

    @property
    def total(self) -> int:
        return sum(self.rows.values())


def count_rows(connection: Connection) -> dict[str, int]:
    names = sorted(inspect(connection).get_table_names())
    return {name: connection.scalar(select(func.count()).select_from(any_table(name))) or 0 for name in names}


def describe(connection: Connection, *, program: str, made_at: datetime) -> Manifest:
    """Describe the database as this connection sees it. The caller adds the hashes."""
    seal = connection.execute(
        select(col(HistorySeal.number), col(HistorySeal.digest)).order_by(col(HistorySeal.number).desc()).limit(1)
    ).first()
    return Manifest(
        format=FORMAT,
        program=program,
        made_at=made_at,
        database=connection.dialect.name,  # type: ignore[arg-type]
        schema_revision=",".join(sorted(revisions(connection))),
        rows=count_rows(connection),
        seals=seal.number if seal else 0,
        head=seal.digest if seal else None,
        sha256={},
        secrets_key=named_key(connection),
    )
