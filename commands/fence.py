"""`dondoc fence`: show the letters that a restored installation holds back, and release them."""

from datetime import datetime
from typing import Annotated, NoReturn

import typer

from commands.context import CommandContext, command, front, now
from commands.options import read_moment
from models.errors import BadInput, Refused
from models.i18n import _, _n
from workflows.history.verify_history import check_digest, has_seal
from workflows.queue.send_hold import HeldCounts, SendHold, count_held, lift_send_hold, read_send_hold


@command(front, "fence", example="dondoc fence --lift --stopped-at 2026-11-25T17:00 --checkpoint 3f9a1c20b7d4")
def fence_(
    context: CommandContext,
    lift: Annotated[bool, typer.Option("--lift", help="Let letters leave again.")] = False,
    stopped_at: Annotated[
        str | None, typer.Option("--stopped-at", metavar="ISO", help="When the old installation stopped.")
    ] = None,
    checkpoint: Annotated[
        str | None, typer.Option("--checkpoint", metavar="DIGEST", help="The newest head that was kept elsewhere.")
    ] = None,
    lost: Annotated[
        bool, typer.Option("--lost", help="There is no checkpoint, or it is unknown here: what came after it is lost.")
    ] = False,
) -> None:
    """Show what a restored installation holds back; with --lift, let letters leave again.

    Letters that were due by --stopped-at may have arrived: they wait for a person, who sends them again or puts them
    aside (`dondoc outbox list --dead`). All others leave with the next tick.
    """
    if checkpoint is not None:
        checkpoint = checkpoint.strip().lower()
        check_digest("--checkpoint", checkpoint)
    until = read_moment("--stopped-at", stopped_at) if stopped_at is not None else now()
    with context.reading() as session:
        send_hold = read_send_hold(session)
        held = count_held(session, until) if send_hold is not None else None
        is_known = None if checkpoint is None else has_seal(session, checkpoint)
    if send_hold is None or held is None:
        if lift:
            raise Refused("nothing is on hold: letters leave as usual")
        context.show({"fenced": False}, _("nothing is on hold: letters leave as usual"))
        return
    if not lift:
        _show_hold(context, send_hold, held, is_known)
        return
    if stopped_at is None:
        raise BadInput("--stopped-at is missing: when did the old installation stop? What was due by then may be sent")
    if not is_known and not lost:
        _refuse_loss(context, send_hold, checkpoint)
    _lift(context, until, checkpoint)


def _refuse_loss(context: CommandContext, send_hold: SendHold, checkpoint: str | None) -> NoReturn:
    """Refuse to lift: the old installation may have gone on after the back-up, and nobody has accepted that loss."""
    moment = context.cell(send_hold.made_at)
    if checkpoint is None:
        raise Refused(
            "compare it with the last checkpoint first (--checkpoint DIGEST), or say --lost where there is none;"
            " the back-up is of {moment}",
            moment=moment,
        )
    raise Refused(
        "this history does not hold the checkpoint: the old installation went on after the back-up of {moment}, and"
        " what it did then is lost. Say --lost to go on without it",
        moment=moment,
    )


def _lift(context: CommandContext, stopped_at: datetime, checkpoint: str | None) -> None:
    with context.transaction() as session:
        count = lift_send_hold(session, stopped_at=stopped_at, now=now(), checkpoint=checkpoint)
    context.show({"fenced": False, "waiting_for_a_person": count})
    context.say(_("letters leave again; {count} may have left before and wait for a person"), count=count)
    if count:
        context.say(_("see them: dondoc outbox list --dead"))


def _show_hold(context: CommandContext, send_hold: SendHold, held: HeldCounts, is_known: bool | None) -> None:
    """Show the send hold. `is_known`: the history holds the given checkpoint; None without a checkpoint."""
    facts = {
        "fenced": True,
        "made_at": send_hold.made_at,
        "restored_at": send_hold.restored_at,
        "head": send_hold.head,
        "letters": held.letters,
        "notices": held.notices,
        "checkpoint_known": is_known,
    }
    context.show(facts, *_lines(context, send_hold, held, is_known))


def _lines(context: CommandContext, send_hold: SendHold, held: HeldCounts, is_known: bool | None) -> list[str]:
    say = context.words
    lines = [
        say(
            _("on hold: no letter leaves since the back-up of {made} was restored on {restored}"),
            made=context.cell(send_hold.made_at),
            restored=context.cell(send_hold.restored_at),
        ),
        say(_("newest seal in it: {head}"), head=send_hold.head or "–"),
        say(
            _n(
                "due, and perhaps sent by the old installation: {letters}, {count} item in none yet",
                "due, and perhaps sent by the old installation: {letters}, {count} items in none yet",
            ),
            letters=_n("{count} letter", "{count} letters", count=sum(held.letters.values())),
            count=held.notices,
        ),
        *(f"  {say(kind.label)}: {count}" for kind, count in sorted(held.letters.items())),
    ]
    if is_known is not None:
        lines.append(
            say(_("the checkpoint is in this history: everything sealed up to it is here"))
            if is_known
            else say(_("the checkpoint is NOT in this history: the old installation went on after the back-up"))
        )
    return lines
