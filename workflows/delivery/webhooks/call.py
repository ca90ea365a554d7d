"""Making the calls: claimed under a lease, signed (Standard Webhooks), tried again on a schedule, given up visibly."""

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
from sqlalchemy import Engine
from sqlmodel import Session, col, select
from standardwebhooks import Webhook as Signer

from models.database.back_off import WEBHOOK, next_attempt
from models.database.leases import Lease, LostLease, claim, is_ready, release, settle
from models.database.sealing import Locked
from models.database.session import transaction
from models.directives.directive import Directive, Duty
from models.errors import BadInput
from models.organization.access import TO_MAKE, CallState, Webhook, WebhookCall
from models.organization.unit import Unit
from models.settings import Settings
from models.tasks.history import History
from models.tasks.task import Task
from workflows.delivery.webhooks.edit import switch_off, webhook_secret
from workflows.delivery.webhooks.webhook_address import find_address
from workflows.queue.send_hold import is_fenced

BATCH = 20
LEASE = timedelta(minutes=5)  # as long as a batch of calls that all time out
SECONDS = 15.0
"""For a whole call: an other side that sends a byte now and then outlives the time-out of each read."""
_TIMEOUT = httpx.Timeout(10, connect=5)
_NONE_KEPT = httpx.Limits(max_keepalive_connections=0)
"""They are pooled by address: of two names behind one the second would be told over the first one's certificate."""
_LONGEST_ERROR, _LONGEST_ANSWER = 500, 64 * 1024  # characters; bytes
_GONE = 410  # the other side wants no more calls


@dataclass(frozen=True)
class _Claim:
    lease: Lease
    call_id: UUID
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


class _Lines:
    """The connections of a batch, for another thread to cut."""

    def __init__(self) -> None:
        self._streams: list[Any] = []

    def watch(self, event: str, info: Mapping[str, Any]) -> None:
        """Called with each step of a call."""
        if event in ("connection.connect_tcp.complete", "connection.start_tls.complete"):
            self._streams.append(info["return_value"])

    def cut(self) -> None:
        """Close the connections; a reader of one finds it closed."""
        for stream in self._streams:
            with suppress(OSError):  # it has ended by itself, or goes on as that of TLS
                stream.get_extra_info("socket").shutdown(socket.SHUT_RDWR)


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
    until = None if for_seconds is None else time.monotonic() + for_seconds
    made = 0

    def ends() -> bool:
        return not goes_on() or (until is not None and time.monotonic() >= until)

    while claims := _claim(engine, now):
        with httpx.Client(timeout=_TIMEOUT, limits=_NONE_KEPT, follow_redirects=False, trust_env=False) as client:
            lines = _Lines()
            deadline = Deadline(SECONDS, lines.cut)
            try:
                for position, one in enumerate(claims):
                    if position and ends():
                        with transaction(engine) as session:  # they wait as before
                            leases = [rest.lease for rest in claims[position:]]
                            release(session, WebhookCall, leases, state=CallState.QUEUED, ready_at=now)
                        break
                    with deadline.within():
                        outcome = _call(client, one, settings, now, lines)
                    with transaction(engine) as session:
                        made += _settle(session, one, outcome, now)
            finally:
                deadline.close()
        if ends():
            break
    return made


def _claim(engine: Engine, now: datetime) -> list[_Claim]:
    """Return the next calls that are due, or whose deliverer died; leased, so that no other makes them meanwhile."""
    with transaction(engine) as session:
        due = session.exec(
            select(WebhookCall)
            .where(TO_MAKE, is_ready(WebhookCall, now))
            .order_by(col(WebhookCall.ready_at), col(WebhookCall.id))
            .limit(BATCH)
            .with_for_update(skip_locked=True)
        ).all()
        claim(session, WebhookCall, [(call.id,) for call in due], until=now + LEASE, state=CallState.CLAIMED)
        return [
            _Claim(
                Lease((call.id,), call.lease_token + 1),
                call.id,
                call.attempts + 1,
                hook,
                _secret(session, hook),
                _body(session, call),
            )
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


def _call(client: httpx.Client, one: _Claim, settings: Settings, now: datetime, lines: _Lines) -> _Outcome:
    """Return one call. Its id stays the same however often it is made: the other side can tell a repeat."""
    if isinstance(one.secret, Locked):
        return _Outcome(None, str(one.secret))
    call_id = f"msg_{one.call_id.hex}"
    try:
        url = httpx.URL(one.hook.url)
        host = url.raw_host.decode("ascii")
        port = url.port or (443 if url.scheme == "https" else 80)
        address = find_address(host, port, private_allowed=settings.webhooks_to_private)
        headers = {
            "host": url.netloc.decode("ascii"),
            "content-type": "application/json",
            "user-agent": "dondoc",
            "accept-encoding": "identity",
            "webhook-id": call_id,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": Signer(one.secret).sign(call_id, now, one.body),
        }
        extensions = {"sni_hostname": host, "trace": lines.watch}
        there, body = url.copy_with(host=address), one.body.encode()
        with client.stream("POST", there, content=body, headers=headers, extensions=extensions) as answer:
            words = _beginning(answer)
    except BadInput as fault:
        return _Outcome(None, str(fault))
    except (httpx.HTTPError, httpx.InvalidURL, ValueError) as fault:  # an address that is none is its own fault alone
        return _Outcome(None, f"{type(fault).__name__}: {fault}")
    return _Outcome(answer.status_code, "" if 200 <= answer.status_code < 300 else words)


def _beginning(answer: httpx.Response) -> str:
    read = b""
    for piece in answer.iter_raw():
        read += piece
        if len(read) >= _LONGEST_ANSWER:
            break
    return read.decode("utf-8", "replace")


def _settle(session: Session, one: _Claim, outcome: _Outcome, now: datetime) -> int:
    """Write how a call ended, unless another has taken it since. A 410 switches the webhook off."""
    hook = session.get_one(Webhook, one.hook.id, with_for_update={"key_share": True})  # as it is now, until the commit
    is_over = outcome.is_done or outcome.status == _GONE or not hook.is_active
    again = None if is_over else next_attempt(WEBHOOK, one.attempts, now)
    state = CallState.DONE if outcome.is_done else CallState.QUEUED if again else CallState.FAILED
    if outcome.status == _GONE:
        switch_off(session, hook)
    try:
        settle(
            session,
            WebhookCall,
            one.lease,
            state=state,
            status=outcome.status,
            error=outcome.error.replace("\0", "")[:_LONGEST_ERROR],
            done_at=now if outcome.is_done else None,
            ready_at=again or now,
        )
    except LostLease:
        return 0
    return 1


class Deadline:
    """Calls `cut` when what runs inside `within` takes longer than `seconds`; a thread looks, started once needed."""

    LOOK_SECONDS = 0.5

    def __init__(self, seconds: float, cut: Callable[[], None]) -> None:
        self._seconds, self._cut = seconds, cut
        self._until: float | None = None  # on the monotonic clock
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    @contextmanager
    def within(self) -> Iterator[None]:
        """Until this ends, time runs."""
        if self._thread is None:
            self._stop.clear()
            self._thread = threading.Thread(target=self._look, name="mail deadline", daemon=True)
            self._thread.start()
        self._until = time.monotonic() + self._seconds
        try:
            yield
        finally:
            self._until = None

    def close(self) -> None:
        """End the thread; it starts again with the next `within`."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join()
        self._thread = None

    def _look(self) -> None:
        while not self._stop.wait(min(self.LOOK_SECONDS, self._seconds / 4)):
            until = self._until
            if until is not None and time.monotonic() > until:
                self._until = None
                self._cut()
