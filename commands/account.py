"""`dondoc account …`: how people sign in, for an administrator at the machine: the first one has no page yet."""

import sys
from typing import Annotated, Any

import typer
from sqlmodel import Session

from commands.context import CommandContext, command
from commands.options import Now, read_now
from commands.output import is_terminal
from models.errors import BadInput
from models.i18n import _
from models.organization.account import Account
from models.organization.person import Person
from models.organization.register_reads import resolve_person
from workflows.access.accounts.mailed import invite
from workflows.access.accounts.passwords import set_password
from workflows.access.accounts.sessions import list_accounts
from workflows.access.accounts.sign_in import end_others, live_sessions
from workflows.access.accounts.totp import remove_totp
from workflows.access.accounts.ways_in import end_tokens

app = typer.Typer(help="How people sign in: invite, set a password, end sessions.", no_args_is_help=True)
PersonName = Annotated[str, typer.Argument(metavar="PERSON", help="Code of the person.")]


@command(app, "list", example="dondoc account list")
def list_(context: CommandContext, now: Now = None) -> None:
    """List who has a password or a second step, and in how many browsers they are signed in."""
    moment = read_now(now)
    with context.reading() as session:
        accounts = list_accounts(session, now=moment)
    rows: list[dict[str, Any]] = [
        {
            "person": person.code,
            "name": person.full_name,
            "has_password": bool(account and account.password_hash),
            "has_second_step": bool(account and account.totp_confirmed_at),
            "has_sign_in_service": bool(account and account.oidc_subject),
            "sessions": sessions,
        }
        for person, account, sessions in accounts
    ]
    columns = {
        "person": _("code"),
        "name": _("name"),
        "has_password": _("password"),
        "has_second_step": _("second step"),
        "has_sign_in_service": _("sign-in service"),
        "sessions": _("sessions"),
    }
    context.show(rows, context.table(rows, columns, whole=("person",)))


@command(app, "invite", example="dondoc account invite luong.thi.ngan")
def invite_(context: CommandContext, code: PersonName, now: Now = None) -> None:
    """Send a letter with a link to choose the first password; a link sent earlier is void."""
    with context.transaction() as session:
        person = resolve_person(session, code)
        secret = invite(session, person, now=read_now(now))
    context.show({"person": person.code, "address": person.email, "valid_until": secret.expires_at})
    context.say(
        _("the invitation of {person} leaves with the next delivery and is valid until {moment}"),
        person=person.code,
        moment=context.cell(secret.expires_at),
    )


@command(app, "password", example="dondoc account password dang.thu.thuy")
def password(context: CommandContext, code: PersonName, now: Now = None) -> None:
    """Set a person's password, read from the terminal or from standard input; their sessions and access tokens end.

    From a file: dondoc account password PERSON < FILE (its first line).
    """
    with context.reading() as session:
        resolve_person(session, code)
    new_password = _read_password(context)
    moment = read_now(now)
    with context.transaction() as session:
        person = resolve_person(session, code)
        set_password(session, person.id, new_password, now=moment)
        ended = end_others(session, person, now=moment, by=None)
        tokens = end_tokens(session, person, now=moment, by=None)
    context.show({"person": person.code, "sessions_ended": ended, "tokens_ended": tokens})
    context.say(
        _("the password of {person} is set; sessions ended: {count}, access tokens ended: {tokens}"),
        person=person.code,
        count=ended,
        tokens=tokens,
    )


def _read_password(context: CommandContext) -> str:
    if is_terminal(sys.stdin):
        questions = context.words(_("New password")), context.words(_("The password again"))
        first, second = (str(typer.prompt(one, hide_input=True, err=True)) for one in questions)
        if first != second:
            raise BadInput("password: the two are not the same")
        return first
    return sys.stdin.readline().rstrip("\r\n")


@command(app, "sessions", example="dondoc account sessions luong.thi.ngan --end")
def sessions(
    context: CommandContext,
    code: PersonName,
    end: Annotated[bool, typer.Option("--end", help="End them all.")] = False,
    now: Now = None,
) -> None:
    """List where a person is signed in, or end all their sessions."""
    moment = read_now(now)
    with context.transaction() as session:
        person = resolve_person(session, code)
        rows = _rows(session, person, moment)
        ended = end_others(session, person, now=moment, by=None) if end else 0
    columns = {
        "device": _("browser"),
        "address": _("address"),
        "created_at": _("since"),
        "last_seen_at": _("last used"),
        "expires_at": _("until"),
    }
    context.show({"person": person.code, "sessions": rows, "ended": ended}, context.table(rows, columns))
    if end:
        context.say(_("sessions of {person} ended: {count}"), person=person.code, count=ended)


def _rows(session: Session, person: Person, now: Any) -> list[dict[str, Any]]:
    names = ("id", "device", "address", "proof", "created_at", "last_seen_at", "expires_at", "is_remembered")
    return [{name: getattr(row, name) for name in names} for row in live_sessions(session, person.id, now=now)]


@command(app, "second-step", example="dondoc account second-step luong.thi.ngan --off")
def second_step(
    context: CommandContext,
    code: PersonName,
    off: Annotated[bool, typer.Option("--off", help="Turn it off, for somebody who lost the telephone.")] = False,
    now: Now = None,
) -> None:
    """Tell whether a person's sign-in asks for a second step, or turn that off."""
    with context.transaction() as session:
        person = resolve_person(session, code)
        account = session.get(Account, person.id)
        was_on = account is not None and account.totp_confirmed_at is not None
        if off:
            remove_totp(session, person, now=read_now(now), by=None)
    is_on = was_on and not off
    context.show({"person": person.code, "is_on": is_on, "was_on": was_on})
    words = _("the second step of {person} is on") if is_on else _("the second step of {person} is off")
    context.say(words, person=person.code)
