"""A picture as the page shows it, parsed."""

from pathlib import Path
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from jinja2 import Environment, FileSystemLoader, StrictUndefined

import web
from models.i18n import translate
from workflows.reports.charts.shapes import Picture

SVG = "{http://www.w3.org/2000/svg}"
_PAGE = '<main>{% from "pictures/figure.html" import figure with context %}{{ figure(picture) }}</main>'


def drawn(picture: Picture, language: str = "vi") -> Element:
    """The figure's elements; a page that is not well-formed fails."""
    assert web.__file__ is not None
    templates = FileSystemLoader(Path(web.__file__).parent / "templates")
    environment = Environment(
        loader=templates, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )

    def words(message: str, **facts: object) -> str:
        return translate(message, language, **facts)

    return ElementTree.fromstring(environment.from_string(_PAGE).render(picture=picture, _=words))


def texts(figure: Element) -> list[str]:
    """What the drawing says, line by line."""
    return ["".join(element.itertext()) for element in figure.iter(f"{SVG}text")]


def bars(figure: Element, look: str) -> list[Element]:
    """The bars of a place."""
    return [one for one in figure.iter(f"{SVG}rect") if one.get("class") == f"bar {look}"]


def table(figure: Element) -> list[list[str]]:
    """The rows of the table alternative, headings first."""
    return [["".join(cell.itertext()) for cell in row] for row in figure.iter("tr")]
