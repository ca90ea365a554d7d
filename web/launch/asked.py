"""Where the launch wizard stands: all of it is in the address, so that every step can be gone back to and sent on."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from urllib.parse import urlencode
from uuid import UUID

from fastapi import Request
from sqlmodel import Session
from starlette.datastructures import FormData

from models.errors import BadInput
from models.i18n import _
from models.organization.register_reads import resolve_person
from models.text.localtime import read_day
from web.request.request_context import RequestContext
from workflows.launch.launch_order import LaunchOrder

FIELDS = ("due", "on", "coordinator", "override", "reason")


@dataclass(frozen=True)
class LaunchForm:
    """The wizard's state as text; "" where nothing was said yet."""

    code: str
    duty: tuple[str, ...] = ()
    due: str = ""
    on: str = ""
    coordinator: str = ""
    override: str = ""
    reason: str = ""

    @property
    def fields(self) -> list[tuple[str, str]]:
        return [("duty", path) for path in self.duty] + [
            (name, value) for name in FIELDS if (value := getattr(self, name))
        ]

    def without(self, *names: str) -> list[tuple[str, str]]:
        return [(name, value) for name, value in self.fields if name not in names]

    def at(self, step: str) -> str:
        return f"/launch/{self.code}{step}?{urlencode(self.fields)}"

    def by(self, coordinator: str) -> "LaunchForm":
        return replace(self, coordinator=coordinator)

    def due_on(self, day: date) -> "LaunchForm":
        return replace(self, due=day.isoformat())

    def order(self, session: Session) -> LaunchOrder:
        """Return what is to be launched. BadInput names the field at fault."""
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


def asked_by_address(code: str, request: Request) -> LaunchForm:
    query = request.query_params
    return _read(code, query.getlist("duty"), [(name, query.get(name, "")) for name in FIELDS])


def asked_by_form(code: str, form: FormData) -> LaunchForm:
    duty = [str(value) for value in form.getlist("duty")]
    return _read(code, duty, [(name, str(form.get(name, ""))) for name in FIELDS])


def _read(code: str, duty: Sequence[str], fields: Iterable[tuple[str, str]]) -> LaunchForm:
    paths = tuple(dict.fromkeys(path.strip() for path in duty if path.strip()))
    return LaunchForm(code, paths, **{name: value.strip()[:2000] for name, value in fields})


def form_id(form: FormData) -> UUID:
    """Return the number that makes a form sent twice one order. BadInput where it is missing."""
    try:
        return UUID(str(form.get("nonce", "")))
    except ValueError as error:
        raise BadInput("this form is too old, or came from another site: open the page again and repeat it") from error


def _day(name: str, text: str) -> date | None:
    return read_day(name, text) if text else None


def default_coordinator(context: RequestContext, codes: Sequence[str]) -> str:
    """Return whoever launches, where they may be its coordinator; else the first who may."""
    return context.person.code if context.person.code in codes else next(iter(codes), "")
