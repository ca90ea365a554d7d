"""Pictures of every page, in both languages, on a phone and at a desk, with a contact sheet: `make screenshots`.

`--how-to` makes those of the how-to instead, `--gallery` those of docs/gallery.md, both small enough to be kept.
"""

import argparse
import base64
import html
import logging
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, product
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser, FloatRect, Page

from tests.browser import season
from tests.browser.chromium import open_chromium
from tests.browser.pages import PAGES, Shown
from tests.browser.places import Place, open_place
from tests.browser.visits import DESK, PHONE, visiting

_LOG = logging.getLogger("screenshots")
_HOW_TO, _GALLERY = Path("docs/how-to/pictures"), Path("docs/gallery")
_QUALITY = 80  # of a WebP, in per cent
GALLERY = (
    *("today", "today-of-a-head", "today-of-an-observer", "today-of-an-administrator", "today-of-a-clerk"),
    *("tasks", "board", "timeline", "dates", "task-late", "inbox", "pictures", "letters-to-come"),
    *("admin-template", "wall"),
)
"""The pages that people see most, each at a desk and on a phone."""
_TALLEST = 4000  # CSS px: of a page longer than this the beginning tells enough


@dataclass(frozen=True)
class Shot:
    """One picture to be made."""

    shown: Shown
    language: Literal["vi", "en"]
    width: int
    scheme: Literal["light", "dark"]

    @property
    def name(self) -> str:
        dark = "-dark" if self.scheme == "dark" else ""
        return f"{self.shown.name}.{self.language}.{self.width}{dark}"

    @property
    def file(self) -> str:
        return f"{self.name}.png"


def shots(pages: Sequence[Shown]) -> Iterator[Shot]:
    """Each page in both languages and widths; those marked so in the dark too."""
    for shown, language, width in product(pages, ("vi", "en"), (PHONE, DESK)):
        yield Shot(shown, language, width, "light")  # type: ignore[arg-type]
        if shown.dark and language == "vi":
            yield Shot(shown, "vi", width, "dark")


def take(browser: Browser, place: Place, shot: Shot, folder: Path) -> Path:
    """Makes one picture of the whole page in the folder."""
    path = folder / shot.file
    with visiting(
        browser, place, shot.shown.who, width=shot.width, language=shot.language, scheme=shot.scheme
    ) as visit:
        page = shot.shown.open(visit)
        page.screenshot(path=path, clip=_whole(page), full_page=True)
    return path


def _whole(page: Page) -> FloatRect:
    wide, high = page.evaluate("[document.documentElement.scrollWidth, document.documentElement.scrollHeight]")
    return {"x": 0, "y": 0, "width": wide, "height": min(high, _TALLEST)}


def how_to_shots(pages: Sequence[Shown]) -> Iterator[Shot]:
    """The pages that a how-to shows, at the width that it shows them in."""
    for shown, language in product(pages, ("vi", "en")):
        if shown.how_to:
            yield Shot(shown, language, shown.how_to, "light")  # type: ignore[arg-type]


def gallery_shots() -> Iterator[Shot]:
    """The pages of the gallery: one in Vietnamese, light, at a desk and in English, dark, on a phone; the next the
    other way round.
    """
    by_name = {shown.name: shown for shown in PAGES}
    for number, name in enumerate(GALLERY):
        first, second = (DESK, PHONE) if number % 2 == 0 else (PHONE, DESK)
        yield Shot(by_name[name], "vi", first, "light")
        yield Shot(by_name[name], "en", second, "dark")


def take_small(browser: Browser, place: Place, shot: Shot, path: Path) -> None:
    """One picture to be kept: what the window shows, as WebP."""
    who, width, language, scheme = shot.shown.who, shot.width, shot.language, shot.scheme
    with visiting(browser, place, who, width=width, language=language, scheme=scheme) as visit:
        page = shot.shown.open(visit)
        asked = {"format": "webp", "quality": _QUALITY}
        taken = visit.context.new_cdp_session(page).send("Page.captureScreenshot", asked)
        path.write_bytes(base64.b64decode(taken["data"]))


def write_sheet(folder: Path, made: Sequence[Shot]) -> Path:
    """A page with all pictures side by side."""
    parts = [
        "<!doctype html><html lang=en><meta charset=utf-8><title>Đôn đốc: every page</title><style>"
        "body{font:16px sans-serif;margin:1rem} div{display:flex;gap:1rem;align-items:flex-start;overflow-x:auto}"
        "figure{margin:0} img{border:1px solid #888;max-height:40rem;max-width:40rem} figcaption{color:#555}</style>"
    ]
    for shown, group in groupby(made, key=lambda shot: shot.shown):
        parts.append(f"<h2>{html.escape(shown.name)} <small>{html.escape(shown.route)}</small></h2><div>")
        parts += [
            f"<figure><a href='{shot.file}'><img loading=lazy src='{shot.file}' alt=''></a>"
            f"<figcaption>{shot.language} {shot.width} px {shot.scheme}</figcaption></figure>"
            for shot in group
        ]
        parts.append("</div>")
    path = folder / "index.html"
    path.write_text("\n".join(parts), encoding="utf-8")
    return path


def main(arguments: Sequence[str]) -> int:
    """Plays the autumn, takes the pictures, and says where they are."""
    parser = argparse.ArgumentParser(prog="python -m tests.browser.screenshots", description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=Path("var/screenshots"), help="where they go")
    parser.add_argument("--only", nargs="*", metavar="NAME", help="pages by the name they have in pages.py")
    parser.add_argument("--how-to", action="store_true", help=f"the pictures of the how-to, into {_HOW_TO}")
    parser.add_argument("--gallery", action="store_true", help=f"those of docs/gallery.md, into {_GALLERY}")
    given = parser.parse_args(arguments)
    unknown = set(given.only or ()) - {shown.name for shown in PAGES}
    if unknown:
        parser.error(f"no such page: {', '.join(sorted(unknown))}; there are {', '.join(one.name for one in PAGES)}")
    pages = [shown for shown in PAGES if given.only is None or shown.name in given.only]
    kept: dict[Path, Shot] = {}
    if given.how_to:
        kept |= {_HOW_TO / f"{shot.shown.name}.{shot.language}.webp": shot for shot in how_to_shots(pages)}
    if given.gallery:
        kept |= {_GALLERY / f"{shot.name}.webp": shot for shot in gallery_shots() if shot.shown in pages}
    folder = next(iter(kept)).parent if kept else given.folder
    made = list(kept.values() if kept else shots(pages))
    with tempfile.TemporaryDirectory() as data:
        season.make(Path(data))
        with open_place(Path(data), season.NOW) as place, open_chromium() as browser:
            for path, shot in kept.items():
                path.parent.mkdir(parents=True, exist_ok=True)
                take_small(browser, place, shot, path)
            if not kept:
                folder.mkdir(parents=True, exist_ok=True)
                for shot in made:
                    take(browser, place, shot, folder)
    _LOG.info("%d pictures: %s", len(made), folder if kept else write_sheet(folder, made))
    return 0


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    sys.exit(main(sys.argv[1:]))
