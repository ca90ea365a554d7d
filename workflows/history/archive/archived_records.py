"""Write the records of a directive as JSON lines: its text, duties, templates, tasks, results and conversations."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlmodel import Session, SQLModel, col

from models.database.rows import chunks, table_of
from models.directives.directive import Directive, Duty, directive_name
from models.directives.launch import Incident, Launch
from models.directives.template import TemplateVersion
from models.organization.person import Person
from models.organization.unit import Unit
from models.tasks.conversation import ConversationFile, ConversationMention, ConversationMessage
from models.tasks.evidence_files import evidence_path
from models.tasks.task import (
    Contribution,
    Evidence,
    Extension,
    LeadChange,
    Obstacle,
    Result,
    SignedPress,
    Task,
    TelephoneNote,
)
from models.text.localtime import write_date
from notifications.composing.reasons import due_words
from workflows.history.archive.zip_writer import ArchiveWriter, as_json, beside

_BATCH = 1_000
_LEFT_OUT = {"search_text", "number_words", "next_check_at", "revision"}
"""Columns that only serve searches and the engine."""


class _Table(NamedTuple):
    name: str
    model: type[SQLModel]
    order: tuple[Any, ...]


_OF_DIRECTIVE = (
    _Table("duties", Duty, (Duty.position, Duty.id)),
    _Table("launches", Launch, (Launch.id,)),
    _Table("incidents", Incident, (Incident.id,)),
    _Table("tasks", Task, (Task.id,)),
)
_OF_TASKS = (
    _Table("contributions", Contribution, (Contribution.task_id, Contribution.unit_id)),
    _Table("extensions", Extension, (Extension.id,)),
    _Table("obstacles", Obstacle, (Obstacle.id,)),
    _Table("lead_changes", LeadChange, (LeadChange.id,)),
    _Table("telephone_notes", TelephoneNote, (TelephoneNote.id,)),
    _Table("signed_presses", SignedPress, (SignedPress.id,)),
)
_CLASSIFIED = ("id", "task_id", "number", "document_date", "is_classified", "submitted_at", "decision", "decided_at")
"""Columns of a result sent by classified mail: its number, its date and the decision, but nothing of its content."""


class Mentioned:
    """Collects the people whose ids are in the written rows. The archive names only these people."""

    def __init__(self) -> None:
        self.people: set[UUID] = set()
        self._columns: dict[type[SQLModel], list[str]] = {}

    def take(self, model: type[SQLModel], row: dict[str, Any]) -> dict[str, Any]:
        """Collect the people of a row, and return the row."""
        if model not in self._columns:
            table = table_of(model)
            keys = [key for key in table.foreign_keys if key.column.table.name == "person"]
            self._columns[model] = [key.parent.name for key in keys]
        self.people.update(row[name] for name in self._columns[model] if row.get(name) is not None)
        return row


def write_records(
    session: Session, archive: ArchiveWriter, directive: Directive, folder: Path, mentioned: Mentioned
) -> dict[str, int]:
    """Write all records, with the evidence files from the store `folder`. Return the count of each kind."""
    archive.add("directive.json", as_json(columns_of(directive), indent=1) + b"\n")
    archive.add("directive.txt", _text(directive).encode())
    task_ids = tasks_of_directive(directive.id)
    counts: dict[str, int] = {}
    for table in _OF_DIRECTIVE:
        where = table_of(table.model).c.directive_id == directive.id
        counts[table.name] = archive.add_lines(f"{table.name}.jsonl", _rows(session, table, where, mentioned))
    for table in _OF_TASKS:
        where = table_of(table.model).c.task_id.in_(task_ids)
        counts[table.name] = archive.add_lines(f"{table.name}.jsonl", _rows(session, table, where, mentioned))
    versions = _Table("templates", TemplateVersion, (TemplateVersion.duty_id, TemplateVersion.version))
    used = select(col(Task.template_version_id)).where(col(Task.directive_id) == directive.id)
    counts["templates"] = archive.add_lines(
        "templates.jsonl", _rows(session, versions, col(TemplateVersion.id).in_(used), mentioned)
    )
    counts["results"], counts["evidence"] = _write_results(session, archive, task_ids, folder, mentioned)
    counts["messages"] = _write_messages(session, archive, directive.id, folder, mentioned)
    return counts


def write_names(session: Session, archive: ArchiveWriter, mentioned: Mentioned) -> None:
    """Write the names of units and people by their ids, without addresses and telephone numbers."""
    units = select(col(Unit.id), col(Unit.code), col(Unit.name)).order_by(col(Unit.code))
    archive.add_lines("units.jsonl", (row._asdict() for row in session.execute(units)))

    people = select(col(Person.id), col(Person.code), col(Person.full_name), col(Person.title)).order_by(col(Person.id))

    def read_people() -> Iterator[dict[str, Any]]:
        for chunk in chunks(sorted(mentioned.people)):
            yield from (row._asdict() for row in session.execute(people.where(col(Person.id).in_(chunk))))

    archive.add_lines("people.jsonl", read_people())


def tasks_of_directive(directive_id: UUID) -> Any:
    """Select the ids of a directive's tasks, for use in other queries."""
    return select(col(Task.id)).where(col(Task.directive_id) == directive_id)


