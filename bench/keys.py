"""The key that seals secrets in databases that only the bench uses."""

from pathlib import Path

from models.database.secret_keys import Keys

KEYS = Keys(Path("/nowhere/secrets.key"), "be" * 32, is_shared=True)  # shared: no key for seals is made beside it
