"""The key that seals secrets in databases of tests; in data folders it stands in `secrets.key`."""

from pathlib import Path

from models.database.secret_keys import Key, Keys

KEY = Key(bytes.fromhex("5e" * 32))
KEYS = Keys(Path("/nowhere/secrets.key"), KEY.raw.hex(), is_shared=True)  # shared: no key for seals is made beside it


def put_key(folder: Path) -> None:
    """Have a data folder hold the key, where it holds none."""
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / "secrets.key").exists():
        Keys(folder / "secrets.key").replace([KEY])
