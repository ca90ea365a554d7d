"""Stores the office's own wordings of letter texts, which administrators edit and the delivery reads.

A wording can never stop a letter. Saving refuses a wording that does not fit its letters. If an upgrade makes a stored
wording unfit, letters use the original text, and `dondoc doctor` reports it.
"""

import unicodedata
from collections.abc import Mapping
from datetime import datetime

from sqlmodel import Session, select

from models.database.rows import insert_new, table_of
from models.errors import BadInput, DondocError, NotFound, Refused
from models.letters.letter import LetterText
from models.operations.logs import get_log
from notifications.composing.compose import compose
from notifications.composing.sample_facts import sample_facts, sample_names
from notifications.composing.texts import BLOCKS, TextBlock, is_usable, originals, slots
from notifications.composing.wording import one_line
from workflows.access.audit_log import note
from workflows.access.rights import Principal
from workflows.rules.rights_table import Right
from workflows.templates.template_check import sensitive_phrase

LONGEST, LONGEST_SUBJECT = 600, 40  # characters
_RESERVED = ("diễn tập", "drill", "thư thử")
"""Words by which the program itself marks a letter as a drill or a test."""
_log = get_log(__name__)

Texts = dict[str, dict[str, str]]
"""By language and name."""


def usable_texts(session: Session) -> Texts:
    """Return the wordings that still fit, in one query."""
    texts: Texts = {}
    for row in session.exec(select(LetterText)):
        if is_usable(row.name, row.language, row.text):
            texts.setdefault(row.language, {})[row.name] = row.text
        else:
            _log.warning("letter_text_unusable", name=row.name, language=row.language)
    return texts


def unusable_texts(session: Session) -> list[str]:
    rows = session.exec(select(LetterText)).all()
    return sorted(f"{row.name} ({row.language})" for row in rows if not is_usable(row.name, row.language, row.text))


def find_block(name: str, language: str) -> TextBlock:
    """Raises NotFound for an unknown name or language."""
    if name not in BLOCKS or name not in originals(language):
        raise NotFound("there is no letter text {name}", name=name)
    return BLOCKS[name]


def read_text(name: str, language: str, typed: str, others: Mapping[str, str]) -> str:
    """Return a typed wording on one line, or raise BadInput.

    Sample letters are composed with it and with `others`, the office's other wordings by name.
    """
    block, original = find_block(name, language), originals(language)[name]
    text = one_line(unicodedata.normalize("NFC", typed)).strip()
    limit = LONGEST_SUBJECT if block.is_subject else LONGEST
    if not text:
        raise BadInput("text: is empty; restore the original instead")
    if len(text) > limit:
        raise BadInput("text: {count} characters; at most {limit}", count=len(text), limit=limit)
    if not text.isprintable():
        raise BadInput("text: holds a character that cannot be seen; type it anew")
    if unknown := sorted(slots(text) - slots(original)):
        right = ", ".join(f"{{{slot}}}" for slot in sorted(slots(original))) or "–"
        raise BadInput("text: the name {name} is not known here; there are: {right}", name=unknown[0], right=right)
    if missing := sorted((block.needs & slots(original)) - slots(text)):
        raise BadInput("text: the name {name} must stay: the letter would not say enough", name=f"{{{missing[0]}}}")
    forbidden = sensitive_phrase(text) or next((word for word in _RESERVED if word in text.casefold()), None)
    if forbidden:
        raise BadInput("text: {value} may not be used in a letter's text", value=forbidden)
    if not is_usable(name, language, text):
        raise BadInput("text: braces only stand around a name, such as {right}", right=_example_slot(original))
    _compose_samples(name, language, {**others, name: text})
    return text


def _example_slot(original: str) -> str:
    return f"{{{next(iter(sorted(slots(original))), 'tasks')}}}"


def _compose_samples(name: str, language: str, texts: Mapping[str, str]) -> None:
    for sample in sample_names(name):
        try:
            compose(sample_facts(sample, language, texts))
        except DondocError as error:
            raise BadInput("text: no letter could be written with it: {fault}", fault=str(error)) from error


def save_text(
    session: Session, principal: Principal, name: str, language: str, typed: str, *, began_from: str, now: datetime
) -> bool:
    """Store a wording, or restore the original where the words are the same. Return whether anything changed.

    `began_from` is the stored wording that the person edited, "" if there was none. Raises BadInput, and Refused where
    somebody else has changed the text since.
    """
    principal.require(Right.EDIT_LETTER_TEXTS)
    text = read_text(name, language, typed, usable_texts(session).get(language, {}))
    if text == originals(language)[name]:
        return restore_text(session, principal, name, language, began_from=began_from, now=now)
    row = _lock_unchanged(session, name, language, began_from)
    if row is not None and row.text == text:
        return False
    values = {"text": text, "changed_at": now, "changed_by": principal.person.id}
    if row is None:
        key = {"name": name, "language": language}
        insert_new(session, table_of(LetterText), [key | values], {})
        if session.get_one(LetterText, (name, language), populate_existing=True).text != text:
            raise _changed_meanwhile(name)
    else:
        row.sqlmodel_update(values)
        session.add(row)
    facts = {"language": language, "before": began_from or None, "after": text}
    note(session, "letter_text_changed", now=now, actor_id=principal.person.id, about=name, facts=facts)
    return True


def restore_text(
    session: Session, principal: Principal, name: str, language: str, *, began_from: str, now: datetime
) -> bool:
    """Return False if the office had no wording of its own. Raises NotFound, and Refused as `save_text`."""
    principal.require(Right.EDIT_LETTER_TEXTS)
    find_block(name, language)
    row = _lock_unchanged(session, name, language, began_from)
    if row is None:
        return False
    session.delete(row)
    facts = {"language": language, "before": row.text}
    note(session, "letter_text_restored", now=now, actor_id=principal.person.id, about=name, facts=facts)
    return True


def _lock_unchanged(session: Session, name: str, language: str, began_from: str) -> LetterText | None:
    row = session.get(LetterText, (name, language), with_for_update=True)
    if (row.text if row else "") != began_from:
        raise _changed_meanwhile(name)
    return row


def _changed_meanwhile(name: str) -> Refused:
    return Refused("letter text {name}: somebody else changed it meanwhile; look at their text first", name=name)
