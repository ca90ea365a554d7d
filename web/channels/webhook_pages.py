"""Pages of webhooks, which tell other systems of events: their settings, their calls, and repeats of calls."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends
from fastapi.responses import HTMLResponse, Response
from pydantic import Field

from models.database.sealed import Locked
from models.errors import DondocError
from models.i18n import _
from models.organization.access import CallState
from models.words import EVENT_WORDS
from web.request.form_input import FormInput, Posted, SwitchForm
from web.request.having_right import MayEditWebhooks
from web.request.page_frame import admin_page
from web.request.request_context import RequestContext, Signed
from workflows.channels.webhooks import (
    call_again,
    find_webhook,
    list_webhooks,
    make_webhook,
    recent_calls,
    switch_webhook,
)

router = APIRouter(prefix="/admin/webhooks")

STATE_WORDS = {
    CallState.QUEUED: _("waiting"),
    CallState.CLAIMED: _("being called"),
    CallState.DONE: _("notified"),
    CallState.FAILED: _("given up"),
}
_MARKS = {CallState.QUEUED: "waiting", CallState.CLAIMED: "waiting", CallState.DONE: "done", CallState.FAILED: "late"}


class NewWebhook(FormInput):
    name: str = ""
    url: str = ""
    events: tuple[str, ...] = Field(default=(), alias="event")
    directive: str = ""


@router.get("")
def webhooks_page(context: MayEditWebhooks) -> HTMLResponse:
    return _page(context, NewWebhook())


def _page(context: RequestContext, given: NewWebhook, error: DondocError | None = None) -> HTMLResponse:
    with context.reading() as session:
        hooks = list_webhooks(session)
    return admin_page(
        context,
        "webhooks.html",
        hooks=hooks,
        events=EVENT_WORDS,
        states=STATE_WORDS,
        marks=_MARKS,
        given=given,
        error=error,
    )


@router.post("")
def make(context: MayEditWebhooks, given: Annotated[NewWebhook, Depends(NewWebhook.sent)]) -> Response:
    with context.submit(lambda error: _page(context, given, error)) as session:
        hook = make_webhook(
            session,
            context.principal,
            name=given.name,
            url=given.url,
            events=given.events,
            directive=given.directive or None,
            settings=context.settings,
            now=context.now,
        )
    return context.go(f"/admin/webhooks/{hook.id}", _("The webhook is created: it is notified of events from now on."))


@router.get("/{webhook_id}")
def webhook_page(webhook_id: UUID, context: MayEditWebhooks) -> HTMLResponse:
    with context.reading() as session:
        hook = find_webhook(session, webhook_id)
        calls = recent_calls(session, webhook_id)
        try:
            secret = hook.secret
        except Locked as error:  # it can still be switched off
            secret = error.tell(context.language)
    return admin_page(context, "webhook.html", hook=hook, secret=secret, calls=calls, states=STATE_WORDS, marks=_MARKS)


@router.post("/{webhook_id}/switch")
def switch(webhook_id: UUID, context: Signed, given: Annotated[SwitchForm, Depends(SwitchForm.sent)]) -> Response:
    with context.transaction() as session:
        switch_webhook(session, context.principal, webhook_id, on=given.on, now=context.now)
    message = (
        _("The webhook is on again.") if given.on else _("The webhook is off: events of this time are not sent to it.")
    )
    return context.go(f"/admin/webhooks/{webhook_id}", message)


@router.post("/{webhook_id}/calls/{call_id}")
def again(webhook_id: UUID, call_id: UUID, context: Signed, form: Posted) -> Response:
    with context.transaction() as session:
        call_again(session, context.principal, call_id, now=context.now)
    return context.go(f"/admin/webhooks/{webhook_id}", _("It is called again with the next delivery."))
