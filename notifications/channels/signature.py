"""How calls are signed, so that the other side knows them for ours (Standard Webhooks, HMAC-SHA-256)."""

import base64
import secrets
from datetime import datetime

from standardwebhooks import Webhook as Signer


def new_secret() -> str:
    """Return what signs the calls to one system (192 bits)."""
    return f"whsec_{base64.b64encode(secrets.token_bytes(24)).decode()}"


def sign(secret: str, call_id: str, body: str, now: datetime) -> dict[str, str]:
    """Return the headers of a signed call; `call_id` is the same for every repeat."""
    return {
        "webhook-id": call_id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": Signer(secret).sign(call_id, now, body),
    }
