"""Makes links as letters carried them before they had short links. The site still reads them."""

from datetime import datetime
from uuid import UUID

from notifications.composing.keys import _STEP, _TASK_LINK, _sign


def sign_link(secret: str, task_id: UUID, person_id: UUID, slot: datetime) -> str:
    raw = task_id.bytes + person_id.bytes + int(slot.timestamp() // _STEP).to_bytes(3, "big")
    return _sign(secret, _TASK_LINK, raw)
