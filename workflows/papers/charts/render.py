"""Draw charts with Vega-Lite: SVG in the page's own colours or in those of print, and PNG for mail and Word.

The library needs a second and 85 MB for its first chart, so it is imported only then. It never asks the network.
"""

import json
import re
from enum import StrEnum
from functools import cache, lru_cache
from types import ModuleType
from typing import Any

from lxml import etree

from workflows.papers.charts.builders import FONT_SIZE, LINKS_BEGIN
from workflows.papers.charts.chart import Chart
from workflows.papers.print_font import FAMILIES, FOLDERS

_SVG, _XLINK = "{http://www.w3.org/2000/svg}", "{http://www.w3.org/1999/xlink}href"
_UNFIT = re.compile(r"[\x00-\x08\x0b-\x1f\ufeff\ufffe\uffff]")
"""What XML or PDF/A cannot hold."""
CACHED = 256
"""Pictures in the cache, of some 20 KB each, so that a page opens faster the second time."""


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
"""Patterns of 6 by 6 units that tell places apart without colours."""
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
        "labelFontSize": FONT_SIZE,
        "labelPadding": 6,
        "gridColor": "@line",
        "domainColor": "@edge",
    },
    "legend": {
        "aria": False,
        "title": None,
        "labelColor": "@ink",
        "labelFontSize": FONT_SIZE,
        "labelLimit": 0,
        "symbolType": "square",
        "symbolFillColor": "@accent",
        "symbolSize": 150,
        "symbolStrokeWidth": 0.8,
        "rowPadding": 4,
        "columnPadding": 16,
        "offset": 8,
    },
    "title": {"anchor": "start", "frame": "group", "color": "@ink", "fontSize": FONT_SIZE, "fontWeight": "bold"},
    "mark": {"aria": False},
    "text": {"fontSize": FONT_SIZE, "color": "@ink"},
    "view": {"stroke": None},
    "concat": {"spacing": 20},
}


def svg(chart: Chart, theme: Theme = Theme.PAGE, *, is_wide: bool = False) -> str:
    """Draw a chart as SVG without styles and scripts. All its words are the chart's own."""
    if is_wide and chart.wide:
        spec, name = chart.wide, f"{chart.name}-wide"
    else:
        spec, name = chart.spec, chart.name
    return _draw(
        json.dumps(_painted(spec, _colours(name, theme)), ensure_ascii=False),
        name,
        chart.title,
        chart.description,
        theme,
    )


def png(drawn: str, *, width: float, dots: float = 220) -> bytes:
    """Turn an SVG in the colours of print into a PNG. `width` is in mm, `dots` are those of an inch."""
    picture: bytes = _library().svg_to_png(drawn, scale=width / 25.4 * 72 / size_of(drawn)[0], ppi=dots)
    return picture


def size_of(drawn: str) -> tuple[float, float]:
    _left, _top, width, height = map(float, etree.fromstring(drawn).get("viewBox", "").split())
    return width, height


@lru_cache(maxsize=CACHED)
def _draw(spec: str, name: str, title: str, description: str, theme: Theme) -> str:
    faces = ", ".join(f"'{family}'" for family in FAMILIES)
    config = _painted(_CONFIG, _colours(name, theme)) | {"font": faces if theme is Theme.PRINT else "sans-serif"}
    drawn = _library().vegalite_to_svg(spec, config=config, allowed_base_urls=[])
    return _cleaned(_fit(drawn), _fit(title), _fit(description), name, theme)


def _fit(text: str) -> str:
    return _UNFIT.sub(" ", text)


@cache
def _library() -> ModuleType:
    """Return the library with the font of print. It is imported when the first chart is drawn."""
    import vl_convert

    for folder in FOLDERS:
        vl_convert.register_font_directory(str(folder))
    return vl_convert


def _colours(name: str, theme: Theme) -> dict[str, str]:
    """Return the colours by their names in a specification, such as "ink", and those of places and their edges."""
    colours = dict(_COLOURS[theme])
    for place, colour in _PLACES.items():
        colours[place] = f"url(#{name}-{place})" if place in _PATTERNS else colours[colour]
        colours[f"{place}-edge"] = colours.get(f"{colour}-edge", colours[colour])
    return colours


def _painted(value: Any, colours: dict[str, str]) -> Any:
    """Return a specification with its colours. Data stays as it is, for it holds people's own words."""
    if isinstance(value, dict):
        return {key: part if key == "data" else _painted(part, colours) for key, part in value.items()}
    if isinstance(value, list):
        return [_painted(part, colours) for part in value]
    if isinstance(value, str) and value.startswith("@"):
        return colours.get(value[1:], value)
    return value


def _cleaned(drawn: str, title: str, description: str, name: str, theme: Theme) -> str:
    """Replace Vega's English roles in an SVG by our title, description, tips and links."""
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
    root.insert(0, _text_element("title", f"{name}-title", title))
    root.insert(1, _text_element("desc", f"{name}-description", description))
    root.insert(2, _patterns(name, theme))
    etree.cleanup_namespaces(root)
    return etree.tostring(root, encoding="unicode")


def _text_element(tag: str, element_id: str, text: str) -> etree._Element:
    element = etree.Element(f"{_SVG}{tag}", id=element_id)
    element.text = text
    return element


def _is_vegas(attribute: str) -> bool:
    return attribute in ("class", "role", "pointer-events", _XLINK) or attribute.startswith("aria-")


def _link(element: etree._Element, address: str) -> None:
    """Turn Vega's link into ours, or into a group where a part has no list behind it."""
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
