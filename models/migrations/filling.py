"""Rows that get what a new column holds of them: by migrations, and once more when the last old program has ended."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from models.database.columns import JsonColumn, UtcDateTime
from models.database.ids import new_id
from models.text.vietnamese import search_text, search_words

MANY = 1000
"""Rows in one transaction: those who want to change the same rows wait some 50 ms."""
_LADDERS = {
    "default": (
        ("not_accepted", 2),
        ("not_accepted", 4),
        ("due_soon", -7),
        ("due_soon", -3),
        ("due_soon", -1),
        ("due", 0),
        ("overdue", 1),
        ("overdue", 4),
        ("pressed_1", 7),
        ("pressed_2", 15),
        ("to_issuer", 22),
    ),
    "contingency": (("not_accepted", 1), ("due", 0), ("overdue", 1), ("upward", 4)),
}
"""The named ladders as they were when notices did not say which version they followed."""
SEARCHED = {"directive": ("number", "code", "subject"), "duty": ("path", "title", "quote")}


def fill_search_words(connection: sa.Connection, commit: Callable[[], None]) -> None:
    """Fill what search compares, for rows without it: of directives, duties and results' numbers."""
    for table, columns in SEARCHED.items():
        for rows in _chunks(connection, table, columns, "search_text"):
            first = "mục {}" if table == "duty" else "{}"
            _write(
                connection,
                table,
                "search_text",
                [(row[0], search_text(first.format(row[1] or ""), row[2], row[3])) for row in rows],
            )
            commit()
    for rows in _chunks(connection, "result", ("number",), "number_words"):
        _write(connection, "result", "number_words", [(row[0], search_words(row[1])) for row in rows])
        commit()


def copy_letters(connection: sa.Connection, commit: Callable[[], None]) -> None:
    """The bytes of letters into their table, for those that are not there."""
    letter = sa.table("letter", sa.column("id", sa.Uuid()))
    last = None
    while True:
        asked = sa.select(letter.c.id).where(sa.text("content IS NOT NULL")).order_by(letter.c.id).limit(MANY)
        ids = connection.execute(asked if last is None else asked.where(letter.c.id > last)).scalars().all()
        if not ids:
            return
        connection.execute(
            sa.text(
                "INSERT INTO letter_content SELECT id, content FROM letter"
                " WHERE id >= :first AND id <= :last AND content IS NOT NULL ON CONFLICT DO NOTHING"
            ).bindparams(sa.bindparam("first", ids[0], sa.Uuid()), sa.bindparam("last", ids[-1], sa.Uuid()))
        )
        last = ids[-1]
        commit()


def fill_checks(connection: sa.Connection, commit: Callable[[], None]) -> None:
    """A check for each task that wants a look and has none.

    The tasks are held meanwhile: one that is closed just then must not get a check from what it was before.
    """
    task = sa.table("task", sa.column("id", sa.Uuid()), sa.column("next_check_at", sa.DateTime(timezone=True)))
    wanted = sa.select(task).where(task.c.next_check_at.is_not(None)).order_by(task.c.id).limit(MANY)
    checked = sa.text("INSERT INTO task_check (task_id, at) VALUES (:the_id, :moment) ON CONFLICT DO NOTHING")
    checked = checked.bindparams(
        sa.bindparam("the_id", type_=sa.Uuid()), sa.bindparam("moment", type_=sa.DateTime(timezone=True))
    )
    last = None
    while True:
        asked = wanted if last is None else wanted.where(task.c.id > last)
        rows = connection.execute(asked.with_for_update(read=True)).all()
        if not rows:
            return
        connection.execute(checked, [{"the_id": id_, "moment": moment} for id_, moment in rows])
        last = rows[-1][0]
        commit()


_UNMOVED = """
    UPDATE notice SET template_version_id = (SELECT template_version_id FROM task WHERE task.id = notice.task_id)
    WHERE id >= :first AND id <= :last AND template_version_id IS NULL AND NOT EXISTS (
      SELECT 1 FROM history WHERE history.task_id = notice.task_id AND history.event = 'template_changed')
"""
_MOVED = """
    SELECT notice.id, notice.task_id, notice.rung, notice."offset", notice.fired_at, task.duty_id
    FROM notice JOIN task ON task.id = notice.task_id
    WHERE notice.id >= :first AND notice.id <= :last AND notice.template_version_id IS NULL
"""
_FOLLOWS_NO_LADDER = ("assigned", "decide", "set_date", "undeliverable", "uncertain")


def fill_versions(connection: sa.Connection, commit: Callable[[], None]) -> None:
    """The template version that each notice followed, for those that do not say: as far as it is certain.

    A task that was never moved has followed one version only. Of one that was, ids tell the order in which notices and
    moves were written; where the version found has no such rung, or the moments contradict it, none is recorded.
    """
    notice = sa.table("notice", sa.column("id", sa.Uuid()), sa.column("template_version_id", sa.Uuid()))
    unknown = sa.select(notice.c.id).where(notice.c.template_version_id.is_(None)).order_by(notice.c.id).limit(MANY)
    moves, versions = _moves(connection), dict[tuple[UUID, int], tuple[UUID, set[tuple[str, int]]]]()
    for duty_id, number, version_id, spec in connection.execute(_VERSIONS) if moves else ():
        versions[duty_id, number] = version_id, _rungs(spec)
    last = None
    while True:
        ids = connection.execute(unknown if last is None else unknown.where(notice.c.id > last)).scalars().all()
        if not ids:
            return
        span = {"first": ids[0], "last": ids[-1]}
        typed = [sa.bindparam(name, type_=sa.Uuid()) for name in span]
        connection.execute(sa.text(_UNMOVED).bindparams(*typed), span)
        found = [
            {"the_id": row.id, "version": version}
            for row in connection.execute(sa.text(_MOVED).bindparams(*typed).columns(**_MOVED_TYPES), span)
            if (version := _followed(row, moves[row.task_id], versions)) is not None
        ]
        if found:
            changed = sa.update(notice).where(notice.c.id == sa.bindparam("the_id"))
            connection.execute(changed.values(template_version_id=sa.bindparam("version")), found)
        last = ids[-1]
        commit()


