"""The keys that sign the history's seals (Ed25519), outside the database: who rewrites it cannot sign what they wrote.

Three files of the data folder. `seals.key` holds the private key as `secrets.key` holds its own; DONDOC_SEALS_KEY may
hold it instead. `seals.pub` says which public key signs from which seal on, a line for each; `dondoc verify` trusts it
alone, and lines stay when a key is replaced. `seals.head` is the newest seal that this machine signed: it must stay in
the chain. The row MARK of `installation` tells machines which key signs now; nobody trusts it with more than that.
"""

import re
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from sqlalchemy import Connection, Engine, text

from models.database.sealed import keys_in
from models.database.secret_keys import Key, Keys, keys_of, write_whole
from models.errors import BadInput, DondocError
from models.i18n import _
from models.settings import Settings

MARK = "seals_key"
VARIABLE = "DONDOC_SEALS_KEY"
_PUBLIC = re.compile(r"([1-9][0-9]{0,9}) ([0-9a-f]{64})")
_HEAD = re.compile(r"([1-9][0-9]{0,9}) ([0-9a-f]{64})\n?")
_HEADING = (
    "# Public keys of the seals, each with the number of the first seal that it signs. Anybody may have a copy.\n"
)


class SealKeyMissing(DondocError):
    """Seals are signed here, and the key that signs them is not here. HTTP 503."""

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
    """`digits` (hexadecimal) signs from seal number `first` on, until the next one does."""

    first: int
    digits: str

    def has_signed(self, number: int, digest: str, signature: str) -> bool:
        """`signature` is hexadecimal."""
        with suppress(InvalidSignature, ValueError):
            _public(self.digits).verify(bytes.fromhex(signature), signed_words(number, digest))
            return True
        return False


class SealHead(NamedTuple):
    number: int
    digest: str


class SigningKeys(Keys):
    """Where the private key is; several only while one replaces another."""

    variable = VARIABLE
    use = "Signs the seals of the history of"


class SealKeys:
    """An installation's keys for seals, on this machine."""

    def __init__(self, folder: Path, given: str | None = None, *, is_shared: bool = False) -> None:
        self.private = SigningKeys(folder / "seals.key", given, is_shared=is_shared)
        self.public_file, self.head_file = folder / "seals.pub", folder / "seals.head"

    def publics(self) -> list[PublicKey]:
        """In the order in which they were added; empty without the file."""
        if not self.public_file.exists():
            return []
        lines = self.public_file.read_text(encoding="utf-8", errors="replace").splitlines()
        found = [_PUBLIC.fullmatch(line.strip()) for line in lines if line.strip() and not line.startswith("#")]
        if not found or not all(found):
            raise BadInput(
                _("{path}: expected in each line the number of a seal and a public key of 64 hexadecimal digits"),
                path=str(self.public_file),
            )
        return [PublicKey(int(one[1]), one[2]) for one in found if one]

    def add_public(self, key: PublicKey) -> None:
        """Add a key after the others. Call it `alone`, as `write_publics`."""
        self.write_publics([*self.publics(), key])

    def write_publics(self, keys: list[PublicKey]) -> None:
        write_whole(self.public_file, _HEADING + "".join(f"{one.first} {one.digits}\n" for one in keys))

    def held(self) -> list[str]:
        """The public halves of the private keys that are here."""
        return [public_of(key) for key in self.private.read()]

    def signer(self, public: str) -> Ed25519PrivateKey:
        """SealKeyMissing where it is not here."""
        for key in self.private.read():
            if public_of(key) == public:
                return _private(key)
        raise SealKeyMissing(public, self.private.place)

    def head(self) -> SealHead | None:
        """The newest seal that this machine signed. BadInput where the file is damaged."""
        if not self.head_file.exists():
            return None
        found = _HEAD.fullmatch(self.head_file.read_text(encoding="utf-8", errors="replace"))
        if found is None:
            raise BadInput(_("{path}: expected the number and the digest of a seal"), path=str(self.head_file))
        return SealHead(int(found[1]), found[2])

    def keep_head(self, head: SealHead) -> None:
        with self.private.alone():
            write_whole(self.head_file, f"{head.number} {head.digest}\n")


