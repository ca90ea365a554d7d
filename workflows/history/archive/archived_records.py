"""The records of a directive: its text, duties and templates, its tasks and all that hangs on them, as JSON lines."""

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
"""What is kept only to find things by, or to run the clock."""


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
"""Of a result sent by classified mail: its number and date, and what was decided. Nothing of its content."""


class Mentioned:
    """Whose ids stand in what was written: only these people are named."""

    def __init__(self) -> None:
        self.people: set[UUID] = set()
        self._columns: dict[type[SQLModel], list[str]] = {}

    def take(self, model: type[SQLModel], row: dict[str, Any]) -> dict[str, Any]:
        """Note the people of a row; give it back."""
        if model not in self._columns:
            table = table_of(model)
            keys = [key for key in table.foreign_keys if key.column.table.name == "person"]
            self._columns[model] = [key.parent.name for key in keys]
        self.people.update(row[name] for name in self._columns[model] if row.get(name) is not None)
        return row


def write_records(
    session: Session, archive: ArchiveWriter, directive: Directive, folder: Path, mentioned: Mentioned
) -> dict[str, int]:
    """Write them all; how many of each. `folder`: the store of evidence files."""
    archive.add("directive.json", as_json(columns_of(directive), indent=1) + b"\n")
    archive.add("directive.txt", _text(directive).encode())
    mine = of_directive(directive.id)
    counts: dict[str, int] = {}
    for table in _OF_DIRECTIVE:
        where = table_of(table.model).c.directive_id == directive.id
        counts[table.name] = archive.add_lines(f"{table.name}.jsonl", _rows(session, table, where, mentioned))
    for table in _OF_TASKS:
        where = table_of(table.model).c.task_id.in_(mine)
        counts[table.name] = archive.add_lines(f"{table.name}.jsonl", _rows(session, table, where, mentioned))
    versions = _Table("templates", TemplateVersion, (TemplateVersion.duty_id, TemplateVersion.version))
    used = select(col(Task.template_version_id)).where(col(Task.directive_id) == directive.id)
    counts["templates"] = archive.add_lines(
        "templates.jsonl", _rows(session, versions, col(TemplateVersion.id).in_(used), mentioned)
    )
    counts["results"], counts["evidence"] = _write_results(session, archive, mine, folder, mentioned)
    counts["messages"] = _write_messages(session, archive, directive.id, folder, mentioned)
    return counts


def write_names(session: Session, archive: ArchiveWriter, mentioned: Mentioned) -> None:
    """Write the names behind the ids of units and people: no address and no number."""
    units = select(col(Unit.id), col(Unit.code), col(Unit.name)).order_by(col(Unit.code))
    archive.add_lines("units.jsonl", (row._asdict() for row in session.execute(units)))

    named = (col(Person.id), col(Person.code), col(Person.full_name), col(Person.title))

    def people() -> Iterator[dict[str, Any]]:
        for some in chunks(sorted(mentioned.people)):
            query = select(*named).where(col(Person.id).in_(some)).order_by(col(Person.id))
            yield from (row._asdict() for row in session.execute(query))

    archive.add_lines("people.jsonl", people())


def of_directive(directive_id: UUID) -> Any:
    """The ids of its tasks, as a part of other queries."""
    return select(col(Task.id)).where(col(Task.directive_id) == directive_id)


def columns_of(row: SQLModel) -> dict[str, Any]:
    told = row.model_dump(exclude=_LEFT_OUT)
    if isinstance(row, Task):  # whoever reads an archive has no other words for the facts
        told["due_reason"] = due_words(row.due_facts, row.due_reason, "vi")
    return told


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
    """Write the results, each with its files; a file that several have stands once. Counts of results and of files."""
    files = 0
    results = _Table("results", Result, (Result.id,))
    with beside() as lines:
        count = 0
        for row in _rows(session, results, col(Result.task_id).in_(tasks), mentioned):
            if row["is_classified"]:
                row = {name: row[name] for name in _CLASSIFIED}
                row["evidence"] = []
            else:
                kept = session.scalars(
                    select(Evidence).where(col(Evidence.result_id) == row["id"]).order_by(col(Evidence.id))
                ).all()
                row["evidence"] = [_write_file(archive, one, folder) for one in kept]
                files += len(row["evidence"])
            lines.write(as_json(row) + b"\n")
            count += 1
        archive.copy("results.jsonl", lines)
    return count, files


def _write_messages(
    session: Session, archive: ArchiveWriter, directive_id: UUID, folder: Path, mentioned: Mentioned
) -> int:
    """Write the messages, each with its files and whom it mentions; their words are among the notes. How many."""
    messages = _Table("messages", ConversationMessage, (ConversationMessage.written_at, ConversationMessage.id))

    def lines() -> Iterator[dict[str, Any]]:
        for row in _rows(session, messages, col(ConversationMessage.directive_id) == directive_id, mentioned):
            of = col(ConversationFile.message_id) == row["id"]
            files = session.scalars(select(ConversationFile).where(of).order_by(col(ConversationFile.id))).all()
            called = select(ConversationMention).where(col(ConversationMention.message_id) == row["id"])
            people = [mentioned.take(ConversationMention, columns_of(one)) for one in session.scalars(called)]
            evidence = [_write_file(archive, one, folder) for one in files]
            yield row | {"mentions": sorted(str(one["person_id"]) for one in people), "evidence": evidence}

    with beside() as kept:  # files are written into the archive meanwhile
        count = 0
        for line in lines():
            kept.write(as_json(line) + b"\n")
            count += 1
        archive.copy("messages.jsonl", kept)
    return count


def _write_file(archive: ArchiveWriter, one: Evidence | ConversationFile, folder: Path) -> dict[str, Any]:
    """Write a file under its hash; `file` is None where the store has it no longer."""
    name, path = f"evidence/{one.sha256}/{one.filename}", evidence_path(folder, one.sha256)
    told = {"sha256": one.sha256, "filename": one.filename, "media_type": one.media_type, "size": one.size}
    if not path.is_file():
        return told | {"file": None}
    if name not in archive.files:
        with path.open("rb") as source:
            archive.copy(name, source)
    return told | {"file": name}


def _text(directive: Directive) -> str:
    """To be read by people: what the document is, and its text."""
    head = [directive_name(directive.kind, directive.number, directive.subject), directive.issuer]
    if directive.issued_on is not None:
        head.append(write_date(directive.issued_on))
    return "\n".join([*head, directive.subject, "", directive.text, ""])
