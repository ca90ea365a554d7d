"""The newest or the earliest of some values by the order of history: by instant, then by id.

An aggregate, so that one statement tells what very many tasks came to. Each value is put behind a text that sorts as
instant and id do, the greatest is taken, and the text cut off. PostgreSQL works at it in parallel.
"""

from typing import Any

from sqlalchemy import ColumnElement, String
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

_BEFORE_2000 = 2_000_000
"""Hours that bring every instant after 2000, where PostgreSQL begins to count: what is before has a minus sign."""
_AHEAD = {"postgresql": 48, "sqlite": 58}
"""Characters of the text in front: 8 + 16 bytes in hexadecimal; an instant's 26 and an id's 32 as they are stored."""


class newest(FunctionElement[str]):  # noqa: N801
    """`newest(instant, id, value, where)`: the text of the row that came last; rows without one are passed over."""

    type = String()
    inherit_cache = True
    aggregate = "max"

    def __init__(self, instant: Any, id: Any, value: ColumnElement[str], where: ColumnElement[bool]) -> None:
        super().__init__(instant, id, value, where)


class earliest(newest):  # noqa: N801
    """The same of the row that came first."""

    inherit_cache = True
    aggregate = "min"


@compiles(newest, "postgresql")
def _newest_postgresql(element: newest, compiler: SQLCompiler, **given: Any) -> str:
    instant, id, value, where = (compiler.process(part, **given) for part in element.clauses)
    key = f"encode(timestamptz_send({instant} + interval '{_BEFORE_2000} hours') || uuid_send({id}), 'hex')"
    return _picked(element, f'({key} || {value}) COLLATE "C"', where, _AHEAD["postgresql"])


@compiles(newest, "sqlite")
def _newest_sqlite(element: newest, compiler: SQLCompiler, **given: Any) -> str:
    instant, id, value, where = (compiler.process(part, **given) for part in element.clauses)
    return _picked(element, f"{instant} || {id} || {value}", where, _AHEAD["sqlite"])


def _picked(element: newest, text: str, where: str, ahead: int) -> str:
    return f"substr({element.aggregate}({text}) FILTER (WHERE {where}), {ahead + 1})"


class iso_day(FunctionElement[str]):  # noqa: N801
    """A day as text, 2004-06-30, however the server writes dates."""

    type = String()
    inherit_cache = True


@compiles(iso_day, "postgresql")
def _iso_day_postgresql(element: iso_day, compiler: SQLCompiler, **given: Any) -> str:
    return f"to_char({compiler.process(element.clauses, **given)}, 'YYYY-MM-DD')"


@compiles(iso_day, "sqlite")
def _iso_day_sqlite(element: iso_day, compiler: SQLCompiler, **given: Any) -> str:
    return compiler.process(element.clauses, **given)
