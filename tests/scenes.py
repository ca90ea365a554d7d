"""Databases in which a story has been played up to a moment: once for each kind, then copied for every test."""

import shutil
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import Engine

from models.database.session import open_engine
from tests.keys import KEYS
from tests.postgres import PostgresServer

Play = Callable[[Engine, Path], object]
"""Plays a story in an empty migrated database, with a data folder beside it."""


class Scenes:
    """Keeps the originals."""

    def __init__(self, folder: Path, migrated: Path) -> None:
        self._folder, self._migrated = folder, migrated
        self._files: dict[Play, Path] = {}
        self._databases: dict[Play, str] = {}

    def on_sqlite(self, play: Play, folder: Path) -> str:
        """The URL of a copy in a folder."""
        if play not in self._files:
            path = self._folder / f"{len(self._files)}.sqlite"
            shutil.copyfile(self._migrated, path)
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
        return server.create_database(like=self._databases[play])

    def _play(self, play: Play, url: str) -> None:
        engine = open_engine(url, KEYS)
        play(engine, self._folder)
        engine.dispose()  # a database in use cannot be copied
