"""Pages of the channels beside mail, gateways and browsers, with their settings and their last messages."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends
from fastapi.responses import HTMLResponse, Response
from pydantic import Field

from models.channels.channel import BodyForm, Gateway
from models.database.sealed import Locked
from models.errors import BadInput, DondocError
from models.i18n import _
from notifications.channels.http_gateway import EXAMPLES, FIELDS
from notifications.channels.message_text import write_sample
from web.channels.channel_views import MESSAGE_WORDS
from web.request.form_input import FormInput, Posted, SwitchForm, Ticked
from web.request.having_right import MayEditChannels
from web.request.page_frame import admin_page
from web.request.request_context import RequestContext, Signed
from workflows.channels.choices import is_push_on, switch_push, telephone
from workflows.channels.gateways import (
    CARRIED,
    LENGTHS,
    GatewayInput,
    change_gateway,
    find_gateway,
    gateway_headers,
    list_gateways,
    make_gateway,
    send_test,
    switch_gateway,
)
from workflows.channels.messages_view import count_push, last_messages

router = APIRouter(prefix="/admin/channels")


class GatewayForm(FormInput):
    name: str = ""
    url: str = ""
    body_form: str = ""
    body: str = ""
    headers: str = ""
    longest: str = ""
    kinds: tuple[str, ...] = Field(default=(), alias="kind")
    is_unmarked: Ticked = False
    knows_repeats: Ticked = False
    no_headers: Ticked = False

    def read(self, *, keeps: bool) -> GatewayInput:
        """With `keeps`, an empty field of headers leaves the stored ones."""
        if not self.longest.isdecimal():
            raise BadInput("length {given}: expected 160 or 320 characters", given=self.longest)
        keeps_headers = keeps and not self.headers and not self.no_headers
        return GatewayInput(
            **self.model_dump(exclude={"longest", "headers", "no_headers"}),
            longest=int(self.longest),
            headers=None if keeps_headers else self.headers,
        )


SentGateway = Annotated[GatewayForm, Depends(GatewayForm.sent)]
_NEW = GatewayForm(
    body_form=BodyForm.JSON.value,
    body=EXAMPLES[BodyForm.JSON],
    kind=("digest", "incident"),
    longest=str(LENGTHS[0]),
    is_unmarked=True,
)


@router.get("")
def channels_page(context: MayEditChannels) -> HTMLResponse:
    with context.reading() as session:
        return admin_page(
            context,
            "channels.html",
            gateways=list_gateways(session),
            is_push_on=is_push_on(session),
            push=count_push(session),
            pushed=last_messages(session, None, limit=20),
            **MESSAGE_WORDS,
        )


@router.post("/browsers")
def browsers(context: Signed, given: Annotated[SwitchForm, Depends(SwitchForm.sent)]) -> Response:
    with context.transaction() as session:
        switch_push(session, context.principal, on=given.on, now=context.now)
    message = (
        _("People can now have notifications shown by their browsers.")
        if given.on
        else _("No browser is told any more.")
    )
    return context.go("/admin/channels", message)


@router.get("/new")
def new_page(context: MayEditChannels) -> HTMLResponse:
    return _form(context, _NEW)


@router.post("/new")
def make(context: MayEditChannels, given: SentGateway) -> Response:
    with context.submit(lambda error: _form(context, given, error=error)) as session:
        wanted = given.read(keeps=False)
        gateway = make_gateway(session, context.principal, wanted, settings=context.settings, now=context.now)
    return context.go(f"/admin/channels/{gateway.id}", _("The channel is made. It is off until you switch it on."))


@router.get("/{gateway_id}")
def channel_page(gateway_id: UUID, context: MayEditChannels) -> HTMLResponse:
    with context.reading() as session:
        gateway = find_gateway(session, gateway_id)
        try:
            secret, headers = gateway.secret, sorted(gateway_headers(gateway))
        except Locked as error:  # the page must still allow to switch it off
            secret, headers = error.tell(context.language), []
        return admin_page(
            context,
            "channel.html",
            gateway=gateway,
            secret=secret,
            headers=headers,
            messages=last_messages(session, gateway_id),
            number=telephone(context.person),
            kinds=[kind for kind in CARRIED if kind.value in gateway.kinds],
            **MESSAGE_WORDS,
        )


@router.get("/{gateway_id}/edit")
def edit_page(gateway_id: UUID, context: MayEditChannels) -> HTMLResponse:
    """The headers are not shown."""
    return _edit(context, gateway_id)


@router.post("/{gateway_id}/edit")
def edit(gateway_id: UUID, context: MayEditChannels, given: SentGateway) -> Response:
    with context.submit(lambda error: _edit(context, gateway_id, given, error)) as session:
        wanted = given.read(keeps=True)
        change_gateway(session, context.principal, gateway_id, wanted, settings=context.settings, now=context.now)
    return context.go(f"/admin/channels/{gateway_id}", _("The channel is changed."), is_repeated=True)


@router.post("/{gateway_id}/switch")
def switch(gateway_id: UUID, context: Signed, given: Annotated[SwitchForm, Depends(SwitchForm.sent)]) -> Response:
    with context.transaction() as session:
        switch_gateway(session, context.principal, gateway_id, on=given.on, now=context.now)
    message = _("The channel is on: people can ask to be told by it.") if given.on else _("The channel is off.")
    return context.go(f"/admin/channels/{gateway_id}", message)


@router.post("/{gateway_id}/test")
def test(gateway_id: UUID, context: Signed, form: Posted) -> Response:
    with context.transaction() as session:
        send_test(session, context.principal, gateway_id, now=context.now)
    return context.go(f"/admin/channels/{gateway_id}", _("A test to your telephone leaves with the next delivery."))


def _edit(
    context: RequestContext, gateway_id: UUID, typed: GatewayForm | None = None, error: DondocError | None = None
) -> HTMLResponse:
    with context.reading() as session:
        gateway = find_gateway(session, gateway_id)
    shown = typed or {**gateway.model_dump(), "headers": ""}
    return _form(context, shown, gateway, error)


def _form(
    context: RequestContext, given: object, gateway: Gateway | None = None, error: DondocError | None = None
) -> HTMLResponse:
    return admin_page(
        context,
        "channel_form.html",
        gateway=gateway,
        given=given,
        error=error,
        forms=[(form.value, context.words(form.label)) for form in BodyForm],
        carried=[(kind.value, context.words(kind.label)) for kind in CARRIED],
        lengths=[(length, str(length)) for length in LENGTHS],
        fields=[f"{{{name}}}" for name in FIELDS],
        examples=EXAMPLES,
        sample=write_sample(context.language, longest=LENGTHS[0]),
    )
