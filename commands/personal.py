"""`dondoc person export` and `dondoc person erase`: export or erase what is stored of one person."""

from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import typer
from sqlmodel import Session

from commands.context import CommandContext, command, now
from commands.options import AsPersonOrNobody, DryRun, Now, Yes, person_or_none, read_now
from models.database.session import dry_run_session
from models.errors import BadInput, NotFound
from models.i18n import _, _n
from models.organization.person import Person
from models.organization.register_reads import resolve_person
from models.text.localtime import local_date
from workflows.access.audit_log import AuditActor
from workflows.access.rights import read_principal
from workflows.operations.personal.erase import Erased, erase_person
from workflows.operations.personal.export_person import export_person, note_person_export
from workflows.organization.audit_words import KIND_WORDS
from workflows.rules.rights_table import Right


def register(people: typer.Typer) -> None:
    command(people, "export", example="dondoc person export luong.thi.ngan luong.thi.ngan.zip")(export_)
    command(people, "erase", example="dondoc person erase luong.thi.ngan --dry-run")(erase_)


def export_(
    context: CommandContext,
    code: Annotated[str, typer.Argument(metavar="PERSON", help="Code of the person.")],
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The archive to write; it must not be there yet.")],
    person: AsPersonOrNobody = None,
) -> None:
    """Write everything that is kept of one person into one archive, for them.

    Register entry, account without its secrets, sessions, audit, history with their words, letters to them, results.
    What is left out, and why, stands in it. The audit gets a line.
    """
    if file.exists():
        raise BadInput("file {file}: it is there already", file=str(file))
    with context.reading() as session:
        actor = _administrator(session, person)
        exported_person = resolve_person(session, code)
    archive = export_person(context.engine, exported_person, file, now=now())
    with context.transaction() as session:
        note_person_export(session, AuditActor(now(), actor.id if actor else None), exported_person.code, archive)
    context.show(
        {
            "person": exported_person.code,
            "file": str(file),
            "size": archive.size,
            "rows": archive.rows,
            "letters": archive.letters,
            "manifest_sha256": archive.manifest,
        }
    )
    rows = sum(archive.rows.values())
    context.say(
        _n("{file}: {count} row, {letters} whole", "{file}: {count} rows, {letters} whole"),
        file=str(file),
        count=rows,
        letters=_n("{count} letter", "{count} letters", count=archive.letters),
    )


def erase_(
    context: CommandContext,
    code: Annotated[str, typer.Argument(metavar="PERSON", help="Code of the person, or their id (erased.txt).")],
    person: AsPersonOrNobody = None,
    yes: Yes = False,
    dry_run: DryRun = False,
    now: Now = None,
) -> None:
    """Erase what names one person, and the words they wrote; it cannot be undone.

    Only of somebody retired who holds no office, no role and no open task. The history's lines stay and verify. A
    back-up made before still holds the person: after a restore, erase them again; `dondoc doctor` says whom.
    """
    moment = read_now(now)
    with dry_run_session(context.engine) as session:
        actor = _administrator(session, person)
        audit_actor = AuditActor(moment, actor.id if actor else None)
        preview = erase_person(session, _named(session, code), audit_actor, folder=None)
    table = context.table(
        [{"kind": KIND_WORDS[kind], "count": count} for kind, count in preview.counts.items()],
        {"kind": _("to be erased"), "count": _("how many")},
    )
    question = _("Erase this person? It cannot be undone")
    if not context.may_go_on(_json(preview, done=False), table, yes=yes, dry_run=dry_run, question=question):
        return
    with context.transaction() as session:
        erased = erase_person(
            session, session.get_one(Person, preview.person_id), audit_actor, folder=context.settings.data
        )
    if context.as_json:
        context.show(_json(erased, done=True))
    context.say(_("erased: {was} is now {code}"), was=erased.former_code, code=erased.stand_in.code)
    context.say(_("back-ups made until now still hold this person: keep them no longer than needed"))
    context.say(_("after a restore of one, erase again: dondoc person erase {id}"), id=erased.person_id)


def _named(session: Session, text: str) -> Person:
    with suppress(ValueError):
        person = session.get(Person, UUID(text.strip()))
        if person is None:
            raise NotFound("there is no person {code}{near}", code=text, near="")
        return person
    return resolve_person(session, text)


def _administrator(session: Session, code: str | None) -> Person | None:
    """Return the person who acts; None stands for the machine's user. Forbidden for who may not edit the register."""
    actor = person_or_none(session, code)
    if actor is not None:
        read_principal(session, actor, local_date(now())).require(Right.EDIT_REGISTER)
    return actor


def _json(result: Erased, *, done: bool) -> dict[str, Any]:
    return {
        "id": result.person_id,
        "person": result.former_code,
        "becomes": result.stand_in.code,
        "counts": result.counts,
        "erased": done,
    }
