"""The floor of a report: the same numbers by SQL written by hand for PostgreSQL, asked by the bare driver."""

import time
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg import Connection

_KEY = "encode(timestamptz_send(recorded_at) || uuid_send(id), 'hex')"
_COUNTED = (
    "event IN ('assigned', 'due_set', 'due_moved', 'submitted', 'received', 'returned', 'approved', 'withdrawn',"
    " 'reopened', 'lead_changed')"
)
_PLACES = f"""
WITH folded AS (
  SELECT task_id,
    bool_or((facts ->> 'root')::bool AND NOT (facts ->> 'drill')::bool) AS counted,
    substr(max({_KEY} || coalesce(facts ->> 'to', facts ->> 'unit') COLLATE "C")
      FILTER (WHERE event IN ('assigned', 'lead_changed')), 49)::uuid AS lead,
    nullif(substr(max({_KEY} || coalesce(facts ->> 'due_on', '') COLLATE "C")
      FILTER (WHERE event IN ('assigned', 'due_set', 'due_moved')), 49), '')::date AS due_on,
    substr(min({_KEY} || (facts ->> 'due_on') COLLATE "C")
      FILTER (WHERE event IN ('assigned', 'due_set', 'due_moved')), 49)::date AS original,
    substr(max({_KEY} || to_status COLLATE "C") FILTER (WHERE event NOT IN ('due_set', 'due_moved')), 49) AS state,
    substr(max({_KEY} || (facts ->> 'counts_on') COLLATE "C") FILTER (WHERE event = 'approved'), 49)::date AS counts_on
  FROM history
  WHERE recorded_at < %(closes_at)s AND {_COUNTED} {{of}}
  GROUP BY task_id
), places AS MATERIALIZED (
  SELECT task.id, duty_id, lead, occurrence,
    CASE WHEN state = 'approved' THEN CASE WHEN counts_on > due_on THEN 'done_late' ELSE 'done_on_time' END
      WHEN due_on < %(cutoff)s THEN 'open_overdue' ELSE 'open_in_time' END AS bucket,
    CASE WHEN state = 'approved' THEN CASE WHEN counts_on > original THEN 'done_late' ELSE 'done_on_time' END
      WHEN original < %(cutoff)s THEN 'open_overdue' ELSE 'open_in_time' END AS on_original,
    state <> 'approved' AND due_on IS NULL AS undated
  FROM folded JOIN task ON task.id = folded.task_id
  WHERE counted AND state <> 'withdrawn'
)
"""
WHOLE = _PLACES + "SELECT bucket, on_original, undated, count(*) FROM places GROUP BY 1, 2, 3"
"""The two by two and nothing else."""
BROKEN_DOWN = (
    _PLACES
    + """
SELECT 'duty', duty_id::text, bucket, on_original, undated, NULL::bool, count(*) FROM places GROUP BY 2, 3, 4, 5
UNION ALL
SELECT 'unit', lead::text, bucket, on_original, undated, NULL, count(*) FROM places GROUP BY 2, 3, 4, 5
UNION ALL
SELECT 'period', occurrence, bucket, on_original, undated, NULL, count(*) FROM places GROUP BY 2, 3, 4, 5
UNION ALL
SELECT 'partner', share.unit_id::text, bucket, on_original, undated, given.task_id IS NOT NULL, count(*)
FROM places JOIN contribution AS share ON share.task_id = places.id AND share.unit_id <> places.lead
LEFT JOIN (SELECT DISTINCT task_id, (facts ->> 'unit')::uuid AS unit_id FROM history
  WHERE event = 'contributed' AND recorded_at < %(closes_at)s {of}) AS given
  ON given.task_id = share.task_id AND given.unit_id = share.unit_id
GROUP BY 2, 3, 4, 5, 6
"""
)
"""Every number of the report."""


@dataclass(frozen=True)
class Question:
    """What is asked: at which cut-off, of which directive (None: of all)."""

    closes_at: datetime
    cutoff: str
    directive: Any = None


def ask(connection: Connection[Any], statement: str, question: Question) -> tuple[float, list[Any]]:
    """How long the driver alone takes (s), all rows fetched, and the rows."""
    of = "AND directive_id = %(directive)s" if question.directive else ""
    values = {"closes_at": question.closes_at, "cutoff": question.cutoff, "directive": question.directive}
    started = time.perf_counter()
    rows = connection.execute(statement.replace("{of}", of), values, prepare=False).fetchall()
    return time.perf_counter() - started, rows
