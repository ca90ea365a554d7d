"""A real SMTP server on loopback that counts what reached it, and can be made to hold its breath before it answers."""

import asyncio
import threading
from collections import Counter
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from functools import cached_property
from typing import Any, Self

from aiosmtpd.controller import Controller


@dataclass(frozen=True)
class Arrival:
    """One letter accepted by the sink: the envelope's recipient and the bytes."""

    to: str
    content: bytes

    @cached_property
    def message(self) -> EmailMessage:
        return message_from_bytes(self.content, policy=policy.default)

    @property
    def message_id(self) -> str:
        return str(self.message["Message-ID"]).strip()

    @property
    def subject(self) -> str:
        return str(self.message["Subject"])


class Sink:
    """Accepts every letter. While `hold` is set the letters' final replies wait; `holding` tells that one does now."""

    def __init__(self) -> None:
        self.arrivals: list[Arrival] = []
        self.ids: Counter[str] = Counter()
        self.hold = threading.Event()
        self.holding = threading.Event()
        self._controller = _Listener(self)

    @property
    def port(self) -> int:
        return self._controller.port

    def twice(self) -> dict[str, int]:
        """Message-IDs that came more than once, and how often."""
        return {one: times for one, times in self.ids.items() if times > 1}

    def to(self, address: str | None) -> list[Arrival]:
        """What a person's address received, in order."""
        return [one for one in self.arrivals if one.to == address]

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        arrival = Arrival(envelope.rcpt_tos[0], envelope.original_content)
        self.arrivals.append(arrival)
        self.ids[arrival.message_id] += 1
        while self.hold.is_set():
            self.holding.set()
            await asyncio.sleep(0.005)
        self.holding.clear()
        return "250 kept"

    def __enter__(self) -> Self:
        self._controller.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.hold.clear()
        self._controller.stop()


class _Listener(Controller):
    def __init__(self, sink: Sink) -> None:
        super().__init__(sink, hostname="127.0.0.1", ready_timeout=300, server_hostname="localhost", ident="sink")

    def _create_server(self) -> Any:
        return self._bound()

    async def _bound(self) -> Any:
        server = await self.loop.create_server(self._factory_invoker, self.hostname, 0)
        self.port = server.sockets[0].getsockname()[1]
        return server
