"""The fields of intake's forms, and what several of them ask: the unit, the date, the units that a phrase means."""

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
from web.request.given_values import int_or_none
from web.request.request_context import RequestContext
from workflows.access.conflict import CHANGED, Conflict
from workflows.intake.review.match import load_matcher, teach

_FIX = re.compile(r"fix-(\d{1,5})-([a-z]{1,16})")


def which_unit(session: Session, context: RequestContext, code: str) -> Unit:
    """Return the reader's unit with this code, or the only unit that the reader speaks for. Else raise BadInput."""
    units = units_among(session, context.principal.speaks_for)
    matching = [unit for unit in units if unit.code == code] or units
    if len(matching) != 1:
        raise BadInput("unit {unit}: choose the unit that follows it up", unit=code or "–")
    return matching[0]


def units_of(session: Session, context: RequestContext) -> list[tuple[str, str]]:
    """Return code and name of the units that the reader speaks for."""
    return [(unit.code, unit.name) for unit in units_among(session, context.principal.speaks_for)]


class DocumentForm(FormInput):
    """The fields that intake's forms share. `do` is the action, `seen` the version that the page showed."""

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
    """The fields of a table's forms. `shown` lists the numbers of the rows that could be ticked; `row` of those ticked.

    `named_by_place` holds the fields whose name contains a column or a cell, such as column-2 or fix-12-due.
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
        by_place = {name: str(given[name]).strip() for name in given if name.startswith(("column-", "fix-"))}
        return super().of(given).model_copy(update={"named_by_place": by_place})

    @property
    def headings(self) -> tuple[int, int]:
        """The first and the last row of headings. BadInput for a text that is no row number."""
        return _row_number(self.first), _row_number(self.last)

    @property
    def ticks(self) -> tuple[set[int], set[int]]:
        """The rows that could be ticked, and those that are."""
        return _row_numbers(self.shown.split(",")), _row_numbers(self.row)

    @property
    def fixes(self) -> dict[str, str]:
        return {name: value for name, value in self.named_by_place.items() if _FIX.fullmatch(name)}

    def columns(self, table: IntakeTable) -> dict[int, str]:
        return {place: self.named_by_place.get(f"column-{place}", "") for place in range(len(table.cells[0]))}


def _row_numbers(given: Sequence[str]) -> set[int]:
    return {number for text in given if (number := int_or_none(text)) is not None}


def _row_number(given: str) -> int:
    number = int_or_none(given)
    if number is None or number > 999_999:
        raise BadInput("{field} {value}: expected the number of a row", field=_("headings"), value=given)
    return number


def teach_phrase(session: Session, context: RequestContext, form: DocumentForm) -> None:
    """Store which units a phrase means. BadInput for an unknown unit, Conflict if somebody changed it meanwhile."""
    phrase, matcher = form.phrase, load_matcher(session)
    meant = [form.another] if form.another else form.meant
    if form.seen != matcher.taught(phrase):
        raise Conflict(CHANGED, what=f"“{phrase}”")
    teach(session, phrase, meant, matcher=matcher, person_id=context.person.id, now=context.now)
