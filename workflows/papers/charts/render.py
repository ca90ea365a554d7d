"""Charts as pictures by Vega-Lite: SVG in the page's own colours or in those of print, and PNG for mail and Word.

The library costs a second and 85 MB when it draws first, so it is imported then; it never asks the network.
"""

import json
import re
from enum import StrEnum
from functools import cache, lru_cache
from types import ModuleType
from typing import Any

from lxml import etree

from workflows.papers.charts.builders import LINKS_BEGIN, SIZE
from workflows.papers.charts.chart import Chart
from workflows.papers.print_font import FAMILIES, FOLDERS

_SVG, _XLINK = "{http://www.w3.org/2000/svg}", "{http://www.w3.org/1999/xlink}href"
_UNFIT = re.compile(r"[\x00-\x08\x0b-\x1f\ufeff\ufffe\uffff]")
"""What XML or PDF/A cannot hold."""
KEPT = 256
"""Pictures kept, of some 20 KB each: whoever opens a page again does not wait for them."""


class Theme(StrEnum):
    """The page's own colours, light or dark as its styles say; or those of paper and mail, in a font of our own."""

    PAGE = "page"
    PRINT = "print"


_PRINT = {
    "ink": "#1a1a1a",
    "quiet": "#555555",
    "line": "#d4d4d4",
    "edge": "#6e7781",
    "paper": "#ffffff",
    "accent": "#1f4e8c",
    "done": "#1e7a6b",
    "late": "#a4262c",
    "soon": "#c77d0a",
    "waiting": "#dbe3ec",
    "waiting-edge": "#66788a",
}
_COLOURS = {Theme.PAGE: {name: f"var(--{name})" for name in _PRINT}, Theme.PRINT: _PRINT}
_PLACES = {
    "done_on_time": "done",
    "done_late": "done",
    "open_overdue": "late",
    "due_soon": "soon",
    "open_in_time": "waiting",
}
_PATTERNS = {
    "done_late": '<path d="M-1,1l2,-2M0,6l6,-6M5,7l2,-2" stroke="{colour}" stroke-width="1.9"/>',
    "open_overdue": '<path d="M-1,5l2,2M0,0l6,6M5,-1l2,2" stroke="{paper}" stroke-width="0.9"/>',
}
"""What tells a place apart without its colour, on a ground of 6 by 6."""
_GROUNDS = {"done_late": "paper", "open_overdue": "late"}
_CONFIG = {
    "background": None,
    "padding": 2,
    "axis": {
        "aria": False,
        "domain": False,
        "ticks": False,
        "title": None,
        "labelColor": "@quiet",
        "labelFontSize": SIZE,
        "labelPadding": 6,
        "gridColor": "@line",
        "domainColor": "@edge",
    },
    "legend": {
        "aria": False,
        "title": None,
        "labelColor": "@ink",
        "labelFontSize": SIZE,
        "labelLimit": 0,
        "symbolType": "square",
        "symbolFillColor": "@accent",
        "symbolSize": 150,
        "symbolStrokeWidth": 0.8,
        "rowPadding": 4,
        "columnPadding": 16,
        "offset": 8,
    },
    "title": {"anchor": "start", "frame": "group", "color": "@ink", "fontSize": SIZE, "fontWeight": "bold"},
    "mark": {"aria": False},
    "text": {"fontSize": SIZE, "color": "@ink"},
    "view": {"stroke": None},
    "concat": {"spacing": 20},
}


def svg(chart: Chart, theme: Theme = Theme.PAGE, *, is_wide: bool = False) -> str:
    """The SVG holds no style, no script, and no word that is not the chart's own."""
    given, name = (chart.wide, f"{chart.name}-wide") if is_wide and chart.wide else (chart.spec, chart.name)
    spec = json.dumps(_painted(given, _colours(name, theme)), ensure_ascii=False)
    return _draw(spec, name, chart.title, chart.description, theme)


def png(drawn: str, *, width: float, dots: float = 220) -> bytes:
    """`drawn` is an SVG in the colours of print, `width` in mm."""
    made: bytes = _library().svg_to_png(drawn, scale=width / 25.4 * 72 / size_of(drawn)[0], ppi=dots)
    return made


def size_of(drawn: str) -> tuple[float, float]:
    _left, _top, width, height = map(float, etree.fromstring(drawn).get("viewBox", "").split())
    return width, height


