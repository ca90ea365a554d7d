"""Single statements executed thousands of times in a row, such as those around each letter."""

from typing import Any

from sqlalchemy import Connection, Dialect, Insert, TextClause, Update


class Prepared:
    """A statement that is executed thousands of times with single rows: written and typed once for each database.

    SQLAlchemy's own execution prepares anew what never changes here; that costs more than the database's work.
    """

    def __init__(self, statement: Update | Insert | TextClause) -> None:
        self._statement = statement
        self._ready: dict[str, Any] = {}

    def run(self, connection: Connection, **values: Any) -> int:
        """Execute it with the values of its named parameters; how many rows it changed."""
        ready = self._ready.get(connection.dialect.name) or self._prepare(connection.dialect)
        text, order, processors, constant = ready
        given = constant | {
            name: processors[name](value) if name in processors else value for name, value in values.items()
        }
        parameters = tuple(map(given.__getitem__, order)) if order is not None else given
        return connection.exec_driver_sql(text, parameters).rowcount

    def _prepare(self, dialect: Dialect) -> Any:
        compiled = self._statement.compile(dialect=dialect)
        processors = {
            name: processor
            for name, bound in compiled.binds.items()
            if (processor := bound.type.dialect_impl(dialect).bind_processor(dialect)) is not None
        }
        constant = {
            name: processors[name](bound.value) if name in processors else bound.value
            for name, bound in compiled.binds.items()
            if not bound.required
        }
        order = compiled.positiontup if compiled.positional else None
        ready = self._ready[dialect.name] = (str(compiled), order, processors, constant)
        return ready
