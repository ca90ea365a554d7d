"""Copy the icons and the typeface that pages use from the installed npm packages into web/static.

Run by `make assets`, after a change of the list or of a package's version; the copies are committed.
"""

import re
from pathlib import Path

from web.request.site import STATIC

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


if __name__ == "__main__":
    copy_icons()
    copy_fonts()
