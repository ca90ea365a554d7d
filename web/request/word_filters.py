"""Words of pages: what a task waits for, the names of duties and periods, sizes, and the file types of fields."""

import re
from collections.abc import Mapping, Sequence

from markupsafe import Markup, escape

from models.i18n import _, translate
from models.tasks.evidence_files import MEDIA_TYPES
from models.tasks.task import WaitKind
from models.words import TAG_WORDS, duty_words, period_words
from notifications.composing.wording import WrittenWords, first_up
from workflows.organization.register.spreadsheet.sheet import SPREADSHEETS

WAIT_WORDS = {
    WaitKind.DECISION: _("the result is waiting for approval"),
    WaitKind.EXTENSION: _("the request for more time is waiting for a decision"),
    WaitKind.OBSTACLE: _("the reported obstacle is waiting for an answer"),
    WaitKind.LEAD_CHANGE: _("the request for another lead unit is waiting for a decision"),
}


def tag_name(tag: str, language: str) -> str:
    """Return the name of a tag on pages, such as "bưu chính" for "post"."""
    return translate(TAG_WORDS[tag], language) if tag in TAG_WORDS else tag


_CODE = re.compile("`([^`]+)`")


def with_code(text: str) -> Markup:
    """Write the commands between backticks as code. All text is escaped."""
    return Markup(_CODE.sub(r"<code>\1</code>", str(escape(text))))


def duty_name(path: str, language: str) -> str:
    """Return "Mục 2.a", or the words of a duty without a number."""
    return first_up(translate(duty_words(path), language))


def duty_title(path: str, title: str, language: str) -> str:
    """Return "Mục 2: title", or the title alone if it begins with the duty's name."""
    name = duty_name(path, language)
    return first_up(title) if title.casefold().startswith(name.casefold()) else f"{name}: {title}"


def period_name(period: str, incidents: Mapping[str, tuple[str, bool]], language: str) -> str:
    """Name a period, or the incident that stands in its place. `incidents`: title, and whether it is a drill."""
    if period in incidents:
        title, is_drill = incidents[period]
        return f"{translate(_('DRILL'), language)}: {title}" if is_drill else title
    if period.partition(":")[0] == "request":
        return translate(_("on request"), language)
    message, facts = period_words(period) or (_("once only"), {})
    return translate(message, language, **facts)


def write_size(size: int, language: str) -> str:
    """Return a size such as "2,1 MB" or "340 kB"."""
    if size < 1 << 20:
        return f"{max(1, round(size / 1024))} kB"
    megabytes = round(size / (1 << 20), 1)
    return f"{megabytes:.0f} MB" if megabytes.is_integer() else f"{WrittenWords(language).decimal(megabytes)} MB"


FILE_KINDS: dict[str, tuple[str, ...]] = {
    "evidence": tuple(MEDIA_TYPES),
    "photograph": tuple(sorted({kind for kind in MEDIA_TYPES.values() if kind.startswith("image/")})),
    "spreadsheet": SPREADSHEETS,
    "paper": (".pdf", ".docx"),
    "document": (
        *(".docx", ".doc", ".odt", ".rtf", ".pdf", ".html", ".htm", ".txt", ".edxml"),
        *(".jpg", ".jpeg", ".png", ".tif", ".tiff"),
    ),
    "certificate": (".cer", ".crt", ".der", ".pem", ".p7b", ".p7c"),
    "days": (".csv", ".txt"),
    "pack": (".yaml", ".yml", ".txt"),
    "template": (".yaml", ".yml"),
}
"""The file name endings that a field accepts. Photographs have media types, which open a telephone's camera."""
_SECOND_NAMES = frozenset({".jpeg", ".tiff", ".htm", ".yml", ".der", ".p7c"})


def kind_words(kinds: Sequence[str]) -> str:
    """Return the endings as readers know them: "PDF, DOCX, JPG"."""
    return ", ".join(kind.removeprefix(".").upper() for kind in kinds if kind not in _SECOND_NAMES)
