"""Defines the texts of letters that an office may word itself, and fills them.

A text is one paragraph and no template: names in braces are replaced by facts. Another wording may only use names of
the original, so it cannot disclose more than the original does.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

from markupsafe import Markup, escape

from models.letters.letter import LetterKind
from notifications.composing.wording import one_line

_FOLDER = Path(__file__).parents[1] / "letters"
_SLOT = re.compile(r"\{([a-z_]+)\}")


@dataclass(frozen=True)
class TextBlock:
    """`needs` are the names that each wording must keep if the original has them."""

    name: str
    kinds: tuple[LetterKind, ...]
    needs: frozenset[str] = frozenset()

    @property
    def is_subject(self) -> bool:
        return self.name.startswith("subject.")


_K = LetterKind
_OF_TASKS = (_K.ASSIGNED, _K.DIGEST, _K.EVENT, _K.UPWARD, _K.INCIDENT, _K.SUMMARY)


def _block(name: str, *kinds: LetterKind, needs: str = "") -> TextBlock:
    return TextBlock(name, kinds or _OF_TASKS, frozenset(needs.split()))


BLOCKS: dict[str, TextBlock] = {
    block.name: block
    for block in (
        _block("greeting", needs="who"),
        _block("copied"),
        _block("difficulties", _K.ASSIGNED, _K.INCIDENT),
        _block("closing"),
        _block("signature", needs="sender"),
        _block("footer"),
        _block("reply"),
        _block("sent_already", _K.DIGEST, _K.SUMMARY),
        _block("subject.assigned", _K.ASSIGNED, _K.DIGEST),
        _block("subject.coordinating", _K.ASSIGNED),
        _block("intro.assigned", _K.ASSIGNED, needs="directive what"),
        _block("intro.coordinating", _K.ASSIGNED, needs="directive what"),
        _block("step.accept", _K.ASSIGNED, _K.DIGEST, needs="by"),
        _block("subject.reminder", _K.DIGEST),
        _block("intro.reminder", _K.DIGEST, needs="tasks"),
        _block("intro.reminder_above", _K.DIGEST, needs="tasks"),
        _block("step.overdue", _K.DIGEST, _K.SUMMARY, _K.INCIDENT),
        _block("step.due_today", _K.DIGEST, _K.SUMMARY, _K.INCIDENT),
        _block("step.due_soon", _K.DIGEST, _K.SUMMARY),
        _block("subject.news", _K.EVENT, _K.DIGEST),
        _block("intro.news", _K.EVENT, _K.DIGEST, needs="tasks"),
        _block("subject.decide", _K.EVENT, _K.DIGEST),
        _block("intro.decide", _K.EVENT, _K.DIGEST, needs="count matters"),
        _block("subject.summary", _K.SUMMARY),
        _block("intro.summary", _K.SUMMARY, needs="tasks more"),
        _block("intro.summary_above", _K.SUMMARY, needs="tasks more"),
        _block("subject.upward", _K.UPWARD),
        _block("intro.upward", _K.UPWARD, needs="directives more"),
        _block("step.upward", _K.UPWARD),
        _block("subject.incident", _K.INCIDENT),
        _block("intro.incident", _K.INCIDENT, needs="directive tasks"),
        _block("intro.incident_above", _K.INCIDENT, needs="tasks"),
        _block("intro.invitation", _K.ACCOUNT),
    )
}
"""All texts, in the order in which a page lists them."""


@cache
def originals(language: str) -> dict[str, str]:
    """Return the texts that come with the program, by name."""
    entries = tomllib.loads((_FOLDER / f"texts.{language}.toml").read_text(encoding="utf-8"))
    texts: dict[str, str] = {}
    for name, entry in entries.items():
        if isinstance(entry, dict):
            texts |= {f"{name}.{inner_name}": text for inner_name, text in entry.items()}
        else:
            texts[name] = entry
    return texts


def slots(text: str) -> frozenset[str]:
    return frozenset(_SLOT.findall(text))


def is_usable(name: str, language: str, text: str) -> bool:
    """Return whether a wording can replace an original: a single line with permitted and all needed names."""
    original = originals(language).get(name)
    if original is None or name not in BLOCKS or not text.strip() or one_line(text) != text:
        return False
    names, known = slots(text), slots(original)
    return names <= known and (BLOCKS[name].needs & known) <= names and not set("{}") & set(_SLOT.sub("", text))


def fill_text(text: str, facts: Mapping[str, object], *, html: bool) -> str:
    """Replace a text's names by facts. In HTML everything is escaped but facts that are markup already."""
    filled: list[str] = []
    for position, piece in enumerate(_split(text)):
        is_name = position % 2 == 1
        if html:
            filled.append(escape(facts[piece]) if is_name else _escape_content(piece))
        else:
            filled.append(str(facts[piece]) if is_name else piece)
    return Markup("").join(filled) if html else "".join(filled)


def _escape_content(words: str) -> Markup:
    """Escape the content of an element, where quotation marks may stay as they are."""
    return Markup(words.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;"))


@lru_cache(1024)
def _split(text: str) -> list[str]:
    """Return words and names alternately, beginning with words."""
    return _SLOT.split(text)
