"""The state of the launch wizard. It stands in the address, so that every step can be revisited and shared."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import Depends
from pydantic import AfterValidator
from sqlmodel import Session

from models.errors import BadInput
from models.i18n import _
from models.organization.register_reads import resolve_person
from models.text.localtime import read_day
from web.request.form_input import FormInput
from web.request.request_context import RequestContext
from workflows.launch.launch_order import LaunchOrder

LONGEST = 2000
"""The characters of a field that are kept."""
_Cut = Annotated[str, AfterValidator(lambda text: text[:LONGEST])]


class LaunchForm(FormInput):
    """The wizard's state as text; "" for a field without a choice. `code` names the directive in the page's path."""

    code: str = ""
    duty: Annotated[tuple[str, ...], AfterValidator(lambda paths: tuple(dict.fromkeys(filter(None, paths))))] = ()
    due: _Cut = ""
    on: _Cut = ""
    coordinator: _Cut = ""
    override: _Cut = ""
    reason: _Cut = ""
    days: str = ""
    seen: str = ""
    nonce: str = ""

    def pairs(self, *without: str) -> list[tuple[str, str]]:
        return super().pairs("code", "days", "seen", "nonce", *without)

    def at(self, step: str) -> str:
        return f"/launch/{self.code}{step}?{self.query}"

    def due_on(self, day: date) -> "LaunchForm":
        return self.model_copy(update={"due": day.isoformat()})

    def order(self, session: Session) -> LaunchOrder:
        """Return the order of the launch. Raise BadInput for a missing or wrong field."""
        if not self.duty:
            raise BadInput("duty: choose at least one to launch")
        if not self.coordinator:
            raise BadInput("coordinator: choose who follows the launch up")
        return LaunchOrder(
            directive=self.code,
            paths=self.duty,
            coordinator_id=resolve_person(session, self.coordinator).id,
            due_on=_day(_("Deadline"), self.due),
            on=_day(_("Assigned"), self.on),
            override=bool(self.override),
            reason=self.reason,
        )


def _from_address(code: str, form: Annotated[LaunchForm, Depends(LaunchForm.from_query)]) -> LaunchForm:
    return form.model_copy(update={"code": code})


def _from_body(code: str, form: Annotated[LaunchForm, Depends(LaunchForm.sent)]) -> LaunchForm:
    return form.model_copy(update={"code": code})


AskedLaunch = Annotated[LaunchForm, Depends(_from_address)]
SentLaunch = Annotated[LaunchForm, Depends(_from_body)]


def form_id(nonce: str) -> UUID:
    """Return the id of a form, which makes a form sent twice one order. Raise BadInput for a wrong id."""
    try:
        return UUID(nonce)
    except ValueError as error:
        raise BadInput("this form is too old, or came from another site: open the page again and repeat it") from error


def _day(name: str, text: str) -> date | None:
    return read_day(name, text) if text else None


def default_coordinator(context: RequestContext, codes: Sequence[str]) -> str:
    """Return the reader's own code if they may coordinate, else the first code."""
    return context.person.code if context.person.code in codes else next(iter(codes), "")
