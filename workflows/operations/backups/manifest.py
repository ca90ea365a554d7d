"""What a back-up says of itself: when it was made, of what, and by what its parts are known again."""

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
"""The other members: one dump, the settings and the public keys of seals where they are, evidence by its hash."""


class Manifest(BaseModel):
    """The first member of the archive, as JSON. Moments in UTC."""

    model_config = ConfigDict(extra="ignore")

    format: int
    program: str
    made_at: AwareDatetime
    database: Literal["sqlite", "postgresql"]
    schema_revision: str
    rows: dict[str, int]
    """Of every table, counted in the very state that was dumped."""
    seals: int
    head: str | None
    """The newest seal's digest: the back-up's place in the chain of the history."""
    secrets_key: str | None = None
    """The id of the key that its secrets are sealed with, which is not in it."""
    sha256: dict[str, str]
    """Of the dump, the settings file and the public keys; evidence is named by its own."""

    @property
    def total(self) -> int:
        return sum(self.rows.values())


def count_rows(connection: Connection) -> dict[str, int]:
    names = sorted(inspect(connection).get_table_names())
    return {name: connection.scalar(select(func.count()).select_from(any_table(name))) or 0 for name in names}


def describe(connection: Connection, *, program: str, made_at: datetime) -> Manifest:
    """As this connection sees the database; the hashes come later."""
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
