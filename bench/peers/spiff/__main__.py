"""Started by the bench in the peers' environment, with DONDOC_BENCH_DATABASE; answers turns on standard output.

As SpiffWorkflow's documentation has it: the process is parsed once and stored once, an instance runs to its user task
and is serialised. Its example application stores instances in SQLite, one transaction each; so does this. The day an
instance is due, and its unit, stand in columns beside it, indexed: without them, each instance would have to be
read back to be asked.
"""

import json
import os
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
from SpiffWorkflow import TaskState
from SpiffWorkflow.bpmn import BpmnWorkflow
from SpiffWorkflow.bpmn.parser import BpmnParser
from SpiffWorkflow.bpmn.serializer import BpmnWorkflowSerializer

from bench.peers.turns import answer_turns

DUE_AT = datetime(2004, 6, 30, 16, 59, 59, tzinfo=UTC)
NOW = DUE_AT + timedelta(days=14)
_PROCESS = "duty"
_STORED_ONCE = ("spec", "subprocess_specs")
_TABLES = (
    "CREATE TABLE workflow_spec (id TEXT PRIMARY KEY, serialization TEXT NOT NULL)",
    "CREATE TABLE workflow (id TEXT PRIMARY KEY, workflow_spec_id TEXT NOT NULL REFERENCES workflow_spec,"
    " unit TEXT NOT NULL, task_name TEXT NOT NULL, due_at TEXT NOT NULL, serialization TEXT NOT NULL)",
    "CREATE INDEX workflow_due_at ON workflow (due_at)",
)


class Store:
    """Instances in rows, on either database."""

    def __init__(self, url: str) -> None:
        self._connection: Any
        if url.startswith("sqlite:///"):
            self._connection, self._mark = sqlite3.connect(url.removeprefix("sqlite:///")), "?"
            for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON"):
                self._connection.execute(f"PRAGMA {pragma}")
        else:
            self._connection, self._mark = psycopg.connect(url), "%s"
        for statement in _TABLES:
            self._connection.execute(statement)
        parser = BpmnParser()
        parser.add_bpmn_file(str(Path(__file__).with_name("duty.bpmn")))
        self._spec, self._subprocesses = parser.get_spec(_PROCESS), parser.get_subprocess_specs(_PROCESS)
        self._serializer = BpmnWorkflowSerializer(BpmnWorkflowSerializer.configure())
        told = json.dumps(self._serializer.to_dict(self._spec))
        self._write("INSERT INTO workflow_spec VALUES (", (_PROCESS, told))

    def start(self, items: int) -> None:
        """One instance for each unit, each committed before the next."""
        for n in range(items):
            unit = f"DN-{n:05d}"
            workflow = BpmnWorkflow(self._spec, self._subprocesses)
            workflow.data.update(unit=unit, due_at=DUE_AT.isoformat())
            workflow.do_engine_steps()
            (waiting,) = workflow.get_tasks(state=TaskState.READY, manual=True)
            told = self._serializer.to_dict(workflow)
            state = json.dumps({name: part for name, part in told.items() if name not in _STORED_ONCE})
            row = (str(uuid4()), _PROCESS, unit, waiting.task_spec.bpmn_id, DUE_AT.isoformat(), state)
            self._write("INSERT INTO workflow VALUES (", row)

    def overdue(self) -> int:
        """What waits and is late, read as rows."""
        cursor = self._connection.cursor()
        late = f"SELECT id, unit, task_name, due_at FROM workflow WHERE due_at < {self._mark} ORDER BY unit"
        cursor.execute(late, (NOW.isoformat(),))
        found = cursor.fetchall()
        self._connection.commit()
        return len(found)

    def empty(self) -> None:
        """As before the first instance."""
        self._connection.execute("DELETE FROM workflow")
        self._connection.commit()

    def _write(self, statement: str, row: tuple[str, ...]) -> None:
        self._connection.execute(f"{statement}{', '.join([self._mark] * len(row))})", row)
        self._connection.commit()


if __name__ == "__main__":
    store = Store(os.environ["DONDOC_BENCH_DATABASE"])
    answer_turns(["SpiffWorkflow"], store.empty, store.start, store.overdue)
