"""The Ed25519 keys that sign the history's seals. They lie outside the database, so who rewrites it cannot sign.

The data folder has three files. `seals.key` holds the private key, unless DONDOC_SEALS_KEY does. `seals.pub` lists each
public key with the first seal that it signs: `dondoc verify` trusts only this list, and replaced keys stay in it.
`seals.head` names the newest seal that this machine signed, which must stay in the chain. The row SIGNING_KEY of
`installation` tells all machines which key signs now; verification does not rely on it.
"""

import re
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from sqlalchemy import Connection, Engine, text

from models.database.sealed import keys_in, write_installation_value
from models.database.secret_keys import Key, Keys, keys_of, write_whole
from models.errors import BadInput, DondocError
from models.i18n import _
from models.settings import Settings

SIGNING_KEY = "seals_key"
VARIABLE = "DONDOC_SEALS_KEY"
_PUBLIC = re.compile(r"([1-9][0-9]{0,9}) ([0-9a-f]{64})")
_HEAD_LINE = re.compile(r"([1-9][0-9]{0,9}) ([0-9a-f]{64})\n?")
_HEADING = (
    "# Public keys of the seals, each with the number of the first seal that it signs. Anybody may have a copy.\n"
)


class SealKeyMissing(DondocError):
    """The seals of this installation are signed, and their private key is not on this machine. HTTP 503."""

    def __init__(self, public: str, place: str) -> None:
        super().__init__(
            _(
                "the key that signs the history's seals is not in {place} (public key {public}): bring this "
                "installation's seals.key there (chmod 600), or its line into DONDOC_SEALS_KEY; if it is lost for "
                "good: `dondoc secrets rotate-seals` makes another"
            ),
            public=public,
            place=place,
        )


class PublicKey(NamedTuple):
    """A key that signs from seal number `first` on, until the next key does. `digits` are hexadecimal."""

    first: int
    digits: str

    def has_signed(self, number: int, digest: str, signature: str) -> bool:
        """Check a hexadecimal signature of the seal."""
        with suppress(InvalidSignature, ValueError):
            _load_public_key(self.digits).verify(bytes.fromhex(signature), signed_bytes(number, digest))
            return True
        return False


class SealHead(NamedTuple):
    number: int
    digest: str


class SigningKeys(Keys):
    """The private key's file or variable. It holds several keys only while one replaces another."""

    variable = VARIABLE
    use = "Signs the seals of the history of"


class SealKeys:
    def __init__(self, folder: Path, variable_value: str | None = None, *, is_shared: bool = False) -> None:
        self.private = SigningKeys(folder / "seals.key", variable_value, is_shared=is_shared)
        self.public_file = folder / "seals.pub"
        self.head_file = folder / "seals.head"

    def public_keys(self) -> list[PublicKey]:
        """Read the public keys in the order in which they were added. Without the file there are none."""
        if not self.public_file.exists():
            return []
        lines = self.public_file.read_text(encoding="utf-8", errors="replace").splitlines()
        matches = [_PUBLIC.fullmatch(line.strip()) for line in lines if line.strip() and not line.startswith("#")]
        if not matches or not all(matches):
            raise BadInput(
                _("{path}: expected in each line the number of a seal and a public key of 64 hexadecimal digits"),
                path=str(self.public_file),
            )
        return [PublicKey(int(match[1]), match[2]) for match in matches if match]

    def add_public_key(self, key: PublicKey) -> None:
        """Add a key after the others. The caller holds `private.alone()`, as for `write_public_keys`."""
        self.write_public_keys([*self.public_keys(), key])

    def write_public_keys(self, keys: list[PublicKey]) -> None:
        write_whole(self.public_file, _HEADING + "".join(f"{key.first} {key.digits}\n" for key in keys))

    def public_halves(self) -> list[str]:
        """Return the public halves of the private keys on this machine, in hexadecimal."""
        return [public_half_of(key) for key in self.private.read()]

    def signer(self, public: str) -> Ed25519PrivateKey:
        """Return the private key of a public one. Raises SealKeyMissing where it is not on this machine."""
        for key in self.private.read():
            if public_half_of(key) == public:
                return _load_private_key(key)
        raise SealKeyMissing(public, self.private.place)

    def head(self) -> SealHead | None:
        """Return the newest seal that this machine signed. Raises BadInput where the file is damaged."""
        if not self.head_file.exists():
            return None
        match = _HEAD_LINE.fullmatch(self.head_file.read_text(encoding="utf-8", errors="replace"))
        if match is None:
            raise BadInput(_("{path}: expected the number and the digest of a seal"), path=str(self.head_file))
        return SealHead(int(match[1]), match[2])

    def keep_head(self, head: SealHead) -> None:
        with self.private.alone():
            write_whole(self.head_file, f"{head.number} {head.digest}\n")


