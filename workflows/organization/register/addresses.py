"""Addresses by which an account could be taken over: sign-in codes go there."""

from collections.abc import Iterable
from uuid import UUID

from models.errors import Refused
from models.i18n import _
from models.organization.person import Role
from workflows.organization.register.spreadsheet.merged import Entry

_ON_THE_PAGE = _(
    "E-mail address of {person}: no program changes that of its own person or of an administrator, as sign-in codes go "
    "there: change it on the page, with your password"
)


def opens_accounts(people: Iterable[Entry]) -> bool:
    """Return whether somebody known would get their sign-in codes elsewhere, or anybody other roles."""
    return any(
        (one.before is not None and one.changed("email"))
        or one.after["roles"] != (one.before["roles"] if one.before is not None else ())
        for one in people
    )


def refuse_from_programs(people: Iterable[Entry], own: UUID) -> None:
    """Refuse a program that would change the address of an administrator or of its own person.

    The holder of a token cannot prove once more who they are. `own`: the person of the token. Raises Refused.
    """
    for entry in people:
        if entry.before is None or not entry.changed("email"):
            continue
        if entry.id == own or any(role == Role.ADMINISTRATOR for role, _unit in entry.before["roles"]):
            raise Refused(_ON_THE_PAGE, person=entry.code)
