"""Making the calls: claimed under a lease, signed (Standard Webhooks), tried again on a schedule, given up visibly."""

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
from workflows.queue.send_hold import is_fenced
from workflows.queue.switching_off import switch_off

BATCH = 20
LEASE = timedelta(minutes=5)  # as long as a batch of calls that all time out
_LONGEST_ERROR = 500  # characters
_GONE = 410  # the other side wants no more calls


@dataclass(frozen=True)
class _Claim:
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
    goes_on: Callable[[], bool] = lambda: True,
) -> int:
    """Make the calls that are due at `now`; return how many were taken. Stop after `for_seconds`; the rest waits.

    Behind a fence none is made. `goes_on`: whether to make another.
    """
    if is_fenced(engine):
        return 0

    def make(outbound: Outbound, one: _Claim) -> int:
        answer = _call(outbound, one, now)
        with transaction(engine) as session:
            return _settle(session, one, answer, now)

    return make_in_batches(
        engine,
        settings,
        WebhookCall,
        CallState.QUEUED,
        lambda: _claim(engine, now),
        make,
        now=now,
        for_seconds=for_seconds,
        goes_on=goes_on,
    )


def _claim(engine: Engine, now: datetime) -> list[_Claim]:
    """Return the next calls that are due, or whose deliverer died; leased, so that no other makes them meanwhile."""
    with transaction(engine) as session:
        due = next_ready(session, WebhookCall, TO_MAKE, now=now, limit=BATCH)
        claim(session, WebhookCall, [(call.id,) for call in due], until=now + LEASE, state=CallState.CLAIMED)
        return [
            _Claim(
                Lease((call.id,), call.lease_token + 1),
                call.id,
                call.attempts + 1,
                hook,
                _secret(hook),
                _body(session, call),
            )
            for call in due
            for hook in [session.get_one(Webhook, call.webhook_id)]
        ]


def _secret(hook: Webhook) -> str | Locked:
    """Or why it cannot be opened: that one's calls are tried again, and given up; the others are made."""
    try:
        return hook.secret
    except Locked as error:
        return error


def _body(session: Session, call: WebhookCall) -> str:
    """Return what is told: ids, codes, states and dates; never the words of a duty, a note or a person's name."""
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


def _call(outbound: Outbound, one: _Claim, now: datetime) -> HttpAnswer:
    """Make one call. Its id stays the same however often it is made: the other side can tell a repeat."""
    if isinstance(one.secret, Locked):
        return HttpAnswer(None, str(one.secret), was_connected=False)
    try:
        headers = {"content-type": "application/json"} | sign(one.secret, f"msg_{one.call_id.hex}", one.body, now)
    except ValueError as fault:  # a secret that is none is its own fault alone
        return HttpAnswer(None, f"{type(fault).__name__}: {fault}", was_connected=False)
    return outbound.post(one.hook.url, one.body.encode(), headers)


def _settle(session: Session, one: _Claim, answer: HttpAnswer, now: datetime) -> int:
    """Write how a call ended, unless another has taken it since. A 410 switches the webhook off."""
    hook = session.get_one(Webhook, one.hook.id, with_for_update={"key_share": True})  # as it is now, until the commit
    is_over = answer.is_done or answer.status == _GONE or not hook.is_active
    again = None if is_over else next_attempt(WEBHOOK, one.attempts, now)
    state = CallState.DONE if answer.is_done else CallState.QUEUED if again else CallState.FAILED
    if answer.status == _GONE:
        switch_off(session, hook)
    try:
        settle(
            session,
            WebhookCall,
            one.lease,
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
    seconds, goes_on = work.for_seconds, work.goes_on
    return {"called": make_calls(work.engine, work.settings, now=now, for_seconds=seconds, goes_on=goes_on)}