def columns_of(row: SQLModel) -> dict[str, Any]:
    values = row.model_dump(exclude=_LEFT_OUT)
    if isinstance(row, Task):  # readers of an archive have no program that puts the facts in words
        values["due_reason"] = due_words(row.due_facts, row.due_reason, "vi")
    return values


def _rows(
    session: Session, table: _Table, where: ColumnElement[bool], mentioned: Mentioned
) -> Iterator[dict[str, Any]]:
    query = select(table.model).where(where).order_by(*table.order).execution_options(yield_per=_BATCH)
    for row in session.scalars(query):
        session.expunge(row)
        yield mentioned.take(table.model, columns_of(row))


def _write_results(
    session: Session, archive: ArchiveWriter, tasks: Any, folder: Path, mentioned: Mentioned
) -> tuple[int, int]:
    """Write the results, each with its files. A file that several results share is written once.

    Return how many results and how many files.
    """
    files = 0
    results = _Table("results", Result, (Result.id,))
    with beside() as lines:
        count = 0
        for row in _rows(session, results, col(Result.task_id).in_(tasks), mentioned):
            if row["is_classified"]:
                row = {name: row[name] for name in _CLASSIFIED}
                row["evidence"] = []
            else:
                query = select(Evidence).where(col(Evidence.result_id) == row["id"]).order_by(col(Evidence.id))
                row["evidence"] = [_write_file(archive, file, folder) for file in session.scalars(query).all()]
                files += len(row["evidence"])
            lines.write(as_json(row) + b"\n")
            count += 1
        archive.copy("results.jsonl", lines)
    return count, files


def _write_messages(
    session: Session, archive: ArchiveWriter, directive_id: UUID, folder: Path, mentioned: Mentioned
) -> int:
    """Write the messages, each with its files and the people it mentions. Their texts are among the notes.

    Return how many messages.
    """
    messages = _Table("messages", ConversationMessage, (ConversationMessage.written_at, ConversationMessage.id))
    count = 0
    with beside() as lines:  # the messages' files go into the archive meanwhile
        for row in _rows(session, messages, col(ConversationMessage.directive_id) == directive_id, mentioned):
            is_of_message = col(ConversationFile.message_id) == row["id"]
            files = session.scalars(select(ConversationFile).where(is_of_message).order_by(col(ConversationFile.id)))
            evidence = [_write_file(archive, file, folder) for file in files.all()]
            mentions = select(ConversationMention).where(col(ConversationMention.message_id) == row["id"])
            people = [mentioned.take(ConversationMention, columns_of(mention)) for mention in session.scalars(mentions)]
            person_ids = sorted(str(person["person_id"]) for person in people)
            lines.write(as_json(row | {"mentions": person_ids, "evidence": evidence}) + b"\n")
            count += 1
        archive.copy("messages.jsonl", lines)
    return count


def _write_file(archive: ArchiveWriter, file: Evidence | ConversationFile, folder: Path) -> dict[str, Any]:
    """Write a file under its hash. Its `file` is None if the store no longer has it."""
    name, path = f"evidence/{file.sha256}/{file.filename}", evidence_path(folder, file.sha256)
    facts = {"sha256": file.sha256, "filename": file.filename, "media_type": file.media_type, "size": file.size}
    if not path.is_file():
        return facts | {"file": None}
    if name not in archive.files:
        with path.open("rb") as source:
            archive.copy(name, source)
    return facts | {"file": name}


def _text(directive: Directive) -> str:
    """Return the document's text for people, under its number, issuer, date and subject."""
    head = [directive_name(directive.kind, directive.number, directive.subject), directive.issuer]
    if directive.issued_on is not None:
        head.append(write_date(directive.issued_on))
    return "\n".join([*head, directive.subject, "", directive.text, ""])
