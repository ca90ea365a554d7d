"""Making the calls: claimed under a lease, signed (Standard Webhooks), tried again on a schedule, given up visibly."""

import json
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import httpx
from sqlalchemy import Engine, or_, update
from sqlmodel import Session, col, select
from standardwebhooks import Webhook as Signer

from models.access import CallState, Webhook, WebhookCall
from models.directive import Directive, Duty
from models.errors import BadInput
from models.history import History
from models.sealing import Locked
from models.session import transaction
from models.settings import Settings
from models.task import Task
from models.unit import Unit
from notifications.retry import next_attempt
from workflows.fence import is_fenced
from workflows.webhooks.address import find_address
from workflows.webhooks.edit import webhook_secret

BATCH = 20
LEASE = timedelta(minutes=5)  # longer than a batch of calls that all time out
_TIMEOUT = httpx.Timeout(10, connect=5)
_LONGEST_ERROR = 500
_GONE = 410  # the other side wants no more calls


@dataclass(frozen=True)
class _Claim:
    call_id: UUID
    fence: int
    attempts: int
    hook: Webhook
    secret: str | Locked
    body: str


@dataclass(frozen=True)
class _Outcome:
    status: int | None
    error: str

    @property
    def is_done(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


def make_calls(engine: Engine, settings: Settings, *, now: datetime, for_seconds: float | None = None) -> int:
    """Makes the calls that are due at `now`; returns how many were taken. Stops after `for_seconds`; the rest waits.

    Behind a fence none is made.
    """
    if is_fenced(engine):
        return 0
    until = None if for_seconds is None else time.monotonic() + for_seconds
    made = 0
    while claims := _claim(engine, now):
        with httpx.Client(timeout=_TIMEOUT, follow_redirects=False, trust_env=False) as client:
            for one in claims:
                outcome = _call(client, one, settings, now)
                with transaction(engine) as session:
                    made += _settle(session, one, outcome, now)
        if until is not None and time.monotonic() >= until:
            break
    return made


def _claim(engine: Engine, now: datetime) -> list[_Claim]:
    """The next calls that are due, or whose deliverer died; leased, so that no other makes them meanwhile."""
    with transaction(engine) as session:
        due = session.exec(
            select(WebhookCall)
            .where(
                col(WebhookCall.state).in_((CallState.QUEUED, CallState.CLAIMED)),
                col(WebhookCall.next_attempt_at) <= now,
                or_(col(WebhookCall.lease_until).is_(None), col(WebhookCall.lease_until) < now),
            )
            .order_by(col(WebhookCall.next_attempt_at), col(WebhookCall.id))
            .limit(BATCH)
            .with_for_update(skip_locked=True)
        ).all()
        for call in due:
            call.state, call.lease_until, call.fence = CallState.CLAIMED, now + LEASE, call.fence + 1
            call.attempts += 1
            session.add(call)
        session.flush()
        return [
            _Claim(call.id, call.fence, call.attempts, hook, _secret(session, hook), _body(session, call))
            for call in due
            for hook in [session.get_one(Webhook, call.webhook_id)]
        ]


def _secret(session: Session, hook: Webhook) -> str | Locked:
    """Or why it cannot be opened: that one's calls are tried again, and given up; the others are made."""
    try:
        return webhook_secret(session, hook)
    except Locked as error:
        return error


def _body(session: Session, call: WebhookCall) -> str:
    """What is told: ids, codes, states and dates; never the words of a duty, a note or a person's name."""
    row = session.get_one(History, call.history_id)
    directive = session.get_one(Directive, row.directive_id)
    data: dict[str, Any] = {"directive": directive.code, "occurred_on": row.occurred_on.isoformat()}
    task = session.get(Task, row.task_id) if row.task_id else None
    if task is not None:
        data |= {
            "task": str(task.id),
            "duty": session.get_one(Duty, task.duty_id).path,
            "unit": session.get_one(Unit, task.lead_unit_id).code,
            "occurrence": task.occurrence,
            "from_status": row.from_status,
            "to_status": row.to_status,
            "due_on": row.facts.get("due_on"),
            "is_drill": task.is_drill,
        }
    told = {"type": f"dondoc.{row.event}", "timestamp": row.recorded_at.isoformat(), "data": data}
    return json.dumps(told, ensure_ascii=False)


def _call(client: httpx.Client, one: _Claim, settings: Settings, now: datetime) -> _Outcome:
    """One call. Its id stays the same however often it is made: the other side can tell a repeat."""
    if isinstance(one.secret, Locked):
        return _Outcome(None, str(one.secret))
    parts = urlsplit(one.hook.url)
    host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
    call_id = f"msg_{one.call_id.hex}"
    try:
        address = find_address(host, port, private_allowed=settings.webhooks_to_private)
        url = httpx.URL(one.hook.url).copy_with(host=address)
        answer = client.post(
            url,
            content=one.body.encode(),
            headers={
                "host": parts.netloc,
                "content-type": "application/json",
                "user-agent": "dondoc",
                "webhook-id": call_id,
                "webhook-timestamp": str(int(now.timestamp())),
                "webhook-signature": Signer(one.secret).sign(call_id, now, one.body),
            },
            extensions={"sni_hostname": host},
        )
    except BadInput as fault:
        return _Outcome(None, str(fault))
    except httpx.HTTPError as fault:
        return _Outcome(None, f"{type(fault).__name__}: {fault}")
    if 200 <= answer.status_code < 300:
        return _Outcome(answer.status_code, "")
    return _Outcome(answer.status_code, answer.text)


def _settle(session: Session, one: _Claim, outcome: _Outcome, now: datetime) -> int:
    """Writes how a call ended, unless another has taken it since. A 410 switches the webhook off."""
    again = None if outcome.is_done or outcome.status == _GONE else next_attempt(one.attempts, now)
    state = CallState.DONE if outcome.is_done else CallState.QUEUED if again else CallState.FAILED
    settled = session.execute(
        update(WebhookCall)
        .where(col(WebhookCall.id) == one.call_id, col(WebhookCall.fence) == one.fence)
        .values(
            state=state,
            lease_until=None,
            status=outcome.status,
            error=outcome.error.replace("\0", "")[:_LONGEST_ERROR],
            done_at=now if outcome.is_done else None,
            next_attempt_at=again or now,
        )
    )
    if outcome.status == _GONE:
        session.execute(update(Webhook).where(col(Webhook.id) == one.hook.id).values(is_active=False))
    return int(settled.rowcount)  # type: ignore[attr-defined]
