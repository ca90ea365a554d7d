"""Lets people choose channels beside mail: a gateway of the office, or their own browsers."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends
from fastapi.responses import Response

from models.i18n import _
from web.request.form_input import FormInput, Posted, SwitchForm
from web.request.request_context import Signed
from workflows.channels.choices import choose_gateway, subscribe, unsubscribe

router = APIRouter(prefix="/notifications")
CHANNELS = "/account/letters"


class Browser(FormInput):
    """A browser's address for notifications, and its keys."""

    endpoint: str = ""
    p256dh: str = ""
    auth: str = ""


@router.post("/gateways/{gateway_id}")
def choose(gateway_id: UUID, context: Signed, given: Annotated[SwitchForm, Depends(SwitchForm.sent)]) -> Response:
    with context.transaction() as session:
        choose_gateway(session, context.person, gateway_id, on=given.on, now=context.now)
    if given.on:
        message = _("You are told by this channel too from now on.")
    else:
        message = _("You are not told by this channel any more.")
    return context.go(CHANNELS, message, is_repeated=True)


@router.post("/browsers")
def add_browser(context: Signed, given: Annotated[Browser, Depends(Browser.sent)]) -> Response:
    """Let this browser show the person's notifications. Its script sends the keys."""
    with context.transaction() as session:
        subscribe(
            session,
            context.person,
            **given.model_dump(),
            session_id=context.own_session.id,
            device=context.own_session.device,
            settings=context.settings,
            now=context.now,
        )
    return context.go(CHANNELS, _("This browser shows your notifications from now on."))


@router.post("/browsers/{subscription_id}/end")
def end_browser(subscription_id: UUID, context: Signed, form: Posted) -> Response:
    with context.transaction() as session:
        unsubscribe(session, context.person.id, subscription_id, context.now)
    return context.go(CHANNELS, _("That browser shows your notifications no more."), is_repeated=True)
