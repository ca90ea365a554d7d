"""What is kept of one person: every table that points at people, and those that name them by code or name.

Found by the schema's own foreign keys, so that a new table is in the answer from its first day.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

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
"""Would open something, or prove a guess."""
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
"""What a person worked on, not what is kept of them: documents, reports, figures. That they did is in the answer."""
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
"""Words in tables that several people write into, with the column that says whose they are: each gets, and has erased,
their own. Those beside lines of the history are of its actor."""
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
"""Kept only to find things by, or to run the clock."""
_HANGING = {
    "history_note": ("history", "history_id", "actor_id"),
    "channel_attempt": ("channel_message", "message_id", "recipient_id"),
    "letter_attempt": ("letter", "letter_id", "recipient_id"),
    "bounce": ("letter", "letter_id", "recipient_id"),
    "reply": ("letter", "letter_id", "recipient_id"),
    "expired_content": ("letter", "letter_id", "recipient_id"),
    "letter_link": ("letter", "letter_id", "recipient_id"),
    "evidence": ("result", "result_id", "submitted_by"),
    "conversation_file": ("conversation_message", "message_id", "author_id"),
}
"""Tables that hang on a row of a person's: that row's table, the column that names it, and its person's."""


_BY_NAME = {"result": "signer", "signed_press": "signer", "telephone_note": "answered_by"}
"""Tables that say who it was by their name alone."""


def their_tasks(person: Person) -> Select[Any]:
    """In these tasks a person's name means them; elsewhere it may be a namesake's."""
    unit = person.unit_id
    units = (col(Task.lead_unit_id), col(Task.assigned_unit_id), col(Task.assigner_unit_id))
    of_unit = select(col(Task.id)).where(false() if unit is None else or_(*(one == unit for one in units)))
    acted = select(col(History.task_id)).where(col(History.actor_id) == person.id, col(History.task_id).is_not(None))
    return select(of_unit.union(acted).subquery().c.id)


@dataclass(frozen=True)
class PersonalSection:
    """One table's rows of a person, in the order of their keys; without secrets."""

    name: str
    query: Select[Any]


def sections(person: Person) -> Iterator[PersonalSection]:
    """Those without a row as well."""
    for table in all_tables().sorted_tables:
        which = list(_which(table, person))
        if which:
            query = select(*_columns(table, person)).where(or_(*which)).order_by(*table.primary_key)
            yield PersonalSection(table.name, query)


def ties(table: Table) -> list[Column[Any]]:
    return [key.parent for key in table.foreign_keys if key.column.table.name == "person"]


def _which(table: Table, person: Person) -> Iterator[ColumnElement[bool]]:
    for column in sorted(ties(table), key=lambda column: column.name):
        yield column == person.id
    if table.name == "person":
        yield table.c.id == person.id
    if table.name == "audit":
        yield table.c.object == person.code
    if table.name in _BY_NAME:
        named = func.lower(table.c[_BY_NAME[table.name]]) == person.full_name.lower()
        yield and_(named, table.c.task_id.in_(their_tasks(person)))
    if table.name == "throttle":
        yield table.c.key.contains(person.id.hex)
    if table.name in _HANGING:
        above, name, whose = _HANGING[table.name]
        parent = all_tables().tables[above]
        yield table.c[name].in_(select(parent.c.id).where(parent.c[whose] == person.id))


def _columns(table: Table, person: Person) -> Iterator[ColumnElement[Any]]:
    for column in table.c:
        name = f"{table.name}.{column.name}"
        if name in SECRET | OF_THE_OFFICE or column.name in _INTERNAL:
            continue
        if name in OWN_WORDS:
            yield case((table.c[OWN_WORDS[name]] == person.id, column), else_=null()).label(column.name)
        elif name == "audit.facts":  # of what they did to others, that they did it
            yield case((table.c.object == person.code, column), else_=null()).label(column.name)
        else:
            yield column
