"""Reading documents, scans, and tables into duties that a coordinator reviews."""

from models.rooms import Room

ROOM = Room(
    name="intake",
    needs=("lxml", "pypdfium2", "PIL", "striprtf", "rapidfuzz"),
    addresses=("/intake",),
    adds={
        "background.scan": ("workflows.intake.read_scans:read_in_background",),
        "doctor.scans": ("workflows.intake.check:CHECK",),
    },
)