_Move = tuple[UUID, datetime, int, int]
_VERSIONS = sa.text("SELECT duty_id, version, id, spec FROM template_version").columns(
    duty_id=sa.Uuid(), id=sa.Uuid(), spec=sa.JSON()
)
_MOVED_TYPES: dict[str, Any] = {
    "id": sa.Uuid(),
    "task_id": sa.Uuid(),
    "duty_id": sa.Uuid(),
    "fired_at": sa.DateTime(timezone=True),
}


def _moves(connection: sa.Connection) -> dict[UUID, list[_Move]]:
    """Return by task its moves from version to version, in the order in which they were written."""
    asked = sa.text("SELECT id, task_id, recorded_at, facts FROM history WHERE event = 'template_changed' ORDER BY id")
    types: dict[str, Any] = {
        "id": sa.Uuid(),
        "task_id": sa.Uuid(),
        "recorded_at": sa.DateTime(timezone=True),
        "facts": sa.JSON(),
    }
    found: dict[UUID, list[_Move]] = {}
    for move_id, task_id, recorded_at, facts in connection.execute(asked.columns(**types)):
        found.setdefault(task_id, []).append((move_id, recorded_at, int(facts["from"]), int(facts["to"])))
    return found


def _followed(
    notice: sa.Row[Any], moves: Sequence[_Move], versions: Mapping[tuple[UUID, int], tuple[UUID, set[tuple[str, int]]]]
) -> UUID | None:
    earlier = [one for one in moves if one[0] < notice.id]
    later = next((one for one in moves if one[0] > notice.id), None)
    if later is not None and notice.fired_at > later[1]:
        return None  # written before the move, of a moment after it: some clock was wrong
    number = later[2] if later is not None else earlier[-1][3]
    version_id, rungs = versions.get((notice.duty_id, number), (None, set()))
    is_rung = not (notice.rung in _FOLLOWS_NO_LADDER or notice.rung.startswith("event:"))
    return None if is_rung and (notice.rung, notice.offset) not in rungs else version_id


def _rungs(spec: Mapping[str, Any]) -> set[tuple[str, int]]:
    ladder = spec.get("ladder", "default")
    rungs = _LADDERS.get(ladder, ()) if isinstance(ladder, str) else ladder.get("rungs", ())
    return {(one["rung"], int(one["at"])) if isinstance(one, dict) else one for one in rungs}


_RANKINGS = sa.text("""
    SELECT unit.code AS office, directive.code AS directive, person.code AS approved_by, ranking.period,
      ranking.cutoff, ranking.note, ranking.approved_at, ranking.withdrawn_at
    FROM ranking_approval AS ranking
    JOIN unit ON unit.id = ranking.issuer_office_id
    JOIN person ON person.id = ranking.approved_by
    LEFT JOIN directive ON directive.id = ranking.directive_id
    ORDER BY ranking.id
""").columns(cutoff=sa.Date(), approved_at=UtcDateTime(), withdrawn_at=UtcDateTime())
_AUDIT = sa.table(
    "audit",
    sa.column("id", sa.Uuid()),
    sa.column("recorded_at", UtcDateTime()),
    sa.column("action", sa.String()),
    sa.column("object", sa.String()),
    sa.column("facts", JsonColumn),
    sa.column("address", sa.String()),
)


def note_rankings(connection: sa.Connection) -> None:
    """Write one line into the audit for each ranking that a leader approved."""
    for row in connection.execute(_RANKINGS).all():
        facts = {
            "period": row.period,
            "cutoff": row.cutoff.isoformat(),
            "directive": row.directive,
            "approved_by": row.approved_by,
            "approved_at": row.approved_at.isoformat(),
            "withdrawn_at": row.withdrawn_at.isoformat() if row.withdrawn_at else None,
            "note": row.note,
        }
        line = {
            "id": new_id(),
            "recorded_at": sa.func.now(),
            "action": "ranking_kept",
            "object": row.office,
            "address": "",
        }
        told = {name: value for name, value in facts.items() if value}
        connection.execute(sa.insert(_AUDIT).values(**line, facts=told))


def _chunks(connection: sa.Connection, name: str, columns: Sequence[str], empty: str) -> Iterator[Sequence[Any]]:
    """Yield rows in the order of their ids in which a column is still empty."""
    table = sa.table(name, sa.column("id", sa.Uuid()), *(sa.column(one) for one in (*columns, empty)))
    last = None
    while True:
        asked = sa.select(table.c.id, *(table.c[one] for one in columns)).where(table.c[empty] == "")
        if last is not None:
            asked = asked.where(table.c.id > last)
        rows = connection.execute(asked.order_by(table.c.id).limit(MANY)).all()
        if not rows:
            return
        last = rows[-1][0]
        yield rows


def _write(connection: sa.Connection, name: str, column: str, values: list[tuple[object, str]]) -> None:
    table = sa.table(name, sa.column("id", sa.Uuid()), sa.column(column))
    connection.execute(
        sa.update(table).where(table.c.id == sa.bindparam("the_id")).values({column: sa.bindparam("the_text")}),
        [{"the_id": id_, "the_text": text} for id_, text in values],
    )
