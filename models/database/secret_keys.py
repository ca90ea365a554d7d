"""The keys that seal secrets in the database. They are kept outside it, and in no back-up.

In `secrets.key` of the data folder, one a line, or in DONDOC_SECRETS_KEY with commas between them; each is 64
hexadecimal digits (256 bits). The first is for a database that is sealed anew, the others open what was sealed before.
"""

import fcntl
import hashlib
import os
import re
import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import NamedTemporaryFile

from models.errors import BadInput
from models.i18n import _
from models.settings import Settings

FILE, VARIABLE = "secrets.key", "DONDOC_SECRETS_KEY"
_KEY = re.compile(r"[0-9a-fA-F]{64}")
_FOR_OTHERS, _BROKEN = 0o077, "?"
_HEADING = "# Opens what is sealed in the database of Đôn đốc. Keep a copy, away from the database and its back-ups.\n"


@dataclass(frozen=True)
class Key:
    """One key. `id`, 16 hexadecimal digits, names it and tells nothing of it."""

    raw: bytes = field(repr=False)

    @property
    def id(self) -> str:
        return hashlib.sha256(b"dondoc.secrets-key\0" + self.raw).hexdigest()[:16]


class Keys:
    """Where an installation's keys are: read when one is first asked for, and anew for one that is not known."""

    def __init__(self, file: Path, given: str | None = None, *, is_shared: bool = False) -> None:
        self.file, self._given, self._is_shared = file, given, is_shared
        self._known: dict[str, Key] = {}

    @property
    def place(self) -> str:
        """Return where somebody would look for them."""
        return str(self.file) if self._given is None else VARIABLE

    @property
    def may_change(self) -> bool:
        """Return whether we make and change them: in this machine's own file, not in the environment or on other
        machines.
        """
        return self._given is None and not self._is_shared

    def read(self) -> list[Key]:
        """Return those that are there now, the first for new seals; empty without a file.

        BadInput for a file that others may read, and for what is no key.
        """
        if self._given is not None:
            return _parsed(self._given.split(","), VARIABLE)
        try:
            handle = os.open(self.file, os.O_RDONLY)
        except FileNotFoundError:
            return []
        with os.fdopen(handle, encoding="utf-8") as file:
            if os.fstat(handle).st_mode & _FOR_OTHERS:
                raise BadInput(
                    _("{path}: others on this machine may read it: close it with chmod 600 {path}"), path=str(self.file)
                )
            try:
                lines = [line.strip() for line in file]
            except UnicodeDecodeError:
                lines = [_BROKEN]
        return _parsed([line for line in lines if line and not line.startswith("#")], str(self.file))

    def find(self, key_id: str) -> Key | None:
        """Return the key of this id, or None. A running program finds one that has come into the file since."""
        if key_id not in self._known:
            self._known |= {key.id: key for key in self.read()}
        return self._known.get(key_id)

    def make(self) -> Key:
        """Return the first key; made where there is none yet, by one of all processes that do so at once."""
        if found := self.read():
            return found[0]
        if not self.may_change:
            raise BadInput(
                _(
                    "several machines work on this database: make one key for them all (openssl rand -hex 32), and put "
                    "it into DONDOC_SECRETS_KEY on each of them first"
                )
            )
        self.file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        # unlike a rename, a link never replaces another's
        with _written(self.file, [self.fresh()]) as part, suppress(FileExistsError):
            os.link(part, self.file)
        _keep_name(self.file)
        return self.read()[0]

    @staticmethod
    def fresh() -> Key:
        """Return a key that is nowhere yet."""
        return Key(secrets.token_bytes(32))

    @contextmanager
    def alone(self) -> Iterator[None]:
        """One process at a time changes the file; others wait."""
        handle = os.open(self.file.parent, os.O_RDONLY)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)

    def replace(self, keys: Sequence[Key]) -> None:
        """The file holds these from now on; at every moment either the old ones or the new ones are in it."""
        with _written(self.file, keys) as part:
            part.replace(self.file)
        _keep_name(self.file)


def keys_of(settings: Settings) -> Keys:
    """Return where the keys of an installation are."""
    given = settings.secrets_key.get_secret_value() if settings.secrets_key is not None else None
    return Keys(settings.data / FILE, given or None, is_shared=settings.prefect_api_url is not None)


def _parsed(lines: Sequence[str], place: str) -> list[Key]:
    """BadInput without the words that were found: they may be nearly a key."""
    if not lines or not all(_KEY.fullmatch(line.strip()) for line in lines):
        raise BadInput(
            _("{place}: not a key; right would be 64 hexadecimal digits, as `openssl rand -hex 32` makes them"),
            place=place,
        )
    return [Key(bytes.fromhex(line.strip())) for line in lines]


@contextmanager
def _written(file: Path, keys: Sequence[Key]) -> Iterator[Path]:
    """A file beside the one that is meant, whole and on the disk, for its owner alone; it does not stay."""
    owner = (file if file.exists() else file.parent).stat()
    with NamedTemporaryFile(
        "w", dir=file.parent, prefix=f".{FILE}.", delete=False, encoding="utf-8"
    ) as part:  # mode 600
        path = Path(part.name)
        try:
            part.write(_HEADING + "".join(f"{key.raw.hex()}\n" for key in keys))
            part.flush()
            if os.geteuid() == 0:  # by an administrator's hand it stays readable for the programs
                os.fchown(part.fileno(), owner.st_uid, owner.st_gid)
            os.fsync(part.fileno())
            yield path
        finally:
            path.unlink(missing_ok=True)


def _keep_name(file: Path) -> None:
    """A file's new name is on the disk, too: before anything is sealed by what is in it."""
    handle = os.open(file.parent, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
