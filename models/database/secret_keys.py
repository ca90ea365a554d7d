"""The keys that seal secrets in the database (sealed.py). They are kept outside it, and in no back-up.

In `secrets.key` of the data folder, one a line, or in DONDOC_SECRETS_KEY with commas between them; each is 64
hexadecimal digits (256 bits). The first one seals, all of them open. The key that signs the history's seals is kept in
the same way (seal_keys.py).
"""

import fcntl
import hashlib
import os
import re
import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from models.errors import BadInput
from models.i18n import _
from models.settings import Settings

FILE, VARIABLE = "secrets.key", "DONDOC_SECRETS_KEY"
_KEY = re.compile(r"[0-9a-fA-F]{64}")
_HEADING = "# {use} Đôn đốc. Keep a copy, away from the database and its back-ups.\n"


@dataclass(frozen=True)
class Key:
    """One key. `id`, 16 hexadecimal digits, names it and tells nothing of it."""

    raw: bytes = field(repr=False)

    @property
    def id(self) -> str:
        return hashlib.sha256(b"dondoc.secrets-key\0" + self.raw).hexdigest()[:16]


class Keys:
    """Where an installation's keys are. They are read each time, so that running programs follow a rotation."""

    variable = VARIABLE
    use = "Opens what is sealed in the database of"

    def __init__(
        self, file: Path, given: str | None = None, *, is_shared: bool = False, signs: str | None = None
    ) -> None:
        """`given`, `signs`: keys from the environment, these and the one that signs seals (seal_keys.py)."""
        self.file, self._given, self.is_shared, self.signs = file, given, is_shared, signs

    @property
    def place(self) -> str:
        return str(self.file) if self._given is None else self.variable

    @property
    def may_change(self) -> bool:
        """The program makes and changes them: not in the environment, nor for several machines."""
        return self._given is None and not self.is_shared

    def read(self) -> list[Key]:
        """Those that are there now; empty without a file.

        BadInput for a file that others may read, and for what is no key; without its words, which may be nearly a key.
        """
        if self._given is not None:
            lines = [line.strip() for line in self._given.split(",")]
        elif not self.file.exists():
            return []
        elif self.file.stat().st_mode & 0o077:
            raise BadInput(
                _("{path}: others on this machine may read it: close it with chmod 600 {path}"), path=str(self.file)
            )
        else:
            text = self.file.read_text(encoding="utf-8", errors="replace")
            lines = [line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#")]
        if not lines or not all(map(_KEY.fullmatch, lines)):
            raise BadInput(
                _("{place}: not a key; expected 64 hexadecimal digits, as `openssl rand -hex 32` makes them"),
                place=self.place,
            )
        return [Key(bytes.fromhex(line)) for line in lines]

    def make(self) -> Key:
        """Return the first key. It is made where there is none yet, by one of all processes that do so at once."""
        if found := self.read():
            return found[0]
        if not self.may_change:
            raise BadInput(
                _(
                    "several machines work on this database: make one key for them all (openssl rand -hex 32), and put "
                    "it into {variable} on each of them first"
                ),
                variable=self.variable,
            )
        self.file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with self.alone():
            if not self.file.exists():
                self.replace([self.fresh()])
        return self.read()[0]

    @staticmethod
    def fresh() -> Key:
        return Key(secrets.token_bytes(32))

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Let one process at a time change the file; others wait."""
        handle = os.open(self.file.parent, os.O_RDONLY)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)

    def replace(self, keys: Sequence[Key]) -> None:
        """Put these keys into the file, in one step that is on the disk when this returns. Call it `alone`."""
        words = _HEADING.format(use=self.use) + "".join(f"{key.raw.hex()}\n" for key in keys)
        write_whole(self.file, words)


def write_whole(path: Path, words: str) -> None:
    """Write a file for its owner alone, in one step that is on the disk when this returns."""
    owner = (path if path.exists() else path.parent).stat()
    fresh = path.with_name(f".{path.name}.new")
    fresh.unlink(missing_ok=True)  # of a killed process
    with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(words)
        file.flush()
        if os.geteuid() == 0:  # by an administrator's hand it stays readable for the programs
            os.fchown(file.fileno(), owner.st_uid, owner.st_gid)
        os.fsync(file.fileno())
    fresh.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)  # its name, too, before anything is sealed
    finally:
        os.close(folder)


def keys_of(settings: Settings) -> Keys:
    given, signs = (
        one.get_secret_value() or None if one is not None else None
        for one in (settings.secrets_key, settings.seals_key)
    )
    return Keys(settings.data / FILE, given, is_shared=settings.prefect_api_url is not None, signs=signs)
