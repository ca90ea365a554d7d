"""Sends messages through an office's HTTP gateway, for SMS or Zalo. An administrator writes the body of the call."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from models.channels.channel import BodyForm
from models.errors import BadInput
from notifications.channels.http_client import HttpAnswer, Outbound, sign
from notifications.channels.port import Sent, ShortMessage
from notifications.smtp.transport import SendOutcome

FIELDS = ("phone", "text", "link", "id")
"""The fields that a body may contain in braces."""
EXAMPLES = {
    BodyForm.JSON: '{"to": "{phone}", "message": "{text} {link}"}',
    BodyForm.FORM: "to={phone}\nmessage={text} {link}",
}
MOST_HEADERS, LONGEST_HEADER = 20, 1000
_FIELD = re.compile(r"\{(\w+)\}")
_NEEDED = ("phone", "text")
_HEADER_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,64}")
_OURS = frozenset(
    {"host", "content-length", "content-type", "transfer-encoding", "connection", "idempotency-key", "user-agent"}
)
_TYPES = {BodyForm.JSON: "application/json", BodyForm.FORM: "application/x-www-form-urlencoded"}
_LATER = frozenset({408, 425, 429, 500, 503})
"""Statuses by which a server says that it did nothing and may do so later."""
_IN_DOUBT = frozenset({502, 504})
"""Statuses of a proxy that does not know what became of the call."""


def check_body(form: BodyForm, body: str) -> str:
    """Return the body unchanged. Raises BadInput if it cannot be parsed, or lacks the number or the text."""
    _parse_body(form, body)
    fields = set(_FIELD.findall(body))
    if unknown := sorted(fields - set(FIELDS)):
        raise BadInput(
            "body: {field} is not a field; there are {fields}", field=_braced(unknown), fields=_braced(FIELDS)
        )
    if missing := [name for name in _NEEDED if name not in fields]:
        raise BadInput("body: {field} is missing in it", field=_braced(missing))
    return body


def read_headers(text: str) -> dict[str, str]:
    """Read lines of "Name: value". Raises BadInput for headers that cannot be sent."""
    headers: dict[str, str] = {}
    for line in filter(None, map(str.strip, text.splitlines())):
        name, colon, value = (part.strip() for part in line.partition(":"))
        is_header = colon and _HEADER_NAME.fullmatch(name) and value and value.isascii() and value.isprintable()
        if not is_header or len(value) > LONGEST_HEADER:
            raise BadInput("headers {line}: expected a line such as Authorization: Bearer …", line=name[:60])
        if name.lower() in _OURS or name.lower().startswith("webhook-"):
            raise BadInput("headers {name}: this header is set by the program itself", name=name)
        headers[name] = value
    if len(headers) > MOST_HEADERS:
        raise BadInput("headers: {length} headers; at most {most}", length=len(headers), most=MOST_HEADERS)
    return headers


def write_body(form: BodyForm, body: str, values: Mapping[str, str]) -> str:
    """Replace the fields by values, which may hold any characters."""

    def fill(part: Any) -> Any:
        if isinstance(part, str):
            return _FIELD.sub(lambda match: values.get(match[1], match[0]), part)
        if isinstance(part, list):
            return [fill(element) for element in part]
        return {name: fill(value) for name, value in part.items()} if isinstance(part, dict) else part

    fields = fill(_parse_body(form, body))
    return json.dumps(fields, ensure_ascii=False) if form is BodyForm.JSON else urlencode(fields)


def _parse_body(form: BodyForm, body: str) -> Any:
    if form is BodyForm.JSON:
        try:
            parsed = json.loads(body)
        except (ValueError, RecursionError) as error:
            raise BadInput("body: expected JSON, such as {example}", example=EXAMPLES[form]) from error
        if not isinstance(parsed, dict | list):
            raise BadInput("body: expected JSON, such as {example}", example=EXAMPLES[form])
        return parsed
    lines = [line.strip() for line in body.splitlines() if line.strip()]
    if any("=" not in line for line in lines):
        raise BadInput("body: expected a field a line, such as {example}", example=EXAMPLES[form].splitlines()[0])
    return dict(line.split("=", 1) for line in lines)


def _braced(names: Any) -> str:
    return ", ".join(f"{{{name}}}" for name in names)


def judge(answer: HttpAnswer) -> Sent:
    status, words = answer.status, answer.words.replace("\0", "")
    if answer.is_done:
        outcome = SendOutcome.ACCEPTED
    elif status is None:
        outcome = SendOutcome.UNCERTAIN if answer.was_connected else SendOutcome.TEMPORARY
    elif status in _IN_DOUBT:
        outcome = SendOutcome.UNCERTAIN
    else:
        outcome = SendOutcome.TEMPORARY if status in _LATER else SendOutcome.PERMANENT
    return Sent(outcome, status, words[:500])


@dataclass(frozen=True)
class HttpGateway:
    """A gateway, opened for a batch of messages at `now` (UTC)."""

    outbound: Outbound
    url: str
    form: BodyForm
    body: str
    headers: Mapping[str, str]
    secret: str
    now: datetime

    def send(self, message: ShortMessage) -> Sent:
        """Call the gateway. Each repeat carries the same key, the message's id."""
        name = f"msg_{message.id.hex}"
        values = {"phone": message.address, "text": message.text, "link": message.link, "id": name}
        body = write_body(self.form, self.body, values)
        try:
            own_headers = {"content-type": _TYPES[self.form], "idempotency-key": name} | sign(
                self.secret, name, body, self.now
            )
        except ValueError as fault:
            return Sent(SendOutcome.PERMANENT, reply=f"{type(fault).__name__}: {fault}")
        return judge(self.outbound.post(self.url, body.encode(), {**self.headers, **own_headers}))
