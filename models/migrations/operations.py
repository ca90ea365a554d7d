"""What a migration does to a database that is at work, read from its text: for `--plan`, and to test new ones."""

import ast
import inspect
from dataclasses import dataclass
from enum import StrEnum

from alembic.script import Script

from models.database.schema_state import script
from models.i18n import _


class Kind(StrEnum):
    """How old programs fare."""

    EXPAND = "expand"  # they need not know
    CONTRACT = "contract"  # what they read or write may be gone
    UNKNOWN = "unknown"  # words in SQL


@dataclass(frozen=True)
class Touch:
    """One operation: what it is, on what, and whom it holds up."""

    name: str
    what: str
    kind: Kind
    locks: str


_BUILT = _("built beside the work, nobody waits")
_BRIEF = _("writers wait some milliseconds; given up after 0.2 s in the way of somebody, and tried again")
_ALL = _("readers and writers wait some milliseconds; given up after 0.2 s in the way of somebody, and tried again")
_HARMLESS: dict[str, str] = {
    "create_table": _BRIEF,
    "add_column": _ALL,
    "add_index": _BUILT,
    "replace_index": _ALL,
    "drop_index": _BUILT,
    "allow": _ALL,
    "hold": _BRIEF,
    "fill_search_words": _("rows are changed a thousand at a time"),
    "copy_letters": _("rows are changed a thousand at a time"),
    "fill_checks": _("rows are changed a thousand at a time"),
    "add_reference": _BRIEF,
    "fill_versions": _("rows are changed a thousand at a time"),
}
_TAKES_AWAY = (
    "drop_table",
    "drop_column",
    "drop_constraint",
    "alter_column",
    "rename_table",
    "create_check_constraint",
    "create_unique_constraint",
    "create_foreign_key",
    "create_exclude_constraint",
    "batch_alter_table",
    "bulk_insert",
)
_SILENT = ("hold",)


def touches(revision: str) -> tuple[Touch, ...]:
    """Return the operations of a migration's way up, in the order of its text."""
    found = script().get_revision(revision)
    return () if found is None else tuple(read(source(found)))


def source(found: Script) -> str:
    """Return the text of a migration."""
    return inspect.getsource(found.module)


def read(text: str) -> list[Touch]:
    """Return every operation on the database outside `downgrade`; what we do not know of Alembic's is taken as
    contract.
    """
    tree = ast.parse(text)
    tree.body = [one for one in tree.body if not (isinstance(one, ast.FunctionDef) and one.name == "downgrade")]
    found = [_touch(one) for one in ast.walk(tree) if isinstance(one, ast.Call)]
    return [one for one in found if one is not None and one.name not in _SILENT]


def _touch(call: ast.Call) -> Touch | None:
    of_alembic = isinstance(call.func, ast.Attribute) and ast.unparse(call.func.value) == "op"
    name = call.func.attr if isinstance(call.func, ast.Attribute) else ast.unparse(call.func)
    what = ", ".join(ast.unparse(one).strip("'\"") for one in call.args[:2] if not isinstance(one, ast.Call))[:100]
    if of_alembic and name in ("f", "get_bind", "get_context"):
        return None
    if of_alembic and name in ("execute", "create_index", "drop_index", "add_column"):
        # the plain ones hold writers up for as long as they take: online.py has those that do not
        return Touch(name, what, Kind.UNKNOWN, _("as its words say"))
    if name in _HARMLESS and (of_alembic or isinstance(call.func, ast.Name)):
        return Touch(name, what, Kind.EXPAND, _HARMLESS[name])
    if name in _TAKES_AWAY or of_alembic:
        return Touch(name, what, Kind.CONTRACT, _ALL)
    return None
