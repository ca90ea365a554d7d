"""Export: everything about one directive as one zip, from one moment, in bounded memory."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import Engine, func, select
from sqlmodel import Session, col

from models.database.columns import filtering
from models.database.seal_keys import seal_keys
from models.database.session import reading
from models.directives.directive import Directive
from models.i18n import _
from models.tasks.task import Task
from workflows.access.audit_log import AuditActor
from workflows.access.rights import Forbidden, Principal, is_run_by, visible_tasks
from workflows.history.archive.archived_history import write_history
from workflows.history.archive.archived_letters import write_letters
from workflows.history.archive.archived_records import Mentioned, write_names, write_records
from workflows.history.archive.zip_writer import ArchiveWriter
from workflows.rules.rights_table import Right

FORM = "dondoc-archive-1"
_HERE = Path(__file__).parent


@dataclass(frozen=True)
class Exported:
    """What was written. `manifest`: the SHA-256 of the manifest, to be noted where the archive is handed over."""

    path: Path
    size: int
    files: int
    manifest: str
    head: str | None
    counts: dict[str, int]


def export_directive(
    engine: Engine, directive_id: UUID, path: Path, *, evidence: Path, now: datetime, shared_letters: bool = False
) -> Exported:
    """Write the archive to `path`, whole or not at all. `evidence`: the store of files.

    `shared_letters`: with the bytes of letters that tell of other directives too. Refused where the history is not as
    it was sealed.
    """
    mentioned, keys = Mentioned(), seal_keys(engine)
    with reading(engine) as session, ArchiveWriter(path, now=now) as archive:
        directive = session.get_one(Directive, directive_id)
        for name, source in (("README.txt", "README.txt"), ("verify.py", "archive_verifier.py")):
            archive.add(name, (_HERE / source).read_bytes())
        counts = write_records(session, archive, directive, evidence, mentioned)
        counts |= write_letters(session, archive, directive_id, mentioned, shared=shared_letters)
        told, head = write_history(session, archive, directive_id, mentioned)
        counts |= told
        write_names(session, archive, mentioned)
        facts: dict[str, Any] = {
            "form": FORM,
            "directive": directive.code,
            "made_at": now,
            "head": head,
            "seal_keys": [{"first_seal": one.first, "public": one.digits} for one in keys.publics()] if keys else [],
            "counts": counts,
        }
        manifest = archive.finish(facts)
    return Exported(path, path.stat().st_size, len(archive.files), manifest, head["digest"] if head else None, counts)


def note_export(session: Session, hand: AuditActor, code: str, done: Exported) -> None:
    hand.note(session, "directive_exported", about=code, facts={"manifest": done.manifest, "files": done.files})


def require_export(session: Session, principal: Principal, directive: Directive) -> None:
    """Forbidden where somebody does not see everything about a directive."""
    if not may_export(session, principal, directive):
        raise Forbidden(
            _("{person} may not take this directive's whole file out: only who sees all its tasks and letters may"),
            person=principal.person.full_name,
        )


def may_export(session: Session, principal: Principal, directive: Directive) -> bool:
    """They see everything about the directive: all its tasks, and the letters."""
    if not principal.may(Right.SEE_LETTERS):
        return False
    if principal.may(Right.SEE_EVERYTHING):
        return True
    whole = select(func.count()).select_from(Task).where(col(Task.directive_id) == directive.id)
    seen = whole.where(filtering(visible_tasks(principal)))  # counted: NOT of what is unknown finds nothing
    return is_run_by(session, principal, directive) and session.scalar(whole) == session.scalar(seen)
