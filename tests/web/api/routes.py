"""Every route of the site, and a body that each call of the API takes."""

from collections.abc import Iterator
from typing import Any

from fastapi.routing import iter_route_contexts

from workflows.rules.tasks.actions import Action

DAY = "2026-11-25"
BODY: dict[Action, dict[str, Any]] = {
    **{action: {"note": "x"} for action in Action},
    Action.ASSIGN: {"to": "its.officer"},
    Action.SET_DATE: {"due": DAY, "note": "x"},
    Action.SUBMIT: {"number": "1", "date": "2026-11-02", "subject": "x", "signer": "x"},
    Action.CORRECT: {"number": "1", "date": "2026-11-02", "subject": "x", "signer": "x"},
    Action.RECEIVE: {"number": "1", "date": "2026-11-02", "received_on": "2026-11-02"},
    Action.CHANGE_LEAD: {"to": "CTY-L", "note": "x"},
    Action.TELEPHONE: {"answered_by": "x"},
    Action.ASK_EXTENSION: {"due": DAY, "note": "x"},
    Action.COUNTER_EXTENSION: {"due": DAY, "note": "x"},
    Action.CHANGE_COORDINATOR: {"to": "le.thi.c"},
    Action.CASCADE: {"units": ["T-LT-KV1"]},
    Action.PRESS_SIGNED: {"number": "1", "date": "2026-11-02", "signer": "x"},
}


def every_route(app: Any) -> Iterator[str]:
    """The paths that answer GET, of the site and of its API."""
    for start, routes in (("", app.routes), ("/api/v1", app.state.api.routes)):
        for route in iter_route_contexts(routes):
            if "GET" in (route.methods or ()):
                yield f"{start}{route.path}"
