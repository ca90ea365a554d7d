"""Keys of system runs: a repeat of a finished one is a no-op, with or without Prefect."""

from datetime import datetime
from typing import Any

from sqlmodel import Field, SQLModel

from models.columns import JsonColumn, UtcDateTime


class Run(SQLModel, table=True):
    """`tick:<instant>`, `summary:<week>` …; it blocks a repeat only once it has finished."""

    key: str = Field(primary_key=True, max_length=100)
    started_at: datetime = Field(sa_type=UtcDateTime)
    finished_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    outcome: dict[str, Any] = Field(default_factory=dict, sa_type=JsonColumn)


LINK_KEY = "link_key"
"""The installation value that signs the links in letters; sealed (models/sealing.py)."""
CHECKPOINT_KEY = "checkpoint_key"
"""The one that signs checkpoints: an Ed25519 private key, 64 hexadecimal digits; sealed."""


class Installation(SQLModel, table=True):
    """Named values made once per installation, such as the key that signs letters' links."""

    name: str = Field(primary_key=True, max_length=64)
    value: str