def seal_keys(bind: Engine | Connection) -> SealKeys | None:
    """Return the seal keys beside the keys that the engine was opened with; None for an engine without keys."""
    keys = keys_in(bind)
    return None if keys is None else _beside(keys)


def seal_keys_of(settings: Settings) -> SealKeys:
    return _beside(keys_of(settings))


def _beside(keys: Keys) -> SealKeys:
    return SealKeys(keys.file.parent, keys.seals_value, is_shared=keys.is_shared)


def signed_bytes(number: int, digest: str) -> bytes:
    """Return what a seal's signature covers ("1204|3f9a…"). The digest includes all earlier seals."""
    return f"{number}|{digest}".encode()


def sign(key: Ed25519PrivateKey, number: int, digest: str) -> str:
    return key.sign(signed_bytes(number, digest)).hex()


def public_half_of(key: Key) -> str:
    return _load_private_key(key).public_key().public_bytes_raw().hex()


def find_public_key(number: int, public_keys: list[PublicKey]) -> PublicKey | None:
    """Find the key of a seal: the last added one that begins at this number or before."""
    return next((key for key in reversed(public_keys) if key.first <= number), None)


def read_signing_key(connection: Connection) -> PublicKey | None:
    """Read from the database which key signs now; None where seals are not signed."""
    query = text("SELECT value FROM installation WHERE name = :name")
    value = connection.execute(query, {"name": SIGNING_KEY}).scalar_one_or_none()
    match = _PUBLIC.fullmatch(value) if value is not None else None
    return PublicKey(int(match[1]), match[2]) if match else None


def find_signing_key(connection: Connection, keys: SealKeys | None) -> PublicKey | None:
    """Return the key that must sign the next seal. seals.pub still names it if somebody deleted the database's row."""
    signing_key = read_signing_key(connection)
    if signing_key is None and keys is not None and (public_keys := keys.public_keys()):
        return public_keys[-1]
    return signing_key


def begin_signing(connection: Connection) -> None:
    """Have every seal signed from the next one on, and make the key if there is none. A repeat completes the work.

    It never replaces a key: a person decides that (`dondoc secrets rotate-seals`). Several machines without a key in
    their environment sign nothing, and `dondoc doctor` says so.
    """
    keys = seal_keys(connection)
    if keys is None:
        return
    signing_key, public_keys = read_signing_key(connection), keys.public_keys()
    if signing_key is None and public_keys:
        write_signing_key(connection, public_keys[-1])
    elif signing_key is None and (keys.private.may_change or keys.private.read()):
        signing_key = change_signing_key(connection, public_half_of(keys.private.make()))
    if signing_key is not None and signing_key.digits in keys.public_halves():
        with keys.private.alone():
            if signing_key.digits not in {key.digits for key in keys.public_keys()}:
                keys.add_public_key(signing_key)


def change_signing_key(connection: Connection, public: str) -> PublicKey:
    """Let this key sign from the next seal on. No other process seals until the transaction ends."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("LOCK TABLE history_seal IN SHARE ROW EXCLUSIVE MODE"))
    newest = connection.execute(text("SELECT max(number) FROM history_seal")).scalar_one() or 0
    signing_key = PublicKey(newest + 1, public)
    write_signing_key(connection, signing_key)
    return signing_key


def write_signing_key(connection: Connection, key: PublicKey) -> None:
    write_installation_value(connection, SIGNING_KEY, f"{key.first} {key.digits}")


@cache
def _load_public_key(digits: str) -> Ed25519PublicKey:
    return Ed25519PublicKey.from_public_bytes(bytes.fromhex(digits))


def _load_private_key(key: Key) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(key.raw)
