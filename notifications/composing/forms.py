"""Letters that say the same to many are worded once, with gaps for what is each one's own (docs/decisions/0023).

A duty launched to 10,000 units makes 10,000 letters that differ by a name, a unit and a link; a digest is much the same
for whoever got the same duties. Such letters are worded as one, in which marks stand for those names and links. A mark
holds a letter that exists nowhere else, a capital followed by a small one: where a template does more with a name than
to write it down the mark does not come out whole, and each of those letters is worded by itself.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from operator import attrgetter
from typing import Any
from uuid import UUID

from markupsafe import escape

from models.letters.letter import LetterKind
from notifications.composing.facts import Item, LetterFacts, Recipient
from notifications.composing.wording import office_of

_SHARED = frozenset({LetterKind.ASSIGNED, LetterKind.EVENT, LetterKind.INCIDENT, LetterKind.DIGEST, LetterKind.SUMMARY})
_MOST_ITEMS = 20
"""Longer letters are hardly ever the same for two."""
_MOST_FORMS = 128
_FRAME, _FIRST = "Ⱥⱥ", 0xE000
_MARK = re.compile(f"{_FRAME}([\ue000-\uf8ff])")
_BROKEN = re.compile("[Ⱥⱥ\ue000-\uf8ff]")


def _all_but(kind: Any, *own: str) -> "attrgetter[Any]":
    return attrgetter(*(field.name for field in fields(kind) if field.name not in own))


_OF_LETTER = _all_but(LetterFacts, "recipient", "items", "message_id", "return_token", "reply_to", "texts", "fewer_url")
_OF_RECIPIENT = _all_but(Recipient, "person_id", "name", "unit_name", "email")
_OF_ITEM = _all_but(Item, "task_id", "lead_unit", "url")
_BESIDE = attrgetter("follow_up_name", "follow_up_unit", "due_set_by", "issuer")


@dataclass(frozen=True)
class Worded:
    """A letter's words. `names`: what each item is called in its calendar entry, in the order of the facts."""

    subject: str
    text: str
    html: str
    names: tuple[str, ...]
    is_drill: bool


_Pieces = list[str | int]


@dataclass(frozen=True)
class _Form:
    subject: _Pieces
    text: _Pieces
    html: _Pieces
    names: list[_Pieces]
    is_drill: bool


_forms: dict[Any, _Form | None] = {}
"""None: its templates do more with a name than to write it."""
_met: set[int] = set()
"""What was asked for once: only what comes again is kept."""


def word_shared(facts: LetterFacts, word: Callable[[LetterFacts], Worded]) -> Worded | None:
    """Return the letter filled into the form of its like; None where it is to be worded by itself."""
    if facts.kind not in _SHARED or len(facts.items) > _MOST_ITEMS:
        return None
    own = _Own(facts)
    form = _forms.get(own.key, _met)
    if form is _met:
        if hash(own.key) not in _met:
            _make_room()
            _met.add(hash(own.key))
            return None
        form = _forms[own.key] = None if own.has_marks else _form(word(own.marked(facts)))
    if not isinstance(form, _Form):
        return None
    plain, escaped = own.values, [str(escape(value)) for value in own.values]
    return Worded(
        _filled(form.subject, plain),
        _filled(form.text, plain),
        _filled(form.html, escaped),
        tuple(_filled(name, plain) for name in form.names),
        form.is_drill,
    )


class _Own:
    """What is a letter's own (`values`, by the number of their marks), and the `key` of all it shares with its like."""

    def __init__(self, facts: LetterFacts) -> None:
        to, items = facts.recipient, facts.items
        self.values: list[str] = []
        self._marks: dict[str, str] = {}
        self._kept = {to.title, to.address_form, to.unit_address, to.standing_in_for}
        for item in items:
            self._kept.update(_BESIDE(item))
            self._kept.update(item.coordinating_units)
        if office_of(to.title, to.unit_name) != " ".join([*to.title.split(), to.unit_name]):
            self._kept.add(to.unit_name)  # title and unit are written as one
        self._tasks: dict[UUID, int] = {}
        self._to = (self._mark(to.name), self._mark(to.unit_name))
        self._items = [
            (self._tasks.setdefault(item.task_id, len(self._tasks)), self._mark(item.lead_unit), self._link(item.url))
            for item in items
        ]
        self.key = (
            (bool(facts.reply_to), *_OF_LETTER(facts)),
            tuple(facts.texts.items()),
            _OF_RECIPIENT(to),
            self._to,
            tuple(map(_OF_ITEM, items)),
            tuple(self._items),
        )

    @property
    def has_marks(self) -> bool:
        """Return whether what is shared looks like a mark already, in somebody's own words."""
        of_letter, texts, of_recipient, _to, of_items, _items = self.key
        return _FRAME in repr((of_letter, texts, of_recipient, of_items))

    def marked(self, facts: LetterFacts) -> LetterFacts:
        """Return the facts with marks for what is the letter's own."""
        name, unit = self._to
        return replace(
            facts,
            message_id="",
            return_token="",
            reply_to="reply" if facts.reply_to else "",
            fewer_url="",
            recipient=replace(facts.recipient, name=name, unit_name=unit, email="", person_id=UUID(int=0)),
            items=tuple(
                replace(item, task_id=UUID(int=task + 1), lead_unit=lead, url=url)
                for item, (task, lead, url) in zip(facts.items, self._items, strict=True)
            ),
        )

    def _mark(self, name: str) -> str:
        """Return the mark of a name; the name itself where its neighbours or its beginning could matter."""
        is_plain = name.isprintable() and " ".join(name.split()) == name and name[:1].upper() == name[:1]
        return self._link(name) if is_plain and name and name not in self._kept else name

    def _link(self, value: str) -> str:
        if (mark := self._marks.get(value)) is None:
            mark = self._marks[value] = f"{_FRAME}{chr(_FIRST + len(self.values))}"
            self.values.append(value)
        return mark


def _form(worded: Worded) -> _Form | None:
    texts = (worded.subject, worded.text, worded.html, *worded.names)
    subject, text, html, *names = pieces = [_cut(one) for one in texts]
    if any(isinstance(piece, str) and _BROKEN.search(piece) for one in pieces for piece in one):
        return None
    return _Form(subject, text, html, names, worded.is_drill)


def _cut(text: str) -> _Pieces:
    """Return words, and in between the numbers of marks."""
    return [ord(one) - _FIRST if place % 2 else one for place, one in enumerate(_MARK.split(text))]


def _filled(pieces: _Pieces, values: list[str]) -> str:
    return "".join([values[one] if isinstance(one, int) else one for one in pieces])


def _make_room() -> None:
    """A process meets the words of many days; it keeps those of the last."""
    if len(_met) >= 100 * _MOST_FORMS:
        _met.clear()
    if len(_forms) >= _MOST_FORMS:
        _forms.clear()
