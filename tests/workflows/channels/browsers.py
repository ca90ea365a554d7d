"""Browsers that ask for push messages."""

import json
import os
from base64 import urlsafe_b64encode
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

import http_ece
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from models.database.ids import new_id
from models.database.session import transaction
from tests.office import ON
from tests.workflows.channels.channels import Channels
from workflows.channels.choices import subscribe, switch_push

HEAD, OTHER = "ta.ba.toan", "luong.thi.ngan"
SOON = ON + timedelta(minutes=1)


def encoded(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


@dataclass
class Browser:
    """A browser's half of Web Push: its keys, and what it can read."""

    endpoint: str
    private: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    auth: bytes = field(default_factory=lambda: os.urandom(16))

    @property
    def p256dh(self) -> str:
        return encoded(self.private.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint))

    def read(self, body: bytes) -> dict[str, str]:
        told: dict[str, str] = json.loads(http_ece.decrypt(body, private_key=self.private, auth_secret=self.auth))
        return told


def switch_on(channels: Channels) -> None:
    with transaction(channels.office.engine) as session:
        switch_push(session, channels.principal(), on=True, now=ON)


def subscribed(channels: Channels, browser: Browser, code: str = HEAD, session_id: UUID | None = None) -> UUID:
    with transaction(channels.office.engine) as session:
        made = subscribe(
            session,
            channels.office.person(code),
            endpoint=browser.endpoint,
            p256dh=browser.p256dh,
            auth=encoded(browser.auth),
            session_id=session_id or new_id(),
            device="Firefox/1 Linux",
            settings=channels.office.settings,
            now=ON,
        )
        return made.id


def launched(channels: Channels) -> None:
    channels.office.launch("4")
    channels.office.tick(SOON)
