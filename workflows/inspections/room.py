"""Inspections: planned, found, sent to who is inspected, followed until mended."""

from models.i18n import _
from models.rooms import Room

ROOM = Room(
    name="inspections",
    title=_("inspections"),
    addresses=("/inspections", "/api/v1/inspections", "/api/v1/directives/{code}/inspections"),
    adds={
        "web.pages": ("web.inspections:router",),
        "web.calls": ("web.inspections.inspection_calls:router",),
        "task.inspection": ("workflows.inspections.inspection_access:inspection_of",),
        "demo.events": ("workflows.inspections.demo_inspection:EVENTS",),
    },
)
