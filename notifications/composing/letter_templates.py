"""Loads the templates of letters: two Jinja environments for each language, one for plain text and one for HTML.

Both take their sentences from the same files of words (`*.jinja`), which HTML compiles with autoescape. Macros of words
take the letter as an argument, so that Jinja runs each file only once.
"""

import re
from collections.abc import Mapping
from functools import cache, partial
from pathlib import Path
from typing import Any

import css_inline
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from jinja2.ext import Extension
from markupsafe import Markup

from notifications.composing.texts import fill_text
from notifications.composing.view import LetterView
from notifications.composing.wording import WrittenWords, first_down, first_up, office_of, one_line

LETTERS = Path(__file__).parents[1] / "letters"
_START_TAG = re.compile(r"""<([a-z][a-z0-9]*)((?:\s+[a-z-]+="[^"]*")*)>""")
_CLASS = re.compile(r"""\sclass="([^"]*)\"""")
_STYLE = re.compile(r"""\sstyle="([^"]*)\"""")
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_BLANKS = re.compile(r"\s*([{};:,])\s*")


class InlineStyles(Extension):
    """Writes the rules of `_shared/inline.css` into the start tags of templates, for mail programs without <style>.

    Selectors may only name elements and classes. A tag gets no style if its class or the names of its attributes
    contain an expression.
    """

    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:
        return _START_TAG.sub(_styled, source) if name and name.endswith(".html") else source


@cache
def environment(language: str, html: bool) -> Environment:
    jinja = Environment(
        loader=FileSystemLoader(LETTERS),
        auto_reload=False,  # else each letter checks a dozen times whether templates on the disk have changed
        autoescape=html,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        extensions=[InlineStyles] if html else [],
    )
    jinja.filters.update(first_up=first_up, first_down=first_down, one_line=one_line, office_of=office_of)
    jinja.globals.update(write=WrittenWords(language), text=partial(_text, html=html))
    if html:
        jinja.globals.update(style=_head_style("style.css"), dark_style=_head_style("dark.css"))
    return jinja


def _text(letter: LetterView, name: str, *, html: bool, **facts: object) -> str:
    """Fill a text, in the office's own wording if there is one."""
    return fill_text(letter.texts[name], facts, html=html)


def words_of(name: str, language: str) -> Any:
    """Return a file of words as a module whose macros do not escape."""
    return environment(language, html=False).get_template(f"{name}.jinja").module


def fill(name: str, letter: LetterView, more: Mapping[str, object], *, language: str = "", html: bool = False) -> str:
    """Render a template in the letter's language, unless `language` names another."""
    return environment(language or letter.language, html).get_template(name).render(more, letter=letter)


def _styled(tag: re.Match[str]) -> str:
    name, attributes = tag[1], tag[2]
    classes = _CLASS.search(attributes)
    style = _style(name, classes[1] if classes else "")
    return f'<{name}{attributes} style="{style}">' if style else tag[0]


@cache
def _style(tag: str, classes: str) -> str:
    """Return the declarations for an element."""
    if tag == "body":
        page = f"<style>{_sheet()}</style><body>"
        inlined = css_inline.inline(page, load_remote_stylesheets=False, minify_css=True)
    else:
        element = f'<{tag} class="{classes}"></{tag}>'
        in_table = tag in ("tr", "th", "td")  # the parser drops them elsewhere
        inlined = css_inline.inline_fragment(
            f"<table><tr>{element}</table>" if in_table else element, _sheet(), minify_css=True
        )
    start_tag = re.search(rf"<{tag}\b[^>]*>", inlined)
    style = _STYLE.search(start_tag[0]) if start_tag else None
    return style[1] if style else ""


@cache
def _sheet() -> str:
    return (LETTERS / "_shared/inline.css").read_text(encoding="utf-8")


def _head_style(name: str) -> Markup:
    """Return a style sheet for the head of each letter, without comments and needless white space."""
    sheet = _COMMENT.sub("", (LETTERS / "_shared" / name).read_text(encoding="utf-8"))
    return Markup(_BLANKS.sub(r"\1", sheet).strip())
