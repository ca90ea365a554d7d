"""`dondoc verify`: detects what was changed in the history or removed from it, and names the first break."""

from typing import Annotated, Any

import typer

from commands.context import CommandContext, check_sealed, command, front
from models.database.seal_keys import seal_keys_of
from models.database.session import damage_of
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
        if damage := damage_of(session.connection()):
            raise Refused("the database is damaged: {reason}; see `dondoc doctor`", reason=damage)
    directive_id = None
    if directive is not None:
        with context.reading() as session:
            directive_id = find_directive(session, directive).id
    told = verify(context.engine, directive_id=directive_id, head=head)
    context.show(_json(context, told), *_lines(context, told))
    _tell_secrets(context)
    if told.broken is not None:
        raise typer.Exit(1)


def _tell_secrets(context: CommandContext) -> None:
    """The history is checked without the secrets' key; that no program starts without it is said all the same."""
    try:
        check_sealed(context)
    except DondocError as error:
        context.say(error.message, **error.facts)


def _json(context: CommandContext, told: Verified) -> dict[str, Any]:
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
    data: dict[str, Any] = {"whole": told.broken is None} | {name: getattr(told, name) for name in names}
    if told.broken is not None:
        one = told.broken
        data["break"] = {
            "fault": one.fault.value,
            "words": context.words(_fault(one)),
            "seal": one.seal,
            "position": one.position,
            "row": one.row_id,
            "task": one.task_id,
            "found_at": one.found_at,
        }
    return data


def _lines(context: CommandContext, told: Verified) -> list[str]:
    say = context.words
    if told.broken is not None:
        return [
            say(_("BROKEN: {fault}"), fault=say(_fault(told.broken))),
            *_place(context, told.broken),
            _so_far(context, told),
        ]
    lines = [say(_("whole: nothing that was sealed has been changed, removed, added or put elsewhere"))]
    lines.append(_so_far(context, told))
    lines += map(say, _signatures(context, told))
    lines.append(
        say(_("words beside the lines: {notes} as written, {erased} erased"), notes=told.notes, erased=told.erased)
    )
    if told.late:
        lines.append(
            say(
                _n(
                    "sealed late, after a seal that had passed its moment: {count} line",
                    "sealed late, after a seal that had passed their moment: {count} lines",
                ),
                count=told.late,
            )
        )
    if told.tail and told.tail_since is not None:
        since = f"{local(told.tail_since):%d/%m/%Y %H:%M:%S}"
        lines.append(
            say(
                _n("not sealed yet: {count} line, since {since}", "not sealed yet: {count} lines, since {since}"),
                count=told.tail,
                since=since,
            )
        )
    else:
        lines.append(say(_("not sealed yet: none")))
    if told.head is not None:
        lines.append(say(_("head, to be kept outside this installation: {head}"), head=told.head))
    return lines


def _signatures(context: CommandContext, told: Verified) -> list[Words]:
    if told.signed:
        lines = [Words(_("signatures that are right: {count}"), count=told.signed)]
        if told.unsigned:
            lines.append(Words(_("not signed, from before seals were signed: {count}"), count=told.unsigned))
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


def _so_far(context: CommandContext, told: Verified) -> str:
    return context.words(
        _("looked at: {seals}, {lines}"),
        seals=_n("{count} seal", "{count} seals", count=told.seals),
        lines=_n("{count} line", "{count} lines", count=told.rows),
    )


def _place(context: CommandContext, one: Break) -> list[str]:
    facts = (
        (_("seal {number}"), one.seal),
        (_("position {number}"), one.position),
        (_("line {number}"), one.row_id),
        (_("task {number}"), one.task_id),
        (_("now at position {number}"), one.found_at),
    )
    told = [context.words(words, number=value) for words, value in facts if value is not None]
    return [", ".join(told)] if told else []


def _fault(one: Break) -> Words:
    return Words(one.fault.label, reason=one.reason)
