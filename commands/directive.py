"""`dondoc directive …`: the documents and their duties."""

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.text import Text

from commands.context import CommandContext, command, now
from commands.options import AsPersonOrNobody, DirectiveName, DryRun, Now, person_or_none, read_now
from models.directives.directive import Directive, all_directives, find_directive
from models.errors import BadInput
from models.i18n import _, _n
from models.organization.unit import Unit
from workflows.access.audit_log import AuditActor
from workflows.history.archive.write_archive import export_directive, note_export
from workflows.launch.launch_plan import duties_of
from workflows.templates.pack_file import read_pack
from workflows.templates.packs import bundled, bundled_pack, import_directive

app = typer.Typer(help="Directives: list, show, import.", no_args_is_help=True)


@command(app, "list", example="dondoc directive list")
def list_(context: CommandContext) -> None:
    """List the directives, and how many duties each has."""
    with context.reading() as session:
        directives = all_directives(session)
    rows = [_line(directive) | {"duties": duties} for directive, duties in directives]
    columns = {
        "code": _("code"),
        "number": _("number"),
        "issued_on": _("issued"),
        "subject": _("subject"),
        "duties": _("duties"),
    }
    context.show(rows, context.table(rows, columns))


@command(app, "show", example="dondoc directive show ct-06-2004")
def show(context: CommandContext, name: DirectiveName) -> None:
    """Show a directive and each duty with its own sentence."""
    with context.reading() as session:
        directive = find_directive(session, name)
        duties = duties_of(session, directive, None)
        coordinating_unit, issuer_office = (
            session.get_one(Unit, unit_id) for unit_id in (directive.coordinating_unit_id, directive.issuer_office_id)
        )
    rows = [{"duty": duty.path, "kind": duty.kind.value, "title": duty.title, "quote": duty.quote} for duty in duties]
    data = _line(directive) | {
        "urgency": directive.urgency.value,
        "coordinating_unit": coordinating_unit.code,
        "issuer_office": issuer_office.code,
        "legal_bases": directive.legal_bases,
        "sources": directive.sources,
        "duties": rows,
    }
    shown = [row | {"kind": duty.kind.label} for row, duty in zip(rows, duties, strict=True)]
    columns = {"duty": _("duty"), "kind": _("kind"), "title": _("title"), "quote": _("quote")}
    context.show(
        data, Text(f"{directive.number or directive.code} · {directive.subject}"), context.table(shown, columns)
    )


@command(app, "import", example="dondoc directive import ct-06-2004")
def import_(
    context: CommandContext,
    pack: Annotated[
        str, typer.Argument(metavar="PACK", help="Folder of a pack, its pack.yaml, or the code of a bundled directive.")
    ],
    person: AsPersonOrNobody = None,
    dry_run: DryRun = False,
    now: Now = None,
) -> None:
    """Import a directive with a draft template per duty; a changed template becomes a new draft."""
    is_bundled = pack in {path.name for path in bundled()}
    is_code = not Path(pack).exists() and "/" not in pack and not pack.endswith((".yaml", ".yml"))
    content = bundled_pack(pack) if is_bundled or is_code else read_pack(Path(pack))
    with context.transaction(keep=not dry_run) as session:
        actor = person_or_none(session, person)
        imported = import_directive(session, content, now=read_now(now), actor_id=actor.id if actor else None)
    data = {
        "directive": imported.directive.code,
        "created": imported.created,
        "drafts": imported.drafts,
        "amended": imported.amended,
        "dry_run": dry_run,
    }
    context.show(data)
    context.say(
        _n("directive {code}: {count} new draft", "directive {code}: {count} new drafts"),
        code=imported.directive.code,
        count=imported.drafts,
    )
    if dry_run:
        context.say(_("dry run: nothing was kept"))
    elif imported.drafts:
        context.say(_("see what publishing them does: dondoc template publish {code}"), code=imported.directive.code)


@command(app, "export", example="dondoc directive export ct-06-2004 ct-06-2004.zip")
def export(
    context: CommandContext,
    name: DirectiveName,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The archive to write; it must not be there yet.")],
    shared_letters: Annotated[
        bool, typer.Option("--shared-letters", help="With letters that tell of other directives too.")
    ] = False,
) -> None:
    """Write everything about a directive into one archive that can be checked without this software.

    Text, duties, templates, tasks, results with their files, letters as they were sent, and the history with the seals
    that prove it. The archive holds a verify.py that needs Python alone.
    """
    if file.exists():
        raise BadInput("file {file}: it is there already", file=str(file))
    with context.reading() as session:
        directive = find_directive(session, name)
    archive = export_directive(
        context.engine, directive.id, file, evidence=context.settings.evidence, now=now(), shared_letters=shared_letters
    )
    with context.transaction() as session:
        note_export(session, AuditActor(now()), directive.code, archive)
    context.show(
        {
            "directive": directive.code,
            "file": str(file),
            "size": archive.size,
            "files": archive.files,
            "manifest_sha256": archive.manifest,
            "head": archive.head,
            "counts": archive.counts,
        }
    )
    context.say(
        _n("{file}: {count} file, {size} bytes", "{file}: {count} files, {size} bytes"),
        file=str(file),
        count=archive.files,
        size=archive.size,
    )
    context.say(_("to be noted where it is handed over: SHA-256 of manifest.json {digest}"), digest=archive.manifest)
    if archive.counts["letters_withheld"]:
        context.say(
            _("letters kept out, as they tell of other directives too: {count}"),
            count=archive.counts["letters_withheld"],
        )


def _line(directive: Directive) -> dict[str, Any]:
    names = ("id", "code", "kind", "number", "issued_on", "issuer", "subject")
    return {name: getattr(directive, name) for name in names}
