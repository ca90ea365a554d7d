"""`dondoc roots …`: root certificates of digital signatures, and the signatures of a file."""

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.text import Text

from commands.context import CommandContext, command
from commands.options import AsPerson, DryRun, Now, Yes, read_now
from models.errors import BadInput
from models.i18n import _, _n
from models.organization.register_reads import resolve_person
from models.organization.trust import TrustedRoot
from models.text.localtime import local_date
from notifications.composing.wording import Words, first_up
from workflows.access.audit_log import AuditActor
from workflows.access.rights import read_principal
from workflows.intake.files.limits import MOST_BYTES as LARGEST_DOCUMENT
from workflows.intake.signed.kept_checks import check_signatures
from workflows.intake.signed.signature_words import say_signatures
from workflows.intake.signed.trusted_roots import (
    MOST_BYTES,
    RootCandidate,
    install_roots,
    list_roots,
    read_roots,
    remove_root,
    write_fingerprint,
)
from workflows.rules.rights_table import Right

app = typer.Typer(
    help="Root certificates of digital signatures: list, add, remove; check a file.", no_args_is_help=True
)
_File = Annotated[Path, typer.Argument(metavar="FILE", help="A .cer, .crt, .pem or .p7b file.")]


@command(app, "list", example="dondoc roots list")
def list_(context: CommandContext) -> None:
    """List the installed root certificates."""
    with context.reading() as session:
        roots = list_roots(session)
    rows = [_row(one) | {"installed_at": one.installed_at} for one in roots]
    context.show({"roots": rows}, context.table(_shown(rows), _COLUMNS))


@command(app, "add", example="dondoc roots add rootca.p7b --as dang.thu.thuy --yes")
def add(
    context: CommandContext, file: _File, person: AsPerson, yes: Yes = False, dry_run: DryRun = False, now: Now = None
) -> None:
    """Install the certificates of authorities in a file: shows fingerprints to compare, then asks."""
    data = _read(file, MOST_BYTES)
    with context.reading() as session:
        candidates = read_roots(session, file.name, data)
        actor = resolve_person(session, person)
        read_principal(session, actor, local_date(read_now(now))).require(Right.TRUST_ROOTS)
    news = [one for one in candidates if one.is_authority and not one.is_installed]
    if not news:
        context.show({"installed": 0, "roots": []})
        context.say(_("nothing to do: no authority's certificate in it that is not yet installed"))
        return
    rows = [_row(one) for one in news]
    shown, question = context.table(_shown(rows), _COLUMNS), _("Install these root certificates?")
    if not context.may_go_on({"installed": 0, "roots": rows}, shown, yes=yes, dry_run=dry_run, question=question):
        return
    with context.transaction() as session:
        count = install_roots(session, news, AuditActor(read_now(now), actor.id), actor.id)
    if context.as_json:
        context.show({"installed": count, "roots": rows})
    context.say(_n("installed: {count} root certificate", "installed: {count} root certificates"), count=count)


@command(app, "remove", example="dondoc roots remove 3f2a99b0 --as dang.thu.thuy --yes")
def remove(
    context: CommandContext,
    root: Annotated[str, typer.Argument(metavar="FINGERPRINT", help="Its fingerprint, or the first eight digits.")],
    person: AsPerson,
    yes: Yes = False,
    dry_run: DryRun = False,
    now: Now = None,
) -> None:
    """Remove a root certificate: signatures that it alone vouches for are no longer verified."""
    with context.reading() as session:
        actor = resolve_person(session, person)
        read_principal(session, actor, local_date(read_now(now))).require(Right.TRUST_ROOTS)
    with context.transaction(keep=False) as session:
        subject = remove_root(session, root, AuditActor(read_now(now), actor.id)).subject
    text, question = Text(subject), _("Remove this root certificate?")
    if not context.may_go_on({"removed": None, "root": subject}, text, yes=yes, dry_run=dry_run, question=question):
        return
    with context.transaction() as session:
        remove_root(session, root, AuditActor(read_now(now), actor.id))
    if context.as_json:
        context.show({"removed": subject})
    context.say(_("Removed: {subject}."), subject=subject)


@command(app, "check", example="dondoc roots check chi-thi.pdf")
def check(
    context: CommandContext, file: Annotated[Path, typer.Argument(metavar="FILE", help="A PDF file.")], now: Now = None
) -> None:
    """Check the digital signatures of a PDF file against the installed roots. Nothing is fetched or kept."""
    data = _read(file, LARGEST_DOCUMENT)
    with context.reading() as session:
        roots = [one.content for one in list_roots(session)]
    moment = read_now(now)
    found = check_signatures(data, roots, moment)
    said = say_signatures(found.signatures, moment, Words(context.language))
    rows = [
        {
            "outcome": one.outcome.value,
            "title": first_up(context.words(one.title)),
            "signer": context.words(one.who),
            "time": context.words(one.when) if one.when else "–",
            "remarks": " ".join(map(context.words, one.remarks)),
        }
        for one in said
    ]
    columns = {
        "title": _("digital signature"),
        "signer": _("signer"),
        "time": _("signed at"),
        "remarks": _("what to know"),
    }
    if found.has_failed:
        context.show({"signatures": [], "failed": True})
        context.say(_("The digital signatures of this file cannot be checked: it is damaged, too large or protected."))
    elif not rows:
        context.show({"signatures": [], "failed": False})
        context.say(_("not digitally signed"))
    else:
        context.show({"signatures": rows, "failed": False}, context.table(rows, columns))


_COLUMNS = {"subject": _("name"), "valid_until": _("valid until"), "fingerprint": _("fingerprint (SHA-256)")}


def _row(one: RootCandidate | TrustedRoot) -> dict[str, Any]:
    return {
        "subject": one.subject,
        "issuer": one.issuer,
        "valid_from": one.valid_from,
        "valid_until": one.valid_until,
        "fingerprint": one.sha256,
    }


def _shown(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [row | {"fingerprint": write_fingerprint(row["fingerprint"])} for row in rows]


def _read(file: Path, most: int) -> bytes:
    """Return the file's content, no more than `most` bytes and one. BadInput where there is none."""
    if not file.is_file():
        raise BadInput("file {file}: there is no such file", file=str(file))
    with file.open("rb") as opened:
        data = opened.read(most + 1)
    if len(data) > most:
        raise BadInput(
            "file {file}: {size} bytes; allowed are 1 to {most} bytes", file=file.name, size=f"> {most}", most=most
        )
    return data
