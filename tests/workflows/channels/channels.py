"""What tests do with channels."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import col, select

from models.channels.channel import ChannelAttempt, ChannelMessage, Gateway, MessageState
from models.database.session import reading, transaction
from models.text.localtime import local_date
from tests.office import ON, Office
from tests.workflows.channels.gateway_server import Gateway as Server
from workflows.access.rights import Principal, read_principal
from workflows.channels.choices import choose_gateway
from workflows.channels.gateways import GatewayInput, make_gateway, switch_gateway
from workflows.channels.send_messages import send_messages

ADMINISTRATOR, COORDINATOR = "dang.thu.thuy", "le.thi.c"
BODY = '{"to": "{phone}", "message": {"text": "{text}", "link": "{link}"}, "ref": "{id}"}'


@dataclass
class Channels:
    """What tests do with channels."""

    office: Office
    server: Server

    def principal(self, code: str = ADMINISTRATOR) -> Principal:
        with reading(self.office.engine) as session:
            return read_principal(session, self.office.person(code), local_date(ON))

    def given(self, **more: Any) -> GatewayInput:
        wanted: dict[str, Any] = {
            "name": "SMS",
            "url": f"{self.server.url}/sms",
            "body_form": "json",
            "body": BODY,
            "headers": "Authorization: Bearer mat-khau-cong",
            "kinds": ["assigned", "event", "digest", "incident"],
            "longest": 160,
            "is_unmarked": False,
            "knows_repeats": False,
        }
        return GatewayInput(**wanted | more)

    def make(self, *, on: bool = True, now: datetime = ON, **more: Any) -> Gateway:
        with transaction(self.office.engine) as session:
            given, principal = self.given(**more), self.principal()
            made = make_gateway(session, principal, given, settings=self.office.settings, now=now)
            return switch_gateway(session, principal, made.id, on=True, now=now) if on else made

    def choose(self, code: str, gateway: Gateway, *, on: bool = True, now: datetime = ON) -> None:
        with transaction(self.office.engine) as session:
            choose_gateway(session, self.office.person(code), gateway.id, on=on, now=now)

    def send(self, now: datetime) -> int:
        return send_messages(self.office.engine, self.office.settings, now=now)

    def messages(self) -> list[ChannelMessage]:
        with reading(self.office.engine) as session:
            return list(session.exec(select(ChannelMessage).order_by(col(ChannelMessage.id))))

    def attempts(self) -> list[ChannelAttempt]:
        with reading(self.office.engine) as session:
            return list(session.exec(select(ChannelAttempt)))

    def states(self) -> list[MessageState]:
        return [one.state for one in self.messages()]
