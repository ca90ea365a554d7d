"""The keys that seal secrets in the database (sealed.py). They lie outside the database, and in no back-up.

They are in `secrets.key` of the data folder, one in a line, or in DONDOC_SECRETS_KEY, separated by commas. Each is 64
hexadecimal digits (256 bits). The first key seals, and all of them open. The key that signs the history's seals is
kept in the same way (seal_keys.py).
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

from pydantic import SecretStr

from models.errors import BadInput
from models.i18n import _
from models.settings import Settings

FILE, VARIABLE = "secrets.key", "DONDOC_SECRETS_KEY"
_KEY = re.compile(r"[0-9a-fA-F]{64}")
_HEADING = "# {use} Đôn đốc. Keep a copy, away from the database and its back-ups.\n"


@dataclass(frozen=True)
class Key:
    """One key. Its `id`, 16 hexadecimal digits, does not reveal it."""

    raw: bytes = field(repr=False)

    @property
    def id(self) -> str:
        return hashlib.sha256(b"dondoc.secrets-key\0" + self.raw).hexdigest()[:16]


class Keys:
    """The file or variable with an installation's keys. Each use reads it, so running programs follow a rotation."""

    variable = VARIABLE
    use = "Opens what is sealed in the database of"

    def __init__(
        self, file: Path, variable_value: str | None = None, *, is_shared: bool = False, seals_value: str | None = None
    ) -> None:
        """Take the values of DONDOC_SECRETS_KEY and DONDOC_SEALS_KEY (for seal_keys.py) where the environment has them.

        `is_shared`: several machines work on the database.
        """
        self.file = file
        self._variable_value = variable_value
        self.is_shared = is_shared
        self.seals_value = seals_value

    @property
    def place(self) -> str:
        return str(self.file) if self._variable_value is None else self.variable

    @property
    def may_change(self) -> bool:
        """Whether the program may make and replace keys: not in the environment, and not for several machines."""
        return self._variable_value is None and not self.is_shared

    def read(self) -> list[Key]:
        """Read the present keys. Without a file there are none.

        Raises BadInput for a file that others may read, and for a line that is no key. The error does not repeat the
        line, which may be almost a key.
        """
        if self._variable_value is not None:
            lines = [line.strip() for line in self._variable_value.split(",")]
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
        """Return the first key, and make it if there is none. Of several processes at once, only one makes it."""
        if keys := self.read():
            return keys[0]
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
        """Lock the folder, so that one process at a time changes the file."""
        handle = os.open(self.file.parent, os.O_RDONLY)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)

    def replace(self, keys: Sequence[Key]) -> None:
        """Write these keys to the file, atomically and durably. The caller holds `alone()`."""
        write_whole(self.file, _HEADING.format(use=self.use) + "".join(f"{key.raw.hex()}\n" for key in keys))


def write_whole(path: Path, content: str) -> None:
    """Write a file that only its owner may read, atomically and durably."""
    owner = (path if path.exists() else path.parent).stat()
    new_path = path.with_name(f".{path.name}.new")
    new_path.unlink(missing_ok=True)  # a killed process may have left it
    with open(os.open(new_path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(content)
        file.flush()
        if os.geteuid() == 0:  # run by root, the file still belongs to the programs' user
            os.fchown(file.fileno(), owner.st_uid, owner.st_gid)
        os.fsync(file.fileno())
    new_path.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)  # the file's name must be on the disk before anything is sealed
    finally:
        os.close(folder)


def keys_of(settings: Settings) -> Keys:
    return Keys(
        settings.data / FILE,
        _secret_value(settings.secrets_key),
        is_shared=settings.prefect_api_url is not None,
        seals_value=_secret_value(settings.seals_key),
    )


def _secret_value(secret: SecretStr | None) -> str | None:
    """Return the text of a setting; None also for an empty one."""
    return secret.get_secret_value() or None if secret is not None else None
