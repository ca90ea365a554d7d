"""Messages of the document exchange (edXML) that come in, and statuses and reports that go out."""

from models.i18n import _
from models.rooms import Room

ROOM = Room(
    name="exchange",
    title=_("document exchange (edXML)"),
    needs=("lxml",),
    beside=("intake",),
    addresses=("/directives/{code}/messages", "/api/v1/edxml"),
    adds={
        "web.pages": ("web.exchange.exchange_pages:router", "web.exchange.review_messages:router"),
        "intake.uploads": ("web.exchange.review_messages:take_upload",),
        "intake.brought": ("workflows.exchange.intake_messages:brought_by_messages",),
        "intake.messages": ("web.exchange.review_messages:read_messages",),
        "intake.discard": ("workflows.exchange.answers:discard",),
        "web.calls": ("web.exchange.edxml_calls:router",),
        "directive.messages": ("web.exchange.exchange_pages:exchanged",),
        "tick.messages": ("workflows.exchange.exchange_messages:exchange_messages",),
        "doctor.edxml": ("workflows.exchange.check:CHECK",),
        "import.others": ("commands.exchange.import_message:import_message",),
        "intake.scans": ("workflows.exchange.scanned_message:read_scanned_message",),
    },
)
