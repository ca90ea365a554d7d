"""Webhooks: made, switched off and on, their calls."""

from datetime import datetime
from uuid import UUID

from fastapi import APIRouter
from pydantic import Field

from models.organization.access import CallState
from web.api.caller import Administers, Reads
from web.api.repeats import OnceRoute
from web.api.shapes import Body, Shape
from workflows.channels.webhooks import (
    call_again,
    find_webhook,
    list_webhooks,
    make_webhook,
    recent_calls,
    switch_webhook,
)
from workflows.rules.rights_table import Right

router = APIRouter(tags=["webhooks"], route_class=OnceRoute)


class WebhookShape(Shape):
    """A webhook, without its secret."""

    id: UUID
    name: str
    url: str
    events: list[str]
    directive: str | None
    is_active: bool
    calls: dict[CallState, int] = Field(description="How many calls stand how")


class WebhookCallShape(Shape):
    """One call of a webhook."""

    id: UUID
    history_id: UUID
    state: CallState
    queued_at: datetime
    attempts: int
    status: int | None
    error: str


class WebhookMade(Shape):
    """A new webhook; `secret` checks its signatures (Standard Webhooks)."""

    id: UUID
    secret: str


class WebhookWanted(Body):
    """A webhook to be made."""

    name: str = Field(min_length=1, max_length=100)
    url: str = Field(min_length=1, max_length=1000, examples=["https://example.vn/dondoc"])
    events: list[str] = Field(default=[], max_length=100, description="Names of events; all where none is named")
    directive: str | None = Field(default=None, max_length=64, description="A directive's code; None: every one")


class Switch(Body):
    """On or off."""

    is_active: bool


@router.get("/webhooks")
def webhooks(caller: Reads) -> list[WebhookShape]:
    """Return the webhooks and how their calls went."""
    caller.require(Right.EDIT_WEBHOOKS)
    with caller.reading() as session:
        return [WebhookShape.of(hook, directive=code, calls=counts) for hook, code, counts in list_webhooks(session)]


@router.post("/webhooks", status_code=201)
def new_webhook(body: WebhookWanted, caller: Administers) -> WebhookMade:
    """Make a webhook, which hears of what happens from now on."""
    with caller.transaction() as session:
        hook = make_webhook(session, caller.principal, settings=caller.settings, now=caller.now, **body.model_dump())
        return WebhookMade(id=hook.id, secret=hook.secret)


@router.patch("/webhooks/{webhook_id}", status_code=204)
def switch(webhook_id: UUID, body: Switch, caller: Administers) -> None:
    """Switch a webhook off, or on again."""
    with caller.transaction() as session:
        switch_webhook(session, caller.principal, webhook_id, on=body.is_active, now=caller.now)


@router.get("/webhooks/{webhook_id}/calls")
def calls(webhook_id: UUID, caller: Reads) -> list[WebhookCallShape]:
    """Return a webhook's last calls, the newest first."""
    caller.require(Right.EDIT_WEBHOOKS)
    with caller.reading() as session:
        find_webhook(session, webhook_id)
        return [WebhookCallShape.model_validate(one) for one in recent_calls(session, webhook_id)]


@router.post("/webhooks/calls/{call_id}/again", status_code=204)
def again(call_id: UUID, caller: Administers) -> None:
    """Make a call that was given up once more."""
    with caller.transaction() as session:
        call_again(session, caller.principal, call_id, now=caller.now)
