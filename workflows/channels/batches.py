"""Makes HTTP calls that are due, a batch at a time under leases: webhook calls and channel messages."""

import time
from collections.abc import Callable, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Protocol, TypeVar

from sqlalchemy import Engine

from models.database.leases import Lease, Leased, release
from models.database.session import transaction
from models.settings import Settings
from notifications.channels.http_client import Outbound


class _HasLease(Protocol):
    @property
    def lease(self) -> Lease: ...


_Call = TypeVar("_Call", bound=_HasLease)


def make_in_batches(
    engine: Engine,
    settings: Settings,
    model: type[Leased],
    waiting_state: StrEnum,
    claim_batch: Callable[[], Sequence[_Call]],
    make_call: Callable[[Outbound, _Call], int],
    *,
    now: datetime,
    for_seconds: float | None,
    should_continue: Callable[[], bool],
) -> int:
    """Make the calls that `claim_batch` leases until nothing is due. Return the sum of what `make_call` returns.

    Stops after `for_seconds`, or when `should_continue()` is False. The rest of the batch goes back to `waiting_state`.
    """
    until = None if for_seconds is None else time.monotonic() + for_seconds
    tried = 0

    def must_stop() -> bool:
        return not should_continue() or (until is not None and time.monotonic() >= until)

    while batch := claim_batch():
        with Outbound(private_allowed=settings.webhooks_to_private) as outbound:
            for position, call in enumerate(batch):
                if position and must_stop():  # at least one call is made, so that each run gets on
                    leases = [waiting_call.lease for waiting_call in batch[position:]]
                    with transaction(engine) as session:
                        release(session, model, leases, state=waiting_state, not_before=now)
                    break
                tried += make_call(outbound, call)
        if must_stop():
            break
    return tried
