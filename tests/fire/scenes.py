"""Databases in which a story has been played up to a moment: once for each kind, then copied for every test."""

import shutil
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

from sqlalchemy import Engine

from models.schema import migrate
from models.session import open_engine
from tests.conftest import PostgresServer

Play = Callable[[Engine, Path], object]
"""Plays a story in an empty migrated database, with a data folder beside it."""


class Scenes:
    """Keeps the originals."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._files: dict[Play, Path] = {}
        self._databases: dict[Play, str] = {}

    def on_sqlite(self, play: Play, folder: Path) -> str:
        """The URL of a copy in a folder."""
        if play not in self._files:
            path = self._folder / f"{len(self._files)}.sqlite"
            self._play(play, f"sqlite:///{path}")
            self._files[play] = path
        shutil.copyfile(self._files[play], folder / "dondoc.sqlite")
        return f"sqlite:///{folder / 'dondoc.sqlite'}"

    def on_postgres(self, play: Play, server: PostgresServer) -> str:
        """The name of a copy on the server."""
        if play not in self._databases:
            original = server.create_database()
            self._play(play, server.url(original))
            self._databases[play] = original
        name = f"fire_{uuid4().hex}"
        server.run(f"CREATE DATABASE {name} TEMPLATE {self._databases[play]}")
        return name

    def _play(self, play: Play, url: str) -> None:
        engine = open_engine(url)
        migrate(engine)
        play(engine, self._folder)
        engine.dispose()  # a database in use cannot be copied
