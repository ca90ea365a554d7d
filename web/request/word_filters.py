"""How a task's state, moves and waits are called on its page (message ids), and how words with commands are shown."""

import re
from collections.abc import Mapping, Sequence

from markupsafe import Markup, escape

from models.i18n import _, translate
from models.tasks.evidence_files import MEDIA_TYPES
from models.tasks.task import WaitKind
from models.words import TAG_WORDS as TAG_WORDS
from models.words import duty_words as duty_words
from models.words import period_words as period_words
from models.words import tag_of as tag_of
from notifications.composing.wording import WrittenWords, first_up
from workflows.organization.register.spreadsheet.sheet import SPREADSHEETS

WAIT_WORDS = {
    WaitKind.DECISION: _("the result is waiting for approval"),
    WaitKind.EXTENSION: _("the request for more time is waiting for a decision"),
    WaitKind.OBSTACLE: _("the reported obstacle is waiting for an answer"),
    WaitKind.LEAD_CHANGE: _("the request for another lead unit is waiting for a decision"),
}


def tag_name(tag: str, language: str) -> str:
    """As on a page: "bưu chính" for "post"."""
    return translate(TAG_WORDS[tag], language) if tag in TAG_WORDS else tag


_CODE = re.compile("`([^`]+)`")


def with_code(text: str) -> Markup:
    """What stands between backticks is a command to be typed; all else is escaped."""
    return Markup(_CODE.sub(r"<code>\1</code>", str(escape(text))))


def duty_name(path: str, language: str) -> str:
    """ "Mục 2.a", or the words of a duty without a number."""
    return first_up(translate(duty_words(path), language))


def duty_title(path: str, title: str, language: str) -> str:
    """ "Mục 2: title"; the title alone where it begins with what the duty is called, as a report's does."""
    name = duty_name(path, language)
    return first_up(title) if title.casefold().startswith(name.casefold()) else f"{name}: {title}"


def period_name(period: str, incidents: Mapping[str, tuple[str, bool]], language: str) -> str:
    """`incidents` have a title each, and may be a drill."""
    if period in incidents:
        title, is_drill = incidents[period]
        return f"{translate(_('DRILL'), language)}: {title}" if is_drill else title
    if period.partition(":")[0] == "request":
        return translate(_("on request"), language)
    found = period_words(period)
    return translate(found[0], language, **found[1]) if found else translate(_("once only"), language)


def write_size(size: int, language: str) -> str:
    """ "2,1 MB", "340 kB"."""
    if size < 1 << 20:
        return f"{max(1, round(size / 1024))} kB"
    megabytes = round(size / (1 << 20), 1)
    return f"{megabytes:.0f} MB" if megabytes.is_integer() else f"{WrittenWords(language).decimal(megabytes)} MB"


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
    """As a reader knows the endings: "PDF, DOCX, JPG"."""
    return ", ".join(kind.removeprefix(".").upper() for kind in kinds if kind not in _SECOND_NAMES)
