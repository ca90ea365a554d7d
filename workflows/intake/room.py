"""Reading documents, scans, and tables into duties that a coordinator reviews."""

from models.i18n import _
from models.rooms import Room

ROOM = Room(
    name="intake",
    title=_("reading of documents"),
    needs=("lxml", "pypdfium2", "PIL", "striprtf", "rapidfuzz"),
    addresses=("/intake", "/directives/{code}/files"),
    adds={
        "web.pages": ("web.intake:router",),
        "today.scans": ("workflows.intake.read_scans:scans_to_see",),
        "files.view": ("workflows.intake.files:view_file",),
        "directive.files": ("workflows.intake.source_files:files_of_directive",),
        "background.scan": ("workflows.intake.read_scans:read_in_background",),
        "doctor.scans": ("workflows.intake.check:CHECK",),
    },
)
