"""Find triggers that are missing or altered, by the digests of their definitions.

A migration that makes, changes or drops a trigger must change EXPECTED; `tests/models/test_guards.py` says how.
"""

import hashlib
import re
from dataclasses import dataclass

from sqlalchemy import Connection

EXPECTED: dict[str, dict[str, str]] = {
    "sqlite": {
        "audit_is_kept_from_delete": "8d81e1d7b31a9f52",
        "audit_is_kept_from_update": "633cca403d180f39",
        "history_is_frozen": "5fe6eece1239891b",
        "history_is_kept": "684d9fa65efd8eeb",
        "history_is_sealed_once": "52ebefbb168e2b1e",
        "history_seal_is_frozen": "be07c141528c4e9a",
        "history_seal_is_kept": "1d3e0d804724dad9",
        "issued_file_is_frozen": "1677d092c7c9a4fa",
        "issued_file_is_kept": "d66572fc420a65bb",
        "issued_report_is_frozen": "47ce26b2ec33509f",
        "issued_report_is_kept": "4dfd588db1a31e94",
        "task_check_added": "96098b5074d3480b",
        "task_check_asked": "842836f4bbc62889",
        "task_check_ended": "a5fbee783ba7e614",
        "task_check_gone": "0c692b8b7fe38609",
        "task_identity_is_kept": "1b681db9bde31da2",
        "task_original_date_is_kept": "fccfa214cb25a1f0",
        "template_version_is_frozen": "08363985b60f9bc1",
    },
    "postgresql": {
        "audit_is_kept_from_delete": "df4d9297760a61b2",
        "audit_is_kept_from_update": "9eeb9570b47a6065",
        "history_is_frozen": "6765f7f5ec850e6b",
        "history_is_kept": "defd60a9265d86c3",
        "history_is_not_emptied": "50fc8e235e9c6a4e",
        "history_is_sealed_once": "192bdba82dc4cfb2",
        "history_seal_is_frozen": "3c07c952fe0abdd3",
        "history_seal_is_kept": "3ee8a677a011d9f7",
        "history_seal_is_not_emptied": "a03c59656086b56d",
        "issued_file_is_frozen": "5396d020be06a5b1",
        "issued_file_is_kept": "fc569b622bfed1fa",
        "issued_file_is_not_emptied": "6cfc2927bfd75325",
        "issued_report_is_frozen": "48b12dab74b374a6",
        "issued_report_is_kept": "8ca106b68df58420",
        "issued_report_is_not_emptied": "4d572d7fbd6860b8",
        "task_check_added": "c34281e625e0c2cc",
        "task_check_asked": "234b47595df5a7d5",
        "task_check_ended": "4828e82dab790791",
        "task_check_gone": "2aa2836c9da139d9",
        "task_identity_is_kept": "e84cf672e23431ce",
        "task_original_date_is_kept": "ca7c1a5c090613d1",
        "template_version_is_frozen": "479dcf3e37e132ae",
    },
}
_SQLITE = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"
_POSTGRESQL = """
    SELECT t.tgname, pg_get_triggerdef(t.oid, true) || p.prosrc || t.tgenabled::text
    FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_proc p ON p.oid = t.tgfoid
    WHERE NOT t.tgisinternal AND c.relnamespace = current_schema()::regnamespace
"""


@dataclass(frozen=True)
class GuardCheck:
    """Sorted names of triggers. `is_silenced`: PostgreSQL runs no triggers for this database or user."""

    missing: list[str]
    altered: list[str]
    added: list[str]
    is_silenced: bool = False


def check_guards(connection: Connection) -> GuardCheck:
    expected, found = EXPECTED[connection.dialect.name], guards_in(connection)
    return GuardCheck(
        missing=sorted(expected.keys() - found.keys()),
        altered=sorted(name for name in expected.keys() & found.keys() if expected[name] != found[name]),
        added=sorted(found.keys() - expected.keys()),
        is_silenced=_is_silenced(connection),
    )


def guards_in(connection: Connection) -> dict[str, str]:
    """Return digests by trigger: of its definition, and on PostgreSQL also of its function and its state."""
    query = _SQLITE if connection.dialect.name == "sqlite" else _POSTGRESQL
    return {name: _digest(words) for name, words in connection.exec_driver_sql(query).all()}


def _is_silenced(connection: Connection) -> bool:
    if connection.dialect.name == "sqlite":
        return False
    return bool(connection.exec_driver_sql("SHOW session_replication_role").scalar_one() != "origin")


def _digest(words: str) -> str:
    """Compute a digest without blanks, parentheses and casts, in which versions of a database differ."""
    plain = re.sub(r"::[a-z ]+|[\s()\"]", "", words)
    return hashlib.sha256(plain.encode()).hexdigest()[:16]
