"""Databases to play on: one furnished for each register, and a fresh copy of it for every run."""

import shutil
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from models.database.schema import migrate
from models.database.session import open_engine
from tests.keys import KEYS
from tests.soak.play import Crew, Play, Result, world_of
from tests.soak.story import Step

if TYPE_CHECKING:  # else a run on SQLite would load a server first
    from tests.postgres import PostgresServer


_MEMORY = Path("/dev/shm")
"""A file there waits for no disk, and none of the faults cuts off the power."""


class Databases(Protocol):
    """Where databases come from; they are named by their URLs."""

    def fresh(self) -> str:
        """An empty one with the newest schema."""
        ...

    def copy(self, url: str) -> str:
        """A copy of one nobody is using."""
        ...

    def drop(self, url: str) -> None:
        """Removes it."""
        ...


class OnSqlite:
    """Files in a folder."""

    def __init__(self, folder: Path, migrated: Path) -> None:
        self.folder, self.migrated, self.made = folder, migrated, 0

    def fresh(self) -> str:
        self.made += 1
        path = self.folder / f"furnished-{self.made}.sqlite"
        shutil.copyfile(self.migrated, path)
        return f"sqlite:///{path}"

    def copy(self, url: str) -> str:
        path = self.folder / "played.sqlite"
        shutil.copyfile(url.removeprefix("sqlite:///"), path)
        return f"sqlite:///{path}"

    def drop(self, url: str) -> None:
        path = Path(url.removeprefix("sqlite:///"))
        for file in path.parent.glob(f"{path.name}*"):
            file.unlink()


class OnPostgres:
    """Databases of one server."""

    def __init__(self, server: "PostgresServer") -> None:
        self.server, self.names = server, dict[str, str]()

    def fresh(self) -> str:
        return self._made(self.server.create_database())

    def copy(self, url: str) -> str:
        return self._made(self.server.create_database(like=self.names[url]))

    def drop(self, url: str) -> None:
        self.server.drop_database(self.names.pop(url))

    def _made(self, name: str) -> str:
        url = self.server.url(name)
        self.names[url] = name
        return url


class Stage:
    """Plays stories of seeds, one after the other."""

    def __init__(self, databases: Databases, folder: Path) -> None:
        self.databases, self.folder = databases, folder
        self._furnished: dict[int, str] = {}
        self._crews: dict[str, Crew] = {}

    def run(self, seed: int, steps: Sequence[Step]) -> Result:
        """Plays steps of a seed on a database of their own."""
        url = self.databases.copy(self._furnished.get(world_of(seed)) or self._furnish(seed))
        crew = self._crews.setdefault(url, Crew(url))
        try:
            with tempfile.TemporaryDirectory(dir=self.folder) as data:
                return Play(crew, Path(data), seed).run(steps)
        finally:
            crew.rest()
            self.databases.drop(url)

    def _furnish(self, seed: int) -> str:
        url = self._furnished[world_of(seed)] = self.databases.fresh()
        crew = Crew(url)
        Play(crew, self.folder, seed).furnish()
        crew.rest()
        return url


def open_stage(closing: ExitStack, *, on_postgresql: bool = False) -> Stage:
    """A stage with a migrated database of its own."""
    memory = _MEMORY if _MEMORY.is_dir() and not on_postgresql else None
    folder = Path(closing.enter_context(tempfile.TemporaryDirectory(prefix="dondoc-soak-", dir=memory)))
    if on_postgresql:
        from tests.postgres import PostgresServer

        server = PostgresServer(folder / "data")
        closing.callback(server.stop)
        return Stage(OnPostgres(server), folder)
    migrated = folder / "migrated.sqlite"
    engine = open_engine(f"sqlite:///{migrated}", KEYS)
    migrate(engine)
    engine.dispose()
    return Stage(OnSqlite(folder, migrated), folder)
