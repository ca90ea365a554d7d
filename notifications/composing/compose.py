"""Composes a letter from its facts. The same facts give the same bytes."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from models.errors import BadInput
from models.i18n import LANGUAGES
from models.letters.letter import LetterKind
from notifications.composing import ics, mime
from notifications.composing.facts import LetterFacts, LetterItem
from notifications.composing.item_order import in_order
from notifications.composing.letter_templates import fill, words_of
from notifications.composing.letter_words import word_letter
from notifications.composing.mime import MESSAGE_ID, address_fault, sender_domain, write_headers
from notifications.composing.papers import draft_papers
from notifications.composing.view import LetterView, has_calendar
from notifications.composing.wording import one_line, tidy

_BREAKS = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]")
_DRILL_MARK = {"vi": "[DIỄN TẬP] ", "en": "[DIỄN TẬP] [DRILL] "}  # readers of both languages must notice it
_TEST_MARK = {"vi": "[THƯ THỬ] ", "en": "[TEST] "}


@dataclass(frozen=True)
class Composed:
    """A letter with words: subject and bodies for the screen, and the bytes handed to a mail server."""

    subject: str
    text: str
    html: str
    content: bytes


def compose(facts: LetterFacts) -> Composed:
    """Word the facts in the recipient's language.

    Raises BadInput for a letter without the contents of its kind, an unknown language, an unusable address, a name with
    a line break (which could become a header), and half a surrogate pair.
    """
    _check(facts)
    letter = LetterView(in_order(facts))
    words = word_letter(letter)
    papers = draft_papers(letter)
    subject = _subject(letter)
    context = {
        "said": words,
        "papers": papers,
        "drafted": {item.task_id: paper.kind for paper in papers for item in paper.items},
        "subject": subject,
    }
    text = tidy(fill(f"{facts.kind}/body.txt", letter, context))
    html = fill(f"{facts.kind}/body.html", letter, context, html=True).replace("\xa0", " ")
    try:
        files = [
            _calendar(letter, item, words.items[number].name)
            for number, item in enumerate(letter.items, 1)
            if has_calendar(item)
        ]
        files += [mime.File(paper.filename, "text/plain", mime.with_crlf(paper.text).encode()) for paper in papers]
        content = mime.assemble(write_headers(letter.facts, subject), text, html, files, facts.message_id)
    except UnicodeEncodeError as error:
        raise BadInput(
            "letter {message_id}: no mail can carry {value}",
            message_id=facts.message_id,
            value=ascii(error.object[error.start : error.end]),
        ) from error
    return Composed(subject, text, html, content)


def compose_subject(facts: LetterFacts) -> Composed:
    """Compose the subject only, for a sender that keeps no content. Checks and raises as `compose`."""
    _check(facts)
    return Composed(_subject(LetterView(in_order(facts))), "", "", b"")


def _check(facts: LetterFacts) -> None:
    contents = {LetterKind.ALERT: facts.alerts, LetterKind.ACCOUNT: facts.account, LetterKind.COMPILED: facts.compiled}
    if not contents.get(facts.kind, facts.items):
        raise BadInput("letter {message_id}: nothing in it", message_id=facts.message_id)
    if facts.recipient.language not in LANGUAGES:
        raise BadInput(
            "letter to {name}: language {given}, expected vi or en",
            name=facts.recipient.name,
            given=facts.recipient.language,
        )
    for field, value in _names(facts):
        if _BREAKS.search(value):
            raise BadInput(
                "letter: {field} {value} contains a line break or control character", field=field, value=repr(value)
            )
    if not MESSAGE_ID.fullmatch(facts.message_id):
        raise BadInput("letter: message id {value}, expected <unique@domain>", value=repr(facts.message_id))
    for address in (facts.recipient.email, facts.sender_address, *([facts.reply_to] if facts.reply_to else [])):
        if fault := address_fault(address):
            raise BadInput("letter to {name}: {fault}", name=facts.recipient.name, fault=fault)


def _names(facts: LetterFacts) -> Iterator[tuple[str, str]]:
    """Yield each name that may get into a header, a file name or a line of its own, with its field."""
    recipient = facts.recipient
    for field in ("name", "title", "address_form", "unit_address", "unit_name", "email"):
        yield f"recipient.{field}", getattr(recipient, field)
    yield "recipient.standing_in_for", recipient.standing_in_for or ""
    for field in ("topic_title", "message_id", "sender_name", "sender_address", "answers"):
        yield field, getattr(facts, field)
    if facts.compiled is not None:
        for field in ("directive", "office", "url"):
            yield field, getattr(facts.compiled, field)
        for collected in facts.compiled.units:
            yield "unit", collected.unit
    for item in facts.items:
        for field in ("directive", "duty_path", "lead_unit", "url", "issuer", "follow_up_name", "follow_up_unit"):
            yield field, getattr(item, field)


def _subject(letter: LetterView) -> str:
    subject = one_line(words_of(f"{letter.facts.kind}/{letter.language}/words", letter.language).subject(letter))
    subject = _DRILL_MARK[letter.language] + subject if letter.is_drill else subject
    return _TEST_MARK[letter.language] + subject if letter.facts.is_test else subject


def _calendar(letter: LetterView, item: LetterItem, name: str) -> mime.File:
    facts = letter.facts
    entry = ics.calendar_entry(
        item,
        name,
        slot=facts.slot,
        domain=sender_domain(facts),
        organiser=facts.sender_address,
        language=letter.language,
        is_drill=letter.is_drill,
    )
    path = re.sub(r"[^a-z0-9]+", "-", item.duty_path.replace("đ", "dd"))[:60].strip("-")
    filename = f"thoi-han-{path}-{item.task_id.hex[-6:]}.ics"
    return mime.File(filename, f'text/calendar; method="{ics.method(item)}"', entry)
