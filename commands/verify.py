"""`dondoc verify`: detect changes and removals in the history, and name the first break."""

from typing import Annotated, Any

import typer

from commands.context import CommandContext, check_sealed, command, front
from models.database.seal_keys import seal_keys_of
from models.database.session import find_damage
from models.directives.directive import find_directive
from models.errors import DondocError, Refused
from models.i18n import Words, _, _n
from models.text.localtime import local
from workflows.history.verify_history import verify
from workflows.rules.chain import Break, Verified


@command(front, "verify", example="dondoc verify --head 3f9a1c20b7d4")
def verify_(
    context: CommandContext,
    directive: Annotated[
        str | None,
        typer.Option("--directive", metavar="DIRECTIVE", help="Look only at the contents of this directive's lines."),
    ] = None,
    head: Annotated[
        str | None,
        typer.Option("--head", metavar="DIGEST", help="A head that was kept elsewhere: the chain must hold it."),
    ] = None,
) -> None:
    """Check the database file, compute the chain of seals over the history again, and check signatures.

    Exit code 1 where something was changed, removed, added or put elsewhere, and the first break is named; 0 where
    the chain is whole. Signatures are checked against seals.pub in the data folder. Keep the head that it prints
    outside this installation, and give it back with --head: that detects a history written anew by who holds this
    machine.
    """
    with context.reading() as session:
        if damage := find_damage(session.connection()):
            raise Refused("the database is damaged: {reason}; see `dondoc doctor`", reason=damage)
    directive_id = None
    if directive is not None:
        with context.reading() as session:
            directive_id = find_directive(session, directive).id
    result = verify(context.engine, directive_id=directive_id, head=head)
    context.show(_json(context, result), *_lines(context, result))
    _tell_secrets(context)
    if result.broken is not None:
        raise typer.Exit(1)


def _tell_secrets(context: CommandContext) -> None:
    """Warn where the key of the secrets is missing. The check needs no key, but no program starts without it."""
    try:
        check_sealed(context)
    except DondocError as error:
        context.say(error.message, **error.facts)


def _json(context: CommandContext, result: Verified) -> dict[str, Any]:
    names = (
        "seals",
        "rows",
        "head",
        "sealed_at",
        "notes",
        "erased",
        "late",
        "tail",
        "tail_since",
        "signed",
        "unsigned",
    )
    data: dict[str, Any] = {"whole": result.broken is None} | {name: getattr(result, name) for name in names}
    if result.broken is not None:
        broken = result.broken
        data["break"] = {
            "fault": broken.fault.value,
            "words": context.words(_fault(broken)),
            "seal": broken.seal,
            "position": broken.position,
            "row": broken.row_id,
            "task": broken.task_id,
            "found_at": broken.found_at,
        }
    return data


def _lines(context: CommandContext, result: Verified) -> list[str]:
    say = context.words
    if result.broken is not None:
        return [
            say(_("BROKEN: {fault}"), fault=say(_fault(result.broken))),
            *_place(context, result.broken),
            _so_far(context, result),
        ]
    lines = [say(_("whole: nothing that was sealed has been changed, removed, added or put elsewhere"))]
    lines.append(_so_far(context, result))
    lines += map(say, _signatures(context, result))
    lines.append(
        say(_("words beside the lines: {notes} as written, {erased} erased"), notes=result.notes, erased=result.erased)
    )
    if result.late:
        lines.append(
            say(
                _n(
                    "sealed late, after a seal that had passed its moment: {count} line",
                    "sealed late, after a seal that had passed their moment: {count} lines",
                ),
                count=result.late,
            )
        )
    if result.tail and result.tail_since is not None:
        since = f"{local(result.tail_since):%d/%m/%Y %H:%M:%S}"
        lines.append(
            say(
                _n("not sealed yet: {count} line, since {since}", "not sealed yet: {count} lines, since {since}"),
                count=result.tail,
                since=since,
            )
        )
    else:
        lines.append(say(_("not sealed yet: none")))
    if result.head is not None:
        lines.append(say(_("head, to be kept outside this installation: {head}"), head=result.head))
    return lines


def _signatures(context: CommandContext, result: Verified) -> list[Words]:
    if result.signed:
        lines = [Words(_("signatures that are right: {count}"), count=result.signed)]
        if result.unsigned:
            lines.append(Words(_("not signed, from before seals were signed: {count}"), count=result.unsigned))
        return lines
    keys = seal_keys_of(context.settings)
    return [
        Words(
            _("no seal is signed yet")
            if keys.public_file.exists()
            else _("signatures were not checked: {path} is not here; `dondoc doctor` says why"),
            path=str(keys.public_file),
        )
    ]


def _so_far(context: CommandContext, result: Verified) -> str:
    return context.words(
        _("looked at: {seals}, {lines}"),
        seals=_n("{count} seal", "{count} seals", count=result.seals),
        lines=_n("{count} line", "{count} lines", count=result.rows),
    )


def _place(context: CommandContext, broken: Break) -> list[str]:
    facts = (
        (_("seal {number}"), broken.seal),
        (_("position {number}"), broken.position),
        (_("line {number}"), broken.row_id),
        (_("task {number}"), broken.task_id),
        (_("now at position {number}"), broken.found_at),
    )
    parts = [context.words(words, number=value) for words, value in facts if value is not None]
    return [", ".join(parts)] if parts else []


def _fault(broken: Break) -> Words:
    return Words(broken.fault.label, reason=broken.reason)
