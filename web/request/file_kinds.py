"""Which files a field takes, once: for the browser's chooser and for the words beside it."""

from collections.abc import Sequence

from models.tasks.evidence_files import MEDIA_TYPES
from workflows.organization.register.spreadsheet.sheet import SPREADSHEETS

FILE_KINDS: dict[str, tuple[str, ...]] = {
    "evidence": tuple(MEDIA_TYPES),
    "photograph": tuple(sorted({one for one in MEDIA_TYPES.values() if one.startswith("image/")})),  # opens the camera
    "spreadsheet": SPREADSHEETS,
    "paper": (".pdf", ".docx"),
    # read by content, not by name
    "document": (
        *(".docx", ".doc", ".odt", ".rtf", ".pdf", ".html", ".htm", ".txt", ".edxml"),
        *(".jpg", ".jpeg", ".png", ".tif", ".tiff"),
    ),
    "certificate": (".cer", ".crt", ".der", ".pem", ".p7b", ".p7c"),
    "days": (".csv", ".txt"),
    "pack": (".yaml", ".yml", ".txt"),
    "template": (".yaml", ".yml"),
}
"""The endings of names, by what a field asks for; of a photograph media types."""
_SECOND_NAMES = frozenset({".jpeg", ".tiff", ".htm", ".yml", ".der", ".p7c"})


def kind_words(kinds: Sequence[str]) -> str:
    """Return the endings as a reader knows them: "PDF, DOCX, JPG"."""
    return ", ".join(kind.removeprefix(".").upper() for kind in kinds if kind not in _SECOND_NAMES)
