"""Makes webhook calls: claims them under a lease, signs them (Standard Webhooks), and repeats failed ones."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Engine
from sqlmodel import Session

from models.database.back_off import WEBHOOK, next_attempt
from models.database.leases import Lease, LostLease, claim, next_ready, settle
from models.database.sealed import Locked
from models.database.session import transaction
from models.directives.directive import Directive, Duty
from models.organization.access import TO_MAKE, CallState, Webhook, WebhookCall
from models.organization.unit import Unit
from models.settings import Settings
from models.tasks.history import History
from models.tasks.task import Task
from notifications.channels.http_client import HttpAnswer, Outbound, sign
from workflows.channels.batches import make_in_batches
from workflows.jobs.tick import Counts, TickWork
from workflows.queue.send_hold import is_sending_held
from workflows.queue.switching_off import switch_off

BATCH = 20
LEASE = timedelta(minutes=5)  # as long as a batch of calls that all time out
_LONGEST_ERROR = 500  # characters
_GONE = 410  # the HTTP status of a side that wants no more calls


@dataclass(frozen=True)
class _ClaimedCall:
    lease: Lease
    call_id: UUID
    attempts: int
    hook: Webhook
    secret: str | Locked
    body: str


def make_calls(
    engine: Engine,
    settings: Settings,
    *,
    now: datetime,
    for_seconds: float | None = None,
    should_continue: Callable[[], bool] = lambda: True,
) -> int:
    """Make the calls that are due at `now`, and return how many were made.

    Stops after `for_seconds`, or when `should_continue()` is False; the rest waits. During a send hold it makes none.
    """
    if is_sending_held(engine):
        return 0

    def make(outbound: Outbound, claimed: _ClaimedCall) -> int:
        answer = _call(outbound, claimed, now)
        with transaction(engine) as session:
            return _settle(session, claimed, answer, now)

    return make_in_batches(
        engine,
        settings,
        WebhookCall,
        CallState.QUEUED,
        lambda: _claim(engine, now),
        make,
        now=now,
        for_seconds=for_seconds,
        should_continue=should_continue,
    )


def _claim(engine: Engine, now: datetime) -> list[_ClaimedCall]:
    """Lease the next calls that are due, or whose process died, so that no other process makes them."""
    with transaction(engine) as session:
        due = next_ready(session, WebhookCall, TO_MAKE, now=now, limit=BATCH)
        claim(session, WebhookCall, [(call.id,) for call in due], until=now + LEASE, state=CallState.CLAIMED)
        return [_prepare(session, call) for call in due]


def _prepare(session: Session, call: WebhookCall) -> _ClaimedCall:
    hook = session.get_one(Webhook, call.webhook_id)
    return _ClaimedCall(
        lease=Lease((call.id,), call.lease_token + 1),
        call_id=call.id,
        attempts=call.attempts + 1,
        hook=hook,
        secret=_secret(hook),
        body=_body(session, call),
    )


def _secret(hook: Webhook) -> str | Locked:
    """Return the error where the secret cannot be opened: only the calls of this webhook fail then."""
    try:
        return hook.secret
    except Locked as error:
        return error


def _body(session: Session, call: WebhookCall) -> str:
    """Return ids, codes, states and dates; never the words of a duty, a note or a person's name."""
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
    message = {"type": f"dondoc.{row.event}", "timestamp": row.recorded_at.isoformat(), "data": data}
    return json.dumps(message, ensure_ascii=False)


def _call(outbound: Outbound, claimed: _ClaimedCall, now: datetime) -> HttpAnswer:
    """Make one call. A repeat carries the same id, so that the other side recognises it."""
    if isinstance(claimed.secret, Locked):
        return HttpAnswer(None, str(claimed.secret), was_connected=False)
    try:
        signature = sign(claimed.secret, f"msg_{claimed.call_id.hex}", claimed.body, now)
    except ValueError as error:  # the secret has not the form of one
        return HttpAnswer(None, f"{type(error).__name__}: {error}", was_connected=False)
    return outbound.post(claimed.hook.url, claimed.body.encode(), {"content-type": "application/json"} | signature)


def _settle(session: Session, claimed: _ClaimedCall, answer: HttpAnswer, now: datetime) -> int:
    """Write how a call ended; return 0 where another process has taken it since, else 1.

    An answer 410 switches the webhook off.
    """
    hook = session.get_one(Webhook, claimed.hook.id, with_for_update={"key_share": True})  # as it is until the commit
    is_over = answer.is_done or answer.status == _GONE or not hook.is_active
    again = None if is_over else next_attempt(WEBHOOK, claimed.attempts, now)
    failed_state = CallState.QUEUED if again else CallState.FAILED
    state = CallState.DONE if answer.is_done else failed_state
    if answer.status == _GONE:
        switch_off(session, hook)
    try:
        settle(
            session,
            WebhookCall,
            claimed.lease,
            state=state,
            status=answer.status,
            error=answer.words.replace("\0", "")[:_LONGEST_ERROR],
            done_at=now if answer.is_done else None,
            not_before=again or now,
        )
    except LostLease:
        return 0
    return 1


def call_due(work: TickWork, now: datetime) -> Counts:
    called = make_calls(
        work.engine, work.settings, now=now, for_seconds=work.for_seconds, should_continue=work.should_continue
    )
    return {"called": called}
