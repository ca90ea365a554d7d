"""The fields of intake's forms, and what several of them ask: the unit, the date, the meaning of a name."""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Self

from sqlmodel import Session
from starlette.datastructures import ImmutableMultiDict

from models.errors import BadInput
from models.i18n import _
from models.intake.intake_table import IntakeTable
from models.organization.register_reads import units_among
from models.organization.unit import Unit
from models.text.localtime import read_day
from web.request.form_input import FormInput, Ticked
from web.request.given_values import whole
from web.request.request_context import RequestContext
from workflows.access.conflict import CHANGED, Conflict
from workflows.intake.review.match import load_matcher, teach

_FIX = re.compile(r"fix-(\d{1,5})-([a-z]{1,16})")


def which_unit(session: Session, context: RequestContext, code: str) -> Unit:
    """Return the unit with that code, or the only one that the reader speaks for. BadInput for any other."""
    mine = units_among(session, context.principal.speaks_for)
    found = [unit for unit in mine if unit.code == code] or (mine if len(mine) == 1 else [])
    if not found:
        raise BadInput("unit {unit}: choose the unit that follows it up", unit=code or "–")
    return found[0]


def units_of(session: Session, context: RequestContext) -> list[tuple[str, str]]:
    """Return code and name of the units that the reader speaks for."""
    return [(unit.code, unit.name) for unit in units_among(session, context.principal.speaks_for)]


class DocumentForm(FormInput):
    """What the forms of an intake share; `do`: which of them it is, `seen`: a mark of what its page showed."""

    do: str = ""
    seen: str = ""
    kind: str = ""
    number: str = ""
    issued_on: str = ""
    issuer: str = ""
    subject: str = ""
    phrase: str = ""
    meant: tuple[str, ...] = ()
    another: str = ""
    reason: str = ""

    @property
    def issued(self) -> date | None:
        return read_day(_("date of the document"), self.issued_on) if self.issued_on else None


class TableForm(DocumentForm):
    """The fields of the forms of a table. `shown`: the rows that could be ticked, by number; `row`: those that are.

    `named_by_place`: fields with a column or a cell in their name, as column-2 or fix-12-due.
    """

    unit: str = ""
    first: str = ""
    last: str = ""
    fixed: str = ""
    shown: str = ""
    row: tuple[str, ...] = ()
    leave_faults: Ticked = False
    override: Ticked = False
    named_by_place: Mapping[str, str] = {}

    @classmethod
    def of(cls, given: ImmutableMultiDict[str, Any]) -> Self:
        found = {name: str(given[name]).strip() for name in given if name.startswith(("column-", "fix-"))}
        return super().of(given).model_copy(update={"named_by_place": found})

    @property
    def headings(self) -> tuple[int, int]:
        """Return their first and last row. BadInput for what is no number of a row."""
        return _row(self.first), _row(self.last)

    @property
    def ticks(self) -> tuple[set[int], set[int]]:
        """Return the rows that the form could tick, and those that it did."""
        return _numbers(self.shown.split(",")), _numbers(self.row)

    @property
    def fixes(self) -> dict[str, str]:
        return {name: value for name, value in self.named_by_place.items() if _FIX.fullmatch(name)}

    def columns(self, table: IntakeTable) -> dict[int, str]:
        return {place: self.named_by_place.get(f"column-{place}", "") for place in range(len(table.cells[0]))}


def _numbers(given: Sequence[str]) -> set[int]:
    return {number for one in given if (number := whole(one)) is not None}


def _row(given: str) -> int:
    number = whole(given)
    if number is None or number > 999_999:
        raise BadInput("{field} {value}: expected the number of a row", field=_("headings"), value=given)
    return number


def say_whom(session: Session, context: RequestContext, given: DocumentForm) -> None:
    """Store which units a phrase means. BadInput for an unknown unit, Conflict if somebody changed it meanwhile."""
    phrase, matcher = given.phrase, load_matcher(session)
    meant = [given.another] if given.another else given.meant
    if given.seen != matcher.taught(phrase):
        raise Conflict(CHANGED, what=f"“{phrase}”")
    teach(session, phrase, meant, matcher=matcher, person_id=context.person.id, now=context.now)
