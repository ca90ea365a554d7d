"""A chart as the page shows it, parsed."""

import re
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

import web
from models.i18n import translate
from workflows.papers.charts.chart import Chart
from workflows.papers.charts.render import Theme, svg

SVG = "{http://www.w3.org/2000/svg}"
_PAGE = '<main>{% from "charts/figure.html" import figure with context %}{{ figure(chart) }}</main>'


class Bar(NamedTuple):
    """A part of a bar or column: what it tells, where it leads, its fill, and its size."""

    tip: str
    href: str | None
    fill: str
    width: float
    height: float


def drawn(chart: Chart, language: str = "vi", theme: Theme = Theme.PAGE) -> Element:
    """The figure's elements; a page that is not well-formed fails."""
    assert web.__file__ is not None
    templates = FileSystemLoader(Path(web.__file__).parent / "templates")
    environment = Environment(
        loader=templates, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["svg"] = lambda one, is_wide=False: Markup(svg(one, theme, is_wide=is_wide))

    def words(message: str, **facts: object) -> str:
        return translate(message, language, **facts)

    return ElementTree.fromstring(environment.from_string(_PAGE).render(chart=chart, _=words))


def texts(figure: Element) -> list[str]:
    """What the drawing says, line by line."""
    return ["".join(element.itertext()) for element in figure.iter(f"{SVG}text")]


def bars(figure: Element, words: str = "") -> list[Bar]:
    """The parts of bars whose tip has these words."""
    return [one for one in _bars(figure, None) if words in one.tip]


def _bars(element: Element, href: str | None) -> list[Bar]:
    tip, path = element.find(f"{SVG}title"), element.get("d") or ""
    if tip is not None and element.tag == f"{SVG}path":
        size = re.match(r"M[^h]*h([\d.]+)v([\d.]+)", path)
        width, height = map(float, size.groups()) if size else (0.0, 0.0)
        return [Bar(tip.text or "", href, element.get("fill") or "", width, height)]
    return [one for child in element for one in _bars(child, element.get("href") or href)]


def table(figure: Element) -> list[list[str]]:
    """The rows of the table alternative, headings first."""
    return [["".join(cell.itertext()) for cell in row] for row in figure.iter("tr")]
