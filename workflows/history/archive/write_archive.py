"""Export everything about one directive as a zip, as of one moment and in bounded memory."""

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
    """A written archive. `manifest` is the SHA-256 of its manifest, to be noted when the archive is handed over."""

    path: Path
    size: int
    files: int
    manifest: str
    head: str | None
    counts: dict[str, int]


def export_directive(
    engine: Engine, directive_id: UUID, path: Path, *, evidence: Path, now: datetime, shared_letters: bool = False
) -> Exported:
    """Write the archive to `path`; a failed export leaves no file. `evidence` is the store of files.

    With `shared_letters`, it includes the bytes of letters that also mention other directives. Raises Refused if the
    history is not as it was sealed.
    """
    mentioned, keys = Mentioned(), seal_keys(engine)
    with reading(engine) as session, ArchiveWriter(path, now=now) as archive:
        directive = session.get_one(Directive, directive_id)
        for name, source in (("README.txt", "README.txt"), ("verify.py", "archive_verifier.py")):
            archive.add(name, (_HERE / source).read_bytes())
        counts = write_records(session, archive, directive, evidence, mentioned)
        counts |= write_letters(session, archive, directive_id, mentioned, shared=shared_letters)
        history_counts, head = write_history(session, archive, directive_id, mentioned)
        counts |= history_counts
        write_names(session, archive, mentioned)
        public_keys = keys.public_keys() if keys else []
        facts: dict[str, Any] = {
            "form": FORM,
            "directive": directive.code,
            "made_at": now,
            "head": head,
            "seal_keys": [{"first_seal": key.first, "public": key.digits} for key in public_keys],
            "counts": counts,
        }
        manifest = archive.finish(facts)
    return Exported(path, path.stat().st_size, len(archive.files), manifest, head["digest"] if head else None, counts)


def note_export(session: Session, audit_actor: AuditActor, code: str, exported: Exported) -> None:
    facts = {"manifest": exported.manifest, "files": exported.files}
    audit_actor.note(session, "directive_exported", about=code, facts=facts)


def require_export(session: Session, principal: Principal, directive: Directive) -> None:
    """Raise Forbidden unless the person may export the directive."""
    if not may_export(session, principal, directive):
        raise Forbidden(
            _("{person} may not take this directive's whole file out: only who sees all its tasks and letters may"),
            person=principal.person.full_name,
        )


def may_export(session: Session, principal: Principal, directive: Directive) -> bool:
    """Tell whether a person sees everything about a directive: all its tasks, and the letters."""
    if not principal.may(Right.SEE_LETTERS):
        return False
    if principal.may(Right.SEE_EVERYTHING):
        return True
    all_tasks = select(func.count()).select_from(Task).where(col(Task.directive_id) == directive.id)
    # count them: a negated condition would miss tasks for which it is NULL
    seen_tasks = all_tasks.where(filtering(visible_tasks(principal)))
    return is_run_by(session, principal, directive) and session.scalar(all_tasks) == session.scalar(seen_tasks)
