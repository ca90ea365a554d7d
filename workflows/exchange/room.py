"""Messages of the document exchange (edXML) that come in, and statuses and reports that go out."""

from models.rooms import Room

ROOM = Room(
    name="exchange",
    needs=("lxml",),
    beside=("intake",),
    addresses=("/api/v1/edxml",),
    adds={
        "tick.messages": ("workflows.exchange.exchange_messages:exchange_messages",),
        "doctor.edxml": ("workflows.exchange.check:CHECK",),
        "import.others": ("commands.import_message:import_message",),
        "intake.scans": ("workflows.exchange.scanned_message:read_scanned_message",),
    },
)
