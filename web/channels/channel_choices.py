"""What the page of one's letters says of other channels: which there are, what they carry, and what was chosen."""

from typing import Any

from sqlmodel import Session

from models.database.sealed import Locked
from notifications.channels.message_text import write_sample
from web.request.request_context import RequestContext
from web.request.visitors import device_name
from workflows.channels.choices import browser_key, list_browsers, offered_gateways, telephone
from workflows.channels.gateways import LENGTHS


def channel_choices(context: RequestContext, session: Session) -> dict[str, Any]:
    try:
        push_key = browser_key(session)
    except Locked:  # the check-up says so
        push_key = None
    return {
        "gateways": offered_gateways(session, context.person.id),
        "number": telephone(context.person),
        "push_key": push_key,
        "browsers": list_browsers(session, context.person.id),
        "here": context.session_row.id if context.session_row else None,
        "device_name": device_name,
        "sample": lambda longest=LENGTHS[0], is_unmarked=False: write_sample(
            context.language, longest=longest, is_unmarked=is_unmarked
        ),
    }