def seal_keys(bind: Engine | Connection) -> SealKeys | None:
    """They lie beside the keys that the engine was opened with; None for a database by itself."""
    keys = keys_in(bind)
    return None if keys is None else _beside(keys)


def seal_keys_of(settings: Settings) -> SealKeys:
    return _beside(keys_of(settings))


def _beside(keys: Keys) -> SealKeys:
    return SealKeys(keys.file.parent, keys.signs, is_shared=keys.is_shared)


def signed_words(number: int, digest: str) -> bytes:
    """A seal is signed by "1204|3f9a…": its number and its digest, in which all before it is."""
    return f"{number}|{digest}".encode()


def sign(key: Ed25519PrivateKey, number: int, digest: str) -> str:
    return key.sign(signed_words(number, digest)).hex()


def public_of(key: Key) -> str:
    return _private(key).public_key().public_bytes_raw().hex()


def key_for(number: int, publics: list[PublicKey]) -> PublicKey | None:
    """Of those that begin there or before it, the one added last."""
    return next((one for one in reversed(publics) if one.first <= number), None)


def read_mark(connection: Connection) -> PublicKey | None:
    """The key that signs now, as the database tells the machines; None where seals are not signed."""
    query = text("SELECT value FROM installation WHERE name = :name")
    value = connection.execute(query, {"name": MARK}).scalar_one_or_none()
    found = _PUBLIC.fullmatch(value) if value is not None else None
    return PublicKey(int(found[1]), found[2]) if found else None


def signing_now(connection: Connection, keys: SealKeys | None) -> PublicKey | None:
    """The key that must sign the next seal. Where somebody took the mark away, seals.pub still says it."""
    mark = read_mark(connection)
    publics = keys.publics() if mark is None and keys is not None else []
    return publics[-1] if publics else mark


def begin_signing(connection: Connection) -> None:
    """From the next seal on each is signed; the key is made where there is none. A repeat completes what is missing.

    Never another key while seals are signed already: that is a person's decision (`dondoc secrets rotate-seals`). Where
    several machines work and none has been given a key, nothing is signed, and `dondoc doctor` says so.
    """
    keys = seal_keys(connection)
    if keys is None:
        return
    mark, publics = read_mark(connection), keys.publics()
    if mark is None and publics:
        write_mark(connection, publics[-1])
    elif mark is None and (keys.private.may_change or keys.private.read()):
        mark = mark_next(connection, public_of(keys.private.make()))
    if mark is not None and mark.digits in keys.held():
        with keys.private.alone():
            if mark.digits not in {one.digits for one in keys.publics()}:
                keys.add_public(mark)


def mark_next(connection: Connection, public: str) -> PublicKey:
    """From the next seal on this key signs: no other process seals until the transaction's end."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("LOCK TABLE history_seal IN SHARE ROW EXCLUSIVE MODE"))
    newest = connection.execute(text("SELECT max(number) FROM history_seal")).scalar_one() or 0
    mark = PublicKey(newest + 1, public)
    write_mark(connection, mark)
    return mark


def write_mark(connection: Connection, mark: PublicKey) -> None:
    words = "INSERT INTO installation (name, value) VALUES (:name, :value) ON CONFLICT (name) DO UPDATE SET value = "
    given = {"name": MARK, "value": f"{mark.first} {mark.digits}"}
    connection.execute(text(f"{words}excluded.value"), given)


@cache
def _public(digits: str) -> Ed25519PublicKey:
    return Ed25519PublicKey.from_public_bytes(bytes.fromhex(digits))


def _private(key: Key) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(key.raw)
