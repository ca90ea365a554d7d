"""What is told beside mail: text messages, browsers, and webhooks of other systems."""

from models.rooms import Room

ROOM = Room(
    name="channels",
    needs=("standardwebhooks", "pywebpush", "py_vapid"),
    addresses=("/admin/channels", "/admin/webhooks"),
    adds={
        "tick.sent_beside": ("workflows.channels.webhook_calls:call_due", "workflows.channels.send_messages:send_due")
    },
)
