"""Calls that are due, a batch at a time under leases: webhooks, and messages of channels beside mail."""

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


class _Leased(Protocol):
    @property
    def lease(self) -> Lease: ...


_Call = TypeVar("_Call", bound=_Leased)


def make_in_batches(
    engine: Engine,
    settings: Settings,
    model: type[Leased],
    waiting: StrEnum,
    take: Callable[[], Sequence[_Call]],
    make: Callable[[Outbound, _Call], int],
    *,
    now: datetime,
    for_seconds: float | None,
    goes_on: Callable[[], bool],
) -> int:
    """Make what `take` leases until nothing is due, and return how many were tried.

    After `for_seconds`, or once it is not to go on, the rest of a batch waits as before.
    """
    until = None if for_seconds is None else time.monotonic() + for_seconds
    tried = 0

    def ends() -> bool:
        return not goes_on() or (until is not None and time.monotonic() >= until)

    while batch := take():
        with Outbound(private_allowed=settings.webhooks_to_private) as outbound:
            for position, one in enumerate(batch):
                if position and ends():
                    with transaction(engine) as session:
                        release(
                            session, model, [rest.lease for rest in batch[position:]], state=waiting, not_before=now
                        )
                    break
                tried += make(outbound, one)
        if ends():
            break
    return tried
