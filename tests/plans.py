"""What SQLite does to answer a query: whether it walks through a table that only ever grows."""

import re
from collections.abc import Iterator
from typing import Any

from sqlalchemy import Engine

GROWING = {
    "task",
    "notice",
    "notice_read",
    "channel_message",
    "channel_attempt",
    "letter",
    "letter_content",
    "letter_attempt",
    "history",
    "history_note",
    "contribution",
    "result",
    "extension",
    "obstacle",
    "lead_change",
    "evidence",
    "telephone_note",
    "signed_press",
    "run",
    "task_check",
    "conversation_message",
    "conversation_mention",
    "conversation_file",
    "conversation_read",
}
_STEP = re.compile(r"(SCAN|SEARCH) (\w+)(?: USING (?:COVERING )?INDEX (\w+))?(?: \((.*)\))?")
_SMALL = {
    "ix_letter_leased",
    "ix_letter_to_send",
    "ix_letter_stopped",
    "ix_notice_to_group",
    "ix_task_check_at",
    "ix_task_open",
    "ix_history_unsealed",
    "ix_task_handed_down",
    "ix_extension_open",
    "ix_obstacle_open",
    "ix_lead_change_open",
    "ix_result_open",
    "ix_conversation_message_open_question",
    "ix_conversation_message_open_on_directive",
    "ix_channel_message_to_send",
}
"""Partial indexes of what is still to be done: walking through one reads that and nothing else."""


def walks(engine: Engine, statement: str, values: Any) -> Iterator[str]:
    """Steps of the database's plan that read a growing table from end to end, up to now, or by what holds for most."""
    if not statement.startswith(("SELECT", "WITH", "UPDATE", "DELETE")):
        return
    with engine.connect() as connection:
        for step in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values):
            found = _STEP.match(step.detail)
            if found is None or found[2] not in GROWING:
                continue
            by = found[4] or ""
            is_end_to_end = found[1] == "SCAN" or ("<" in by and "=" not in by and ">" not in by)
            of_no_incident = (
                by == "incident_id=?" and found[3] != "ix_task_incident"
            )  # that one has incidents' tasks only
            if (is_end_to_end and found[3] not in _SMALL) or of_no_incident:
                yield f"{step.detail}: {' '.join(statement.split())[:400]}"
