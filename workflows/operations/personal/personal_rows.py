"""Select the rows kept about one person: from tables that refer to people, or that name them by code or name.

The tables are found by the schema's foreign keys, so that a new table is included from its first day.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import Column, ColumnElement, Select, Table, and_, case, false, func, null, or_, select
from sqlmodel import col

from models.database.all_tables import all_tables
from models.organization.person import Person
from models.tasks.history import History
from models.tasks.task import Task

SECRET = {
    "account.password_hash",
    "account.totp_secret",
    "account.totp_last_step",
    "web_session.key_hash",
    "access_token.token_hash",
    "webhook.secret",
    "gateway.headers",
    "gateway.secret",
    "push_subscription.keys",
    "push_subscription.endpoint_hash",
    "kept_answer.body",
    "kept_answer.request_hash",
    "bounce.address_tag",
    "reply.key",
    "reply.fingerprint",
    "history_note.salt",
    "letter_link.code",
}
"""Columns that would open something, or prove a guess."""
OF_THE_OFFICE = {
    "intake.text",
    "intake.findings",
    "intake_table.cells",
    "edxml_incoming.facts",
    "edxml_outgoing.content",
    "intake_table.mapping",
    "table_mapping.headings",
    "table_mapping.mapping",
    "issued_report.figures",
    "issued_report.parts",
    "issued_report.paper",
    "letter_text.text",
    "gateway.body",
    "errand.given",
    "errand.outcome",
    "audience_phrase.selectors",
    "trusted_root.content",
    "task.due_reason",
    "task.due_facts",
    "launch.overridden",
}
"""Columns with the office's content on which a person worked: documents, reports, figures."""
OWN_WORDS = {
    "absence.reason": "person_id",
    "contribution.note": "contributed_by",
    "extension.reason": "asked_by",
    "extension.decision_reason": "decided_by",
    "lead_change.reason": "asked_by",
    "obstacle.text": "raised_by",
    "obstacle.answer": "answered_by",
    "telephone_note.note": "called_by",
}
"""Columns with a person's words, and the column of the row that names their author. Several people write into a row,
and each gets or erases only their own words. Notes of the history belong to the line's actor."""
_INTERNAL = {
    "search_text",
    "name_folded",
    "sort_key",
    "number_words",
    "next_check_at",
    "revision",
    "fence",
    "lease_until",
    "next_attempt_at",
}
"""Columns that only serve searches and the engine."""


class ParentRow(NamedTuple):
    """The parent's table, the column that refers to the parent, and the parent's column with the person's id."""

    table: str
    reference: str
    person_column: str


_PARENT_ROWS = {
    "history_note": ParentRow("history", "history_id", "actor_id"),
    "channel_attempt": ParentRow("channel_message", "message_id", "recipient_id"),
    "letter_attempt": ParentRow("letter", "letter_id", "recipient_id"),
    "bounce": ParentRow("letter", "letter_id", "recipient_id"),
    "reply": ParentRow("letter", "letter_id", "recipient_id"),
    "expired_content": ParentRow("letter", "letter_id", "recipient_id"),
    "letter_link": ParentRow("letter", "letter_id", "recipient_id"),
    "evidence": ParentRow("result", "result_id", "submitted_by"),
    "conversation_file": ParentRow("conversation_message", "message_id", "author_id"),
}
"""Tables whose rows belong to the person of a parent row."""


_BY_NAME = {"result": "signer", "signed_press": "signer", "telephone_note": "answered_by"}
"""Tables that refer to a person only by the name in this column."""


def their_tasks(person: Person) -> Select[Any]:
    """Select the tasks in which a person's name means this person; in other tasks it may be a namesake."""
    unit_id = person.unit_id
    unit_columns = (col(Task.lead_unit_id), col(Task.assigned_unit_id), col(Task.assigner_unit_id))
    is_of_unit = false() if unit_id is None else or_(*(column == unit_id for column in unit_columns))
    unit_tasks = select(col(Task.id)).where(is_of_unit)
    acted_on = select(col(History.task_id)).where(col(History.actor_id) == person.id, col(History.task_id).is_not(None))
    return select(unit_tasks.union(acted_on).subquery().c.id)


@dataclass(frozen=True)
class PersonalSection:
    """The rows of a person in one table, without secrets, in the order of their keys."""

    name: str
    query: Select[Any]


def sections(person: Person) -> Iterator[PersonalSection]:
    """Yield a section for each table that may hold data about a person, even if it has none."""
    for table in all_tables().sorted_tables:
        conditions = list(_conditions(table, person))
        if conditions:
            query = select(*_columns(table, person)).where(or_(*conditions)).order_by(*table.primary_key)
            yield PersonalSection(table.name, query)


def person_columns(table: Table) -> list[Column[Any]]:
    return [key.parent for key in table.foreign_keys if key.column.table.name == "person"]


def _conditions(table: Table, person: Person) -> Iterator[ColumnElement[bool]]:
    for column in sorted(person_columns(table), key=lambda column: column.name):
        yield column == person.id
    if table.name == "person":
        yield table.c.id == person.id
    if table.name == "audit":
        yield table.c.object == person.code
    if table.name in _BY_NAME:
        names_them = func.lower(table.c[_BY_NAME[table.name]]) == person.full_name.lower()
        yield and_(names_them, table.c.task_id.in_(their_tasks(person)))
    if table.name == "throttle":
        yield table.c.key.contains(person.id.hex)
    if table.name in _PARENT_ROWS:
        link = _PARENT_ROWS[table.name]
        parent = all_tables().tables[link.table]
        yield table.c[link.reference].in_(select(parent.c.id).where(parent.c[link.person_column] == person.id))


def _columns(table: Table, person: Person) -> Iterator[ColumnElement[Any]]:
    for column in table.c:
        name = f"{table.name}.{column.name}"
        if name in SECRET | OF_THE_OFFICE or column.name in _INTERNAL:
            continue
        if name in OWN_WORDS:
            yield case((table.c[OWN_WORDS[name]] == person.id, column), else_=null()).label(column.name)
        elif name == "audit.facts":  # the facts about other people are not theirs
            yield case((table.c.object == person.code, column), else_=null()).label(column.name)
        else:
            yield column
