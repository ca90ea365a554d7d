"""The office's own wordings of letter texts: what the delivery reads and an administrator changes.

No wording costs a letter: one that does not fit is refused when it is saved; one that no longer fits, after the program
has changed, is passed over, the original stands in its place, and the check-up says so.
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
_DRILL = ("diễn tập", "drill", "thư thử")
"""What marks a letter as no real one: only the program says so."""
_log = get_log(__name__)

Texts = dict[str, dict[str, str]]
"""By language and name."""


def usable_texts(session: Session) -> Texts:
    """Only wordings that still fit; one query."""
    found: Texts = {}
    for row in session.exec(select(LetterText)):
        if is_usable(row.name, row.language, row.text):
            found.setdefault(row.language, {})[row.name] = row.text
        else:
            _log.warning("letter_text_unusable", name=row.name, language=row.language)
    return found


def unusable_texts(session: Session) -> list[str]:
    rows = session.exec(select(LetterText)).all()
    return sorted(f"{row.name} ({row.language})" for row in rows if not is_usable(row.name, row.language, row.text))


def find_block(name: str, language: str) -> TextBlock:
    """NotFound where there is none, or no such language."""
    if name not in BLOCKS or name not in originals(language):
        raise NotFound("there is no letter text {name}", name=name)
    return BLOCKS[name]


def read_text(name: str, language: str, typed: str, others: Mapping[str, str]) -> str:
    """On one line, tried on the letters it stands in beside the `others`. Raises BadInput."""
    block, original = find_block(name, language), originals(language)[name]
    text = one_line(unicodedata.normalize("NFC", typed)).strip()
    limit = LONGEST_SUBJECT if block.is_subject else LONGEST
    if not text:
        raise BadInput("text: is empty; restore the original instead")
    if len(text) > limit:
        raise BadInput("text: {count} characters; at most {limit}", count=len(text), limit=limit)
    if not text.isprintable():
        raise BadInput("text: holds a character that cannot be seen; type it anew")
    if strange := sorted(slots(text) - slots(original)):
        right = ", ".join(f"{{{one}}}" for one in sorted(slots(original))) or "–"
        raise BadInput("text: the name {name} is not known here; there are: {right}", name=strange[0], right=right)
    if missing := sorted((block.needs & slots(original)) - slots(text)):
        raise BadInput("text: the name {name} must stay: the letter would not say enough", name=f"{{{missing[0]}}}")
    loud = sensitive_phrase(text) or next((word for word in _DRILL if word in text.casefold()), None)
    if loud:
        raise BadInput("text: {value} may not be used in a letter's text", value=loud)
    if not is_usable(name, language, text):
        raise BadInput("text: braces only stand around a name, such as {right}", right=_example(original))
    _try(name, language, {**others, name: text})
    return text


def _example(original: str) -> str:
    return f"{{{next(iter(sorted(slots(original))), 'tasks')}}}"


def _try(name: str, language: str, texts: Mapping[str, str]) -> None:
    for sample in sample_names(name):
        try:
            compose(sample_facts(sample, language, texts))
        except DondocError as error:
            raise BadInput("text: no letter could be written with it: {fault}", fault=str(error)) from error


def save_text(
    session: Session, principal: Principal, name: str, language: str, typed: str, *, began_from: str, now: datetime
) -> bool:
    """Keep a wording; the original's own words restore it. `began_from`: the wording that was changed, "" for none.

    Whether anything changed. Raises BadInput, Refused (somebody else changed it meanwhile).
    """
    principal.require(Right.EDIT_LETTER_TEXTS)
    text = read_text(name, language, typed, usable_texts(session).get(language, {}))
    if text == originals(language)[name]:
        return restore_text(session, principal, name, language, began_from=began_from, now=now)
    row = _as_begun(session, name, language, began_from)
    if row is not None and row.text == text:
        return False
    values = {"text": text, "changed_at": now, "changed_by": principal.person.id}
    if row is None:
        key = {"name": name, "language": language}
        insert_new(session, table_of(LetterText), [key | values], {})
        if session.get_one(LetterText, (name, language), populate_existing=True).text != text:
            raise _late(name)
    else:
        row.sqlmodel_update(values)
        session.add(row)
    facts = {"language": language, "before": began_from or None, "after": text}
    note(session, "letter_text_changed", now=now, actor_id=principal.person.id, about=name, facts=facts)
    return True


def restore_text(
    session: Session, principal: Principal, name: str, language: str, *, began_from: str, now: datetime
) -> bool:
    """Restore the original. False where nothing had been changed. Raises NotFound, Refused."""
    principal.require(Right.EDIT_LETTER_TEXTS)
    find_block(name, language)
    row = _as_begun(session, name, language, began_from)
    if row is None:
        return False
    session.delete(row)
    facts = {"language": language, "before": row.text}
    note(session, "letter_text_restored", now=now, actor_id=principal.person.id, about=name, facts=facts)
    return True


def _as_begun(session: Session, name: str, language: str, began_from: str) -> LetterText | None:
    row = session.get(LetterText, (name, language), with_for_update=True)
    if (row.text if row else "") != began_from:
        raise _late(name)
    return row


def _late(name: str) -> Refused:
    return Refused("letter text {name}: somebody else changed it meanwhile; look at their text first", name=name)
