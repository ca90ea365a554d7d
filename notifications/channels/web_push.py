"""Sends messages to subscribed browsers by Web Push (RFC 8030), encrypted for the browser and signed by our key.

pywebpush encrypts and py_vapid signs. The call goes through `http_client.py`, which checks where it leads.
"""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography.hazmat.primitives.asymmetric import ec
from py_vapid import Vapid02, VapidException
from pywebpush import WebPusher, WebPushException

from models.errors import BadInput
from notifications.channels.http_client import Outbound, check_url
from notifications.channels.http_gateway import judge
from notifications.channels.port import Sent, ShortMessage
from notifications.composing.wording import first_up
from notifications.smtp.transport import SendOutcome

KEPT_SECONDS = 24 * 3600
"""A push service keeps a message for this long while the browser is not running."""
_SIGNED_FOR = timedelta(hours=12)  # RFC 8292 allows a day
_GONE = frozenset({404, 410})
_POINT, _AUTH = 65, 16  # bytes
_NAME = "Đôn đốc: "
"""The beginning of texts on a telephone. A notification has it in its title."""


def new_key() -> str:
    """Make a private key of 32 bytes in base64url."""
    number = ec.generate_private_key(ec.SECP256R1()).private_numbers().private_value
    return _encoded(number.to_bytes(32, "big"))


def public_key(private_key: str) -> str:
    """Return the public key in the form for browsers, an uncompressed point in base64url."""
    numbers = _private(private_key).public_key().public_numbers()
    return _encoded(b"\4" + numbers.x.to_bytes(32, "big") + numbers.y.to_bytes(32, "big"))


def check_subscription(endpoint: str, p256dh: str, auth: str, *, private_allowed: bool) -> str:
    """Return a browser's keys as JSON to store. Raises BadInput for keys that cannot be a browser's."""
    check_url(endpoint, private_allowed=private_allowed)
    point, secret = _decoded(p256dh), _decoded(auth)
    if len(point) != _POINT or point[0] != 4 or len(secret) != _AUTH:
        raise BadInput("the browser's keys cannot be read: subscribe once more")
    try:
        ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
    except ValueError as error:
        raise BadInput("the browser's keys cannot be read: subscribe once more") from error
    return json.dumps({"endpoint": endpoint, "keys": {"p256dh": p256dh, "auth": auth}})


@dataclass(frozen=True)
class WebPush:
    """Push services for a batch of messages at `now` (UTC). `contact` is our address for their questions."""

    outbound: Outbound
    private_key: str
    contact: str
    now: datetime

    def send(self, message: ShortMessage) -> Sent:
        """Push a message. Its `address` is what `check_subscription` returned."""
        subscription = json.loads(message.address)
        text = first_up(message.text.removeprefix(_NAME))
        payload = json.dumps({"text": text, "link": message.link, "topic": message.topic}, ensure_ascii=False)
        try:
            encrypted = WebPusher(subscription).encode(payload.encode(), content_encoding="aes128gcm")
            signed = Vapid02(_private(self.private_key)).sign(self._claims(subscription["endpoint"]))
        except (WebPushException, VapidException, ValueError) as fault:
            return Sent(SendOutcome.PERMANENT, reply=f"{type(fault).__name__}: {fault}"[:500])
        headers = {
            "authorization": signed["Authorization"],
            "content-encoding": "aes128gcm",
            "content-type": "application/octet-stream",
            "ttl": str(KEPT_SECONDS),
            "urgency": "normal",
        }
        if message.topic:
            headers["topic"] = message.topic  # the push service keeps only the last message of a topic
        answer = self.outbound.post(subscription["endpoint"], bytes(encrypted["body"]), headers)
        if answer.status in _GONE:
            return Sent(SendOutcome.PERMANENT, answer.status, answer.words[:500], is_gone=True)
        return judge(answer)

    def _claims(self, endpoint: str) -> dict[str, object]:
        scheme, _slashes, location = endpoint.partition("://")
        expires = int((self.now + _SIGNED_FOR).timestamp())
        return {"sub": f"mailto:{self.contact}", "aud": f"{scheme}://{location.split('/')[0]}", "exp": expires}


def _private(key: str) -> ec.EllipticCurvePrivateKey:
    return ec.derive_private_key(int.from_bytes(_decoded(key), "big"), ec.SECP256R1())


def _encoded(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def _decoded(text: str) -> bytes:
    try:
        return urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
    except ValueError:
        return b""
