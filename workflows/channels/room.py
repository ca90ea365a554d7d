"""Registers text messages, browser notifications and webhooks with the program."""

from models.i18n import _
from models.rooms import Room

ROOM = Room(
    name="channels",
    title=_("text messages, browsers and webhooks"),
    needs=("standardwebhooks", "pywebpush", "py_vapid"),
    addresses=(
        "/admin/channels",
        "/admin/webhooks",
        "/notifications/gateways",
        "/notifications/browsers",
        "/api/v1/webhooks",
    ),
    adds={
        "web.pages": ("web.channels.own_channels:router",),
        "web.admin": ("web.channels.channel_pages:router", "web.channels.webhook_pages:router"),
        "web.calls": ("web.channels.webhook_calls:router",),
        "letters.channels": ("web.channels.channel_views:channel_choices",),
        "letter.messages": ("web.channels.channel_views:letter_messages",),
        "tick.sent_beside": (
            "workflows.channels.make_webhook_calls:call_due",
            "workflows.channels.send_messages:send_due",
        ),
    },
)
