"""Copy the icons and typefaces of pages and papers from the installed npm packages.

Run by `make assets`, after a change of the list or of a package's version; the copies are committed.
"""

import io
import re
from pathlib import Path

from fontTools.merge import Merger
from fontTools.ttLib import TTFont

from web.request.site import STATIC
from workflows.papers.print_font import FOLDERS

_PACKAGES = Path(__file__).parent / "node_modules"
_ICONS = {
    "activity",
    "bell",
    "bookmark",
    "calendar",
    "calendar-days",
    "chart-column",
    "chevron-down",
    "chevron-left",
    "chevron-right",
    "circle-alert",
    "circle-check",
    "circle-dashed",
    "circle-dot",
    "circle-help",
    "clock",
    "clock-alert",
    "columns-3",
    "download",
    "file-text",
    "hourglass",
    "house",
    "inbox",
    "languages",
    "list",
    "list-checks",
    "log-out",
    "mail",
    "mail-warning",
    "menu",
    "phone",
    "plus",
    "rotate-ccw",
    "search",
    "send",
    "settings",
    "sliders-horizontal",
    "triangle-alert",
    "user",
    "user-x",
    "x",
}


def copy_icons() -> None:
    """Write each icon without its comment, size and class: the page says how large it is."""
    source = _PACKAGES / "lucide-static"
    for name in sorted(_ICONS):
        drawn = (source / "icons" / f"{name}.svg").read_text(encoding="utf-8")
        inner = re.sub(r"\s+", " ", re.sub(r"<!--.*?-->|<svg[^>]*>|</svg>", "", drawn, flags=re.DOTALL)).strip()
        (STATIC / "icons" / f"{name}.svg").write_text(inner.replace("> <", "><").replace(" />", "/>") + "\n")
    (STATIC / "icons" / "LICENSE").write_text((source / "LICENSE").read_text(encoding="utf-8"))


def copy_fonts() -> None:
    """Copy Inter, all weights in one file, for Latin and for Vietnamese letters."""
    source = _PACKAGES / "@fontsource-variable" / "inter"
    for part in ("latin", "vietnamese"):
        content = (source / "files" / f"inter-{part}-wght-normal.woff2").read_bytes()
        (STATIC / "fonts" / f"inter-{part}.woff2").write_bytes(content)
    (STATIC / "fonts" / "LICENSE").write_text((source / "LICENSE").read_text(encoding="utf-8"))


_STYLES = {"regular": "400-normal", "italic": "400-italic", "bold": "700-normal", "bold-italic": "700-italic"}
_PARTS = ("latin", "latin-ext", "vietnamese", "greek", "cyrillic")
_FOR_SCREENS = {"fpgm", "prep", "cvt ", "gasp"}
"""Tables that fit letters to dots: paper has no use for them."""


def join_print_fonts() -> None:
    """Write one TTF for each style of Tinos, which its package has in parts."""
    source, folder = _PACKAGES / "@fontsource" / "tinos", FOLDERS[0]
    folder.mkdir(exist_ok=True)
    for style, name in _STYLES.items():
        joined = Merger().merge([_for_paper(source / "files" / f"tinos-{part}-{name}.woff") for part in _PARTS])
        joined.recalcTimestamp = False
        joined["head"].created = joined["head"].modified = 0  # the same bytes each time
        joined.save(folder / f"tinos-{style}.ttf")
    (folder / "LICENSE").write_text((source / "LICENSE").read_text(encoding="utf-8"))


def _for_paper(file: Path) -> io.BytesIO:
    font, plain = TTFont(file, recalcTimestamp=False), io.BytesIO()
    font.flavor = None
    for table in _FOR_SCREENS & set(font.keys()):
        del font[table]
    font.save(plain)
    plain.seek(0)
    return plain


if __name__ == "__main__":
    copy_icons()
    copy_fonts()
    join_print_fonts()