@lru_cache(maxsize=KEPT)
def _draw(spec: str, name: str, title: str, description: str, theme: Theme) -> str:
    faces = ", ".join(f"'{one}'" for one in FAMILIES)
    config = _painted(_CONFIG, _colours(name, theme)) | {"font": faces if theme is Theme.PRINT else "sans-serif"}
    drawn = _library().vegalite_to_svg(spec, config=config, allowed_base_urls=[])
    return _cleaned(_fit(drawn), _fit(title), _fit(description), name, theme)


def _fit(text: str) -> str:
    return _UNFIT.sub(" ", text)


@cache
def _library() -> ModuleType:
    """Return the library with the font of print, imported when a chart is wanted first."""
    import vl_convert

    for folder in FOLDERS:
        vl_convert.register_font_directory(str(folder))
    return vl_convert


def _colours(name: str, theme: Theme) -> dict[str, str]:
    """Return what stands for "@ink" and the like in a specification; the edges of places too."""
    colours = dict(_COLOURS[theme])
    for place, colour in _PLACES.items():
        colours[place] = f"url(#{name}-{place})" if place in _PATTERNS else colours[colour]
        colours[f"{place}-edge"] = colours.get(f"{colour}-edge", colours[colour])
    return colours


def _painted(value: Any, colours: dict[str, str]) -> Any:
    """Return a specification with its colours; data is left alone, for it holds people's own words."""
    if isinstance(value, dict):
        return {key: one if key == "data" else _painted(one, colours) for key, one in value.items()}
    if isinstance(value, list):
        return [_painted(one, colours) for one in value]
    return colours.get(value[1:], value) if isinstance(value, str) and value.startswith("@") else value


def _cleaned(drawn: str, title: str, description: str, name: str, theme: Theme) -> str:
    """Return Vega's SVG with our title, description, tips and links in place of its English roles."""
    root = etree.fromstring(drawn)
    for element in list(root.iter()):
        parent = element.getparent()
        if parent is not None and element.get("class") in ("background", "foreground"):
            parent.remove(element)
            continue
        tip, address = element.get("aria-label"), element.get(_XLINK)
        for attribute in filter(_is_vegas, map(str, element.attrib)):
            del element.attrib[attribute]
        if theme is Theme.PAGE and element.get("font-family"):
            del element.attrib["font-family"]  # the page's own
        if address is not None:
            _link(element, address)
        if tip:
            etree.SubElement(element, f"{_SVG}title").text = tip
            if parent is not None and parent.get("href"):
                parent.set("aria-label", tip)
    for attribute in ("width", "height", "version"):
        del root.attrib[attribute]
    root.set("role", "img" if root.find(f".//{_SVG}a") is None else "group")  # an image holds nothing to be pressed
    root.set("aria-labelledby", f"{name}-title {name}-description")
    for n, (kind, part, text) in enumerate((("title", "title", title), ("desc", "description", description))):
        told = etree.Element(f"{_SVG}{kind}", id=f"{name}-{part}")
        told.text = text
        root.insert(n, told)
    root.insert(2, _patterns(name, theme))
    etree.cleanup_namespaces(root)
    return etree.tostring(root, encoding="unicode")


def _is_vegas(attribute: str) -> bool:
    return attribute in ("class", "role", "pointer-events", _XLINK) or attribute.startswith("aria-")


def _link(element: etree._Element, address: str) -> None:
    """Make a link of ours of what Vega calls one, or a group where a part has no list behind it."""
    if address.startswith(LINKS_BEGIN):
        element.set("href", address.removeprefix(LINKS_BEGIN))
        element.set("tabindex", "-1")  # the table beside the chart has the same links, in rows and columns
    else:
        element.tag = f"{_SVG}g"


def _patterns(name: str, theme: Theme) -> etree._Element:
    colours = _COLOURS[theme]
    parts = (
        f'<pattern id="{name}-{place}" width="6" height="6" patternUnits="userSpaceOnUse">'
        f'<rect width="6" height="6" fill="{colours[_GROUNDS[place]]}"/>'
        f"{drawing.format(colour=colours[_PLACES[place]], paper=colours['paper'])}</pattern>"
        for place, drawing in _PATTERNS.items()
    )
    return etree.fromstring(f'<defs xmlns="{_SVG.strip("{}")}">{"".join(parts)}</defs>')
