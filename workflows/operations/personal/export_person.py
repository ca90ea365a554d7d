"""Everything kept of one person, as one zip for them: JSON by table, their letters, and a text that says what it is."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Engine
from sqlmodel import Session

from models.database.session import reading
from models.i18n import LANGUAGES, translate
from models.letters.letter_reads import contents_for
from models.organization.person import Person
from models.text.localtime import local, write_date
from workflows.access.audit_log import AuditActor
from workflows.history.archive.zip_writer import ArchiveWriter, Member, as_json
from workflows.operations.personal.personal_rows import sections
from workflows.operations.personal.telling import ABOUT, LEFT_OUT, TABLE_WORDS

EXPORTED = "personal_data_exported"
"""The audit's name of the deed."""
FORM = "dondoc-person-1"
_BATCH = 500
"""So many rows are held at a time."""


@dataclass(frozen=True)
class Taken:
    """What was written: rows by table."""

    path: Path
    size: int  # bytes
    rows: dict[str, int]
    letters: int
    """Of the letters, those whose bytes are still kept."""
    manifest: str
    """SHA-256 of manifest.json."""


def export_person(engine: Engine, person: Person, path: Path, *, now: datetime) -> Taken:
    """Write everything kept of a person to `path`, whole or not at all, as of one moment and in bounded memory."""
    rows: dict[str, int] = {}
    with reading(engine) as session, ArchiveWriter(path, now=now) as archive:
        for section in sections(person):
            with archive.member(f"{section.name}.json") as member:
                rows[section.name] = _write(member, _read(session, section.query))
        letters = 0
        for letter_id, content in contents_for(session, person.id):
            archive.add(f"letters/{letter_id}.eml", content)
            letters += 1
        for language in LANGUAGES:
            archive.add(f"README.{language}.txt", "\n".join(_text(person, rows, letters, now, language)).encode())
        manifest = archive.finish({"form": FORM, "person": person.code, "made_at": now, "rows": rows})
    return Taken(path, path.stat().st_size, rows, letters, manifest)


def note_taken(session: Session, hand: AuditActor, code: str, done: Taken) -> None:
    """Write to the audit that somebody's data were taken out."""
    hand.note(session, EXPORTED, code, {"manifest": done.manifest, "rows": sum(done.rows.values())})


def _read(session: Session, query: Any) -> Iterator[dict[str, Any]]:
    for row in session.execute(query.execution_options(yield_per=_BATCH)):
        yield row._asdict()


def _write(member: Member, rows: Iterator[dict[str, Any]]) -> int:
    """Return a JSON array, one row a line; how many."""
    count = 0
    for count, row in enumerate(rows, 1):
        member.write((b"[\n" if count == 1 else b",\n") + as_json(row))
    member.write(b"\n]\n" if count else b"[]\n")
    return count


def _text(person: Person, rows: dict[str, int], letters: int, now: datetime, language: str) -> Iterator[str]:
    def say(message: str, **facts: object) -> str:
        return translate(message, language, **facts)

    moment = local(now)
    yield say(ABOUT, person=person.full_name, code=person.code, day=write_date(moment.date()), time=f"{moment:%H:%M}")
    yield ""
    for name, count in rows.items():
        yield f"{count:>8}  {name}.json – {say(TABLE_WORDS[name])}"
    yield f"{letters:>8}  letters/ – {say(TABLE_WORDS['letters'])}"
    yield ""
    for words in LEFT_OUT:
        yield f"- {say(words)}"
    yield ""
