"""The templates of letters: one Jinja environment per language, plain and HTML.

Text and HTML say the same because both take their sentences from one file of words per language
(`letters/_shared/vi.jinja`, `en.jinja`), compiled twice: once as it is, once with autoescape.
"""

import re
from collections.abc import Mapping, MutableMapping
from contextvars import ContextVar
from functools import cache, partial
from pathlib import Path
from types import MappingProxyType
from typing import Any

import css_inline
from jinja2 import Environment, FileSystemLoader, StrictUndefined, UndefinedError
from jinja2.ext import Extension
from jinja2.runtime import Context
from jinja2.utils import missing
from markupsafe import Markup

from models.errors import BadInput
from notifications.composing.facts import Item
from notifications.composing.texts import fill_text, originals
from notifications.composing.wording import Words, first_down, first_up, office_of, one_line

LETTERS = Path(__file__).parents[1] / "letters"
_START_TAG = re.compile(r"""<([a-z][a-z0-9]*)((?:\s+[a-z-]+="[^"]*")*)>""")
_CLASS = re.compile(r"""\sclass="([^"]*)\"""")
_STYLE = re.compile(r"""\sstyle="([^"]*)\"""")
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_BLANKS = re.compile(r"\s*([{};:,])\s*")
_letter: ContextVar[Mapping[str, Any]] = ContextVar("letter", default=MappingProxyType({}))


class LetterContext(Context):
    """Names a template does not define are those of the letter being written, in the files of words it imports too.

    That is what lets those files be run once: imported "with context" each of their hundred macros was made anew for
    every letter, which took most of composing it.
    """

    def resolve_or_missing(self, key: str) -> Any:
        """Return the template's own names, the environment's, the letter's."""
        if key in self.vars:
            return self.vars[key]
        if key in self.parent:
            return self.parent[key]
        return _letter.get().get(key, missing)

    def call(self, called: Any, /, *args: Any, _block_vars: Any = None, _loop_vars: Any = None, **given: Any) -> Any:
        """Call what a template calls. Jinja's own asks first whether it wants the context; nothing here does."""
        return called(*args, **given)


class InlineStyles(Extension):
    """Writes the rules of `_shared/inline.css` into the start tags of HTML templates, for mail readers without <style>.

    Rules may speak of elements and classes only, and a class stands in its tag as it is: a tag with an expression
    among its attribute names, or in its class, is left without style.
    """

    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:
        return _START_TAG.sub(_styled, source) if name and name.endswith(".html") else source


class Letters(Environment):
    """Templates that have the environment's globals and no others."""

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        """Return the globals as they are: Jinja's own chain of mappings is gone through in Python."""
        return super().make_globals(d) if d else self.globals


@cache
def environment(language: str, html: bool) -> Environment:
    """Return the templates of a language, escaping or plain."""
    found = Letters(
        loader=FileSystemLoader(LETTERS),
        auto_reload=False,  # else every letter asks the disk a dozen times whether its templates have changed
        autoescape=html,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        extensions=[InlineStyles] if html else [],
    )
    found.context_class = LetterContext
    found.filters.update(first_up=first_up, first_down=first_down, one_line=one_line, office_of=office_of)
    found.globals.update(write=Words(language), text=partial(_text, language, html))
    if html:
        found.globals.update(style=_head_style("style.css"), dark_style=_head_style("dark.css"))
    return found


def _text(language: str, html: bool, name: str, **facts: object) -> str:
    """Return a text of that name, as the office words it where it does, filled."""
    own: Mapping[str, str] = _letter.get().get("texts", {})
    return fill_text(own.get(name) or originals(language)[name], facts, html=html)


def fill(name: str, language: str, letter: Mapping[str, Any], *, html: bool = False) -> str:
    """Return a template filled with what is known of a letter. BadInput names the template that misses a fact."""
    token = _letter.set(letter)
    try:
        return environment(language, html).get_template(name).render()
    except UndefinedError as error:
        raise BadInput("letter template {name}: {fault}", name=name, fault=error) from error
    finally:
        _letter.reset(token)


class Sentences:
    """The sentences of a letter, worded once for text and HTML together: plain words, which HTML escapes as it goes."""

    def __init__(self, language: str) -> None:
        words: Any = environment(language, html=False).get_template(f"_shared/{language}.jinja").module
        self._words = words
        self._told: dict[tuple[str, int], str] = {}

    def __call__(self, name: str, item: Item | None = None) -> str:
        """Return what the macro of that name says, of an item or of the whole letter, on one line."""
        key = (name, id(item))
        if (told := self._told.get(key)) is None:
            macro = getattr(self._words, name)
            told = self._told[key] = one_line(macro() if item is None else macro(item))
        return told

    def facts(self, item: Item, full: bool) -> list[tuple[str, str, str]]:
        """Name, label and words of each fact there is to tell of an item."""
        listed = self._words.FACTS if full else self._words.BRIEF
        return [(macro.name, label, told) for label, macro in listed if (told := self(macro.name, item))]


def _styled(tag: re.Match[str]) -> str:
    name, attributes = tag[1], tag[2]
    classes = _CLASS.search(attributes)
    style = _style(name, classes[1] if classes else "")
    return f'<{name}{attributes} style="{style}">' if style else tag[0]


@cache
def _style(tag: str, classes: str) -> str:
    """Return the declarations for an element, as the inliner orders them."""
    if tag == "body":
        page = f"<style>{_sheet()}</style><body>"
        inlined = css_inline.inline(page, load_remote_stylesheets=False, minify_css=True)
    else:
        element = f'<{tag} class="{classes}"></{tag}>'
        in_table = tag in ("tr", "th", "td")  # the parser drops them elsewhere
        inlined = css_inline.inline_fragment(
            f"<table><tr>{element}</table>" if in_table else element, _sheet(), minify_css=True
        )
    found = re.search(rf"<{tag}\b[^>]*>", inlined)
    style = _STYLE.search(found[0]) if found else None
    return style[1] if style else ""


@cache
def _sheet() -> str:
    return (LETTERS / "_shared/inline.css").read_text(encoding="utf-8")


def _head_style(name: str) -> Markup:
    """Return a style sheet for the head of each letter, without comments and the blanks that nothing needs."""
    sheet = _COMMENT.sub("", (LETTERS / "_shared" / name).read_text(encoding="utf-8"))
    return Markup(_BLANKS.sub(r"\1", sheet).strip())
